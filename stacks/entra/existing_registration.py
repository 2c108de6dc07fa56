"""An app registration of another team, and its client secret from where that team keeps it."""

from cdktf import Fn, Token
from cdktf_cdktf_provider_aws.data_aws_secretsmanager_secret_version import (
    DataAwsSecretsmanagerSecretVersion,
)
from cdktf_cdktf_provider_aws.data_aws_ssm_parameter import DataAwsSsmParameter
from constructs import Construct

from stacks import addresses
from stacks.entra.registration import Registration
from stacks.settings.existing import RegistrationSettings


def existing_registration(scope: Construct, settings: RegistrationSettings) -> Registration:
    """A registration that is read with every plan, so that each deploy gives Cognito the current secret."""
    return Registration(client_id=settings.client_id, client_secret=_secret(scope, settings))


def _secret(scope: Construct, settings: RegistrationSettings) -> str:
    if settings.ssm_parameter is not None:
        return DataAwsSsmParameter(
            scope, addresses.PARAMETER_STORE, name=settings.ssm_parameter, with_decryption=True
        ).value
    stored = DataAwsSecretsmanagerSecretVersion(
        scope, addresses.SECRETS_MANAGER, secret_id=str(settings.secrets_manager_secret)
    ).secret_string
    if settings.json_key is None:
        return stored
    return Token.as_string(Fn.lookup(Fn.jsondecode(stored), settings.json_key))
