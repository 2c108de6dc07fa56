"""Between Starlette and the endpoints: a request read at once, answers, refusals, cookies."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache", "Referrer-Policy": "no-referrer"}


class RefusalError(Exception):
    """A refusal of an emulated service, which knows how the service answers."""

    def response(self) -> Response:
        """What the service answers."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request; `path` is what the route names in its path, and names of headers are in lower case."""

    method: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    cookies: Mapping[str, str]

    @property
    def fields(self) -> Mapping[str, str]:
        """The parameters of an endpoint that takes GET and POST."""
        return self.form if self.method == "POST" else self.query

    def credentials(self, scheme: str) -> str | None:
        """The credentials in the Authorization header (RFC 9110); None when it has another scheme or none."""
        used, _, credentials = self.headers.get("authorization", "").partition(" ")
        return credentials if used.lower() == scheme else None


def endpoint(
    handler: Callable[[Call], Response], *, may_wait: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of a handler; one that may wait, for instance for another server, runs in a thread."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        form = await request.form()
        call = Call(
            method=request.method,
            path=request.path_params,
            query=dict(request.query_params),
            form={name: value for name, value in form.items() if isinstance(value, str)},
            body=body,
            headers=dict(request.headers),
            cookies=request.cookies,
        )
        try:
            response = await run_in_threadpool(handler, call) if may_wait else handler(call)
        except RefusalError as refusal:
            response = refusal.response()
        response.headers.update(NOT_STORED)
        return response

    return answer


def redirect(url: str) -> Response:
    """Send the browser elsewhere."""
    return RedirectResponse(url, 302)


def with_parameters(url: str, parameters: Mapping[str, str]) -> str:
    """A URL with parameters added to its query."""
    if not parameters:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


@dataclass(frozen=True)
class Reply:
    """A redirect URI, and how it takes the answer.

    RFC 6749, sections 4.1.2 and 4.2.2; OAuth 2.0 Multiple Response Type Encoding Practices, for the mode:
    `query` or `fragment`.
    """

    redirect_uri: str
    state: str | None
    mode: str = "query"

    def response(self, answer: Mapping[str, str], then: Mapping[str, str] | None = None) -> Response:
        """The answer with the application's own `state`, and what follows the state."""
        state = {} if self.state is None else {"state": self.state}
        parameters = {**answer, **state, **(then or {})}
        if self.mode == "fragment":
            return redirect(f"{self.redirect_uri}#{urlencode(parameters)}")
        return redirect(with_parameters(self.redirect_uri, parameters))


def set_cookie(response: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Give the browser a cookie that no script can read; an empty value takes the cookie away."""
    if value:
        response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax")
    else:
        response.delete_cookie(name, httponly=True, samesite="lax")
