"""The discovery document and the key set of every user pool, with the addresses that answer here.

On AWS both are at the pool's issuer, `https://cognito-idp.<region>.amazonaws.com/<pool>`, and nowhere below
the pool's domain.
"""

from starlette.responses import JSONResponse, Response

from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import NoSuchPoolError
from sandbox.cognito.models import Pool
from sandbox.web.endpoints import Call


def configuration(domain: Domain, call: Call) -> Response:
    """The discovery document (federation-endpoints)."""
    pool = _pool(domain, call)
    return JSONResponse(
        {
            "authorization_endpoint": f"{domain.origin}/oauth2/authorize",
            "end_session_endpoint": f"{domain.origin}/logout",
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": pool.issuer,
            "jwks_uri": f"{domain.origin}/{pool.id}/.well-known/jwks.json",
            "response_types_supported": ["code", "token"],
            "revocation_endpoint": f"{domain.origin}/oauth2/revoke",
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint": f"{domain.origin}/oauth2/token",
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "userinfo_endpoint": f"{domain.origin}/oauth2/userInfo",
        }
    )


def keys(domain: Domain, call: Call) -> Response:
    """The keys that verify the pool's tokens (amazon-cognito-user-pools-using-tokens-verifying-a-jwt)."""
    return Response(domain.pools.key_set(_pool(domain, call).id), media_type="application/json")


def _pool(domain: Domain, call: Call) -> Pool:
    pool = domain.pools.pool(call.path["pool_id"])
    if pool is None:
        raise NoSuchPoolError(call.path["pool_id"])
    return pool
