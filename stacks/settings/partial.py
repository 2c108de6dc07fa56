"""Settings of which some are wrong: the others, so that the rules between them can still be asked."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from stacks.settings.findings import Partial


def usable_table(table: type[BaseModel], given: object) -> BaseModel | Partial:
    """A table, or what of it is right by itself: enough for the rules that need only that."""
    try:
        return table.model_validate(given)
    except ValidationError as error:
        return usable_settings(table, given, error.errors(include_url=False))


def usable_settings(table: type[BaseModel], given: object, wrong: list[ErrorDetails]) -> Partial:
    """What of a table is right by itself."""
    if not isinstance(given, Mapping):
        return Partial()
    broken = {where["loc"][0] for where in wrong if where["loc"]}
    usable = Partial()
    for name, field in table.model_fields.items():
        if name not in given:
            if not field.is_required():
                usable[name] = field.get_default()
        elif name not in broken:
            usable[name] = _adapter(table, name).validate_python(given[name])
        elif inner := next(_tables_in(field.annotation), None):
            inside = given[name]
            if get_origin(field.annotation) is dict and isinstance(inside, Mapping):
                usable[name] = {key: usable_table(inner, one) for key, one in inside.items()}
            else:
                usable[name] = usable_table(inner, inside)
        elif get_origin(field.annotation) is dict and isinstance(given[name], Mapping):
            wrong_entries = {
                where["loc"][1] for where in wrong if where["loc"][0] == name and where["loc"][1:]
            }
            entries = {key: value for key, value in given[name].items() if key not in wrong_entries}
            with suppress(ValidationError):
                usable[name] = _adapter(table, name).validate_python(entries)
    return usable


@cache
def _adapter(table: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = table.model_fields[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind)


def _tables_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables_in(part)
