"""What people and administrators can write of a user by the API, and what people can read of themselves."""

# ruff: noqa: SLF001 - as in `user_pools`: private functions of a pinned version

import json
from collections.abc import Iterable

from ministack.core.responses import error_response_json, json_response  # type: ignore[import-untyped]
from ministack.services import cognito as service  # type: ignore[import-untyped]

from sandbox.cognito.models import Client, Json, Pool
from sandbox.cognito.user_pools import UserPools

Answer = tuple[int, dict[str, str], bytes]

# What Cognito alone writes, whoever asks, and what every token shows.
NEVER_WRITTEN = frozenset({"sub", "identities"})
WRITING = frozenset({"SignUp", "UpdateUserAttributes", "AdminCreateUser", "AdminUpdateUserAttributes"})


class RefusedError(Exception):
    """What the API answers instead; the name of an exception of the API reference, and its message."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.answer: Answer = error_response_json(name, message, 400)


class RelayedError(RefusedError):
    """A refusal of MiniStack's own."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("", "")
        self.answer = answer


def client_of(request: Json) -> Client | None:
    """The app client that a request names."""
    return UserPools().client(str(request.get("ClientId", "")))


def sign_up(action: str, request: Json) -> None:
    """API_AdminCreateUserConfigType, AllowAdminCreateUserOnly."""
    client = client_of(request)
    if action == "SignUp" and client is not None:
        pool = service._get_pool_unscoped(client.pool.id)
        if (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
            raise RefusedError("NotAuthorizedException", "SignUp is not permitted for this user pool")


def attributes(action: str, request: Json) -> None:
    """API_CreateUserPoolClient, WriteAttributes: what people write. No client binds an administrator."""
    if action not in WRITING:
        return
    named = request.get("UserAttributes") or []
    names = [str(one["Name"]) for one in named]
    if fixed := sorted(NEVER_WRITTEN.intersection(names)):
        raise RefusedError("InvalidParameterException", f"Cannot modify the non-mutable attribute {fixed[0]}")
    if action.startswith("Admin"):
        pool = UserPools().pool(str(request.get("UserPoolId")))
        client = None
    else:
        claims = UserPools().claims_of(str(request.get("AccessToken", "")))
        client = client_of({"ClientId": claims.get("client_id")} if claims else request)
        pool = None if client is None else client.pool
    if pool is None:
        return
    _in_schema(names, pool, update=action.endswith("UpdateUserAttributes"))
    if client is not None:
        written_by(client, names)
        # API_UpdateUserAttributes: an address that a person changes is to be verified again.
        if action == "UpdateUserAttributes":
            for name in {"email", "phone_number"}.intersection(names):
                named.append({"Name": f"{name}_verified", "Value": "false"})


def _in_schema(names: Iterable[str], pool: Pool, *, update: bool) -> None:
    """API_SchemaAttributeType: attributes that there are, and that can change."""
    for name in names:
        if name not in pool.attributes:
            reason = f"{name}: Attribute does not exist in the schema."
            raise RefusedError(
                "InvalidParameterException", f"Attributes did not conform to the schema: {reason}"
            )
        if update and not pool.attributes[name].get("Mutable", True):
            raise RefusedError("InvalidParameterException", f"user.{name}: Attribute cannot be updated.\n")


def written_by(client: Client, names: Iterable[str]) -> None:
    """What an app client may write on behalf of a person."""
    if not client.writable.issuperset(names):
        raise RefusedError("NotAuthorizedException", "A client attempted to write unauthorized attribute")


def lists(action: str, request: Json) -> None:
    """What the lists of an app client may name; a list for writing has all that the pool requires.

    API_CreateUserPoolClient; cognito-user-pool-settings-attributes, "Attribute permissions and scopes".
    """
    if action not in {"CreateUserPoolClient", "UpdateUserPoolClient"}:
        return
    pool = UserPools().pool(str(request.get("UserPoolId")))
    if pool is None:
        return
    read, written = (set(request.get(f"{kind}Attributes") or ()) for kind in ("Read", "Write"))
    required = {name for name, rule in pool.attributes.items() if rule.get("Required")} - {"sub"}
    never = {"sub", "identities", "email_verified", "phone_number_verified"}
    while_creating = "attributes specified while creating a client"
    if read - set(pool.attributes):
        raise RefusedError("InvalidParameterException", f"Invalid read {while_creating}")
    if written and (written - set(pool.attributes) or written & never or not required <= written):
        raise RefusedError("InvalidParameterException", f"Invalid write {while_creating}")


def readable_only(request: Json, answer: Answer) -> Answer:
    """API_CreateUserPoolClient, ReadAttributes: what an access token lets people read of themselves."""
    claims = UserPools().claims_of(str(request.get("AccessToken", "")))
    client, body = client_of({"ClientId": claims.get("client_id")}), json.loads(answer[2])
    if client is None or "UserAttributes" not in body:
        return answer
    body["UserAttributes"] = [
        one for one in body["UserAttributes"] if one["Name"] in client.readable | NEVER_WRITTEN
    ]
    filtered: Answer = json_response(body)
    return filtered
