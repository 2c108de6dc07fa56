"""The sign-in domain as a whole, and its place beside the API of the same user pools."""

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.cognito import pages
from sandbox.cognito.authorize import Authorize
from sandbox.cognito.authorize_response import AuthorizeResponses
from sandbox.cognito.discovery import Discovery
from sandbox.cognito.federation import FederatedSignIn
from sandbox.cognito.sessions import Memory
from sandbox.cognito.sign_out import SignOut
from sandbox.cognito.token_endpoint import TokenEndpoint
from sandbox.cognito.tokens import Tokens
from sandbox.cognito.user_pools import UserPools
from sandbox.cognito.userinfo import UserInfo
from sandbox.web.endpoints import Call, endpoint

DOMAIN_PATHS = ("/oauth2/", "/saml2/", "/login", "/logout")
DISCOVERY = "/.well-known/openid-configuration"


def sign_in_domain(origin: str) -> Starlette:
    """The endpoints of every pool's domain (cognito-userpools-server-contract-reference).

    On AWS each pool has a host of its own; here one origin stands for all of them, and the app client
    tells which pool is meant.
    """
    pools, memory = UserPools(), Memory()
    tokens = Tokens(pools)
    responses = AuthorizeResponses(pools, memory, tokens)
    federation = FederatedSignIn(pools, memory, responses)
    authorize = Authorize(pools, memory, responses, federation)
    token_endpoint = TokenEndpoint(pools, memory, tokens)
    discovery = Discovery(pools, origin)
    return Starlette(
        routes=[
            _for_browsers("/oauth2/authorize", authorize.authorize, "GET"),
            _for_browsers("/login", authorize.login, "GET", "POST"),
            _for_browsers("/oauth2/idpresponse", federation.end, "GET"),
            _for_browsers("/logout", SignOut(pools, memory).logout, "GET"),
            _for_browsers("/error", _error, "GET"),
            _for_scripts("/oauth2/token", token_endpoint.token, "POST"),
            _for_scripts("/oauth2/revoke", token_endpoint.revoke, "POST"),
            _for_scripts("/oauth2/userInfo", UserInfo(pools).user_info, "GET", "POST"),
            _for_scripts(f"/{{pool_id}}{DISCOVERY}", discovery.configuration, "GET"),
            _for_scripts("/{pool_id}/.well-known/jwks.json", discovery.keys, "GET"),
        ]
    )


def _for_browsers(path: str, handler: Callable[[Call], Response], *methods: str) -> Route:
    return Route(path, endpoint(handler, may_wait=True), methods=methods)


def _for_scripts(path: str, handler: Callable[[Call], Response], *methods: str) -> Route:
    """A route that scripts of any origin may call: single page apps fetch their tokens by themselves.

    AWS allows it, and does not document it (Fetch Standard, "CORS protocol").
    """
    open_to_all = Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=methods, allow_headers=["*"])
    return Route(
        path, endpoint(handler, may_wait=True), methods=[*methods, "OPTIONS"], middleware=[open_to_all]
    )


def _error(call: Call) -> Response:
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
            await self._api(scope, receive, send)
