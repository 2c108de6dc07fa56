"""The errors of Cognito in its own words, and where each goes: its error page, the callback URL, or JSON.

Documented in authorization-endpoint ("Examples of negative responses") and
federation-endpoint-idp-responses; where the guide gives no words, they are those that apps have received
from AWS, and otherwise this project's own, as each constant says.
"""

from collections.abc import Iterable

from starlette.responses import JSONResponse, Response

from sandbox.web.endpoints import RefusalError, Reply, redirect, with_parameters

# On the error page: the address `/error?error=…&client_id=…` and the words are AWS's, undocumented.
NO_SUCH_CLIENT = "Client does not exist"
PARAMETERS_MISSING = "Required parameters missing"
REDIRECT_MISMATCH = "redirect_mismatch"
INVALID_REDIRECT = "invalid_redirect"
LOGIN_OPTION = "Login option is not available. Please try another one"
NO_REDIRECT_URI = "Required String parameter 'redirect_uri' is not present"
NO_SUCH_DOMAIN = "Nobody signs in here with an email address of that domain."  # own words
# cognito-user-pools-oidc-flow: requests that do not complete within 5 minutes.
SOMETHING_WENT_WRONG = "Something went wrong"

# What timed out: the first two are in authorization-endpoint, the others in their manner.
TIMEOUTS = {
    "token": "Timeout occurred in calling IdP token endpoint",
    "jwks": "Timeout in calling jwks uri",
    "userInfo": "Timeout occurred in calling IdP userInfo endpoint",
    "configuration": "Timeout occurred in calling IdP openid-configuration",
}

# At the callback URL, as `error`.
INVALID_REQUEST = "invalid_request"
LOGIN_REQUIRED = "login_required"  # authorization-endpoint, prompt=none

# At the callback URL, as `error_description` of an invalid_request. The guide shows the first two as `error`.
UNAUTHORIZED_CLIENT = "unauthorized_client"
INVALID_SCOPE = "invalid_scope"
NOT_ENABLED = "Client is not enabled for OAuth2.0 flows"
CHALLENGE_METHOD = "code_challenge_method must be S256"  # own words
CHALLENGE = "code_challenge is required with code_challenge_method"  # own words
CONNECTION_RESET = "Connection reset"  # authorization-endpoint
TOKEN_TYPE = "invalid token_type in idp oauth response"  # noqa: S105
NO_SUBJECT = "username attribute mapping required"
DISABLED = "User is disabled."


# At the token endpoint, as `error` (token-endpoint, "Examples of negative responses"; revocation-endpoint).
INVALID_CLIENT = "invalid_client"
INVALID_GRANT = "invalid_grant"
UNSUPPORTED_GRANT = "unsupported_grant_type"
UNSUPPORTED_TOKEN = "unsupported_token_type"  # noqa: S105

# At userInfo, as `error_description` (userinfo-endpoint, "Sample negative responses").
BAD_USER_INFO_REQUEST = "Bad OAuth2 request at UserInfo Endpoint"
BAD_ACCESS_TOKEN = "Access token is expired, disabled, or deleted, or the user has globally signed out."  # noqa: S105


class PageError(RefusalError):
    """A refusal that nobody but the person at the browser may see: it ends on `/error`."""

    def __init__(self, error: str, client_id: str | None = None) -> None:
        super().__init__(error)
        self._client_id = client_id

    def response(self) -> Response:
        """The way to the error page."""
        client = {} if self._client_id is None else {"client_id": self._client_id}
        return redirect(with_parameters("/error", {"error": str(self)} | client))


class CallbackError(RefusalError):
    """A refusal that the app hears of, at its callback URL."""

    def __init__(self, reply: Reply, error: str, description: str | None = None) -> None:
        super().__init__(description or error)
        self._reply = reply
        self._error = error
        self._description = description

    def response(self) -> Response:
        """The way back to the app; the parameters are in AWS's order."""
        described = {} if self._description is None else {"error_description": self._description}
        return self._reply.response(described, {"error": self._error})


class EndpointError(RefusalError):
    """A refusal of an endpoint that programs call."""

    def __init__(self, error: str, description: str | None = None, *, status: int = 400) -> None:
        super().__init__(error)
        self._error = error
        self._description = description
        self._status = status

    def response(self) -> Response:
        """The error as JSON, with a description where AWS has one."""
        described = {} if self._description is None else {"error_description": self._description}
        return JSONResponse({"error": self._error, **described}, self._status)


class BearerError(EndpointError):
    """A refusal of an access token, which the headers tell of too (RFC 6750, section 3)."""

    def response(self) -> Response:
        """The error as JSON and in `WWW-Authenticate`."""
        response = super().response()
        parameters = f'error="{self._error}", error_description="{self._description}"'
        response.headers["WWW-Authenticate"] = f"Bearer {parameters}"
        return response


class NoSuchPoolError(RefusalError):
    """There is no user pool of that id."""

    def response(self) -> Response:
        """The answer of the API's own host."""
        return JSONResponse({"message": f"User pool {self} does not exist."}, 404)


class FederationError(Exception):
    """A sign-in at an identity provider that failed; the text is the error_description."""


def bad_token(what: str) -> str:
    """The ID token is not what it should be; of the words only those for another issuer are AWS's."""
    return f"Bad id_token {what}"


def idp_error(provider: str, status: int, what: str, answer: object) -> str:
    """An endpoint of the identity provider refused.

    federation-endpoint-idp-responses: the provider's name and the HTTP status go before the provider's own
    error; authorization-endpoint: without one, "error getting token".
    """
    reason = ""
    if isinstance(answer, dict):
        reason = " ".join(str(answer[key]) for key in ("error", "error_description") if answer.get(key))
    return f"{provider} Error - {status} {reason or f'error getting {what}'}"


def attributes_required(names: Iterable[str]) -> str:
    """The user would lack attributes that the pool requires."""
    return f"attributes required: [{', '.join(names)}]"


def not_updated(names: Iterable[str]) -> str:
    """Attributes that are immutable, or that the app client may not write; line ends and blanks are AWS's."""
    return "".join(f"user.{name}: Attribute cannot be updated.\n " for name in names)


def not_fitting(names: Iterable[tuple[str, str]]) -> str:
    """Values that the pool's schema does not allow; own words in the form of the line above."""
    return "".join(f"user.{name}: {reason}\n " for name, reason in names)


def username_too_long(limit: int) -> str:
    """The provider's name and `sub` together are too long for a user name."""
    return (
        "1 validation error detected: Value at 'userName' failed to satisfy constraint:"
        f" Member must have length less than or equal to {limit}"
    )
