"""What the tests of the local Entra ID share: a deployer's Graph client, a registration, a browser."""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx

from sandbox.entra import LocalEntra
from sandbox.entra.directory import DEFAULT_ACCESS, MICROSOFT_GRAPH
from sandbox.entra.users import PASSWORD

TENANT = "11111111-1111-4111-8111-111111111111"
# All is plain HTTP: loading the system's roots for every client would take most of the tests' time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# One connection per request, as the azuread provider has it.
NOT_KEPT = httpx.Limits(max_keepalive_connections=0)
REDIRECT_URI = "https://portal.example/oauth2/idpresponse"


def started(folder: Path) -> Iterator[LocalEntra]:
    with LocalEntra(tenant_id=TENANT, folder=folder) as entra:
        yield entra


def graph_client(entra: LocalEntra) -> httpx.Client:
    """A client with the deployer's token."""
    environment = entra.environment()
    answer = httpx.post(
        f"{entra.authority}/{TENANT}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": environment["ARM_CLIENT_ID"],
            "client_secret": environment["ARM_CLIENT_SECRET"],
            "scope": f"{entra.authority}/.default",
        },
        verify=NO_TLS,
    )
    token = answer.json()["access_token"]
    return httpx.Client(
        base_url=f"{entra.authority}/v1.0",
        headers={"Authorization": f"Bearer {token}"},
        verify=NO_TLS,
        limits=NOT_KEPT,
    )


def application(**changes: Any) -> dict[str, Any]:
    """The body of a POST that Graph accepts, with changes."""
    return {
        "displayName": "My Portal",
        "signInAudience": "AzureADMyOrg",
        "api": {"requestedAccessTokenVersion": 2},
        "web": {"redirectUris": [REDIRECT_URI]},
    } | changes


@dataclass(frozen=True)
class Registered:
    """An application with service principal, secret and consent."""

    object_id: str
    client_id: str
    service_principal_id: str
    secret: str


def register(
    graph: httpx.Client,
    *,
    consent: str | None = "openid profile email",
    assignment_required: bool = False,
    **changes: Any,
) -> Registered:
    """Register an application as the stack does."""
    app = graph.post("/applications", json=application(**changes)).raise_for_status().json()
    principal = {"appId": app["appId"], "appRoleAssignmentRequired": assignment_required}
    principal_id = graph.post("/servicePrincipals", json=principal).raise_for_status().json()["id"]
    secret = (
        graph.post(f"/applications/{app['id']}/addPassword", json={}).raise_for_status().json()["secretText"]
    )
    if consent is not None:
        grant = {
            "clientId": principal_id,
            "consentType": "AllPrincipals",
            "resourceId": graph_principal(graph),
            "scope": consent,
        }
        graph.post("/oauth2PermissionGrants", json=grant).raise_for_status()
    return Registered(app["id"], app["appId"], principal_id, secret)


def graph_principal(graph: httpx.Client) -> str:
    """The object id of Microsoft Graph's own service principal."""
    found = graph.get("/servicePrincipals", params={"$filter": f"appId eq '{MICROSOFT_GRAPH}'"})
    return str(found.json()["value"][0]["id"])


def assign(
    graph: httpx.Client, app: Registered, principal: str, role: str = DEFAULT_ACCESS
) -> httpx.Response:
    return graph.post(
        f"/servicePrincipals/{app.service_principal_id}/appRoleAssignedTo",
        json={"appRoleId": role, "principalId": principal, "resourceId": app.service_principal_id},
    )


class Browser:
    """A browser without JavaScript that does not follow redirects to the application."""

    def __init__(self, entra: LocalEntra) -> None:
        self.http = httpx.Client(base_url=entra.authority, verify=NO_TLS, limits=NOT_KEPT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def authorize(self, app: Registered, **changes: str | None) -> httpx.Response:
        """Open the authorization endpoint; a parameter changed to None is left out."""
        fields = {
            "client_id": app.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile email",
            "state": "st/ate",
            "nonce": "n-0nce",
        } | changes
        present = {name: value for name, value in fields.items() if value is not None}
        return self.http.get(f"/{TENANT}/oauth2/v2.0/authorize", params=present)

    def fill(self, page: httpx.Response, **typed: str) -> httpx.Response:
        """Send a page's form, with its hidden fields and what was typed."""
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text))
        action = re.search(r'<form method="post" action="([^"]*)"', page.text)
        assert action, page.text
        return self.http.post(unescape(action[1]), data={**fields, **typed})

    def sign_in(
        self, app: Registered, username: str, password: str = PASSWORD, /, **changes: str | None
    ) -> httpx.Response:
        return self.fill(self.authorize(app, **changes), username=username, password=password)


def returned(answer: httpx.Response) -> dict[str, str]:
    """The parameters with which an answer sends the browser back to the application."""
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}
