"""The identity providers: one in Cognito for each tenant whose people sign in."""

from collections.abc import Mapping

from cdktf import Fn, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.cognito_identity_provider import CognitoIdentityProvider
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted
from stacks.entra.registration import Registration
from stacks.settings import Settings
from stacks.settings.tenants import IdentityProvider


class IdentityProviders(Construct):
    """Every identity provider.

    Attributes:
        names: each provider's name in Cognito by its key, as a Terraform reference.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        user_pool_id: str,
        registration: Registration,
        adopted: Adopted,
    ) -> None:
        super().__init__(scope, "identity_providers")
        self._settings = settings
        self._registration = registration
        self._adopted = adopted
        self.names = {
            key: self._provider(provider, user_pool_id).provider_name
            for key, provider in settings.identity_providers.items()
        }

    def _provider(self, provider: IdentityProvider, user_pool_id: str) -> CognitoIdentityProvider:
        return CognitoIdentityProvider(
            self,
            addresses.identity_provider(provider.key),
            user_pool_id=user_pool_id,
            provider_name=provider.name,
            provider_type="OIDC",
            idp_identifiers=list(provider.identifiers) or None,
            provider_details=self._details(provider),
            attribute_mapping=self._settings.full_attribute_mapping,
            depends_on=self._registration.before_use or None,
            lifecycle=TerraformResourceLifecycle(
                # A provider made anew gives every user a new user name.
                prevent_destroy=self._settings.cognito.deletion_protection,
                # The one key Cognito adds and nobody can set. Never the whole map: that would also
                # ignore a rotated secret.
                ignore_changes=['provider_details["attributes_url_add_attributes"]'],
            ),
        )

    def _details(self, provider: IdentityProvider) -> Mapping[str, str]:
        """The `provider_details`, with the client id and secret that Cognito presents to Entra ID."""
        details = {
            "client_id": self._registration.client_id,
            "client_secret": self._registration.client_secret,
            **self._settings.provider_details(provider.tenant_id),
        }
        if addresses.identity_provider(provider.key) not in self._adopted.imports:
            return details
        # Terraform knows a value for a secret by where it came from. That of an imported provider came from
        # Cognito, and the first plan, in which the map is yet unknown, would print it.
        hidden: Mapping[str, str] = Token.as_string_map(Fn.sensitive(details))
        return hidden
