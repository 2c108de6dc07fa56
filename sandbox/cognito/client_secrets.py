"""Further secrets of app clients, which MiniStack does not have: the three operations around them.

Sources: API_AddUserPoolClientSecret, API_ListUserPoolClientSecrets, API_DeleteUserPoolClientSecret.
"""

# ruff: noqa: SLF001 - as in `user_pools`: private functions of a pinned version

import secrets
import time
from typing import Any

from ministack.core.responses import error_response_json, json_response  # type: ignore[import-untyped]
from ministack.services import cognito as service  # type: ignore[import-untyped]

from sandbox.cognito.api_attributes import RefusedError
from sandbox.cognito.models import Json

MOST = 2
FURTHER = "_further_secrets"
"""Where a client's record keeps them, each with id, value and date."""


def add_operations() -> None:
    """Have the API answer the three operations."""
    dispatch = service._dispatch_idp
    operations = {
        "AddUserPoolClientSecret": _add,
        "ListUserPoolClientSecrets": _list,
        "DeleteUserPoolClientSecret": _delete,
    }

    async def answer(action: str, request: Json) -> Any:
        if action not in operations:
            return await dispatch(action, request)
        pool = service._get_pool_unscoped(request.get("UserPoolId"))
        client = pool and pool["_clients"].get(request.get("ClientId"))
        if client is None or not client.get("ClientSecret"):
            return error_response_json("ResourceNotFoundException", "Client not found.", 400)
        try:
            return json_response(operations[action](client, request))
        except RefusedError as refusal:
            return refusal.answer

    service._dispatch_idp = answer


def _all(client: Json) -> list[Json]:
    first = {
        "ClientSecretId": f"{client['ClientId']}--first",
        "ClientSecretValue": client["ClientSecret"],
        "ClientSecretCreateDate": client["CreationDate"],
    }
    return [first, *client.get(FURTHER, [])]


def _without_value(secret: Json) -> Json:
    return {name: value for name, value in secret.items() if name != "ClientSecretValue"}


def _add(client: Json, request: Json) -> Json:
    if len(_all(client)) >= MOST:
        raise RefusedError("LimitExceededException", "A client has at most two secrets.")
    secret = {
        "ClientSecretId": f"{client['ClientId']}--{secrets.token_hex(8)}",
        "ClientSecretValue": request.get("ClientSecret") or secrets.token_hex(26),
        "ClientSecretCreateDate": time.time(),
    }
    client.setdefault(FURTHER, []).append(secret)
    # One that the caller chose is not repeated.
    return {"ClientSecretDescriptor": _without_value(secret) if "ClientSecret" in request else secret}


def _list(client: Json, _: Json) -> Json:
    return {"ClientSecrets": [_without_value(one) for one in _all(client)]}


def _delete(client: Json, request: Json) -> Json:
    kept = [one for one in _all(client) if one["ClientSecretId"] != request.get("ClientSecretId")]
    if len(kept) == len(_all(client)):
        raise RefusedError("ResourceNotFoundException", "Client secret not found.")
    if not kept:
        raise RefusedError("InvalidParameterException", "A client keeps one secret.")
    client["ClientSecret"], client[FURTHER] = kept[0]["ClientSecretValue"], kept[1:]
    return {}
