"""What Entra ID has, read from Microsoft Graph.

Sources: learn.microsoft.com/graph/api/resources/application, serviceprincipal, oauth2permissiongrant and
approleassignment. Reading needs the application permission `PERMISSION`, or a person with the role Directory
Readers.
"""

import logging
import os
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from operate import http_client
from operate.errors import OperateError, Unavailable
from operate.outputs import Outputs
from stacks.expected import Expected
from stacks.settings.facts import MICROSOFT_GRAPH

Json = dict[str, Any]

# graph/api/directoryobject-getbyids: in one request.
MOST_IDS = 1000

# It serves for each request here, as stacks/rights.toml has it.
PERMISSION = "Directory.Read.All"


class GraphError(OperateError):
    """Microsoft Graph, or the token endpoint before it, refuses or does not answer."""


@dataclass(frozen=True)
class PasswordCredential:
    """A client secret of the registration; its value cannot be read.

    Attributes:
        hint: the value's first three characters.
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
        granted: the permissions of Microsoft Graph granted to the application for all users.
        graph_id: the object id of Microsoft Graph's service principal.
        grants: all consents to it, those for single users too (oAuth2PermissionGrant).
        assignments: who is assigned to it (appRoleAssignment).
        app_permissions: what it may do by itself, without any user (appRoleAssignment).
        federated: whose tokens it takes for a credential (federatedIdentityCredential).
        owners: the owners of the registration and of the service principal, each by its path.
        principals: those whom the settings name and who still exist, by object id.
    """

    application: Json | None
    service_principal: Json | None
    granted: frozenset[str]
    graph_id: str = ""
    grants: tuple[Json, ...] = ()
    assignments: tuple[Json, ...] = ()
    app_permissions: tuple[Json, ...] = ()
    federated: tuple[Json, ...] = ()
    owners: Mapping[str, tuple[Json, ...]] = field(default_factory=dict)
    principals: Mapping[str, Json] = field(default_factory=dict)

    @property
    def secrets(self) -> list[PasswordCredential]:
        """The registration's client secrets."""
        credentials = (self.application or {}).get("passwordCredentials") or []
        return [
            PasswordCredential(
                key_id=credential["keyId"],
                ends=datetime.fromisoformat(credential["endDateTime"]),
                hint=credential.get("hint") or "",
            )
            for credential in credentials
        ]


class Graph:
    """Microsoft Graph for one tenant, with a token for it.

    Raises:
        GraphError: Graph refuses a request, or does not answer.
    """

    def __init__(self, http: httpx.Client, expected: Expected, token: str) -> None:
        self._http = http
        self._url = f"{expected.graph_origin}/v1.0"
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: str) -> Json:
        """Get one object, or one page of a collection."""
        return self._ask("GET", path, params=query or None)

    def by_ids(self, ids: list[str]) -> list[Json]:
        """Those of some directory objects that exist (graph/api/directoryobject-getbyids)."""
        batches = (ids[start : start + MOST_IDS] for start in range(0, len(ids), MOST_IDS))
        asked = (self._ask("POST", "/directoryObjects/getByIds", json={"ids": batch}) for batch in batches)
        return [one for answer in asked for one in answer["value"]]

    def _ask(self, method: str, path: str, **request: Any) -> Json:
        url = path if path.startswith(self._url) else self._url + path
        try:
            answer = self._http.request(method, url, headers=self._headers, **request)
        except httpx.HTTPError as error:
            raise GraphError(f"Microsoft Graph: {http_client.reason(error)}") from None
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise GraphError(
                f"the Entra ID credentials may not read {path.split('/')[1]} in Microsoft Graph:"
                f" grant {PERMISSION}"
            )
        if not answer.is_success:
            raise GraphError(f"Microsoft Graph answers {answer.status_code}: {_message(answer)}")
        try:
            document: Json = answer.json()
        except ValueError:
            raise GraphError("Microsoft Graph's answer is not JSON: is there a proxy in between?") from None
        return document

    def all(self, path: str, **query: str) -> list[Json]:
        """Get a collection, page by page."""
        page = self.get(path, **query)
        members = list(page["value"])
        while following := page.get("@odata.nextLink"):
            page = self.get(following)
            members += page["value"]
        return members


def connect(
    http: httpx.Client, expected: Expected, environment: Mapping[str, str] = os.environ
) -> Graph | Unavailable:
    """Sign in to Microsoft Graph.

    With the variables that the azuread Terraform provider reads (`ARM_CLIENT_ID` with `ARM_CLIENT_SECRET`,
    `ARM_OIDC_TOKEN` or `ARM_OIDC_TOKEN_FILE_PATH`) as that application; otherwise as azure-identity does, for
    instance by `az login`.
    """
    scope = f"{expected.graph_origin}/.default"
    form = client_credentials(environment, scope)
    try:
        if form:
            return Graph(http, expected, token(http, expected.token_url, form))
        # azure-identity takes https only, which a sandbox does not have.
        if not expected.login_origin.startswith("https://"):
            return Unavailable(
                "there are no Entra ID credentials here: set ARM_CLIENT_ID and ARM_CLIENT_SECRET"
            )
        use_cli = environment.get("ARM_USE_CLI") != "false"
        return Graph(http, expected, _default_token(expected, scope, use_cli=use_cli))
    except GraphError as error:
        return Unavailable(str(error))


