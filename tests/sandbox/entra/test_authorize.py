"""Signing in at the local Entra ID: the code flow, its refusals, sessions, consent, claims, tokens."""

import base64
import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from sandbox.entra import LocalEntra
from sandbox.entra.redirect_uris import browser_address, is_prefix_domain, is_registered
from sandbox.entra.users import ADA, ADMINS, APP_USERS, DIANA, GRACE, NOOR, PEOPLE, UDO
from tests.sandbox.entra.fixtures import (
    REDIRECT_URI,
    TENANT,
    Browser,
    Registered,
    assign,
    claims_of,
    fails,
    graph_client,
    id_claims,
    redeem,
    register,
    returned,
    shows,
    started,
)

OTHER_TENANT = "99999999-1111-4111-8111-111111111111"
ROLE_ID = "6f1c0000-0000-4000-8000-000000000001"
ROLES = [
    {"allowedMemberTypes": ["User"], "displayName": "User", "id": ROLE_ID, "value": "portal.user"},
    {
        "allowedMemberTypes": ["User"],
        "displayName": "Other",
        "id": "6f1c0000-0000-4000-8000-000000000002",
        "value": "portal.other",
    },
]
CLAIMS = {"idToken": [{"name": name} for name in ("email", "family_name", "given_name", "upn", "xms_edov")]}
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEntra]:
    yield from started(tmp_path_factory.mktemp("entra"))


@pytest.fixture(scope="module")
def graph(entra: LocalEntra) -> Iterator[httpx.Client]:
    with graph_client(entra) as client:
        yield client


@pytest.fixture(scope="module")
def app(graph: httpx.Client) -> Registered:
    """An application as the stack registers it; tests that change theirs register another."""
    return register(
        graph,
        optionalClaims=CLAIMS,
        web={
            "redirectUris": [REDIRECT_URI, "http://localhost/cb"],
            "logoutUrl": "https://portal.example/out",
        },
    )


@pytest.fixture
def browser(entra: LocalEntra) -> Iterator[Browser]:
    with Browser(entra) as browser:
        yield browser


# The whole way


def test_code_flow_with_secret_and_pkce_gives_a_token_that_the_served_keys_confirm(
    entra: LocalEntra, browser: Browser, app: Registered
) -> None:
    page = browser.authorize(app, code_challenge=CHALLENGE, code_challenge_method="S256")
    assert page.is_success
    answer = returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))
    assert answer["state"] == "st/ate"
    tokens = redeem(browser, app, answer["code"], code_verifier=VERIFIER).raise_for_status()
    assert tokens.headers["cache-control"] == "no-store"
    claims = id_claims(browser, tokens.json()["id_token"])
    assert claims["iss"] == f"{entra.authority}/{TENANT}/v2.0"
    assert (claims["aud"], claims["nonce"], claims["ver"]) == (app.client_id, "n-0nce", "2.0")
    assert (claims["oid"], claims["tid"]) == (ADA.oid, TENANT)
    assert claims["iat"] <= time.time() < claims["exp"]
    assert claims["exp"] - claims["iat"] == 70 * 60
    assert claims["name"] == "Ada Lovelace"
    assert claims["preferred_username"] == ADA.principal_name
    assert (claims["email"], claims["given_name"], claims["family_name"]) == (ADA.mail, "Ada", "Lovelace")
    assert claims["xms_edov"] is True
    assert "email_verified" not in claims
    bearer = {"Authorization": f"Bearer {tokens.json()['access_token']}"}
    info = browser.http.get("/oidc/userinfo", headers=bearer).raise_for_status().json()
    assert (info["sub"], info["email"], info["name"]) == (claims["sub"], ADA.mail, "Ada Lovelace")
    assert browser.http.post("/oidc/userinfo", headers=bearer).json() == info
    assert browser.http.get("/v1.0/users", headers=bearer).status_code == 403


