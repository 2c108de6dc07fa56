"""What people need after a deploy, named for what they do with it. No secret among them."""

from collections.abc import Mapping

from cdktf import TerraformOutput, TerraformStack

from stacks import clouds
from stacks.addresses import pinned
from stacks.cognito.identity_provider import CognitoFederation
from stacks.entra.registration import Registration
from stacks.expectations import expectations
from stacks.rotation import Rotation
from stacks.settings import IdentityProvider, Settings
from stacks.settings.tenants import HOME

Outputs = dict[str, tuple[str, object]]


def outputs(
    stack: TerraformStack,
    settings: Settings,
    *,
    registration: Registration,
    federation: CognitoFederation,
    rotation: Rotation,
) -> None:
    """Declare the outputs of a stack."""
    found = (
        _for_signing_in(settings, federation)
        | _of_entra(settings, registration)
        | _of_customers(settings, registration, federation)
        | _of_the_secret(registration, rotation)
        | _for_apps(settings, federation)
    )
    found["expected"] = ("What `pipenv run verify` holds both clouds against.", expectations(settings))
    for name, (description, value) in found.items():
        pinned(TerraformOutput(stack, f"output_{name}", value=value, description=description), name)


def _for_signing_in(settings: Settings, federation: CognitoFederation) -> Outputs:
    host = settings.domain_host
    clients = [(key, settings.clients[key], id_) for key, id_ in federation.client_ids.items()]
    return {
        "sign_in_urls": (
            "Open in a browser to sign in, one for each client's first callback URL.",
            {
                key: clouds.sign_in_url(host, id_, client.callback_urls[0], client.scopes)
                for key, client, id_ in clients
            },
        ),
        "sign_out_urls": (
            "End Cognito's session, and Microsoft's where the client says so; to its first logout URL.",
            {
                key: clouds.sign_out_url(host, id_, settings.sign_out_address(key, client.logout_urls[0]))
                for key, client, id_ in clients
                if client.logout_urls
            },
        ),
    }


def _of_entra(settings: Settings, registration: Registration) -> Outputs:
    cloud, entra, host = settings.cloud, settings.entra, settings.domain_host
    return {
        "entra_sign_out_url": (
            "End Microsoft's session, after Cognito's.",
            cloud.logout_url(entra.tenant_id),
        ),
        "redirect_uri": (
            "Registered in Entra ID: where Microsoft sends people back to.",
            clouds.redirect_uri(host),
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
        "admin_consent_url": (
            "An administrator grants the permissions here, where admin_consent is off.",
            cloud.admin_consent_url(entra.tenant_id, registration.client_id, entra.consent_redirect_uri),
        ),
    }


def _of_customers(settings: Settings, registration: Registration, federation: CognitoFederation) -> Outputs:
    # Once for each client, and not again for each of up to 300 customers.
    admitted = {key: {one.key for one in settings.providers_of(key)} for key in settings.clients}
    tenants = {
        key: _of_customer(provider, settings, registration, federation.client_ids, admitted)
        for key, provider in settings.identity_providers.items()
        if key != HOME
    }
    return {"tenants": ("For each customer: what to send them.", tenants)} if tenants else {}


def _of_customer(
    provider: IdentityProvider,
    settings: Settings,
    registration: Registration,
    client_ids: Mapping[str, str],
    admitted: Mapping[str, set[str]],
) -> dict[str, object]:
    consent = settings.entra.consent_redirect_uri
    return {
        "provider_name": provider.name,
        "admin_consent_url": settings.cloud.admin_consent_url(
            provider.tenant_id, registration.client_id, consent
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


def _of_the_secret(registration: Registration, rotation: Rotation) -> Outputs:
    if registration.client_secret_end_date is None:
        return {}
    found: Outputs = {
        "client_secret_end_date": (
            "When the secret between Cognito and Entra ID expires: rotate before.",
            registration.client_secret_end_date,
        ),
        "client_secrets": (
            "The secrets that the stack made; any other on the registration is somebody else's.",
            registration.client_secrets,
        ),
    }
    if rotation.next_on is not None:
        found["next_rotation"] = (
            "The first deploy from this day on makes the next secret.",
            rotation.next_on.isoformat(),
        )
    return found


def _for_apps(settings: Settings, federation: CognitoFederation) -> Outputs:
    region, pool_id = settings.aws.region, federation.user_pool_id
    found: Outputs = {
        "domain": ("The sign-in domain; apps add /oauth2/authorize and /oauth2/token.", settings.domain_host),
        "user_pool_id": ("The user pool.", pool_id),
        "client_ids": ("The app clients' ids, for the apps.", dict(federation.client_ids)),
        "issuer": ("The issuer apps expect in Cognito's tokens.", clouds.user_pool_issuer(region, pool_id)),
        "jwks_url": (
            "The keys apps verify Cognito's tokens with.",
            clouds.user_pool_jwks_url(region, pool_id),
        ),
    }
    if federation.custom_domain_target is not None:
        found["custom_domain_target"] = (
            "Where the DNS name of the custom domain has to lead, as an alias or CNAME.",
            federation.custom_domain_target,
        )
    return found
