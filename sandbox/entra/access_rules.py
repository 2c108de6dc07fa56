"""Where Entra ID is strict about who may use an application: service principals, consent, assignments.

The pages named as sources are below learn.microsoft.com.
"""

from sandbox.entra.directory import (
    DEFAULT_ACCESS,
    Application,
    Assignment,
    Directory,
    Grant,
    Json,
    ServicePrincipal,
    existing,
)
from sandbox.entra.errors import conflict, invalid, invalid_property, not_found
from sandbox.entra.resources import OAuth2PermissionGrant, checked


def new_service_principals_application(app_id: str, directory: Directory) -> Application:
    """The application for which a service principal can be made: one that has none."""
    if directory.service_principal_of(app_id) is not None:
        raise conflict(
            "The service principal cannot be created, updated, or restored because the service principal"
            f" name {app_id} is already in use."
        )
    application = directory.application_of(app_id)
    if application is None:
        raise invalid(
            f"The appId '{app_id}' of the service principal does not reference a valid application object."
        )
    return application


def check_grant(new: Json, directory: Directory) -> Grant:
    """Read and check a new consent grant (graph/api/oauth2permissiongrant-post)."""
    grant = checked(OAuth2PermissionGrant, new)
    client = directory.service_principal(grant.client_id)
    resource = directory.service_principal(grant.resource_id)
    principal = grant.principal_id
    if (grant.consent_type == "Principal") == (principal is None):
        raise invalid_property(
            "OAuth2PermissionGrant", "principalId", "It belongs to consentType Principal only."
        )
    if principal is not None:
        existing(directory.people, principal)
    parties = (client.id, resource.id, principal)
    if any(
        (one.client_id, one.resource_id, one.principal_id) == parties for one in directory.grants.values()
    ):
        raise conflict("Permission entry already exists.")
    return Grant(*parties, scope=grant.scope)


def check_scope(scope: object) -> str:
    """The new scope of a grant, which is text."""
    if not isinstance(scope, str):
        raise invalid_property("OAuth2PermissionGrant", "scope", "It is a space-separated list.")
    return scope


def check_assignment(new: Json, resource: ServicePrincipal, directory: Directory) -> Assignment:
    """Read and check a new assignment (graph/api/serviceprincipal-post-approleassignedto)."""
    principal_id, role_id = str(new.get("principalId")), str(new.get("appRoleId"))
    if str(new.get("resourceId")).lower() != resource.id:
        raise invalid_property(
            "AppRoleAssignment", "resourceId", "It must be the service principal of the path."
        )
    principal_type, name = _principal(principal_id, directory)
    member = "Application" if principal_type == "ServicePrincipal" else "User"
    roles = resource.application.body["appRoles"]
    if role_id != DEFAULT_ACCESS and not any(
        role["id"] == role_id and role["isEnabled"] and member in role["allowedMemberTypes"] for role in roles
    ):
        raise invalid(
            f"Permission being assigned was not found on application '{resource.application.app_id}'."
        )
    if any(
        (other.principal_id, other.app_role_id, other.resource_id) == (principal_id, role_id, resource.id)
        for other in directory.assignments.values()
    ):
        raise invalid("Permission being assigned already exists on the object.")
    return Assignment(
        app_role_id=role_id,
        principal_id=principal_id,
        principal_type=principal_type,
        principal_name=name,
        resource_id=resource.id,
    )


def _principal(object_id: str, directory: Directory) -> tuple[str, str]:
    if object_id in directory.people:
        return "User", directory.people[object_id].display_name
    if object_id in directory.service_principals:
        return "ServicePrincipal", directory.service_principals[object_id].application.display_name
    group = directory.groups.get(object_id)
    if group is None:
        raise not_found(object_id)
    # entra/identity/enterprise-apps/assign-user-or-group-access-portal
    if not group.security_enabled:
        raise invalid("Only security-enabled groups can be assigned to an application.")
    return "Group", group.display_name


def check_owner(object_id: str, directory: Directory) -> str:
    """The object id of an owner: a person or a service principal (graph/api/application-post-owners)."""
    if object_id not in directory.people and object_id not in directory.service_principals:
        raise not_found(object_id)
    return object_id
