"""Whether somebody else can read the state, which holds the client secret."""

from pathlib import Path

from operate.errors import OperateError
from operate.known_errors import STATE_FILES_OPEN
from operate.project import settings_of
from operate.state_bucket import remedy, weaknesses
from operate.verify.findings import Checked, Finding
from stacks.private_files import open_to_others

TITLE = "The state, for its owners alone"


def check_state(environment: str, project: Path) -> Checked:
    """Check the files of this machine, and the bucket of `[state]`."""
    files = [str(path.relative_to(project)) for path in open_to_others(project, environment)]
    findings = [Finding(STATE_FILES_OPEN, "this machine", ", ".join(files))] if files else []
    try:
        settings = settings_of(environment, project)
    except OperateError:
        return Checked(TITLE, tuple(findings), not_checked="the bucket, because the settings cannot be read")
    found, not_checked = weaknesses(settings)
    where = f"bucket {settings.state.bucket}" if settings.state else ""
    findings += [Finding(id_, where, detail, remedy=remedy(id_, settings)) for id_, detail in found]
    return Checked(TITLE, tuple(findings), not_checked=not_checked)
