"""What the local Entra ID answers when it refuses: errors of Microsoft Graph and of the sign-in service."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4


class GraphError(Exception):
    """A refusal of Microsoft Graph (learn.microsoft.com/graph/errors).

    Attributes:
        status: the HTTP status.
        code: the machine-readable code, such as `Request_BadRequest`.
        message: the sentence a person reads.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message

    def document(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        inner = {"date": now, "request-id": str(uuid4()), "client-request-id": str(uuid4())}
        return {"error": {"code": self.code, "message": self.message, "innerError": inner}}


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


def denied(message: str = "Insufficient privileges to complete the operation.") -> GraphError:
    """A caller who may not do this."""
    return GraphError(403, "Authorization_RequestDenied", message)


class SignInError(Exception):
    """A refusal of the sign-in service (learn.microsoft.com/entra/identity-platform/reference-error-codes).

    Attributes:
        number: the AADSTS number.
        error: the OAuth 2.0 error (RFC 6749, sections 4.1.2.1 and 5.2).
        status: the HTTP status, where the answer is not a redirect.
    """

    def __init__(
        self, number: int, message: str, *, error: str = "invalid_request", status: int = 400
    ) -> None:
        super().__init__(f"AADSTS{number}: {message}")
        self.number = number
        self.error = error
        self.status = status
        self.message = message
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

    def document(self) -> dict[str, Any]:
        """The JSON body of the answer."""
        return {
            "error": self.error,
            "error_description": self.description,
            "error_codes": [self.number],
            "timestamp": self.timestamp,
            "trace_id": self.trace_id,
            "correlation_id": self.correlation_id,
        }
