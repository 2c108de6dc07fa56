"""All checks, side by side."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

from operate import http_client
from operate.cognito_api import read_cognito
from operate.graph_api import connect, read_entra
from operate.outputs import Outputs
from operate.pool_contents import read_pool_contents
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.cognito_doors import check_cognito_doors
from operate.verify.checks.entra import check_entra
from operate.verify.checks.entra_doors import check_entra_doors
from operate.verify.checks.secret import check_secret, present_secret
from operate.verify.checks.sign_in import check_issuer, check_keys, check_login
from operate.verify.checks.state import check_state
from operate.verify.checks.tenants import check_tenants
from operate.verify.findings import VerifyReport, only_causes, with_remedies


def verify(
    environment: str, outputs: Outputs, *, domain_url: str | None = None, project: Path | None = None
) -> VerifyReport:
    """Make every check.

    Args:
        project: the folder with cdktf.json; without it the state is not looked at.
        domain_url: where the sign-in domain answers; None for its own address.
    """
    with http_client.client() as http, ThreadPoolExecutor(max_workers=12) as threads:
        cognito = threads.submit(read_cognito, outputs)
        entra = threads.submit(lambda: read_entra(connect(http, outputs.expected), outputs))
        contents = threads.submit(read_pool_contents, outputs)
        presented = threads.submit(lambda: present_secret(http, outputs, cognito.result()))
        # A new check is one more line; the report has the same order.
        checks = [
            lambda: [check_issuer(http, outputs)],
            lambda: [check_keys(http, outputs)],
            lambda: [check_login(http, outputs, domain_url or outputs.domain_url)],
            lambda: [check_secret(outputs, entra.result(), presented.result(), datetime.now(UTC))],
            lambda: check_tenants(http, outputs, cognito.result()),
            lambda: check_entra(outputs, entra.result()),
            lambda: check_cognito(outputs, cognito.result()),
            lambda: [check_state(environment, project)] if project else [],
            lambda: check_entra_doors(outputs, entra.result(), datetime.now(UTC)),
            lambda: check_cognito_doors(outputs, cognito.result(), contents.result()),
        ]
        checked = threads.map(lambda check: check(), checks)
        found = only_causes(chain.from_iterable(checked))
        return VerifyReport(environment, with_remedies(outputs, found))
