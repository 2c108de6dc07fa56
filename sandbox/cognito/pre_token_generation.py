"""The pre token generation trigger: what its function is told, and what it may change in the tokens.

user-pool-lambda-pre-token-generation. The function is asked once for both tokens. When somebody signs in it
is asked before the app gets its code: apps hear of a failure at their callback URL, as
`error=invalid_request` with an error_description that begins with `PreTokenGeneration failed with error`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sandbox.cognito.lambda_functions import invoke
from sandbox.cognito.models import Client, Json, User

NAME = "PreTokenGeneration"

# "Trigger sources" of the guide
SIGNED_IN = "TokenGeneration_HostedAuth"
REFRESHED = "TokenGeneration_RefreshTokens"

# What no function can change; an attempt has no effect.
FIXED = frozenset(
    {
        *("acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "cognito:username", "device_key"),
        *("event_id", "exp", "iat", "identities", "iss", "jti", "nbf", "nonce", "origin_jti", "sub"),
        *("token_use", "version"),
    }
)
FIXED_PREFIX = "dev:"


@dataclass(frozen=True)
class Changes:
    """What the function wants changed.

    Attributes:
        by_token: token use, `id` or `access`, to what changes in that token, in the API's shape.
        groups: what `cognito:groups` becomes in both; None leaves it.
    """

    by_token: Json = field(default_factory=dict)
    groups: tuple[str, ...] | None = None

    def applied(self, claims: Json) -> Json:
        """A token's claims with the changes for it."""
        changes = self.by_token.get(claims["token_use"]) or {}
        result = claims | {
            name: value
            for name, value in (changes.get("claimsToAddOrOverride") or {}).items()
            if not _is_fixed(name)
        }
        if self.groups is not None:
            result["cognito:groups"] = list(self.groups)
        if self.groups == ():
            del result["cognito:groups"]
        for name in changes.get("claimsToSuppress") or ():
            if not _is_fixed(name):
                result.pop(name, None)
        if "scope" in result:
            suppressed = set(changes.get("scopesToSuppress") or ())
            scopes = [*result["scope"].split(), *(changes.get("scopesToAdd") or ())]
            result["scope"] = " ".join(scope for scope in dict.fromkeys(scopes) if scope not in suppressed)
        return result


def changes(
    client: Client, user: User, scopes: Iterable[str], source: str, metadata: Json | None = None
) -> Changes:
    """Ask the pool's function, if it has one, what to change in the tokens of a user.

    Raises:
        TriggerError: the function failed: there are no tokens then.
    """
    config = client.pool.triggers
    versioned = config.get("PreTokenGenerationConfig") or {}
    arn = versioned.get("LambdaArn") or config.get("PreTokenGeneration")
    if not arn:
        return Changes()
    version = str(versioned.get("LambdaVersion") or "V1_0")
    event = _event(client, user, scopes, source, version)
    # "If you provide clientMetadata": sign-in pages and token endpoint provide none.
    if metadata:
        event["request"]["clientMetadata"] = metadata
    answer = invoke(NAME, arn, client.pool.arn, event)["response"]
    if version == "V1_0":
        details = answer.get("claimsOverrideDetails") or {}
        by_token = {"id": details}
    else:
        details = answer.get("claimsAndScopeOverrideDetails") or {}
        by_token = {"id": details.get("idTokenGeneration"), "access": details.get("accessTokenGeneration")}
    return Changes(by_token, _groups(details))


def _event(client: Client, user: User, scopes: Iterable[str], source: str, version: str) -> Json:
    request: Json = {
        "userAttributes": user.attributes | {"cognito:user_status": user.status},
        "groupConfiguration": {
            "groupsToOverride": list(user.groups),
            "iamRolesToOverride": [],
            "preferredRole": None,
        },
    }
    if version == "V1_0":
        response: Json = {"claimsOverrideDetails": None}
    else:
        request["scopes"] = list(scopes)
        response = {"claimsAndScopeOverrideDetails": None}
    return {
        "version": version.removeprefix("V").split("_")[0],
        "triggerSource": source,
        "region": client.pool.region,
        "userPoolId": client.pool.id,
        "userName": user.username,
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client.id},
        "request": request,
        "response": response,
    }


def _groups(details: Json) -> tuple[str, ...] | None:
    """groupOverrideDetails: "If you provide an empty or null object", Cognito "suppresses the groups"."""
    if "groupOverrideDetails" not in details:
        return None
    return tuple((details["groupOverrideDetails"] or {}).get("groupsToOverride") or ())


def _is_fixed(name: str) -> bool:
    return name in FIXED or name.startswith(FIXED_PREFIX)
