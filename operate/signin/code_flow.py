"""The authorization code flow with PKCE, as an app would go through it with Cognito.

Sources: developer guide, "Authorize endpoint", "Token endpoint" and "Verifying JSON web tokens"; RFC 7636;
OpenID Connect Core 1.0, section 3.1.3.7.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from operate import http_client
from operate.errors import OperateError
from operate.outputs import Outputs

ALGORITHM = "RS256"
LEEWAY = 60  # seconds that two clocks may differ

Claims = dict[str, Any]


class RefusedError(Exception):
    """Cognito or Entra ID refused; the text is what they said."""


@dataclass(frozen=True)
class CodeFlow:
    """One attempt to sign in at one app client.

    Attributes:
        client_key: the client's key in the settings.
        provider: the name of the identity provider that the person signs in by.
        domain_url: where the sign-in domain answers.
        hints: `login_hint` and `prompt`, which Cognito sends on to Entra ID.
    """

    outputs: Outputs
    client_key: str
    provider: str
    callback_url: str
    domain_url: str
    hints: Mapping[str, str] = field(default_factory=dict)
    state: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)

    @property
    def client_id(self) -> str:
        """The app client's id."""
        return self.outputs.client_ids[self.client_key]

    @property
    def url(self) -> str:
        """The address at which the browser begins."""
        digest = hashlib.sha256(self.verifier.encode()).digest()
        request = {
            "identity_provider": self.provider,
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.callback_url,
            "scope": " ".join(self.outputs.expected.clients[self.client_key].scopes),
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
            "code_challenge_method": "S256",
            **self.hints,
        }
        return f"{self.domain_url}/oauth2/authorize?{urlencode(request)}"

    def exchange(self, http: httpx.Client, code: str, secret: str | None) -> str:
        """Exchange the code for the ID token.

        Raises:
            RefusedError: Cognito refused.
            OperateError: it did not answer.
        """
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": code,
            "redirect_uri": self.callback_url,
            "code_verifier": self.verifier,
        }
        auth = httpx.BasicAuth(self.client_id, secret) if secret else None
        url = f"{self.domain_url}/oauth2/token"
        try:
            answer = http.post(url, data=form, auth=auth) if auth else http.post(url, data=form)
            document = answer.json()
        except httpx.HTTPError as error:
            raise OperateError(f"Cognito's token endpoint: {http_client.reason(error)}.") from None
        except ValueError:
            raise RefusedError(f"status {answer.status_code}") from None
        if not answer.is_success:
            said = " ".join(str(document[key]) for key in ("error", "error_description") if key in document)
            raise RefusedError(said or f"status {answer.status_code}")
        if "id_token" not in document:
            raise RefusedError("no ID token: the client's scopes lack openid")
        return str(document["id_token"])

    def verify(self, http: httpx.Client, id_token: str, jwks_url: str) -> Claims:
        """The claims of an ID token, once signature, issuer, audience, expiry, nonce and use are verified.

        Raises:
            RefusedError: it is not valid; says what is wrong with it.
            OperateError: the keys cannot be had.
        """
        try:
            answer = http.get(jwks_url)
            keys = KeySet.import_key_set(answer.json())
        except httpx.HTTPError as error:
            raise OperateError(f"The user pool's keys, {jwks_url}: {http_client.reason(error)}.") from None
        except (ValueError, KeyError, TypeError, JoseError):
            raise OperateError(f"There are no keys at {jwks_url}: status {answer.status_code}.") from None
        rules = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.outputs.issuer},
            aud={"essential": True, "value": self.client_id},
            exp={"essential": True},
            nonce={"essential": True, "value": self.nonce},
            token_use={"essential": True, "value": "id"},
        )
        try:
            token = jwt.decode(id_token, keys, algorithms=[ALGORITHM])
            rules.validate(token.claims)
        except (JoseError, ValueError) as error:
            raise RefusedError(f"the ID token is not valid: {error}") from None
        return dict(token.claims)
