"""The back channel of the version 2.0 endpoint: discovery, keys, token and userinfo.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, v2-protocols-oidc,
v2-oauth2-client-creds-grant-flow, userinfo and reference-error-codes; OpenID Connect Discovery 1.0;
RFC 6749; RFC 7636.
"""

import base64
import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.entra.clients import Tenants, check_secret, client_of, home_of, missing, tenant_of
from sandbox.entra.directory import Directory, Json, ServicePrincipal
from sandbox.entra.errors import GraphError, SignInError
from sandbox.entra.graph import DEPLOYER_ROLE
from sandbox.entra.sessions import Code, ExpiredError, Tickets, UsedError
from sandbox.entra.tokens import APP_TOKEN_SECONDS, ID_TOKEN_SECONDS, Tokens

NOT_STORED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenService:
    """The endpoints that programs call."""

    def __init__(self, tenants: Tenants, tokens: Tokens, codes: Tickets[Code]) -> None:
        self._tenants = tenants
        self._tokens = tokens
        self._codes = codes

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [
            Route("/{tenant}/v2.0/.well-known/openid-configuration", self._answering(self._configuration)),
            Route("/{tenant}/discovery/v2.0/keys", self._answering(self._keys)),
            Route("/{tenant}/oauth2/v2.0/token", self._answering(self._token), methods=["POST"]),
            Route("/oidc/userinfo", self._user_info, methods=["GET", "POST"]),
        ]

    def _answering(
        self, handler: Callable[[Directory, Mapping[str, str]], Json]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            form = await request.form() if request.method == "POST" else {}
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            try:
                directory = tenant_of(
                    request.path_params["tenant"], self._tenants, fields.get("client_id", "")
                )
                with directory.lock:
                    answer = handler(directory, fields)
            except SignInError as error:
                return JSONResponse(error.document(), error.status, NOT_STORED)
            return JSONResponse(answer, headers=NOT_STORED if request.method == "POST" else None)

        return endpoint

    def _configuration(self, directory: Directory, _: Mapping[str, str]) -> Json:
        tenant = f"{self._tokens.authority}/{directory.tenant_id}"
        return {
            "issuer": self._tokens.issuer(directory),
            "authorization_endpoint": f"{tenant}/oauth2/v2.0/authorize",
            "token_endpoint": f"{tenant}/oauth2/v2.0/token",
            "jwks_uri": f"{tenant}/discovery/v2.0/keys",
            "userinfo_endpoint": f"{self._tokens.authority}/oidc/userinfo",
            "end_session_endpoint": f"{tenant}/oauth2/v2.0/logout",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "response_types_supported": ["code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "claims_supported": [
                *("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "nonce", "preferred_username"),
                *("name", "tid", "ver", "at_hash", "c_hash", "email"),
            ],
            "request_uri_parameter_supported": False,
            "http_logout_supported": True,
            "frontchannel_logout_supported": True,
            "tenant_region_scope": "EU",
            "cloud_instance_name": self._tokens.authority.removeprefix("http://"),
        }

    def _keys(self, directory: Directory, _: Mapping[str, str]) -> Json:
        return self._tokens.key_set(directory)

    def _token(self, directory: Directory, form: Mapping[str, str]) -> Json:
        grant_type = form.get("grant_type", "")
        if not grant_type:
            raise missing("grant_type")
        service_principal = client_of(form.get("client_id", ""), directory)
        if grant_type not in {"authorization_code", "client_credentials"}:
            raise SignInError(
                70003,
                f"The app requested an unsupported grant type '{grant_type}'.",
                error="unsupported_grant_type",
            )
        check_secret(service_principal.application, form.get("client_secret", ""))
        if grant_type == "client_credentials":
            return self._for_application(service_principal, directory, form)
        return self._for_person(service_principal, directory, form)

    def _for_application(
        self, service_principal: ServicePrincipal, directory: Directory, form: Mapping[str, str]
    ) -> Json:
        scope = form.get("scope", "")
        if not scope:
            raise missing("scope")
        if scope not in {f"{self._tokens.authority}/.default", "https://graph.microsoft.com/.default"}:
            raise SignInError(
                1002012,
                f"The provided value for scope {scope} is not valid. Client credential flows must have a"
                " scope value with /.default suffixed to the resource identifier (application ID URI).",
                error="invalid_scope",
            )
        roles = [DEPLOYER_ROLE] if service_principal.built_in else []
        return {
            "token_type": "Bearer",
            "expires_in": APP_TOKEN_SECONDS,
            "ext_expires_in": APP_TOKEN_SECONDS,
            "access_token": self._tokens.app_token(service_principal, directory, roles),
        }

    def _for_person(
        self, service_principal: ServicePrincipal, directory: Directory, form: Mapping[str, str]
    ) -> Json:
        for parameter in ("code", "redirect_uri"):
            if not form.get(parameter):
                raise missing(parameter)
        code = self._redeem(form["code"])
        if code.sign_in.directory is not directory:
            raise SignInError(
                700005,
                "Provided Authorization Code is intended to use against other tenant, thus rejected."
                " OAuth2 Authorization Code must be redeemed against same tenant it was acquired for.",
                error="invalid_grant",
            )
        if code.sign_in.service_principal is not service_principal:
            raise SignInError(
                70000,
                "Provided grant is invalid or malformed: it was given to another client.",
                error="invalid_grant",
            )
        if form["redirect_uri"] != code.redirect_uri:
            raise SignInError(
                500112,
                f"The reply address '{form['redirect_uri']}' does not match the reply address"
                f" '{code.redirect_uri}' provided when requesting Authorization code.",
                error="invalid_grant",
            )
        _check_verifier(code, form.get("code_verifier"))
        return {
            "token_type": "Bearer",
            "scope": " ".join(sorted(code.sign_in.scopes - {"offline_access"})),
            "expires_in": ID_TOKEN_SECONDS,
            "ext_expires_in": ID_TOKEN_SECONDS,
            "access_token": self._tokens.user_token(code.sign_in),
            "id_token": self._tokens.id_token(code.sign_in),
        }

    def _redeem(self, ticket: str) -> Code:
        try:
            return self._codes.use(ticket)
        except KeyError:
            problem = SignInError(
                9002313, "Invalid request. Request is malformed or invalid.", error="invalid_grant"
            )
        except UsedError:
            problem = SignInError(
                54005,
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an"
                " existing refresh token.",
                error="invalid_grant",
            )
        except ExpiredError:
            problem = SignInError(
                70008,
                "The provided authorization code or refresh token has expired. Send a new interactive"
                " authorization request for this user and resource.",
                error="invalid_grant",
            )
        raise problem

    async def _user_info(self, request: Request) -> Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        claims = self._tokens.graph_claims(token) if scheme.lower() == "bearer" else None
        claims = claims or {}
        home = home_of(self._tenants)
        directory = self._tenants.get(claims.get("tid", ""), home)
        with home.lock:
            person = directory.people.get(claims.get("oid", ""))
            application = home.application_of(claims.get("appid", ""))
            if person is None or application is None:
                error = GraphError(401, "InvalidAuthenticationToken", "Access token validation failure.")
                # RFC 6750, section 3
                return JSONResponse(
                    error.document(), 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}
                )
            scopes = frozenset(claims["scp"].split())
            answer = self._tokens.user_info(application, person, directory, scopes)
            return JSONResponse(answer, headers=NOT_STORED)


def _check_verifier(code: Code, verifier: str | None) -> None:
    """Check the proof of possession (RFC 7636, section 4.6)."""
    if code.code_challenge is None:
        # RFC 9700, section 4.8.2: a verifier without a challenge is a sign of a downgrade.
        matches = verifier is None
    elif verifier is None:
        raise SignInError(
            50148,
            "The code_verifier does not match the code_challenge supplied in the authorization request for"
            " PKCE.",
            error="invalid_grant",
        )
    elif code.code_challenge_method == "S256":
        digest = hashlib.sha256(verifier.encode()).digest()
        expected = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        matches = hmac.compare_digest(expected.encode(), code.code_challenge.encode())
    else:
        matches = hmac.compare_digest(verifier.encode(), code.code_challenge.encode())
    if not matches:
        raise SignInError(
            501481,
            "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
            error="invalid_grant",
        )
