"""The table of impacts, read from the TOML files beside this one.

Each table of a file is an impact by its id, with `severity`, `people`, `instead` and `rules`. A rule names
resource types by what happens to them, each as a string or a list of strings:

    { create = "…" }, { replace = "…" }, { delete = "…" }, { update = "…" }

and for an update, one of

    changes = "…"          attributes that change; their names are shown, never their values
    sets = "…", to = …     an attribute that changes to this value
    adds = "…"             a path to values that are new, such as "web.redirect_uris"; they are shown
    removes = "…"          a path to values that are no longer there; they are shown
    attribute = "…"        attributes of whose change a condition decides

`when` names a condition, in the words of the documentation: one of CONDITIONS of the module that is named as
the file.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from operate.guard.impacts import app_clients, cognito, entra, groups_trigger
from operate.guard.impacts.impact import (
    Condition,
    Impact,
    Rule,
    signs_in_already,
    unless,
)
from operate.guard.plan import Kind

FILES = ("entra", "cognito", "app_clients", "groups_trigger", "general")
CONDITIONS: dict[str, Condition] = {
    "": lambda _: True,
    "the old one is deleted first": lambda context: context.change.destroy_first,
    "people can sign in already": signs_in_already,
    "nobody can sign in yet": unless(signs_in_already),
    **entra.CONDITIONS,
    **cognito.CONDITIONS,
    **app_clients.CONDITIONS,
    **groups_trigger.CONDITIONS,
}

Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)
]


class Row(BaseModel):
    """A rule as it stands in the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    create: Names = ()
    replace: Names = ()
    delete: Names = ()
    update: Names = ()
    changes: Names = ()
    sets: str = ""
    to: str | bool = ""
    adds: str = ""
    removes: str = ""
    attribute: Names = ()
    when: str = ""

    def rules(self) -> Iterator[Rule]:
        """A rule for each resource type, and each attribute."""
        for kind in (Kind.CREATE, Kind.REPLACE, Kind.DELETE, Kind.UPDATE):
            for resource in getattr(self, kind):
                for attribute, when, condition in self._conditions():
                    yield Rule(
                        resource=resource, kind=kind, attribute=attribute, when=when, condition=condition
                    )

    def _conditions(self) -> Iterator[tuple[str, str, Condition]]:
        """Attribute, words and condition."""
        if self.sets:
            to = str(self.to).lower() if isinstance(self.to, bool) else self.to
            yield self.sets, f"becomes {to}", _becomes(self.sets, self.to)
        elif self.adds:
            yield self.adds.partition(".")[0], _in_words(self.adds, "added"), _adds(self.adds)
        elif self.removes:
            yield self.removes.partition(".")[0], _in_words(self.removes, "removed"), _removes(self.removes)
        elif self.changes:
            yield from ((name, "", _changes(name)) for name in self.changes)
        else:
            yield from ((name, self.when, CONDITIONS[self.when]) for name in self.attribute or ("",))


def _changes(name: str) -> Condition:
    return lambda context: [name] if context.change.differs(name) else []


def _becomes(name: str, value: object) -> Condition:
    return lambda context: context.change.differs(name) and context.change.after(name) == value


def _adds(path: str) -> Condition:
    return lambda context: context.change.shown(path, context.change.added(path))


def _removes(path: str) -> Condition:
    return lambda context: context.change.shown(path, context.change.removed(path))


def _in_words(path: str, done: str) -> str:
    _, _, below = path.partition(".")
    return f"one of `{below}` is {done}" if below else f"one is {done}"


def _impacts(file: Path) -> Iterator[Impact]:
    for id_, table in tomllib.loads(file.read_text("utf-8")).items():
        rules = (rule for row in table.pop("rules", ()) for rule in Row(**row).rules())
        yield Impact(id=id_, **table, rules=tuple(rules))


IMPACTS = {
    impact.id: impact for name in FILES for impact in _impacts(Path(__file__).with_name(f"{name}.toml"))
}
