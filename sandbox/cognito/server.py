"""The sign-in domain as a whole, and its place beside the API of the same user pools."""

from collections.abc import Callable
from functools import partial

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.cognito import authorize, discovery, federation, pages, sign_out, token_endpoint, userinfo
from sandbox.cognito.domain import Domain
from sandbox.web.endpoints import Call, endpoint

Handler = Callable[[Domain, Call], Response]

DOMAIN_PATHS = ("/oauth2/", "/saml2/", "/login", "/logout")
PROTOCOL = b"x-forwarded-proto"
DISCOVERY = "/.well-known/openid-configuration"


def sign_in_domain(origin: str) -> Starlette:
    """The endpoints of every pool's domain (cognito-userpools-server-contract-reference).

    On AWS each pool has a host of its own; here one origin stands for all of them, and the app client
    tells which pool is meant.
    """
    domain = Domain(origin)

    def for_browsers(path: str, handler: Handler, *methods: str) -> Route:
        return Route(path, endpoint(partial(handler, domain), may_wait=True), methods=methods)

    def for_scripts(path: str, handler: Handler, *methods: str) -> Route:
        # Single page apps fetch their tokens by themselves, from any origin: AWS allows it, and does not
        # document it (Fetch Standard, "CORS protocol").
        cors = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=methods, allow_headers=["*"])
        handle = endpoint(partial(handler, domain), may_wait=True)
        return Route(path, handle, methods=[*methods, "OPTIONS"], middleware=[cors])

    return Starlette(
        routes=[
            for_browsers("/oauth2/authorize", authorize.authorize, "GET"),
            for_browsers("/login", authorize.login, "GET", "POST"),
            for_browsers("/oauth2/idpresponse", federation.end, "GET"),
            for_browsers("/logout", sign_out.logout, "GET"),
            for_browsers("/error", _error, "GET"),
            for_scripts("/oauth2/token", token_endpoint.token, "POST"),
            for_scripts("/oauth2/revoke", token_endpoint.revoke, "POST"),
            for_scripts("/oauth2/userInfo", userinfo.user_info, "GET", "POST"),
            for_scripts(f"/{{pool_id}}{DISCOVERY}", discovery.configuration, "GET"),
            for_scripts("/{pool_id}/.well-known/jwks.json", discovery.keys, "GET"),
        ]
    )


def _error(_: Domain, call: Call) -> Response:
    return pages.error_page(call.query.get("error", ""))


class ApiOnly:
    """The API without a sign-in domain, as on AWS, where the two are different hosts.

    MiniStack serves a domain of its own, more lenient than AWS, at the API's address. Nobody should end up
    there by mistake; and what describes a pool's endpoints must name the strict ones.
    """

    def __init__(self, api: ASGIApp, domain: ASGIApp, origin: str) -> None:
        self._api = api
        self._domain = domain
        self._refusal = JSONResponse({"message": f"The user pools' domains are at {origin}."}, 404)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        path = scope.get("path", "")
        if path.startswith(DOMAIN_PATHS):
            await self._refusal(scope, receive, send)
        elif path.endswith(DISCOVERY) and scope["type"] == "http":
            await self._domain(scope, receive, send)
        else:
            # On AWS everybody comes over TLS, which policies can demand; whoever sets the header does not.
            if scope["type"] == "http" and not any(name == PROTOCOL for name, _ in scope["headers"]):
                scope["headers"] = [*scope["headers"], (PROTOCOL, b"https")]
            await self._api(scope, receive, send)
