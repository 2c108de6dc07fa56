"""The applications that a tenant has before anybody registers one: Microsoft Graph, and the deployer."""

from datetime import UTC, datetime, timedelta

from sandbox.entra import resources
from sandbox.entra.directory import (
    GRAPH_SCOPES,
    MICROSOFT_GRAPH,
    Application,
    Directory,
    ServicePrincipal,
    new_secret,
)
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.resources import changed

DEPLOYER_SECRET_DAYS = 365


def add_microsoft_graph(directory: Directory) -> None:
    """Only the service principal is in a tenant; the application is in Microsoft's own."""
    scopes = [
        {
            "id": identifier,
            "value": value,
            "type": "User",
            "isEnabled": True,
            "adminConsentDisplayName": value,
        }
        for value, identifier in GRAPH_SCOPES.items()
    ]
    roles = [
        {
            "id": identifier,
            "value": value,
            "allowedMemberTypes": ["Application"],
            "displayName": value,
            "description": value,
            "isEnabled": True,
        }
        for value, identifier in GRAPH_ROLES.items()
    ]
    properties = {
        "displayName": "Microsoft Graph",
        "api": {"oauth2PermissionScopes": scopes},
        "appRoles": roles,
        "signInAudience": "AzureADMultipleOrgs",
    }
    application = Application(
        changed(resources.Application, {}, properties), app_id=MICROSOFT_GRAPH, built_in=True
    )
    directory.add(ServicePrincipal(application, changed(resources.ServicePrincipal, {}, {}), built_in=True))


def add_deployer(directory: Directory) -> Application:
    """The application as which Terraform signs in."""
    body = changed(resources.Application, {}, {"displayName": "Sandbox deployer"})
    application = Application(body, built_in=True)
    directory.add(application)
    directory.add(ServicePrincipal(application, changed(resources.ServicePrincipal, {}, {}), built_in=True))
    return application


def renew_secret(deployer: Application) -> str:
    """Give a deployer a secret, the only one."""
    now = datetime.now(UTC)
    end = now + timedelta(days=DEPLOYER_SECRET_DAYS)
    secret, value = new_secret("sandbox", (now, now.isoformat()), (end, end.isoformat()))
    deployer.secrets[:] = [secret]
    return value
