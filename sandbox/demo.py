"""The main job from end to end on the local clouds: deploy, no difference, a sign-in, and nothing left."""

import re
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sandbox.entra.users import ADA, PASSWORD
from sandbox.errors import SandboxError
from sandbox.local_clouds import APP_CLIENT, LocalClouds
from sandbox.project import STACK, Project, missing_tools
from sandbox.sign_in import SignInResult, sign_in

PROGRESS = re.compile(r"complete after|Still |^\W*Plan:|complete!|No changes\.|Error")


def demo(*, wait: bool) -> None:
    """Run the whole story, saying what happens.

    Raises:
        SandboxError: a step did not do what it should.
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
        _story(clouds, project, wait=wait)
    finally:
        clouds.stop()
    print(f"\nAll of it in {time.monotonic() - began:.0f} s.")


def _story(clouds: LocalClouds, project: Project, *, wait: bool) -> None:
    with _step(f"cdktf deploy {STACK}"):
        project.deploy()
    with _step(f"cdktf diff {STACK}"):
        changes = project.diff()
        if changes:
            raise SandboxError(f"A second plan should have nothing to do, and wants to change {changes}.")
    outputs = project.outputs()
    url = clouds.local_url(_sign_in_url(outputs))
    with _step(f"Sign in as {ADA.principal_name}"):
        _say(_sign_in_url(outputs))
        _say(f"on this machine: {url}")
        arrival = sign_in(url, ADA.principal_name, PASSWORD)
        _check(arrival)
        _say("What arrived at the app:")
        for name, value in arrival.claims.items():
            _say(f"  {name:<22} {value}")
    if wait:
        print(f"\nSign in with your own browser:\n\n  {url}\n")
        print(f"as {ADA.principal_name}, password {PASSWORD}.")
        input("Press Enter to take everything down again. ")
    with _step(f"cdktf destroy {STACK}"):
        project.destroy()
        left = clouds.holdings()
        _say(", ".join(f"{kind}: {count}" for kind, count in left.items()))
        if any(left.values()):
            raise SandboxError("After the teardown nothing should be left.")


def _sign_in_url(outputs: Mapping[str, object]) -> str:
    urls = outputs["sign_in_urls"]
    if not isinstance(urls, dict):
        raise SandboxError(f"The output sign_in_urls should be a map, and is {urls!r}.")
    return str(urls[APP_CLIENT])


def _check(arrival: SignInResult) -> None:
    missing = [claim for claim in ("email", "given_name", "family_name") if not arrival.claims.get(claim)]
    if missing:
        raise SandboxError(
            f"The sign-in ended at {arrival.url} without {', '.join(missing)}: {arrival.text[:500]}"
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
    """Of what the cdktf command prints, the lines that show it working; the whole plan would bury them."""
    if PROGRESS.search(line):
        _say(line.removeprefix(STACK).strip())


def on_a_terminal() -> bool:
    """Whether a person is there to press Enter."""
    return sys.stdin.isatty() and sys.stdout.isatty()
