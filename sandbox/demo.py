"""The demo on the local clouds: deploy, a plan without changes, a sign-in, a teardown that leaves nothing."""

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sandbox.entra.users import ADA, PASSWORD
from sandbox.errors import SandboxError
from sandbox.local_clouds import APP_CLIENT, LocalClouds
from sandbox.project import STACK, Project
from sandbox.sign_in import SignInResult, sign_in
from stacks.tools import missing_tools

PROGRESS = re.compile(r"complete after|Still |^\W*Plan:|complete!|No changes\.|Error")


def demo(*, wait: bool) -> None:
    """Run all steps, and report each.

    Args:
        wait: whether to stop before the teardown for a sign-in by browser, if a person is there.

    Raises:
        SandboxError: a step failed.
    """
    if missing := missing_tools():
        raise SandboxError("\n".join(missing))
    began = time.monotonic()
    clouds = LocalClouds()
    with _step("Start a local AWS and a local Entra ID"):
        clouds.start()
    try:
        for plugin in clouds.plugins:
            _say(str(plugin))
        _say(f"AWS: {clouds.aws.url}   Entra ID: {clouds.entra.authority}")
        project = clouds.project(on_line=_say_progress)
        _run_steps(clouds, project, wait=wait)
    finally:
        clouds.stop()
    print(f"\nAll of it in {time.monotonic() - began:.0f} s.")


def _run_steps(clouds: LocalClouds, project: Project, *, wait: bool) -> None:
    with _step(f"cdktf deploy {STACK}"):
        project.deploy()
    with _step(f"cdktf diff {STACK}"):
        changes = project.diff()
        if changes:
            raise SandboxError(f"A second plan should change nothing, and would change {changes}.")
    deployed_url = project.outputs()["sign_in_urls"][APP_CLIENT]
    url = clouds.local_url(deployed_url)
    with _step(f"Sign in as {ADA.principal_name}"):
        _say(deployed_url)
        _say(f"on this machine: {url}")
        result = sign_in(url, ADA.principal_name, PASSWORD)
        _check(result)
        _say("The claims that the app got:")
        for name, value in result.claims.items():
            _say(f"  {name:<22} {value}")
    if wait and sys.stdin.isatty() and sys.stdout.isatty():
        print(f"\nSign in with your own browser:\n\n  {url}\n")
        print(f"as {ADA.principal_name}, password {PASSWORD}.")
        input("Press Enter to take everything down again. ")
    with _step(f"cdktf destroy {STACK}"):
        project.destroy()
        left = clouds.holdings()
        _say(", ".join(f"{kind}: {count}" for kind, count in left.items()))
        if any(left.values()):
            raise SandboxError("The teardown should leave nothing.")


def _check(result: SignInResult) -> None:
    missing = [claim for claim in ("email", "given_name", "family_name") if not result.claims.get(claim)]
    if missing:
        raise SandboxError(
            f"The sign-in ended at {result.url} without {', '.join(missing)}: {result.text[:500]}"
        )


@contextmanager
def _step(title: str) -> Iterator[None]:
    print(f"\n== {title}", flush=True)
    began = time.monotonic()
    yield
    print(f"   done in {time.monotonic() - began:.1f} s", flush=True)


def _say(line: str) -> None:
    if line.strip():
        print(f"   {line}", flush=True)


def _say_progress(line: str) -> None:
    """Report those lines of the cdktf command that show progress, and leave out the plan."""
    if PROGRESS.search(line):
        _say(line.removeprefix(STACK).strip())
