"""The identity providers: one in Cognito for each tenant whose people sign in."""

from cdktf import Fn, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.cognito_identity_provider import CognitoIdentityProvider
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted
from stacks.entra.registration import Registration
from stacks.settings import Settings


def identity_providers(
    scope: Construct, settings: Settings, *, user_pool_id: str, registration: Registration, adopted: Adopted
) -> dict[str, str]:
    """Declare every identity provider.

    Returns:
        Each one's name in Cognito by its key, as a Terraform reference.
    """
    names = {}
    for key, provider in settings.identity_providers.items():
        address = addresses.identity_provider(key)
        details = {
            # What Cognito presents to Entra ID.
            "client_id": registration.client_id,
            "client_secret": registration.client_secret,
            **settings.provider_details(provider.tenant_id),
        }
        names[key] = CognitoIdentityProvider(
            scope,
            address,
            user_pool_id=user_pool_id,
            provider_name=provider.name,
            provider_type="OIDC",
            idp_identifiers=list(provider.identifiers) or None,
            # Terraform knows a value for a secret by where it came from. That of an imported provider came
            # from Cognito, and the first plan, in which the map is yet unknown, would print it.
            provider_details=Token.as_string_map(Fn.sensitive(details))
            if address in adopted.imports
            else details,
            attribute_mapping=settings.full_attribute_mapping,
            depends_on=registration.before_use or None,
            lifecycle=TerraformResourceLifecycle(
                # A provider made anew gives every user a new user name.
                prevent_destroy=settings.cognito.deletion_protection,
                # The one key Cognito adds and nobody can set. Never the whole map: that would also
                # ignore a rotated secret.
                ignore_changes=['provider_details["attributes_url_add_attributes"]'],
            ),
        ).provider_name
    return names
