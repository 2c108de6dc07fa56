"""`python -m operate.pipeline <system> <environment> ...`: write the pipeline of each environment.

The file comes from the template of the system, filled in from the settings and from the output `pipeline` of
the stack `<environment>-bootstrap`. Exit status 0: the files are as they should be. 1: one is not; nothing is
written then.
"""

import argparse
import json
import re
import sys
import tomllib
from pathlib import Path
from string import Template
from typing import Any

from operate import cli
from operate.cli import ExitStatus
from operate.errors import OperateError
from operate.guard.__main__ import add_allow
from operate.outputs import printed_outputs
from operate.project import settings_of
from stacks.settings import Settings
from stacks.settings.bootstrap import PipelineSettings

FOLDER = Path(__file__).parent
SYSTEMS: dict[str, Any] = tomllib.loads((FOLDER / "systems.toml").read_text("utf-8"))
# How each of these files begins: one that begins otherwise is somebody else's.
OURS = "# Written by `pipenv run pipeline "
# In a file for all environments: what comes after this line is there once for each.
EACH = "# Each environment:\n"


class PipelineTemplate(Template):
    """A file with placeholders such as @@{branch}; the $ and the braces of pipelines stay."""

    delimiter = "@@"


def pipeline_files(
    system: str, environment: str, project: Path, *, allowed: list[str], branch: str
) -> dict[Path, str]:
    """Where an environment's pipeline belongs, and what is in it.

    Raises:
        OperateError: the settings say too little, or the second stack is not deployed.
    """
    settings = settings_of(environment, project)
    pipeline = settings.bootstrap.pipeline if settings.bootstrap else None
    if pipeline is None:
        raise OperateError(
            f"environments/{environment}.toml has no [bootstrap.pipeline], which says whom both clouds trust:"
            " docs/pipelines.md shows what to write."
        )
    audience = SYSTEMS[system].get("aws_audience", pipeline.aws_audience)
    if audience != pipeline.aws_audience:
        raise OperateError(
            f'environments/{environment}.toml: write aws_audience = "{audience}" under [bootstrap.pipeline],'
            f" since the tokens of {system} have no other, and deploy {settings.bootstrap_name} again."
        )
    values = {
        "branch": branch,
        # Of the characters that a branch may have here, this one alone means others in a pattern.
        "branch_pattern": branch.replace(".", r"\."),
        **_from_settings(settings, pipeline),
        **_from_outputs(settings, project),
        **_from_subjects(system, environment, pipeline),
        "allow": f" --allow {' '.join(allowed)}" if allowed else "",
    }
    return {
        project / file.format(environment=environment): PipelineTemplate(
            (FOLDER / "templates" / template).read_text("utf-8")
        ).substitute(values)
        for template, file in SYSTEMS[system]["files"].items()
    }


def _from_settings(settings: Settings, pipeline: PipelineSettings) -> dict[str, str]:
    return {
        "environment": settings.name,
        "tenant_id": settings.entra.tenant_id,
        "region": settings.aws.region,
        "aws_audience": pipeline.aws_audience,
        "entra_audience": settings.cloud.token_exchange_audience,
        # Without an application that may read, verify never sees the registration.
        "strict": "" if settings.entra.registration else "--strict ",
    }


def _from_outputs(settings: Settings, project: Path) -> dict[str, str]:
    printed = json.loads(printed_outputs(settings.bootstrap_name, project))
    if "pipeline" not in printed:
        stack = settings.bootstrap_name
        raise OperateError(f"{stack} is not deployed: run `pipenv run cdktf deploy {stack}`.")
    jobs = printed["pipeline"]["value"]
    return {f"{job}_role": jobs[job]["aws_role_arn"] for job in jobs} | {
        f"{job}_client_id": jobs[job]["entra_client_id"] or "" for job in jobs
    }


def _from_subjects(system: str, environment: str, pipeline: PipelineSettings) -> dict[str, str]:
    found: dict[str, str] = {}
    for key in ("deploy_subjects", "plan_subjects"):
        for wanted in SYSTEMS[system].get(key, ()):
            matches = (re.fullmatch(wanted["pattern"], subject) for subject in getattr(pipeline, key))
            match = next(filter(None, matches), None)
            if match is None:
                raise OperateError(
                    f"environments/{environment}.toml: {key} under [bootstrap.pipeline] needs one such as"
                    f' "{wanted["example"]}" for a pipeline of {system}.'
                )
            found |= match.groupdict()
    return found


def run(chosen: argparse.Namespace) -> int:
    """Write every file, or none."""
    project = chosen.project.resolve()
    files: dict[Path, str] = {}
    for name in dict.fromkeys(chosen.environments):
        written = pipeline_files(chosen.system, name, project, allowed=chosen.allow, branch=chosen.branch)
        for file, text in written.items():
            files[file] = files[file] + text.partition(EACH)[2] if file in files else text
    for file in files:
        if file.exists() and not file.read_text("utf-8").startswith(OURS):
            raise OperateError(
                f"{file.relative_to(project)} is not this command's, and stays as it is: move it away first."
            )
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        sys.stdout.write(f"{file.relative_to(project)}\n")
    return ExitStatus.OK


def _branch(name: str) -> str:
    if not re.fullmatch(r"[\w./-]+", name):
        raise argparse.ArgumentTypeError("write its name of letters, digits and . / _ - alone")
    return name


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="pipeline", description="Write the pipeline of each environment.")
    parser.add_argument("system", choices=sorted(SYSTEMS))
    parser.add_argument("environments", nargs="+", metavar="environment")
    parser.add_argument(
        "--branch",
        default="main",
        type=_branch,
        help="what is deployed, where the subjects do not say it (default: main)",
    )
    cli.add_project(parser)
    add_allow(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
