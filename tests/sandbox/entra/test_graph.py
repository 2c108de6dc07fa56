"""The local Entra ID as a directory: its servers, Graph routes, and what Graph refuses."""

import errno
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.entra import LocalEntra, application_rules, resources
from sandbox.entra.directory import (
    DEFAULT_ACCESS,
    GRAPH_SCOPES,
    MICROSOFT_GRAPH,
    Application,
    ServicePrincipal,
)
from sandbox.entra.documents import application_document
from sandbox.entra.errors import GraphError
from sandbox.entra.odata import parse_filter
from sandbox.entra.resources import changed
from sandbox.entra.users import ADA, ADMINS, APP_USERS, GRACE, NOOR
from sandbox.errors import SandboxError
from tests.sandbox.entra.fixtures import (
    NO_TLS,
    REDIRECT_URI,
    TENANT,
    application,
    assign,
    graph_client,
    graph_principal,
    register,
    started,
)

ROLE = {
    "allowedMemberTypes": ["User"],
    "description": "Users",
    "displayName": "User",
    "id": "6f1c0000-0000-4000-8000-000000000001",
    "isEnabled": True,
    "value": "portal.user",
}
NOBODY = "dddddddd-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEntra]:
    yield from started(tmp_path_factory.mktemp("entra"))


@pytest.fixture(scope="module")
def graph(entra: LocalEntra) -> Iterator[httpx.Client]:
    with graph_client(entra) as client:
        yield client


def refused(answer: httpx.Response, status: int, code: str, text: str) -> None:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == code
    assert text in error["message"]


def end_in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


# The servers


def test_metadata_document_is_served_over_trusted_https_and_points_to_plain_http(entra: LocalEntra) -> None:
    trust = ssl.create_default_context(cafile=entra.ca_file)
    found = httpx.get(
        f"https://{entra.metadata_host}/metadata/endpoints?api-version=2022-09-01", verify=trust
    )
    assert found.json()["authentication"]["loginEndpoint"] == entra.authority
    assert found.json()["microsoftGraphResourceId"].rstrip("/") == entra.authority
    assert entra.authority.startswith("http://localhost:")


def test_metadata_certificate_is_good_for_the_loopback_address_too(entra: LocalEntra) -> None:
    trust = ssl.create_default_context(cafile=entra.ca_file)
    port = entra.metadata_host.split(":")[1]
    assert httpx.get(f"https://127.0.0.1:{port}/metadata/endpoints", verify=trust).is_success


def test_public_roots_survive_in_the_ca_file(entra: LocalEntra) -> None:
    assert len(ssl.create_default_context(cafile=entra.ca_file).get_ca_certs()) > 10


def test_environment_names_this_entra_id_and_keeps_the_azure_cli_out(entra: LocalEntra) -> None:
    environment = entra.environment()
    assert environment["ARM_METADATA_HOSTNAME"] == entra.metadata_host
    assert environment["ARM_TENANT_ID"] == TENANT
    assert environment["ARM_USE_CLI"] == "false"
    assert environment["SSL_CERT_FILE"] == str(entra.ca_file)


def test_taken_port_is_one_clear_sentence(tmp_path: Path, entra: LocalEntra) -> None:
    port = int(entra.authority.rsplit(":", 1)[1])
    with pytest.raises(SandboxError, match=str(port)):
        LocalEntra(tenant_id=TENANT, port=port, folder=tmp_path).start()


