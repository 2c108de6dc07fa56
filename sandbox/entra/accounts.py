"""Who it is: names and passwords, in every tenant.

Sources: learn.microsoft.com/entra/identity-platform/reference-error-codes and the troubleshooting article
on AADSTS50020.
"""

from sandbox.entra.clients import Tenants
from sandbox.entra.directory import Application, Directory
from sandbox.entra.errors import SignInError
from sandbox.entra.users import Person


def authenticate(
    username: str, password: str, directory: Directory, application: Application, tenants: Tenants
) -> Person:
    """The person of a tenant who knows the password: a member, or a guest who is invited there."""
    person, home = directory.person(username), _home_of(username, tenants)
    known = person or (home.person(username) if home else None)
    if known is None:
        raise SignInError(50034, user=username, tenant=directory.tenant_id)
    if not known.knows_password(password):
        raise SignInError(50126)
    if not known.enabled:
        raise SignInError(50057)
    if person is not None:
        return person
    if directory.tenant.is_personal:
        raise SignInError(500208)
    provider = "live.com"
    if home is not None and not home.tenant.is_personal:
        provider = f"https://sts.windows.net/{home.tenant_id}/"
    raise SignInError(
        50020,
        user=username,
        provider=provider,
        tenant=directory.tenant.name,
        app=application.app_id,
        name=application.display_name,
    )


def _home_of(username: str, tenants: Tenants) -> Directory | None:
    """The tenant in which a name is that of a member."""
    for directory in tenants.values():
        person = directory.person(username)
        if person is not None and not person.is_guest:
            return directory
    return None
