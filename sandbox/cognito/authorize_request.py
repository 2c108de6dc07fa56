"""Reading an authorization request: what Cognito checks before anybody signs in."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.cognito import errors
from sandbox.cognito.errors import CallbackError, PageError
from sandbox.cognito.models import REQUIRED_FLOW, Client
from sandbox.web.endpoints import Reply

# authorization-endpoint, scope: "can only be requested if openid scope is also requested".
NEEDS_OPENID = frozenset({"email", "phone", "profile"})


@dataclass(frozen=True, kw_only=True)
class AuthorizeRequest:
    """An authorization request that passed all checks.

    Attributes:
        fields: its parameters as they came, for links that carry them on.
        scopes: the scopes asked for; all of the client's, when it asks for none.
        challenge: the PKCE challenge (RFC 7636); its method is always S256.
        prompt: how to treat somebody who is signed in already; classic sign-in pages do not look at it.
    """

    fields: Mapping[str, str]
    client: Client
    reply: Reply
    scopes: tuple[str, ...]
    nonce: str | None
    challenge: str | None
    prompt: frozenset[str]


def read(fields: Mapping[str, str], client: Client | None) -> AuthorizeRequest:
    """Check an authorization request (authorization-endpoint, login-endpoint).

    Raises:
        PageError: client or callback URL are not right, so that no app may be told.
        CallbackError: anything else is not right.
    """
    if client is None:
        raise PageError(errors.NO_SUCH_CLIENT)
    if not client.pool.hosts:
        # On AWS there would not even be a host to ask: cognito-user-pools-assign-domain.
        raise PageError(f"User pool {client.pool.id} has no domain", client.id)
    redirect_uri = fields.get("redirect_uri") or _default_redirect_uri(client)
    if not redirect_uri:
        raise PageError(errors.NO_REDIRECT_URI, client.id)
    # authorization-endpoint, redirect_uri: "You must have pre-registered the URI": letter for letter.
    if redirect_uri not in client.callback_urls:
        raise PageError(errors.REDIRECT_MISMATCH, client.id)
    mode = "fragment" if fields.get("response_type") == "token" else "query"
    reply = Reply(redirect_uri, fields.get("state"), mode)
    _check_client(fields, client, reply)
    return AuthorizeRequest(
        fields=fields,
        client=client,
        reply=reply,
        scopes=_scopes(fields.get("scope", ""), client, reply),
        nonce=fields.get("nonce"),
        challenge=_challenge(fields, reply),
        prompt=_prompt(fields.get("prompt", ""), client),
    )


def _prompt(prompt: str, client: Client) -> frozenset[str]:
    """authorization-endpoint, prompt: "in the managed login branding version only"; separated by spaces."""
    return frozenset(prompt.split()) if client.pool.managed_login else frozenset()


def _default_redirect_uri(client: Client) -> str:
    """What stands for redirect_uri in clients with one provider (API_CreateUserPoolClient)."""
    alone = len(client.providers) + client.local_accounts == 1
    return client.default_redirect_uri if alone else ""


def _check_client(fields: Mapping[str, str], client: Client, reply: Reply) -> None:
    if not client.oauth:
        raise CallbackError(reply, errors.INVALID_REQUEST, errors.NOT_ENABLED)
    use = f"response_type={fields.get('response_type')}"
    if use not in REQUIRED_FLOW:
        raise CallbackError(reply, errors.INVALID_REQUEST)
    if not client.allows(use):
        raise CallbackError(reply, errors.INVALID_REQUEST, errors.UNAUTHORIZED_CLIENT)


def _challenge(fields: Mapping[str, str], reply: Reply) -> str | None:
    """authorization-endpoint, code_challenge_method: only S256, and each of the two needs the other."""
    challenge, method = fields.get("code_challenge"), fields.get("code_challenge_method")
    if challenge is None and method is None:
        return None
    if method != "S256":
        raise CallbackError(reply, errors.INVALID_REQUEST, errors.CHALLENGE_METHOD)
    if not challenge:
        raise CallbackError(reply, errors.INVALID_REQUEST, errors.CHALLENGE)
    return challenge


def _scopes(asked: str, client: Client, reply: Reply) -> tuple[str, ...]:
    """authorization-endpoint, scope: the client's, and all of them when the app asks for none."""
    scopes = tuple(dict.fromkeys(asked.split())) or client.scopes
    if not set(scopes) <= set(client.scopes) or (NEEDS_OPENID & set(scopes) and "openid" not in scopes):
        raise CallbackError(reply, errors.INVALID_REQUEST, errors.INVALID_SCOPE)
    return scopes
