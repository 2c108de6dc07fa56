"""The CDKTF app: one stack for each file in `environments/`; run by the cdktf command."""

import sys
from pathlib import Path

from stacks.settings_file import SettingsError, load_folder


def main() -> int:
    """Synthesize every environment, or say everything that is wrong with their settings."""
    try:
        environments = load_folder(Path("environments"))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1

    # Only now: starting CDKTF's Node process takes longer than reading the settings.
    from cdktf import Annotations, App  # noqa: PLC0415

    from stacks.entra_cognito import EntraCognitoStack  # noqa: PLC0415

    app = App()
    for settings in environments:
        stack = EntraCognitoStack(app, settings)
        for warning in settings.warnings:
            Annotations.of(stack).add_warning(warning)
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
