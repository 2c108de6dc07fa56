"""An app registration of another team, and its client secret from where that team keeps it."""

from cdktf import Fn, ITerraformDependable, Token
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret_version import (
    DataAwsSecretsmanagerSecretVersion,
)
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from constructs import Construct

from stacks import addresses
from stacks.settings import RegistrationSettings


class ExistingRegistration(Construct):
    """A `Registration` that is read with every plan, so that each deploy gives Cognito the current secret."""

    def __init__(self, scope: Construct, settings: RegistrationSettings) -> None:
        super().__init__(scope, "existing_registration")
        self.client_id = settings.client_id
        self.client_secret = self._secret(settings)
        self.client_secret_end_date: str | None = None
        self.client_secrets: dict[str, object] = {}
        self.owners: list[str] = []
        self.before_use: list[ITerraformDependable] = []
        self.principals: str | None = None
        self.counted: dict[str, str] = {}

    def _secret(self, settings: RegistrationSettings) -> str:
        if settings.ssm_parameter is not None:
            return DataAwsSsmParameter(
                self, addresses.PARAMETER_STORE, name=settings.ssm_parameter, with_decryption=True
            ).value
        stored = DataAwsSecretsmanagerSecretVersion(
            self, addresses.SECRETS_MANAGER, secret_id=str(settings.secrets_manager_secret)
        ).secret_string
        if settings.json_key is None:
            return stored
        return Token.as_string(Fn.lookup(Fn.jsondecode(stored), settings.json_key))
