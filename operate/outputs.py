"""The outputs of a deployed stack, as `terraform output -json` prints them."""

import json
from datetime import datetime
from pathlib import Path

from pydantic import Field, ValidationError

from operate.errors import OperateError
from operate.project import backend, check_environment, init, output_of, stack_folder, stacks_of, synthesize
from stacks.expected import Expected, OutputModel
from stacks.tools import terraform


class CustomerTenant(OutputModel):
    """A customer's tenant."""

    provider_name: str


class ClientSecret(OutputModel):
    """Which of the registration's secrets Cognito has."""

    key_id: str


class Outputs(OutputModel):
    """The outputs that the commands need; README.md describes all of them."""

    expected: Expected
    client_ids: dict[str, str]
    client_secret_end_date: datetime | None = None
    client_secrets: dict[str, ClientSecret] = Field(default={})
    domain: str
    entra_application_id: str
    # None where it was deployed before the stack said so.
    entra_owners: list[str] | None = None
    issuer: str
    jwks_url: str
    principals: dict[str, str] = Field(default={})
    sign_out_urls: dict[str, str] = Field(default={})
    tenants: dict[str, CustomerTenant] = Field(default={})
    user_pool_id: str

    @property
    def domain_url(self) -> str:
        """Where the sign-in domain answers, unless `--domain-url` says otherwise."""
        return f"https://{self.domain}"

    @property
    def secret_key_id(self) -> str | None:
        """Which of the registration's secrets the stack gave to Cognito; None where it made none."""
        secret = self.client_secrets.get("in_use")
        return secret.key_id if secret else None

    def place(self, what: str, provider: str) -> str:
        """`what`, with its identity provider's name where there are several."""
        return what if len(self.expected.identity_providers) == 1 else f"{what} of {provider}"

    def existing(self, client: str | None = None) -> set[str]:
        """Which of registration, app client and pool another team made, in the words of known_errors.toml.

        Args:
            client: the app client's key in the settings.
        """
        asked = self.expected.clients.get(client or "")
        theirs = {
            "registration": not self.expected.own_registration,
            "client": bool(asked and not asked.own),
            # Not known where it was deployed before the stack said so.
            "pool": bool(self.expected.access and not self.expected.access.own_pool),
        }
        return {what for what, is_theirs in theirs.items() if is_theirs}

    @property
    def customers(self) -> dict[str, str]:
        """The key of each customer's tenant, by the name of its identity provider."""
        return {tenant.provider_name: key for key, tenant in self.tenants.items()}


def read_outputs(environment: str, project: Path) -> Outputs:
    """Read the outputs of a deployed environment.

    A fresh clone has no Terraform folder yet: where the state is shared, it is made here, as `cdktf` makes
    it. A state in a file is where the deploy ran.

    Raises:
        OperateError: it is not deployed, or its state cannot be read.
    """
    check_environment(environment, project)
    return parse(environment, printed_outputs(environment, project))


def printed_outputs(stack: str, project: Path) -> str:
    """What `terraform output -json` prints for a stack.

    Raises:
        OperateError: it is not deployed, or its state cannot be read.
    """
    folder = stack_folder(stack, project)
    if not (folder / ".terraform").is_dir():
        _prepare(stack, project, folder)
    return output_of([terraform(), "output", "-json"], folder, f"`terraform output` of {stack}")


def parse(environment: str, text: str) -> Outputs:
    """Read what `terraform output -json` printed.

    Raises:
        OperateError: there are no outputs, or not those of this version of the stack.
    """
    try:
        values = {name: output["value"] for name, output in json.loads(text).items()}
    except (ValueError, TypeError, KeyError, AttributeError):
        raise OperateError(f"Terraform printed no outputs for {environment}: run it by hand.") from None
    if not values:
        raise OperateError(
            f"{environment} is not deployed: its state is empty. Run `pipenv run cdktf deploy {environment}`."
        )
    try:
        return Outputs.model_validate(values)
    except ValidationError as error:
        missing = ", ".join(sorted({".".join(map(str, wrong["loc"])) for wrong in error.errors()}))
        raise OperateError(
            f"{environment} was deployed by another version of this project: its outputs lack {missing}."
            f" Run `pipenv run cdktf deploy {environment}`."
        ) from None


def _prepare(environment: str, project: Path, folder: Path) -> None:
    if not (folder / "cdk.tf.json").is_file():
        synthesize(project, stacks_of([environment], project))
    local = backend(folder).get("local")
    if local is not None and not _holds_something(Path(local["path"])):
        raise OperateError(
            f"{environment} is not deployed from this folder: there is no {local['path']}."
            f" Run `pipenv run cdktf deploy {environment}`, or run this where it was deployed."
        )
    init(environment, project)


def _holds_something(state: Path) -> bool:
    # The bare cdktf command leaves an empty one before the first deploy (main.py).
    return state.is_file() and state.stat().st_size > 0
