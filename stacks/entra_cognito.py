"""The stack: Microsoft sign-in on a Cognito user pool, both clouds in one reviewed plan and one state."""

from datetime import date

from cdktf import S3Backend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from cdktf_cdktf_provider_azuread.provider import AzureadProvider
from constructs import Construct

from stacks.adopted import NOTHING, Adopted
from stacks.cognito.branding import Branding
from stacks.cognito.identity_provider import CognitoFederation
from stacks.entra.application import EntraApplication
from stacks.entra.registration import ExistingRegistration, Registration
from stacks.outputs import outputs
from stacks.rotation import rotation
from stacks.settings import Settings
from stacks.settings.accounts import PERSONAL

# State locking by S3 alone (`use_lockfile`) came with 1.10; everything else needs less.
TERRAFORM_VERSION = ">= 1.10.0"


class EntraCognitoStack(TerraformStack):
    """One environment: what `cdktf deploy <name>` makes and `cdktf destroy <name>` takes away."""

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        today: date,
        adopted: Adopted = NOTHING,
        branding: Branding | None = None,
    ) -> None:
        """Declare providers, state, both sides, and the outputs.

        Args:
            today: the day in UTC, which decides whether a scheduled rotation is due.
        """
        super().__init__(scope, settings.name)
        self._settings = settings
        self._rotation = rotation(
            settings.entra.secret, today, room_for_previous=settings.account_types not in PERSONAL
        )
        self._terraform()
        self._providers()

        registration = self._relying_party(adopted)
        federation = CognitoFederation(
            self, settings, registration=registration, branding=branding, adopted=adopted
        )
        if adopted.imports:
            self.add_override("import", [{"to": to, "id": id_} for to, id_ in adopted.imports.items()])
        outputs(self, settings, registration=registration, federation=federation, rotation=self._rotation)

    def _relying_party(self, adopted: Adopted) -> Registration:
        settings = self._settings
        if settings.entra.registration is not None:
            return ExistingRegistration(self, settings.entra.registration)
        return EntraApplication(
            self,
            settings.entra,
            rotation=self._rotation,
            account_types=settings.account_types,
            display_name=settings.display_name,
            redirect_uris=settings.redirect_uris,
            adopted=adopted,
        )

    def _terraform(self) -> None:
        settings = self._settings
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        versions = {"aws": settings.terraform.aws_provider_version}
        if self._makes_registration:
            versions["azuread"] = settings.terraform.azuread_provider_version
        for provider, version in versions.items():
            if version is not None:
                self.add_override(f"terraform.required_providers.{provider}.version", version)
        if settings.state is not None:
            backend = S3Backend(
                self,
                bucket=settings.state.bucket,
                key=settings.state_key,
                region=settings.state_region,
                encrypt=True,
                kms_key_id=settings.state.kms_key_id,
            )
            # CDKTF 0.21 has no argument for it.
            backend.add_override("use_lockfile", True)  # noqa: FBT003

    def _providers(self) -> None:
        settings = self._settings
        AwsProvider(
            self,
            "aws",
            region=settings.aws.region,
            allowed_account_ids=[settings.aws.account_id] if settings.aws.account_id else None,
            default_tags=[AwsProviderDefaultTags(tags=dict(settings.tags))] if settings.tags else None,
        )
        # Without anything of its own in Entra ID the stack needs no rights there, and no plugin.
        if self._makes_registration:
            AzureadProvider(
                self,
                "azuread",
                tenant_id=settings.entra.tenant_id,
                environment=settings.cloud.azuread_environment,
            )

    @property
    def _makes_registration(self) -> bool:
        return self._settings.entra.registration is None
