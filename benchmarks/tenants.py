"""Measure how a stack grows with its customers' tenants, up to what Cognito takes.

Run it with `make benchmark-tenants`. Each number of tenants has a project of its own, which is synthesized,
planned, deployed, planned again and destroyed in the local clouds: by Terraform directly, with the stand-in
for the azuread plugin. What the local clouds take is in the times of every step but the first.

Terraform itself grows faster than the number of objects (probably since it writes the whole state after each
one). So the same steps are measured with Terraform alone, for as many objects of its own and with as large a
state.

Machines differ, so what counts is what one tenant more takes beyond that: the exit status is 1 where it is,
up to the last number, more than twice what it was before.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID, uuid5

from benchmarks.measure import ROOT, run
from sandbox.errors import SandboxError
from sandbox.local_clouds import LocalClouds
from sandbox.project import Project
from stacks.tools import missing_tools

# Beside the home tenant; a user pool has at most 300 identity providers
# (Cognito developer guide, "Quotas in Amazon Cognito").
TENANTS = (1, 10, 100, 299)
TIMES_AS_MUCH = 2
# By how much a figure may be off on a machine that does something else, too.
NOISE = {"s": 3.0, "MB": 30.0, "bytes": 0.0}

TENANT = """
[tenants.customer-{number}]
tenant_id = "{tenant_id}"
email_domains = ["customer-{number}.example"]
"""
_TENANT_IDS = UUID("0e1f2a3b-4c5d-4e6f-8a7b-9c0d1e2f3a4b")


@dataclass(frozen=True)
class Steps:
    """What Terraform took, in seconds."""

    first_plan: float
    deploy: float
    second_plan: float
    destroy: float


@dataclass(frozen=True)
class Measured:
    """What a stack took, from its settings to its end; and the same steps of Terraform alone."""

    synth_seconds: float
    synth_megabytes: float
    configuration_bytes: int
    state_bytes: int
    stack: Steps
    alone: Steps

    def figures(self) -> dict[str, float]:
        """Every figure by its name and unit."""
        stack, alone = asdict(self.stack), asdict(self.alone)
        figures = {
            "synthesis, s": self.synth_seconds,
            "synthesis, MB": self.synth_megabytes,
            "configuration, bytes": self.configuration_bytes,
            "state, bytes": self.state_bytes,
        }
        for step, seconds in stack.items():
            name = step.replace("_", " ")
            figures[f"{name}, s"] = seconds
            figures[f"{name} of Terraform alone, s"] = alone[step]
        return figures

    def judged(self) -> dict[str, float]:
        """The figures that must not grow faster than the number of tenants."""
        figures = self.figures()
        return {
            name: figure - figures.get(alone, 0)
            for name, figure in figures.items()
            if "alone" not in name
            for alone in [name.replace(", s", " of Terraform alone, s")]
        }


@dataclass(frozen=True)
class Result:
    """Every number of tenants with what it took."""

    measured: dict[int, Measured]

    def each_more(self, figures: dict[int, float]) -> tuple[float, float]:
        """Tell what one tenant more takes: up to the last number but one, and from there to the last."""
        *_, first, middle, last = self.measured
        return (
            (figures[middle] - figures[first]) / (middle - first),
            (figures[last] - figures[middle]) / (last - middle),
        )

    def missed(self) -> list[str]:
        """Say what grows faster than the number of tenants."""
        *_, middle, last = self.measured
        judged = {number: one.judged() for number, one in self.measured.items()}
        sentences = []
        for name in judged[last]:
            before, after = self.each_more({number: figures[name] for number, figures in judged.items()})
            noise = NOISE[name.rpartition(" ")[2]] / (last - middle)
            if after > TIMES_AS_MUCH * max(before, 0) + noise:
                sentences.append(
                    f"{name}: one tenant more takes {after:.4f} up to {last}, and took {before:.4f} up to "
                    f"{middle}: it grows faster than their number."
                )
        return sentences

    def table(self) -> str:
        """Lay out the numbers to be read."""
        *_, first, middle, last = self.measured
        columns = [*map(str, self.measured), f"each {first}-{middle}", f"each {middle}-{last}", "times"]
        lines = [
            f"Python {platform.python_version()}, {platform.platform()}",
            "",
            f"{'tenants of customers':36}" + "".join(f"{column:>13}" for column in columns),
        ]
        shown = {number: one.figures() for number, one in self.measured.items()}
        judged = {number: one.judged() for number, one in self.measured.items()}
        for name in shown[last]:
            row = {number: figures[name] for number, figures in shown.items()}
            decimals = 0 if name.endswith(("bytes", "MB")) else 1
            cells = [f"{value:,.{decimals}f}" for value in row.values()]
            cells += [f"{each:,.4f}" for each in self.each_more(row)]
            if name in judged[last]:
                before, after = self.each_more({number: figures[name] for number, figures in judged.items()})
                cells.append(f"{after / before:.1f}" if before > 0 else "-")
            lines.append(f"{name:36}" + "".join(f"{cell:>13}" for cell in cells))
        lines += [
            "",
            "each: what one tenant more takes, in these two ranges",
            "times: how many times as much in the second, beyond what Terraform takes alone",
        ]
        return "\n".join(lines)


def with_tenants(settings: str, number: int) -> str:
    """Settings with as many customers' tenants."""
    return settings + "".join(
        TENANT.format(number=index, tenant_id=uuid5(_TENANT_IDS, str(index))) for index in range(number)
    )


