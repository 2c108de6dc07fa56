"""The resources azuread_application and azuread_application_password."""

import re
from typing import ClassVar

from sandbox.azuread_plugin.errors import ProviderError, import_hint
from sandbox.azuread_plugin.graph_client import GraphClient
from sandbox.azuread_plugin.graph_objects import feature_tags, from_graph, ids_by_value, to_graph
from sandbox.azuread_plugin.resource import Change, Resource, owners_at_creation, read_owners, update_owners
from sandbox.azuread_plugin.wire import UNKNOWN, Json

_FRACTION = re.compile(r"\.\d+")


class Application(Resource):
    """azuread_application."""

    def create(self, change: Change) -> None:
        """Make the application."""
        refuse_taken_name(self.graph, change.planned)
        owners = change.items("owners")
        body = {**self._body(change), "owners@odata.bind": owners_at_creation(self.graph, owners)}
        made = self.graph.send("POST", "/applications", body)
        change.planned["id"] = f"/applications/{made['id']}"
        update_owners(self.graph, change.id, owners)

    def update(self, change: Change) -> None:
        """Change the application."""
        refuse_taken_name(self.graph, change.planned)
        body = self._body(change)
        if change.changes("app_role"):
            self._disable_roles(change.id, body["appRoles"])
        self.graph.send("PATCH", change.id, body)
        if change.changes("owners"):
            update_owners(self.graph, change.id, change.items("owners"))

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the application."""
        app = self.graph.get(object_id)
        if app is None:
            return None
        claims = app["groupMembershipClaims"]
        return {
            **from_graph(self.root, app),
            "app_role_ids": ids_by_value(app["appRoles"]),
            "feature_tags": feature_tags(app["tags"]),
            "group_membership_claims": [claim.strip() for claim in claims.split(",")] if claims else [],
            "logo_image": state["logo_image"] or "",
            "oauth2_permission_scope_ids": ids_by_value(app["api"]["oauth2PermissionScopes"]),
            "oauth2_post_response_required": False,
            "owners": read_owners(self.graph, object_id),
            "prevent_duplicate_names": bool(state["prevent_duplicate_names"]),
            "template_id": "",
        }

    def _body(self, change: Change) -> Json:
        return {
            **to_graph(self.root, change.planned),
            "groupMembershipClaims": ",".join(change.items("group_membership_claims")) or None,
        }

    def _disable_roles(self, path: str, planned: list[Json]) -> None:
        """Disable the app roles that change or go: Graph refuses both for an enabled one."""
        roles: list[Json] = self.graph.send("GET", path)["appRoles"]
        by_id = {role["id"]: role for role in planned}
        for role in roles:
            if role["id"] not in by_id or {**role, **by_id[role["id"]]} != role:
                role["isEnabled"] = False
        self.graph.send("PATCH", path, {"appRoles": roles})


class ApplicationPassword(Resource):
    """azuread_application_password, a client secret; its ID is <application>/password/<key ID>."""

    importable: ClassVar = False

    def create(self, change: Change) -> None:
        """Add the password."""
        path = change.planned["application_id"]
        credential = to_graph(self.root, change.planned)
        for prop in ("startDateTime", "endDateTime"):
            credential[prop] = _time(credential[prop])
        credential = {prop: value for prop, value in credential.items() if value}
        made = self.graph.send("POST", f"{path}/addPassword", {"passwordCredential": credential})
        change.planned["id"] = f"{path.rpartition('/')[2]}/password/{made['keyId']}"
        change.planned["value"] = made["secretText"]

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the password; Graph never shows its value again."""
        del state
        application, _, key_id = object_id.split("/")
        app = self.graph.get(f"/applications/{application}") or {"passwordCredentials": []}
        for credential in app["passwordCredentials"]:
            if credential["keyId"] == key_id:
                read = from_graph(self.root, credential)
                return {**read, "application_id": f"/applications/{application}"}
        return None

    def delete(self, object_id: str) -> None:
        """Remove the password."""
        application, _, key_id = object_id.split("/")
        self.graph.send("POST", f"/applications/{application}/removePassword", {"keyId": key_id})


def refuse_taken_name(graph: GraphClient, planned: Json) -> None:
    """Refuse the name of another application if `prevent_duplicate_names` is set.

    Raises:
        ProviderError: the name is taken.
    """
    name = planned["display_name"]
    if planned["prevent_duplicate_names"] is not True or name is UNKNOWN:
        return
    # The real provider does not escape the name either: an apostrophe makes Graph refuse the filter.
    for app in graph.list("/applications", where=f"displayName eq '{name}'"):
        if app["displayName"] == name and app["id"] != planned["object_id"]:
            raise ProviderError(
                f'An existing "azuread_application" with name "{name}" (ID: "{app["id"]}") was found and'
                f" `prevent_duplicate_names` was specified. {import_hint('azuread_application')}",
            )


def _time(value: str | None) -> str | None:
    """An RFC 3339 time as Go's time package prints it again: without fractions, Z for UTC."""
    return value and _FRACTION.sub("", value).replace("+00:00", "Z")