def test_discovery_document_names_endpoints_that_exist(entra: LocalEntra, browser: Browser) -> None:
    document = browser.http.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").json()
    tenant = f"{entra.authority}/{TENANT}"
    assert document["issuer"] == f"{tenant}/v2.0"
    assert document["authorization_endpoint"] == f"{tenant}/oauth2/v2.0/authorize"
    assert document["token_endpoint"] == f"{tenant}/oauth2/v2.0/token"
    assert document["end_session_endpoint"] == f"{tenant}/oauth2/v2.0/logout"
    assert document["userinfo_endpoint"] == f"{entra.authority}/oidc/userinfo"
    assert "email_verified" not in document["claims_supported"]
    keys = browser.http.get(document["jwks_uri"]).json()["keys"]
    assert [(key["kty"], key["use"]) for key in keys] == [("RSA", "sig")]
    assert "d" not in keys[0]


@pytest.mark.parametrize(
    ("tenant", "number"),
    [
        (OTHER_TENANT, 90002),
        ("contoso.example", 90002),
        *((name, 50194) for name in ("common", "organizations")),
    ],
)
def test_unknown_tenants_and_the_shared_endpoints_are_refused(
    browser: Browser, tenant: str, number: int
) -> None:
    document = browser.http.get(f"/{tenant}/v2.0/.well-known/openid-configuration")
    assert (document.status_code, document.json()["error_codes"]) == (400, [number])
    fails(browser.http.post(f"/{tenant}/oauth2/v2.0/token", data={}), 400, "invalid_request", number)
    shows(browser.http.get(f"/{tenant}/oauth2/v2.0/authorize"), f"AADSTS{number}")
    shows(browser.http.get(f"/{tenant}/adminconsent"), f"AADSTS{number}")


def test_signing_out_of_an_unknown_tenant_is_refused(browser: Browser) -> None:
    shows(browser.http.get(f"/{OTHER_TENANT}/oauth2/v2.0/logout"), "AADSTS90002")


# Authorization requests


def test_unknown_application_is_an_error_page(browser: Browser, app: Registered) -> None:
    shows(browser.authorize(app, client_id=OTHER_TENANT), "AADSTS700016")
    shows(browser.authorize(app, client_id=None), "AADSTS900144")


def test_application_without_service_principal_is_unknown(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    graph.delete(f"/servicePrincipals/{app.service_principal_id}").raise_for_status()
    shows(browser.authorize(app), "AADSTS700016")


def test_disabled_application_is_an_error_page(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    graph.patch(f"/servicePrincipals/{app.service_principal_id}", json={"accountEnabled": False})
    shows(browser.authorize(app), "AADSTS7000112")


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/",
        REDIRECT_URI + "/",
        REDIRECT_URI + "?x=1",
        REDIRECT_URI.upper(),
        REDIRECT_URI.replace("https", "http"),
        REDIRECT_URI.replace("portal.example", "portal.example:443"),
        "http://user@localhost/cb",
        None,
    ],
)
def test_redirect_uri_that_is_not_registered_is_an_error_page_and_never_a_redirect(
    browser: Browser, app: Registered, uri: str | None
) -> None:
    page = browser.authorize(app, redirect_uri=uri)
    shows(page, "AADSTS50011")
    assert "location" not in page.headers


def test_application_without_redirect_uris_is_an_error_page(browser: Browser, graph: httpx.Client) -> None:
    shows(browser.authorize(register(graph, web={})), "AADSTS500113")


def test_port_of_a_registered_loopback_address_may_differ() -> None:
    registered = ["http://localhost/cb", "https://localhost/cb"]
    assert is_registered("http://localhost:8400/cb", registered)
    assert not is_registered("http://localhost:8400/other", registered)
    assert not is_registered("https://localhost:8400/cb", registered)
    assert not is_registered("http://127.0.0.1/cb", registered)


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type", "AADSTS700054"),
        ({"response_type": "code token"}, "unsupported_response_type", "AADSTS700051"),
        ({"response_type": "colour"}, "unsupported_response_type", "AADSTS70005"),
        ({"response_type": None}, "invalid_request", "AADSTS900144"),
        ({"scope": None}, "invalid_request", "AADSTS900144"),
        ({"scope": "profile"}, "invalid_scope", "AADSTS70011"),
        ({"scope": "openid Mail.Read"}, "invalid_client", "AADSTS650053"),
        ({"response_mode": "pigeon"}, "invalid_request", "AADSTS90023"),
        ({"prompt": "nicely"}, "invalid_request", "AADSTS90023"),
        ({"prompt": "none login"}, "invalid_request", "AADSTS90023"),
        ({"code_challenge": "short"}, "invalid_request", "AADSTS50147"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "S1"}, "invalid_request", "AADSTS90023"),
        ({"prompt": "none"}, "login_required", "AADSTS50058"),
    ],
)
def test_other_mistakes_are_told_to_the_application(
    browser: Browser, app: Registered, changes: dict[str, Any], error: str, code: str
) -> None:
    answer = browser.authorize(app, **changes)
    assert answer.headers["location"].startswith(f"{REDIRECT_URI}?")
    told = returned(answer)
    assert (told["error"], told["state"]) == (error, "st/ate")
    assert told["error_description"].startswith(f"{code}: ")


