"""Which application permissions each call of Microsoft Graph needs, from `graph_permissions.toml`."""

import tomllib
from pathlib import Path

from sandbox.entra.directory import Application, Directory, Json, ServicePrincipal
from sandbox.entra.errors import denied

_TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
GRAPH_ROLES: dict[str, str] = _TABLES["roles"]
OWNED_BY = "Application.ReadWrite.OwnedBy"


def check_permission(
    method: str, path: str, claims: Json, target: Application | ServicePrincipal | None
) -> None:
    """Refuse a call that the caller's permissions do not cover.

    Args:
        path: the route; the longest entry of the table that it begins with decides.
        claims: of the caller's token.
        target: what a call changes; `OwnedBy` is enough for what the caller owns.
    """
    table = _TABLES["reading" if method == "GET" else "writing"]
    needed = max((one for one in table if path.startswith(one)), key=len, default=None)
    roles = set(claims.get("roles", []))
    if needed is None or not any(roles >= set(one.split(" and ")) for one in table[needed]):
        raise denied()
    # Permissions reference, Application.ReadWrite.OwnedBy.
    only_own = method != "GET" and OWNED_BY in table[needed] and "Application.ReadWrite.All" not in roles
    if only_own and target is not None and claims["oid"] not in target.owners:
        raise denied()


def graph_roles_of(service_principal: ServicePrincipal, directory: Directory) -> list[str]:
    """The application permissions that an application was granted."""
    ids = {
        one.app_role_id for one in directory.assignments.values() if one.principal_id == service_principal.id
    }
    return sorted(role for role, id_ in GRAPH_ROLES.items() if id_ in ids)
