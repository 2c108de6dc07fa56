"""What the resource types have in common: a change to make, the interface they serve, and owners."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from sandbox.azuread_plugin.graph_client import GraphClient
from sandbox.azuread_plugin.plan import comparable
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import Json, Value


@dataclass
class Change:
    """One resource to create or to update.

    Attributes:
        root: its type.
        planned: the planned state, None where a value is not known yet.
        prior: its state before, None if it is to be created.
    """

    root: Node
    planned: Json
    prior: Json | None

    @property
    def id(self) -> str:
        """The object's ID, "" as long as it does not exist."""
        return self.planned["id"] or ""

    def items(self, name: str) -> list[Value]:
        """A list or set of the plan."""
        return self.planned[name] or []

    def changes(self, name: str) -> bool:
        """Whether an attribute or block differs from the state before."""
        node, before = self.root.fields[name], (self.prior or {}).get(name)
        return comparable(node, before) != comparable(node, self.planned[name])


class Resource(ABC):
    """A resource type.

    Attributes:
        importable: whether Terraform can take over an object by its ID.
    """

    importable: ClassVar[bool] = True

    def __init__(self, graph: GraphClient, root: Node) -> None:
        """Serve the type whose schema is `root`."""
        self.graph = graph
        self.root = root

    @abstractmethod
    def create(self, change: Change) -> None:
        """Make the object; the planned `id` is set as soon as it exists, so a later failure keeps it."""

    @abstractmethod
    def read(self, object_id: str, state: Json) -> Json | None:
        """The attributes that Graph tells; None if the object is gone."""

    def update(self, change: Change) -> None:
        """Change the object."""
        raise NotImplementedError(change.id)

    def delete(self, object_id: str) -> None:
        """Delete the object."""
        self.graph.send("DELETE", object_id)


def owners_at_creation(graph: GraphClient, owners: list[str]) -> list[str]:
    """The owners to create an object with, as Graph wants them: the caller is always one."""
    return [_reference(graph, owner) for owner in dict.fromkeys([graph.object_id, *owners])]


def update_owners(graph: GraphClient, path: str, owners: list[str]) -> None:
    """Make an object's owners the planned ones; whoever leaves is removed last."""
    present = read_owners(graph, path)
    for owner in owners:
        if owner not in present:
            graph.send("POST", f"{path}/owners/$ref", {"@odata.id": _reference(graph, owner)})
    for owner in present:
        if owner not in owners:
            graph.send("DELETE", f"{path}/owners/{owner}/$ref")


def read_owners(graph: GraphClient, path: str) -> list[str]:
    """The object IDs of an object's owners."""
    return [owner["id"] for owner in graph.list(f"{path}/owners")]


def _reference(graph: GraphClient, owner: str) -> str:
    return f"{graph.base_url}/v1.0/directoryObjects/{owner}"