def test_id_token_in_the_front_channel_is_not_served_even_when_the_registration_allows_it(
    browser: Browser, graph: httpx.Client
) -> None:
    web = {"redirectUris": [REDIRECT_URI], "implicitGrantSettings": {"enableIdTokenIssuance": True}}
    told = returned(browser.authorize(register(graph, web=web), response_type="id_token"))
    assert told["error_description"].startswith("AADSTS70005: ")


def test_request_may_come_by_post(browser: Browser, app: Registered) -> None:
    fields = {
        "client_id": app.client_id,
        "response_type": "code",
        "redirect_uri": REDIRECT_URI,
        "scope": "openid profile email",
    }
    page = browser.http.post(f"/{TENANT}/oauth2/v2.0/authorize", data=fields)
    assert "code" in returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))


def test_form_post_brings_the_answer_in_a_form(browser: Browser, app: Registered) -> None:
    page = browser.sign_in(app, ADA.principal_name, response_mode="form_post")
    assert page.is_success
    assert f'action="{REDIRECT_URI}"' in page.text
    assert 'name="code"' in page.text
    assert 'name="state" value="st/ate"' in page.text
    assert '<button type="submit">' in page.text


def test_fragment_brings_the_answer_behind_the_hash(browser: Browser, app: Registered) -> None:
    answer = browser.sign_in(app, ADA.principal_name, response_mode="fragment")
    assert parse_qs(urlsplit(answer.headers["location"]).fragment)["state"] == ["st/ate"]


def test_query_of_the_redirect_uri_is_kept(browser: Browser, graph: httpx.Client) -> None:
    uri = f"{REDIRECT_URI}?tenant=1"
    app = register(graph, web={"redirectUris": [uri]})
    answer = browser.sign_in(app, ADA.principal_name, redirect_uri=uri)
    assert answer.headers["location"].startswith(f"{uri}&code=")


# The form


def test_sign_in_form_says_what_it_is_who_can_sign_in_and_where_to(browser: Browser, app: Registered) -> None:
    page = browser.authorize(app, login_hint='ada"@contoso.example')
    assert "local stand-in for Microsoft Entra ID" in page.text
    for person in PEOPLE:
        assert person.principal_name in page.text
    assert "My Portal" in page.text
    assert 'value="ada&quot;@contoso.example"' in page.text
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert "<script" not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


def test_names_are_shown_as_text_not_as_html(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, displayName="<script>alert(1)</script>")
    for page in (browser.authorize(app), browser.authorize(app, redirect_uri="<script>")):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [
        (ADA.principal_name, "wrong", "AADSTS50126"),
        (ADA.principal_name, "", "AADSTS50126"),
        ("nobody@contoso.example", "sandbox", "AADSTS50034"),
        ("", "sandbox", "AADSTS50034"),
        (DIANA.principal_name, "wrong", "AADSTS50126"),
        (DIANA.principal_name, "sandbox", "AADSTS50057"),
    ],
)
def test_wrong_sign_in_is_said_on_the_form_which_works_again(
    browser: Browser, app: Registered, username: str, password: str, code: str
) -> None:
    page = browser.sign_in(app, username, password)
    assert f"{code}:" in page.text
    assert f'value="{username}"' in page.text
    assert "wrong" not in page.text
    assert "code" in returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))


def test_form_can_be_answered_once(browser: Browser, app: Registered) -> None:
    page = browser.authorize(app)
    returned(browser.fill(page, username=ADA.principal_name, password="sandbox"))
    shows(browser.fill(page, username=ADA.principal_name, password="sandbox"), "AADSTS165000")


