"""HTTP as the checks need it: one client for all threads, short timeouts, failures in one sentence."""

import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from typing import TypeVar
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

SECONDS = 8
MOST_HOPS = 6
# Of many requests of one kind, such as one for each tenant: nobody's service is to notice a check.
MOST_AT_ONCE = 4
TIMED_OUT = f"no answer within {SECONDS} s"
_SCRIPTS = re.compile(r"<(style|head)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
# A token in JSON Web format, whose header begins with `{"` in base64 (RFC 7519): it is nobody's to read.
_TOKENS = re.compile(r"eyJ[\w-]+(?:\.[\w-]*)+")
_TAGS = re.compile(r"<[^>]+>")

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


def client() -> httpx.Client:
    """A client that follows no redirect by itself: each hop means something here."""
    return httpx.Client(timeout=SECONDS, headers={"User-Agent": "entra-cognito verify"})


def side_by_side(
    ask: Callable[[Asked], Answered],
    things: Iterable[Asked],
    *,
    hopeless: Callable[[Answered], bool],
) -> list[Answered]:
    """Ask the same about many things: about the first alone, then about a few at once."""
    left = list(things)
    answers = [ask(thing) for thing in left[:1]]
    if len(left) > 1 and not hopeless(answers[0]):
        with ThreadPoolExecutor(max_workers=MOST_AT_ONCE) as threads:
            answers += threads.map(ask, left[1:])
    return answers


def sentence(error: httpx.HTTPError) -> str:
    """Why a request had no answer."""
    if isinstance(error, httpx.TimeoutException):
        return TIMED_OUT
    return str(error) or type(error).__name__


@dataclass(frozen=True)
class RedirectChain:
    """Where a browser would end up that nobody types into.

    Attributes:
        urls: every address on the way, the first and the last included.
        status: the last page's status.
        text: what a person reads there, and what the last address says in its parameters.
    """

    urls: tuple[str, ...]
    status: int
    text: str

    def passed(self, parameter: str, value: str) -> bool:
        """Whether an address on the way has a parameter of that value."""
        return any((parameter, value) in parse_qsl(urlsplit(url).query) for url in self.urls)


def travel(http: httpx.Client, url: str, *, until: str) -> RedirectChain:
    """Follow redirects as a browser does.

    Raises:
        httpx.HTTPError: an address does not answer.
    """
    urls = [url]
    while True:
        try:
            answer = http.get(urls[-1])
            location = answer.headers.get("location", "") if answer.is_redirect else ""
            following = urljoin(urls[-1], location)
        except (httpx.InvalidURL, ValueError) as error:
            raise httpx.UnsupportedProtocol(f"there is a redirect to no address: {error}") from None
        if not location:
            return RedirectChain(
                tuple(urls), answer.status_code, f"{parameters(urls[-1])} {readable(answer.text)}"
            )
        urls.append(following)
        if following.split("?")[0].split("#")[0] == until or len(urls) > MOST_HOPS:
            return RedirectChain(tuple(urls), answer.status_code, parameters(following))


def parameters(url: str) -> str:
    """What an error redirect says, in query or fragment: `error` and `error_description`, decoded."""
    parts = urlsplit(url)
    said = dict(parse_qsl(parts.fragment) + parse_qsl(parts.query))
    return " ".join(said[name] for name in ("error", "error_description") if name in said)


def readable(page: str) -> str:
    """The text of an HTML page; Microsoft's pages have their errors in a script, which stays."""
    return " ".join(unescape(_TAGS.sub(" ", _SCRIPTS.sub(" ", page))).split())


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a text, for one line, without any token that it holds."""
    text = _TOKENS.sub("…", " ".join(text.split()))
    return text if len(text) <= length else text[: length - 1] + "…"
