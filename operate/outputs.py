"""The outputs of a deployed stack, as `terraform output -json` gives them."""

import json
import shlex
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

from pydantic import Field, ValidationError

from operate.errors import OperateError
from stacks.expected import Expected, OutputModel


class Tenant(OutputModel):
    """A customer's tenant."""

    provider_name: str


class ClientSecret(OutputModel):
    """What may be known of a secret between Cognito and Entra ID."""

    key_id: str


class Outputs(OutputModel):
    """The outputs that `operate/` needs; README.md describes all of them."""

    expected: Expected
    client_ids: dict[str, str]
    client_secret_end_date: datetime | None = None
    client_secrets: dict[str, ClientSecret] = Field(default={})
    domain: str
    entra_application_id: str
    issuer: str
    jwks_url: str
    next_rotation: date | None = None
    tenants: dict[str, Tenant] = Field(default={})
    user_pool_id: str

    @property
    def secret_key_id(self) -> str | None:
        """Which of the registration's secrets the stack gave to Cognito; None where it made none."""
        secret = self.client_secrets.get("in_use")
        return secret.key_id if secret else None

    def place(self, what: str, provider: str) -> str:
        """Something of an identity provider, as people tell it from that of another."""
        return what if len(self.expected.identity_providers) == 1 else f"{what} of {provider}"

    @property
    def customers(self) -> dict[str, str]:
        """The key of each customer's tenant, by the name of its identity provider."""
        return {tenant.provider_name: key for key, tenant in self.tenants.items()}


def read_outputs(environment: str, project: Path) -> Outputs:
    """Read the outputs of a deployed environment.

    In a fresh clone there is no Terraform folder yet. Where the state is shared, it is made here, by what
    `cdktf` does too: synthesis and `terraform init`. A state in a file is where the deploy ran.

    Raises:
        OperateError: it is not deployed, or its state cannot be read.
    """
    folder = project / "cdktf.out" / "stacks" / environment
    if not (folder / ".terraform").is_dir():
        _prepare(environment, project, folder)
    return parse(environment, _terraform(environment, folder, "output", "-json"))


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
    if not (project / "environments" / f"{environment}.toml").is_file():
        known = sorted(path.stem for path in (project / "environments").glob("*.toml"))
        raise OperateError(
            f"There is no environments/{environment}.toml in {project}."
            + (f" There are {', '.join(known)}." if known else "")
        )
    if not (folder / "cdk.tf.json").is_file():
        app = shlex.split(json.loads((project / "cdktf.json").read_text())["app"])
        # `python` is this one, which has the packages, whatever the PATH says.
        _run([sys.executable if app[0] == "python" else app[0], *app[1:]], project, "Synthesis")
    backend = json.loads((folder / "cdk.tf.json").read_text())["terraform"].get("backend", {})
    if "local" in backend and not Path(backend["local"]["path"]).is_file():
        raise OperateError(
            f"{environment} is not deployed from this folder: there is no {backend['local']['path']}."
            f" Run `pipenv run cdktf deploy {environment}`, or verify where it was deployed."
        )
    _terraform(environment, folder, "init", "-input=false", "-no-color")


def _terraform(environment: str, folder: Path, *arguments: str) -> str:
    return _run(["terraform", *arguments], folder, f"`terraform {arguments[0]}` of {environment}")


def _run(command: list[str], folder: Path, what: str) -> str:
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise OperateError(f"{command[0]} is not on the PATH: README.md says what is needed.") from None
    if done.returncode != 0:
        raise OperateError(f"{what} failed: {_first_error(done.stderr or done.stdout)}")
    return done.stdout


def _first_error(text: str) -> str:
    """Of what a command printed, the sentence that says why: Terraform draws frames around it."""
    lines = [line.strip(" │╷╵") for line in text.splitlines()]
    lines = [line for line in lines if line]
    start = next((number for number, line in enumerate(lines) if line.startswith("Error: ")), len(lines) - 1)
    return " ".join(lines[max(start, 0) : start + 3]).removeprefix("Error: ") or "it said nothing."
