"""What the local Entra ID answers when it refuses: errors of Microsoft Graph and of the sign-in service."""

import tomllib
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

from starlette.responses import JSONResponse, Response

from sandbox.web.endpoints import RefusalError, Reply

AADSTS = tomllib.loads(Path(__file__).with_name("aadsts.toml").read_text())


class GraphError(RefusalError):
    """A refusal of Microsoft Graph (learn.microsoft.com/graph/errors)."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """The answer of every Graph call that is refused."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        inner = {"date": now, "request-id": str(uuid4()), "client-request-id": str(uuid4())}
        error = {"code": self.code, "message": self.message, "innerError": inner}
        # RFC 6750, section 3: what a refused bearer token is answered with.
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        headers = challenge if self.status == HTTPStatus.UNAUTHORIZED else None
        return JSONResponse({"error": error}, self.status, headers)


def invalid(message: str) -> GraphError:
    """A value that Graph does not accept."""
    return GraphError(400, "Request_BadRequest", message)


def invalid_property(resource: str, name: str, why: str) -> GraphError:
    """A property with a value that Graph does not accept; Graph itself leaves the reason out."""
    return invalid(f"Invalid value specified for property '{name}' of resource '{resource}'. {why}")


def not_found(identifier: str) -> GraphError:
    """An object that does not exist."""
    return GraphError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{identifier}' does not exist or one of its queried reference-property objects"
        " are not present.",
    )


def conflict(message: str) -> GraphError:
    """An object that exists already."""
    return GraphError(409, "Request_MultipleObjectsWithSameKeyValue", message)


def denied() -> GraphError:
    """A caller who may not do this."""
    return GraphError(
        403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."
    )


def invalid_token(message: str = "Access token validation failure.") -> GraphError:
    """A call without an access token that Graph accepts."""
    return GraphError(401, "InvalidAuthenticationToken", message)


class SignInError(RefusalError):
    """A refusal of the sign-in service: at an endpoint for programs JSON, at one for browsers a page."""

    def __init__(self, number: int, **named: str) -> None:
        meaning = AADSTS[str(number)]
        super().__init__(f"AADSTS{number}: {meaning['text'].format(**named)}")
        self.number = number
        self.error: str = meaning.get("error", "invalid_request")
        self.status: int = meaning.get("status", 400)
        self.trace_id = str(uuid4())
        self.correlation_id = str(uuid4())
        self.timestamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")

    @property
    def description(self) -> str:
        """Code, sentence and the ids that Microsoft's support asks for, as `error_description` has them."""
        return (
            f"{self} Trace ID: {self.trace_id} Correlation ID: {self.correlation_id}"
            f" Timestamp: {self.timestamp}"
        )

    def response(self) -> Response:
        """The answer of an endpoint for programs."""
        document: dict[str, Any] = {
            "error": self.error,
            "error_description": self.description,
            "error_codes": [self.number],
            "timestamp": self.timestamp,
            "trace_id": self.trace_id,
            "correlation_id": self.correlation_id,
        }
        return JSONResponse(document, self.status)


class CallbackError(RefusalError):
    """A refusal that the application is told about, at its redirect URI."""

    def __init__(self, reply: Reply, error: SignInError) -> None:
        super().__init__(str(error))
        self._reply = reply
        self._error = error

    def response(self) -> Response:
        """The way back to the application."""
        answer = {"error": self._error.error, "error_description": self._error.description}
        return self._reply.response(answer)
