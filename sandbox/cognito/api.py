"""The API of the user pools as strict as AWS's: what MiniStack lets through, and AWS does not.

Only where it decides who somebody is or what their tokens say: authentication flows, challenges, secrets of
app clients and access tokens; `api_attributes` has what can be read and written. The messages are AWS's where
the references or its users quote them. Some of it MiniStack checks under its own `AUTH`, which wants every
request signed by a known account.
"""

# ruff: noqa: SLF001 - as in `user_pools`: private functions of a pinned version

import hmac
import json
import time
from collections.abc import Callable
from uuid import uuid4

from ministack.core.responses import error_response_json  # type: ignore[import-untyped]
from ministack.services import cognito as service  # type: ignore[import-untyped]

from sandbox.cognito.api_attributes import (
    Answer,
    RefusedError,
    RelayedError,
    attributes,
    client_of,
    lists,
    readable_only,
    sign_up,
    written_by,
)
from sandbox.cognito.lambda_functions import TriggerError
from sandbox.cognito.models import REQUIRED_FLOW, SELF_SERVICE_SCOPE, Client, Json, Pool, User
from sandbox.cognito.pre_token_generation import changes
from sandbox.cognito.tokens import Grant, with_refresh
from sandbox.cognito.user_pools import UserPools

Handler = Callable[[Json], Answer]

