"""Measure how a stack grows with its customers' tenants, up to what Cognito takes.

Run it with `make benchmark-tenants`. Each number of tenants has a project of its own, which is synthesized,
planned, deployed, planned again and destroyed in the local clouds: by Terraform directly, with the stand-in
for the azuread plugin. What the local clouds take is in the times of every step but the first.

Machines differ, so what counts is what one tenant more takes: the exit status is 1 where that is, up to the
last number, more than twice what it was before.
"""

import argparse
import json
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID, uuid5

from benchmarks.measure import ROOT, run
from sandbox.local_clouds import LocalClouds
from sandbox.project import Project, missing_tools
from sandbox.trouble import SandboxError

# Beside the home tenant; a user pool has at most 300 identity providers
# (Cognito developer guide, "Quotas in Amazon Cognito").
TENANTS = (1, 10, 100, 299)
TIMES_AS_MUCH = 2
# By how much a step may be off on a machine that does something else, too: seconds, and megabytes.
NOISE = {"seconds": 2.0, "megabytes": 30.0, "bytes": 0.0}

TENANT = """
[tenants.customer-{number}]
tenant_id = "{tenant_id}"
email_domains = ["customer-{number}.example"]
"""
_TENANT_IDS = UUID("0e1f2a3b-4c5d-4e6f-8a7b-9c0d1e2f3a4b")


@dataclass(frozen=True)
class Life:
    """What a stack took, from its settings to its end; each name ends with its unit."""

    synth_seconds: float
    synth_megabytes: float
    first_plan_seconds: float
    deploy_seconds: float
    second_plan_seconds: float
    destroy_seconds: float
    configuration_bytes: int
    state_bytes: int


@dataclass(frozen=True)
class Result:
    """Every number of tenants with what it took."""

    lives: dict[int, Life]

    def each_more(self, what: str, few: int, many: int) -> float:
        """Tell what one tenant more takes, between two numbers of them."""
        taken = {number: float(getattr(self.lives[number], what)) for number in (few, many)}
        return (taken[many] - taken[few]) / (many - few)

    def missed(self) -> list[str]:
        """Say what grows faster than the number of tenants."""
        *_, first, middle, last = self.lives
        sentences = []
        for what in asdict(self.lives[last]):
            before = max(self.each_more(what, first, middle), 0)
            after = self.each_more(what, middle, last)
            noise = NOISE[what.rpartition("_")[2]] / (last - middle)
            if after > TIMES_AS_MUCH * before + noise:
                sentences.append(
                    f"{what}: one tenant more takes {after:.4f} up to {last}, "
                    f"and took {before:.4f} up to {middle}: it grows faster than their number."
                )
        return sentences

    def table(self) -> str:
        """Lay out the numbers to be read."""
        *_, first, middle, last = self.lives
        columns = [*map(str, self.lives), f"each, {first} to {middle}", f"each, {middle} to {last}", "ratio"]
        lines = [
            f"Python {platform.python_version()}, {platform.platform()}",
            "",
            f"{'tenants of customers':22}" + "".join(f"{column:>18}" for column in columns),
        ]
        for what in asdict(self.lives[last]):
            values = [f"{getattr(life, what):,.2f}".removesuffix(".00") for life in self.lives.values()]
            before, after = self.each_more(what, first, middle), self.each_more(what, middle, last)
            cells = [*values, f"{before:.4f}", f"{after:.4f}", f"{after / before:.2f}" if before > 0 else "-"]
            lines.append(f"{what:22}" + "".join(f"{cell:>18}" for cell in cells))
        return "\n".join(lines)


def with_tenants(settings: str, number: int) -> str:
    """Settings with as many customers' tenants.

    Args:
        settings: those of the sandbox.
        number: how many.
    """
    tenants = (
        TENANT.format(number=index, tenant_id=uuid5(_TENANT_IDS, str(index))) for index in range(number)
    )
    return settings + "".join(tenants)


def live(project: Project) -> Life:
    """Take a project from its settings to its end.

    Args:
        project: a project with settings, of which nothing is deployed.

    Raises:
        SandboxError: a step failed, or the second plan would change something.
    """
    synthesis = run([str(ROOT / "main.py")], project.folder)
    project.terraform("init", "-input=false")
    first_plan = _seconds(lambda: project.terraform("plan", "-input=false", "-out=first"))
    deploy = _seconds(lambda: project.terraform("apply", "-input=false", "first"))
    # With -detailed-exitcode a plan that would change anything fails.
    second_plan = _seconds(lambda: project.terraform("plan", "-input=false", "-detailed-exitcode"))
    state = project.terraform("state", "pull").text
    destroy = _seconds(lambda: project.terraform("destroy", "-input=false", "-auto-approve"))
    return Life(
        synth_seconds=synthesis.seconds,
        synth_megabytes=synthesis.megabytes,
        first_plan_seconds=first_plan,
        deploy_seconds=deploy,
        second_plan_seconds=second_plan,
        destroy_seconds=destroy,
        configuration_bytes=(project.stack_folder / "cdk.tf.json").stat().st_size,
        state_bytes=len(state.encode()),
    )


def _seconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def measure(numbers: Sequence[int]) -> Result:
    """Measure every number of tenants, one after the other, in the same clouds.

    Args:
        numbers: how many tenants, in rising order.
    """
    lives = {}
    with LocalClouds(stand_in=True) as clouds:
        # So that no number is the one that fills the caches.
        for name, number in (("warm-up", numbers[0]), *((str(number), number) for number in numbers)):
            project = clouds.project(name=name)
            project.write_settings(with_tenants(clouds.settings_text(), number))
            lives[number] = live(project)
    return Result(lives)


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
