"""Who may sign in and what they may do: app roles, and the people and groups assigned to them."""

from collections.abc import Iterator

from cdktf_cdktf_provider_azuread.app_role_assignment import AppRoleAssignment
from cdktf_cdktf_provider_azuread.application import ApplicationAppRole
from cdktf_cdktf_provider_azuread.data_azuread_group import DataAzureadGroup
from cdktf_cdktf_provider_azuread.data_azuread_user import DataAzureadUser
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from constructs import Construct

from stacks import addresses
from stacks.addresses import principal_by_name
from stacks.entra.role_ids import role_id
from stacks.settings import EntraSettings
from stacks.settings.facts import DEFAULT_ACCESS_ROLE


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
    """Everybody who is assigned to the application, with default access or with an app role.

    People and groups that the settings name are looked up with every plan: an unknown name stops it.
    """

    def __init__(
        self, scope: Construct, settings: EntraSettings, service_principal: ServicePrincipal
    ) -> None:
        super().__init__(scope, "assignments")
        self._service_principal = service_principal
        self._object_ids: dict[str, str] = {}
        for principal, object_id in self._principals(
            settings.assigned_users, settings.assigned_groups, settings.assigned_principals
        ):
            address = addresses.DEFAULT_ACCESS.format(principal=principal)
            self._assign(address, DEFAULT_ACCESS_ROLE, object_id)
        for key, role in settings.app_roles.items():
            for principal, object_id in self._principals(role.users, role.groups, role.principals):
                address = addresses.ROLE_ASSIGNMENT.format(role=key, principal=principal)
                self._assign(address, role_id(key), object_id)

    def _principals(
        self, users: list[str], groups: list[str], object_ids: list[str]
    ) -> Iterator[tuple[str, str]]:
        """What stands for each principal in an address, and its object id; each name is looked up once."""
        for user in users:
            principal = principal_by_name("user", user)
            if principal not in self._object_ids:
                self._object_ids[principal] = DataAzureadUser(
                    self, addresses.USER.format(principal=principal), user_principal_name=user
                ).object_id
            yield principal, self._object_ids[principal]
        for group in groups:
            principal = principal_by_name("group", group)
            if principal not in self._object_ids:
                self._object_ids[principal] = DataAzureadGroup(
                    self,
                    addresses.GROUP.format(principal=principal),
                    display_name=group,
                    # Only security groups can be assigned, and a distribution list may have the same name.
                    security_enabled=True,
                ).object_id
            yield principal, self._object_ids[principal]
        for object_id in object_ids:
            yield object_id, object_id

    def _assign(self, address: str, role: str, object_id: str) -> None:
        AppRoleAssignment(
            self,
            address,
            app_role_id=role,
            principal_object_id=object_id,
            resource_object_id=self._service_principal.object_id,
        )