def test_stop_frees_ports_and_threads_and_start_works_again(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    local = LocalEntra(tenant_id=TENANT, folder=tmp_path)
    secrets = []
    for _ in range(2):
        with local:
            port = int(local.authority.rsplit(":", 1)[1])
            secrets.append(local.environment()["ARM_CLIENT_SECRET"])
            graph_client(local).get("/applications").raise_for_status()
        assert set(threading.enumerate()) == before
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
    assert secrets[0] != secrets[1]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux lists its sockets there")
def test_only_loopback_is_listened_on(entra: LocalEntra) -> None:
    ports = {int(entra.authority.rsplit(":", 1)[1]), int(entra.metadata_host.rsplit(":", 1)[1])}
    listening = [line.split()[1].split(":") for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert {address for address, port in listening if int(port, 16) in ports} == {"0100007F"}


def test_private_key_is_readable_by_its_owner_only(entra: LocalEntra) -> None:
    keys = [path for path in entra.ca_file.parent.iterdir() if "PRIVATE KEY" in path.read_text()]
    assert [path.stat().st_mode & 0o077 for path in keys] == [0]


def test_tenant_id_must_be_a_guid(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="UUID"):
        LocalEntra(tenant_id="contoso.example", folder=tmp_path)


# Who may call


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer a.b.c"}])
def test_call_without_a_valid_token_is_refused(entra: LocalEntra, header: dict[str, str]) -> None:
    answer = httpx.get(f"{entra.authority}/v1.0/applications", headers=header, verify=NO_TLS)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_token_of_an_application_without_permissions_is_refused(
    entra: LocalEntra, graph: httpx.Client
) -> None:
    app = register(graph)
    token = httpx.post(
        f"{entra.authority}/{TENANT}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": app.client_id,
            "client_secret": app.secret,
            "scope": f"{entra.authority}/.default",
        },
        verify=NO_TLS,
    ).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{entra.authority}/v1.0/applications", headers=bearer, verify=NO_TLS)
    refused(answer, 403, "Authorization_RequestDenied", "Insufficient privileges")


def test_unknown_route_is_a_graph_error(graph: httpx.Client) -> None:
    refused(graph.get("/me"), 400, "BadRequest", "Resource not found for the segment")


def test_malformed_body_is_a_graph_error(graph: httpx.Client) -> None:
    refused(graph.post("/applications", content=b"[1"), 400, "BadRequest", "Unable to read JSON")


# Applications


def test_new_application_is_echoed_and_found_by_id_and_name(graph: httpx.Client) -> None:
    made = graph.post("/applications", json=application(displayName="Findable"))
    assert made.status_code == 201
    assert graph.get(f"/applications/{made.json()['id']}").json() == made.json()
    found = graph.get("/applications", params={"$filter": "displayName eq 'findable'"}).json()["value"]
    assert [app["id"] for app in found] == [made.json()["id"]]


def test_select_keeps_only_what_was_asked_for(graph: httpx.Client) -> None:
    app = register(graph)
    answer = graph.get(
        f"../beta/applications/{app.object_id}", params={"$select": "oauth2RequirePostResponse"}
    )
    assert answer.json() == {"id": app.object_id, "oauth2RequirePostResponse": False}


@pytest.mark.parametrize(
    "uri",
    [
        "https://portal.example/",
        "https://portal.example/cb?tenant=1",
        "http://localhost/cb",
        "http://localhost:8400/cb",
        "http://127.0.0.1:8400/cb",
        "https://portal.example/" + "x" * 233,
    ],
)
def test_redirect_uri_is_accepted(graph: httpx.Client, uri: str) -> None:
    made = graph.post("/applications", json=application(web={"redirectUris": [uri]}))
    assert made.json()["web"]["redirectUris"] == [uri]


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("http://portal.example/cb", "must begin with https"),
        ("http://[::1]/cb", "must begin with https"),
        ("ftp://portal.example/cb", "must begin with https"),
        ("portal", "must begin with https"),
        ("https:///cb", "must have a host"),
        ("https://*.portal.example/cb", "wildcard"),
        ("https://portal.example/cb#top", "fragment"),
        ("https://portal.example", "path"),
        ("https://portal.example/" + "x" * 234, "At most 256"),
        ("https://portal.example/a b", "none of"),
        *((f"https://portal.example/{character}", "none of") for character in "!$'(),;"),
        ("", "must not be empty"),
        (5, "should be a valid string"),
    ],
)
def test_redirect_uri_is_refused(graph: httpx.Client, uri: object, why: str) -> None:
    answer = graph.post("/applications", json=application(web={"redirectUris": [uri]}))
    refused(answer, 400, "Request_BadRequest", why)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"displayName": ""}, "displayName"),
        ({"displayName": None}, "value is required"),
        ({"displayName": "x" * 121}, "at most 120 characters"),
        ({"displayName": 5}, "should be a valid string"),
        ({"description": "x" * 1025}, "at most 1024 characters"),
        ({"signInAudience": "Everybody"}, "'PersonalMicrosoftAccount'"),
        ({"api": {"requestedAccessTokenVersion": 3}}, "requestedAccessTokenVersion is invalid"),
        ({"colour": "blue"}, "Invalid property 'colour'"),
        ({"web": {"colour": "blue"}}, "Invalid property 'colour'"),
        ({"web": {"logoutUrl": "http://portal.example/out"}}, "https://"),
        ({"web": {"logoutUrl": "https://portal.example/" + "x" * 233}}, "255"),
        ({"web": {"redirectUris": [REDIRECT_URI, REDIRECT_URI]}}, "duplicate"),
        ({"web": {"redirectUris": [f"https://portal.example/{n}" for n in range(257)]}}, "At most 256"),
        ({"groupMembershipClaims": "Everything"}, "Supported are"),
        *(
            ({"optionalClaims": {"idToken": [{"name": name}]}}, f"'{name}' cannot be an optional claim")
            for name in ("sub", "oid", "tid", "name", "idtyp")
        ),
        ({"optionalClaims": {"idToken": [{"name": "x", "source": "application"}]}}, "source"),
        ({"optionalClaims": {"idToken": ["email"]}}, "optionalClaims.idToken"),
        ({"appRoles": [ROLE | {"id": "1"}]}, "GUID"),
        ({"appRoles": [ROLE | {"value": "portal user"}]}, "no spaces"),
        ({"appRoles": [ROLE | {"value": ".user"}]}, "no leading dot"),
        ({"appRoles": [ROLE | {"allowedMemberTypes": []}]}, "allowedMemberTypes"),
        ({"appRoles": [ROLE, ROLE | {"id": NOBODY}]}, "duplicate"),
        ({"requiredResourceAccess": [{"resourceAppId": MICROSOFT_GRAPH}] * 2}, "duplicate"),
        (
            {
                "requiredResourceAccess": [
                    {"resourceAppId": MICROSOFT_GRAPH, "resourceAccess": [{"id": "openid", "type": "Scope"}]}
                ]
            },
            "GUID",
        ),
    ],
)
def test_application_is_refused(graph: httpx.Client, changes: dict[str, Any], why: str) -> None:
    refused(graph.post("/applications", json=application(**changes)), 400, "Request_BadRequest", why)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def spoiled_applications(draw: st.DrawFn) -> dict[str, Any]:
    """A good application with anything at all in one place."""
    whole = changed(
        resources.Application,
        {},
        application(
            appRoles=[ROLE],
            optionalClaims={"idToken": [{"name": "email"}]},
            requiredResourceAccess=[
                {"resourceAppId": NOBODY, "resourceAccess": [{"id": NOBODY, "type": "Scope"}]}
            ],
            api={"oauth2PermissionScopes": [{"id": NOBODY, "value": "use"}]},
        ),
    )
    place: Any = whole
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(JSON)
            return whole
        place = place[key]


