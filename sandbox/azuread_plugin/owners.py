"""Owners of applications and service principals: the caller comes first, and leaves if it is not wanted."""

from sandbox.azuread_plugin.graph_client import Graph

# Owners that fit into the request that creates an object, the caller included.
_OWNERS_AT_CREATION = 20


def first_owners(graph: Graph, owners: list[str]) -> tuple[list[str], list[str]]:
    """Share owners out between the request that creates an object and later ones."""
    others = [owner for owner in owners if owner.lower() != graph.object_id.lower()]
    fitting = _OWNERS_AT_CREATION - 1
    return (
        [f"{graph.base_url}/v1.0/directoryObjects/{owner}" for owner in (graph.object_id, *others[:fitting])],
        others[fitting:],
    )


def settle_owners_after_creation(graph: Graph, path: str, owners: list[str], left_over: list[str]) -> None:
    """Add the owners that did not fit, and remove the caller unless it is one of them."""
    _add_owners(graph, path, left_over)
    if graph.object_id.lower() not in (owner.lower() for owner in owners):
        graph.send("DELETE", f"{path}/owners/{graph.object_id}/$ref")


def settle_owners(graph: Graph, path: str, owners: list[str]) -> None:
    """Make an existing object's owners the wanted ones."""
    present = read_owners(graph, path)
    _add_owners(graph, path, [owner for owner in owners if owner not in present])
    for owner in present:
        if owner not in owners:
            graph.send("DELETE", f"{path}/owners/{owner}/$ref")


def read_owners(graph: Graph, path: str) -> list[str]:
    """The object IDs of an object's owners."""
    return [owner["id"] for owner in graph.list(f"{path}/owners")]


def _add_owners(graph: Graph, path: str, owners: list[str]) -> None:
    for owner in owners:
        reference = {"@odata.id": f"{graph.base_url}/v1.0/directoryObjects/{owner}"}
        graph.send("POST", f"{path}/owners/$ref", reference)
