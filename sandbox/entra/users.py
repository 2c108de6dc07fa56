"""The people and groups of the home tenant: one of every kind that sign-in treats differently."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.entra.directory import Json

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
    display_name: str
    principal_name: str
    given_name: str | None
    surname: str | None
    mail: str | None
    user_type: str = "Member"
    enabled: bool = True
    is_administrator: bool = False
    note: str = ""

    @property
    def is_guest(self) -> bool:
        """Whether the account's home is another organization."""
        return self.user_type == "Guest"

    def knows_password(self, password: str) -> bool:
        """Compare a typed password."""
        return hmac.compare_digest(password.encode(), PASSWORD.encode())

    def document(self) -> Json:
        """Show the person as Microsoft Graph does."""
        return {
            "id": self.oid,
            "accountEnabled": self.enabled,
            "businessPhones": [],
            "displayName": self.display_name,
            "employeeId": None,
            "givenName": self.given_name,
            "mail": self.mail,
            "mailNickname": self.principal_name.split("@")[0],
            "otherMails": [],
            "proxyAddresses": [f"SMTP:{self.mail}"] if self.mail else [],
            "surname": self.surname,
            "userPrincipalName": self.principal_name,
            "userType": self.user_type,
            "creationType": "Invitation" if self.is_guest else None,
            "externalUserState": "Accepted" if self.is_guest else None,
        }


@dataclass(frozen=True, kw_only=True)
class Group:
    """A security group; `members` are the object ids of people."""

    oid: str
    display_name: str
    members: tuple[str, ...] = field(default=())
    security_enabled: bool = True

    def document(self) -> Json:
        """Show the group as Microsoft Graph does."""
        return {
            "id": self.oid,
            "description": None,
            "displayName": self.display_name,
            "groupTypes": [],
            "isAssignableToRole": False,
            "mail": None,
            "mailEnabled": False,
            "mailNickname": self.display_name.replace(" ", "").lower(),
            "onPremisesSyncEnabled": None,
            "proxyAddresses": [],
            "securityEnabled": self.security_enabled,
            "visibility": None,
        }


ADA = Person(
    oid="a0a00000-0000-4000-8000-00000000ada1",
    display_name="Ada Lovelace",
    principal_name=f"ada@{DOMAIN}",
    given_name="Ada",
    surname="Lovelace",
    mail=f"ada.lovelace@{DOMAIN}",
    note="has everything",
)
NOOR = Person(
    oid="a0a00000-0000-4000-8000-00000000000f",
    display_name="Noor Nomail",
    principal_name=f"noor@{DOMAIN}",
    given_name="Noor",
    surname="Nomail",
    mail=None,
    note="no mail address, so no email claim",
)
GRACE = Person(
    oid="a0a00000-0000-4000-8000-00000000009a",
    display_name="Grace Guest",
    principal_name=f"grace_fabrikam.example#EXT#@{DOMAIN}",
    given_name="Grace",
    surname="Guest",
    mail="grace@fabrikam.example",
    user_type="Guest",
    note="guest from another organization",
)
UDO = Person(
    oid="a0a00000-0000-4000-8000-0000000000d0",
    display_name="Udo Unassigned",
    principal_name=f"udo@{DOMAIN}",
    given_name="Udo",
    surname="Unassigned",
    mail=f"udo@{DOMAIN}",
    note="assigned to no application",
)
DIANA = Person(
    oid="a0a00000-0000-4000-8000-00000000d1a0",
    display_name="Diana Disabled",
    principal_name=f"diana@{DOMAIN}",
    given_name="Diana",
    surname="Disabled",
    mail=f"diana@{DOMAIN}",
    enabled=False,
    note="account disabled",
)
ALAN = Person(
    oid="a0a00000-0000-4000-8000-0000000000ad",
    display_name="Alan Administrator",
    principal_name=f"alan@{DOMAIN}",
    given_name="Alan",
    surname="Administrator",
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
