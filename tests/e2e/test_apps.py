"""The code of docs/apps.md signs people in and out: Authlib, openid-client and aws-jwt-verify."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from operate import app as app_command
from sandbox.app import SampleApp
from sandbox.entra.users import ADA, NOOR, PASSWORD
from sandbox.local_clouds import APP_CLIENT
from sandbox.sign_in import SignInResult, sign_in
from sandbox.web.loopback import LoopbackServer
from tests.e2e.apps import AppUnderTest, NodeModule, code_of
from tests.e2e.shared_deployment import SharedDeployment


@pytest.fixture
def app(deployment: SharedDeployment) -> Iterator[AppUnderTest]:
    """The app client `web`, whose callback URL nobody answers yet."""
    clouds = deployment.clouds
    clouds.app.stop()
    yield AppUnderTest(deployment, APP_CLIENT)
    clouds.app = SampleApp(clouds.aws, clouds.region, port=clouds.app.port)
    clouds.app.start()


@pytest.fixture
def nowhere(app: AppUnderTest) -> Iterator[None]:
    """A page at the callback URL that leaves the code to the test."""

    async def page(_: object) -> Response:
        return JSONResponse({})

    routes = [Route("/{path:path}", page)]
    with LoopbackServer(Starlette(routes=routes), purpose="a page", port=app.deployment.clouds.app.port):
        yield


def _person(app: AppUnderTest, oid: str) -> list[str]:
    return [app.deployment.outputs.expected.tenant_id, oid]


def test_the_command_prints_what_an_app_needs_and_no_secret(
    app: AppUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    where = ["sandbox", "web", "--project", str(app.deployment.project.folder)]
    assert app_command.main([*where, "--env"]) == 0
    text = capsys.readouterr().out
    printed = dict(line.split("=", 1) for line in shlex.split(text))
    secret = app.variables().pop("COGNITO_CLIENT_SECRET")
    assert app.variables().items() - {("COGNITO_CLIENT_SECRET", secret)} <= printed.items()
    assert secret
    assert secret not in text
    assert printed["COGNITO_SIGN_OUT_URL"] == app.deployment.output("sign_out_urls")["web"]
    assert app_command.main(["sandbox", "phone", *where[2:]]) == 1
    assert "There is no client phone. The clients are: " in capsys.readouterr().err


# Authlib


@pytest.fixture
def authlib_app(app: AppUnderTest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The document's server, running at the callback URL."""
    real = httpx.AsyncHTTPTransport.handle_async_request

    async def on_local_clouds(self: httpx.AsyncHTTPTransport, request: httpx.Request) -> httpx.Response:
        asked, request.url = str(request.url), httpx.URL(app.local(str(request.url)))
        answer = await real(self, request)
        if not asked.endswith("/openid-configuration"):
            return answer
        return httpx.Response(answer.status_code, text=app.as_on_aws((await answer.aread()).decode()))

    monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", on_local_clouds)
    for name, value in app.variables().items():
        monkeypatch.setitem(os.environ, name, value)
    module = ModuleType("authlib_app")
    exec(compile(code_of("authlib_app.py"), "docs/apps.md", "exec"), vars(module))  # noqa: S102
    with LoopbackServer(module.app, purpose="the app", port=app.deployment.clouds.app.port):
        yield module


def test_authlib_signs_in_and_out(app: AppUnderTest, authlib_app: ModuleType) -> None:
    url = app.deployment.clouds.app.url
    with app.browser() as browser:
        result = sign_in(f"{url}/sign-in", ADA.principal_name, PASSWORD, used=browser)
        assert result.claims == {"person": _person(app, ADA.oid), "name": ADA.given_name}
        (session,) = authlib_app.sessions.values()
        assert _refresh(app, session["refresh_token"]).status_code == 200
        signed_out = browser.post(f"{url}/sign-out")
        assert str(signed_out.url) == f"{url}/"
        assert authlib_app.sessions == {}
        assert _refresh(app, session["refresh_token"]).json() == {"error": "invalid_grant"}


def test_a_login_hint_keeps_the_wrong_account_out(app: AppUnderTest, authlib_app: ModuleType) -> None:
    url = f"{app.deployment.clouds.app.url}/sign-in"

    def person(url: str, browser: httpx.Client, types: str) -> object:
        browser.cookies.delete("session")
        return sign_in(url, types, PASSWORD, used=browser).claims.get("person")

    with app.browser() as browser:
        noor, ada = _person(app, NOOR.oid), _person(app, ADA.oid)
        assert person(url, browser, NOOR.principal_name) == noor
        # Nobody asks who it is, though somebody else is meant.
        assert person(url, browser, ADA.principal_name) == noor
        assert person(f"{url}?login_hint={ADA.principal_name}", browser, ADA.principal_name) == ada
    assert len(authlib_app.sessions) == 3


# openid-client and aws-jwt-verify


def _arrive(app: AppUnderTest, browser: httpx.Client, url: str) -> SignInResult:
    """Sign in, as far as the callback URL."""
    return sign_in(app.local(url), ADA.principal_name, PASSWORD, used=browser)


