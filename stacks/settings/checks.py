"""How the checks between settings run, also where some settings are wrong by themselves.

A check is a generator over the settings. Where it reads a setting that is wrong by itself it is passed over,
so that one mistake is reported once and every other check still runs.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import wraps
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError

from stacks.settings.errors import Key, Message, Messages, shown
from stacks.settings.fields import is_keyed, is_list, table_in
from stacks.settings.types import UnusableError

__all__ = ["ClientSettings", "Settings", "check", "check_each_client", "run", "usable"]

if TYPE_CHECKING:
    from stacks.settings import Settings
    from stacks.settings.clients import ClientSettings
else:
    # For the annotations of checks: both are made of the tables in the files that the checks are in.
    Settings, ClientSettings = "Settings", "ClientSettings"

Check = Callable[[Settings], Messages]
ClientCheck = Callable[[Settings, str, ClientSettings], Messages]
AnyTable = TypeVar("AnyTable", bound=BaseModel)


_CHECKS: dict[str, list[Check]] = {}


def check(function: Check) -> Check:
    """Add a check to those of its area, the file that it is in."""
    _CHECKS.setdefault(function.__module__, []).append(function)
    return function


def check_each_client(function: ClientCheck) -> Check:
    """Add a check of one app client; an unusable client does not stop the check of the others."""

    @wraps(function)
    def of_all(settings: Settings) -> Messages:
        for key, client in settings.clients.items():
            yield from _complete(function(settings, key, client), settings)

    return check(of_all)


def run(settings: Settings, areas: Iterable[ModuleType]) -> Messages:
    """Every error and warning of some areas."""
    for area in areas:
        for function in _CHECKS[area.__name__]:
            yield from _complete(function(settings), settings)


def _complete(messages: Messages, settings: Settings) -> list[Message]:
    """All that a check says; nothing where it meets an unusable setting, since half of it would mislead."""
    try:
        return [replace(one, value=one.value or _shown(settings, one.key)) for one in messages]
    except UnusableError:
        return []


def _shown(settings: Settings, key: Key) -> str | None:
    value: Any = settings
    for part in key.parts:
        value = getattr(value, str(part)) if isinstance(value, BaseModel) else value[part]
    return shown(key, value)


def usable(table: type[AnyTable], written: object) -> AnyTable:
    """A table in which reading a setting that is wrong by itself raises `UnusableError`."""
    settings = table.model_construct()
    if not isinstance(written, Mapping):
        vars(settings).clear()
        return settings
    settings.model_fields_set.update(written)
    for name, value in written.items():
        if name in table.model_fields:
            try:
                vars(settings)[name] = _usable_value(table, name, value)
            except UnusableError:
                vars(settings).pop(name, None)
    return settings


def _usable_value(table: type[BaseModel], name: str, written: object) -> object:
    field = table.model_fields[name]
    kind: Any = field.annotation
    try:
        # None, because Annotated wants something beside the type.
        return TypeAdapter(Annotated[kind, None, *field.metadata]).validate_python(written)
    except ValidationError as error:
        wrong = {one["loc"][0] for one in error.errors() if one["loc"]}
    inner = table_in(field)
    if not isinstance(written, Mapping) or is_list(field):
        raise UnusableError(name)
    if inner is not None and is_keyed(field):
        return {key: usable(inner, value) for key, value in written.items()}
    if inner is not None:
        return usable(inner, written)
    if not wrong:
        raise UnusableError(name)
    return _usable_value(table, name, {key: value for key, value in written.items() if key not in wrong})
