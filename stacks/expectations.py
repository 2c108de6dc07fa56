"""What a deployed stack promises, as one output: `operate/` holds both clouds against it.

Everything that can be changed behind the stack's back and would end sign-in is in it, and nothing secret. A
test compares it with the resources, so that it cannot promise anything else than what is deployed.
"""

from stacks.settings import AppType, Settings


def expectations(settings: Settings) -> dict[str, object]:
    """The value of the output `expected`."""
    cloud, entra = settings.cloud, settings.entra
    own = entra.registration is None
    return {
        "region": settings.aws.region,
        "tenant_id": entra.tenant_id,
        "login_origin": cloud.login_origin,
        "graph_origin": cloud.graph_origin,
        "domains": settings.domain_hosts,
        "redirect_uris": settings.redirect_uris,
        "optional_claims": list(entra.optional_claims),
        "permissions": {permission: permission.graph_id for permission in entra.permissions},
        # Of somebody else's registration these two are their decision, and none of this stack's promise.
        "admin_consent": entra.admin_consent if own else None,
        "assignment_required": entra.assignment_required if own else None,
        "identity_providers": {
            provider.name: {
                "tenant_id": provider.tenant_id,
                "details": settings.provider_details(provider.tenant_id),
            }
            for provider in settings.identity_providers.values()
        },
        "attribute_mapping": settings.full_attribute_mapping,
        "clients": {
            key: {
                "has_secret": client.type is AppType.SERVER,
                "callback_urls": list(client.callback_urls),
                "scopes": list(client.scopes),
                # Sorted: in another order, as the tables may be, it would be another output.
                "identity_providers": sorted(provider.name for provider in settings.providers_of(key)),
                "own": client.client_id is None,
            }
            for key, client in settings.clients.items()
        },
        "warn_days": settings.verify.warn_days,
        "fail_days": settings.verify.fail_days,
    }