def test_form_of_another_browser_is_refused(entra: LocalEntra, browser: Browser, app: Registered) -> None:
    page = browser.authorize(app)
    with Browser(entra) as other:
        shows(other.fill(page, username=ADA.principal_name, password="sandbox"), "AADSTS165000")


def test_guest_signs_in_with_the_mail_address_of_home(browser: Browser, app: Registered) -> None:
    assert claims_of(browser, app, str(GRACE.mail).upper())["oid"] == GRACE.oid


# Sessions


def test_second_sign_in_does_not_ask_again(browser: Browser, app: Registered) -> None:
    browser.sign_in(app, ADA.principal_name)
    assert "code" in returned(browser.authorize(app))
    assert "code" in returned(browser.authorize(app, prompt="none"))
    assert "code" in returned(browser.authorize(app, login_hint=ADA.principal_name))


@pytest.mark.parametrize(
    "changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"login_hint": NOOR.principal_name}]
)
def test_session_is_not_used_when_the_request_asks_for_somebody(
    browser: Browser, app: Registered, changes: dict[str, str]
) -> None:
    browser.sign_in(app, ADA.principal_name)
    page = browser.authorize(app, **changes)
    assert 'name="password"' in page.text
    assert "code" in returned(browser.fill(page, username=NOOR.principal_name, password="sandbox"))


def test_session_cookie_is_out_of_reach_of_scripts_and_changes_with_every_sign_in(
    browser: Browser, app: Registered
) -> None:
    answer = browser.sign_in(app, ADA.principal_name)
    cookies = answer.headers.get_list("set-cookie")
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in cookies)
    first = browser.http.cookies["ESTSAUTH"]
    browser.sign_in(app, ADA.principal_name, prompt="login")
    assert browser.http.cookies["ESTSAUTH"] != first


def log_out(browser: Browser, **fields: str) -> httpx.Response:
    return browser.http.get(f"/{TENANT}/oauth2/v2.0/logout", params=fields)


def test_logout_ends_the_session(browser: Browser, app: Registered) -> None:
    browser.sign_in(app, ADA.principal_name)
    stolen = browser.http.cookies["ESTSAUTH"]
    assert "You signed out" in log_out(browser).text
    assert returned(browser.authorize(app, prompt="none"))["error"] == "login_required"
    browser.http.cookies.set("ESTSAUTH", stolen)
    assert returned(browser.authorize(app, prompt="none"))["error"] == "login_required"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("url", [REDIRECT_URI, "https://portal.example/out"])
def test_logout_goes_on_to_a_registered_address(browser: Browser, url: str) -> None:
    answer = log_out(browser, post_logout_redirect_uri=url, state="s 1")
    assert answer.headers["location"] == f"{url}?state=s+1"
    assert log_out(browser, post_logout_redirect_uri=url).headers["location"] == url


def test_logout_goes_nowhere_else(browser: Browser, app: Registered, graph: httpx.Client) -> None:
    page = log_out(browser, post_logout_redirect_uri="https://evil.example/")
    assert (page.status_code, "location" in page.headers) == (200, False)
    other = register(graph, web={"redirectUris": ["https://other.example/cb"]})
    fields = {"post_logout_redirect_uri": "https://other.example/cb", "client_id": app.client_id}
    assert "location" not in log_out(browser, **fields).headers
    assert "location" in log_out(browser, **fields | {"client_id": other.client_id}).headers


def test_logout_believes_the_id_token_hint_about_the_application(browser: Browser, app: Registered) -> None:
    code = returned(browser.sign_in(app, ADA.principal_name))["code"]
    hint = redeem(browser, app, code).json()["id_token"]
    fields = {"id_token_hint": hint, "post_logout_redirect_uri": REDIRECT_URI}
    assert log_out(browser, **fields).headers["location"] == REDIRECT_URI


# Who may sign in


def test_unassigned_person_is_refused_where_assignment_is_required(
    browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, assignment_required=True)
    assign(graph, app, APP_USERS.oid).raise_for_status()
    assert "code" in returned(browser.sign_in(app, NOOR.principal_name))
    page = browser.sign_in(app, UDO.principal_name, prompt="login")
    shows(page, "AADSTS50105")
    assert UDO.principal_name in page.text
    silent = returned(browser.authorize(app, prompt="none"))
    assert silent["error"] == "interaction_required"
    assign(graph, app, UDO.oid).raise_for_status()
    assert "code" in returned(browser.authorize(app))


