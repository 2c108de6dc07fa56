"""Signing in, as far as no cloud is needed: the listener, the tokens, the explanations."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from operate.errors import OperateError, Unavailable
from operate.signin import __main__ as signin
from operate.signin.__main__ import choose_client, explanation
from operate.signin.claim_trace import ClaimTrace
from operate.signin.code_flow import CodeFlow, RefusedError
from operate.signin.listener import Listener, is_loopback
from stacks.expected import ExpectedClient
from tests.e2e.deployment import free_port
from tests.operate.samples import CALLBACK, DOMAIN_URL, PROVIDER, cognito, entra, http, outputs, provider

SECONDS = 60
OF_ENTRA = {"identity_providers": [PROVIDER], "own": True}
KEY = RSAKey.generate_key(2048, auto_kid=True)
OTHER_KEY = RSAKey.generate_key(2048, auto_kid=True)


@pytest.fixture
def flow() -> CodeFlow:
    """An attempt at the client `web`."""
    return CodeFlow(outputs(), "web", PROVIDER, CALLBACK, DOMAIN_URL)


def keys(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"keys": [KEY.as_dict(private=False)]})


def claims_of(flow: CodeFlow, **changes: object) -> dict[str, Any]:
    good = {
        "iss": flow.outputs.issuer,
        "aud": flow.client_id,
        "exp": int(time.time()) + 600,
        "nonce": flow.nonce,
        "token_use": "id",
        "sub": "1",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token_of(flow: CodeFlow, key: RSAKey = KEY, **changes: object) -> str:
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims_of(flow, **changes), key)


def test_a_good_token_is_taken(flow: CodeFlow) -> None:
    assert flow.verify(http(keys), token_of(flow), "https://keys.example")["sub"] == "1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_other"},
        {"aud": "another-client"},
        {"exp": int(time.time()) - 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"token_use": "access"},
        {"exp": None},
    ],
)
def test_a_token_that_is_not_this_sign_ins_is_refused(flow: CodeFlow, changes: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="not valid"):
        flow.verify(http(keys), token_of(flow, **changes), "https://keys.example")


@pytest.mark.parametrize(
    "forged",
    [
        lambda flow: token_of(flow, OTHER_KEY),
        lambda flow: jwt.encode({"alg": "HS256"}, claims_of(flow), OctKey.import_key("x" * 32)),
        lambda flow: token_of(flow)[:-8] + "AAAAAAAA",
        lambda _: "no token",
    ],
)
def test_a_forged_token_is_refused_and_never_repeated(
    flow: CodeFlow, forged: Callable[[CodeFlow], str]
) -> None:
    token = forged(flow)
    with pytest.raises(RefusedError) as refused:
        flow.verify(http(keys), token, "https://keys.example")
    assert token not in str(refused.value)


@pytest.mark.parametrize("answer", [httpx.Response(404, text="none"), httpx.Response(200, json=[])])
def test_without_keys_the_token_is_not_verified(flow: CodeFlow, answer: httpx.Response) -> None:
    with pytest.raises(OperateError, match="no keys"):
        flow.verify(http(lambda _: answer), token_of(flow), "https://keys.example")


def test_the_request_proves_itself_by_state_nonce_and_pkce(flow: CodeFlow) -> None:
    asked = dict(httpx.URL(flow.url).params)
    assert asked["state"] == flow.state
    assert asked["nonce"] == flow.nonce
    assert asked["code_challenge_method"] == "S256"
    assert flow.verifier not in flow.url
    assert (
        len({flow.state, flow.nonce, CodeFlow(outputs(), "web", PROVIDER, CALLBACK, DOMAIN_URL).state}) == 3
    )
    assert flow.verifier not in repr(flow)


def test_the_code_is_exchanged_once_with_verifier_and_secret(flow: CodeFlow) -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id_token": "eyJ", "access_token": "x"})

    assert flow.exchange(http(answer), "the-code", "the-secret") == "eyJ"
    (request,) = seen
    assert f"code_verifier={flow.verifier}" in request.content.decode()
    assert request.headers["Authorization"].startswith("Basic ")
    assert b"the-secret" not in request.content


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), "invalid_grant"),
        (httpx.Response(500, text="oops"), "status 500"),
        (httpx.Response(200, json={"access_token": "x"}), "openid"),
    ],
)
def test_a_refused_code_is_an_error(flow: CodeFlow, answer: httpx.Response, message: str) -> None:
    with pytest.raises(RefusedError, match=message):
        flow.exchange(http(lambda _: answer), "the-code", None)


# Which client


def test_the_loopback_callback_is_chosen() -> None:
    assert choose_client(outputs(), None) == ("web", CALLBACK)
    assert choose_client(outputs(), "web") == ("web", CALLBACK)


def test_for_an_unknown_client_those_that_exist_are_named() -> None:
    with pytest.raises(OperateError, match=r"no client phone\. The clients are: web"):
        choose_client(outputs(), "phone")


@pytest.mark.parametrize("key", [None, "web"])
def test_without_a_loopback_callback_the_setting_is_named(key: str | None) -> None:
    client = ExpectedClient(
        has_secret=False,
        callback_urls=["https://app.example/callback"],
        scopes=["openid"],
        identity_providers=[PROVIDER],
        own=True,
    )
    with pytest.raises(OperateError, match=r"http://localhost:8976/callback.* under \[clients\.web\]"):
        choose_client(outputs(clients={"web": client.model_dump()}), key)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://localhost:3000/callback", True),
        ("http://127.0.0.1/", True),
        ("http://[::1]:3000/", True),
        ("https://localhost:3000/", False),
        ("http://localhost.example/", False),
        ("com.example.app:/callback", False),
        ("http://[::1", False),
    ],
)
def test_only_plain_loopback_is_listened_at(url: str, expected: bool) -> None:  # noqa: FBT001
    assert is_loopback(url) is expected


# The listener


@pytest.fixture
def callback() -> str:
    """A callback URL with a free port."""
    return f"http://localhost:{free_port()}/callback"


def test_the_answer_with_the_right_state_is_taken(callback: str) -> None:
    with Listener(callback, "right") as listener:
        page = httpx.get(f"{callback}?code=abc&state=right")
        assert listener.wait(SECONDS) == {"code": "abc", "state": "right"}
    assert page.status_code == 200
    assert "abc" not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("query", ["?code=abc&state=wrong", "?code=abc", "?error=access_denied", ""])
def test_an_answer_to_another_sign_in_is_ignored(callback: str, query: str) -> None:
    with Listener(callback, "right") as listener:
        page = httpx.get(f"{callback}{query}")
        assert page.status_code == 400
        assert listener.wait(0.05) is None
        assert listener.ignored == 1
        httpx.get(f"{callback}?code=abc&state=right")
        assert listener.wait(SECONDS)


def test_other_paths_are_not_answered(callback: str) -> None:
    with Listener(callback, "right") as listener:
        assert httpx.get(callback.replace("/callback", "/favicon.ico")).status_code == 404
        assert listener.wait(0.05) is None


def test_a_port_in_use_is_an_error(callback: str) -> None:
    with Listener(callback, "a"), pytest.raises(OperateError, match=f"{callback}.*--client"):
        Listener(callback, "b")


def test_the_port_is_free_again_afterwards(callback: str) -> None:
    for _ in range(2):
        with Listener(callback, "a"):
            pass


# What is printed


def test_an_error_is_explained_by_the_known_errors() -> None:
    text = explanation("dev", "invalid_request Bad id_token issuer https://sts.windows.net/x/")
    assert "Cause:  Cognito expects another issuer" in text
    assert "cdktf deploy dev" in text


def test_an_unknown_error_is_repeated_and_verify_recommended() -> None:
    text = explanation("dev", "some_error something new")
    assert "something new" in text
    assert "`pipenv run verify dev`" in text


def trace(**changes: Any) -> ClaimTrace:
    person = {"id": "o", "mail": None, "givenName": "Noor", "surname": "Nomail"}
    names = {"custom:entra_oid": "o", "family_name": "Nomail", "given_name": "Noor"}
    facts: dict[str, Any] = {
        "outputs": outputs(),
        "client_key": "web",
        "provider": PROVIDER,
        "claims": {"cognito:username": "entra_s", **names},
        "person": person,
        "attributes": names,
        "cognito": cognito(),
        "entra": entra(),
    }
    return ClaimTrace(**facts | changes)


def test_a_missing_address_is_explained_by_the_account() -> None:
    (reason,) = trace().reasons()
    assert reason.startswith("email is missing.")
    assert "no-mailbox" not in reason
    assert "only for people whose account has a mail address" in reason


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"cognito": cognito(providers={PROVIDER: provider(mapping={"username": "sub"})})},
            "attribute mapping is not the deployed",
        ),
        (
            {"person": {"id": "o", "mail": "noor@x.example"}, "entra": entra(granted=frozenset({"openid"}))},
            "granted",
        ),
        (
            {
                "person": {"mail": "n@x"},
                "cognito": cognito(providers={PROVIDER: provider(authorize_scopes="openid profile")}),
            },
            "asks Entra ID for other scopes",
        ),
        ({"person": None, "entra": Unavailable("x"), "cognito": Unavailable("x")}, "Probably:"),
    ],
)
def test_another_cause_of_a_missing_address_is_found(changes: dict[str, Any], message: str) -> None:
    assert any(reason.startswith("email") and message in reason for reason in trace(**changes).reasons())


@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (["openid", "profile"], {"email": "email"}),
        (
            ["openid", "email"],
            {"custom:entra_oid": "profile", "given_name": "profile", "family_name": "profile"},
        ),
        (["openid"], {}),
    ],
)
def test_an_attribute_that_no_scope_of_the_app_lets_through_is_explained(
    scopes: list[str], missing: dict[str, str]
) -> None:
    web = outputs().expected.clients["web"].model_copy(update={"scopes": scopes})
    claims = {"cognito:username": "entra_s"}
    traced = trace(outputs=outputs(clients={"web": web.model_dump()}), claims=claims)
    said = {name: f"The app does not ask for it: add {scope} to" for name, scope in missing.items()}
    for reason in traced.reasons():
        name = reason.partition(" ")[0]
        assert ("does not ask for it" in reason) == (name in said)
        assert said.get(name, "") in reason


def test_a_missing_name_is_explained_too() -> None:
    claims = {"cognito:username": "entra_s", "email": "n@x", "custom:entra_oid": "o", "given_name": "N"}
    person = {"mail": "n@x", "givenName": "N", "surname": None}
    (reason,) = trace(claims=claims, person=person).reasons()
    assert "family_name is missing. The account has no surname" in reason


@pytest.mark.parametrize(
    ("has_secret", "message"),
    [
        (False, "Nobody came back within"),
        (True, "Client web has a secret, which only AWS knows: there are no AWS credentials"),
    ],
)
def test_a_sign_in_that_cannot_end_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    callback: str,
    has_secret: bool,  # noqa: FBT001
    message: str,
) -> None:
    web = {"has_secret": has_secret, "callback_urls": [callback], "scopes": ["openid"], **OF_ENTRA}
    monkeypatch.setattr(signin, "read_outputs", lambda *_: outputs(clients={"web": web}))
    monkeypatch.setattr(signin, "_check_redirects", lambda *_: [])
    for name in ("cognito_client", "connect", "read_cognito"):
        monkeypatch.setattr(signin, name, lambda *_: Unavailable("there are no AWS credentials here"))
    assert signin.main(["dev", "--no-browser", "--timeout", "0.2"]) == 1
    printed = capsys.readouterr()
    assert message in printed.err
    assert (f"{DOMAIN_URL}/oauth2/authorize?" in printed.out) is not has_secret
