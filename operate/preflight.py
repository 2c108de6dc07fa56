"""What a command looks up before it starts Terraform, while the app synthesizes."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from pkgutil import resolve_name

from operate.errors import OperateError
from operate.project import synthesize
from stacks.settings import Settings
from stacks.settings.errors import SettingsError
from stacks.settings.files import load

# Why a command cannot go on; empty where it can.
Check = Callable[[Settings, Path], str]

CREDENTIALS = "operate.credentials:foreign"
STATE_BUCKET = "operate.state_bucket:before_deploy"
NEW_DOMAINS = "operate.new_domains:before_deploy"

# By what Terraform is about to do. Each is made for all environments, and the next one if none was refused.
# Named, because what is not needed takes long to load.
CHECKS: Mapping[str, tuple[str, ...]] = {
    "plan": (CREDENTIALS,),
    "save": (CREDENTIALS, NEW_DOMAINS),
    "move": (CREDENTIALS, STATE_BUCKET),
    # The guard has looked for domains before it kept a plan.
    "reviewed": (CREDENTIALS, STATE_BUCKET),
    "deploy": (CREDENTIALS, STATE_BUCKET, NEW_DOMAINS),
}


def check(action: str, stacks: Mapping[str, Path], project: Path) -> None:
    """Make the checks of an action.

    Args:
        stacks: the settings file of each stack. A second one, `<environment>-bootstrap`, comes before the
            bucket and has no domain: only its credentials are checked.

    Raises:
        OperateError: a check refuses.
    """
    loaded: dict[str, Settings] = {}
    for stack, file in stacks.items():
        with suppress(SettingsError):  # The app says what is wrong with them.
            loaded[stack] = load(file)
    for name in CHECKS[action]:
        made: Check = resolve_name(name)
        refusals = {
            made(settings, project): None
            for stack, settings in loaded.items()
            if name == CREDENTIALS or stack == settings.name
        }
        if why := "\n".join(filter(None, refusals)):
            raise OperateError(why)


def synthesize_and_check(action: str, stacks: Mapping[str, Path], project: Path) -> None:
    """Synthesize environments, all where none is named, and meanwhile make the checks of an action.

    Raises:
        OperateError: a check or the app refuses.
    """
    with ThreadPoolExecutor() as threads:
        synthesis = threads.submit(synthesize, project, stacks)
        check(action, stacks, project)
    synthesis.result()
