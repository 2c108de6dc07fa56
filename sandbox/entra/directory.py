"""A tenant: applications, service principals, consent, assignments, people and groups, in memory.

One state, always consistent: what one call wrote, the next one reads. What may be written is decided in
`application_rules.py` and `access_rules.py`; here is only what follows from what (a deleted application takes
its service principal along, a deleted service principal its consent and assignments).
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from uuid import uuid4

from sandbox.entra.errors import not_found
from sandbox.entra.tenants import Tenant
from sandbox.entra.users import Group, Person

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

Json: TypeAlias = dict[str, Any]

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
"""The role id of an assignment without any app role."""

# The ids are the same in every tenant (learn.microsoft.com/graph/permissions-reference).
GRAPH_SCOPES = {
    "openid": "37f7f235-527c-4136-accd-4a02d197296e",
    "email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    "profile": "14dad69e-099b-42c9-810b-d002981feec1",
    "offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
    "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
}

SECRET_BYTES = 30


def now_text() -> str:
    """The time as Graph writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def opaque_id() -> str:
    """An id as grants and assignments have it: base64url, so that it can stand in a path."""
    return secrets.token_urlsafe(32)


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()


@dataclass
class Secret:
    """A password credential. Only a digest of its value is kept: Entra ID never shows a secret again.

    `end_text` is the end as it was sent: a client that compares text must find its own text.
    """

    key_id: str
    display_name: str | None
    start: datetime
    start_text: str
    end: datetime
    end_text: str
    hint: str
    digest: bytes = field(repr=False)

    def matches(self, value: str) -> bool:
        """Whether `value` is this secret, compared in constant time."""
        return hmac.compare_digest(self.digest, _digest(value))

    def is_current(self, now: datetime) -> bool:
        """Whether the secret is valid at `now`."""
        return self.start <= now < self.end


def new_secret(
    name: str | None, start: tuple[datetime, str], end: tuple[datetime, str]
) -> tuple[Secret, str]:
    """A new client secret and its value."""
    value = secrets.token_urlsafe(SECRET_BYTES)
    secret = Secret(
        key_id=str(uuid4()),
        display_name=name,
        start=start[0],
        start_text=start[1],
        end=end[0],
        end_text=end[1],
        hint=value[:3],
        digest=_digest(value),
    )
    return secret, value


@dataclass
class Application:
    """An app registration; `body` holds the settable properties as Graph shows them."""

    body: Json
    id: str = field(default_factory=lambda: str(uuid4()))
    app_id: str = field(default_factory=lambda: str(uuid4()))
    owners: list[str] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    federated: list[Json] = field(default_factory=list)
    created: str = field(default_factory=now_text)
    built_in: bool = False
    logo: bytes = field(default=b"", repr=False)

    @property
    def display_name(self) -> str:
        """The name people see on the sign-in pages."""
        return str(self.body["displayName"])

    @property
    def redirect_uris(self) -> list[str]:
        """The redirect URIs of all platforms."""
        return [
            uri for platform in ("web", "spa", "publicClient") for uri in self.body[platform]["redirectUris"]
        ]

    @property
    def logout_url(self) -> str | None:
        """The front-channel logout URL."""
        url: str | None = self.body["web"]["logoutUrl"]
        return url


@dataclass
class ServicePrincipal:
    """An application's presence in this tenant; what it shows of the application is read, never copied.

    Attributes:
        policy: a claims mapping policy, which an administrator has made: claim to the attribute of the person
            that it shows (learn.microsoft.com/entra/identity-platform/reference-claims-customization).
    """

    application: Application
    body: Json
    id: str = field(default_factory=lambda: str(uuid4()))
    owners: list[str] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    created: str = field(default_factory=now_text)
    built_in: bool = False
    policy: dict[str, str] = field(default_factory=dict)

    @property
    def scopes(self) -> list[str]:
        """The names of the delegated permissions that the application offers."""
        scopes = self.application.body["api"]["oauth2PermissionScopes"]
        return [scope["value"] for scope in scopes if scope["value"] and scope["isEnabled"]]


@dataclass
class Grant:
    """Consent to delegated permissions; `principal_id` is None for everybody (admin consent)."""

    client_id: str
    resource_id: str
    principal_id: str | None
    scope: str
    id: str = field(default_factory=opaque_id)


@dataclass
class Assignment:
    """A person, group or service principal assigned to an application, with or without an app role."""

    app_role_id: str
    principal_id: str
    principal_type: str
    principal_name: str
    resource_id: str
    id: str = field(default_factory=opaque_id)
    created: str = field(default_factory=now_text)


Kept = TypeVar("Kept")


def existing(objects: Mapping[str, Kept], object_id: str) -> Kept:
    """The object of an id; the case of a GUID does not matter."""
    kept = objects.get(object_id) or objects.get(object_id.lower())
    if kept is None:
        raise not_found(object_id)
    return kept


