"""The relying party that Cognito is to Entra ID: made by the stack, or found."""

from typing import Protocol

from cdktf import Fn, ITerraformDependable, Token
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret_version import (
    DataAwsSecretsmanagerSecretVersion,
)
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from constructs import Construct

from stacks.addresses import pinned
from stacks.settings import RegistrationSettings

ADDRESS = "client_secret"


class Registration(Protocol):
    """As whom Cognito presents itself at Entra ID.

    Attributes:
        client_id: the application (client) id, or a Terraform reference to it.
        client_secret: the secret's value, as a Terraform reference; sensitive, for Cognito only.
        client_secret_end_date: when the secret expires, RFC 3339 in UTC, as a Terraform reference; None where
            that is somebody else's business.
        client_secrets: generation, key id and end date of the secret `in_use` and, where there is one, of the
            `previous` one; no value; empty where they are somebody else's.
        hand_over: what the identity providers have to depend on, besides the secret's value.
    """

    client_id: str
    client_secret: str
    client_secret_end_date: str | None
    client_secrets: dict[str, object]
    hand_over: list[ITerraformDependable]


class ExistingRegistration(Construct):
    """A registration of another team, and its client secret from where that team keeps it.

    Read with every plan, so that a deploy hands over whatever is there then. The attributes are those of
    `Registration`.
    """

    def __init__(self, scope: Construct, settings: RegistrationSettings) -> None:
        """Declare what is read."""
        super().__init__(scope, "registration")
        self.client_id = settings.client_id
        self.client_secret = self._secret(settings)
        self.client_secret_end_date: str | None = None
        self.client_secrets: dict[str, object] = {}
        self.hand_over: list[ITerraformDependable] = []

    def _secret(self, settings: RegistrationSettings) -> str:
        if settings.ssm_parameter is not None:
            return pinned(
                DataAwsSsmParameter(self, "parameter", name=settings.ssm_parameter, with_decryption=True),
                ADDRESS,
            ).value
        stored = pinned(
            DataAwsSecretsmanagerSecretVersion(
                self, "secret", secret_id=str(settings.secrets_manager_secret)
            ),
            ADDRESS,
        ).secret_string
        if settings.json_key is None:
            return stored
        return Token.as_string(Fn.lookup(Fn.jsondecode(stored), settings.json_key))
