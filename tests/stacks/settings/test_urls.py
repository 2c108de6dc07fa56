"""The rules of URLs, against examples and against whatever chance writes."""

import re
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stacks.settings.urls import AppUrl, Authority, RegisteredUri, as_browsers_write
from tests.stacks.settings.samples import HOSTS, accepts, refusal, unhurried

PATHS = st.from_regex(r"(/([A-Za-z0-9_~-]|%[0-9a-f]{2}){0,10}){0,4}(\?[a-z]=[a-z0-9]{0,5})?", fullmatch=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://app.contoso.com/callback",
        "https://app.contoso.com",
        "https://app.contoso.com:8443/a?b=c&d=%20",
        "https://intranet/callback",
        "https://10.0.0.1/",
        "https://xn--mnchen-3ya.de/",
        "http://localhost:3000/callback",
        "http://127.0.0.1/",
        "http://[::1]:8080/callback",
        "https://[::1]/",
        "https://app.contoso.com/.well-known/a..b?c=../d",
        "myapp://callback",
        "myapp://",
        "com.contoso.app:/oauth2redirect",
        "HTTPS://app.contoso.com/",
        "https://a/" + "b" * 1014,
    ],
)
def test_an_address_that_an_app_may_have(url: str) -> None:
    assert accepts(AppUrl, url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/callback",
        "app.contoso.com/callback",
        "app.contoso.com:443/callback",
        "localhost:3000/callback",
        "//app.contoso.com",
        "https:",
        "https://",
        "https:///callback",
        "https:app.contoso.com",
        "https://app.contoso.com/#callback",
        "https://app.contoso.com/call back",
        "https://app.contoso.com/\n",
        " https://app.contoso.com/",
        "https://app.contoso.com\\@evil.example/",
        "https://münchen.de/",
        "https://*.contoso.com/",
        "https://user:secret@app.contoso.com/",
        "https://app..contoso.com/",
        "https://-app.contoso.com/",
        "https://app.contoso.com:port/",
        "https://app.contoso.com:99999/",
        "https://app.contoso.com/%zz",
        "https://app.contoso.com/100%",
        "https://app.contoso.com/../callback",
        "https://app.contoso.com/a/.",
        "https://[::1/",
        "http://app.contoso.com/",
        "http://localhost.contoso.com/",
        "http://localhost@app.contoso.com/",
        "http://127.0.0.2/",
        "http://0.0.0.0/",
        "javascript:alert(1)",
        "javascript://app.contoso.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:ada@contoso.com",
        "ws://localhost/",
        "myapp:callback",
        "1app://callback",
        "https://a/" + "b" * 1015,
    ],
)
def test_an_address_that_no_app_may_have(url: str) -> None:
    assert not accepts(AppUrl, url)


@unhurried
@given(HOSTS, PATHS)
def test_https_is_accepted_anywhere_and_http_on_this_machine_only(host: str, path: str) -> None:
    assert accepts(AppUrl, f"https://{host}{path}")
    assert accepts(AppUrl, f"http://{host}{path}") == (host in {"localhost", "127.0.0.1"})
    assert accepts(AppUrl, f"http://localhost{path}")


@unhurried
@given(st.text() | st.builds(str.__add__, st.sampled_from(["https://", "http://", "x:", "//"]), st.text()))
def test_an_accepted_address_is_absolute_and_ends_where_it_seems_to(url: str) -> None:
    if accepts(AppUrl, url):
        parts = urlsplit(url)
        assert parts.scheme
        assert not parts.fragment
        assert "#" not in url
        assert url.isascii()
        assert " " not in url
        assert len(url) <= 1024
        if parts.scheme in {"http", "https"}:
            assert parts.hostname
            assert parts.username is None
            assert parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}


@unhurried
@given(st.text() | st.builds(str.__add__, st.sampled_from(["https://", "http://localhost"]), st.text()))
def test_an_accepted_authority_is_an_origin(authority: str) -> None:
    if accepts(Authority, authority):
        parts = urlsplit(authority)
        assert (parts.path, parts.query, parts.fragment) == ("", "", "")
        assert f"{parts.scheme}://{parts.netloc}" == authority == authority.lower()
        assert parts.hostname in {"localhost", "127.0.0.1"}
        assert as_browsers_write(authority) == authority


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("HTTPS://App.contoso.com/Path?Q=A", "https://app.contoso.com/Path?Q=A"),
        ("https://app.contoso.com:443/callback", "https://app.contoso.com/callback"),
        ("https://app.contoso.com:/callback", "https://app.contoso.com/callback"),
        ("https://app.contoso.com:8443/callback", "https://app.contoso.com:8443/callback"),
        ("http://localhost:80", "http://localhost"),
        ("https://localhost:80/", "https://localhost:80/"),
        ("http://[::1]:80/", "http://[::1]/"),
        ("MyApp://Callback", "myapp://Callback"),
        ("com.Contoso:/A", "com.contoso:/A"),
    ],
)
def test_an_address_as_browsers_write_it(written: str, instead: str) -> None:
    assert accepts(AppUrl, written)
    assert as_browsers_write(written) == instead


@unhurried
@given(HOSTS, PATHS)
def test_an_address_as_browsers_write_it_is_accepted_and_stays(host: str, path: str) -> None:
    url = as_browsers_write(f"https://{host}{path}")
    assert accepts(AppUrl, url)
    assert as_browsers_write(url) == url


@pytest.mark.parametrize(
    ("url", "telling"),
    [
        ("myapp://callback", "no address of an installed app"),
        ("http://app.contoso.com/", "Entra ID sends people to plain http only on this machine"),
        ("https://app.contoso.com", 'Write "https://app.contoso.com/"'),
        ("https://app.contoso.com?a=b", 'Write "https://app.contoso.com/?a=b"'),
        ("https://app.contoso.com/" + "a" * 233, "257 characters"),
        ("http://[::1]:3000/callback", "Write localhost"),
        *((f"https://app.contoso.com/{character}", f"takes no {character}") for character in "!$'(),;"),
    ],
)
def test_an_address_that_entra_id_sends_nobody_to(url: str, telling: str) -> None:
    assert telling in " ".join(refusal(RegisteredUri, url) or ())


@pytest.mark.parametrize(
    "url",
    [
        "https://app.contoso.com/",
        "https://app.contoso.com/out?a=b",
        "https://app.contoso.com/" + "a" * 232,
        "http://localhost:3000/",
        "http://127.0.0.1/callback",
    ],
)
def test_an_address_that_entra_id_sends_people_to(url: str) -> None:
    assert accepts(RegisteredUri, url)


@unhurried
@given(HOSTS, PATHS)
@example("a", "?b=c")
@example("a", "")
def test_the_address_proposed_instead_is_a_good_one(host: str, path: str) -> None:
    _, instead = refusal(RegisteredUri, f"https://{host}{path}") or ("", "")
    if proposed := re.search(r'Write "(.*)"', instead):
        assert accepts(RegisteredUri, proposed[1])
