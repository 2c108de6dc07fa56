"""Cognito as the client of an OpenID Connect provider: the code for tokens, the ID token verified, userinfo.

cognito-user-pools-oidc-idp ("client_secret_post", "attributes request method", the form of the issuer) and
cognito-user-pools-oidc-flow (the order of the steps).
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from sandbox.cognito import errors
from sandbox.cognito.errors import FederationError
from sandbox.cognito.models import Json, Provider
from sandbox.web.endpoints import with_parameters

SECONDS = 20.0  # not documented; as long as a busy machine may need
# "Cognito supports RSA signatures": cognito-user-pools-oidc-idp.
ALGORITHMS = ["RS256", "RS384", "RS512"]

# cognito-user-pools-oidc-idp: endpoints that are not given come from the issuer's discovery document.
DISCOVERED = {
    "authorize_url": "authorization_endpoint",
    "token_url": "token_endpoint",
    "attributes_url": "userinfo_endpoint",
    "jwks_uri": "jwks_uri",
}


def http_client(seconds: float = SECONDS) -> httpx.Client:
    """What Cognito calls providers with: made once, since it reads the machine's trusted roots."""
    return httpx.Client(timeout=seconds, limits=httpx.Limits(max_keepalive_connections=0))


@dataclass(frozen=True)
class ProviderClient:
    """Cognito as the client of one identity provider.

    Attributes:
        redirect_uri: `https://<domain>/oauth2/idpresponse`, letter for letter as it is registered there.
        http: what calls it; its timeout is how long Cognito waits.
    """

    provider: Provider
    redirect_uri: str
    http: httpx.Client

    def authorize_url(self, state: str, nonce: str, more: Mapping[str, str]) -> str:
        """Where the browser is sent to sign in."""
        url = self._endpoint("authorize_url")
        parameters = {
            "response_type": "code",
            "client_id": self._detail("client_id"),
            "redirect_uri": self.redirect_uri,
            "scope": self._detail("authorize_scopes"),
            "state": state,
            "nonce": nonce,
        }
        return with_parameters(url, {**parameters, **more})

    def claims(self, code: str, nonce: str) -> Json:
        """What the provider says of the person: the ID token's claims, and what userinfo adds to them.

        Raises:
            FederationError: it says nothing that can be trusted.
        """
        tokens = self._tokens(code)
        told = self._verified(str(tokens.get("id_token", "")), nonce)
        more = self._user_info(str(tokens.get("access_token", "")))
        # OpenID Connect Core 1.0, section 5.3.2: another subject's userinfo must not be used.
        if "sub" in told and more.get("sub") != told["sub"]:
            raise FederationError(errors.bad_token("sub"))
        return {**more, **told}

    def _tokens(self, code: str) -> Json:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            # The only way that Cognito authenticates: client_secret_post.
            "client_id": self._detail("client_id"),
            "client_secret": self._detail("client_secret"),
        }
        answer = self._call("POST", self._endpoint("token_url"), "token", form=form)
        if str(answer.get("token_type", "")).lower() != "bearer":
            raise FederationError(errors.TOKEN_TYPE)
        return answer

    def _verified(self, token: str, nonce: str) -> Json:
        keys = self._call("GET", self._endpoint("jwks_uri"), "jwks")
        try:
            claims = jwt.decode(token, _rsa_keys(keys), algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, KeyError, TypeError):
            raise FederationError(errors.bad_token("signature")) from None
        # Compared letter for letter: one slash at the end, or `common` for the tenant, is another issuer.
        if claims.get("iss") != self._detail("oidc_issuer"):
            raise FederationError(errors.bad_token(f"issuer {claims.get('iss')}"))
        audience = claims.get("aud")
        if self._detail("client_id") not in (audience if isinstance(audience, list) else [audience]):
            raise FederationError(errors.bad_token(f"audience {audience}"))
        expires = claims.get("exp")
        if not isinstance(expires, int | float) or expires <= time.time():
            raise FederationError(errors.bad_token("expiry"))
        # amazon-cognito-user-pools-using-the-id-token: Cognito "generates and validates a nonce". Providers
        # that do not return it work on AWS all the same.
        if claims.get("nonce", nonce) != nonce:
            raise FederationError(errors.bad_token("nonce"))
        return claims

    def _user_info(self, access_token: str) -> Json:
        method = self._detail("attributes_request_method") or "GET"
        return self._call(method, self._endpoint("attributes_url"), "userInfo", bearer=access_token)

    def _endpoint(self, name: str) -> str:
        if given := self._detail(name):
            return given
        issuer = self._detail("oidc_issuer").rstrip("/")
        document = self._call("GET", f"{issuer}/.well-known/openid-configuration", "configuration")
        return str(document.get(DISCOVERED[name], ""))

    def _detail(self, name: str) -> str:
        return self.provider.details.get(name, "")

    def _call(
        self,
        method: str,
        url: str,
        what: str,
        *,
        form: Mapping[str, str] | None = None,
        bearer: str | None = None,
    ) -> Json:
        """An answer of the provider, which must be a JSON object.

        Raises:
            FederationError: there was none (authorization-endpoint, "Examples of negative responses").
        """
        headers = {"Accept": "application/json"}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            answer = self.http.request(method, url, data=form, headers=headers)
        except httpx.TimeoutException:
            raise FederationError(errors.TIMEOUTS[what]) from None
        except (httpx.TransportError, httpx.InvalidURL):
            raise FederationError(errors.CONNECTION_RESET) from None
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not answer.is_success or not isinstance(document, dict):
            raise FederationError(errors.idp_error(self.provider.name, answer.status_code, what, document))
        return document


def _rsa_keys(document: Json) -> KeySet:
    """The keys that can verify: a provider's set may hold others too."""
    return KeySet.import_key_set({"keys": [key for key in document["keys"] if key["kty"] == "RSA"]})
