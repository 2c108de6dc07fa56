"""Objects that were created by hand and now belong to the stack: `environments/<stack>.adopted.json`.

`pipenv run adopt` writes the file and people review it. It has the ids by which Terraform imports the
objects, and their properties that are immutable and have no setting. An import block does nothing for an
object that is in the state already (Terraform language, "Import"), so the file stays as long as the
environment.
"""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stacks import addresses
from stacks.settings.errors import SettingsError, at, error

IGNORED_CHANGES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


class Record(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PoolAttribute(Record):
    """An attribute of the user pool, as the AWS provider's `schema` block has it; nobody can change it."""

    name: str
    attribute_data_type: str
    mutable: bool
    required: bool
    developer_only_attribute: bool = False
    string_attribute_constraints: dict[str, str] | None = None
    number_attribute_constraints: dict[str, str] | None = None


class Adopted(Record):
    """The content of the file.

    Attributes:
        about: what the file is, for its reader.
        imports: Terraform address to the id by which its provider imports.
        clients_with_secret: the keys of the imported app clients that have a secret.
        pool_attributes: the imported pool's own attributes, and its standard ones with a rule.
    """

    about: str = ""
    imports: dict[str, str] = {}
    clients_with_secret: list[str] = []
    pool_attributes: list[PoolAttribute] = []

    def ignored_changes(self, address: str) -> list[str]:
        """The arguments of a resource that stay as they are because it was adopted."""
        return list(IGNORED_CHANGES.get(address, ())) if address in self.imports else []

    def is_confidential(self, key: str) -> bool | None:
        """Whether an imported app client has a secret; None for a client that the stack makes."""
        if addresses.APP_CLIENT.format(client=key) not in self.imports:
            return None
        return key in self.clients_with_secret

    @property
    def has_application(self) -> bool:
        """Whether the app registration is imported, so that people sign in already."""
        return addresses.APPLICATION in self.imports


NOTHING = Adopted()


def record_file(folder: Path, environment: str) -> Path:
    """The path of an environment's file."""
    return folder / f"{environment}.adopted.json"


def load(folder: Path, environment: str) -> Adopted:
    """Read what was adopted for an environment; nothing where there is no file.

    Raises:
        SettingsError: `pipenv run adopt` has not written the file like this.
    """
    path = record_file(folder, environment)
    if not path.is_file():
        return NOTHING
    try:
        return Adopted.model_validate_json(path.read_bytes())
    except ValidationError as refusal:
        places = sorted({".".join(map(str, wrong["loc"])) for wrong in refusal.errors()})
        where = ", ".join(places or ["file"])
        again = f"Write it again: `pipenv run adopt {environment} --write`."
        raise SettingsError(
            [error(at, f"This is not a record of adopted objects ({where}).", again, file=path)]
        ) from None
