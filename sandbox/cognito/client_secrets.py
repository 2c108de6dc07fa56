"""Further secrets of app clients, which MiniStack does not have: the three operations around them.

Sources: API_AddUserPoolClientSecret, API_ListUserPoolClientSecrets, API_DeleteUserPoolClientSecret.
"""

# ruff: noqa: SLF001 - as in `user_pools`: private functions of a pinned version

import secrets
import time
from typing import TYPE_CHECKING, Any

from ministack.core.responses import error_response_json, json_response  # type: ignore[import-untyped]
from ministack.services import cognito as service  # type: ignore[import-untyped]

from sandbox.cognito.models import Json

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 2
FURTHER = "_further_secrets"
"""Where a client's record keeps them, each with id, value and date."""


def add_operations() -> None:
    """Have the API answer the three operations."""
    dispatch = service._dispatch_idp
    operations: dict[str, Callable[[Json, Json], Any]] = {
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
        return operations[action](client, request)

    service._dispatch_idp = answer


def _all(client: Json) -> list[Json]:
    first = {
        "ClientSecretId": f"{client['ClientId']}--first",
        "ClientSecretValue": client["ClientSecret"],
        "ClientSecretCreateDate": client["CreationDate"],
    }
    return [first, *client.get(FURTHER, [])]


def _add(client: Json, request: Json) -> Any:
    if len(_all(client)) >= MOST:
        return error_response_json("LimitExceededException", "A client has at most two secrets.", 400)
    secret = {
        "ClientSecretId": f"{client['ClientId']}--{secrets.token_hex(8)}",
        "ClientSecretValue": request.get("ClientSecret") or secrets.token_hex(26),
        "ClientSecretCreateDate": time.time(),
    }
    client.setdefault(FURTHER, []).append(secret)
    # One that the caller chose is not repeated.
    shown = {
        name: value
        for name, value in secret.items()
        if name != "ClientSecretValue" or "ClientSecret" not in request
    }
    return json_response({"ClientSecretDescriptor": shown})


def _list(client: Json, _: Json) -> Any:
    shown = [
        {name: value for name, value in one.items() if name != "ClientSecretValue"} for one in _all(client)
    ]
    return json_response({"ClientSecrets": shown})


def _delete(client: Json, request: Json) -> Any:
    kept = [one for one in _all(client) if one["ClientSecretId"] != request.get("ClientSecretId")]
    if len(kept) == len(_all(client)):
        return error_response_json("ResourceNotFoundException", "Client secret not found.", 400)
    if not kept:
        return error_response_json("InvalidParameterException", "A client keeps one secret.", 400)
    client["ClientSecret"], client[FURTHER] = kept[0]["ClientSecretValue"], kept[1:]
    return json_response({})
