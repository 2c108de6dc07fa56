"""The checks that every request to the sign-in service begins with: the tenant, the client, its secret.

Source: learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from sandbox.entra import application_rules, resources
from sandbox.entra.directory import Application, Directory, ServicePrincipal
from sandbox.entra.errors import SignInError
from sandbox.entra.resources import changed

Tenants: TypeAlias = Mapping[str, Directory]
"""All tenants, by their GUID."""

SHARED_TENANTS = {"common", "organizations", "consumers"}
ONE_TENANT = "AzureADMyOrg"


def home_of(tenants: Tenants) -> Directory:
    """The tenant in which applications are registered."""
    return next(iter(tenants.values())).home


def tenant_of(name: str, tenants: Tenants, client_id: str = "") -> Directory:
    """The tenant that a request is for."""
    home = home_of(tenants)
    if name.lower() in SHARED_TENANTS:
        application = home.application_of(client_id)
        if application is not None and application.body["signInAudience"] != ONE_TENANT:
            raise SignInError(90130, app=client_id, tenant=name)
        raise SignInError(50194, tenant=name, home=home.tenant_id)
    try:
        return tenants[str(UUID(name))]
    except (ValueError, KeyError):
        raise SignInError(90002, tenant=name) from None


def client_of(client_id: str, directory: Directory, *, may_be_new: bool = False) -> ServicePrincipal:
    """The service principal of a client id."""
    if not client_id:
        raise SignInError(900144, parameter="client_id")
    application = directory.home.application_of(client_id)
    if application is None:
        raise SignInError(700016, app=client_id, tenant=directory.tenant_id)
    _check_audience(application, directory)
    service_principal = directory.service_principal_of(client_id)
    if service_principal is None:
        if directory is directory.home:
            raise SignInError(700016, app=client_id, tenant=directory.tenant_id)
        if may_be_new:
            return ServicePrincipal(application, changed(resources.ServicePrincipal, {}, {}))
        raise SignInError(7000229, app=client_id, tenant=directory.tenant_id)
    if not service_principal.body["accountEnabled"]:
        raise SignInError(7000112, app=client_id, name=application.display_name)
    return service_principal


def _check_audience(application: Application, directory: Directory) -> None:
    """Refuse an application that is not for the accounts of this tenant (`signInAudience`)."""
    audience = application.body["signInAudience"]
    app, name = application.app_id, application.display_name
    if directory.tenant.is_personal:
        if audience not in application_rules.PERSONAL:
            raise SignInError(9002332, app=app, name=name)
    elif audience == "PersonalMicrosoftAccount":
        raise SignInError(9002331, app=app, name=name)
    elif audience == ONE_TENANT and directory is not directory.home:
        raise SignInError(700016, app=app, tenant=directory.tenant_id)


def check_secret(client: ServicePrincipal, value: str) -> None:
    """Refuse a client that does not know one of its current secrets.

    Those of the service principal count too (graph/api/serviceprincipal-addpassword).
    """
    if not value:
        raise SignInError(7000218)
    now = datetime.now(UTC)
    # All are compared, so that the time taken says nothing about which one came close.
    matching = [secret for secret in (*client.application.secrets, *client.secrets) if secret.matches(value)]
    if not matching:
        raise SignInError(7000215, app=client.application.app_id)
    if not any(secret.is_current(now) for secret in matching):
        raise SignInError(7000222, app=client.application.app_id)
