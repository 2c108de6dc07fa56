"""HTTP for all commands: short timeouts, redirects one by one, and a failure in one sentence."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from typing import TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

SECONDS = 8
MAX_URLS = 7
# Of many requests of one kind, such as one for each tenant.
MAX_AT_ONCE = 4
TIMED_OUT = f"no answer within {SECONDS} s"
_HIDDEN = re.compile(r"<(style|head)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_TAGS = re.compile(r"<[^>]+>")
# A JSON Web Token, whose header begins with `{"` in base64 (RFC 7519).
_TOKENS = re.compile(r"eyJ[\w-]+(?:\.[\w-]*)+")

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def client() -> httpx.Client:
    """A client for all threads, which follows no redirect by itself."""
    return httpx.Client(timeout=SECONDS, headers={"User-Agent": "entra-cognito verify"})


def ask_each(
    ask: Callable[[Item], Answer], items: Iterable[Item], *, unreachable: Callable[[Answer], bool]
) -> list[Answer]:
    """Ask about the first item alone, and unless that shows the service unreachable, about all others."""
    items = list(items)
    answers = [ask(item) for item in items[:1]]
    if len(items) > 1 and not unreachable(answers[0]):
        with ThreadPoolExecutor(max_workers=MAX_AT_ONCE) as threads:
            answers += threads.map(ask, items[1:])
    return answers


def reason(error: httpx.HTTPError) -> str:
    """Why a request had no answer."""
    if isinstance(error, httpx.TimeoutException):
        return TIMED_OUT
    return str(error) or type(error).__name__


@dataclass(frozen=True)
class RedirectChain:
    """Where a browser ends up if nobody types anything.

    Attributes:
        urls: all addresses, the first and the last included.
        status: the last page's status.
        text: what a person reads there, and the error in the last address.
    """

    urls: tuple[str, ...]
    status: int
    text: str


def follow_redirects(http: httpx.Client, url: str, *, until: str) -> RedirectChain:
    """Follow redirects as a browser does, and stop before a page of the app is called.

    httpx follows them as well, but it cannot stop, and it gives a host to an address that has none, such as
    an app's `com.example.app:/callback`.

    Raises:
        httpx.HTTPError: an address does not answer, or is none.
    """
    urls = [url]
    while True:
        try:
            answer = http.get(urls[-1])
            following = urljoin(urls[-1], answer.headers.get("location", ""))
        except (httpx.InvalidURL, ValueError) as error:
            raise httpx.UnsupportedProtocol(f"there is a redirect to no address: {error}") from None
        if not answer.has_redirect_location:
            text = f"{error_parameters(urls[-1])} {page_text(answer.text)}"
            return RedirectChain(tuple(urls), answer.status_code, text)
        urls.append(following)
        if re.split(r"[?#]", following)[0] == until or len(urls) == MAX_URLS:
            return RedirectChain(tuple(urls), answer.status_code, error_parameters(following))


def error_parameters(url: str) -> str:
    """The `error` and `error_description` of a redirect, in query or fragment, decoded."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.fragment) + parse_qsl(parts.query))
    return " ".join(said[name] for name in ("error", "error_description") if name in said)


def page_text(page: str) -> str:
    """The text of an HTML page; scripts stay, because Microsoft's pages have their errors in one."""
    return " ".join(unescape(_TAGS.sub(" ", _HIDDEN.sub(" ", page))).split())


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a text, on one line and without any token."""
    text = _TOKENS.sub("…", " ".join(text.split()))
    return text if len(text) <= length else text[: length - 1] + "…"
