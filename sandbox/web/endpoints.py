"""Between Starlette and the endpoints: a request read at once, and refusals turned into redirects."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from sandbox.cognito.errors import CallbackError, PageError

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request.

    Attributes:
        method: its method.
        query: the parameters in its address.
        form: those in its body.
        body: the body itself.
        headers: its headers, names in lower case.
        cookies: its cookies.
        parts: what the route names in its path.
    """

    method: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    parts: Mapping[str, str]


def redirect(url: str) -> RedirectResponse:
    """Send the browser elsewhere."""
    return RedirectResponse(url, 302)


def endpoint(handler: Callable[[Call], Response]) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint whose handler may block: it runs in a thread of its own."""

    async def answer(request: Request) -> Response:
        body = await request.body()
        form = await request.form()
        call = Call(
            method=request.method,
            query=dict(request.query_params),
            form={name: value for name, value in form.items() if isinstance(value, str)},
            body=body,
            headers=dict(request.headers),
            cookies=request.cookies,
            parts=request.path_params,
        )
        response = await run_in_threadpool(_handled, handler, call)
        response.headers.update(NOT_STORED)
        return response

    return answer


def _handled(handler: Callable[[Call], Response], call: Call) -> Response:
    try:
        return handler(call)
    except PageError as refusal:
        return redirect(refusal.path)
    except CallbackError as refusal:
        return redirect(refusal.url)
