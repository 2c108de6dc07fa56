"""What the tests of the local Entra ID share: a deployer's Graph client, a registration, a browser."""

import re
import ssl
from dataclasses import dataclass
from html import unescape
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.entra.directory import DEFAULT_ACCESS, GRAPH_SCOPES, MICROSOFT_GRAPH
from sandbox.entra.server import LocalEntra
from sandbox.entra.users import PASSWORD

TENANT = "11111111-1111-4111-8111-111111111111"
# All is plain HTTP: loading the system's roots for every client would take most of the tests' time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# One connection per request, as the azuread provider has it.
NOT_KEPT = httpx.Limits(max_keepalive_connections=0)
REDIRECT_URI = "https://portal.example/oauth2/idpresponse"
OTHER_TENANT = "99999999-1111-4111-8111-111111111111"
NOBODY = "dddddddd-0000-4000-8000-000000000000"
ROLES = [
    {
        "allowedMemberTypes": ["User"],
        "description": name,
        "displayName": name,
        "id": f"6f1c0000-0000-4000-8000-00000000000{number}",
        "isEnabled": True,
        "value": f"portal.{name}",
    }
    for number, name in enumerate(("reader", "buyer"))
]
ROLE = ROLES[0]
ROLE_ID, ROLE_VALUE = str(ROLE["id"]), str(ROLE["value"])
# What the registration may ask for beyond the claims that come with a scope.
CLAIMS = {
    "idToken": [{"name": name} for name in ("acct", "email", "family_name", "given_name", "upn", "xms_edov")]
}
# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def application_token(
    entra: LocalEntra, client_id: str, secret: str, *, tenant: str = TENANT, scope: str | None = None
) -> httpx.Response:
    """What the token endpoint answers to an application that signs in as itself."""
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": secret,
        "scope": scope or f"{entra.authority}/.default",
    }
    return httpx.post(f"{entra.authority}/{tenant}/oauth2/v2.0/token", data=form, verify=NO_TLS)


def deployer_token(entra: LocalEntra, **changes: str) -> httpx.Response:
    """The same for the deployer."""
    environment = entra.environment()
    credentials = {"client_id": environment["ARM_CLIENT_ID"], "secret": environment["ARM_CLIENT_SECRET"]}
    return application_token(entra, **credentials | changes)


def graph_client(entra: LocalEntra) -> httpx.Client:
    """A client with the deployer's token."""
    token = deployer_token(entra).json()["access_token"]
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


OPENID_PERMISSIONS = [
    {
        "resourceAppId": MICROSOFT_GRAPH,
        "resourceAccess": [
            {"id": GRAPH_SCOPES[scope], "type": "Scope"} for scope in ("openid", "profile", "email")
        ],
    }
]


def register_for_all(graph: httpx.Client, **changes: Any) -> Registered:
    """Register an application for several tenants, with the permissions it needs everywhere."""
    return register(
        graph,
        **{"signInAudience": "AzureADMultipleOrgs", "requiredResourceAccess": OPENID_PERMISSIONS} | changes,
    )


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

    def authorize(self, app: Registered, *, tenant: str = TENANT, **changes: str | None) -> httpx.Response:
        """Open a tenant's authorization endpoint; a parameter changed to None is left out."""
        fields = {
            "client_id": app.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": "openid profile email",
            "state": "st/ate",
            "nonce": "n-0nce",
        } | changes
        present = {name: value for name, value in fields.items() if value is not None}
        return self.http.get(f"/{tenant}/oauth2/v2.0/authorize", params=present)

    def fill(self, page: httpx.Response, **typed: str) -> httpx.Response:
        """Send a page's form, with its hidden fields and what was typed."""
        fields = dict(re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text))
        action = re.search(r'<form method="post" action="([^"]*)"', page.text)
        assert action, page.text
        return self.http.post(unescape(action[1]), data={**fields, **typed})

    def sign_in(
        self,
        app: Registered,
        username: str,
        password: str = PASSWORD,
        /,
        *,
        tenant: str = TENANT,
        **changes: str | None,
    ) -> httpx.Response:
        page = self.authorize(app, tenant=tenant, **changes)
        return self.fill(page, username=username, password=password)

    def admin_consent(
        self, app: Registered, username: str, password: str = PASSWORD, /, *, tenant: str, **more: str
    ) -> httpx.Response:
        """Open a tenant's admin consent page and sign in there; what follows is the question."""
        page = self.http.get(f"/{tenant}/adminconsent", params={"client_id": app.client_id, **more})
        return self.fill(page, username=username, password=password)

    def code_of(self, app: Registered, username: str, *, tenant: str = TENANT, **changes: str | None) -> str:
        """The code that a sign-in ends with."""
        return returned(self.sign_in(app, username, tenant=tenant, **changes))["code"]

    def log_out(self, **fields: str) -> httpx.Response:
        return self.http.get(f"/{TENANT}/oauth2/v2.0/logout", params=fields)

    def redeem(
        self, app: Registered, code: str, /, *, tenant: str = TENANT, **changes: str | None
    ) -> httpx.Response:
        """Redeem a code at a tenant's token endpoint; a parameter changed to None is left out."""
        fields = {
            "grant_type": "authorization_code",
            "client_id": app.client_id,
            "client_secret": app.secret,
            "code": code,
            "redirect_uri": REDIRECT_URI,
        } | changes
        present = {name: value for name, value in fields.items() if value is not None}
        return self.http.post(f"/{tenant}/oauth2/v2.0/token", data=present)

    def id_claims(self, token: str, *, tenant: str = TENANT) -> dict[str, Any]:
        """The claims of an ID token whose signature the served keys confirm."""
        keys = KeySet.import_key_set(self.http.get(f"/{tenant}/discovery/v2.0/keys").json())
        return jwt.decode(token, keys, algorithms=["RS256"]).claims

    def claims_of(
        self, app: Registered, username: str, *, tenant: str = TENANT, **changes: str | None
    ) -> dict[str, Any]:
        """The claims of the ID token that a sign-in ends with."""
        code = self.code_of(app, username, tenant=tenant, **changes)
        token = self.redeem(app, code, tenant=tenant).raise_for_status().json()["id_token"]
        return self.id_claims(token, tenant=tenant)


def returned(answer: httpx.Response) -> dict[str, str]:
    """The parameters with which an answer sends the browser back to the application."""
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def shows(page: httpx.Response, code: str) -> None:
    """An error page: status 400, code, ids and time, and no way on to the application."""
    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")
    for text in (f"{code}:", "Request Id", "Correlation Id", "Timestamp"):
        assert text in page.text


def refused(answer: httpx.Response, status: int, code: str, text: str) -> None:
    """An error of Graph."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert text in error["message"]


def fails(answer: httpx.Response, status: int, error: str, number: int) -> None:
    """An error of the token endpoint, complete."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert (body["error"], body["error_codes"]) == (error, [number])
    assert body["error_description"].startswith(f"AADSTS{number}: ")
    for text in (body["trace_id"], body["correlation_id"], body["timestamp"]):
        assert text in body["error_description"]
