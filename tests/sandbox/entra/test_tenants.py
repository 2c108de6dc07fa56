"""Several tenants at the local Entra ID: customers and personal accounts sign in to one application."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from sandbox.entra.errors import GraphError
from sandbox.entra.server import LocalEntra
from sandbox.entra.tenants import (
    ADATUM,
    ADATUM_STAFF,
    ANTON,
    FABRIKAM,
    FABRIKAM_BUYERS,
    FABRIKAM_STAFF,
    FELIX,
    FIONA,
    FRIDA,
    GRACE_AT_HOME,
    PAULA,
    PERSONAL,
)
from sandbox.entra.users import ADA, ALAN, GRACE, Person
from tests.sandbox.entra.fixtures import (
    CLAIMS,
    REDIRECT_URI,
    ROLES,
    TENANT,
    Browser,
    Registered,
    application_token,
    deployer_token,
    fails,
    register,
    register_for_all,
    returned,
    shows,
)

FABRIKAM_ID, ADATUM_ID, PERSONAL_ID = FABRIKAM.tenant_id, ADATUM.tenant_id, PERSONAL.tenant_id
EVERYBODY = "AzureADandPersonalMicrosoftAccount"


def consented(entra: LocalEntra, app: Registered) -> Registered:
    """The application with the consent of both customers' administrators."""
    for tenant in (FABRIKAM, ADATUM):
        administrator = next(person for person in tenant.people if person.is_administrator)
        with Browser(entra) as browser:
            page = browser.admin_consent(app, administrator.principal_name, tenant=tenant.tenant_id)
            returned(browser.fill(page, decision="accept"))
    return app


@pytest.fixture(scope="module")
def app(entra: LocalEntra, graph: httpx.Client) -> Registered:
    return consented(entra, register_for_all(graph, optionalClaims=CLAIMS, appRoles=ROLES))


# Customers


@pytest.mark.parametrize(("tenant", "person"), [(FABRIKAM_ID, FRIDA), (ADATUM_ID, ANTON)])
def test_person_of_a_customer_signs_in_with_the_issuer_of_that_tenant(
    entra: LocalEntra, browser: Browser, app: Registered, tenant: str, person: Person
) -> None:
    claims = browser.claims_of(app, person.principal_name, tenant=tenant)
    document = browser.http.get(f"/{tenant}/v2.0/.well-known/openid-configuration").json()
    assert claims["iss"] == document["issuer"] == f"{entra.authority}/{tenant}/v2.0"
    assert document["token_endpoint"] == f"{entra.authority}/{tenant}/oauth2/v2.0/token"
    assert document["jwks_uri"] == f"{entra.authority}/{tenant}/discovery/v2.0/keys"
    assert browser.http.get(document["jwks_uri"]).json()["keys"][0]["issuer"] == claims["iss"]
    assert (claims["tid"], claims["oid"], claims["aud"]) == (tenant, person.oid, app.client_id)
    assert (claims["email"], claims["xms_edov"], claims["acct"]) == (person.mail, True, 0)
    assert claims["upn"] == person.principal_name
    assert claims["given_name"] == person.given_name


def test_userinfo_knows_people_of_every_tenant_and_graph_only_those_of_home(
    browser: Browser, app: Registered
) -> None:
    code = browser.code_of(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
    tokens = browser.redeem(app, code, tenant=FABRIKAM_ID).json()
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    info = browser.http.get("/oidc/userinfo", headers=bearer).raise_for_status().json()
    assert (info["name"], info["email"]) == (FRIDA.display_name, FRIDA.mail)
    assert browser.http.get(f"/v1.0/users/{FRIDA.oid}", headers=bearer).status_code == 401


def test_deployer_sees_the_home_tenant_only(entra: LocalEntra, graph: httpx.Client) -> None:
    assert graph.get(f"/users/{FRIDA.oid}").status_code == 404
    assert graph.get(f"/groups/{FABRIKAM_STAFF.oid}").status_code == 404
    fails(deployer_token(entra, tenant=FABRIKAM_ID), 400, "unauthorized_client", 700016)


def test_application_itself_is_known_to_a_tenant_after_consent_only(
    entra: LocalEntra, app: Registered, graph: httpx.Client
) -> None:
    new = register_for_all(graph)
    assert application_token(entra, app.client_id, app.secret, tenant=FABRIKAM_ID).is_success
    answer = application_token(entra, new.client_id, new.secret, tenant=FABRIKAM_ID)
    fails(answer, 400, "unauthorized_client", 7000229)


def test_a_person_has_another_subject_in_every_tenant(browser: Browser, app: Registered) -> None:
    guest = browser.claims_of(app, str(GRACE.mail))
    member = browser.claims_of(app, GRACE_AT_HOME.principal_name, tenant=FABRIKAM_ID)
    assert (guest["oid"], member["oid"]) == (GRACE.oid, GRACE_AT_HOME.oid)
    assert guest["sub"] != member["sub"]
    assert (guest["acct"], member["acct"]) == (1, 0)


def test_customer_without_consent_is_asked_for_it(browser: Browser, graph: httpx.Client) -> None:
    app = register_for_all(graph)
    shows(browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID), "AADSTS65001")
    silent = returned(browser.authorize(app, tenant=FABRIKAM_ID, prompt="none"))
    assert silent["error"] == "interaction_required"
    assert "code" in returned(browser.sign_in(app, ADA.principal_name))