@settings(max_examples=400, deadline=None)
@given(spoiled_applications())
def test_nonsense_is_refused_and_never_an_accident(spoiled: dict[str, Any]) -> None:
    try:
        body = changed(resources.Application, {}, spoiled)
        application_rules.check_application(body, {})
    except GraphError:
        return
    principal = ServicePrincipal(Application(body), {})
    assert all(isinstance(scope, str) for scope in principal.scopes)
    assert application_document(principal.application)["appId"]


def test_unknown_optional_claims_and_idtyp_in_the_access_token_are_accepted(graph: httpx.Client) -> None:
    claims = {"idToken": [{"name": "brand_new"}], "accessToken": [{"name": "idtyp"}]}
    assert graph.post("/applications", json=application(optionalClaims=claims)).status_code == 201


@pytest.mark.parametrize("audience", ["AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"])
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"api": {"requestedAccessTokenVersion": 1}}, "requestedAccessTokenVersion is invalid"),
        ({"displayName": "x" * 91}, "At most 90"),
        ({"web": {"redirectUris": ["https://portal.example/?a=b"]}}, "query string"),
        ({"web": {"redirectUris": [f"https://portal.example/{n}" for n in range(101)]}}, "At most 100"),
        ({"appRoles": [ROLE]}, "Not supported for personal"),
    ],
)
def test_personal_accounts_have_stricter_rules(
    graph: httpx.Client, audience: str, changes: dict[str, Any], why: str
) -> None:
    answer = graph.post("/applications", json=application(signInAudience=audience, **changes))
    refused(answer, 400, "Request_BadRequest", why)


