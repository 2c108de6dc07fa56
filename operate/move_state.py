"""`python -m operate.move_state <environment>`: move the state to where [state] now says, or back to a file.

Terraform's own `init -migrate-state` overwrites what it finds at the new place, a newer state of the team
included (seen with Terraform 1.11), so this command compares them first. Killed, it goes on when run again:
the former place keeps its copy, and the folder knows it until the new place has the state. Exit status 0: the
state is at the new place. 1: it is where it was.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from operate import cli
from operate.cli import ExitStatus
from operate.errors import OperateError
from operate.preflight import synthesize_and_check
from operate.project import backend, check_synthesized, file_of, init, output_of, stack_folder
from stacks.tools import terraform

Json = dict[str, Any]


def former_backend(folder: Path) -> Json | None:
    """The backend that Terraform has used last, as a configuration has it; None where it is not known."""
    recorded = folder / ".terraform" / "terraform.tfstate"
    if not recorded.is_file():
        return None
    backend = json.loads(recorded.read_text("utf-8")).get("backend")
    if not backend:
        return None
    return {backend["type"]: {name: value for name, value in backend["config"].items() if value is not None}}


def move(stack: str, project: Path) -> str:
    """Move the state, and say what was done.

    Raises:
        OperateError: the folder knows of no state, or there is another one at the new place.
    """
    file = file_of(stack, project)
    synthesize_and_check("move", {stack: file}, project)
    check_synthesized(stack, file, project)
    folder = stack_folder(stack, project)
    present, former = backend(folder), former_backend(folder)
    if former is None:
        raise OperateError(
            f"{stack} was not deployed from this folder, which therefore has no state to move: run this where"
            " it was deployed, or with the former [state] run `pipenv run cdktf diff` once."
        )
    if present == former:
        return f"The state of {stack} is in {_name(present)} already."
    # It holds the client secret.
    with tempfile.TemporaryDirectory(prefix="state-") as private:
        moved, there = (
            _pull(kept_in, Path(private, name))
            for name, kept_in in (("former", former), ("present", present))
        )
    if there is not None and there != moved:
        raise OperateError(
            f"{_name(present)} has another state than {_name(former)} already, and is not overwritten. If it"
            " is this environment's, remove cdktf.out and go on with it; if nobody needs it, remove it."
        )
    # Without a lock, so that a kill leaves none; no deploy may run meanwhile.
    init(stack, project, "-migrate-state", "-force-copy", "-lock=false")
    return (
        f"The state of {stack} is in {_name(present)}. Remove what {_name(former)} still has, once a plan"
        " shows no changes."
    )


def _pull(kept_in: Json, folder: Path) -> Json | None:
    """The state in a backend, opened by a configuration with nothing else; None if it has nothing."""
    folder.mkdir()
    (folder / "main.tf.json").write_text(json.dumps({"terraform": {"backend": kept_in}}), "utf-8")
    output_of([terraform(), "init", "-input=false", "-no-color"], folder, f"Opening {_name(kept_in)}")
    text = output_of([terraform(), "state", "pull"], folder, f"`terraform state pull` of {_name(kept_in)}")
    state: Json = json.loads(text) if text.strip() else {}
    # Not lineage and serial: a copy gets others.
    kept = {name: state[name] for name in ("resources", "outputs") if state.get(name)}
    return kept or None


def _name(kept_in: Json) -> str:
    ((type_, settings),) = kept_in.items()
    if type_ == "s3":
        return f"s3://{settings['bucket']}/{settings['key']}"
    return str(settings.get("path", type_))


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="move-state", description="Move a state to where [state] says.")
    parser.add_argument("stack", help="an environment, or its <environment>-bootstrap")
    cli.add_project(parser)
    chosen = parser.parse_args(arguments)
    sys.stdout.write(f"{move(chosen.stack, chosen.project.resolve())}\n")
    return ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
