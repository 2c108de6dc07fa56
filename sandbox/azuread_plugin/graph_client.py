"""The stand-in's connection to a local Microsoft Graph: metadata document, token, calls.

It talks to loopback addresses only. That is checked for every single request, so no document that a server
sends can lead it elsewhere.
"""

import base64
import http.client
import ipaddress
import json
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode, urlsplit

from sandbox.azuread_plugin.errors import ProviderError
from sandbox.azuread_plugin.wire import Json

LOCAL_ONLY = "The sandbox's stand-in for the azuread provider works with a local Entra ID only"
METADATA_PATH = "/metadata/endpoints?api-version=2022-09-01"
_TIMEOUT_SECONDS = 60
# The value of a password credential (learn.microsoft.com/graph/api/resources/passwordcredential)
_SECRET_TEXT = re.compile(r'("secretText"\s*:\s*")(?:[^"\\]|\\.)*')


@dataclass(frozen=True)
class Settings:
    """How to sign in.

    Attributes:
        metadata_host: host, port and path of the metadata document, without a scheme.
        client_id: the app registration that Terraform acts as.
        oidc_token: the token of another issuer that it presents instead of a secret.
    """

    metadata_host: str
    tenant_id: str
    client_id: str
    client_secret: str = ""
    oidc_token: str = ""


class GraphError(ProviderError):
    """Graph refused a request."""

    def __init__(self, request: str, status: int, text: str) -> None:
        with suppress(ValueError, KeyError):
            error = json.loads(text)["error"]
            text = f"{error['code']}: {error['message']}"
        super().__init__(f"Microsoft Graph refused {request}", f"It answered with status {status}: {text}")
        self.status = status


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


class GraphClient:
    """A signed-in client of a local Microsoft Graph; a call that Graph refuses raises a GraphError.

    Attributes:
        base_url: Graph's address, without a trailing slash.
        object_id: the object ID of the service principal signed in as.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the metadata document and fetch the token.

        Raises:
            ProviderError: something is not on this machine, or the sign-in failed.
        """
        self.settings = settings
        self._token = ""
        metadata = self._metadata()
        self.base_url = str(metadata["microsoftGraphResourceId"]).rstrip("/")
        self._token = self._sign_in(metadata["authentication"]["loginEndpoint"])
        payload = self._token.split(".")[1]
        claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        self.object_id = str(claims["oid"])

    def get(self, path: str) -> Json | None:
        """Read one object; None if Graph does not know it."""
        try:
            return self.send("GET", path)
        except GraphError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def list(self, path: str, where: str = "") -> list[Json]:
        """Read a collection, which the local Graph never divides into pages."""
        query = f"?{urlencode({'$filter': where}, quote_via=quote_plus)}" if where else ""
        objects: list[Json] = self.send("GET", f"{path}{query}")["value"]
        return objects

    def send(self, method: str, path: str, body: Json | None = None) -> Json:
        """Send a request."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = json.dumps(body).encode()
        status, text = _exchange(method, f"{self.base_url}/v1.0{path}", headers, data)
        if status >= HTTPStatus.BAD_REQUEST:
            raise GraphError(f"{method} {path}", status, self._redacted(text))
        answer: Json = json.loads(text) if text else {}
        return answer

    def upload(self, path: str, content: bytes) -> None:
        """Put a picture."""
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "image/png"}
        status, text = _exchange("PUT", f"{self.base_url}/v1.0{path}", headers, content)
        if status >= HTTPStatus.BAD_REQUEST:
            raise GraphError(f"PUT {path}", status, self._redacted(text))

    def _metadata(self) -> Json:
        url = f"https://{self.settings.metadata_host}{METADATA_PATH}"
        status, text = _exchange("GET", url, {}, None)
        if status != HTTPStatus.OK:
            raise ProviderError("Could not read the metadata document", f"{url}: status {status}")
        metadata: Json = json.loads(text)
        return metadata

    def _sign_in(self, login_url: str) -> str:
        form = {
            "client_id": self.settings.client_id,
            **self._credential(),
            "grant_type": "client_credentials",
            "scope": f"{self.base_url}/.default",
        }
        status, text = _exchange(
            "POST",
            f"{login_url}/{self.settings.tenant_id}/oauth2/v2.0/token",
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(form).encode(),
        )
        reply: Json = json.loads(text)
        if status != HTTPStatus.OK:
            raise ProviderError(
                "Could not sign in to the local Entra ID", self._redacted(reply["error_description"])
            )
        return str(reply["access_token"])

    def _credential(self) -> dict[str, str]:
        """How the application proves who it is (RFC 6749, section 2.3.1; RFC 7523, section 2.2)."""
        if self.settings.client_secret:
            return {"client_secret": self.settings.client_secret}
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        return {"client_assertion_type": kind, "client_assertion": self.settings.oidc_token}

    def _redacted(self, text: str) -> str:
        """A server's text without the secrets that a server may quote."""
        for secret in (self.settings.client_secret, self.settings.oidc_token, self._token):
            if secret:
                text = text.replace(secret, "(redacted)")
        return _SECRET_TEXT.sub(r"\1(redacted)", text)


def _exchange(method: str, url: str, headers: dict[str, str], data: bytes | None) -> tuple[int, str]:
    parts = urlsplit(url)
    if not is_loopback(parts.hostname):
        raise ProviderError(LOCAL_ONLY, f"It never talks to Microsoft, and was sent to {url}.")
    host = parts.hostname or ""
    connection = (
        # The default context honours SSL_CERT_FILE, by which the local Entra ID's certificate is trusted.
        http.client.HTTPSConnection(
            host, parts.port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=_TIMEOUT_SECONDS)
    )
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body=data, headers={**headers, "Connection": "close"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (OSError, http.client.HTTPException) as error:
        raise ProviderError(
            f"Could not reach {parts.scheme}://{parts.netloc}", f"{method} {parts.path}: {error}"
        ) from error
    finally:
        connection.close()
