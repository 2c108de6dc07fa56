"""`python -m operate.verify <environment>`: is sign-in right on both sides, and will it last?

Exit status 0: nothing found. 1: people cannot sign in, or will not be able to within days. 2: it works, but
will not for long, or not for everybody yet. What cannot be checked, for want of credentials, is said and
counts for nothing, unless `--strict`.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from operate import http_client
from operate.cognito_api import read_cognito
from operate.errors import OperateError
from operate.graph_api import EntraFacts, Graph, connect, read_entra
from operate.outputs import Outputs, read_outputs
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.entra import check_entra
from operate.verify.checks.secret import check_secret, present_secret
from operate.verify.checks.sign_in import check_issuer, check_keys, check_login
from operate.verify.checks.tenants import check_tenants
from operate.verify.findings import NotChecked, Report, Status, causes

DOMAIN_URL = "ENTRA_COGNITO_DOMAIN_URL"
INTERRUPTED = 130

Result = TypeVar("Result")


def verify(environment: str, outputs: Outputs, *, domain_url: str | None = None) -> Report:
    """Make every check, side by side."""
    began = time.monotonic()
    domain_url = address_of(outputs, domain_url)
    with http_client.client() as http, ThreadPoolExecutor(max_workers=8) as threads:

        def start(check: Callable[..., Result], *arguments: object) -> Future[Result]:
            return threads.submit(check, *arguments)

        cognito = start(read_cognito, outputs)
        entra = start(lambda: _entra(connect(http, outputs), outputs))
        secret = start(lambda: present_secret(http, outputs, cognito.result()))
        tenants = start(lambda: check_tenants(http, outputs, cognito.result()))
        checks = [
            start(check_issuer, http, outputs),
            start(check_keys, http, outputs),
            start(check_login, http, outputs, domain_url),
        ]
        secret_check, days_left = check_secret(outputs, entra.result(), secret.result(), datetime.now(UTC))
        found = [
            *(check.result() for check in checks),
            secret_check,
            *tenants.result(),
            *check_entra(outputs, entra.result()),
            *check_cognito(outputs, cognito.result()),
        ]
    return Report(environment, causes(found), time.monotonic() - began, days_left)


def _entra(graph: Graph | NotChecked, outputs: Outputs) -> EntraFacts | NotChecked:
    return graph if isinstance(graph, NotChecked) else read_entra(graph, outputs)


def address_of(outputs: Outputs, domain_url: str | None) -> str:
    """Where the sign-in domain answers."""
    return (domain_url or f"https://{outputs.domain}").rstrip("/")


def arguments_of(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """Add the arguments that all commands have."""
    parser.add_argument("environment", help="the stack's name: its file in environments/ without .toml")
    parser.add_argument(
        "--domain-url",
        default=os.environ.get(DOMAIN_URL),
        metavar="URL",
        help=f"where the sign-in domain answers, if not at its own address ({DOMAIN_URL})",
    )
    parser.add_argument(
        "--project",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="the folder with cdktf.json",
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = arguments_of(
        argparse.ArgumentParser(prog="verify", description="Is sign-in right, will it last?")
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if anything could not be checked")
    chosen = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        # Terraform and boto3 both take their time to start: they start together.
        with ThreadPoolExecutor() as threads:
            loading = threads.submit(_load)
            outputs = read_outputs(chosen.environment, chosen.project.resolve())
            loading.result()
        report = verify(chosen.environment, outputs, domain_url=chosen.domain_url)
    except OperateError as error:
        sys.stderr.write(f"{error}\n")
        # An interrupted first deploy has no outputs: what it made is looked for by the settings instead.
        from operate.adopt.unrecorded import left_behind  # noqa: PLC0415

        for line in left_behind(chosen.environment, chosen.project.resolve()):
            sys.stderr.write(f"{line}\n")
        return Status.BROKEN
    except KeyboardInterrupt:
        return INTERRUPTED
    report = Report(report.environment, report.checks, time.monotonic() - began, report.days_left)
    from operate.verify import report as reporting  # noqa: PLC0415 - while the checks ran, it was loaded

    if chosen.json:
        sys.stdout.write(reporting.as_json(report) + "\n")
    else:
        reporting.show(report, reporting.console())
    return Status.BROKEN if chosen.strict and not report.complete else report.status


def _load() -> None:
    """Load what is only needed later, while Terraform runs."""
    import contextlib  # noqa: PLC0415

    with contextlib.suppress(ImportError):
        import boto3  # noqa: F401, PLC0415
    from operate.verify import report  # noqa: F401, PLC0415


if __name__ == "__main__":
    sys.exit(main())
