"""The people and groups of the home tenant: one of every kind that sign-in treats differently."""

import hmac
from dataclasses import dataclass

DOMAIN = "contoso.example"
"""The home tenant's one verified domain; `.example` is reserved and can be nobody's (RFC 2606)."""

PASSWORD = "sandbox"  # noqa: S105 - shown on the sign-in form: there is nothing to protect
"""Everybody's password."""


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user of a tenant, with the properties that tokens and the azuread provider look at.

    An administrator may consent to an application for everybody in the tenant (Cloud Application
    Administrator: learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent).
    """

    oid: str
    given_name: str
    surname: str
    principal_name: str
    mail: str | None
    user_type: str = "Member"
    enabled: bool = True
    is_administrator: bool = False
    note: str = ""

    @property
    def display_name(self) -> str:
        """The name that others see."""
        return f"{self.given_name} {self.surname}"

    @property
    def is_guest(self) -> bool:
        """Whether the account's home is another organization."""
        return self.user_type == "Guest"

    def knows_password(self, password: str) -> bool:
        """Compare a typed password."""
        return hmac.compare_digest(password.encode(), PASSWORD.encode())


@dataclass(frozen=True, kw_only=True)
class Group:
    """A security group; `members` are the object ids of people."""

    oid: str
    display_name: str
    members: tuple[str, ...] = ()
    security_enabled: bool = True


ADA = Person(
    oid="a0a00000-0000-4000-8000-00000000ada1",
    given_name="Ada",
    surname="Lovelace",
    principal_name=f"ada@{DOMAIN}",
    mail=f"ada.lovelace@{DOMAIN}",
    note="has everything",
)
NOOR = Person(
    oid="a0a00000-0000-4000-8000-00000000000f",
    given_name="Noor",
    surname="Nomail",
    principal_name=f"noor@{DOMAIN}",
    mail=None,
    note="no mail address, so no email claim",
)
GRACE = Person(
    oid="a0a00000-0000-4000-8000-00000000009a",
    given_name="Grace",
    surname="Guest",
    principal_name=f"grace_fabrikam.example#EXT#@{DOMAIN}",
    mail="grace@fabrikam.example",
    user_type="Guest",
    note="guest from another organization",
)
UDO = Person(
    oid="a0a00000-0000-4000-8000-0000000000d0",
    given_name="Udo",
    surname="Unassigned",
    principal_name=f"udo@{DOMAIN}",
    mail=f"udo@{DOMAIN}",
    note="assigned to no application",
)
DIANA = Person(
    oid="a0a00000-0000-4000-8000-00000000d1a0",
    given_name="Diana",
    surname="Disabled",
    principal_name=f"diana@{DOMAIN}",
    mail=f"diana@{DOMAIN}",
    enabled=False,
    note="account disabled",
)
ALAN = Person(
    oid="a0a00000-0000-4000-8000-0000000000ad",
    given_name="Alan",
    surname="Administrator",
    principal_name=f"alan@{DOMAIN}",
    mail=f"alan@{DOMAIN}",
    is_administrator=True,
    note="administrator, who may consent for all",
)
PEOPLE = (ADA, NOOR, GRACE, UDO, DIANA, ALAN)

APP_USERS = Group(
    oid="b0b00000-0000-4000-8000-000000000001", display_name="App Users", members=(ADA.oid, NOOR.oid)
)
ADMINS = Group(oid="b0b00000-0000-4000-8000-000000000002", display_name="Admins", members=(ADA.oid,))
GROUPS = (APP_USERS, ADMINS)
