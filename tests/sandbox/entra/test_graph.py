"""Microsoft Graph: who may call, how objects change, what is found."""

import httpx
import pytest

from sandbox.entra.errors import GraphError
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.odata import parse_filter
from sandbox.entra.server import LocalEntra
from sandbox.entra.users import ADA, ADMINS, APP_USERS, GRACE, NOOR
from tests.sandbox.entra.fixtures import (
    NO_TLS,
    NOBODY,
    REDIRECT_URI,
    ROLE,
    TENANT,
    Registered,
    application,
    application_token,
    assign,
    graph_client,
    refused,
    register,
)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer a.b.c"}])
def test_call_without_a_valid_token_is_refused(entra: LocalEntra, header: dict[str, str]) -> None:
    answer = httpx.get(f"{entra.authority}/v1.0/applications", headers=header, verify=NO_TLS)
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_token_of_an_application_without_permissions_is_refused(
    entra: LocalEntra, graph: httpx.Client
) -> None:
    app = register(graph)
    token = application_token(entra, app.client_id, app.secret).json()["access_token"]
    bearer = {"Authorization": f"Bearer {token}"}
    answer = httpx.get(f"{entra.authority}/v1.0/applications", headers=bearer, verify=NO_TLS)
    refused(answer, 403, "Authorization_RequestDenied", "Insufficient privileges")


def with_permissions(entra: LocalEntra, *permissions: str) -> httpx.Client:
    """The deployer, with these permissions alone."""
    entra.allow_deployer(permissions)
    try:
        return graph_client(entra)
    finally:
        entra.allow_deployer(GRAPH_ROLES)


def test_owned_by_changes_only_what_the_caller_owns(entra: LocalEntra, graph: httpx.Client) -> None:
    theirs = register(graph)
    owned_by = with_permissions(entra, "Application.ReadWrite.OwnedBy")
    refused(
        owned_by.patch(f"/applications/{theirs.object_id}", json={"displayName": "Mine"}),
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges",
    )
    assert owned_by.post(f"/applications/{theirs.object_id}/addPassword", json={}).status_code == 403
    assert owned_by.get(f"/applications/{theirs.object_id}").is_success
    me = entra.directory.service_principal_of(entra.environment()["ARM_CLIENT_ID"])
    assert me is not None
    owner = {"owners@odata.bind": [f"{entra.authority}/v1.0/directoryObjects/{me.id}"]}
    own = owned_by.post("/applications", json=application(**owner)).json()
    assert owned_by.patch(f"/applications/{own['id']}", json={"displayName": "Mine"}).is_success


@pytest.mark.parametrize(
    ("permission", "may", "may_not"),
    [
        (
            "Application.Read.All",
            ["/applications", "/servicePrincipals"],
            ["/users", "/oauth2PermissionGrants"],
        ),
        ("Directory.Read.All", ["/applications", "/oauth2PermissionGrants", "/users", "/groups"], []),
        ("User.Read.All", ["/users"], ["/groups", "/applications"]),
        ("AppRoleAssignment.ReadWrite.All", [], ["/applications", "/servicePrincipals", "/users"]),
    ],
)
def test_each_permission_reads_what_it_is_for(
    entra: LocalEntra, permission: str, may: list[str], may_not: list[str]
) -> None:
    client = with_permissions(entra, permission)
    assert [path for path in [*may, *may_not] if client.get(path).is_success] == may
    assert client.post("/applications", json=application()).status_code == 403


def test_unknown_route_is_a_graph_error(graph: httpx.Client) -> None:
    refused(graph.get("/me"), 400, "BadRequest", "Resource not found for the segment")


def test_malformed_body_is_a_graph_error(graph: httpx.Client) -> None:
    refused(graph.post("/applications", content=b"[1"), 400, "BadRequest", "Unable to read JSON")


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
    assert [role["value"] for role in shown["appRoles"]] == ["portal.reader"]
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


def test_person_is_found_as_the_provider_filters(graph: httpx.Client) -> None:
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


def test_group_is_found_as_the_provider_filters(graph: httpx.Client) -> None:
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


def test_a_logo_is_a_small_picture(graph: httpx.Client, app: Registered) -> None:
    path = f"/applications/{app.object_id}"
    assert graph.get(path).json()["info"]["logoUrl"] is None
    for wrong in (b"", b"<svg/>", b"\x89PNG" + bytes(100_000)):
        assert graph.put(f"{path}/logo", content=wrong).status_code == 400
    assert graph.put(f"{path}/logo", content=b"\x89PNG and more").status_code == 204
    assert graph.get(path).json()["info"]["logoUrl"].endswith(app.object_id)


def test_objects_are_found_by_their_ids_and_who_is_gone_is_not(graph: httpx.Client, app: Registered) -> None:
    ids = [ADA.oid, ADMINS.oid, app.service_principal_id, NOBODY]
    found = graph.post("/directoryObjects/getByIds", json={"ids": ids})
    assert (found.status_code, [one["id"] for one in found.json()["value"]]) == (200, ids[:3])
    assert graph.post("/directoryObjects/getByIds", json={}).status_code == 400
