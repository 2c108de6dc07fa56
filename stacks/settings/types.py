"""The kinds of values that settings have, and how the rule of one value is written."""

import re
from collections.abc import Hashable, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

RULE = "rule"
"""The type of pydantic's errors that a rule made."""

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
REGION = r"[a-z]{2}(-[a-z]+)+-\d"
ACCOUNT_ID = r"\d{12}"

EVALUATED = "Terraform reads what follows ${ or %{ as an expression."

Item = TypeVar("Item", bound=Hashable)
AnySized = TypeVar("AnySized", bound=Sized)


class UnusableError(Exception):
    """A setting was read that is wrong by itself."""


class Table(BaseModel):
    """One table of a settings file."""

    # Pydantic's own messages would quote what was written, which may be a secret in the wrong place. What a
    # setting is, the docstring below it says: to editors, in the reference and in errors.
    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Called for a setting that `checks.usable` left out."""
            if name in type(self).model_fields:
                raise UnusableError(name)
            return super().__getattr__(name)


def refused(sentence: str, remedy: str = "", *, index: int | None = None) -> PydanticCustomError:
    """A broken rule; without a remedy the setting's example is shown.

    Args:
        index: which item of a list is meant.
    """
    context = {"sentence": sentence, "remedy": remedy} | ({} if index is None else {"index": index})
    return PydanticCustomError(RULE, "{sentence} {remedy}", context)


def is_evaluated(text: str) -> bool:
    """Whether Terraform takes a text for more than it says (Terraform language, "Strings and Templates")."""
    return "${" in text or "%{" in text


def _as_written(value: str) -> str:
    if is_evaluated(value):
        raise refused(EVALUATED, "Write it without these.")
    return value


@dataclass(frozen=True)
class Matches:
    """A rule that is one pattern (of ASCII characters), for the file and in the JSON Schema."""

    pattern: str
    sentence: str
    remedy: str

    def __call__(self, value: str) -> str:
        """The value, if it matches and Terraform takes it for no expression."""
        if not re.fullmatch(self.pattern, value, re.ASCII):
            raise refused(self.sentence, self.remedy)
        return _as_written(value)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return handler(schema) | {"pattern": f"^({self.pattern})$"}


def not_blank(most: int, what: str, remedy: str) -> Matches:
    """A rule for a text that people read."""
    return Matches(rf"(?=[\s\S]*\S)[\s\S]{{1,{most}}}", f"{what} 1 to {most} characters.", remedy)


@dataclass(frozen=True)
class Within:
    """A whole number that is neither less nor more."""

    least: int
    most: int | None = None
    sentence: str = ""

    def __call__(self, value: int) -> int:
        """The number, if it is within the bounds."""
        if value < self.least or (self.most is not None and value > self.most):
            span = f"at least {self.least}" if self.most is None else f"from {self.least} to {self.most}"
            raise refused(self.sentence or f"The number has to be {span}.")
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self, core_schema.int_schema(strict=True))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        bounds = {"maximum": self.most, "minimum": self.least}
        return handler(schema) | {name: bound for name, bound in bounds.items() if bound is not None}


def editor_pattern(pattern: str) -> WithJsonSchema:
    """The pattern of a rule that is a function, for editors, which cannot call it."""
    return WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


def _unique(items: list[Item]) -> list[Item]:
    for index, item in enumerate(items):
        if item in items[:index]:
            raise refused("It is in this list twice.", "Remove one of the two.", index=index)
    return items


def _unique_in_any_case(items: list[str]) -> list[str]:
    _unique([item.lower() for item in items])
    return items


# The services drop or refuse what a list names twice, and Terraform sees neither.
unique = AfterValidator(_unique)
unique_in_any_case = AfterValidator(_unique_in_any_case)
as_written = AfterValidator(_as_written)
lower_case = AfterValidator(str.lower)


def between(least: int, most: int, what: str, service: str) -> AfterValidator:
    """A rule on how long a list or table is."""

    def checked(items: AnySized) -> AnySized:
        if len(items) < least:
            raise refused(f"The list is empty; at least one of the {what} is needed.", "Add one.")
        if len(items) > most:
            raise refused(f"These are {len(items)} {what}; {service} takes {most}.", "Remove some.")
        return items

    return AfterValidator(checked)


YesOrNo = Annotated[bool, Field(strict=True)]


def _object_id(value: str) -> str:
    if not re.fullmatch(GUID, value):
        what = "This is an e-mail address" if "@" in value else "This is not an object id"
        raise refused(
            f"{what}; Entra ID knows people, groups and apps here by their object id, a GUID.",
            "Copy the Object ID from the page of that user or group: Entra admin center > Users or Groups.",
        )
    return value.lower()


# A user, group or service principal in Entra ID; names and addresses are not accepted.
ObjectId = Annotated[str, AfterValidator(_object_id), editor_pattern(GUID)]

Claim = Annotated[
    str, Matches(r"[\w.:/-]+", "This is not the name of a claim.", 'Write for instance "email".')
]
# The name of a user pool or app client (Cognito API reference, CreateUserPool and CreateUserPoolClient).
CognitoName = Annotated[
    str,
    Matches(
        r"[\w\s+=,.@-]{1,128}",
        "A name in Cognito has 1 to 128 letters (a to z), digits, spaces and the characters _ + = , . @ -",
        "Leave out what is not among them.",
    ),
]
