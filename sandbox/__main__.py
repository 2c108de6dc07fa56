"""`python -m sandbox`: the local clouds at the command line."""

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import threading
from pathlib import Path
from typing import NoReturn

from sandbox.errors import SandboxError
from sandbox.project import (
    CDKTF_ENVIRONMENT,
    CHECKOUT,
    STACK,
    personal_variables,
)
from stacks.tools import CDKTF, missing_tools

# Where `env` finds the sandbox that `up` runs in this checkout.
RUN_FILE = CHECKOUT / ".sandbox" / "run.json"
INTERRUPTED = 130
TERMINATED = 143


def main(arguments: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="A local AWS and a local Entra ID."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start both and keep them running until Ctrl-C")
    commands.add_parser("env", help='print the exports for another terminal: eval "$(python -m sandbox env)"')
    commands.add_parser(
        "demo", help="deploy, compare, sign in, destroy, and show that nothing is left"
    ).add_argument("--no-wait", action="store_true", help="do not stop for a sign-in by browser")
    chosen = parser.parse_args(arguments)

    signal.signal(signal.SIGTERM, _terminated)
    try:
        match chosen.command:
            case "up":
                _up()
            case "env":
                _env()
            case "demo":
                # Imported by need: `env` answers at once.
                from sandbox.demo import demo  # noqa: PLC0415

                demo(wait=not chosen.no_wait)
    except SandboxError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted: both clouds have ended, and nothing is left of them.", file=sys.stderr)
        return INTERRUPTED
    return 0


def _up() -> None:
    from sandbox.entra.users import PASSWORD  # noqa: PLC0415
    from sandbox.local_clouds import LocalClouds  # noqa: PLC0415

    if missing := missing_tools():
        raise SandboxError("\n".join(missing))
    if _running_sandbox() is not None:
        raise SandboxError(f"A sandbox of this checkout is up already ({RUN_FILE}): use that one, or end it.")
    print("Starting a local AWS and a local Entra ID ...", flush=True)
    with LocalClouds(fixed_ports=True) as clouds:
        # What an earlier sandbox left describes objects that are gone, and locks plugins of its own choice.
        _remove_traces()
        RUN_FILE.parent.mkdir(exist_ok=True)
        RUN_FILE.touch(mode=0o600)
        RUN_FILE.write_text(json.dumps({"pid": os.getpid(), "variables": clouds.environment()}))
        try:
            for plugin in clouds.plugins:
                print(plugin)
            print(f"AWS: {clouds.aws.url}   Entra ID: {clouds.entra.authority}")
            print(f"The user pool's domain: {clouds.aws.domain_url}   Sample app: {clouds.app.url}")
            print(f"People, all with the password {PASSWORD!r}, by tenant:")
            for tenant_id, directory in clouds.entra.tenants.items():
                print(f"{directory.tenant.name}, {tenant_id}")
                for person in directory.people.values():
                    print(f"  {person.principal_name:<45} {person.note}")
            print(f'\nIn another terminal, in {CHECKOUT}:\n\n  eval "$({_command()} env)"')
            for command in ("cdktf deploy", "cdktf diff", "python -m operate.verify", "cdktf destroy"):
                print(f"  {command} {STACK}")
            print("\nCtrl-C ends both clouds.", flush=True)
            threading.Event().wait()
        finally:
            _remove_traces()
            RUN_FILE.unlink(missing_ok=True)


def _env() -> None:
    running = _running_sandbox()
    if running is None:
        raise SandboxError(f"No sandbox is up in this checkout: start one with `{_command()} up`.")
    for name in personal_variables():
        print(f"unset {name}")
    path = f"{CDKTF.parent}:{Path(sys.executable).parent}"
    print(f'export PATH={shlex.quote(path)}:"$PATH"')
    for name, value in (CDKTF_ENVIRONMENT | running).items():
        print(f"export {name}={shlex.quote(value)}")


def _running_sandbox() -> dict[str, str] | None:
    """The variables of the sandbox that is up in this checkout, if one is."""
    try:
        run = json.loads(RUN_FILE.read_text())
        os.kill(run["pid"], 0)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None
    return dict(run["variables"])


def _remove_traces() -> None:
    for file in CHECKOUT.glob(f"terraform.{STACK}.tfstate*"):
        file.unlink()
    shutil.rmtree(CHECKOUT / "cdktf.out" / "stacks" / STACK, ignore_errors=True)


def _command() -> str:
    interpreter = Path(sys.executable)
    if interpreter.is_relative_to(CHECKOUT):
        interpreter = interpreter.relative_to(CHECKOUT)
    return f"{interpreter} -m sandbox"


def _terminated(*_: object) -> NoReturn:
    sys.exit(TERMINATED)


if __name__ == "__main__":
    sys.exit(main())
