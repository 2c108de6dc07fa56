"""What Entra ID refuses of applications and their secrets."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.entra import application_rules, resources
from sandbox.entra.directory import MICROSOFT_GRAPH, Application, ServicePrincipal
from sandbox.entra.documents import application_document
from sandbox.entra.errors import GraphError
from sandbox.entra.resources import changed
from tests.sandbox.entra.fixtures import (
    NOBODY,
    REDIRECT_URI,
    ROLE,
    application,
    refused,
    register,
)


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
def test_a_spoiled_application_is_refused_or_can_be_shown(spoiled: dict[str, Any]) -> None:
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


def end_in(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


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
