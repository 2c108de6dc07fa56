"""What the resource types have in common: the interface the provider drives, and a change to make."""

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.azuread_plugin.graph_client import Graph, GraphError
from sandbox.azuread_plugin.plan import comparable
from sandbox.azuread_plugin.problems import ProblemError
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import UNKNOWN, Json, Value


@dataclass
class Change:
    """One resource to create or to update.

    Attributes:
        root: its type.
        planned: the planned state, None where a value is not known yet.
        prior: its state before, None if it is to be created.
        id: its ID; set it as soon as the object exists, and a failure after that will not lose it.
        extra: attributes that only the change itself knows, such as a generated secret.
    """

    root: Node
    planned: Json
    prior: Json | None = None
    id: str = ""
    extra: Json = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A string of the plan.

        Returns:
            its value, None instead of "".
        """
        return self.planned[name] or None

    def items(self, name: str) -> list[Value]:
        """A list or set of the plan."""
        return self.planned[name] or []

    def block(self, name: str) -> Json:
        """A block of which there is at most one."""
        blocks = self.items(name)
        return blocks[0] if blocks else {}

    def changes(self, name: str, inner: str = "") -> bool:
        """Whether the plan differs from the state before."""
        node = self.root.fields[name]
        before, after = (self.prior or {}).get(name), self.planned[name]
        if inner:
            node = node.items().fields[inner]
            before, after = ((blocks or [{}])[0].get(inner) for blocks in (before, after))
        return comparable(node, before) != comparable(node, after)


class Resource(ABC):
    """A resource type.

    Attributes:
        id_form: the form of its IDs, for imports; None if it cannot be imported.
        id_example: such an ID, for the message to a person who gave another.
    """

    id_form: ClassVar[re.Pattern[str] | None] = None
    id_example: ClassVar[str] = ""

    def __init__(self, graph: Graph) -> None:
        """Build it."""
        self.graph = graph

    def check_plan(self, prior: Json | None, planned: Json) -> None:  # noqa: B027 - most types have none
        """Refuse a plan that Graph would refuse."""

    @abstractmethod
    def create(self, change: Change) -> None:
        """Make the object and set the change's ID."""

    @abstractmethod
    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the object.

        Returns:
            the attributes that Graph tells, None if the object is gone.
        """

    def update(self, change: Change) -> None:
        """Change the object."""
        raise NotImplementedError(change.root.path)

    @abstractmethod
    def delete(self, object_id: str, state: Json) -> None:
        """Delete the object."""


def last_part(object_id: str) -> str:
    """What follows the last slash of an ID."""
    return object_id.rpartition("/")[2]


def known(value: Value) -> Value:
    """A plan as the SDK shows it to a resource: what is not known yet is unset.

    Returns:
        the value with None for UNKNOWN.
    """
    if isinstance(value, dict):
        return {key: known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [known(item) for item in value]
    return None if value is UNKNOWN else value


def get_or_none(graph: Graph, path: str) -> Json | None:
    """Read an object that may be gone.

    Returns:
        the object, None if Graph does not know it.

    Raises:
        GraphError: Graph refused for another reason.
    """
    try:
        return graph.get(path)
    except GraphError as error:
        if error.not_found:
            return None
        raise


def delete_and_confirm(graph: Graph, path: str) -> None:
    """Delete an object and see that it is gone.

    The real provider looks five times, five seconds apart; the local Graph is strongly consistent.

    Raises:
        ProblemError: it is still there.
    """
    graph.send("DELETE", path)
    if get_or_none(graph, path) is not None:
        raise ProblemError(f"{path} is still there after it was deleted")
