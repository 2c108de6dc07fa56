"""Reading an authorization request: what Entra ID checks, in its order, before anybody signs in.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, reply-url and
reference-error-codes; RFC 6749, section 4.1.2.1; RFC 7636; OpenID Connect Core 1.0, section 3.1.2.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from sandbox.entra.application_rules import LOOPBACK
from sandbox.entra.clients import client_of, missing
from sandbox.entra.directory import MICROSOFT_GRAPH, Application, Directory
from sandbox.entra.errors import SignInError
from sandbox.entra.sessions import AuthorizeRequest

RESPONSE_MODES = {"query", "fragment", "form_post"}
PROMPTS = {"none", "login", "select_account", "consent"}
CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHALLENGE_METHODS = {"plain", "S256"}
GRAPH_PREFIX = "https://graph.microsoft.com/"

COGNITO_DOMAIN = re.compile(r"[a-z0-9-]+\.auth(-fips)?\.[a-z0-9-]+\.amazoncognito\.com")

CognitoAt = Callable[[str], str | None]
"""Where the local Cognito answers for a host; None for a host that is none of its domains."""


class ReturnedError(Exception):
    """A refusal that the application is told about, at its redirect URI.

    Attributes:
        reply: where and how.
        problem: what is wrong.
    """

    def __init__(self, reply: "Reply", problem: SignInError) -> None:
        super().__init__(str(problem))
        self.reply = reply
        self.problem = problem


@dataclass(frozen=True)
class Reply:
    """Where an application wants the answer, and how."""

    redirect_uri: str
    response_mode: str
    state: str | None

    def fields(self, answer: Mapping[str, str]) -> dict[str, str]:
        """The answer's parameters: `state` comes back as it was sent."""
        return dict(answer) | ({} if self.state is None else {"state": self.state})

    def url(self, answer: Mapping[str, str], cognito_at: CognitoAt) -> str:
        """The address that carries an answer."""
        address = browser_address(self.redirect_uri, cognito_at)
        if self.response_mode == "fragment":
            return f"{address}#{urlencode(self.fields(answer))}"
        return f"{address}{'&' if '?' in address else '?'}{urlencode(self.fields(answer))}"


def is_prefix_domain(host: str) -> bool:
    """Whether a host is one that Amazon gives to user pools."""
    return bool(COGNITO_DOMAIN.fullmatch(host))


def browser_address(url: str, cognito_at: CognitoAt) -> str:
    """Where the browser is sent for `url`, which was checked against the registration before."""
    parts = urlsplit(url)
    cognito_url = cognito_at(parts.hostname or "")
    if cognito_url is None:
        return url
    query = f"?{parts.query}" if parts.query else ""
    return f"{cognito_url.rstrip('/')}{parts.path}{query}"


def is_registered(url: str, registered: list[str]) -> bool:
    """Whether an address is one of those registered: letter for letter.

    Only for http on loopback the port is left out of the comparison (RFC 8252, section 7.3).
    """
    return url in registered or (
        _without_loopback_port(url) is not None
        and _without_loopback_port(url) in {_without_loopback_port(uri) for uri in registered}
    )


def _without_loopback_port(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or "@" in parts.netloc:
        return None
    return parts._replace(netloc=parts.hostname).geturl()


def authorize_request(fields: Mapping[str, str], directory: Directory) -> AuthorizeRequest:
    """Read and check an authorization request.

    Raises:
        SignInError: the application or its redirect URI is not right, so that nobody may be told but the
            person at the browser.
        ReturnedError: anything else is not right.
    """
    application = client_of(fields.get("client_id", ""), directory, may_be_new=True).application
    redirect_uri = fields.get("redirect_uri", "")
    check_redirect_uri(redirect_uri, application)
    mode = fields.get("response_mode") or "query"
    try:
        return _checked(fields, mode, application, directory)
    except SignInError as problem:
        reply = Reply(redirect_uri, mode if mode in RESPONSE_MODES else "query", fields.get("state"))
        raise ReturnedError(reply, problem) from None


def _checked(
    fields: Mapping[str, str], mode: str, application: Application, directory: Directory
) -> AuthorizeRequest:
    if mode not in RESPONSE_MODES:
        raise SignInError(90023, "Unsupported 'response_mode' value.")
    _check_response_type(fields.get("response_type", ""), application)
    scopes = _scopes(fields.get("scope", ""), application, directory)
    prompt = frozenset(fields.get("prompt", "").split())
    if not prompt <= PROMPTS or (len(prompt) > 1 and "none" in prompt):
        raise SignInError(90023, "Unsupported 'prompt' value.")
    challenge = fields.get("code_challenge")
    method = fields.get("code_challenge_method", "plain")
    if challenge is not None and not CHALLENGE.fullmatch(challenge):
        raise SignInError(50147, "The size of the code challenge parameter isn't valid.")
    if challenge is not None and method not in CHALLENGE_METHODS:
        raise SignInError(90023, "Unsupported 'code_challenge_method' value.")
    return AuthorizeRequest(
        directory=directory,
        client_id=application.app_id,
        redirect_uri=fields["redirect_uri"],
        scopes=scopes,
        response_mode=mode,
        state=fields.get("state"),
        nonce=fields.get("nonce"),
        prompt=prompt,
        login_hint=fields.get("login_hint", ""),
        code_challenge=challenge,
        code_challenge_method=method,
    )


def check_redirect_uri(redirect_uri: str, application: Application) -> None:
    """Refuse an address that the application has not registered.

    Raises:
        SignInError: AADSTS500113 when it has registered none, AADSTS50011 for any other.
    """
    if not application.redirect_uris:
        raise SignInError(500113, "No reply address is registered for the application.")
    if not is_registered(redirect_uri, application.redirect_uris):
        raise SignInError(
            50011,
            f"The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs"
            f" configured for the application '{application.app_id}'. Make sure the redirect URI sent in the"
            " request matches one added to your application.",
        )


def _check_response_type(response_type: str, application: Application) -> None:
    if response_type == "code":
        return
    if not response_type:
        raise missing("response_type")
    allowed = application.body["web"]["implicitGrantSettings"]
    for word, number, setting in (
        ("id_token", 700054, "enableIdTokenIssuance"),
        ("token", 700051, "enableAccessTokenIssuance"),
    ):
        if word in response_type.split() and not allowed[setting]:
            raise SignInError(
                number,
                f"response_type '{word}' is not enabled for the application.",
                error="unsupported_response_type",
            )
    raise SignInError(
        70005,
        f"The response_type '{response_type}' is not supported here, only 'code'.",
        error="unsupported_response_type",
    )


def _scopes(scope: str, application: Application, directory: Directory) -> frozenset[str]:
    if not scope.strip():
        raise missing("scope")
    scopes = frozenset(word.removeprefix(GRAPH_PREFIX) for word in scope.split())
    if "openid" not in scopes:
        raise SignInError(
            70011,
            f"The provided value for the input parameter 'scope' isn't valid. The scope '{scope}' lacks"
            " openid.",
            error="invalid_scope",
        )
    graph = directory.service_principal_of(MICROSOFT_GRAPH)
    for unknown in sorted(scopes - set(graph.scopes if graph else [])):
        raise SignInError(
            650053,
            f"The application '{application.display_name}' asked for scope '{unknown}' that doesn't exist on"
            f" the resource '{MICROSOFT_GRAPH}'. Contact the app vendor.",
            error="invalid_client",
        )
    return scopes