@pytest.mark.parametrize("consent", [None, "profile email", "openid profile"])
def test_permission_without_consent_is_refused(
    browser: Browser, graph: httpx.Client, consent: str | None
) -> None:
    app = register(graph, consent=consent)
    shows(browser.sign_in(app, ADA.principal_name), "AADSTS65001")
    silent = returned(browser.authorize(app, prompt="none"))
    assert silent["error"] == "interaction_required"
    assert silent["error_description"].startswith("AADSTS65001: ")


def test_consent_for_one_person_is_for_nobody_else(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent="openid")
    grants = graph.get(f"/servicePrincipals/{app.service_principal_id}/oauth2PermissionGrants").json()[
        "value"
    ]
    personal = {
        "clientId": app.service_principal_id,
        "consentType": "Principal",
        "principalId": ADA.oid,
        "resourceId": grants[0]["resourceId"],
        "scope": "profile email",
    }
    graph.post("/oauth2PermissionGrants", json=personal).raise_for_status()
    assert claims_of(browser, app, ADA.principal_name)["email"] == ADA.mail
    shows(browser.sign_in(app, UDO.principal_name, prompt="login"), "AADSTS65001")


@pytest.fixture
def own_consent(entra: LocalEntra) -> Iterator[None]:
    entra.directory.users_may_consent = True
    yield
    entra.directory.users_may_consent = False


@pytest.mark.usefixtures("own_consent")
def test_person_who_may_consent_is_asked_once(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None)
    page = browser.sign_in(app, ADA.principal_name)
    assert "Permissions requested" in page.text
    assert "<li>openid</li>" in page.text
    assert "code" in returned(browser.fill(page, decision="accept"))
    assert "code" in returned(browser.authorize(app))
    assert "Permissions requested" in browser.authorize(app, prompt="consent").text


@pytest.mark.usefixtures("own_consent")
def test_person_who_declines_is_sent_back_with_access_denied(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None)
    told = returned(browser.fill(browser.sign_in(app, ADA.principal_name), decision="cancel"))
    assert (told["error"], told["state"]) == ("access_denied", "st/ate")
    assert told["error_description"].startswith("AADSTS65004: ")


@pytest.mark.usefixtures("own_consent")
def test_nobody_may_consent_where_assignment_is_required(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None, assignment_required=True)
    assign(graph, app, ADA.oid).raise_for_status()
    shows(browser.sign_in(app, ADA.principal_name), "AADSTS65001")


@pytest.mark.usefixtures("own_consent")
def test_consent_form_of_another_session_is_refused(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph, consent=None)
    page = browser.sign_in(app, ADA.principal_name)
    browser.sign_in(app, NOOR.principal_name, prompt="login")
    shows(browser.fill(page, decision="accept"), "AADSTS165000")


# Claims


def test_email_claim_needs_the_scope_and_an_address(browser: Browser, app: Registered) -> None:
    assert "email" not in claims_of(browser, app, ADA.principal_name, scope="openid profile")
    noor = claims_of(browser, app, NOOR.principal_name, prompt="login")
    assert not {"email", "xms_edov"} & set(noor)
    assert noor["given_name"] == "Noor"


def test_profile_claims_need_the_scope(browser: Browser, app: Registered) -> None:
    claims = claims_of(browser, app, ADA.principal_name, scope="openid email")
    assert not {"name", "preferred_username", "given_name", "family_name", "upn"} & set(claims)
    assert claims["email"] == ADA.mail


def test_optional_claims_need_the_registration(browser: Browser, graph: httpx.Client) -> None:
    claims = claims_of(browser, register(graph), ADA.principal_name)
    assert not {"given_name", "family_name", "upn", "xms_edov"} & set(claims)
    assert (claims["name"], claims["email"]) == ("Ada Lovelace", ADA.mail)


