"""The discovery document and the key set of every tenant (OpenID Connect Discovery 1.0, RFC 7517).

Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc.
"""

from starlette.responses import JSONResponse, Response

from sandbox.entra.clients import tenant_of
from sandbox.entra.service import SignInService
from sandbox.entra.tokens import ALGORITHM
from sandbox.web.endpoints import Call


def configuration(service: SignInService, call: Call) -> Response:
    """The discovery document of a tenant."""
    directory = tenant_of(call.path["tenant"], service.tenants)
    authority = service.tokens.authority
    tenant = f"{authority}/{directory.tenant_id}"
    document = {
        "issuer": service.tokens.issuer(directory),
        "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
        "token_endpoint": f"{tenant}/oauth2/v2.0/token",
        "jwks_uri": f"{tenant}/discovery/v2.0/keys",
        "userinfo_endpoint": f"{authority}/oidc/userinfo",
        "end_session_endpoint": f"{tenant}/oauth2/v2.0/logout",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_modes_supported": ["query", "fragment"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
    }
    return JSONResponse(document)


def keys(service: SignInService, call: Call) -> Response:
    """The public keys, as a tenant shows them."""
    return JSONResponse(service.tokens.key_set(tenant_of(call.path["tenant"], service.tenants)))
