"""What the tokens of the local Entra ID say of a person: claims, roles, groups."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest

from sandbox.entra.server import LocalEntra
from sandbox.entra.users import ADA, ADMINS, APP_USERS, GRACE, NOOR, UDO, Group
from tests.sandbox.entra.fixtures import (
    ROLE_ID,
    ROLES,
    Browser,
    Registered,
    assign,
    register,
)


def test_email_claim_needs_the_scope_and_an_address(browser: Browser, app: Registered) -> None:
    assert "email" not in browser.claims_of(app, ADA.principal_name, scope="openid profile")
    noor = browser.claims_of(app, NOOR.principal_name, prompt="login")
    assert not {"email", "xms_edov"} & set(noor)
    assert noor["given_name"] == "Noor"


def test_profile_claims_need_the_scope(browser: Browser, app: Registered) -> None:
    claims = browser.claims_of(app, ADA.principal_name, scope="openid email")
    assert not {"name", "preferred_username", "given_name", "family_name", "upn"} & set(claims)
    assert claims["email"] == ADA.mail


def test_optional_claims_need_the_registration(browser: Browser, graph: httpx.Client) -> None:
    claims = browser.claims_of(register(graph), ADA.principal_name)
    assert not {"given_name", "family_name", "upn", "xms_edov"} & set(claims)
    assert (claims["name"], claims["email"]) == ("Ada Lovelace", ADA.mail)


def test_optional_claims_are_in_their_own_form(browser: Browser, graph: httpx.Client) -> None:
    names = ("acct", "ctry", "onprem_sid", "tenant_ctry", "xms_pl", "xms_tpl", "in_corp")
    app = register(graph, optionalClaims={"idToken": [{"name": name} for name in names]})
    claims = browser.claims_of(app, ADA.principal_name)
    # Nobody here signs in from inside a corporate network.
    assert {name: claims.get(name) for name in names} == {
        "acct": 0,
        "ctry": "GB",
        "onprem_sid": "S-1-5-21-1815-1852-1",
        "tenant_ctry": "GB",
        "xms_pl": "en-gb",
        "xms_tpl": "en",
        "in_corp": None,
    }


def test_a_directory_extension_has_to_be_asked_for_as_one_by_its_own_application(
    browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph)
    own, foreign = (
        f"extension_{id_.replace('-', '')}_employeeType" for id_ in (app.client_id, app.object_id)
    )
    for claim, sent in (
        ({"name": own, "source": "user"}, "Analyst"),
        ({"name": own}, None),
        ({"name": own.lower(), "source": "user"}, None),
        ({"name": foreign, "source": "user"}, None),
    ):
        graph.patch(f"/applications/{app.object_id}", json={"optionalClaims": {"idToken": [claim]}})
        claims = browser.claims_of(app, ADA.principal_name, prompt="login")
        assert claims.get("extn.employeeType") == sent, claim


def test_a_policy_writes_into_the_token_of_an_application_that_accepts_it(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph)
    entra.directory.service_principal(app.service_principal_id).policy = {"number": "employeeid"}
    browser.sign_in(app, ADA.principal_name)
    assert "AADSTS50146" in browser.authorize(app).text
    api = {"requestedAccessTokenVersion": 2, "acceptMappedClaims": True}
    graph.patch(f"/applications/{app.object_id}", json={"api": api})
    assert browser.claims_of(app, ADA.principal_name, prompt="login")["number"] == "E1815"


def test_guest_has_the_address_of_home_unverified_and_no_principal_name(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    claims = browser.claims_of(app, GRACE.principal_name)
    assert (claims["email"], claims["xms_edov"], "upn" in claims) == (GRACE.mail, False, False)
    upn = {"name": "upn", "additionalProperties": ["include_externally_authenticated_upn"]}
    showing = register(graph, optionalClaims={"idToken": [upn]})
    assert browser.claims_of(showing, GRACE.principal_name, prompt="login")["upn"] == GRACE.principal_name


def test_subject_is_the_same_every_time_and_different_for_every_registration(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    first, second = (
        browser.claims_of(app, ADA.principal_name),
        browser.claims_of(app, ADA.principal_name, prompt="login"),
    )
    other = browser.claims_of(register(graph), ADA.principal_name, prompt="login")
    noor = browser.claims_of(app, NOOR.principal_name, prompt="login")
    assert first["sub"] == second["sub"]
    assert len({first["sub"], other["sub"], noor["sub"], ADA.oid}) == 4
    assert first["oid"] == other["oid"]


def test_roles_come_from_assignments_of_the_person_and_their_groups(
    browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, appRoles=ROLES)
    assign(graph, app, APP_USERS.oid, ROLE_ID).raise_for_status()
    assign(graph, app, UDO.oid).raise_for_status()
    assert browser.claims_of(app, NOOR.principal_name)["roles"] == ["portal.reader"]
    assert "roles" not in browser.claims_of(app, UDO.principal_name, prompt="login")


@pytest.mark.parametrize(
    ("membership", "groups"),
    [
        (None, None),
        ("None", None),
        ("ApplicationGroup", [APP_USERS.oid]),
        ("SecurityGroup", [APP_USERS.oid, ADMINS.oid]),
        ("All", [APP_USERS.oid, ADMINS.oid]),
    ],
)
def test_groups_come_as_the_registration_asks(
    browser: Browser, graph: httpx.Client, membership: str | None, groups: list[str] | None
) -> None:
    app = register(graph, groupMembershipClaims=membership)
    assign(graph, app, APP_USERS.oid).raise_for_status()
    assert browser.claims_of(app, ADA.principal_name).get("groups") == groups


def test_no_nonce_no_claim(browser: Browser, app: Registered) -> None:
    assert "nonce" not in browser.claims_of(app, ADA.principal_name, nonce=None)


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
        claims = browser.claims_of(app, ADA.principal_name)
    assert sorted(claims["groups"]) == sorted(group.oid for group in groups)
    assert "_claim_names" not in claims


def test_of_more_groups_the_token_says_where_they_can_be_read(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, groupMembershipClaims="All", appRoles=ROLES)
    assign(graph, app, ADA.oid, ROLE_ID).raise_for_status()
    with in_groups(entra, 201):
        claims = browser.claims_of(app, ADA.principal_name)
    assert "groups" not in claims
    assert "hasgroups" not in claims
    assert claims["_claim_names"] == {"groups": "src1"}
    endpoint = f"{entra.authority}/v1.0/users/{ADA.oid}/getMemberObjects"
    assert claims["_claim_sources"] == {"src1": {"endpoint": endpoint}}
    assert claims["roles"] == ["portal.reader"]


def test_only_groups_that_would_be_in_the_token_count(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    assigned = register(graph, groupMembershipClaims="ApplicationGroup")
    assign(graph, assigned, ADMINS.oid).raise_for_status()
    with in_groups(entra, 201):
        claims = browser.claims_of(assigned, ADA.principal_name)
        none = browser.claims_of(register(graph), ADA.principal_name, prompt="login")
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
    assert browser.claims_of(app, ADA.principal_name).get("groups") == expected


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
    claims = browser.claims_of(app, ADA.principal_name)
    assert claims["roles"] == [APP_USERS.display_name]
    assert "groups" not in claims
    graph.patch(f"/applications/{app.object_id}", json={"groupMembershipClaims": "SecurityGroup"})
    with in_groups(entra, 201):
        claims = browser.claims_of(app, ADA.principal_name, prompt="login")
    assert not {"roles", "groups"} & set(claims)
    assert "_claim_sources" in claims
