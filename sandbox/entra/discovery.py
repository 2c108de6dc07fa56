"""The discovery document and the key set of every tenant (OpenID Connect Discovery 1.0, RFC 7517).

Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc.
"""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.entra.clients import Tenants, tenant_of
from sandbox.entra.tokens import ALGORITHM, Tokens
from sandbox.web.endpoints import Call, endpoint


class Discovery:
    """What clients read before they send anybody here."""

    def __init__(self, tenants: Tenants, tokens: Tokens) -> None:
        self._tenants = tenants
        self._tokens = tokens

    def routes(self) -> list[Route]:
        """The routes."""
        return [
            Route("/{tenant}/v2.0/.well-known/openid-configuration", endpoint(self._configuration)),
            Route("/{tenant}/discovery/v2.0/keys", endpoint(self._keys)),
        ]

    def _configuration(self, call: Call) -> Response:
        directory = tenant_of(call.path["tenant"], self._tenants)
        authority = self._tokens.authority
        tenant = f"{authority}/{directory.tenant_id}"
        document = {
            "issuer": self._tokens.issuer(directory),
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
            "jwks_uri": f"{tenant}/discovery/v2.0/keys",
            "userinfo_endpoint": f"{authority}/oidc/userinfo",
            "end_session_endpoint": f"{tenant}/oauth2/v2.0/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "claims_supported": [
                *("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username"),
                *("name", "tid", "ver", "at_hash", "c_hash", "email"),
            ],
            "request_uri_parameter_supported": False,
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "tenant_region_scope": "EU",
            "cloud_instance_name": authority.removeprefix("http://"),
        }
        return JSONResponse(document)

    def _keys(self, call: Call) -> Response:
        return JSONResponse(self._tokens.key_set(tenant_of(call.path["tenant"], self._tenants)))
