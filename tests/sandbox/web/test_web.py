"""What the emulators share: PKCE, replies, cookies, forms."""

import pytest
from starlette.responses import Response

from sandbox.web.endpoints import Reply, set_cookie, with_parameters
from sandbox.web.pages import Form, error_text, text_field
from sandbox.web.pkce import proves, s256

# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_challenge_is_made_as_the_rfc_says_and_only_its_verifier_proves_it() -> None:
    assert s256(VERIFIER) == CHALLENGE
    assert proves(VERIFIER, CHALLENGE)
    assert not proves(CHALLENGE, CHALLENGE)
    assert proves(VERIFIER, VERIFIER, "plain")
    assert not proves(VERIFIER, CHALLENGE, "plain")


@pytest.mark.parametrize(
    ("reply", "location"),
    [
        (Reply("https://app.example/cb", "s t"), "https://app.example/cb?code=c&state=s+t&error=e"),
        (Reply("https://app.example/cb?a=b", None), "https://app.example/cb?a=b&code=c&error=e"),
        (Reply("app://cb", "s", "fragment"), "app://cb#code=c&state=s&error=e"),
    ],
)
def test_a_reply_carries_the_answer_then_the_state_then_the_rest(reply: Reply, location: str) -> None:
    response = reply.response({"code": "c"}, {"error": "e"})
    assert (response.status_code, response.headers["Location"]) == (302, location)


def test_parameters_are_added_to_a_url_only_when_there_are_any() -> None:
    assert with_parameters("/login", {}) == "/login"
    assert with_parameters("/login?a=b", {"c": "d&"}) == "/login?a=b&c=d%26"


def test_no_script_reads_a_cookie_and_an_empty_value_takes_it_away() -> None:
    response = Response()
    set_cookie(response, "given", "x", seconds=60)
    set_cookie(response, "taken", "")
    given, taken = response.headers.getlist("set-cookie")
    assert {"given=x", "HttpOnly", "SameSite=lax", "Max-Age=60"} <= set(given.split("; "))
    assert "Max-Age=0" in taken


def test_what_a_page_shows_is_text_and_never_html() -> None:
    field = text_field("name", "Name", "text", "username", '"><script>', invalid=True)
    form = Form('/"><script>', {"a": '"><script>'}).html(field)
    assert "<script>" not in form + error_text("<script>")
    assert 'aria-invalid="true" aria-describedby="error"' in field
    assert 'id="error"' in error_text("wrong")
