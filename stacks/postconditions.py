"""What an existing object has to fulfil: Terraform checks it with every plan, before anything is made."""

from collections.abc import Iterable

from cdktf import Postcondition, Token


def terraform_list(values: Iterable[str]) -> str:
    """Values as Terraform writes a list of strings."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "[" + ", ".join(f'"{value}"' for value in quoted) + "]"


def joined(items: str) -> str:
    """The items of a Terraform expression for a list or set, as a part of a sentence."""
    return f'${{join(", ", {items})}}'


def is_empty(items: str, error_message: str, *, unless: str | None = None) -> Postcondition:
    """The condition that a Terraform expression, a list or set, has no item, or that another one is true."""
    condition = f"length({items}) == 0"
    if unless is not None:
        condition = f"{unless} || {condition}"
    return Postcondition(condition=Token.as_any(f"${{{condition}}}"), error_message=error_message)
