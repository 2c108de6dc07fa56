"""Whose credentials these are, asked before Terraform reads a state or either cloud.

The providers refuse a foreign account or tenant, too, but only after the state was read. Where there are no
credentials, or a cloud cannot be asked, Terraform goes on and says so itself.
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operate import graph_api, http_client
from operate.cognito_api import aws_client
from operate.errors import Unavailable
from stacks.settings import Settings

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Microsoft learn, "Microsoft Entra authentication and authorization error codes": UnauthorizedClient, the
# application was not found in the directory.
NOT_IN_TENANT = "AADSTS700016"


def foreign(settings: Settings, _project: Path = Path()) -> str:
    """Why the credentials are another environment's; empty where they are not, or nobody can say."""
    return "\n".join(
        f"{settings.name}: {why} No state was read." for why in (*_aws(settings), *_entra(settings))
    )


def _aws(settings: Settings) -> Iterator[str]:
    """AWS STS API reference, GetCallerIdentity: it needs no right."""
    wanted = settings.aws.account_id
    sts = aws_client("sts", settings.aws.region, attempts=1) if wanted else Unavailable("not asked for")
    if isinstance(sts, Unavailable):
        return
    try:
        account = sts.get_caller_identity()["Account"]
    except (BotoCoreError, ClientError):
        return
    if account != wanted:
        yield (
            f"the AWS credentials are of the account {account}, and aws.account_id is {wanted}. Sign in to"
            f" {wanted}, for instance by AWS_PROFILE, or correct the settings."
        )


def _entra(settings: Settings, environment: Mapping[str, str] = os.environ) -> Iterator[str]:
    """The azuread provider goes to the tenant of the settings, with whatever credentials there are."""
    if settings.entra.registration is not None:
        return  # nothing is made in Entra ID
    wanted, written = settings.entra.tenant_id, environment.get("ARM_TENANT_ID", "")
    form = graph_api.client_credentials(environment, f"{settings.cloud.graph_origin}/.default")
    if GUID.fullmatch(written) and written.lower() != wanted.lower():
        yield (
            f"ARM_TENANT_ID is {written}, and entra.tenant_id is {wanted}. Set ARM_TENANT_ID and the"
            " credentials of that tenant, or correct the settings."
        )
    elif form:
        try:
            with http_client.client() as http:
                graph_api.token(http, settings.cloud.token_url(wanted), form)
        except graph_api.GraphError as error:
            if NOT_IN_TENANT in str(error):
                yield (
                    f"ARM_CLIENT_ID, {form['client_id']}, is not an application of the tenant {wanted}"
                    " (entra.tenant_id). Set the credentials of that tenant, or correct the settings."
                )
