"""Reading an authorization request: what Entra ID checks, in its order, before anybody signs in.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow and reference-error-codes;
RFC 6749, section 4.1.2.1; RFC 7636; OpenID Connect Core 1.0, section 3.1.2.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.entra.clients import client_of
from sandbox.entra.directory import MICROSOFT_GRAPH, Application, Directory
from sandbox.entra.errors import CallbackError, SignInError
from sandbox.entra.redirect_uris import CognitoAt, browser_address, check_redirect_uri
from sandbox.entra.sessions import Asked
from sandbox.web.endpoints import Reply

RESPONSE_MODES = {"query", "fragment"}  # of those that Entra ID has; Cognito asks for the first alone
PROMPTS = {"none", "login", "select_account", "consent"}
CHALLENGE = re.compile(r"[A-Za-z0-9._~-]{43,128}")
CHALLENGE_METHODS = {"plain", "S256"}
GRAPH_PREFIX = "https://graph.microsoft.com/"


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest(Asked):
    """An authorization request (OpenID Connect Core 1.0, section 3.1.2.1).

    Attributes:
        redirect_uri: the address as it is registered; `reply` goes there on this machine.
    """

    redirect_uri: str
    scopes: frozenset[str]
    nonce: str | None
    prompt: frozenset[str]
    login_hint: str
    code_challenge: str | None
    code_challenge_method: str


def read(fields: Mapping[str, str], directory: Directory, cognito_at: CognitoAt) -> AuthorizeRequest:
    """Check an authorization request.

    Raises:
        SignInError: the application or its redirect URI is not right, so that nobody may be told but the
            person at the browser.
        CallbackError: anything else is not right.
    """
    application = client_of(fields.get("client_id", ""), directory, may_be_new=True).application
    redirect_uri = fields.get("redirect_uri", "")
    check_redirect_uri(redirect_uri, application)
    mode = fields.get("response_mode") or "query"
    known_mode = mode if mode in RESPONSE_MODES else "query"
    reply = Reply(browser_address(redirect_uri, cognito_at), fields.get("state"), known_mode)
    try:
        _check_supported("response_mode", supported=mode == known_mode)
        _check_response_type(fields.get("response_type", ""), application)
        scopes = _scopes(fields.get("scope", ""), application, directory)
        prompt = frozenset(fields.get("prompt", "").split())
        alone = "none" not in prompt or len(prompt) == 1
        _check_supported("prompt", supported=prompt <= PROMPTS and alone)
        challenge, method = _challenge(fields)
    except SignInError as error:
        raise CallbackError(reply, error) from None
    return AuthorizeRequest(
        directory=directory,
        client_id=application.app_id,
        redirect_uri=redirect_uri,
        reply=reply,
        scopes=scopes,
        nonce=fields.get("nonce"),
        prompt=prompt,
        login_hint=fields.get("login_hint", ""),
        code_challenge=challenge,
        code_challenge_method=method,
    )


def _check_supported(parameter: str, *, supported: bool) -> None:
    if not supported:
        raise SignInError(90023, parameter=parameter)


def _check_response_type(response_type: str, application: Application) -> None:
    if response_type == "code":
        return
    if not response_type:
        raise SignInError(900144, parameter="response_type")
    allowed = application.body["web"]["implicitGrantSettings"]
    for word, number, setting in (
        ("id_token", 700054, "enableIdTokenIssuance"),
        ("token", 700051, "enableAccessTokenIssuance"),
    ):
        if word in response_type.split() and not allowed[setting]:
            raise SignInError(number)
    raise SignInError(70005, response_type=response_type)


def _scopes(scope: str, application: Application, directory: Directory) -> frozenset[str]:
    if not scope.strip():
        raise SignInError(900144, parameter="scope")
    scopes = frozenset(word.removeprefix(GRAPH_PREFIX) for word in scope.split())
    if "openid" not in scopes:
        raise SignInError(70011, scope=scope)
    graph = directory.service_principal_of(MICROSOFT_GRAPH)
    for unknown in sorted(scopes - set(graph.scopes if graph else [])):
        raise SignInError(650053, name=application.display_name, scope=unknown, resource=MICROSOFT_GRAPH)
    return scopes


def _challenge(fields: Mapping[str, str]) -> tuple[str | None, str]:
    challenge, method = fields.get("code_challenge"), fields.get("code_challenge_method", "plain")
    if challenge is not None and not CHALLENGE.fullmatch(challenge):
        raise SignInError(50147)
    _check_supported("code_challenge_method", supported=challenge is None or method in CHALLENGE_METHODS)
    return challenge, method
