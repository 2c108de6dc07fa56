"""The addresses and ids in Terraform's state, read where it is stored, without Terraform and its plugins.

The state holds the client secret in clear (Terraform language, "Manage sensitive data"): nothing else of it
leaves this module.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from operate.errors import OperateError
from stacks.settings import Settings

NOT_FOUND = {"NoSuchKey", "404"}


@dataclass(frozen=True)
class Lock:
    """A lock on the state that somebody holds, or that nobody released.

    Attributes:
        id: the argument of `terraform force-unlock`.
        who: user and machine.
    """

    id: str
    who: str
    since: str


@dataclass(frozen=True)
class Recorded:
    """What the state has.

    Attributes:
        resources: the provider's id of each object, by Terraform address.
        secret_key_ids: Entra ID's ids of the client secrets.
    """

    resources: Mapping[str, str] = field(default_factory=dict)
    secret_key_ids: frozenset[str] = frozenset()
    lock: Lock | None = None


def read_state(settings: Settings, project: Path) -> Recorded:
    """Read the state of an environment; empty where nothing is deployed.

    Raises:
        OperateError: it cannot be read.
    """
    if settings.state is None:
        # Where CDKTF puts it (documentation, "Remote backends": the default is a local one).
        file = project / f"terraform.{settings.name}.tfstate"
        lock = project / f".terraform.{settings.name}.tfstate.lock.info"
        return parse(_text(file), _text(lock))
    bucket, key = settings.state.bucket, settings.state_key
    # Terraform, backend "s3": `use_lockfile` puts the lock beside the state.
    return parse(*_objects(settings.state_region, bucket, key, f"{key}.tflock"))


def parse(state: str, lock: str = "") -> Recorded:
    """Read a state, version 4, and its lock.

    Raises:
        OperateError: it is no such document.
    """
    try:
        document = json.loads(state or '{"resources": []}')
        instances = list(_instances(document))
        held = json.loads(lock) if lock else None
        return Recorded(
            resources={address: str(attributes.get("id")) for address, attributes in instances},
            secret_key_ids=frozenset(
                str(attributes["key_id"])
                for address, attributes in instances
                if address.startswith("azuread_application_password.") and attributes.get("key_id")
            ),
            lock=Lock(held["ID"], held["Who"], held["Created"]) if held else None,
        )
    except (ValueError, KeyError, TypeError):
        # The message quotes nothing: the state holds the secret.
        raise OperateError(
            "The state is not as Terraform writes it: `terraform state list` may say what is wrong."
        ) from None


def _instances(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for resource in document["resources"]:
        if resource["mode"] == "managed":
            for instance in resource["instances"]:
                yield f"{resource['type']}.{resource['name']}", instance["attributes"]


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _objects(region: str, bucket: str, *keys: str) -> list[str]:
    def read(key: str) -> str:
        try:
            return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        except ClientError as error:
            if error.response["Error"]["Code"] in NOT_FOUND:
                return ""
            raise

    try:
        s3 = boto3.client("s3", region_name=region)
        return [read(key) for key in keys]
    except (BotoCoreError, ClientError) as error:
        raise OperateError(f"The state in s3://{bucket}/{keys[0]} cannot be read: {error}") from None
