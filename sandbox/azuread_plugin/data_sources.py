"""The data sources: the signed-in principal, users, groups, service principals."""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator

from sandbox.azuread_plugin.errors import ProviderError
from sandbox.azuread_plugin.graph_client import GraphClient
from sandbox.azuread_plugin.graph_objects import from_graph
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.service_principal import read_service_principal
from sandbox.azuread_plugin.wire import Json


def _client_config(graph: GraphClient, _root: Node, _config: Json) -> Json:
    tenant_id, client_id = graph.settings.tenant_id, graph.settings.client_id
    return {
        "id": f"{tenant_id}-{client_id}-{graph.object_id}",
        "tenant_id": tenant_id,
        "client_id": client_id,
        "object_id": graph.object_id,
    }


def _service_principal(graph: GraphClient, root: Node, config: Json) -> Json:
    hits = graph.list("/servicePrincipals", where=f"appId eq '{config['client_id']}'")
    if not hits:
        raise ProviderError("No service principal found", "no service principal found")
    return {"id": f"/servicePrincipals/{hits[0]['id']}", **read_service_principal(root, hits[0])}


def _users(graph: GraphClient, root: Node, config: Json) -> Json:
    refusals = "User with UPN {} was not found", "More than one user found with UPN: {}"
    found = [
        *_by_name(graph, "/users", "userPrincipalName", "user_principal_names", config, refusals=refusals),
        *_by_id(graph, "/users", config, "User not found with object ID: {}"),
    ]
    return {
        **_identity("users", "/", found, "userPrincipalName"),
        "users": [from_graph(root.fields["users"].items(), one) for one in found],
        "user_principal_names": [one["userPrincipalName"] for one in found],
        "mail_nicknames": [one["mailNickname"] for one in found],
        "mails": [one["mail"] or "" for one in found],
        "employee_ids": [one.get("employeeId") or "" for one in found],
    }


def _groups(graph: GraphClient, _root: Node, config: Json) -> Json:
    refusals = "No group found with display name: {}", "More than one group found with display name: {}"
    only = config["security_enabled"]
    clause = "" if only is None else f"securityEnabled eq {str(only).lower()} and "
    found = [
        *_by_name(graph, "/groups", f"{clause}displayName", "display_names", config, refusals=refusals),
        *_by_id(graph, "/groups", config, "No group found with object ID: {}"),
    ]
    return {
        **_identity("groups", "-", found, "displayName"),
        "display_names": [one["displayName"] for one in found],
        "display_name_prefix": "",
    }


def _service_principals(graph: GraphClient, root: Node, config: Json) -> Json:
    found = list(
        _by_id(graph, "/servicePrincipals", config, "Service principal not found with object ID: {}")
    )
    nested = root.fields["service_principals"].items()
    return {
        **_identity("serviceprincipals", "/", found, "id"),
        "client_ids": [one["appId"] for one in found],
        "display_names": [one["displayName"] for one in found],
        "service_principals": [
            {
                **from_graph(nested, one),
                # The real provider leaves out the application's own id.
                "service_principal_names": [
                    name for name in one["servicePrincipalNames"] if name != one["appId"]
                ],
            }
            for one in found
        ],
    }


def _by_name(
    graph: GraphClient, path: str, clause: str, argument: str, config: Json, *, refusals: tuple[str, str]
) -> Iterator[Json]:
    for name in config[argument] or []:
        escaped = name.replace("'", "''")
        hits = graph.list(path, where=f"{clause} eq '{escaped}'")
        if len(hits) > 1 or not (hits or config["ignore_missing"]):
            raise ProviderError(refusals[len(hits) > 1].format(json.dumps(name)), path=(argument,))
        yield from hits


def _by_id(graph: GraphClient, path: str, config: Json, refusal: str) -> Iterator[Json]:
    for object_id in config["object_ids"] or []:
        one = graph.get(f"{path}/{object_id}")
        if one is not None:
            yield one
        elif not config["ignore_missing"]:
            raise ProviderError(refusal.format(json.dumps(object_id)), path=("object_id",))


def _identity(kind: str, separator: str, found: list[Json], named: str) -> Json:
    """The id of a plural data source, which follows from what it found, and the object ids."""
    digest = hashlib.sha1(
        separator.join(one[named] for one in found).encode(), usedforsecurity=False
    ).digest()
    return {
        "id": f"{kind}#{base64.urlsafe_b64encode(digest).decode()}",
        "object_ids": [one["id"] for one in found],
    }


READERS: dict[str, Callable[[GraphClient, Node, Json], Json]] = {
    "azuread_client_config": _client_config,
    "azuread_groups": _groups,
    "azuread_service_principal": _service_principal,
    "azuread_service_principals": _service_principals,
    "azuread_users": _users,
}
