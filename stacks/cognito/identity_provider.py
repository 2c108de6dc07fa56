"""The Cognito side: what an administrator clicks together in the Cognito console."""

from collections.abc import Mapping

from cdktf import Fn, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.cognito_identity_provider import CognitoIdentityProvider
from constructs import Construct

from stacks.addresses import pinned
from stacks.adopted import PROVIDER, Adopted
from stacks.cognito.app_clients import AppClients
from stacks.cognito.branding import Branding
from stacks.cognito.domains import Domains
from stacks.cognito.user_pool import ExistingPool, OwnPool
from stacks.entra.registration import Registration
from stacks.settings import IdentityProvider, Settings


class CognitoFederation(Construct):
    """A user pool that lets people in who sign in at Entra ID.

    Attributes:
        user_pool_id: the pool's id, as a Terraform reference.
        client_ids: client key to client id, as Terraform references.
        custom_domain_target: where the DNS name of one's own domain has to lead; None without such a domain.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        registration: Registration,
        branding: Branding | None,
        adopted: Adopted,
    ) -> None:
        """Declare the Cognito side."""
        super().__init__(scope, "cognito")
        self._settings = settings
        self._relying_party = registration
        self._adopted = adopted

        existing = settings.cognito.user_pool_id
        pool = (
            OwnPool(self, settings, adopted)
            if existing is None
            else ExistingPool(self, existing, settings.full_attribute_mapping)
        )
        self.user_pool_id = pool.id
        domains = Domains(self, settings.cognito, user_pool_id=pool.id)
        self.custom_domain_target = domains.custom_domain_target
        providers = {key: self._provider(one) for key, one in settings.identity_providers.items()}
        clients = AppClients(
            self,
            settings,
            user_pool_id=pool.id,
            # By reference: a client can name a provider only once it is there.
            provider_names={key: provider.provider_name for key, provider in providers.items()},
            branding=branding,
            adopted=adopted,
        )
        self.client_ids = clients.ids

    def _provider(self, provider: IdentityProvider) -> CognitoIdentityProvider:
        return pinned(
            CognitoIdentityProvider(
                self,
                f"identity_provider_{provider.address}",
                user_pool_id=self.user_pool_id,
                provider_name=provider.name,
                provider_type="OIDC",
                idp_identifiers=list(provider.identifiers) or None,
                provider_details=self._details(provider),
                attribute_mapping=self._settings.full_attribute_mapping,
                depends_on=self._relying_party.hand_over or None,
                lifecycle=TerraformResourceLifecycle(
                    # A provider made anew gives every user a new user name.
                    prevent_destroy=self._settings.cognito.deletion_protection,
                    # The one key Cognito adds and nobody can set. Never the whole map: that would also
                    # ignore a rotated secret.
                    ignore_changes=['provider_details["attributes_url_add_attributes"]'],
                ),
            ),
            provider.address,
        )

    def _details(self, provider: IdentityProvider) -> Mapping[str, str]:
        """What Cognito is told of a tenant, and as whom it presents itself there."""
        details = {
            "client_id": self._relying_party.client_id,
            "client_secret": self._relying_party.client_secret,
            **self._settings.provider_details(provider.tenant_id),
        }
        if f"{PROVIDER}{provider.address}" not in self._adopted.imports:
            return details
        # Terraform knows a value for a secret by where it came from. That of an imported provider came from
        # Cognito, and the first plan, in which the map is yet unknown, would print it.
        hidden: Mapping[str, str] = Token.as_string_map(Fn.sensitive(details))
        return hidden
