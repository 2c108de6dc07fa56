"""The checks that every request to the sign-in service begins with: the tenant, the client, its secret.

Source: learn.microsoft.com/entra/identity-platform/reference-error-codes.
"""

from datetime import UTC, datetime
from uuid import UUID

from sandbox.entra.directory import Application, Directory, ServicePrincipal
from sandbox.entra.problems import SignInError

SHARED_TENANTS = {"common", "organizations", "consumers"}


def check_tenant(tenant: str, directory: Directory) -> None:
    """Refuse every tenant but this one.

    Args:
        tenant: the first segment of the path.
        directory: the tenant that there is.

    Raises:
        SignInError: AADSTS50194 for the shared endpoints, AADSTS90002 for other tenants.
    """
    if tenant.lower() in SHARED_TENANTS:
        raise SignInError(
            50194,
            f"The endpoint '/{tenant}' is not served for applications of one tenant. Use a tenant-specific"
            f" endpoint: /{directory.tenant_id}.",
        )
    try:
        known = str(UUID(tenant)) == directory.tenant_id
    except ValueError:
        known = False
    if not known:
        raise SignInError(
            90002,
            f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing"
            " into the correct cloud.",
        )


def unknown_application(client_id: str, directory: Directory) -> SignInError:
    """The refusal of a client id without registration or service principal in this tenant."""
    return SignInError(
        700016,
        f"Application with identifier '{client_id}' was not found in the directory '{directory.tenant_id}'."
        " This can happen if the application has not been installed by the administrator of the tenant or"
        " consented to by any user in the tenant.",
        error="unauthorized_client",
    )


def client_of(client_id: str, directory: Directory) -> ServicePrincipal:
    """The service principal of a client id.

    Args:
        client_id: the application (client) id of a request.
        directory: the tenant.

    Returns:
        The service principal, with its application.

    Raises:
        SignInError: AADSTS900144 without an id, AADSTS700016 when unknown, AADSTS7000112 when disabled.
    """
    if not client_id:
        raise missing("client_id")
    service_principal = directory.service_principal_of(client_id)
    if service_principal is None or service_principal.application.id not in directory.applications:
        raise unknown_application(client_id, directory)
    if not service_principal.body["accountEnabled"]:
        name = service_principal.application.display_name
        raise SignInError(
            7000112, f"Application '{client_id}'({name}) is disabled.", error="unauthorized_client"
        )
    return service_principal


def missing(parameter: str) -> SignInError:
    """The refusal of a request without a parameter it must have."""
    return SignInError(900144, f"The request body must contain the following parameter: '{parameter}'.")


def check_secret(application: Application, value: str) -> None:
    """Refuse a client that does not know one of its current secrets.

    Args:
        application: the client.
        value: the secret it sent.

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