def test_people_of_a_customer_consent_for_themselves_where_their_tenant_lets_them(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app, directory = register_for_all(graph), entra.tenants[FABRIKAM_ID]
    directory.users_may_consent = True
    try:
        page = browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
        assert directory.service_principal_of(app.client_id) is None
        assert "code" in returned(browser.fill(page, decision="accept"))
    finally:
        directory.users_may_consent = False
    assert directory.service_principal_of(app.client_id) is not None
    assert "code" in returned(browser.authorize(app, tenant=FABRIKAM_ID))
    shows(browser.sign_in(app, FELIX.principal_name, tenant=FABRIKAM_ID, prompt="login"), "AADSTS65001")


def test_administrator_may_consent_for_themselves(browser: Browser, graph: httpx.Client) -> None:
    page = browser.sign_in(register(graph, consent=None), ALAN.principal_name)
    assert "Permissions requested" in page.text
    assert "code" in returned(browser.fill(page, decision="accept"))


def test_application_of_one_tenant_is_unknown_at_every_other(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    shows(browser.authorize(app, tenant=FABRIKAM_ID), "AADSTS700016")
    shows(browser.authorize(app, tenant=PERSONAL_ID), "AADSTS9002332")
    answer = browser.redeem(app, "x", tenant=ADATUM_ID)
    fails(answer, 400, "unauthorized_client", 700016)


def test_application_that_becomes_one_tenants_is_closed_to_customers(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    app = consented(entra, register_for_all(graph))
    graph.patch(f"/applications/{app.object_id}", json={"signInAudience": "AzureADMyOrg"}).raise_for_status()
    shows(browser.authorize(app, tenant=FABRIKAM_ID), "AADSTS700016")
    assert "code" in returned(browser.sign_in(app, ADA.principal_name))


@pytest.mark.parametrize(
    ("tenant", "username", "words"),
    [
        (FABRIKAM_ID, ADA.principal_name, ("AADSTS50020:", f"https://sts.windows.net/{TENANT}/")),
        (FABRIKAM_ID, GRACE.principal_name, ("AADSTS50034:",)),
        (ADATUM_ID, FRIDA.principal_name, ("AADSTS50020:", f"https://sts.windows.net/{FABRIKAM_ID}/")),
        (TENANT, FRIDA.principal_name, ("AADSTS50020:", f"https://sts.windows.net/{FABRIKAM_ID}/")),
        (FABRIKAM_ID, PAULA.principal_name, ("AADSTS50020:", "live.com")),
    ],
)
def test_account_of_another_tenant_is_refused(
    browser: Browser, app: Registered, tenant: str, username: str, words: tuple[str, ...]
) -> None:
    page = browser.sign_in(app, username, tenant=tenant)
    assert page.status_code == 400
    for word in words:
        assert word in page.text
    assert "AADSTS50020" not in browser.sign_in(app, username, "wrong", tenant=tenant).text


def test_account_of_another_tenant_that_is_invited_signs_in_as_a_guest(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    guest = replace(GRACE, oid="a2a00000-0000-4000-8000-00000000ada1", mail=ADA.mail, principal_name="a#EXT#")
    people = entra.tenants[FABRIKAM_ID].people
    people[guest.oid] = guest
    try:
        claims = browser.claims_of(app, str(ADA.mail), tenant=FABRIKAM_ID)
    finally:
        del people[guest.oid]
    assert (claims["oid"], claims["tid"], claims["acct"]) == (guest.oid, FABRIKAM_ID, 1)


def test_address_that_the_tenant_does_not_own_is_not_told_to_an_application_of_several_tenants(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    felix = browser.claims_of(app, FELIX.principal_name, tenant=FABRIKAM_ID)
    assert not {"email", "xms_edov"} & set(felix)
    grace = browser.claims_of(app, str(GRACE.mail))
    assert "email" not in grace
    alone = browser.claims_of(register(graph), str(GRACE.mail), prompt="login")
    assert alone["email"] == GRACE.mail


def test_code_is_redeemed_at_the_tenant_that_gave_it(browser: Browser, app: Registered) -> None:
    code = browser.code_of(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
    fails(browser.redeem(app, code, tenant=ADATUM_ID), 400, "invalid_grant", 700005)


def test_session_of_one_tenant_is_none_at_another(browser: Browser, app: Registered) -> None:
    browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
    assert "code" in returned(browser.authorize(app, tenant=FABRIKAM_ID, prompt="none"))
    page = browser.authorize(app, tenant=ADATUM_ID)
    assert 'name="password"' in page.text
    assert ANTON.principal_name in page.text
    assert FRIDA.principal_name not in page.text
    assert returned(browser.authorize(app, tenant=ADATUM_ID, prompt="none"))["error"] == "login_required"


def test_sign_in_form_of_one_tenant_is_refused_at_another(browser: Browser, app: Registered) -> None:
    page = browser.authorize(app, tenant=FABRIKAM_ID)
    ticket = page.text.split('name="ticket" value="')[1].split('"')[0]
    fields = {"ticket": ticket, "username": ANTON.principal_name, "password": "sandbox"}
    shows(browser.http.post(f"/{ADATUM_ID}/oauth2/v2.0/authorize", data=fields), "AADSTS165000")


# Assignments


def test_assignments_count_in_their_own_tenant(entra: LocalEntra, graph: httpx.Client) -> None:
    app = consented(entra, register_for_all(graph, appRoles=ROLES, assignment_required=True))
    entra.assign(FABRIKAM_ID, app.client_id, FABRIKAM_BUYERS, "portal.buyer")
    entra.assign(FABRIKAM_ID, app.client_id, FRIDA, "portal.reader")
    entra.assign(FABRIKAM_ID, app.client_id, FIONA)
    with Browser(entra) as browser:
        frida = browser.claims_of(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
        assert frida["roles"] == ["portal.buyer", "portal.reader"]
        grace = browser.claims_of(app, GRACE_AT_HOME.principal_name, tenant=FABRIKAM_ID, prompt="login")
        assert grace["roles"] == ["portal.buyer"]
        for person in (FIONA, FELIX):
            claims = browser.claims_of(app, person.principal_name, tenant=FABRIKAM_ID, prompt="login")
            assert "roles" not in claims
        assert "roles" not in browser.claims_of(app, ANTON.principal_name, tenant=ADATUM_ID)
        shows(browser.sign_in(app, ADA.principal_name), "AADSTS50105")


def test_customer_may_require_assignment(entra: LocalEntra, browser: Browser, graph: httpx.Client) -> None:
    app = consented(entra, register_for_all(graph))
    principal = entra.tenants[FABRIKAM_ID].service_principal_of(app.client_id)
    assert principal is not None
    principal.body["appRoleAssignmentRequired"] = True
    entra.assign(FABRIKAM_ID, app.client_id, FABRIKAM_BUYERS)
    assert "code" in returned(browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID))
    shows(browser.sign_in(app, FELIX.principal_name, tenant=FABRIKAM_ID, prompt="login"), "AADSTS50105")


def test_impossible_assignment_is_refused(entra: LocalEntra, app: Registered, graph: httpx.Client) -> None:
    for principal, role, client_id in (
        (FRIDA, "portal.nobody", app.client_id),
        (ANTON, None, app.client_id),
        (FRIDA, None, register_for_all(graph).client_id),
    ):
        with pytest.raises(GraphError):
            entra.assign(FABRIKAM_ID, client_id, principal, role)


def test_groups_are_those_of_the_tenant(entra: LocalEntra, browser: Browser, graph: httpx.Client) -> None:
    app = consented(entra, register_for_all(graph, groupMembershipClaims="SecurityGroup"))
    frida = browser.claims_of(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
    assert frida["groups"] == [FABRIKAM_BUYERS.oid, FABRIKAM_STAFF.oid]
    anton = browser.claims_of(app, ANTON.principal_name, tenant=ADATUM_ID)
    assert anton["groups"] == [ADATUM_STAFF.oid]


# Personal accounts


@pytest.fixture(scope="module")
def for_everybody(graph: httpx.Client) -> Registered:
    return register_for_all(graph, signInAudience=EVERYBODY, optionalClaims=CLAIMS)


def test_person_with_a_personal_account_consents_once_and_signs_in(
    entra: LocalEntra, browser: Browser, for_everybody: Registered
) -> None:
    page = browser.sign_in(for_everybody, PAULA.principal_name, tenant=PERSONAL_ID)
    assert "Permissions requested" in page.text
    answer = browser.fill(page, decision="accept")
    code = returned(answer)["code"]
    assert browser.redeem(for_everybody, code, tenant=PERSONAL_ID).is_success
    claims = browser.claims_of(for_everybody, PAULA.principal_name, tenant=PERSONAL_ID, prompt="login")
    assert claims["iss"] == f"{entra.authority}/{PERSONAL_ID}/v2.0"
    assert claims["tid"] == "9188040d-6c67-4c5b-b112-36a304b66dad"
    assert claims["oid"].startswith("00000000-0000-0000-")
    assert (claims["email"], claims["preferred_username"]) == (PAULA.mail, PAULA.principal_name)
    assert (claims["given_name"], claims["family_name"]) == (PAULA.given_name, PAULA.surname)
    assert not {"upn", "acct", "xms_edov", "roles", "groups"} & set(claims)


def test_person_with_a_personal_account_may_decline(browser: Browser, graph: httpx.Client) -> None:
    app = register_for_all(graph, signInAudience=EVERYBODY)
    page = browser.sign_in(app, PAULA.principal_name, tenant=PERSONAL_ID)
    assert returned(browser.fill(page, decision="cancel"))["error"] == "access_denied"


def test_work_account_does_not_sign_in_where_personal_ones_do(
    browser: Browser, for_everybody: Registered
) -> None:
    page = browser.sign_in(for_everybody, ADA.principal_name, tenant=PERSONAL_ID)
    assert "AADSTS500208:" in page.text


@pytest.mark.parametrize(
    ("audience", "tenant", "code"),
    [
        ("AzureADMultipleOrgs", PERSONAL_ID, "AADSTS9002332"),
        ("PersonalMicrosoftAccount", TENANT, "AADSTS9002331"),
        ("PersonalMicrosoftAccount", FABRIKAM_ID, "AADSTS9002331"),
    ],
)
def test_application_is_refused_where_it_is_not_for_that_kind_of_account(
    browser: Browser, graph: httpx.Client, audience: str, tenant: str, code: str
) -> None:
    shows(browser.authorize(register_for_all(graph, signInAudience=audience), tenant=tenant), code)


def test_application_for_personal_accounts_only_serves_them(browser: Browser, graph: httpx.Client) -> None:
    app = register_for_all(graph, signInAudience="PersonalMicrosoftAccount")
    page = browser.sign_in(app, PAULA.principal_name, tenant=PERSONAL_ID)
    assert "code" in returned(browser.fill(page, decision="accept"))


# The shared endpoints


@pytest.mark.parametrize("shared", ["common", "organizations", "consumers"])
def test_shared_endpoint_signs_nobody_in(browser: Browser, graph: httpx.Client, shared: str) -> None:
    app = register_for_all(graph)
    shows(browser.authorize(app, tenant=shared), "AADSTS90130")
    shows(browser.authorize(register(graph), tenant=shared), "AADSTS50194")
    fails(browser.redeem(app, "x", tenant=shared), 400, "invalid_request", 90130)


@pytest.mark.parametrize("where", ["common", "organizations", TENANT, ADATUM_ID, FABRIKAM_ID])
def test_signing_out_anywhere_ends_the_session_of_a_person_of_any_tenant(
    browser: Browser, app: Registered, where: str
) -> None:
    browser.sign_in(app, FRIDA.principal_name, tenant=FABRIKAM_ID)
    fields = {"post_logout_redirect_uri": REDIRECT_URI, "client_id": app.client_id}
    answer = browser.http.get(f"/{where}/oauth2/v2.0/logout", params=fields)
    assert answer.headers["location"] == REDIRECT_URI
    told = returned(browser.authorize(app, tenant=FABRIKAM_ID, prompt="none"))
    assert told["error"] == "login_required"


# What a deployment leaves


def test_deleted_application_leaves_an_orphan_at_the_customer_that_counts_as_nothing(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    before = entra.holdings()
    app = consented(entra, register_for_all(graph))
    with_home_only = {kind: count + 1 for kind, count in before.items() if kind != "assignments"}
    assert entra.holdings() == before | with_home_only
    graph.delete(f"/applications/{app.object_id}").raise_for_status()
    assert entra.holdings() == before
    assert entra.tenants[FABRIKAM_ID].service_principal_of(app.client_id) is not None
    shows(browser.authorize(app, tenant=FABRIKAM_ID), "AADSTS700016")


def test_home_tenant_is_none_of_the_others(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="another tenant"):
        LocalEntra(tenant_id=FABRIKAM_ID, folder=tmp_path)


def test_everybody_and_every_group_has_an_id_of_their_own(entra: LocalEntra) -> None:
    ids = [
        identifier
        for directory in entra.tenants.values()
        for identifier in (*directory.people, *directory.groups)
    ]
    assert len(set(ids)) == len(ids)
