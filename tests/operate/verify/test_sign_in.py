"""What a browser and Cognito would get, asked without signing in."""

from collections.abc import Callable

import httpx
import pytest

from operate.errors import Unavailable
from operate.verify.checks.secret import Presented, present_secret
from operate.verify.checks.sign_in import check_issuer, check_keys, check_login
from operate.verify.findings import Checked
from tests.operate.samples import (
    APPLICATION,
    DOMAIN,
    DOMAIN_URL,
    ISSUER,
    LOGIN,
    PROVIDER,
    SECRET,
    TENANT,
    cognito,
    http,
    outputs,
)

AUTHORIZE = f"{LOGIN}/{TENANT}/oauth2/v2.0/authorize"
Answer = Callable[[httpx.Request], httpx.Response]


def ids(check: Checked) -> list[str]:
    return [finding.id for finding in check.findings]


def unreachable(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("Name or service not known", request=request)


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("", request=request)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda _: httpx.Response(200, json={"issuer": ISSUER}), []),
        (lambda _: httpx.Response(200, json={"issuer": f"{ISSUER}/"}), ["issuer-mismatch"]),
        (lambda _: httpx.Response(400, json={"error": "invalid_tenant"}), ["entra-unreachable"]),
        (lambda _: httpx.Response(200, text="<html>"), ["entra-unreachable"]),
        (lambda _: httpx.Response(200, json=["no document"]), ["entra-unreachable"]),
        (unreachable, ["entra-unreachable"]),
        (slow, ["entra-unreachable"]),
    ],
)
def test_the_issuer_is_compared_byte_for_byte(answer: Answer, expected: list[str]) -> None:
    assert ids(check_issuer(http(answer), outputs())) == expected


def test_the_discovery_document_is_the_deployed_issuers() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(200, json={"issuer": ISSUER})

    check_issuer(http(answer), outputs())
    assert asked == [f"{ISSUER}/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (lambda _: httpx.Response(200, json={"keys": [{"kty": "RSA"}]}), []),
        (lambda _: httpx.Response(200, json={"keys": []}), ["keys-unreachable"]),
        (lambda _: httpx.Response(200, json=[]), ["keys-unreachable"]),
        (lambda _: httpx.Response(200, text="oops"), ["keys-unreachable"]),
        (lambda _: httpx.Response(503), ["keys-unreachable"]),
        (unreachable, ["keys-unreachable"]),
    ],
)
def test_signing_keys_are_there(answer: Answer, expected: list[str]) -> None:
    assert ids(check_keys(http(answer), outputs())) == expected


def domain(location: str = "", page: httpx.Response | None = None) -> Answer:
    """A domain that redirects, and a page behind it."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == DOMAIN and request.url.path == "/oauth2/authorize":
            return httpx.Response(302, headers={"Location": location}) if location else httpx.Response(500)
        return page or httpx.Response(200, text="<h1>Sign in</h1>")

    return answer


APP = "https://app.example/callback"
REQUEST = f"{AUTHORIZE}?client_id={APPLICATION}"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (domain(REQUEST), []),
        # Microsoft's own page is full of words; only a code is an error.
        (domain(REQUEST, httpx.Response(200, text="<p>Need admin approval? redirect_mismatch</p>")), []),
        (
            domain(REQUEST, httpx.Response(200, text='<script>{"err":"AADSTS50011: The redirect"}</script>')),
            ["redirect-uri"],
        ),
        (domain(REQUEST, httpx.Response(404)), ["login-refused"]),
        (domain(REQUEST, httpx.Response(400, text="AADSTS9999999: new")), ["login-refused"]),
        (domain("/error?error=redirect_mismatch&client_id=x"), ["client-callback"]),
        (
            domain("https://app.example/callback?error=invalid_request&error_description=invalid_scope"),
            ["client-scopes"],
        ),
        (domain(f"{APP}#error=unauthorized_client"), ["client-flow"]),
        (domain("/login?client_id=x"), ["login-refused"]),
        (domain(), ["login-refused"]),
        (unreachable, ["domain-unreachable"]),
        (domain("http://[no-address"), ["domain-unreachable"]),
    ],
)
def test_the_redirects_to_entra_id_are_followed(answer: Answer, expected: list[str]) -> None:
    assert ids(check_login(http(answer), outputs(), DOMAIN_URL)) == expected


def test_the_apps_callback_is_never_called() -> None:
    hosts = []

    def answer(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(302, headers={"Location": "https://app.example/callback?error=server_error"})

    check_login(http(answer), outputs(), DOMAIN_URL)
    assert hosts == [DOMAIN]


def test_redirects_without_end_are_a_finding() -> None:
    answer = lambda request: httpx.Response(302, headers={"Location": str(request.url)})  # noqa: E731
    assert ids(check_login(http(answer), outputs(), DOMAIN_URL)) == ["login-refused"]


def test_the_secret_is_presented_as_cognito_presents_it_and_to_entra_id_only() -> None:
    seen = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((str(request.url), request.content.decode()))
        return httpx.Response(200, json={"access_token": "eyJ.a.b"})

    assert present_secret(http(answer), outputs(), cognito()) == Presented("", SECRET[:3])
    ((url, form),) = seen
    assert url == outputs().expected.token_url
    assert f"client_id={APPLICATION}" in form
    assert "grant_type=client_credentials" in form


def test_a_refusal_is_repeated_without_its_trace() -> None:
    message = "AADSTS7000215: Invalid client secret provided. Trace ID: 1 Timestamp: 2"
    answer = lambda _: httpx.Response(401, json={"error_description": message})  # noqa: E731
    presented = present_secret(http(answer), outputs(), cognito())
    assert presented == Presented("AADSTS7000215: Invalid client secret provided.", SECRET[:3])


@pytest.mark.parametrize("answer", [unreachable, slow])
def test_a_token_endpoint_that_does_not_answer_says_nothing_about_the_secret(answer: Answer) -> None:
    assert isinstance(present_secret(http(answer), outputs(), cognito()), Unavailable)


def test_without_a_provider_there_is_no_secret_to_present() -> None:
    assert present_secret(http(unreachable), outputs(), cognito(providers={PROVIDER: None})) is None
