"""What people need after a deploy, named for what they do with it. No secret among them."""

from collections.abc import Mapping

from cdktf import TerraformOutput, TerraformStack

from stacks import clouds
from stacks.adopted import Adopted
from stacks.entra.registration import Registration
from stacks.expected import expected
from stacks.rotation import Rotation
from stacks.settings import Settings
from stacks.settings.tenants import HOME


def outputs(
    stack: TerraformStack,
    settings: Settings,
    *,
    registration: Registration,
    rotation: Rotation,
    user_pool_id: str,
    client_ids: Mapping[str, str],
    custom_domain_target: str | None,
    adopted: Adopted,
) -> None:
    """Declare the outputs of a stack: each with its description, and none without a value."""
    cloud, entra, region = settings.cloud, settings.entra, settings.aws.region
    declared: dict[str, tuple[str, object]] = {
        "sign_in_urls": (
            "Open in a browser to sign in, one for each client's first callback URL.",
            _sign_in_urls(settings, client_ids),
        ),
        "sign_out_urls": (
            "End Cognito's session, and Microsoft's where the client says so; to its first logout URL.",
            _sign_out_urls(settings, client_ids),
        ),
        # Entra ID
        "entra_sign_out_url": (
            "End Microsoft's session, after Cognito's.",
            cloud.logout_url(entra.tenant_id),
        ),
        "redirect_uri": (
            "Registered in Entra ID: where Microsoft sends people back to.",
            clouds.redirect_uri(settings.domain_host),
        ),
        "redirect_uris": (
            "Everything that has to be registered in Entra ID as a redirect URI.",
            settings.redirect_uris,
        ),
        "entra_issuer": (
            "The issuer Cognito expects in Entra ID's tokens.",
            cloud.issuer(entra.tenant_id),
        ),
        "entra_application_id": (
            "The app registration's application (client) id.",
            registration.client_id,
        ),
        "entra_owners": (
            "The registration's owners after the deploy: they can make secrets for it.",
            registration.owners or None,
        ),
        "principals": (
            "Whom the settings name in Entra ID, by the object ids that they had when they were first found.",
            registration.principals,
        ),
        "admin_consent_url": (
            "An administrator grants the permissions here, where admin_consent is off.",
            cloud.admin_consent_url(entra.tenant_id, registration.client_id, entra.consent_redirect_uri),
        ),
        "tenants": (
            "For each customer: what to send them.",
            _tenants(settings, registration.client_id, client_ids) or None,
        ),
        # The client secret
        "client_secret_end_date": (
            "When the secret between Cognito and Entra ID expires: rotate before.",
            registration.client_secret_end_date,
        ),
        "client_secrets": (
            "The secrets that the stack made; any other on the registration is somebody else's.",
            registration.client_secrets or None,
        ),
        "next_rotation": (
            "The first deploy from this day on makes the next secret.",
            rotation.next_on.isoformat() if rotation.next_on and registration.client_secrets else None,
        ),
        # For the apps
        "domain": (
            "The sign-in domain; apps add /oauth2/authorize and /oauth2/token.",
            settings.domain_host,
        ),
        "custom_domain_target": (
            "Where the DNS name of the custom domain has to lead, as an alias or CNAME.",
            custom_domain_target,
        ),
        "user_pool_id": ("The user pool.", user_pool_id),
        "client_ids": ("The app clients' ids, for the apps.", dict(client_ids)),
        "issuer": (
            "The issuer apps expect in Cognito's tokens.",
            clouds.user_pool_issuer(region, user_pool_id),
        ),
        "jwks_url": (
            "The keys apps verify Cognito's tokens with.",
            clouds.user_pool_jwks_url(region, user_pool_id),
        ),
        "expected": (
            "What `pipenv run verify` holds both clouds against.",
            expected(settings, adopted).model_dump(),
        ),
    }
    declare(stack, declared)


def declare(stack: TerraformStack, declared: Mapping[str, tuple[str, object]]) -> None:
    """Declare outputs, each by its name, with a description and a value; none without a value."""
    for name, (description, value) in declared.items():
        if value is not None:
            # `cdktf output --outputs-file` names an output by the id of its construct.
            output = TerraformOutput(stack, f"output_{name}", value=value, description=description)
            output.override_logical_id(name)


def _sign_in_urls(settings: Settings, client_ids: Mapping[str, str]) -> dict[str, str]:
    return {
        key: clouds.sign_in_url(settings.domain_host, client_ids[key], client.callback_urls[0], client.scopes)
        for key, client in settings.clients.items()
    }


def _sign_out_urls(settings: Settings, client_ids: Mapping[str, str]) -> dict[str, str]:
    return {
        key: clouds.sign_out_url(
            settings.domain_host, client_ids[key], settings.sign_out_address(key, client.logout_urls[0])
        )
        for key, client in settings.clients.items()
        if client.logout_urls
    }


def _tenants(settings: Settings, client_id: str, client_ids: Mapping[str, str]) -> dict[str, object]:
    # Once for each client, and not again for each of up to 300 customers.
    admitted = {key: {one.key for one in settings.providers_of(key)} for key in settings.clients}
    return {
        provider.key: {
            "provider_name": provider.name,
            "admin_consent_url": settings.cloud.admin_consent_url(
                provider.tenant_id, client_id, settings.entra.consent_redirect_uri
            ),
            "sign_in_urls": {
                key: clouds.provider_sign_in_url(
                    settings.domain_host,
                    client_ids[key],
                    client.callback_urls[0],
                    client.scopes,
                    identifier=next(iter(provider.identifiers), None),
                    provider=provider.name,
                )
                for key, client in settings.clients.items()
                if provider.key in admitted[key]
            },
        }
        for provider in settings.identity_providers.values()
        if provider.key != HOME
    }
