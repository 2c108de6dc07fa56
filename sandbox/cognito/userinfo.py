"""/oauth2/userInfo, the discovery document and the key set: what apps read."""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from sandbox.cognito.attributes import visible
from sandbox.cognito.user_pools import Pools
from sandbox.web.endpoints import Call

BAD_REQUEST = "Bad OAuth2 request at UserInfo Endpoint"
BAD_TOKEN = "Access token is expired, disabled, or deleted, or the user has globally signed out."  # noqa: S105


@dataclass(frozen=True)
class Profile:
    """The endpoints that tell of users and of the pool itself."""

    pools: Pools
    origin: str

    def user_info(self, call: Call) -> Response:
        """/oauth2/userInfo (userinfo-endpoint): all values are text there, the verified flags too."""
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _refused(400, "invalid_request", BAD_REQUEST)
        if not self.pools.access_token_is_good(token):
            return _refused(401, "invalid_token", BAD_TOKEN)
        claims = self.pools.claims_of(token)
        client = self.pools.client(claims["client_id"])
        if client is None:
            return _refused(401, "invalid_token", BAD_TOKEN)
        user = self.pools.user(client.pool.id, claims["username"])
        if user is None:
            return _refused(401, "invalid_token", BAD_TOKEN)
        attributes = visible(user.attributes, claims["scope"].split(), client)
        return JSONResponse({"sub": user.sub, **attributes, "username": user.username})

    def configuration(self, call: Call) -> Response:
        """The discovery document (federation-endpoints), with the addresses that answer on this machine.

        On AWS it is at the pool's issuer, `https://cognito-idp.<region>.amazonaws.com/<pool>`, and nowhere
        below the pool's domain.
        """
        pool = self.pools.pool(call.parts["pool_id"])
        if pool is None:
            return JSONResponse({"message": f"User pool {call.parts['pool_id']} does not exist."}, 404)
        return JSONResponse(
            {
                "authorization_endpoint": f"{self.origin}/oauth2/authorize",
                "end_session_endpoint": f"{self.origin}/logout",
                "id_token_signing_alg_values_supported": ["RS256"],
                "issuer": pool.issuer,
                "jwks_uri": f"{self.origin}/{pool.id}/.well-known/jwks.json",
                "response_types_supported": ["code", "token"],
                "revocation_endpoint": f"{self.origin}/oauth2/revoke",
                "scopes_supported": ["openid", "email", "phone", "profile"],
                "subject_types_supported": ["public"],
                "token_endpoint": f"{self.origin}/oauth2/token",
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
                "userinfo_endpoint": f"{self.origin}/oauth2/userInfo",
            }
        )

    def keys(self, call: Call) -> Response:
        """The keys that verify the pool's tokens (amazon-cognito-user-pools-using-tokens-verifying-a-jwt)."""
        pool = self.pools.pool(call.parts["pool_id"])
        if pool is None:
            return JSONResponse({"message": f"User pool {call.parts['pool_id']} does not exist."}, 404)
        return Response(self.pools.key_set(pool), media_type="application/json")


def _refused(status: int, error: str, description: str) -> Response:
    """userinfo-endpoint, "Sample negative responses"."""
    said = f'error="{error}", error_description="{description}"'
    return JSONResponse(
        {"error": error, "error_description": description}, status, {"WWW-Authenticate": f"Bearer {said}"}
    )