class Directory:
    """The state of a tenant; its objects are kept by their id.

    Attributes:
        home: the tenant where applications are registered; the home tenant's is itself.
        lock: held by whoever reads or writes more than one thing; one for all tenants.
        users_may_consent: whether people may consent for themselves, or only an administrator for all
            (learn.microsoft.com/entra/identity/enterprise-apps/configure-user-consent). Those with
            personal accounts always may: there is nobody else.
    """

    def __init__(self, tenant: Tenant, home: "Directory | None" = None) -> None:
        self.tenant = tenant
        self.tenant_id = tenant.tenant_id
        self.home = home or self
        self.lock: AbstractContextManager[bool] = RLock() if home is None else home.lock
        self.users_may_consent = tenant.is_personal
        self.applications: dict[str, Application] = {}
        self.service_principals: dict[str, ServicePrincipal] = {}
        self.grants: dict[str, Grant] = {}
        self.assignments: dict[str, Assignment] = {}
        self.people: dict[str, Person] = {person.oid: person for person in tenant.people}
        self.groups: dict[str, Group] = {group.oid: group for group in tenant.groups}

    def application(self, object_id: str) -> Application:
        """The application of an object id."""
        return existing(self.applications, object_id)

    def service_principal(self, object_id: str) -> ServicePrincipal:
        """The service principal of an object id."""
        return existing(self.service_principals, object_id)

    def application_of(self, app_id: str) -> Application | None:
        """The application of a client id."""
        return next((app for app in self.applications.values() if app.app_id == app_id.lower()), None)

    def service_principal_of(self, app_id: str) -> ServicePrincipal | None:
        """The service principal of a client id."""
        return next(
            (sp for sp in self.service_principals.values() if sp.application.app_id == app_id.lower()), None
        )

    def person(self, name: str) -> Person | None:
        """The person who signs in under a name: the principal name, or the mail address (as guests do)."""
        name = name.strip().casefold()
        return next(
            (
                person
                for person in self.people.values()
                if name in {person.principal_name.casefold(), (person.mail or "").casefold()} - {""}
            ),
            None,
        )

    def add(self, thing: Application | ServicePrincipal | Grant | Assignment) -> None:
        """Keep a new object."""
        with self.lock:
            match thing:
                case Application():
                    self.applications[thing.id] = thing
                case ServicePrincipal():
                    self.service_principals[thing.id] = thing
                case Grant():
                    self.grants[thing.id] = thing
                case Assignment():
                    self.assignments[thing.id] = thing

    def remove(self, owned: Application | ServicePrincipal) -> None:
        """Delete a service principal with its consent and assignments, or an application with all of these.

        (learn.microsoft.com/entra/identity-platform/delete-app-registration-how-to)
        """
        with self.lock:
            if isinstance(owned, Application):
                del self.applications[owned.id]
                service_principal = self.service_principal_of(owned.app_id)
                if service_principal is not None:
                    self.remove(service_principal)
                return
            del self.service_principals[owned.id]
            for grant in list(self.grants.values()):
                if owned.id in {grant.client_id, grant.resource_id}:
                    del self.grants[grant.id]
            self._forget(owned.id)

    def remove_principal(self, object_id: str) -> None:
        """Delete a person or group with what refers to them.

        (learn.microsoft.com/entra/fundamentals/users-restore: a deleted user is in no answer but that of
        deletedItems)
        """
        with self.lock:
            self.people.pop(object_id, None)
            self.groups.pop(object_id, None)
            self._forget(object_id)

    def _forget(self, object_id: str) -> None:
        for assignment in list(self.assignments.values()):
            if object_id in {assignment.principal_id, assignment.resource_id}:
                del self.assignments[assignment.id]
        owned: list[Application | ServicePrincipal] = [
            *self.applications.values(),
            *self.service_principals.values(),
        ]
        for one in owned:
            one.owners[:] = [owner for owner in one.owners if owner != object_id]

    def groups_of(self, person: Person) -> list[Group]:
        """The groups that a person is a member of."""
        return [group for group in self.groups.values() if person.oid in group.members]

    def assignments_of(self, person: Person, service_principal: ServicePrincipal) -> Iterator[Assignment]:
        """A person's assignments to an application, their own and those of their groups."""
        principals = {person.oid, *(group.oid for group in self.groups_of(person))}
        for assignment in self.assignments.values():
            if assignment.resource_id == service_principal.id and assignment.principal_id in principals:
                yield assignment

    def consented(self, service_principal: ServicePrincipal, person: Person) -> set[str]:
        """The Microsoft Graph permissions that an application has for a person, by anybody's consent."""
        graph = self.service_principal_of(MICROSOFT_GRAPH)
        return {
            scope
            for grant in self.grants.values()
            if grant.client_id == service_principal.id
            and graph is not None
            and grant.resource_id == graph.id
            and grant.principal_id in {None, person.oid}
            for scope in grant.scope.split()
        }

    def consent(self, client: ServicePrincipal, scopes: Collection[str], principal_id: str | None) -> None:
        """Keep consent to Microsoft Graph permissions, and the application's presence that comes with it.

        Args:
            principal_id: who consents for themselves, None for everybody.
        """
        graph = self.service_principal_of(MICROSOFT_GRAPH)
        with self.lock:
            self.service_principals.setdefault(client.id, client)
            if graph is None or not scopes:
                return
            parties = (client.id, graph.id, principal_id)
            for grant in self.grants.values():
                if (grant.client_id, grant.resource_id, grant.principal_id) == parties:
                    grant.scope = " ".join(sorted({*scopes, *grant.scope.split()}))
                    return
            self.add(Grant(*parties, scope=" ".join(sorted(scopes))))

    def holdings(self) -> dict[str, int]:
        """How many objects of each kind there are that the tenant did not begin with."""
        with self.lock:
            built_in = {sp.id for sp in self.service_principals.values() if sp.built_in}
            return {
                "applications": sum(not app.built_in for app in self.applications.values()),
                "service principals": sum(not sp.built_in for sp in self.service_principals.values()),
                "grants": len(self.grants),
                "assignments": sum(one.principal_id not in built_in for one in self.assignments.values()),
            }
