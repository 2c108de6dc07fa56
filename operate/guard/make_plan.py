"""Make a plan of what a deploy would do, as `cdktf diff` makes it, or read a saved one.

Sources: Terraform documentation, "Machine-Readable UI" (the diagnostics of `plan -json`), "Command: show".
A plan holds the state, secrets included: one that is made here is deleted again.
"""

import json
import re
import tempfile
from contextlib import nullcontext
from pathlib import Path

from operate import reviewed_plan
from operate.errors import OperateError
from operate.guard.plan import Plan, parse
from operate.preflight import synthesize_and_check
from operate.project import check_synthesized, error_of, file_of, init, output_of, run, stack_folder
from operate.terraform import PLAN
from stacks.tools import terraform

# OpenTofu's own words are beside Terraform's (docs/decisions/opentofu.md).
PROTECTED = re.compile(r"Resource (?:instance )?(\S+) has\s+(?:lifecycle\.)?prevent_destroy set")
INIT_NEEDED = re.compile(r"\b(?:terraform|tofu) init\b")


def make_plan(environment: str, project: Path, *, keep: bool = False) -> Plan:
    """Synthesize and plan, and change nothing.

    Args:
        keep: keep the plan, as the reviewed one.

    Raises:
        OperateError: the settings or the credentials are wrong, or Terraform cannot even begin to plan.
    """
    file = file_of(environment, project)
    synthesize_and_check("save" if keep else "plan", {environment: file}, project)
    check_synthesized(environment, file, project)
    folder = stack_folder(environment, project)
    if not (folder / ".terraform").is_dir():
        init(environment, project)
    with (
        nullcontext(str(reviewed_plan.make_folder(environment, project)))
        if keep
        else tempfile.TemporaryDirectory(prefix="guard-")
    ) as private:
        file = Path(private, PLAN)
        command = [terraform(), "plan", "-input=false", "-no-color", "-json", f"-out={file}"]
        done = run(command, folder)
        if not file.is_file() and INIT_NEEDED.search(done.stdout + done.stderr):
            # Another backend or other plugins since the last time: Terraform asks for it.
            init(environment, project)
            done = run(command, folder)
        errors = tuple(_errors(done.stdout)) if done.returncode != 0 else ()
        if not file.is_file():
            raise OperateError(" ".join(errors) or f"`terraform plan` failed: {error_of(done)}")
        return _shown(file, folder).model_copy(update={"terraform_errors": errors})


def read_plan(environment: str, project: Path, file: Path) -> Plan:
    """Read a plan that `cdktf diff` or `terraform plan -out` saved, or `terraform show -json` printed.

    Raises:
        OperateError: there is no such plan, or it cannot be read.
    """
    try:
        is_json = file.read_bytes()[:1] == b"{"
    except OSError as error:
        raise OperateError(f"The plan {file} cannot be read: {error.strerror}.") from None
    plan = parse(file.read_text("utf-8")) if is_json else _shown(file, _synthesized(environment, project))
    errors = ("Terraform could not finish this plan.",) if plan.errored else ()
    return plan.model_copy(update={"terraform_errors": errors})


def _synthesized(environment: str, project: Path) -> Path:
    folder = stack_folder(environment, project)
    if not folder.is_dir():
        raise OperateError(
            f"There is no {folder}: run `pipenv run cdktf diff {environment}`, or leave --plan out."
        )
    return folder


def _shown(file: Path, folder: Path) -> Plan:
    return parse(output_of([terraform(), "show", "-json", str(file.resolve())], folder, "`terraform show`"))


def _errors(lines: str) -> list[str]:
    """The errors among the messages of `terraform plan -json`, a sentence each."""
    errors: list[str] = []
    for line in lines.splitlines():
        try:
            message = json.loads(line)
        except ValueError:
            continue
        if message.get("@level") != "error" or "diagnostic" not in message:
            continue
        summary, detail = message["diagnostic"]["summary"], message["diagnostic"].get("detail", "")
        if protected := PROTECTED.search(detail):
            errors.append(
                f"{protected[1]} is protected (prevent_destroy), and this plan would delete or replace it."
            )
        else:
            errors.append(" ".join(f"{summary.rstrip('.')}. {detail}".split()))
    return list(dict.fromkeys(errors))
