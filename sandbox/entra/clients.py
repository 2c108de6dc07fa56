"""The checks that every request to the sign-in service begins with: the tenant, the client, its secret.

Source: learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias
from uuid import UUID

from sandbox.entra import application_rules
from sandbox.entra.directory import Application, Directory, ServicePrincipal
from sandbox.entra.documents import service_principal_body
from sandbox.entra.errors import SignInError

Tenants: TypeAlias = Mapping[str, Directory]
"""All tenants, by their GUID."""

SHARED_TENANTS = {"common", "organizations", "consumers"}
ONE_TENANT = "AzureADMyOrg"


def home_of(tenants: Tenants) -> Directory:
    """The tenant in which applications are registered."""
    return next(iter(tenants.values())).home


def tenant_of(name: str, tenants: Tenants, client_id: str = "") -> Directory:
    """The tenant that a request is for.

    Raises:
        SignInError: AADSTS90002 for an unknown tenant. The shared endpoints are not served: AADSTS90130 for
            an application of several tenants, AADSTS50194 for any other.
    """
    home = home_of(tenants)
    if name.lower() in SHARED_TENANTS:
        application = home.application_of(client_id)
        if application is not None and application.body["signInAudience"] != ONE_TENANT:
            raise SignInError(
                90130,
                f"The application '{client_id}' is not supported over the /{name} endpoint here. Use a"
                " tenant-specific endpoint instead.",
            )
        raise SignInError(
            50194,
            f"The endpoint '/{name}' is not served for applications of one tenant. Use a tenant-specific"
            f" endpoint: /{home.tenant_id}.",
        )
    try:
        return tenants[str(UUID(name))]
    except (ValueError, KeyError):
        raise SignInError(
            90002,
            f"Tenant '{name}' not found. Check to make sure you have the correct tenant ID and are signing"
            " into the correct cloud.",
        ) from None


def unknown_application(client_id: str, directory: Directory) -> SignInError:
    """The refusal of a client id without registration, or of one that is not for this tenant."""
    return SignInError(
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{directory.tenant_id}'."
        " This can happen if the application has not been installed by the administrator of the tenant or"
        " consented to by any user in the tenant.",
        error="unauthorized_client",
    )


def client_of(client_id: str, directory: Directory, *, may_be_new: bool = False) -> ServicePrincipal:
    """The service principal of a client id.

    Raises:
        SignInError: AADSTS900144 without an id; AADSTS700016 when unknown, deleted at home, or of one tenant
            and asked at another; AADSTS9002332 or AADSTS9002331 when it is not for this kind of account;
            AADSTS7000229 when the tenant does not know it yet; AADSTS7000112 when disabled.
    """
    if not client_id:
        raise missing("client_id")
    application = directory.home.application_of(client_id)
    if application is None:
        raise unknown_application(client_id, directory)
    _check_audience(application, directory)
    service_principal = directory.service_principal_of(client_id)
    if service_principal is None:
        if directory is directory.home:
            raise unknown_application(client_id, directory)
        if may_be_new:
            return ServicePrincipal(application, service_principal_body(None, {}))
        # entra/identity-platform/deprecate-service-principal-less-authentication
        raise SignInError(
            7000229,
            f"The client application '{client_id}' is missing service principal in the tenant"
            f" '{directory.tenant_id}'.",
            error="unauthorized_client",
        )
    if not service_principal.body["accountEnabled"]:
        name = service_principal.application.display_name
        raise SignInError(
            7000112, f"Application '{client_id}'({name}) is disabled.", error="unauthorized_client"
        )
    return service_principal


def _check_audience(application: Application, directory: Directory) -> None:
    """Refuse an application that is not for the accounts of this tenant (`signInAudience`)."""
    audience = application.body["signInAudience"]
    named = f"Application '{application.app_id}'({application.display_name}) is configured for use by"
    if directory.tenant.is_personal:
        if audience not in application_rules.PERSONAL:
            raise SignInError(
                9002332,
                f"{named} Microsoft Entra users only. Please do not use the /consumers endpoint to serve this"
                " request.",
                error="unauthorized_client",
            )
    elif audience == "PersonalMicrosoftAccount":
        raise SignInError(
            9002331,
            f"{named} Microsoft Account users only. Please use the /consumers endpoint to serve this"
            " request.",
            error="unauthorized_client",
        )
    elif audience == ONE_TENANT and directory is not directory.home:
        raise unknown_application(application.app_id, directory)


def missing(parameter: str) -> SignInError:
    """The refusal of a request without a parameter it must have."""
    return SignInError(900144, f"The request body must contain the following parameter: '{parameter}'.")


def check_secret(application: Application, value: str) -> None:
    """Refuse a client that does not know one of its current secrets.

    Raises:
        SignInError: AADSTS7000218 without a secret, AADSTS7000215 for a wrong one, AADSTS7000222 for an
            expired one.
    """
    if not value:
        raise SignInError(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            error="invalid_client",
            status=401,
        )
    now = datetime.now(UTC)
    # All are compared, so that the time taken says nothing about which one came close.
    matching = [secret for secret in application.secrets if secret.matches(value)]
    if not matching:
        raise SignInError(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
            f" value, not the client secret ID, for a secret added to app '{application.app_id}'.",
            error="invalid_client",
            status=401,
        )
    if not any(secret.is_current(now) for secret in matching):
        raise SignInError(
            7000222,
            f"The provided client secret keys for app '{application.app_id}' are expired. Create new keys for"
            " your app, or consider using certificate credentials for added security.",
            error="invalid_client",
            status=401,
        )