def client_credentials(environment: Mapping[str, str], scope: str) -> dict[str, str]:
    """How the deploying application asks for a token (RFC 6749, section 4.4; RFC 7523, section 2.2).

    Empty where the variables name none.
    """
    form = {"client_id": environment.get("ARM_CLIENT_ID", ""), "scope": scope}
    if not form["client_id"]:
        return {}
    if secret := environment.get("ARM_CLIENT_SECRET"):
        return {**form, "client_secret": secret}
    assertion = environment.get("ARM_OIDC_TOKEN", "")
    file = Path(environment.get("ARM_OIDC_TOKEN_FILE_PATH", ""))
    if not assertion and file.is_file():
        assertion = file.read_text("utf-8").strip()
    if not assertion:
        return {}
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    return {**form, "client_assertion_type": kind, "client_assertion": assertion}


def token(http: httpx.Client, token_url: str, form: Mapping[str, str]) -> str:
    """A token for the deploying application.

    Raises:
        GraphError: Entra ID refuses, or does not answer.
    """
    try:
        answer = http.post(token_url, data={"grant_type": "client_credentials", **form})
    except httpx.HTTPError as error:
        raise GraphError(f"Entra ID's token endpoint: {http_client.reason(error)}") from None
    if not answer.is_success:
        raise GraphError(f"Entra ID refuses ARM_CLIENT_ID: {_message(answer)}")
    return str(answer.json()["access_token"])


def _default_token(expected: Expected, scope: str, *, use_cli: bool) -> str:
    from azure.core.exceptions import AzureError  # noqa: PLC0415 - seldom needed, and slow to load
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415

    # It would write a warning, a page long in the end, for each way to sign in that fails.
    logging.getLogger("azure").setLevel(logging.CRITICAL)
    try:
        credential = DefaultAzureCredential(
            authority=expected.login_origin,
            exclude_cli_credential=not use_cli,
            exclude_developer_cli_credential=True,
            exclude_powershell_credential=True,
            process_timeout=http_client.SECONDS,
        )
        return credential.get_token(scope, tenant_id=expected.tenant_id).token
    except (AzureError, ValueError):
        raise GraphError(
            "there are no Entra ID credentials here: run az login, or set ARM_CLIENT_ID and ARM_CLIENT_SECRET"
        ) from None


def read_entra(graph: Graph | Unavailable, outputs: Outputs) -> EntraFacts | Unavailable:
    """Read registration, service principal, consent and assignments."""
    if isinstance(graph, Unavailable):
        return graph
    mine = f"appId eq '{outputs.entra_application_id}'"
    try:
        with ThreadPoolExecutor() as threads:

            def ask(path: str, **query: str) -> Future[list[Json]]:
                return threads.submit(graph.all, path, **query)

            principals = threads.submit(graph.by_ids, list(set(outputs.principals.values())))
            applications = ask("/applications", **{"$filter": mine})
            service_principals = ask("/servicePrincipals", **{"$filter": mine})
            resources = ask("/servicePrincipals", **{"$filter": f"appId eq '{MICROSOFT_GRAPH}'"})
            application, principal = (
                next(iter(one.result()), None) for one in (applications, service_principals)
            )
            # What is of no use for the registration of another team is not read.
            own = outputs.expected.own_registration
            path = f"/servicePrincipals/{principal['id']}" if principal else ""
            at_application = f"/applications/{application['id']}" if application else ""
            nothing: Future[list[Json]] = Future()
            nothing.set_result([])
            grants = ask(f"{path}/oauth2PermissionGrants") if path else nothing
            assignments = ask(f"{path}/appRoleAssignedTo") if path else nothing
            app_permissions = ask(f"{path}/appRoleAssignments") if path and own else nothing
            federated = (
                ask(f"{at_application}/federatedIdentityCredentials") if at_application and own else nothing
            )
            owners = {one: ask(f"{one}/owners") for one in (at_application, path) if one and own}
            graph_id = next((str(resource["id"]) for resource in resources.result()), "")
            return EntraFacts(
                application=application,
                service_principal=principal,
                granted=frozenset(
                    scope
                    for grant in grants.result()
                    if grant["consentType"] == "AllPrincipals" and grant["resourceId"] == graph_id
                    for scope in (grant.get("scope") or "").split()
                ),
                graph_id=graph_id,
                grants=tuple(grants.result()),
                assignments=tuple(assignments.result()),
                app_permissions=tuple(app_permissions.result()),
                federated=tuple(federated.result()),
                owners={one: tuple(found.result()) for one, found in owners.items()},
                principals={one["id"]: one for one in principals.result()},
            )
    except GraphError as error:
        return Unavailable(str(error))


def _message(answer: httpx.Response) -> str:
    """The sentence in a refusal: Graph's `error.message`, the token endpoint's `error_description`."""
    try:
        document = answer.json()
        error = document["error"]
        message = str(error["message"] if isinstance(error, dict) else document["error_description"])
    except (ValueError, KeyError, TypeError):
        message = answer.text
    return http_client.excerpt(message)
