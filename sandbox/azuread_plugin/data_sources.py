"""The data sources: the signed-in principal, users, groups, service principals."""

import base64
import hashlib
from collections.abc import Callable

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
    by_name = _by_name(graph, "/users", "userPrincipalName", config, "user_principal_names")
    found = by_name or _by_id(graph, "/users", config)
    return {
        **_identity("users", "/", found, "userPrincipalName"),
        "users": [from_graph(root.fields["users"].items(), one) for one in found],
        "user_principal_names": [one["userPrincipalName"] for one in found],
        "mail_nicknames": [one["mailNickname"] for one in found],
        "mails": [one["mail"] for one in found if one["mail"]],
        "employee_ids": [one["employeeId"] for one in found if one["employeeId"]],
    }


def _groups(graph: GraphClient, _root: Node, config: Json) -> Json:
    only = config["security_enabled"]
    also = "" if only is None else f"securityEnabled eq {str(only).lower()} and "
    clause = f"{also}displayName"
    found = _by_name(graph, "/groups", clause, config, "display_names") or _by_id(graph, "/groups", config)
    return {
        **_identity("groups", "-", found, "displayName"),
        "display_names": [one["displayName"] for one in found],
        "display_name_prefix": "",
    }


def _service_principals(graph: GraphClient, root: Node, config: Json) -> Json:
    found = _by_id(graph, "/servicePrincipals", config)
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


def _by_name(graph: GraphClient, path: str, clause: str, config: Json, argument: str) -> list[Json]:
    found = []
    for name in config[argument] or []:
        escaped = name.replace("'", "''")
        hits = graph.list(path, where=f"{clause} eq '{escaped}'")
        if len(hits) > 1:
            raise ProviderError(f'More than one object found with {argument}: "{name}"', path=(argument,))
        if not hits and not config["ignore_missing"]:
            raise ProviderError(f'No object found with {argument}: "{name}"', path=(argument,))
        found += hits
    return found


def _by_id(graph: GraphClient, path: str, config: Json) -> list[Json]:
    found = []
    for object_id in config["object_ids"] or []:
        one = graph.get(f"{path}/{object_id}")
        if one is None and not config["ignore_missing"]:
            raise ProviderError(f'Not found with object ID: "{object_id}"', path=("object_id",))
        found += [one] if one else []
    return found


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