def test_patch_replaces_lists_merges_api_and_web_and_null_clears(graph: httpx.Client) -> None:
    app = register(
        graph,
        notes="keep me?",
        api={"requestedAccessTokenVersion": 2, "knownClientApplications": [NOBODY]},
        web={"redirectUris": [REDIRECT_URI], "homePageUrl": "https://portal.example"},
        tags=["b", "a"],
    )
    path = f"/applications/{app.object_id}"
    change = {
        "@odata.type": "#microsoft.graph.application",
        "id": app.object_id,
        "notes": None,
        "tags": ["c"],
        "api": {"acceptMappedClaims": False},
        "web": {"redirectUris": ["https://other.example/cb"]},
    }
    assert graph.patch(path, json=change).status_code == 204
    after = graph.get(path).json()
    assert (after["notes"], after["tags"]) == (None, ["c"])
    assert after["api"]["requestedAccessTokenVersion"] == 2
    assert after["api"]["knownClientApplications"] == [NOBODY]
    assert after["web"]["homePageUrl"] == "https://portal.example"
    assert after["web"]["redirectUris"] == ["https://other.example/cb"]


def test_optional_claims_are_replaced_as_a_whole(graph: httpx.Client) -> None:
    app = register(graph, optionalClaims={"idToken": [{"name": "email"}, {"name": "upn"}]})
    path = f"/applications/{app.object_id}"
    claims = graph.get(path).json()["optionalClaims"]
    assert [claim["name"] for claim in claims["idToken"]] == ["email", "upn"]
    assert claims["idToken"][0]["essential"] is False
    graph.patch(path, json={"optionalClaims": {}}).raise_for_status()
    empty: dict[str, list[str]] = {"idToken": [], "accessToken": [], "saml2Token": []}
    assert graph.get(path).json()["optionalClaims"] == empty


def test_refused_patch_changes_nothing(graph: httpx.Client) -> None:
    app = register(graph)
    path = f"/applications/{app.object_id}"
    before = graph.get(path).json()
    change = {"displayName": "New", "web": {"redirectUris": ["http://portal.example/"]}}
    assert graph.patch(path, json=change).status_code == 400
    assert graph.get(path).json() == before


def test_app_role_must_be_disabled_before_it_goes(graph: httpx.Client) -> None:
    app = register(graph, appRoles=[ROLE])
    path = f"/applications/{app.object_id}"
    refused(
        graph.patch(path, json={"appRoles": []}),
        400,
        "CannotDeleteOrUpdateEnabledEntitlement",
        "disabled first",
    )
    graph.patch(path, json={"appRoles": [ROLE | {"isEnabled": False}]}).raise_for_status()
    assert graph.patch(path, json={"appRoles": []}).status_code == 204


def test_service_principal_shows_its_application_as_of_now(graph: httpx.Client) -> None:
    app = register(graph)
    change = {
        "appRoles": [ROLE],
        "displayName": "Renamed",
        "web": {"redirectUris": ["https://new.example/cb"]},
    }
    graph.patch(f"/applications/{app.object_id}", json=change).raise_for_status()
    shown = graph.get(f"/servicePrincipals/{app.service_principal_id}").json()
    assert [role["value"] for role in shown["appRoles"]] == ["portal.user"]
    assert (shown["displayName"], shown["replyUrls"]) == ("Renamed", ["https://new.example/cb"])
    assert shown["appOwnerOrganizationId"] == TENANT