def measure_one(project: Project) -> Measured:
    """Take a project from its settings to its end.

    Raises:
        SandboxError: a step failed, or the second plan would change something.
    """
    synthesis = run([str(ROOT / "main.py")], project.folder)
    file = project.stack_folder / "cdk.tf.json"
    configuration = file.read_bytes()
    stack, state = _steps(project)
    file.write_text(json.dumps(_alone(json.loads(configuration), state)))
    alone, _ = _steps(project)
    return Measured(
        synth_seconds=synthesis.seconds,
        synth_megabytes=synthesis.megabytes,
        configuration_bytes=len(configuration),
        state_bytes=len(state.encode()),
        stack=stack,
        alone=alone,
    )


def _alone(configuration: dict[str, Any], state: str) -> dict[str, object]:
    """A configuration of Terraform's own objects: as many as in a state, and together as large.

    A `terraform_data` has what it is given twice in its state, as `input` and as `output`.
    """
    objects = [one for one in json.loads(state)["resources"] if one["mode"] == "managed"]
    given = "x" * (len(state) // len(objects) // 2)
    return {
        "terraform": {"backend": configuration["terraform"]["backend"]},
        "resource": {
            "terraform_data": {f"object_{index}": {"input": given} for index in range(len(objects))}
        },
    }


def _steps(project: Project) -> tuple[Steps, str]:
    """Measure Terraform with what is in the stack's folder; give the state after the deploy, too."""
    project.terraform("init", "-input=false")
    first_plan = _seconds(lambda: project.terraform("plan", "-input=false", "-out=first"))
    deploy = _seconds(lambda: project.terraform("apply", "-input=false", "first"))
    # With -detailed-exitcode a plan that would change anything fails.
    second_plan = _seconds(lambda: project.terraform("plan", "-input=false", "-detailed-exitcode"))
    state = project.terraform("state", "pull").text
    destroy = _seconds(lambda: project.terraform("destroy", "-input=false", "-auto-approve"))
    return Steps(first_plan, deploy, second_plan, destroy), state


def _seconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def measure(numbers: Sequence[int]) -> Result:
    """Measure every number of tenants, one after the other, in the same clouds."""
    measured = {}
    with LocalClouds(stand_in=True) as clouds:
        # So that no number is the one that fills the caches.
        for name, number in (("warm-up", numbers[0]), *((str(number), number) for number in numbers)):
            project = clouds.project(name=name)
            project.write_settings(with_tenants(clouds.settings_text(), number))
            measured[number] = measure_one(project)
    return Result(measured)


def main() -> int:
    """Measure, and print the numbers and what is missed."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    arguments = parser.parse_args()
    if missing := missing_tools():
        print("\n".join(missing), file=sys.stderr)
        return 1
    try:
        result = measure(TENANTS)
    except SandboxError as error:
        print(error, file=sys.stderr)
        return 1
    missed = result.missed()
    if arguments.json:
        print(json.dumps({**asdict(result), "missed": missed}, indent=2))
    else:
        print(result.table())
        for sentence in missed:
            print(f"\nMissed: {sentence}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
