"""Measure what it takes to review a plan and to apply it, against Terraform alone.

Run it with `make benchmark-review`. In each round one value of the settings changes, and two ways bring it
into the local clouds: `guard --save` with `cdktf deploy --reviewed`, and `cdktf synth`, `terraform plan` and
`terraform apply`. Plugins are started anew each time, as for a real deploy.

Machines differ, so the ratios within one run count: the exit status is 1 where one misses its aim. The guard
runs main.py without the cdktf command, and then reads the plan by `terraform show`, which starts the plugins
again for their schemas: both are measured too, to see where its time goes.
"""

import statistics
import sys
import time
from collections.abc import Callable

from benchmarks.measure import ROOT
from sandbox.local_clouds import LocalClouds
from sandbox.project import STACK, Project
from stacks.tools import missing_tools

ROUNDS = 5
AT_MOST = 1.2
DEPLOY = "deploy", STACK, "--reviewed"
MINUTES = "access_token_minutes"


def measure() -> dict[str, float]:
    """The medians of each step, in seconds."""
    taken: dict[str, list[float]] = {}
    with LocalClouds(stand_in=True) as clouds:
        project = clouds.project(variables={"PYTHONPATH": str(ROOT)})
        settings = project.settings()

        def step(name: str, run: Callable[[], object]) -> None:
            start = time.perf_counter()
            run()
            taken.setdefault(name, []).append(time.perf_counter() - start)

        project.deploy()
        for number in range(ROUNDS):
            for way, minutes in (("reviewed", 10 + number), ("bare", 30 + number)):
                project.write_settings(
                    settings.replace("[clients.web]", f"[clients.web]\n{MINUTES} = {minutes}")
                )
                if way == "reviewed":
                    step("guard --save", lambda: _python(project, "guard", STACK, "--save"))
                    step("deploy --reviewed", lambda: _python(project, "cdktf", *DEPLOY))
                else:
                    step("cdktf synth", lambda: project.cdktf("synth"))
                    step("terraform plan", lambda: project.terraform("plan", "-input=false", "-out=bare"))
                    step("terraform apply", lambda: project.terraform("apply", "-input=false", "bare"))
                    step("main.py", lambda: _checked(project, [sys.executable, str(ROOT / "main.py")]))
                    step("terraform show -json", lambda: project.terraform("show", "-json", "bare"))
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _python(project: Project, command: str, *arguments: str) -> None:
    _checked(project, [sys.executable, "-m", f"operate.{command}", *arguments])


def _checked(project: Project, command: list[str]) -> None:
    outcome = project.run(command, project.folder, show=False)
    if outcome.status != 0:
        raise SystemExit(outcome.text)


def main() -> int:
    """Measure, and print the times and what is missed."""
    if missing := missing_tools():
        print("\n".join(missing), file=sys.stderr)
        return 1
    seconds = measure()
    for name, taken in seconds.items():
        print(f"{name:20}{taken:6.2f} s")
    review = seconds["guard --save"] / (seconds["cdktf synth"] + seconds["terraform plan"])
    apply = seconds["deploy --reviewed"] / seconds["terraform apply"]
    print(f"Review: {review:.2f} times cdktf synth and terraform plan")
    print(f"Apply: {apply:.2f} times terraform apply; the aim of both is at most {AT_MOST}")
    return 1 if max(review, apply) > AT_MOST else 0


if __name__ == "__main__":
    sys.exit(main())
