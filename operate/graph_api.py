"""What Entra ID has, read from Microsoft Graph.

Sources: learn.microsoft.com/graph/api/resources/application, serviceprincipal, oauth2permissiongrant and
approleassignment. Reading needs the application permission Application.Read.All and, for the consent,
Directory.Read.All; or a person with the role Directory Readers.
"""

import logging
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from operate import http_client
from operate.outputs import Outputs
from operate.verify.findings import NotChecked
from stacks.settings.facts import MICROSOFT_GRAPH

FORBIDDEN = 403

Json = dict[str, Any]


class GraphError(Exception):
    """Microsoft Graph, or the way to a token for it, refuses; the message is one sentence."""


@dataclass(frozen=True)
class Secret:
    """A client secret of the registration; nobody can read its value.

    Attributes:
        key_id: its id.
        ends: when it expires.
        hint: its first three characters.
    """

    key_id: str
    ends: datetime
    hint: str


@dataclass(frozen=True)
class EntraFacts:
    """The deployed objects as they are now.

    Attributes:
        application: the registration; None when it is gone.
        service_principal: the enterprise application; None when it is gone.
        granted: the permissions of Microsoft Graph granted for everybody.
        assigned: the object ids of the users and groups assigned.
    """

    application: Json | None
    service_principal: Json | None
    granted: frozenset[str]
    assigned: frozenset[str]

    @property
    def secrets(self) -> list[Secret]:
        """The registration's client secrets."""
        credentials = (self.application or {}).get("passwordCredentials") or []
        return [
            Secret(
                key_id=credential["keyId"],
                ends=datetime.fromisoformat(credential["endDateTime"]),
                hint=credential.get("hint") or "",
            )
            for credential in credentials
        ]


class Graph:
    """Microsoft Graph for one tenant, with a token that stays in here."""

    def __init__(self, http: httpx.Client, outputs: Outputs, token: str) -> None:
        self._http = http
        self._url = f"{outputs.expected.graph_origin}/v1.0"
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: str) -> Json:
        """Get one object, or one page of a collection.

        Raises:
            GraphError: Graph refuses or does not answer.
        """
        url = path if path.startswith(self._url) else self._url + path
        try:
            answer = self._http.get(url, params=query or None, headers=self._headers)
        except httpx.HTTPError as error:
            raise GraphError(f"Microsoft Graph: {http_client.sentence(error)}") from None
        if answer.status_code == FORBIDDEN:
            raise GraphError(
                f"the Entra ID credentials may not read {path.split('/')[1]} in Microsoft Graph:"
                " grant Application.Read.All and Directory.Read.All"
            )
        if not answer.is_success:
            raise GraphError(
                f"Microsoft Graph answers {answer.status_code}: {http_client.excerpt(_message(answer))}"
            )
        try:
            document: Json = answer.json()
        except ValueError:
            raise GraphError("Microsoft Graph's answer is not JSON: is there a proxy in between?") from None
        return document

    def all(self, path: str, **query: str) -> list[Json]:
        """Get a collection, page by page.

        Raises:
            GraphError: Graph refuses or does not answer.
        """
        page = self.get(path, **query)
        members = list(page["value"])
        while following := page.get("@odata.nextLink"):
            page = self.get(following)
            members += page["value"]
        return members


def connect(
    http: httpx.Client, outputs: Outputs, environment: Mapping[str, str] = os.environ
) -> Graph | NotChecked:
    """Sign in to Microsoft Graph.

    With the variables that the azuread Terraform provider reads (`ARM_CLIENT_ID` with `ARM_CLIENT_SECRET`,
    `ARM_OIDC_TOKEN` or `ARM_OIDC_TOKEN_FILE_PATH`) as that application; otherwise with whatever
    azure-identity finds, such as `az login`.
    """
    scope = f"{outputs.expected.graph_origin}/.default"
    proof = _proof(environment)
    if environment.get("ARM_CLIENT_ID") and proof:
        try:
            token = _token(http, outputs, scope, {"client_id": environment["ARM_CLIENT_ID"], **proof})
        except GraphError as error:
            return NotChecked(str(error))
        return Graph(http, outputs, token)
    if not outputs.expected.login_origin.startswith("https://"):
        return NotChecked("there are no Entra ID credentials here: set ARM_CLIENT_ID and ARM_CLIENT_SECRET")
    found = _default_token(outputs, scope, cli=environment.get("ARM_USE_CLI") != "false")
    return found if isinstance(found, NotChecked) else Graph(http, outputs, found)


