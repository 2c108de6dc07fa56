"""Who may sign in and what they may do: app roles, and the people and groups assigned to them."""

from cdktf_cdktf_provider_azuread.app_role_assignment import AppRoleAssignment
from cdktf_cdktf_provider_azuread.application import ApplicationAppRole
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from constructs import Construct

from stacks import addresses
from stacks.addresses import principal_by_name
from stacks.entra.principals import Principals
from stacks.settings.access import role_id
from stacks.settings.entra import EntraSettings
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


def assignments(
    scope: Construct, settings: EntraSettings, service_principal: ServicePrincipal, principals: Principals
) -> dict[str, str]:
    """Assign everybody to the application, with default access or with an app role.

    Returns:
        The Terraform condition on which there is an assignment, by its address.
    """
    wanted = {
        addresses.DEFAULT_ACCESS.format(principal=_in_address(key)): (DEFAULT_ACCESS_ROLE, key)
        for key in settings.assigned
    } | {
        addresses.ROLE_ASSIGNMENT.format(role=role, principal=_in_address(key)): (role_id(role), key)
        for role, of_role in settings.app_roles.items()
        for key in of_role.holders
    }
    for address, (role, key) in wanted.items():
        assignment = AppRoleAssignment(
            scope,
            address,
            app_role_id=role,
            principal_object_id=principals.object_id(key),
            resource_object_id=service_principal.object_id,
        )
        # Nobody can be assigned who is gone. Entra ID drops the assignment with the person.
        assignment.add_override("count", f"${{{principals.is_present(key)} ? 1 : 0}}")
    return {address: principals.is_present(key) for address, (_, key) in wanted.items()}


def _in_address(key: str) -> str:
    """What stands for a principal in an address."""
    kind, space, name = key.partition(" ")
    return principal_by_name(kind, name) if space else key
