"""The stand-in's connection to a local Microsoft Graph: metadata, token, calls and their retries.

It talks to loopback addresses only. That is checked for every single request, so no document that a server
sends can lead it elsewhere.
"""

import base64
import http.client
import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote_plus, urlencode, urlsplit

from sandbox.azuread_plugin.problems import ProblemError
from sandbox.azuread_plugin.wire import Json

METADATA_PATH = "/metadata/endpoints?api-version=2022-09-01"
_TIMEOUT_SECONDS = 60
# The real provider tries for minutes; a local Graph is consistent at once.
_ATTEMPTS = 5
# The real provider renews a token in its last twenty minutes; a local Entra ID sees the same pattern.
_RENEW_BEFORE_SECONDS = 1200


@dataclass(frozen=True)
class Settings:
    """How to sign in.

    Attributes:
        metadata_host: host, port and path of the metadata document, without a scheme.
        tenant_id: the tenant.
        client_id: the app registration that Terraform acts as.
        client_secret: its secret.
    """

    metadata_host: str
    tenant_id: str
    client_id: str
    client_secret: str


class GraphError(Exception):
    """Graph refused a request.

    Attributes:
        status: the HTTP status.
        error: "code: message" as Graph says it.
    """

    def __init__(self, status: int, reason: str, error: str) -> None:
        """Describe the refusal."""
        super().__init__(f"unexpected status {status} ({status} {reason}) with error: {error}")
        self.status = status
        self.error = error

    @property
    def not_found(self) -> bool:
        """Whether the object does not exist."""
        return self.status == HTTPStatus.NOT_FOUND


def is_loopback(host: str | None) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def require_loopback(metadata_host: str) -> None:
    """Refuse a metadata document that is not on this machine.

    Raises:
        ProblemError: it is elsewhere, or not named at all.
    """
    if not metadata_host:
        raise _outside("no metadata host is set (metadata_host, ARM_METADATA_HOSTNAME)")
    if not is_loopback(urlsplit(f"https://{metadata_host}").hostname):
        raise _outside(f"the metadata host is {metadata_host}")


