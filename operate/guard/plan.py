"""A Terraform plan, as `terraform show -json` prints it: the parts that say what will change.

Source: Terraform documentation, "JSON Output Format": minor versions only add properties, which are ignored
here; a plan of another major version has to be refused. Values that the plan marks as sensitive are compared
and never shown.
"""

from collections.abc import Iterator
from datetime import datetime
from enum import Enum, StrEnum
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from operate.errors import OperateError

FORMAT_MAJOR = "1"
HIDDEN = "(sensitive)"
# Secret whatever the plan says: a mark is lost where a provider's schema or a reference does not carry it.
SECRET_ATTRIBUTES = frozenset({"client_secret", "value", "password"})

Json = dict[str, Any]


class Unknown(Enum):
    """The value that a plan does not know yet."""

    VALUE = "known after apply"


UNKNOWN: Final = Unknown.VALUE


class Kind(StrEnum):
    """What happens to a resource."""

    NOTHING = "nothing"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"
    OTHER = "other"


_KINDS = {
    ("no-op",): Kind.NOTHING,
    ("read",): Kind.NOTHING,
    ("create",): Kind.CREATE,
    ("update",): Kind.UPDATE,
    ("delete",): Kind.DELETE,
    ("forget",): Kind.FORGET,
    ("delete", "create"): Kind.REPLACE,
    ("create", "delete"): Kind.REPLACE,
}