@pytest.mark.usefixtures("nowhere")
def test_openid_client_signs_in_and_out(app: AppUnderTest, tmp_path: Path) -> None:
    with NodeModule(app, "openid_client_app.mjs", tmp_path) as node, app.browser() as browser:
        begun = node.call("signIn", {"login_hint": ADA.principal_name})
        callback = _arrive(app, browser, begun["url"]).url
        signed_in = node.call("signedIn", callback, begun["checks"])
        assert signed_in["person"] == _person(app, ADA.oid)
        token = signed_in["tokens"]["refresh_token"]

        # The browser's sign-out alone leaves the refresh token as it is.
        browser.get(app.local(str(app.values["sign_out_url"])))
        assert node.call("refreshed", token)["access_token"]
        assert node.call("signOut", token) == app.values["sign_out_url"]
        with pytest.raises(RuntimeError, match="invalid_grant"):
            node.call("refreshed", token)

        for wrong, why in (
            ("expectedState", "state"),
            ("expectedNonce", "nonce"),
            ("pkceCodeVerifier", "invalid_grant"),
        ):
            begun = node.call("signIn")
            callback = _arrive(app, browser, begun["url"]).url
            with pytest.raises(RuntimeError, match=why):
                node.call("signedIn", callback, begun["checks"] | {wrong: "x" * 43})


@pytest.mark.usefixtures("nowhere")
def test_aws_jwt_verify_takes_the_right_tokens_only(app: AppUnderTest, tmp_path: Path) -> None:
    with NodeModule(app, "openid_client_app.mjs", tmp_path) as node, app.browser() as browser:
        begun = node.call("signIn")
        callback = _arrive(app, browser, begun["url"]).url
        tokens = node.call("signedIn", callback, begun["checks"])["tokens"]
    access, identity = tokens["access_token"], tokens["id_token"]
    with NodeModule(app, "aws_jwt_verify_api.mjs", tmp_path) as api:
        assert api.call("authorize", access, "profile")["username"].startswith("entra_")
        assert api.call("personOf", identity) == _person(app, ADA.oid)
        header, payload, signature = access.split(".")
        for why, function, *wrong in (
            ("Scope not allowed", "authorize", access, "orders/write"),
            ("Missing Scope", "authorize", identity, "profile"),
            ("Invalid signature", "authorize", f"{header}.{payload}.{signature[::-1]}", "profile"),
            ("Token use not allowed", "personOf", access),
        ):
            with pytest.raises(RuntimeError, match=why):
                api.call(function, *wrong)
    other_client = AppUnderTest(app.deployment, "spa")
    with NodeModule(other_client, "aws_jwt_verify_api.mjs", tmp_path) as api:
        for function, *wrong in (("authorize", access, "profile"), ("personOf", identity)):
            with pytest.raises(RuntimeError, match=r"Client ID .*not allowed"):
                api.call(function, *wrong)


# Auth.js


def test_authjs_signs_in_and_out(app: AppUnderTest, tmp_path: Path) -> None:
    url, port = app.deployment.clouds.app.url, app.deployment.clouds.app.port
    with (
        app.deployment.client_with("web", CallbackURLs=[f"{url}/auth/callback/cognito"]),
        NodeModule(app, "authjs_app.mjs", tmp_path, port=port),
        app.browser() as browser,
    ):

        def press(button: str, **fields: str) -> httpx.Response:
            token = browser.get(f"{url}/auth/csrf").json()["csrfToken"]
            form = {"csrfToken": token, **fields}
            return browser.post(f"{url}/auth/{button}", data=form, follow_redirects=False)

        begun = press("signin/cognito", callbackUrl=f"{url}/auth/session")
        result = sign_in(begun.headers["location"], ADA.principal_name, PASSWORD, used=browser)
        assert result.claims["person"] == _person(app, ADA.oid)
        out = press("signout", callbackUrl=str(app.values["sign_out_url"]))
        assert out.headers["location"] == app.local(str(app.values["sign_out_url"]))
        assert browser.get(f"{url}/auth/session").json() is None
        elsewhere = press("signout", callbackUrl="https://evil.example/")
        assert elsewhere.headers["location"] == url


def test_without_a_nonce_authjs_lets_nobody_in(app: AppUnderTest, tmp_path: Path) -> None:
    """Cognito puts a nonce into the ID token that it sent to Entra ID, whether or not the app sent one."""
    url, port = app.deployment.clouds.app.url, app.deployment.clouds.app.port
    with (
        app.deployment.client_with("web", CallbackURLs=[f"{url}/auth/callback/cognito"]),
        NodeModule(app, "authjs_app.mjs", tmp_path, port=port, edits={', "nonce"]': "]"}),
        app.browser() as browser,
    ):
        token = browser.get(f"{url}/auth/csrf").json()["csrfToken"]
        begun = browser.post(f"{url}/auth/signin/cognito", data={"csrfToken": token}, follow_redirects=False)
        page = sign_in(begun.headers["location"], ADA.principal_name, PASSWORD, used=browser)
        assert page.claims == {}
        assert browser.get(f"{url}/auth/session").json() is None


def _refresh(app: AppUnderTest, token: str) -> httpx.Response:
    variables = app.variables()
    return httpx.post(
        app.local(variables["COGNITO_TOKEN_ENDPOINT"]),
        data={"grant_type": "refresh_token", "refresh_token": token},
        auth=(variables["COGNITO_CLIENT_ID"], variables["COGNITO_CLIENT_SECRET"]),
    )


def test_rp_initiated_logout_fails_at_cognito(app: AppUnderTest) -> None:
    """OpenID Connect RP-Initiated Logout 1.0, 2: what libraries send to the `end_session_endpoint`."""
    asked = {
        "client_id": app.values["client_id"],
        "post_logout_redirect_uri": f"{app.deployment.clouds.app.url}/",
        "id_token_hint": "eyJ",
    }
    end_session = f"{app.deployment.clouds.aws.domain_url}/logout"
    with app.browser() as browser:
        page = browser.get(end_session, params=asked)
    assert "Required String parameter &#x27;redirect_uri&#x27; is not present" in page.text