def test_guest_has_the_address_of_home_unverified_and_no_principal_name(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    claims = claims_of(browser, app, GRACE.principal_name)
    assert (claims["email"], claims["xms_edov"], "upn" in claims) == (GRACE.mail, False, False)
    upn = {"name": "upn", "additionalProperties": ["include_externally_authenticated_upn"]}
    showing = register(graph, optionalClaims={"idToken": [upn]})
    assert claims_of(browser, showing, GRACE.principal_name, prompt="login")["upn"] == GRACE.principal_name


def test_subject_is_the_same_every_time_and_different_for_every_registration(
    browser: Browser, app: Registered, graph: httpx.Client
) -> None:
    first, second = (
        claims_of(browser, app, ADA.principal_name),
        claims_of(browser, app, ADA.principal_name, prompt="login"),
    )
    other = claims_of(browser, register(graph), ADA.principal_name, prompt="login")
    noor = claims_of(browser, app, NOOR.principal_name, prompt="login")
    assert first["sub"] == second["sub"]
    assert len({first["sub"], other["sub"], noor["sub"], ADA.oid}) == 4
    assert first["oid"] == other["oid"]


def test_roles_come_from_assignments_of_the_person_and_their_groups(
    browser: Browser, graph: httpx.Client
) -> None:
    app = register(graph, appRoles=ROLES)
    assign(graph, app, APP_USERS.oid, ROLE_ID).raise_for_status()
    assign(graph, app, UDO.oid).raise_for_status()
    assert claims_of(browser, app, NOOR.principal_name)["roles"] == ["portal.user"]
    assert "roles" not in claims_of(browser, app, UDO.principal_name, prompt="login")


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
    assert claims_of(browser, app, ADA.principal_name).get("groups") == groups


def test_no_nonce_no_claim(browser: Browser, app: Registered) -> None:
    assert "nonce" not in claims_of(browser, app, ADA.principal_name, nonce=None)


# The token endpoint


@pytest.fixture
def code(browser: Browser, app: Registered) -> str:
    return returned(browser.sign_in(app, ADA.principal_name))["code"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"client_secret": "wrong"}, (401, "invalid_client", 7000215)),
        ({"client_secret": None}, (401, "invalid_client", 7000218)),
        ({"client_id": OTHER_TENANT}, (400, "unauthorized_client", 700016)),
        ({"client_id": None}, (400, "invalid_request", 900144)),
        ({"grant_type": None}, (400, "invalid_request", 900144)),
        ({"grant_type": "password"}, (400, "unsupported_grant_type", 70003)),
        ({"code": None}, (400, "invalid_request", 900144)),
        ({"code": "made-up"}, (400, "invalid_grant", 9002313)),
        ({"redirect_uri": "http://localhost/cb"}, (400, "invalid_grant", 500112)),
        ({"redirect_uri": None}, (400, "invalid_request", 900144)),
        ({"code_verifier": VERIFIER}, (400, "invalid_grant", 501481)),
    ],
)
def test_token_request_is_refused(
    browser: Browser,
    app: Registered,
    code: str,
    changes: dict[str, Any],
    refusal: tuple[int, str, int],
) -> None:
    fails(redeem(browser, app, code, **changes), *refusal)


def test_wrong_secret_is_nowhere_in_the_answer(browser: Browser, app: Registered) -> None:
    assert "my-wrong-secret" not in redeem(browser, app, "x", client_secret="my-wrong-secret").text


def test_code_is_good_once(browser: Browser, app: Registered, code: str) -> None:
    redeem(browser, app, code).raise_for_status()
    fails(redeem(browser, app, code), 400, "invalid_grant", 54005)


def test_code_is_for_its_client_only(browser: Browser, graph: httpx.Client, code: str) -> None:
    fails(redeem(browser, register(graph), code), 400, "invalid_grant", 70000)


def test_code_lasts_ten_minutes(entra: LocalEntra, browser: Browser, app: Registered, code: str) -> None:
    codes = entra.authorize.codes
    normal = codes.clock
    codes.clock = lambda: normal() + 601
    try:
        fails(redeem(browser, app, code), 400, "invalid_grant", 70008)
    finally:
        codes.clock = normal


@pytest.mark.parametrize(("verifier", "number"), [("w" * 64, 501481), (None, 50148)])
def test_code_with_a_challenge_needs_its_verifier(
    browser: Browser, app: Registered, verifier: str | None, number: int
) -> None:
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = returned(browser.sign_in(app, ADA.principal_name, **challenge))["code"]
    fails(redeem(browser, app, code, code_verifier=verifier), 400, "invalid_grant", number)


