"""Which redirect URIs are registered, and where the browser goes."""

import pytest

from sandbox.entra.redirect_uris import browser_address, is_prefix_domain, is_registered


def test_port_of_a_registered_loopback_address_may_differ() -> None:
    registered = ["http://localhost/cb", "https://localhost/cb"]
    assert is_registered("http://localhost:8400/cb", registered)
    assert not is_registered("http://localhost:8400/other", registered)
    assert not is_registered("https://localhost:8400/cb", registered)
    assert not is_registered("http://127.0.0.1/cb", registered)


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
