"""The existing objects of an environment, and how Terraform imports each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks import addresses
from stacks.settings import Settings
from stacks.settings.facts import DEFAULT_ACCESS_ROLE

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class AdoptOptions:
    """What the person and the state say of the objects that are meant.

    Attributes:
        clients: app client ids, by their key in the settings.
        recorded: what the state has, by Terraform address: the provider's ids.
    """

    application_id: str | None = None
    user_pool_id: str | None = None
    clients: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ExistingObjects:
    """The existing objects, as the clouds describe them; None or empty for what does not exist.

    Attributes:
        grant: the consent of an administrator to permissions of Microsoft Graph.
        assignments: who is assigned, each with or without an app role.
        principals: the users and groups that the settings name: what the addresses of their assignments end
            with, to object id.
        domains: the pool's domains that the settings ask for, by Terraform address.
        providers: the identity providers, by their key in the settings; their details hold a client secret,
            which must not be shown.
        clients: the app clients, by their key in the settings.
        brandings: the ids of managed-login brandings, by the client's key.
        same_name: other registrations and user pools of the same name.
    """

    application: Json | None = None
    service_principal: Json | None = None
    grant: Json | None = None
    assignments: tuple[Json, ...] = ()
    principals: Mapping[str, str] = field(default_factory=dict)
    pool: Json | None = None
    domains: Mapping[str, Json] = field(default_factory=dict)
    providers: Mapping[str, Json] = field(default_factory=dict)
    resource_servers: tuple[str, ...] = ()
    clients: Mapping[str, Json] = field(default_factory=dict)
    other_clients: tuple[Json, ...] = ()
    brandings: Mapping[str, str] = field(default_factory=dict)
    same_name: tuple[Json, ...] = ()

    def default_access(self) -> Iterator[Json]:
        """The assignments without an app role."""
        return (one for one in self.assignments if one["appRoleId"] == DEFAULT_ACCESS_ROLE)

    def imports(self, settings: Settings) -> dict[str, str]:
        """Terraform address to import id, of everything that the settings ask for and that exists.

        The forms are those of the azuread and AWS providers' documentation, each resource's "Import".
        """
        return dict([*self._entra_imports(settings), *self._cognito_imports(settings)])

    def _entra_imports(self, settings: Settings) -> Iterator[tuple[str, str]]:
        if self.application:
            yield addresses.APPLICATION, f"/applications/{self.application['id']}"
        if self.service_principal:
            path = f"/servicePrincipals/{self.service_principal['id']}"
            yield addresses.SERVICE_PRINCIPAL, path
            endings = {id_: id_ for id_ in settings.entra.assigned_principals}
            endings |= {id_: ending for ending, id_ in self.principals.items()}
            for one in self.default_access():
                if ending := endings.get(one["principalId"]):
                    address = addresses.DEFAULT_ACCESS.format(principal=ending)
                    yield address, f"{path}/appRoleAssignedTo/{one['id']}"
        if self.grant and settings.entra.admin_consent:
            yield addresses.ADMIN_CONSENT, f"/oauth2PermissionGrants/{self.grant['id']}"

    def _cognito_imports(self, settings: Settings) -> Iterator[tuple[str, str]]:
        if not self.pool:
            return
        pool_id = self.pool["Id"]
        if settings.cognito.user_pool_id is None:
            yield addresses.USER_POOL, pool_id
        for address, name in domain_names(settings).items():
            if address in self.domains:
                yield address, name
        for key, wanted in settings.identity_providers.items():
            provider = self.providers.get(key)
            if provider and provider["ProviderName"] == wanted.name:
                yield addresses.identity_provider(key), f"{pool_id}:{wanted.name}"
        for key in self.resource_servers:
            server = settings.resource_servers[key]
            yield addresses.RESOURCE_SERVER.format(server=key), f"{pool_id}|{server.identifier or key}"
        for key, client in self.clients.items():
            yield addresses.APP_CLIENT.format(client=key), f"{pool_id}/{client['ClientId']}"
        for key, branding in self.brandings.items():
            yield addresses.BRANDING.format(client=key), f"{pool_id},{branding}"


def domain_names(settings: Settings) -> dict[str, str]:
    """What Cognito calls each domain of the settings, its prefix or its host, by Terraform address."""
    prefix, custom = settings.cognito.domain_prefix, settings.cognito.custom_domain
    names = {addresses.PREFIX_DOMAIN: prefix, addresses.CUSTOM_DOMAIN: custom.host if custom else None}
    return {address: name for address, name in names.items() if name}
