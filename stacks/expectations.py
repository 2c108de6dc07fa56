"""What a deployed stack promises, as one output: `operate/` holds both clouds against it.

Everything that can be changed behind the stack's back and would end sign-in is in it, and nothing secret. A
test compares it with the resources, so that it cannot promise anything else than what is deployed.
"""

from stacks import clouds
from stacks.entra import MICROSOFT_GRAPH_PERMISSIONS
from stacks.settings import AppType, Settings


def expectations(settings: Settings) -> dict[str, object]:
    """The value of the output `expected`.

    Args:
        settings: the environment's settings.
    """
    cloud, entra, tenant_id = settings.cloud, settings.entra, settings.entra.tenant_id
    return {
        "region": settings.aws.region,
        "tenant_id": tenant_id,
        "login_origin": cloud.login_origin,
        "graph_origin": cloud.graph_origin,
        "redirect_uris": [clouds.redirect_uri(settings.domain_host)],
        "optional_claims": list(entra.optional_claims),
        "permissions": {name: MICROSOFT_GRAPH_PERMISSIONS[name] for name in entra.permissions},
        "admin_consent": entra.admin_consent,
        "assignment_required": entra.assignment_required,
        "provider_name": settings.cognito.provider_name,
        "provider_details": settings.provider_details,
        "attribute_mapping": settings.full_attribute_mapping,
        "clients": {
            key: {
                "has_secret": client.type is AppType.SERVER,
                "callback_urls": list(client.callback_urls),
                "scopes": list(client.scopes),
            }
            for key, client in settings.clients.items()
        },
        "warn_days": settings.verify.warn_days,
        "fail_days": settings.verify.fail_days,
    }
