"""Who may sign in and what they may do: app roles, and the people and groups assigned to them."""

from collections.abc import Iterator
from uuid import UUID, uuid5

from cdktf_cdktf_provider_azuread.app_role_assignment import AppRoleAssignment
from cdktf_cdktf_provider_azuread.application import ApplicationAppRole
from cdktf_cdktf_provider_azuread.data_azuread_group import DataAzureadGroup
from cdktf_cdktf_provider_azuread.data_azuread_user import DataAzureadUser
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from constructs import Construct

from stacks.addresses import pinned, readable
from stacks.settings import EntraSettings
from stacks.settings.facts import DEFAULT_ACCESS_ROLE

# A role's id follows from its key. Read back from the application instead, every id would be unknown as
# soon as any role changes, and every assignment be replaced.
_ROLE_IDS = UUID("5f0c5b0e-6d0b-4a57-9d5b-0c1a6f3f7d21")


def role_id(key: str) -> str:
    """The id of an app role, which is one within its application."""
    return str(uuid5(_ROLE_IDS, key))


def app_roles(settings: EntraSettings) -> list[ApplicationAppRole]:
    """The registration's app roles, for people only."""
    roles = []
    for key, role in settings.app_roles.items():
        value = role.value or key
        name = role.display_name or value
        roles.append(
            ApplicationAppRole(
                id=role_id(key),
                value=value,
                display_name=name,
                description=role.description or name,
                allowed_member_types=["User"],
            )
        )
    return roles


class Assignments(Construct):
    """Everybody who is assigned to the application, with default access or with a role.

    People and groups that the settings name are looked up with every plan: a name that is nobody's stops it.
    """

    def __init__(
        self, scope: Construct, settings: EntraSettings, service_principal: ServicePrincipal
    ) -> None:
        """Declare the assignments."""
        super().__init__(scope, "assignments")
        self._service_principal = service_principal
        self._found: dict[str, str] = {}
        for address, object_id in self._principals(
            settings.assigned_users, settings.assigned_groups, settings.assigned_principals
        ):
            self._assign(f"sign_in_{address}", DEFAULT_ACCESS_ROLE, object_id)
        for key, role in settings.app_roles.items():
            for address, object_id in self._principals(role.users, role.groups, role.principals):
                self._assign(f"role_{key}_{address}", role_id(key), object_id)

    def _principals(
        self, users: list[str], groups: list[str], object_ids: list[str]
    ) -> Iterator[tuple[str, str]]:
        for user in users:
            yield (address := f"user_{readable(user)}"), self._user(address, user)
        for group in groups:
            yield (address := f"group_{readable(group)}"), self._group(address, group)
        for object_id in object_ids:
            yield object_id, object_id

    def _user(self, address: str, name: str) -> str:
        if address not in self._found:
            user = pinned(DataAzureadUser(self, address, user_principal_name=name), address)
            self._found[address] = user.object_id
        return self._found[address]

    def _group(self, address: str, name: str) -> str:
        if address not in self._found:
            # Only security groups can be assigned, and a distribution list may have the same name.
            group = pinned(DataAzureadGroup(self, address, display_name=name, security_enabled=True), address)
            self._found[address] = group.object_id
        return self._found[address]

    def _assign(self, address: str, role: str, object_id: str) -> None:
        pinned(
            AppRoleAssignment(
                self,
                f"assignment_{address}",
                app_role_id=role,
                principal_object_id=object_id,
                resource_object_id=self._service_principal.object_id,
            ),
            address,
        )