WRONG_PASSWORD = "Incorrect username or password."  # noqa: S105
# The challenges that MiniStack answers to anybody who names a user.
WITH_SESSION = frozenset({"NEW_PASSWORD_REQUIRED", "SOFTWARE_TOKEN_MFA", "MFA_SETUP"})
PASSWORD_FLOWS = frozenset({"USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "ADMIN_NO_SRP_AUTH"})

# A challenge's session, and the client, user and challenge that it is for.
_sessions: dict[str, tuple[str, str, str]] = {}


def enforce() -> None:
    """Have MiniStack's API obey these rules from now on."""
    service._build_auth_result = _auth_result
    service._run_idp_handler = _run


def _run(handler: Handler, action: str, request: Json) -> Answer:
    if action in service._UNSIGNED_IDP_ACTIONS:
        service._pin_unsigned_idp_scope(request)
    refused: Answer | None = service._access_token_error(request) or service._confirmation_code_error(
        action, request
    )
    if refused is not None:
        return refused
    try:
        for rule in RULES:
            rule(action, request)
        answer = handler(request)
    except RefusedError as refusal:
        return refusal.answer
    except TriggerError as error:
        failed: Answer = error_response_json("UserLambdaValidationException", str(error), 400)
        return failed
    _remember_challenge(action, request, answer)
    return readable_only(request, answer) if action == "GetUser" else answer


def _client_secret(action: str, request: Json) -> None:
    """signing-up-users-in-your-app, "Computing secret hash values"."""
    refused = service._validate_client_secret_hash(action, request)
    if refused is not None:
        raise RelayedError(refused)


def _plain_secret(request: Json) -> Client:
    """API_GetTokensFromRefreshToken and API_RevokeToken, ClientSecret."""
    client, secret = client_of(request), str(request.get("ClientSecret") or "")
    if client is None or not hmac.compare_digest((client.secret or "").encode(), secret.encode()):
        raise RefusedError("NotAuthorizedException", "Client is not authorized.")
    return client


def _flow(action: str, request: Json) -> None:
    """API_CreateUserPoolClient, ExplicitAuthFlows; API_InitiateAuth and API_AdminInitiateAuth, AuthFlow."""
    if action == "GetTokensFromRefreshToken":
        _plain_secret(request)
        _refresh_token(request, str(request.get("RefreshToken", "")))
    if not action.endswith("InitiateAuth"):
        return
    flow, parameters = str(request.get("AuthFlow")), request.get("AuthParameters") or {}
    client = client_of(request)
    if client is None:
        return
    if flow in REQUIRED_FLOW and not client.allows(flow):
        raise RefusedError("InvalidParameterException", f"{flow} is not enabled for the client.")
    if flow.startswith("REFRESH_TOKEN"):
        _refresh_token(request, str(parameters.get("REFRESH_TOKEN", "")))
    if flow in PASSWORD_FLOWS:
        _has_password(client, parameters.get("USERNAME"))


def _has_password(client: Client, username: str | None, refusal: str = WRONG_PASSWORD) -> None:
    """cognito-user-pools-identity-federation: a federated profile has no password until one is set for it."""
    user = service._resolve_user(service._get_pool_unscoped(client.pool.id), username)[0]
    if user is not None and not user.get("_password"):
        raise RefusedError("NotAuthorizedException", refusal)


def _refresh_token(request: Json, token: str) -> None:
    """amazon-cognito-user-pools-using-the-refresh-token: the pool's own, in time, not revoked."""
    pools = UserPools()
    claims = pools.claims_of(token)
    if claims.get("token_use") != "refresh" or claims["exp"] <= time.time():
        raise RefusedError("NotAuthorizedException", "Invalid Refresh Token")
    client = client_of(request)
    user = None if client is None else pools.user_of(client.pool.id, claims["sub"])
    if client is None or user is None:
        return  # MiniStack says what is wrong
    if not user.enabled:
        raise RefusedError("NotAuthorizedException", "User is disabled.")
    if pools.is_revoked(token, claims, client.pool.id, user.username):
        raise RefusedError("NotAuthorizedException", "Refresh Token has been revoked")


def _challenge(action: str, request: Json) -> None:
    """API_RespondToAuthChallenge, Session: it "must be passed as it is", to the client and user it is for."""
    if not action.endswith("RespondToAuthChallenge"):
        return
    name, responses = request.get("ChallengeName"), request.get("ChallengeResponses") or {}
    client = client_of(request)
    if client is None:
        return
    pool = service._get_pool_unscoped(client.pool.id)
    user = service._resolve_user(pool, responses.get("USERNAME"))[0]
    if name == "PASSWORD_VERIFIER":
        _has_password(client, responses.get("USERNAME"))
    if name not in WITH_SESSION:
        return
    of = _sessions.pop(str(request.get("Session")), None)
    if user is None or of != (client.id, user["Username"], name):
        raise RefusedError("NotAuthorizedException", "Invalid session for the user.")
    if name == "NEW_PASSWORD_REQUIRED":
        refused = service._validate_password(pool, str(responses.get("NEW_PASSWORD", "")))
        if refused is not None:
            raise RelayedError(refused)
        prefix = "userAttributes."
        written_by(client, [one.removeprefix(prefix) for one in responses if one.startswith(prefix)])


def _remember_challenge(action: str, request: Json, answer: Answer) -> None:
    if not action.endswith(("InitiateAuth", "RespondToAuthChallenge")):
        return
    body = json.loads(answer[2] or b"{}")
    name, session = body.get("ChallengeName"), body.get("Session")
    if name in WITH_SESSION and session:
        asked = request.get("AuthParameters") or request.get("ChallengeResponses") or {}
        pool, _ = service._pool_for_client(request["ClientId"])
        user = service._resolve_user(pool, asked.get("USERNAME"))[0]
        _sessions[session] = (request["ClientId"], user["Username"], name)


def _recovery(action: str, request: Json) -> None:
    """API_ForgotPassword: for users who have a password."""
    client = client_of(request)
    if action in {"ForgotPassword", "ConfirmForgotPassword"} and client is not None:
        refusal = "User password cannot be reset in the current state."
        _has_password(client, request.get("Username"), refusal)


def _revocation(action: str, request: Json) -> None:
    """API_RevokeToken: ClientId and ClientSecret, and a client that has it enabled."""
    if action != "RevokeToken":
        return
    client = _plain_secret(request)
    claims = UserPools().claims_of(str(request.get("Token", "")))
    if claims.get("client_id") != client.id:
        raise RefusedError("UnauthorizedException", "Unauthorized client")
    if not client.may_revoke:
        raise RefusedError("UnsupportedOperationException", "Token revocation is not enabled for the client.")


def _auth_result(
    pool_id: str,
    client_id: str,
    user: Json,
    *,
    nonce: str = "",
    trigger_source: str = "TokenGeneration_Authentication",
    client_metadata: Json | None = None,
    origin_jti: str = "",
    scope: str | None = None,
) -> Json:
    """The tokens of a sign-in by the API: the same claims as at the sign-in pages, and one scope.

    cognito-user-pools-define-resource-servers: API sign-ins have `aws.cognito.signin.user.admin` alone. A
    refresh token of the sign-in pages keeps the scopes that it came with.
    """
    pool = service._get_pool_unscoped(pool_id)
    client = Client(**pool["_clients"][client_id], pool=Pool(**pool))
    person = User(**user)
    scopes = tuple((scope or SELF_SERVICE_SCOPE).split())
    grant = Grant(
        scopes=scopes,
        authenticated=int(time.time()),
        origin_jti=origin_jti or str(uuid4()),
        changes=changes(client, person, scopes, trigger_source, client_metadata),
        nonce=nonce or None,
        by_api=scope is None,
    )
    tokens = with_refresh(UserPools(), client, person, grant)
    named = {"AccessToken": "access_token", "IdToken": "id_token", "RefreshToken": "refresh_token"}
    return {
        **{name: tokens[key] for name, key in named.items() if key in tokens},
        "TokenType": tokens["token_type"],
        "ExpiresIn": tokens["expires_in"],
    }


RULES = (_client_secret, _flow, _challenge, _recovery, _revocation, sign_up, attributes, lists)
