"""Who has accounts: the people and groups of `tenants.toml`, which explains its keys."""

import hmac
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TENANTS: dict[str, Any] = tomllib.loads(Path(__file__).with_name("tenants.toml").read_text())
DOMAIN: str = TENANTS["home"]["domain"]
"""The home tenant's one verified domain."""

PASSWORD = "sandbox"  # noqa: S105 - shown on the sign-in form: there is nothing to protect
"""Everybody's password."""


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


def people_of(tenant: str) -> tuple[Person, ...]:
    """The people of a tenant."""
    made = []
    for person in TENANTS[tenant]["people"]:
        address = f"{person['given_name'].lower()}@{TENANTS[tenant]['domain']}"
        known = {"principal_name": address, "mail": address, "attributes": {}} | person
        in_python = {"mail": known["mail"] or None, "attributes": tuple(known["attributes"].items())}
        made.append(Person(**known | in_python))
    return tuple(made)


def groups_of(tenant: str, people: tuple[Person, ...]) -> tuple[Group, ...]:
    """The groups of a tenant with these people."""
    ids = {person.given_name: person.oid for person in people}
    return tuple(
        Group(**group | {"members": tuple(ids[name] for name in group["members"])})
        for group in TENANTS[tenant].get("groups", [])
    )


ADA, NOOR, GRACE, UDO, DIANA, ALAN = PEOPLE = people_of("home")
APP_USERS, ADMINS = GROUPS = groups_of("home", PEOPLE)
