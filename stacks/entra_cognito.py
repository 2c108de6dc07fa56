"""The stack: Microsoft sign-in on a Cognito user pool, both clouds in one reviewed plan and one state."""

from datetime import date

from cdktf import S3Backend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags
from cdktf_cdktf_provider_azuread.provider import AzureadProvider
from constructs import Construct

from stacks import clouds
from stacks.addresses import pinned
from stacks.adopted import NOTHING, Adopted
from stacks.cognito import CognitoFederation
from stacks.entra import EntraApplication
from stacks.expectations import expectations
from stacks.rotation import rotation
from stacks.settings import Settings

# State locking by S3 alone (`use_lockfile`) came with 1.10; everything else needs less.
TERRAFORM_VERSION = ">= 1.10.0"


class EntraCognitoStack(TerraformStack):
    """One environment: what `cdktf deploy <name>` makes and `cdktf destroy <name>` takes away."""

    def __init__(
        self, scope: Construct, settings: Settings, *, today: date, adopted: Adopted = NOTHING
    ) -> None:
        """Declare providers, state, both sides, and the outputs.

        Args:
            scope: the CDKTF app.
            settings: the environment's validated settings; their name is the stack's name.
            today: the day in UTC, which decides whether a scheduled rotation is due.
            adopted: what was there before the code.
        """
        super().__init__(scope, settings.name)
        self._settings = settings
        self._rotation = rotation(settings.entra.secret, today)
        self._terraform()
        self._providers()

        relying_party = EntraApplication(
            self,
            settings.entra,
            rotation=self._rotation,
            display_name=settings.display_name,
            redirect_uris=[clouds.redirect_uri(settings.domain_host)],
            adopted=adopted,
        )
        federation = CognitoFederation(self, settings, relying_party=relying_party, adopted=adopted)
        if adopted.imports:
            self.add_override("import", [{"to": to, "id": id_} for to, id_ in adopted.imports.items()])
        self._outputs(relying_party, federation)

    def _terraform(self) -> None:
        settings = self._settings
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        for provider, version in (
            ("aws", settings.terraform.aws_provider_version),
            ("azuread", settings.terraform.azuread_provider_version),
        ):
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
        AzureadProvider(
            self,
            "azuread",
            tenant_id=settings.entra.tenant_id,
            environment=settings.cloud.azuread_environment,
        )

    def _outputs(self, relying_party: EntraApplication, federation: CognitoFederation) -> None:
        """What people need afterwards, named for what they do with it. No secret among them."""
        settings = self._settings
        cloud, tenant_id = settings.cloud, settings.entra.tenant_id
        host, pool_id = settings.domain_host, federation.user_pool_id
        region = settings.aws.region
        clients = [(key, settings.clients[key], id_) for key, id_ in federation.client_ids.items()]
        outputs: dict[str, tuple[str, object]] = {
            "sign_in_urls": (
                "Open in a browser to sign in, one for each client's first callback URL.",
                {
                    key: clouds.sign_in_url(host, id_, client.callback_urls[0], client.scopes)
                    for key, client, id_ in clients
                },
            ),
            "sign_out_urls": (
                "End Cognito's session: one for each client that has a logout URL.",
                {
                    key: clouds.sign_out_url(host, id_, client.logout_urls[0])
                    for key, client, id_ in clients
                    if client.logout_urls
                },
            ),
            "entra_sign_out_url": (
                "End Microsoft's session, after Cognito's.",
                cloud.logout_url(tenant_id),
            ),
            "domain": ("The sign-in domain; apps add /oauth2/authorize and /oauth2/token.", host),
            "redirect_uri": (
                "Registered in Entra ID: where Microsoft sends people back to.",
                clouds.redirect_uri(host),
            ),
            "entra_issuer": (
                "The issuer Cognito expects in Entra ID's tokens.",
                cloud.issuer(tenant_id),
            ),
            "entra_application_id": (
                "The app registration's application (client) id.",
                relying_party.client_id,
            ),
            "admin_consent_url": (
                "An administrator grants the permissions here, where admin_consent is off.",
                cloud.admin_consent_url(tenant_id, relying_party.client_id),
            ),
            "client_secret_end_date": (
                "When the secret between Cognito and Entra ID expires: rotate before.",
                relying_party.client_secret_end_date,
            ),
            "client_secrets": (
                "The secrets that the stack made; any other on the registration is somebody else's.",
                relying_party.client_secrets,
            ),
            "user_pool_id": ("The user pool.", pool_id),
            "client_ids": ("The app clients' ids, for the apps.", dict(federation.client_ids)),
            "issuer": (
                "The issuer apps expect in Cognito's tokens.",
                clouds.user_pool_issuer(region, pool_id),
            ),
            "jwks_url": (
                "The keys apps verify Cognito's tokens with.",
                clouds.user_pool_jwks_url(region, pool_id),
            ),
            "expected": (
                "What `pipenv run verify` holds both clouds against.",
                expectations(settings),
            ),
        }
        if self._rotation.next_on is not None:
            outputs["next_rotation"] = (
                "The first deploy from this day on makes the next secret.",
                self._rotation.next_on.isoformat(),
            )
        for name, (description, value) in outputs.items():
            pinned(TerraformOutput(self, f"output_{name}", value=value, description=description), name)
