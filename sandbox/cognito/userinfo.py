"""/oauth2/userInfo: what an access token tells of its user."""

from starlette.responses import JSONResponse, Response

from sandbox.cognito import errors
from sandbox.cognito.attributes import visible
from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import BearerError
from sandbox.web.endpoints import Call


def user_info(domain: Domain, call: Call) -> Response:
    """/oauth2/userInfo (userinfo-endpoint): all values are text there, the verified flags too."""
    token = call.credentials("bearer")
    if not token:
        raise BearerError("invalid_request", errors.BAD_USER_INFO_REQUEST)
    claims = domain.pools.claims_of(token) if domain.pools.access_token_is_good(token) else {}
    client = domain.pools.client(claims.get("client_id", ""))
    user = None if client is None else domain.pools.user(client.pool.id, claims["username"])
    if client is None or user is None:
        raise BearerError("invalid_token", errors.BAD_ACCESS_TOKEN, status=401)
    attributes = visible(user.attributes, claims["scope"].split(), client)
    return JSONResponse({"sub": user.sub, **attributes, "username": user.username})