def test_deleted_application_is_gone_with_all_that_hangs_on_it(
    entra: LocalEntra, graph: httpx.Client
) -> None:
    before = entra.holdings()
    app = register(graph, displayName="Short-lived")
    assign(graph, app, ADA.oid).raise_for_status()
    assert entra.holdings() == {kind: count + 1 for kind, count in before.items()}
    assert graph.delete(f"/applications/{app.object_id}").status_code == 204
    assert entra.holdings() == before
    assert graph.get(f"/applications/{app.object_id}").status_code == 404
    assert graph.get(f"/servicePrincipals/{app.service_principal_id}").status_code == 404
    assert graph.delete(f"/applications/{app.object_id}").status_code == 404
    assert graph.get("/applications", params={"$filter": "displayName eq 'Short-lived'"}).json() == {
        "value": []
    }


def test_deleted_service_principal_takes_consent_and_assignments_along(
    entra: LocalEntra, graph: httpx.Client
) -> None:
    app = register(graph)
    assign(graph, app, ADA.oid).raise_for_status()
    before = entra.holdings()
    assert graph.delete(f"/servicePrincipals/{app.service_principal_id}").status_code == 204
    gone = {"applications": 0, "service principals": 1, "grants": 1, "assignments": 1}
    assert entra.holdings() == {kind: before[kind] - gone[kind] for kind in before}


# Secrets


@pytest.mark.parametrize(
    "end",
    [end_in(1), end_in(700), end_in(100).replace("Z", ".0000000+02:00")],
    ids=["tomorrow", "nearly two years", "with an offset"],
)
def test_secret_end_is_echoed_as_it_was_sent(graph: httpx.Client, end: str) -> None:
    path = f"/applications/{register(graph).object_id}"
    credential = {"displayName": "portal", "endDateTime": end}
    made = graph.post(f"{path}/addPassword", json={"passwordCredential": credential}).json()
    assert (made["endDateTime"], made["displayName"], bool(made["secretText"])) == (end, "portal", True)
    shown = {secret["keyId"]: secret for secret in graph.get(path).json()["passwordCredentials"]}
    assert shown[made["keyId"]] == made | {"secretText": None}


def test_secret_without_end_lasts_two_years(graph: httpx.Client) -> None:
    app = register(graph)
    made = graph.post(f"/applications/{app.object_id}/addPassword", json={}).json()
    end = datetime.fromisoformat(made["endDateTime"])
    assert timedelta(days=729) < end - datetime.now(UTC) < timedelta(days=732)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("2026-01-01", "Request_BadRequest"),
        ("soon", "Request_BadRequest"),
        ("2027-02-30T00:00:00Z", "Request_BadRequest"),
        ("2020-01-01T00:00:00Z", "Request_BadRequest"),
        (5, "Request_BadRequest"),
        pytest.param(end_in(800), "CredentialInvalidLifetimeAsPerAppPolicy", id="over two years"),
    ],
)
def test_secret_end_is_refused(graph: httpx.Client, end: object, code: str) -> None:
    app = register(graph)
    credential = {"passwordCredential": {"endDateTime": end}}
    answer = graph.post(f"/applications/{app.object_id}/addPassword", json=credential)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_third_secret_is_refused_for_personal_accounts(graph: httpx.Client) -> None:
    app = register(graph, signInAudience="PersonalMicrosoftAccount")
    path = f"/applications/{app.object_id}/addPassword"
    assert graph.post(path, json={}).status_code == 200
    assert graph.post(path, json={}).status_code == 400


def test_removed_secret_is_gone_and_cannot_be_removed_twice(graph: httpx.Client) -> None:
    app = register(graph)
    path = f"/applications/{app.object_id}"
    key = {"keyId": graph.get(path).json()["passwordCredentials"][0]["keyId"]}
    assert graph.post(f"{path}/removePassword", json=key).status_code == 204
    assert graph.get(path).json()["passwordCredentials"] == []
    assert graph.post(f"{path}/removePassword", json=key).status_code == 400


# Service principals, owners, consent, assignments


def test_second_service_principal_is_a_conflict(graph: httpx.Client) -> None:
    app = register(graph)
    answer = graph.post("/servicePrincipals", json={"appId": app.client_id})
    refused(answer, 409, "Request_MultipleObjectsWithSameKeyValue", "already in use")


