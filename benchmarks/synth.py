"""Measure what synthesizing takes, against the ordinary imports and against CDKTF alone.

Run it with `make benchmark`. Every round runs, one after the other on the same machine:

- the ordinary imports: this project, with the provider packages imported before it, which loads all of them;
- this project as it is;
- the floor: a CDKTF app without any provider package;
- this project with more environments, to see how it grows.

Machines differ, so what counts are ratios within a run. On a busy one even these are off: where wall time is
far above processor time, something else had the machine. The exit status is 1 if one of the aims is missed.
"""

import argparse
import json
import platform
import sys
import tempfile
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median

from benchmarks.measure import ROOT, Cost, run

ORDINARY = """
import runpy, sys
import cdktf_cdktf_provider_aws, cdktf_cdktf_provider_azuread
runpy.run_path(sys.argv[1], run_name="__main__")
"""

FLOOR = """
from cdktf import App, TerraformOutput, TerraformStack
app = App()
TerraformOutput(TerraformStack(app, "floor"), "nothing", value="nothing")
app.synth()
"""

SETTINGS = """
[aws]
region = "eu-central-1"

[entra]
tenant_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

[cognito]
domain_prefix = "contoso-{name}"

[clients.web]
type = "server"
callback_urls = ["https://app.example.com/callback"]
"""

TIMES_AS_FAST_AS_ORDINARY = 12
TIMES_THE_FLOOR = 2.5
SHARE_OF_ORDINARY_MEMORY = 0.25
ENVIRONMENTS = (1, 10, 100)

# How often in a round: what is short is swayed most by what else the machine is doing.
TIMES_IN_A_ROUND = {"project": 3, "floor": 3}


@dataclass(frozen=True)
class Result:
    """The medians of all runs."""

    rounds: int
    ordinary: Cost
    project: Cost
    floor: Cost
    growth: dict[int, Cost]

    @property
    def times_as_fast(self) -> float:
        """How many times as fast as with the ordinary imports."""
        return self.ordinary.seconds / self.project.seconds

    @property
    def times_the_floor(self) -> float:
        """How many times as long as CDKTF alone."""
        return self.project.seconds / self.floor.seconds

    @property
    def memory_share(self) -> float:
        """Which part of the memory of the ordinary imports."""
        return self.project.megabytes / self.ordinary.megabytes

    def missed(self) -> list[str]:
        """Say which aims are missed."""
        sentences = []
        if self.times_as_fast < TIMES_AS_FAST_AS_ORDINARY:
            sentences.append(
                f"It is {self.times_as_fast:.1f} times as fast as the ordinary imports, "
                f"and should be at least {TIMES_AS_FAST_AS_ORDINARY} times."
            )
        if self.times_the_floor > TIMES_THE_FLOOR:
            sentences.append(
                f"It takes {self.times_the_floor:.1f} times as long as CDKTF alone, "
                f"and should take at most {TIMES_THE_FLOOR} times."
            )
        if self.memory_share > SHARE_OF_ORDINARY_MEMORY:
            sentences.append(
                f"It takes {self.memory_share:.0%} of the memory of the ordinary imports, "
                f"and should take at most {SHARE_OF_ORDINARY_MEMORY:.0%}."
            )
        sentences += [
            f"{many} environments take {taken:.1f} times as long as {few}, "
            f"and should take at most {many // few} times: it grows faster than their number."
            for few, many in pairwise(ENVIRONMENTS)
            if (taken := self.growth[many].seconds / self.growth[few].seconds) > many / few
        ]
        return sentences

    def table(self) -> str:
        """Lay out the numbers to be read."""
        lines = [
            f"Medians of {self.rounds} rounds; Python {platform.python_version()}, {platform.platform()}",
            "",
            f"{'':30}{'seconds':>10}{'processor':>11}{'peak MB':>9}",
        ]
        rows = {
            "ordinary imports": self.ordinary,
            "this project": self.project,
            "floor: no provider package": self.floor,
        }
        rows |= {
            f"this project, {number} environments": cost for number, cost in self.growth.items() if number > 1
        }
        lines += [
            f"{name:30}{cost.seconds:10.2f}{cost.processor_seconds:11.2f}{cost.megabytes:9.0f}"
            for name, cost in rows.items()
        ]
        first, *_, last = ENVIRONMENTS
        each = (self.growth[last].seconds - self.growth[first].seconds) / (last - first)
        lines += [
            "",
            f"{self.times_as_fast:.1f} times as fast as ordinary (at least {TIMES_AS_FAST_AS_ORDINARY})",
            f"{self.times_the_floor:.1f} times the floor (at most {TIMES_THE_FLOOR})",
            f"{self.memory_share:.0%} of the ordinary memory (at most {SHARE_OF_ORDINARY_MEMORY:.0%})",
            f"{each * 1000:.0f} ms for each further environment",
        ]
        return "\n".join(lines)


def synthesized(folder: Path) -> dict[str, bytes]:
    """Read what a run has synthesized, by stack."""
    return {file.parent.name: file.read_bytes() for file in folder.glob("cdktf.out/stacks/*/cdk.tf.json")}


def with_environments(folder: Path, number: int) -> Path:
    """Make a folder with as many settings files."""
    environments = folder / str(number) / "environments"
    environments.mkdir(parents=True)
    for name in (f"env-{index}" for index in range(number)):
        (environments / f"{name}.toml").write_text(SETTINGS.format(name=name), "utf-8")
    return environments.parent


def measure(rounds: int) -> Result:
    """Run everything in turns, after one round that fills the caches and compares what comes out."""
    main = str(ROOT / "main.py")
    with tempfile.TemporaryDirectory() as temporary:
        folders = {number: with_environments(Path(temporary), number) for number in ENVIRONMENTS}
        programs = {"ordinary": ["-c", ORDINARY, main], "project": [main], "floor": ["-c", FLOOR]}
        runs = {name: (program, folders[1]) for name, program in programs.items()}
        runs |= {str(number): ([main], folders[number]) for number in ENVIRONMENTS[1:]}

        outputs = {}
        for name, (program, folder) in runs.items():
            run(program, folder)
            outputs[name] = synthesized(folder)
        if outputs["ordinary"] != outputs["project"]:
            raise SystemExit(
                "The ordinary imports synthesize something else, so there is nothing to compare."
            )

        costs: dict[str, list[Cost]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, (program, folder) in runs.items():
                costs[name] += [run(program, folder) for _ in range(TIMES_IN_A_ROUND.get(name, 1))]

    medians = {
        name: Cost(
            median(cost.seconds for cost in each),
            median(cost.processor_seconds for cost in each),
            median(cost.megabytes for cost in each),
        )
        for name, each in costs.items()
    }
    return Result(
        rounds=rounds,
        ordinary=medians["ordinary"],
        project=medians["project"],
        floor=medians["floor"],
        growth={1: medians["project"]} | {number: medians[str(number)] for number in ENVIRONMENTS[1:]},
    )


def main() -> int:
    """Measure, and print the numbers and the aims that are missed."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often to measure each (default: 3)")
    parser.add_argument("--json", action="store_true", help="print the numbers as JSON")
    arguments = parser.parse_args()

    result = measure(arguments.rounds)
    missed = result.missed()
    if arguments.json:
        report = {
            **asdict(result),
            "times_as_fast": result.times_as_fast,
            "times_the_floor": result.times_the_floor,
            "memory_share": result.memory_share,
            "missed": missed,
        }
        print(json.dumps(report, indent=2))
    else:
        print(result.table())
        for sentence in missed:
            print(f"\nMissed: {sentence}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
