"""Groups in the tokens of the local Entra ID: how many fit, what they are called, in which claim they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest

from sandbox.entra import LocalEntra
from sandbox.entra.users import ADA, ADMINS, APP_USERS, Group
from tests.sandbox.entra.fixtures import Browser, assign, claims_of, graph_client, register, started

ROLE_ID = "6f1c0000-0000-4000-8000-000000000001"
ROLES = [{"allowedMemberTypes": ["User"], "displayName": "User", "id": ROLE_ID, "value": "portal.user"}]


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEntra]:
    yield from started(tmp_path_factory.mktemp("entra"))


@pytest.fixture(scope="module")
def graph(entra: LocalEntra) -> Iterator[httpx.Client]:
    with graph_client(entra) as client:
        yield client


@pytest.fixture
def browser(entra: LocalEntra) -> Iterator[Browser]:
    with Browser(entra) as browser:
        yield browser


@contextmanager
def in_groups(entra: LocalEntra, count: int) -> Iterator[list[Group]]:
    """Ada is in this many groups altogether."""
    own = [APP_USERS, ADMINS]
    more = [
        Group(oid=str(UUID(int=number)), display_name=f"Group {number}", members=(ADA.oid,))
        for number in range(1, count - len(own) + 1)
    ]
    entra.directory.groups.update({group.oid: group for group in more})
    try:
        yield [*own, *more]
    finally:
        for group in more:
            del entra.directory.groups[group.oid]


def groups_claim(*properties: str) -> dict[str, object]:
    return {"idToken": [{"name": "groups", "additionalProperties": list(properties)}]}


def test_200_groups_are_in_the_token(entra: LocalEntra, browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, groupMembershipClaims="SecurityGroup")
    with in_groups(entra, 200) as groups:
        claims = claims_of(browser, app, ADA.principal_name)
    assert sorted(claims["groups"]) == sorted(group.oid for group in groups)
    assert "_claim_names" not in claims


def test_of_more_groups_the_token_says_where_they_can_be_read(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, groupMembershipClaims="All", appRoles=ROLES)
    assign(graph, app, ADA.oid, ROLE_ID).raise_for_status()
    with in_groups(entra, 201):
        claims = claims_of(browser, app, ADA.principal_name)
    assert "groups" not in claims
    assert "hasgroups" not in claims
    assert claims["_claim_names"] == {"groups": "src1"}
    endpoint = f"{entra.authority}/v1.0/users/{ADA.oid}/getMemberObjects"
    assert claims["_claim_sources"] == {"src1": {"endpoint": endpoint}}
    assert claims["roles"] == ["portal.user"]


def test_only_groups_that_would_be_in_the_token_count(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    assigned = register(graph, groupMembershipClaims="ApplicationGroup")
    assign(graph, assigned, ADMINS.oid).raise_for_status()
    with in_groups(entra, 201):
        claims = claims_of(browser, assigned, ADA.principal_name)
        none = claims_of(browser, register(graph), ADA.principal_name, prompt="login")
    assert claims["groups"] == [ADMINS.oid]
    assert not {"_claim_names", "groups"} & set(none)


@pytest.mark.parametrize(
    ("membership", "expected"),
    [
        ("ApplicationGroup", [APP_USERS.display_name]),
        ("SecurityGroup", [APP_USERS.oid, ADMINS.oid]),
        ("SecurityGroup, ApplicationGroup", [APP_USERS.oid, ADMINS.oid]),
        ("None", None),
    ],
)
def test_names_are_for_groups_assigned_to_the_application_only(
    browser: Browser, graph: httpx.Client, membership: str, expected: list[str] | None
) -> None:
    app = register(graph, groupMembershipClaims=membership, optionalClaims=groups_claim("cloud_displayname"))
    assign(graph, app, APP_USERS.oid).raise_for_status()
    assert claims_of(browser, app, ADA.principal_name).get("groups") == expected


def test_groups_as_roles_take_the_place_of_the_applications_own(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = register(
        graph,
        appRoles=ROLES,
        groupMembershipClaims="ApplicationGroup",
        optionalClaims=groups_claim("cloud_displayname", "emit_as_roles"),
    )
    assign(graph, app, APP_USERS.oid, ROLE_ID).raise_for_status()
    claims = claims_of(browser, app, ADA.principal_name)
    assert claims["roles"] == [APP_USERS.display_name]
    assert "groups" not in claims
    graph.patch(f"/applications/{app.object_id}", json={"groupMembershipClaims": "SecurityGroup"})
    with in_groups(entra, 201):
        claims = claims_of(browser, app, ADA.principal_name, prompt="login")
    assert not {"roles", "groups"} & set(claims)
    assert "_claim_sources" in claims
