"""Which application permissions each call of Microsoft Graph needs.

Source: the table "Permissions" of each call in the Microsoft Graph REST API reference, and the permissions
reference for the ids, which are the same in every tenant.
"""

from sandbox.entra.directory import Application, Directory, Json, ServicePrincipal
from sandbox.entra.errors import denied

GRAPH_ROLES = {
    "Application.Read.All": "9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30",
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "Application.ReadWrite.OwnedBy": "18a4783c-866b-4cc7-a460-3d5e5662c884",
    "AppRoleAssignment.ReadWrite.All": "06b708a9-e830-4db3-a914-8e69da51d44f",
    "DelegatedPermissionGrant.ReadWrite.All": "8e8e4742-1d95-4f68-9d56-6ee75648c72a",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "Group.Read.All": "5b567255-7703-4780-807c-7be8301ae99b",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
}
OWNED_BY = "Application.ReadWrite.OwnedBy"

# Any one of a set is enough; all permissions that are joined by "and" are needed.
_READ = {"Application.Read.All", "Application.ReadWrite.All", OWNED_BY, "Directory.Read.All"}
_WRITE = {"Application.ReadWrite.All", OWNED_BY}
_READ_GRANTS = {"Directory.Read.All", "DelegatedPermissionGrant.ReadWrite.All"}
_ASSIGN = {
    "AppRoleAssignment.ReadWrite.All and Application.Read.All",
    "AppRoleAssignment.ReadWrite.All and Directory.Read.All",
}
_USERS = {"User.Read.All", "Directory.Read.All"}
_GROUPS = {"Group.Read.All", "Directory.Read.All"}

_READING = {
    "/applications": _READ,
    "/servicePrincipals": _READ,
    "/servicePrincipals/{id}/oauth2PermissionGrants": _READ_GRANTS,
    "/oauth2PermissionGrants": _READ_GRANTS,
    "/users": _USERS,
    "/groups": _GROUPS,
}
_WRITING = {
    "/applications": _WRITE,
    "/servicePrincipals": _WRITE,
    "/servicePrincipals/{id}/appRoleAssignedTo": _ASSIGN,
    "/servicePrincipals/{id}/appRoleAssignments": _ASSIGN,
    "/oauth2PermissionGrants": {"DelegatedPermissionGrant.ReadWrite.All"},
    "/directoryObjects/getByIds": {"Directory.Read.All"},
}


def check_permission(
    method: str, path: str, claims: Json, target: Application | ServicePrincipal | None
) -> None:
    """Refuse a call that the caller's permissions do not cover.

    Args:
        path: the route; the longest entry of the table that it begins with decides.
        claims: of the caller's token.
        target: what a call changes; `OwnedBy` is enough for what the caller owns.
    """
    table = _READING if method == "GET" else _WRITING
    needed = max((one for one in table if path.startswith(one)), key=len, default=None)
    roles = set(claims.get("roles", []))
    if needed is None or not any(roles >= set(one.split(" and ")) for one in table[needed]):
        raise denied()
    # Permissions reference, Application.ReadWrite.OwnedBy.
    only_own = table[needed] is _WRITE and "Application.ReadWrite.All" not in roles
    if only_own and target is not None and claims["oid"] not in target.owners:
        raise denied()


def graph_roles_of(service_principal: ServicePrincipal, directory: Directory) -> list[str]:
    """The application permissions that an application was granted."""
    ids = {
        one.app_role_id for one in directory.assignments.values() if one.principal_id == service_principal.id
    }
    return sorted(role for role, id_ in GRAPH_ROLES.items() if id_ in ids)