def test_service_principal_needs_an_application(graph: httpx.Client) -> None:
    answer = graph.post("/servicePrincipals", json={"appId": NOBODY})
    refused(answer, 400, "Request_BadRequest", "does not reference a valid application object")


def test_microsofts_own_service_principal_offers_the_known_scopes_and_cannot_be_deleted(
    graph: httpx.Client,
) -> None:
    path = f"/servicePrincipals/{graph_principal(graph)}"
    scopes = {scope["value"]: scope["id"] for scope in graph.get(path).json()["oauth2PermissionScopes"]}
    assert scopes == GRAPH_SCOPES
    refused(graph.delete(path), 403, "Authorization_RequestDenied", "Insufficient privileges")
    assert graph.get(path).is_success
    assert graph.patch(path, json={"tags": []}).status_code == 204


@pytest.mark.parametrize("collection", ["applications", "servicePrincipals"])
def test_owners_can_be_added_and_removed(entra: LocalEntra, graph: httpx.Client, collection: str) -> None:
    app = register(graph)
    path = (
        f"/{collection}/{app.object_id if collection == 'applications' else app.service_principal_id}/owners"
    )
    reference = {"@odata.id": f"{entra.authority}/v1.0/directoryObjects/{ADA.oid}"}
    assert graph.post(f"{path}/$ref", json=reference).status_code == 204
    assert [owner["id"] for owner in graph.get(path).json()["value"]] == [ADA.oid]
    assert graph.post(f"{path}/$ref", json=reference).status_code == 400
    assert graph.delete(f"{path}/{ADA.oid}/$ref").status_code == 204
    assert graph.delete(f"{path}/{ADA.oid}/$ref").status_code == 404


def test_owner_must_exist(graph: httpx.Client) -> None:
    bound = {"owners@odata.bind": [f"https://graph.microsoft.com/v1.0/directoryObjects/{NOBODY}"]}
    answer = graph.post("/applications", json=application() | bound)
    refused(answer, 404, "Request_ResourceNotFound", NOBODY)


def test_second_consent_for_the_same_resource_is_a_conflict(graph: httpx.Client) -> None:
    app = register(graph, consent="openid")
    grant = {
        "clientId": app.service_principal_id,
        "consentType": "AllPrincipals",
        "resourceId": graph_principal(graph),
        "scope": "email",
    }
    answer = graph.post("/oauth2PermissionGrants", json=grant)
    refused(answer, 409, "Request_MultipleObjectsWithSameKeyValue", "Permission entry already exists.")
    personal = grant | {"consentType": "Principal", "principalId": ADA.oid}
    assert graph.post("/oauth2PermissionGrants", json=personal).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"clientId": NOBODY}, 404),
        ({"resourceId": NOBODY}, 404),
        ({"resourceId": None}, 400),
        ({"consentType": "Everybody"}, 400),
        ({"consentType": "Principal"}, 400),
        ({"consentType": "Principal", "principalId": NOBODY}, 404),
        ({"principalId": ADA.oid}, 400),
        ({"scope": None}, 400),
        ({"principalId": {}}, 400),
    ],
)
def test_consent_is_refused(graph: httpx.Client, changes: dict[str, Any], status: int) -> None:
    app = register(graph, consent=None)
    grant = {
        "clientId": app.service_principal_id,
        "consentType": "AllPrincipals",
        "resourceId": graph_principal(graph),
        "scope": "openid",
    }
    assert graph.post("/oauth2PermissionGrants", json=grant | changes).status_code == status


def test_consent_can_be_read_listed_changed_and_revoked(graph: httpx.Client) -> None:
    app = register(graph, consent="openid email")
    of_app = graph.get(f"/servicePrincipals/{app.service_principal_id}/oauth2PermissionGrants").json()[
        "value"
    ]
    assert [grant["scope"] for grant in of_app] == ["openid email"]
    path = f"/oauth2PermissionGrants/{of_app[0]['id']}"
    assert "/" not in of_app[0]["id"]
    assert graph.patch(path, json={"scope": "openid"}).status_code == 204
    assert graph.get(path).json()["scope"] == "openid"
    assert graph.delete(path).status_code == 204
    assert [graph.get(path).status_code, graph.delete(path).status_code] == [404, 404]


