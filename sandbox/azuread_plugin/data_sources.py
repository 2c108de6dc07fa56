"""The data sources: the signed-in principal, users, groups, service principals."""

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


def _user(graph: GraphClient, root: Node, config: Json) -> Json:
    name = config["user_principal_name"]
    escaped = name.replace("'", "''")
    hits = graph.list("/users", where=f"userPrincipalName eq '{escaped}'")
    if not hits:
        raise ProviderError(f'User with UPN "{name}" was not found', path=("user_principal_name",))
    return {"id": f"/users/{hits[0]['id']}", **from_graph(root, hits[0])}


def _group(graph: GraphClient, root: Node, config: Json) -> Json:
    name = config["display_name"]
    # The real provider does not escape the name either.
    where = f"displayName eq '{name}'"
    if config["security_enabled"] is not None:
        where += f" and securityEnabled eq {str(config['security_enabled']).lower()}"
    hits = graph.list("/groups", where=where)
    if len(hits) != 1:
        which = "More than one group" if hits else "No group"
        raise ProviderError(f"{which} found matching specified filter ({where})", path=("display_name",))
    path = f"/groups/{hits[0]['id']}"
    return {
        "id": path,
        **from_graph(root, hits[0]),
        **{kind: [member["id"] for member in graph.list(f"{path}/{kind}")] for kind in ("members", "owners")},
    }


READERS: dict[str, Callable[[GraphClient, Node, Json], Json]] = {
    "azuread_client_config": _client_config,
    "azuread_group": _group,
    "azuread_service_principal": _service_principal,
    "azuread_user": _user,
}
