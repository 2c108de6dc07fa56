"""What the resource types have in common: the interface that they serve, and owners."""

from abc import ABC, abstractmethod
from typing import ClassVar

from sandbox.azuread_plugin.graph_client import GraphClient
from sandbox.azuread_plugin.plan import comparable
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import Json


class Resource(ABC):
    """A resource type; of planned states it sees null for what is known after apply.

    Attributes:
        id_form: the form of the IDs that Terraform imports; None if it can import none.
    """

    id_form: ClassVar[str | None]

    def __init__(self, graph: GraphClient, root: Node) -> None:
        """Serve the type whose schema is `root`."""
        self.graph = graph
        self.root = root

    @abstractmethod
    def create(self, planned: Json) -> None:
        """Make the object; its ID is set in `planned` at once, so that a later failure does not lose it."""

    @abstractmethod
    def read(self, state: Json) -> Json | None:
        """The attributes that Graph tells; None if the object is gone."""

    def update(self, prior: Json, planned: Json) -> None:
        """Change the object."""
        raise NotImplementedError(prior["id"])

    def delete(self, state: Json) -> None:
        """Delete the object."""
        self.graph.send("DELETE", state["id"])

    def differs(self, name: str, prior: Json, planned: Json) -> bool:
        """Whether an attribute or block changes."""
        node = self.root.fields[name]
        return comparable(node, prior[name]) != comparable(node, planned[name])

    def owners_at_creation(self, planned: Json) -> list[str]:
        """The owners to create an object with, as Graph wants them: the caller is always one."""
        owners = dict.fromkeys([self.graph.object_id, *(planned["owners"] or [])])
        return [self._reference(owner) for owner in owners]

    def update_owners(self, planned: Json) -> None:
        """Make an object's owners the planned ones; whoever leaves is removed last."""
        path, owners = f"{planned['id']}/owners", planned["owners"] or []
        present = self.owners(planned)
        for owner in owners:
            if owner not in present:
                self.graph.send("POST", f"{path}/$ref", {"@odata.id": self._reference(owner)})
        for owner in present:
            if owner not in owners:
                self.graph.send("DELETE", f"{path}/{owner}/$ref")

    def owners(self, state: Json) -> list[str]:
        """The object IDs of an object's owners."""
        return [owner["id"] for owner in self.graph.list(f"{state['id']}/owners")]

    def _reference(self, owner: str) -> str:
        return f"{self.graph.base_url}/v1.0/directoryObjects/{owner}"
