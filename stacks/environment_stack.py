"""What the stacks of an environment have in common: providers, their versions, and names by address."""

from cdktf import S3Backend, TerraformElement, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from cdktf_cdktf_provider_azuread.provider import AzureadProvider
from constructs import Construct, Node

from stacks import addresses
from stacks.settings import Settings
from stacks.tools import TERRAFORM_VERSION


class EnvironmentStack(TerraformStack):
    """A stack of an environment, without anything in it."""

    def __init__(
        self, scope: Construct, name: str, settings: Settings, *, region: str, azuread: bool
    ) -> None:
        """Declare the providers.

        Args:
            azuread: whether the stack makes anything in Entra ID: otherwise it needs no rights there, and no
                plugin.
        """
        super().__init__(scope, name)
        self.add_override("terraform.required_version", f">= {TERRAFORM_VERSION}")
        versions = {"aws": settings.terraform.aws_provider_version}
        if azuread:
            versions["azuread"] = settings.terraform.azuread_provider_version
        for provider, version in versions.items():
            self.add_override(f"terraform.required_providers.{provider}.version", version)
        AwsProvider(
            self,
            "aws",
            region=region,
            allowed_account_ids=[settings.aws.account_id] if settings.aws.account_id else None,
            default_tags=[AwsProviderDefaultTags(tags=dict(settings.tags))] if settings.tags else None,
        )
        if azuread:
            AzureadProvider(
                self,
                "azuread",
                tenant_id=settings.entra.tenant_id,
                environment=settings.cloud.azuread_environment,
            )

    def keep_state(self, settings: Settings, key: str) -> None:
        """Keep the state in the bucket of the settings; without one CDKTF keeps it in a file."""
        if settings.state is None:
            return
        backend = S3Backend(
            self,
            bucket=settings.state.bucket,
            key=key,
            region=settings.state_region,
            encrypt=True,
            kms_key_id=settings.state.kms_key_id,
        )
        # CDKTF 0.21 has no argument for it.
        backend.add_override("use_lockfile", value=True)

    def _allocate_logical_id(self, tf_element: Node | TerraformElement) -> str:
        """Name an element: CDKTF asks whenever it first needs the address of one.

        Raises:
            ValueError: the element has no address in addresses.py.
        """
        path = tf_element.path if isinstance(tf_element, Node) else tf_element.to_string()
        return addresses.name(path)
