"""Service principals, owners, consent grants and assignments."""

from typing import Any

import httpx
import pytest

from sandbox.entra.directory import DEFAULT_ACCESS, GRAPH_SCOPES
from sandbox.entra.server import LocalEntra
from sandbox.entra.users import ADA, APP_USERS
from tests.sandbox.entra.fixtures import (
    NOBODY,
    ROLE,
    application,
    assign,
    graph_principal,
    refused,
    register,
)


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
