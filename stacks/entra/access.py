"""Who may sign in and what they may do: app roles, and the people and groups assigned to them."""

from cdktf_cdktf_provider_azuread.app_role_assignment import AppRoleAssignment
from cdktf_cdktf_provider_azuread.application import ApplicationAppRole
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from constructs import Construct

from stacks import addresses
from stacks.addresses import principal_by_name
from stacks.entra.principals import Principals, assigned, holders
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

    Attributes:
        counted: the Terraform condition on which there is an assignment, by its address.
    """

    def __init__(
        self,
        scope: Construct,
        settings: EntraSettings,
        service_principal: ServicePrincipal,
        principals: Principals,
    ) -> None:
        super().__init__(scope, "assignments")
        self._service_principal = service_principal
        self._principals = principals
        self.counted: dict[str, str] = {}
        for key in assigned(settings):
            self._assign(
                addresses.DEFAULT_ACCESS.format(principal=_in_address(key)), DEFAULT_ACCESS_ROLE, key
            )
        for role, of_role in settings.app_roles.items():
            for key in holders(of_role):
                address = addresses.ROLE_ASSIGNMENT.format(role=role, principal=_in_address(key))
                self._assign(address, role_id(role), key)

    def _assign(self, address: str, role: str, key: str) -> None:
        assignment = AppRoleAssignment(
            self,
            address,
            app_role_id=role,
            principal_object_id=self._principals.object_id(key),
            resource_object_id=self._service_principal.object_id,
        )
        # Nobody can be assigned who is gone. Entra ID drops the assignment with the person.
        self.counted[address] = self._principals.is_present(key)
        assignment.add_override("count", f"${{{self.counted[address]} ? 1 : 0}}")


def _in_address(key: str) -> str:
    """What stands for a principal in an address."""
    kind, space, name = key.partition(" ")
    return principal_by_name(kind, name) if space else key