class Graph:
    """A signed-in client of a local Microsoft Graph.

    Attributes:
        base_url: Graph's address, without a trailing slash.
        tenant_id: the tenant signed in to.
        client_id: the app registration signed in as.
        object_id: its service principal's object ID.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the metadata document and fetch a first token.

        Raises:
            ProblemError: something is not on this machine, or the sign-in failed.
        """
        self.tenant_id = settings.tenant_id
        self.client_id = settings.client_id
        self._locks: dict[str, threading.Lock] = {}
        self._settings = settings
        self._token = ""
        self._token_lock = threading.Lock()
        self._token_expires = 0.0
        metadata = self._metadata()
        self.base_url = str(metadata["microsoftGraphResourceId"]).rstrip("/")
        self._login_url = str(metadata["authentication"]["loginEndpoint"])
        for what, url in (("login endpoint", self._login_url), ("Microsoft Graph", self.base_url)):
            if not is_loopback(urlsplit(url).hostname):
                raise _outside(f"the {what} in the metadata document is {url}")
        self.object_id = self._caller()

    def lock(self, path: str) -> threading.Lock:
        """The lock of one application, whose changes Graph wants one after the other."""
        return self._locks.setdefault(path, threading.Lock())

    def get(self, path: str, *, version: str = "v1.0", select: tuple[str, ...] = ()) -> Json:
        """Read one object.

        Raises:
            GraphError: Graph refused.
        """
        query = f"?{urlencode({'$select': ','.join(select)})}" if select else ""
        return self._call("GET", f"{self.base_url}/{version}{path}{query}") or {}

    def list(self, path: str, *, version: str = "v1.0", where: str = "") -> list[Json]:
        """Read a collection, all its pages.

        Raises:
            GraphError: Graph refused.
        """
        query = f"?{urlencode({'$filter': where}, quote_via=quote_plus)}" if where else ""
        return list(self._pages(f"{self.base_url}/{version}{path}{query}"))

    def _pages(self, url: str) -> Iterator[Json]:
        while url:
            page = self._call("GET", url) or {}
            yield from page.get("value", [])
            url = page.get("@odata.nextLink", "")

    def send(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        *,
        version: str = "v1.0",
        again: Callable[[GraphError], bool] = lambda _error: False,
    ) -> Json:
        """Change something.

        Raises:
            GraphError: Graph refused.
        """
        return self._call(method, f"{self.base_url}/{version}{path}", body, again=again) or {}

    def _call(
        self,
        method: str,
        url: str,
        body: Json | None = None,
        *,
        again: Callable[[GraphError], bool] = lambda _error: False,
    ) -> Json | None:
        headers = {"Authorization": f"Bearer {self._fresh_token()}", "Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
            data = json.dumps(body).encode()
        return self._retried(method, url, headers, data, again)

    def _retried(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        data: bytes | None,
        again: Callable[[GraphError], bool],
    ) -> Json | None:
        for attempt in range(_ATTEMPTS):
            response, text = self._exchange(method, url, headers, data)
            if response.status < HTTPStatus.BAD_REQUEST:
                parsed: Json | None = json.loads(text) if text else None
                return parsed
            error = self._error(response, text)
            if attempt + 1 == _ATTEMPTS or not (_worth_retrying(error.status) or again(error)):
                raise error
            wait = response.headers.get("Retry-After", "")
            time.sleep(int(wait) if wait.isdigit() else min(2**attempt, 60))
        raise AssertionError("the last attempt returns or raises")

    def _exchange(
        self, method: str, url: str, headers: dict[str, str], data: bytes | None
    ) -> tuple[http.client.HTTPResponse, str]:
        parts = urlsplit(url)
        if not is_loopback(parts.hostname):
            raise _outside(f"it was sent to {url}")
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
            return response, response.read().decode()
        except (OSError, http.client.HTTPException) as error:
            raise ProblemError(
                f"Could not reach {parts.scheme}://{parts.netloc}", f"{method} {parts.path}: {error}"
            ) from error
        finally:
            connection.close()

    def _error(self, response: http.client.HTTPResponse, text: str) -> GraphError:
        try:
            error = json.loads(text)["error"]
            said = f"{error['code']}: {error['message']}"
        except (ValueError, KeyError, TypeError):
            said = text[:200]
        return GraphError(response.status, response.reason, self.redacted(said))

    def redacted(self, text: str) -> str:
        """A text without the secrets this client knows."""
        for secret in (self._settings.client_secret, self._token):
            if secret:
                text = text.replace(secret, "(redacted)")
        return text

    def _metadata(self) -> Json:
        require_loopback(self._settings.metadata_host)
        url = f"https://{self._settings.metadata_host}{METADATA_PATH}"
        response, text = self._exchange("GET", url, {}, None)
        if response.status != HTTPStatus.OK:
            raise ProblemError(
                "Could not read the metadata document", f"{url} answered with status {response.status}."
            )
        metadata: Json = json.loads(text)
        for key in ("name", "resourceManager", "microsoftGraphResourceId"):
            if not metadata.get(key):
                raise ProblemError("Could not read the metadata document", f"{url} has no `{key}`.")
        return metadata

    def _fresh_token(self) -> str:
        with self._token_lock:
            if time.monotonic() > self._token_expires:
                self._fetch_token()
            return self._token

    def _fetch_token(self) -> None:
        form = {
            "client_id": self.client_id,
            "client_secret": self._settings.client_secret,
            "grant_type": "client_credentials",
            "scope": f"{self.base_url}/.default",
        }
        response, text = self._exchange(
            "POST",
            f"{self._login_url}/{self.tenant_id}/oauth2/v2.0/token",
            {"Content-Type": "application/x-www-form-urlencoded"},
            urlencode(form).encode(),
        )
        reply: Json = json.loads(text)
        if response.status != HTTPStatus.OK:
            said = f"{reply.get('error', response.status)}: {reply.get('error_description', '')}"
            raise ProblemError("Could not sign in to the local Entra ID", self.redacted(said))
        self._token = reply["access_token"]
        self._token_expires = time.monotonic() + float(reply["expires_in"]) - _RENEW_BEFORE_SECONDS

    def _caller(self) -> str:
        payload = self._fresh_token().split(".")[1]
        claims: Json = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["oid"])


def _worth_retrying(status: int) -> bool:
    if status in (
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.FAILED_DEPENDENCY,
        HTTPStatus.TOO_MANY_REQUESTS,
    ):
        return True
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.NOT_IMPLEMENTED


def _outside(why: str) -> ProblemError:
    return ProblemError(
        "The sandbox's azuread provider works with a local Entra ID only",
        f"This is the sandbox's stand-in of the azuread provider, which never talks to Microsoft, and {why}.",
        ("metadata_host",),
    )