def test_any_current_secret_works_until_it_is_removed(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    path = f"/applications/{app.object_id}"
    new = graph.post(f"{path}/addPassword", json={}).json()["secretText"]
    for secret in (app.secret, new):
        code = returned(browser.sign_in(app, ADA.principal_name, prompt="login"))["code"]
        assert redeem(browser, app, code, client_secret=secret).is_success
    old = graph.get(path).json()["passwordCredentials"][0]["keyId"]
    graph.post(f"{path}/removePassword", json={"keyId": old}).raise_for_status()
    code = returned(browser.authorize(app))["code"]
    fails(redeem(browser, app, code), 401, "invalid_client", 7000215)


def test_expired_secret_has_its_own_error(entra: LocalEntra, browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    secret = entra.directory.application(app.object_id).secrets[0]
    secret.end = datetime.now(UTC) - timedelta(seconds=1)
    code = returned(browser.sign_in(app, ADA.principal_name))["code"]
    fails(redeem(browser, app, code), 401, "invalid_client", 7000222)


def test_deployers_wrong_secret_is_refused(entra: LocalEntra, browser: Browser) -> None:
    fields = {
        "grant_type": "client_credentials",
        "client_id": entra.environment()["ARM_CLIENT_ID"],
        "scope": f"{entra.authority}/.default",
        "client_secret": "wrong",
    }
    url = f"/{TENANT}/oauth2/v2.0/token"
    fails(browser.http.post(url, data=fields), 401, "invalid_client", 7000215)
    fields["client_secret"] = entra.environment()["ARM_CLIENT_SECRET"]
    assert browser.http.post(url, data=fields).json()["expires_in"] == 3599
    fails(browser.http.post(url, data=fields | {"scope": "User.Read"}), 400, "invalid_scope", 1002012)


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}])
def test_userinfo_needs_a_token(browser: Browser, header: dict[str, str]) -> None:
    answer = browser.http.get("/oidc/userinfo", headers=header)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_userinfo_knows_what_the_scopes_allow(browser: Browser, app: Registered) -> None:
    code = returned(browser.sign_in(app, ADA.principal_name, scope="openid"))["code"]
    token = redeem(browser, app, code).json()["access_token"]
    info = browser.http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert set(info) == {"sub"}


# Cognito's domain lives on this machine


@pytest.mark.parametrize(
    ("url", "there"),
    [
        ("https://demo.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse?a=b", "/oauth2/idpresponse?a=b"),
        ("https://demo.auth-fips.us-gov-west-1.amazoncognito.com/oauth2/idpresponse", "/oauth2/idpresponse"),
        ("https://demo.auth.eu-west-1.amazoncognito.com.evil.example/", None),
        ("https://evil.example/?demo.auth.eu-west-1.amazoncognito.com", None),
        ("https://a.b.auth.eu-west-1.amazoncognito.com/", None),
        ("https://portal.example/cb", None),
    ],
)
def test_browser_is_sent_to_the_local_cognito_for_cognitos_hosts_only(url: str, there: str | None) -> None:
    local = "http://localhost:4566"

    def cognito_at(host: str) -> str | None:
        return f"{local}/" if is_prefix_domain(host) else None

    assert browser_address(url, cognito_at) == (url if there is None else f"{local}{there}")
    assert browser_address(url, lambda _: None) == url


def test_code_and_sign_out_reach_the_local_cognito(
    entra: LocalEntra, browser: Browser, graph: httpx.Client
) -> None:
    uri = "https://demo.auth.eu-west-1.amazoncognito.com/oauth2/idpresponse"
    app = register(graph, web={"redirectUris": [uri]})
    entra.cognito_url = "http://localhost:4566"
    try:
        answer = browser.sign_in(app, ADA.principal_name, redirect_uri=uri)
        sign_out = log_out(browser, post_logout_redirect_uri=uri)
    finally:
        entra.cognito_url = None
    assert answer.headers["location"].startswith("http://localhost:4566/oauth2/idpresponse?code=")
    assert redeem(browser, app, returned(answer)["code"], redirect_uri=uri).is_success
    assert sign_out.headers["location"] == "http://localhost:4566/oauth2/idpresponse"
