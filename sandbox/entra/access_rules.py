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
)
from sandbox.entra.errors import conflict, invalid, invalid_property, not_found

LONGEST_TEXT = 1024


def new_service_principals_application(app_id: str, directory: Directory) -> Application:
    """The application for which a service principal can be made: one that has none.

    Raises:
        GraphError: 409, it has one; 400, there is no such application.
    """
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


def check_service_principal(body: Json) -> None:
    """Refuse what Graph refuses in a service principal (graph/api/resources/serviceprincipal).

    Raises:
        GraphError: 400, a text is too long.
    """
    for name in ("description", "notes"):
        if len(body[name] or "") > LONGEST_TEXT:
            raise invalid_property("ServicePrincipal", name, f"At most {LONGEST_TEXT} characters.")


def check_grant(new: Json, directory: Directory) -> Grant:
    """Read and check a new consent grant (graph/api/oauth2permissiongrant-post).

    Raises:
        GraphError: 400 for a wrong value, 404 for an unknown object, 409 when there is one already.
    """
    for name in ("clientId", "resourceId", "consentType"):
        if not isinstance(new.get(name), str):
            raise invalid(f"A value is required for property '{name}' of resource 'OAuth2PermissionGrant'.")
    client = directory.service_principal(new["clientId"])
    resource = directory.service_principal(new["resourceId"])
    principal = new.get("principalId")
    if new["consentType"] not in {"AllPrincipals", "Principal"}:
        raise invalid_property("OAuth2PermissionGrant", "consentType", "It is AllPrincipals or Principal.")
    if not isinstance(principal, str | None) or (new["consentType"] == "Principal") == (principal is None):
        raise invalid_property(
            "OAuth2PermissionGrant", "principalId", "It belongs to consentType Principal only."
        )
    if principal is not None and principal not in directory.people:
        raise not_found(str(principal))
    if any(
        (grant.client_id, grant.resource_id, grant.principal_id) == (client.id, resource.id, principal)
        for grant in directory.grants.values()
    ):
        raise conflict("Permission entry already exists.")
    return Grant(
        client_id=client.id,
        resource_id=resource.id,
        principal_id=principal,
        scope=check_scope(new.get("scope")),
    )


def check_scope(scope: object) -> str:
    """The scope of a grant, which is text."""
    if not isinstance(scope, str):
        raise invalid_property("OAuth2PermissionGrant", "scope", "It is a space-separated list.")
    return scope


def check_assignment(new: Json, resource: ServicePrincipal, directory: Directory) -> Assignment:
    """Read and check a new assignment (graph/api/serviceprincipal-post-approleassignedto).

    Raises:
        GraphError: 400 for a wrong value or when there is one already, 404 for an unknown principal.
    """
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
    """The object id of an owner: a person or a service principal (graph/api/application-post-owners).

    Raises:
        GraphError: 404, there is no such object.
    """
    if object_id not in directory.people and object_id not in directory.service_principals:
        raise not_found(object_id)
    return object_id
