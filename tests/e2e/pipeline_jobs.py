"""What every pipeline that runs on the local clouds has in common: a job's result, machine and checkout."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.project import CHECKOUT
from tests.e2e.deployment import Deployment

SECRETS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "ARM_CLIENT_ID", "ARM_CLIENT_SECRET"}
# What a team's repository has beside its settings.
FILES = (
    *("Makefile", "Pipfile", "Pipfile.lock", "install.py", "package.json", "package-lock.json", "main.py"),
    *(".venv", "node_modules", "operate", "stacks"),
)


@dataclass
class Job:
    """What came of a job: its result, outputs, and what its commands printed."""

    result: str
    outputs: dict[str, str] = field(default_factory=dict)
    printed: str = ""


def empty_folder(folder: Path) -> Path:
    """A machine that no job was on before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def check_out(deployment: Deployment, folder: Path) -> None:
    """The team's repository, as a job finds it."""
    for name in FILES:
        (folder / name).symlink_to(CHECKOUT / name)
    project = deployment.project.folder
    shutil.copy(project / "cdktf.json", folder)
    shutil.copytree(project / "environments", folder / "environments")


def machine_variables(deployment: Deployment, *, programs: Path | None = None) -> dict[str, str]:
    """A job's variables before the pipeline adds any: the way to the local clouds, and no credentials.

    Args:
        programs: a folder whose programs go before those of this machine.
    """
    variables = {key: value for key, value in deployment.project.environment.items() if key not in SECRETS}
    if programs is not None:
        variables["PATH"] = f"{programs}{os.pathsep}{variables['PATH']}"
    return variables | {
        "PIPENV_IGNORE_VIRTUALENVS": "1",
        # Terraform's S3 backend asks it for a role before it reads AWS_ENDPOINT_URL.
        "AWS_ENDPOINT_URL_STS": deployment.clouds.aws.url,
        "CURL_CA_BUNDLE": str(deployment.clouds.entra.ca_file),
    }
