"""Who it is: checking names and passwords, and remembering who is signed in, in every tenant.

Sources: learn.microsoft.com/entra/identity-platform/reference-error-codes and the troubleshooting article
on AADSTS50020.
"""

import time

from sandbox.entra.clients import Tenants
from sandbox.entra.directory import Application, Directory
from sandbox.entra.errors import SignInError
from sandbox.entra.forms import Visit
from sandbox.entra.sessions import SESSION_SECONDS, Session, Tickets
from sandbox.entra.users import Person


class Accounts:
    """The people of all tenants, and their sessions.

    A browser has one session, of one account in one tenant: whoever signs in at another tenant is asked
    again there, and is no longer signed in at the first.
    """

    def __init__(self, tenants: Tenants) -> None:
        self._tenants = tenants
        self._sessions: Tickets[Session] = Tickets(SESSION_SECONDS)

    def session(self, visit: Visit, directory: Directory) -> Session | None:
        """The session of a browser at a tenant."""
        session = self._sessions.look(visit.session)
        return session if session is not None and session.tenant_id == directory.tenant_id else None

    def begin(self, person: Person, directory: Directory, visit: Visit) -> Session:
        """Remember that a person signed in, under a new name: an older one must not become theirs."""
        self._sessions.drop(visit.session)
        session = Session(tenant_id=directory.tenant_id, oid=person.oid, authenticated=int(time.time()))
        visit.session = self._sessions.issue(session)
        return session

    def end(self, visit: Visit) -> None:
        """Sign a browser out, whatever tenant its person is of."""
        self._sessions.drop(visit.session)
        visit.session = ""

    def authenticate(
        self, username: str, password: str, directory: Directory, application: Application
    ) -> Person:
        """The person of a tenant who knows the password: a member, or a guest who is invited there.

        Raises:
            SignInError: AADSTS50034 for nobody's name, AADSTS50126 for a wrong password, AADSTS50057 for a
                disabled account, AADSTS50020 for an account of another tenant, AADSTS500208 for a work
                account where personal ones sign in.
        """
        person, stranger = directory.person(username), self._elsewhere(username)
        known = person or (stranger[0] if stranger else None)
        if known is None:
            raise SignInError(
                50034, f"The user account {username} does not exist in the {directory.tenant_id} directory."
            )
        if not known.knows_password(password):
            raise SignInError(50126, "Error validating credentials due to invalid username or password.")
        if not known.enabled:
            raise SignInError(50057, "The user account is disabled.")
        if person is not None:
            return person
        if directory.tenant.is_personal:
            raise SignInError(500208, "The domain is not a valid login domain for the account type.")
        provider = _identity_provider(stranger[1]) if stranger else ""
        raise SignInError(
            50020,
            f"User account '{username}' from identity provider '{provider}' does not exist in tenant"
            f" '{directory.tenant.name}' and cannot access the application '{application.app_id}'"
            f"({application.display_name}) in that tenant. The account needs to be added as an external user"
            " in the tenant first. Sign out and sign in again with a different Microsoft Entra user account.",
        )

    def _elsewhere(self, username: str) -> tuple[Person, Directory] | None:
        """The account of a name in the tenant that is its home."""
        for directory in self._tenants.values():
            person = directory.person(username)
            if person is not None and not person.is_guest:
                return person, directory
        return None


def _identity_provider(home: Directory) -> str:
    return "live.com" if home.tenant.is_personal else f"https://sts.windows.net/{home.tenant_id}/"
