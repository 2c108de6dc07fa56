"""Codes and secrets at the token endpoint, and what userinfo answers."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from sandbox.entra.server import LocalEntra
from sandbox.entra.users import ADA
from tests.sandbox.entra.fixtures import (
    CHALLENGE,
    OTHER_TENANT,
    VERIFIER,
    Browser,
    Registered,
    deployer_token,
    fails,
    register,
    returned,
)


@pytest.fixture
def code(browser: Browser, app: Registered) -> str:
    return browser.code_of(app, ADA.principal_name)


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
    fails(browser.redeem(app, code, **changes), *refusal)


def test_wrong_secret_is_nowhere_in_the_answer(browser: Browser, app: Registered) -> None:
    assert "my-wrong-secret" not in browser.redeem(app, "x", client_secret="my-wrong-secret").text


def test_code_is_good_once(browser: Browser, app: Registered, code: str) -> None:
    browser.redeem(app, code).raise_for_status()
    fails(browser.redeem(app, code), 400, "invalid_grant", 54005)


def test_code_is_for_its_client_only(browser: Browser, graph: httpx.Client, code: str) -> None:
    fails(browser.redeem(register(graph), code), 400, "invalid_grant", 70000)


def test_code_lasts_ten_minutes(entra: LocalEntra, browser: Browser, app: Registered, code: str) -> None:
    codes = entra.sign_in.codes
    normal = codes.clock
    codes.clock = lambda: normal() + 601
    try:
        fails(browser.redeem(app, code), 400, "invalid_grant", 70008)
    finally:
        codes.clock = normal


@pytest.mark.parametrize(("verifier", "number"), [("w" * 64, 501481), (None, 50148)])
def test_code_with_a_challenge_needs_its_verifier(
    browser: Browser, app: Registered, verifier: str | None, number: int
) -> None:
    challenge = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = browser.code_of(app, ADA.principal_name, **challenge)
    fails(browser.redeem(app, code, code_verifier=verifier), 400, "invalid_grant", number)


def test_any_current_secret_works_until_it_is_removed(browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    path = f"/applications/{app.object_id}"
    new = graph.post(f"{path}/addPassword", json={}).json()["secretText"]
    for secret in (app.secret, new):
        code = browser.code_of(app, ADA.principal_name, prompt="login")
        assert browser.redeem(app, code, client_secret=secret).is_success
    old = graph.get(path).json()["passwordCredentials"][0]["keyId"]
    graph.post(f"{path}/removePassword", json={"keyId": old}).raise_for_status()
    code = returned(browser.authorize(app))["code"]
    fails(browser.redeem(app, code), 401, "invalid_client", 7000215)


def test_expired_secret_has_its_own_error(entra: LocalEntra, browser: Browser, graph: httpx.Client) -> None:
    app = register(graph)
    secret = entra.directory.application(app.object_id).secrets[0]
    secret.end = datetime.now(UTC) - timedelta(seconds=1)
    code = browser.code_of(app, ADA.principal_name)
    fails(browser.redeem(app, code), 401, "invalid_client", 7000222)


def test_deployers_wrong_secret_is_refused(entra: LocalEntra) -> None:
    fails(deployer_token(entra, secret="wrong"), 401, "invalid_client", 7000215)
    fails(deployer_token(entra, scope="User.Read"), 400, "invalid_scope", 1002012)
    assert deployer_token(entra).json()["expires_in"] == 3599
    assert deployer_token(entra, scope="https://graph.microsoft.com/.default").is_success


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer x"}])
def test_userinfo_needs_a_token(browser: Browser, header: dict[str, str]) -> None:
    answer = browser.http.get("/oidc/userinfo", headers=header)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_userinfo_knows_what_the_scopes_allow(browser: Browser, app: Registered) -> None:
    code = browser.code_of(app, ADA.principal_name, scope="openid")
    token = browser.redeem(app, code).json()["access_token"]
    info = browser.http.get("/oidc/userinfo", headers={"Authorization": f"Bearer {token}"}).json()
    assert set(info) == {"sub"}
