"""The CDKTF app: one stack for each file in `environments/`, or for those that the arguments name.

Run by the cdktf command without arguments. With arguments the settings of other environments may be wrong.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from stacks import adopted, private_files
from stacks.cognito import branding
from stacks.entra import logo
from stacks.settings.errors import SettingsError
from stacks.settings.files import load_folder

ENVIRONMENTS = Path("environments")


def main() -> int:
    """Synthesize the environments, or say everything that is wrong with their settings."""
    umask = os.umask(private_files.OWNER_ALONE)
    try:
        environments = [
            (
                settings,
                adopted.load(ENVIRONMENTS, settings.name),
                branding.load(ENVIRONMENTS, settings),
                logo.load(ENVIRONMENTS, settings),
            )
            for settings in load_folder(ENVIRONMENTS, only=sys.argv[1:])
        ]
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1

    for settings, *_ in environments:
        # `pipenv run cdktf` gives Terraform this umask, the bare command the person's own.
        for name in settings.local_states if umask != private_files.OWNER_ALONE else ():
            private_files.prepare(Path(), name)
        for name in (settings.name, settings.bootstrap_name):
            private_files.close(Path(), name)

    # Not at the top: the import starts Node, which takes longer than reading the settings.
    from cdktf import Annotations, App  # noqa: PLC0415

    from stacks.entra_cognito import EntraCognitoStack  # noqa: PLC0415

    app = App()
    # The same day for every environment, wherever this runs.
    today = datetime.now(UTC).date()
    for settings, adopted_objects, design, picture in environments:
        stack = EntraCognitoStack(
            app, settings, today=today, adopted=adopted_objects, branding=design, logo=picture
        )
        for warning in settings.warnings:
            Annotations.of(stack).add_warning(warning)
        if settings.bootstrap is not None:
            # Here, because its resources take time to load, and few environments have it.
            from stacks.bootstrap import BootstrapStack  # noqa: PLC0415

            BootstrapStack(app, settings)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