def _proof(environment: Mapping[str, str]) -> dict[str, str]:
    """How the deploying application proves itself (RFC 6749, section 2.3.1; RFC 7523, section 2.2)."""
    if secret := environment.get("ARM_CLIENT_SECRET"):
        return {"client_secret": secret}
    assertion = environment.get("ARM_OIDC_TOKEN", "")
    file = environment.get("ARM_OIDC_TOKEN_FILE_PATH", "")
    if not assertion and file and Path(file).is_file():
        assertion = Path(file).read_text("utf-8").strip()
    if not assertion:
        return {}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {"client_assertion_type": kind, "client_assertion": assertion}


def _token(http: httpx.Client, outputs: Outputs, scope: str, client: Mapping[str, str]) -> str:
    try:
        answer = http.post(
            outputs.expected.token_url, data={"grant_type": "client_credentials", "scope": scope, **client}
        )
    except httpx.HTTPError as error:
        raise GraphError(f"Entra ID's token endpoint: {http_client.sentence(error)}") from None
    if not answer.is_success:
        raise GraphError(f"Entra ID refuses ARM_CLIENT_ID: {http_client.excerpt(_message(answer))}")
    return str(answer.json()["access_token"])


def _default_token(outputs: Outputs, scope: str, *, cli: bool) -> str | NotChecked:
    try:
        from azure.core.exceptions import AzureError  # noqa: PLC0415 - optional, and slow to load
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415
    except ImportError:
        return NotChecked(
            "there are no Entra ID credentials here: set ARM_CLIENT_ID and ARM_CLIENT_SECRET, or install"
            " azure-identity and sign in with az login"
        )
    # On each way that fails it would write a warning, over a page in the end.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    try:
        credential = DefaultAzureCredential(
            authority=outputs.expected.login_origin,
            exclude_cli_credential=not cli,
            exclude_developer_cli_credential=True,
            exclude_powershell_credential=True,
            process_timeout=http_client.SECONDS,
        )
        return credential.get_token(scope, tenant_id=outputs.expected.tenant_id).token
    except (AzureError, ValueError):
        return NotChecked(
            "there are no Entra ID credentials here: run az login, or set ARM_CLIENT_ID and ARM_CLIENT_SECRET"
        )


def read_entra(graph: Graph, outputs: Outputs) -> EntraFacts | NotChecked:
    """Read registration, service principal, consent and assignments."""
    mine = f"appId eq '{outputs.entra_application_id}'"
    try:
        with ThreadPoolExecutor() as threads:
            applications = threads.submit(graph.all, "/applications", **{"$filter": mine})
            principals = threads.submit(graph.all, "/servicePrincipals", **{"$filter": mine})
            resources = threads.submit(
                graph.all, "/servicePrincipals", **{"$filter": f"appId eq '{MICROSOFT_GRAPH}'"}
            )
            principal = next(iter(principals.result()), None)
            path = f"/servicePrincipals/{principal['id']}" if principal else ""
            grants = threads.submit(graph.all, f"{path}/oauth2PermissionGrants") if principal else None
            assignments = threads.submit(graph.all, f"{path}/appRoleAssignedTo") if principal else None
            resource_ids = {resource["id"] for resource in resources.result()}
            return EntraFacts(
                application=next(iter(applications.result()), None),
                service_principal=principal,
                granted=frozenset(
                    scope
                    for grant in (grants.result() if grants else [])
                    if grant["consentType"] == "AllPrincipals" and grant["resourceId"] in resource_ids
                    for scope in (grant.get("scope") or "").split()
                ),
                assigned=frozenset(
                    assignment["principalId"] for assignment in (assignments.result() if assignments else [])
                ),
            )
    except GraphError as error:
        return NotChecked(str(error))


def _message(answer: httpx.Response) -> str:
    """The sentence in a refusal: Graph's `error.message`, the token endpoint's `error_description`."""
    try:
        document = answer.json()
        error = document["error"]
        return str(error["message"] if isinstance(error, dict) else document["error_description"])
    except (ValueError, KeyError, TypeError):
        return answer.text