def test_assignment_is_made_once(graph: httpx.Client) -> None:
    app = register(graph, appRoles=[ROLE])
    made = assign(graph, app, APP_USERS.oid, str(ROLE["id"]))
    assert made.status_code == 201
    assert made.json()["principalType"] == "Group"
    again = assign(graph, app, APP_USERS.oid, str(ROLE["id"]))
    refused(again, 400, "Request_BadRequest", "Permission being assigned already exists")
    assert assign(graph, app, APP_USERS.oid, DEFAULT_ACCESS).status_code == 201
    path = f"/servicePrincipals/{app.service_principal_id}/appRoleAssignedTo"
    assert len(graph.get(path).json()["value"]) == 2
    assert graph.delete(f"{path}/{made.json()['id']}").status_code == 204
    assert graph.get(f"{path}/{made.json()['id']}").status_code == 404


def test_assignment_needs_a_principal_and_a_role_for_its_kind(graph: httpx.Client) -> None:
    app = register(graph, appRoles=[ROLE])
    assert assign(graph, app, NOBODY).status_code == 404
    refused(assign(graph, app, ADA.oid, NOBODY), 400, "Request_BadRequest", "was not found on application")
    to_service = assign(graph, app, app.service_principal_id, str(ROLE["id"]))
    refused(to_service, 400, "Request_BadRequest", "was not found on application")


# People, groups, filters


def test_person_is_found_as_the_provider_looks(graph: httpx.Client) -> None:
    for clause in (
        f"userPrincipalName eq '{ADA.principal_name}'",
        f"mail eq '{ADA.mail}'",
        "mailNickname eq 'ada'",
    ):
        found = graph.get("/users", params={"$filter": clause}).json()["value"]
        assert [person["id"] for person in found] == [ADA.oid]
    assert graph.get(f"/users/{GRACE.oid}").json()["userType"] == "Guest"
    assert graph.get(f"/users/{NOOR.oid}").json()["mail"] is None
    assert graph.get(f"/users/{ADA.oid}/manager").status_code == 404


def test_group_is_found_as_the_provider_looks(graph: httpx.Client) -> None:
    clause = "displayName eq 'App Users' and mailEnabled eq false and securityEnabled eq true"
    found = graph.get("../beta/groups", params={"$filter": clause}).json()["value"]
    assert [group["id"] for group in found] == [APP_USERS.oid]
    members = graph.get(f"../beta/groups/{APP_USERS.oid}/transitiveMembers").json()["value"]
    assert {member["id"] for member in members} == {ADA.oid, NOOR.oid}
    assert graph.get(f"../beta/groups/{ADMINS.oid}/owners").json() == {"value": []}


def test_filter_reads_text_flags_and_doubled_apostrophes() -> None:
    text = "displayName eq 'It''s mine and yours' and securityEnabled eq true"
    assert parse_filter(text, "groups") == {"displayName": "It's mine and yours", "securityEnabled": True}


@pytest.mark.parametrize(
    "text",
    [
        "displayName eq 'It's mine'",
        "displayName eq 'x",
        "displayName eq x",
        "displayName ne 'x'",
        "displayName eq 'x' or displayName eq 'y'",
        "displayName eq 'x' and ",
        "startswith(displayName,'x')",
        "surname eq 'x'",
        "",
    ],
)
def test_filter_is_refused(text: str) -> None:
    with pytest.raises(GraphError) as caught:
        parse_filter(text, "groups")
    assert caught.value.status == 400


def test_unsupported_query_option_is_refused_rather_than_ignored(graph: httpx.Client) -> None:
    assert graph.get("/applications", params={"$search": "x"}).status_code == 400


def test_request_log_has_method_path_and_status_and_no_secrets(
    entra: LocalEntra, graph: httpx.Client
) -> None:
    graph.get("/applications", params={"$filter": "displayName eq 'x'"})
    assert entra.requests[-1] == ("GET", "/v1.0/applications", 200)
    assert entra.environment()["ARM_CLIENT_SECRET"] not in repr(entra.requests) + repr(
        entra.directory.applications
    )
