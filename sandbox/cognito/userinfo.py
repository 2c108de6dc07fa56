"""/oauth2/userInfo: what an access token tells of its user."""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from sandbox.cognito import errors
from sandbox.cognito.attributes import visible
from sandbox.cognito.errors import BearerError
from sandbox.cognito.user_pools import UserPools
from sandbox.web.endpoints import Call


@dataclass(frozen=True)
class UserInfo:
    """The userInfo endpoint."""

    pools: UserPools

    def user_info(self, call: Call) -> Response:
        """/oauth2/userInfo (userinfo-endpoint): all values are text there, the verified flags too."""
        token = call.credentials("bearer")
        if not token:
            raise BearerError("invalid_request", errors.BAD_USER_INFO_REQUEST)
        claims = self.pools.claims_of(token) if self.pools.access_token_is_good(token) else {}
        client = self.pools.client(claims.get("client_id", ""))
        user = None if client is None else self.pools.user(client.pool.id, claims["username"])
        if client is None or user is None:
            raise BearerError("invalid_token", errors.BAD_ACCESS_TOKEN, status=401)
        attributes = visible(user.attributes, claims["scope"].split(), client)
        return JSONResponse({"sub": user.sub, **attributes, "username": user.username})