class Part(BaseModel):
    """A part of the plan; unknown properties are ignored, and errors quote none."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Change(Part):
    """A resource or an output before and after; `repr` shows no value of it."""

    actions: tuple[str, ...]
    before: Any = Field(default=None, repr=False)
    after: Any = Field(default=None, repr=False)
    after_unknown: Any = Field(default=None, repr=False)
    before_sensitive: Any = Field(default=None, repr=False)
    after_sensitive: Any = Field(default=None, repr=False)
    replace_paths: tuple[tuple[str | int, ...], ...] = ()
    importing: Json | None = None

    @field_validator("replace_paths", mode="before")
    @classmethod
    def _none_is_empty(cls, given: object) -> object:
        return given or ()


class ResourceChange(Part):
    """What happens to one resource."""

    address: str
    mode: str = "managed"
    type: str
    name: str
    deposed: str | None = None
    action_reason: str | None = None
    change: Change

    @property
    def kind(self) -> Kind:
        """What happens to it."""
        return _KINDS.get(self.change.actions, Kind.OTHER)

    @property
    def imported(self) -> bool:
        """Whether the state takes over an existing object."""
        return self.change.importing is not None

    @property
    def destroy_first(self) -> bool:
        """Whether the old one is deleted before the new one is made."""
        return self.change.actions == ("delete", "create")

    @property
    def forced_by(self) -> list[str]:
        """The attributes whose change replaces it."""
        return list(dict.fromkeys(str(path[0]) for path in self.change.replace_paths if path))

    def before(self, path: str) -> Any:
        """The value at a path now, such as `web.0.redirect_uris`; None where there is none."""
        return _at(self.change.before, path)

    def after(self, path: str) -> Any:
        """The value at a path after the deploy, or `UNKNOWN`."""
        return UNKNOWN if _marked(self.change.after_unknown, path) else _at(self.change.after, path)

    def differs(self, path: str) -> bool:
        """Whether the value becomes another known one; null and empty are the same to providers."""
        after = self.after(path)
        return after is not UNKNOWN and _without_empty(self.before(path)) != _without_empty(after)

    def items(self, path: str) -> tuple[set[str], set[str]]:
        """The values at a path before and after, of each item of a list; the same if not known yet."""
        before = set(_values(self.change.before, path.split(".")))
        if _marked(self.change.after_unknown, path):
            return before, before
        return before, set(_values(self.change.after, path.split(".")))

    def added(self, path: str) -> set[str]:
        """The values at a path that are new."""
        before, after = self.items(path)
        return after - before

    def removed(self, path: str) -> set[str]:
        """The values at a path that are no longer there."""
        before, after = self.items(path)
        return before - after

    def shown(self, path: str, values: set[str]) -> list[str]:
        """Values for people to read, sorted; hidden if they are secret."""
        secret = SECRET_ATTRIBUTES & set(path.split("."))
        sensitive = (self.change.before_sensitive, self.change.after_sensitive)
        if secret or any(_marked(marks, path) for marks in sensitive):
            return [HIDDEN] if values else []
        return sorted(values)

    def changed(self) -> list[str]:
        """The names of the attributes that `differs` is true of, sorted."""
        names = set(self.change.before or {}) | set(self.change.after or {})
        return sorted(name for name in names if self.differs(name))


class _Version(Part):
    format_version: str


class Plan(Part):
    """What Terraform will do, and what others have changed.

    Attributes:
        terraform_errors: why Terraform does not make the plan, or only a part of it, one sentence each.
    """

    resource_changes: tuple[ResourceChange, ...] = ()
    resource_drift: tuple[ResourceChange, ...] = ()
    output_changes: dict[str, Change] = {}
    prior_state: Json | None = Field(default=None, repr=False)
    timestamp: datetime | None = None
    errored: bool = False
    complete: bool = True
    terraform_errors: tuple[str, ...] = ()

    @property
    def changes(self) -> list[ResourceChange]:
        """The resources that change or are imported."""
        return [
            change
            for change in self.resource_changes
            if change.mode == "managed" and (change.kind is not Kind.NOTHING or change.imported)
        ]

    @property
    def deleted_by_others(self) -> frozenset[str]:
        """The addresses of what somebody has deleted outside of Terraform."""
        return frozenset(
            drift.address for drift in self.resource_drift if drift.change.actions == ("delete",)
        )

    def of_type(self, type_: str) -> list[ResourceChange]:
        """All resources of a type, whether or not they change."""
        return [
            change for change in self.resource_changes if change.mode == "managed" and change.type == type_
        ]

    @property
    def users(self) -> int | None:
        """How many users the pool has, as Cognito estimated it; None if there is no pool."""
        counts = (pool.before("estimated_number_of_users") for pool in self.of_type("aws_cognito_user_pool"))
        return next((count for count in counts if isinstance(count, int)), None)


def parse(text: str) -> Plan:
    """Read what `terraform show -json` printed.

    Raises:
        OperateError: it is no plan, or of a version of the format that this project does not know.
    """
    try:
        version = _Version.model_validate_json(text).format_version
        if version.partition(".")[0] != FORMAT_MAJOR:
            raise OperateError(
                f"The plan has version {version} of Terraform's JSON format, and this guard reads version"
                f" {FORMAT_MAJOR} only: use a Terraform that writes that, or a newer version of this project."
            )
        return Plan.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the document"
        raise OperateError(
            f"This is no plan in Terraform's JSON format (wrong: {where}): save one with"
            " `terraform plan -out FILE`, or leave --plan out."
        ) from None


def _at(value: object, path: str) -> Any:
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def _without_empty(value: object) -> object:
    if isinstance(value, dict):
        kept = {key: _without_empty(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item is not None} or None
    if isinstance(value, list):
        return [item for item in map(_without_empty, value) if item is not None] or None
    return None if value == "" else value


def _values(value: object, path: list[str]) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif path and isinstance(value, dict):
        yield from _values(value.get(path[0]), path[1:])
    elif not path and value is not None:
        yield str(value)


def _marked(marks: object, path: str) -> bool:
    """Whether one of the marks, which are nested as the values are, is at a path, above it or below it."""
    for part in path.split("."):
        if isinstance(marks, dict):
            marks = marks.get(part)
        elif isinstance(marks, list):
            if not part.isdigit():
                break
            marks = marks[int(part)] if int(part) < len(marks) else None
        else:
            break
    return _any_mark(marks)


def _any_mark(marks: object) -> bool:
    if isinstance(marks, dict):
        return any(_any_mark(mark) for mark in marks.values())
    if isinstance(marks, list):
        return any(_any_mark(mark) for mark in marks)
    return marks is True
