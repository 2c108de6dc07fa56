"""A person at a browser, played by a script: opens the sign-in URL, fills in the form, ends up at the app."""

import json
from contextlib import ExitStack
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx
from bs4 import BeautifulSoup

from sandbox.app import ACCESS_CLAIMS_HEADER
from sandbox.cognito.pages import EMAIL_FIELD
from sandbox.errors import SandboxError

SECONDS = 20
MOST_PAGES = 5


@dataclass(frozen=True)
class SignInResult:
    """The page on which a sign-in ended, and the claims of both tokens at the app if it got there."""

    url: str
    status: int
    text: str
    claims: dict[str, object]
    access_claims: dict[str, object] = field(default_factory=dict)


def browser() -> httpx.Client:
    """A browser without JavaScript that nobody has signed in with yet."""
    accepts = {"Accept": "text/html, application/json"}
    return httpx.Client(follow_redirects=True, timeout=SECONDS, headers=accepts)


def sign_in(url: str, username: str, password: str, *, used: httpx.Client | None = None) -> SignInResult:
    """Sign a person in, through redirects and forms.

    Raises:
        SandboxError: the pages lead nowhere.
    """
    typed = {"username": username, "password": password, EMAIL_FIELD: username}
    with ExitStack() as opened:
        client = used or opened.enter_context(browser())
        page = client.get(url)
        for _ in range(MOST_PAGES):
            if page.headers.get("content-type", "").startswith("application/json") and page.is_success:
                access_claims = json.loads(page.headers.get(ACCESS_CLAIMS_HEADER, "{}"))
                claims = dict(page.json())
                return SignInResult(str(page.url), page.status_code, page.text, claims, access_claims)
            soup = BeautifulSoup(page.text, "html.parser")
            form = soup.find("form")
            if form is None or not page.is_success:
                text = soup.get_text(" ", strip=True)
                return SignInResult(str(page.url), page.status_code, text, {})
            fields = {
                str(field["name"]): typed.get(str(field["name"]), str(field.get("value", "")))
                for field in form.find_all("input")
                if field.get("name")
            }
            # Enter presses a form's first button: Accept, where there is a decision to take.
            button = form.find("button")
            if button is not None and button.get("name"):
                fields[str(button["name"])] = str(button.get("value", ""))
            page = client.request(
                str(form.get("method", "get")),
                urljoin(str(page.url), str(form.get("action", ""))),
                data=fields,
            )
    raise SandboxError(f"Signing in at {url} did not end after {MOST_PAGES} pages.")
