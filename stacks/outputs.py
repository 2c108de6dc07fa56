"""What people need after a deploy, named for what they do with it. No secret among them."""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from cdktf import TerraformOutput, TerraformStack

from stacks import clouds
from stacks.adopted import Adopted
from stacks.entra.registration import Registration
from stacks.expected import expected
from stacks.rotation import Rotation
from stacks.settings import Settings
from stacks.settings.tenants import HOME

DESCRIPTIONS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


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
    values: dict[str, object] = {
        "sign_in_urls": _sign_in_urls(settings, client_ids),
        "sign_out_urls": _sign_out_urls(settings, client_ids),
        # Entra ID
        "entra_sign_out_url": cloud.logout_url(entra.tenant_id),
        "redirect_uri": clouds.redirect_uri(settings.domain_host),
        "redirect_uris": settings.redirect_uris,
        "entra_issuer": cloud.issuer(entra.tenant_id),
        "entra_application_id": registration.client_id,
        "entra_owners": registration.owners or None,
        "principals": registration.principals,
        "admin_consent_url": cloud.admin_consent_url(
            entra.tenant_id, registration.client_id, entra.consent_redirect_uri
        ),
        "tenants": _tenants(settings, registration.client_id, client_ids) or None,
        # The client secret
        "client_secret_end_date": registration.client_secret_end_date,
        "client_secrets": registration.client_secrets or None,
        "next_rotation": rotation.next_on.isoformat()
        if rotation.next_on and registration.client_secrets
        else None,
        # For the apps
        "domain": settings.domain_host,
        "custom_domain_target": custom_domain_target,
        "user_pool_id": user_pool_id,
        "client_ids": dict(client_ids),
        "issuer": clouds.user_pool_issuer(region, user_pool_id),
        "jwks_url": clouds.user_pool_jwks_url(region, user_pool_id),
        "expected": expected(settings, adopted).model_dump(),
    }
    declare(stack, {name: (DESCRIPTIONS[name], value) for name, value in values.items()})


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
