"""The plan that `guard <environment> --save` kept, for `cdktf deploy <environment> --reviewed`.

It holds the state, secrets included: so it is in a folder that only its owner can enter, and is removed when
it has been applied, or cannot be any more.
"""

import hashlib
import shutil
from pathlib import Path

from operate.project import file_of, stack_folder
from operate.terraform import PLAN, REVIEWED

SETTINGS = "settings"


def folder(environment: str, project: Path) -> Path:
    """Where the plan is."""
    return stack_folder(environment, project) / REVIEWED


def make_folder(environment: str, project: Path) -> Path:
    """Remove a former plan, and make the folder for the next."""
    remove(environment, project)
    made = folder(environment, project)
    made.mkdir(mode=0o700)
    (made / SETTINGS).write_text(_settings(environment, project))
    return made


def problem(environment: str, project: Path) -> str:
    """Why no plan of this environment can be applied; one that is outdated is removed."""
    saved = folder(environment, project)
    if not (saved / PLAN).is_file():
        return f"No reviewed plan of {environment} is here."
    if (saved / SETTINGS).read_text("utf-8") != _settings(environment, project):
        remove(environment, project)
        changed = f"environments/{file_of(environment, project).name}"
        return f"The reviewed plan is outdated: {changed} has changed since."
    return ""


def remove(environment: str, project: Path) -> None:
    """Remove the plan, if there is one."""
    shutil.rmtree(folder(environment, project), ignore_errors=True)


def _settings(environment: str, project: Path) -> str:
    """A digest of the files that people write for an environment."""
    settings = file_of(environment, project)
    files = (settings, settings.with_suffix(".adopted.json"))
    return " ".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files if file.is_file())
