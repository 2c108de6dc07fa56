"""The people and groups of the home tenant: one of every kind that sign-in treats differently."""

import hmac
from dataclasses import dataclass, replace

DOMAIN = "contoso.example"
"""The home tenant's one verified domain; `.example` is reserved and can be nobody's (RFC 2606)."""

PASSWORD = "sandbox"  # noqa: S105 - shown on the sign-in form: there is nothing to protect
"""Everybody's password."""

MAY_CONSENT = "administrator, who may consent for all"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A user of a tenant, with the properties that tokens and the azuread provider use.

    An administrator may consent to an application for everybody in the tenant (Cloud Application
    Administrator: learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent).

    Attributes:
        attributes: what optional claims and policies show beside the rest, and directory extensions, by name.
    """

    oid: str
    given_name: str
    surname: str
    principal_name: str
    mail: str | None
    note: str
    user_type: str = "Member"
    enabled: bool = True
    is_administrator: bool = False
    attributes: tuple[tuple[str, str], ...] = ()

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


def member(oid: str, name: str, domain: str, note: str) -> Person:
    """Somebody who signs in with their given name at a domain, which is their mail address too."""
    given_name, surname = name.split()
    address = f"{given_name.lower()}@{domain}"
    return Person(
        oid=oid, given_name=given_name, surname=surname, principal_name=address, mail=address, note=note
    )


ADA = replace(
    member("a0a00000-0000-4000-8000-00000000ada1", "Ada Lovelace", DOMAIN, "has everything"),
    mail=f"ada.lovelace@{DOMAIN}",
    attributes=(
        ("ctry", "GB"),
        ("employeeType", "Analyst"),
        ("employeeid", "E1815"),
        ("onprem_sid", "S-1-5-21-1815-1852-1"),
        ("onpremisessamaccountname", "ada"),
        ("xms_pl", "en-gb"),
    ),
)
NOOR = replace(
    member(
        "a0a00000-0000-4000-8000-00000000000f", "Noor Nomail", DOMAIN, "no mail address, so no email claim"
    ),
    mail=None,
)
GRACE = replace(
    member("a0a00000-0000-4000-8000-00000000009a", "Grace Guest", DOMAIN, "guest from another organization"),
    principal_name=f"grace_fabrikam.example#EXT#@{DOMAIN}",
    mail="grace@fabrikam.example",
    user_type="Guest",
)
UDO = member("a0a00000-0000-4000-8000-0000000000d0", "Udo Unassigned", DOMAIN, "assigned to no application")
DIANA = replace(
    member("a0a00000-0000-4000-8000-00000000d1a0", "Diana Disabled", DOMAIN, "account disabled"),
    enabled=False,
)
ALAN = replace(
    member("a0a00000-0000-4000-8000-0000000000ad", "Alan Administrator", DOMAIN, MAY_CONSENT),
    is_administrator=True,
)
PEOPLE = (ADA, NOOR, GRACE, UDO, DIANA, ALAN)

APP_USERS = Group(
    oid="b0b00000-0000-4000-8000-000000000001", display_name="App Users", members=(ADA.oid, NOOR.oid)
)
ADMINS = Group(oid="b0b00000-0000-4000-8000-000000000002", display_name="Admins", members=(ADA.oid,))
GROUPS = (APP_USERS, ADMINS)
