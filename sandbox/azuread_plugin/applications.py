"""The resource azuread_application and its calls to Graph, in the real provider's order."""

import re
from http import HTTPStatus
from typing import ClassVar
from uuid import uuid4

from sandbox.azuread_plugin.application_documents import (
    TYPE,
    access_properties,
    api_properties,
    claim_properties,
    properties,
    read_application,
    role_properties,
)
from sandbox.azuread_plugin.application_limits import refuse_what_graph_refuses
from sandbox.azuread_plugin.graph_client import Graph, GraphError
from sandbox.azuread_plugin.owners import (
    first_owners,
    read_owners,
    settle_owners,
    settle_owners_after_creation,
)
from sandbox.azuread_plugin.problems import already_there
from sandbox.azuread_plugin.resources import Change, Resource, delete_and_confirm, get_or_none, last_part
from sandbox.azuread_plugin.wire import UNKNOWN, Json


class Application(Resource):
    """azuread_application."""

    id_form: ClassVar = re.compile(r"/applications/[^/]+")
    id_example: ClassVar = "/applications/00000000-0000-0000-0000-000000000000"

    def check_plan(self, prior: Json | None, planned: Json) -> None:
        """Refuse a taken name, roles or permissions that clash, and what personal accounts do not allow."""
        name = planned["display_name"]
        # Of an existing application the real provider checks a new name only when it applies it.
        if prior is None and planned["prevent_duplicate_names"] is True and name is not UNKNOWN:
            refuse_duplicates(self.graph, name)
        refuse_what_graph_refuses(planned)

    def create(self, change: Change) -> None:
        """Make the application."""
        planned = change.planned
        if planned["prevent_duplicate_names"]:
            refuse_duplicates(self.graph, planned["display_name"])
        bind, left_over = first_owners(self.graph, change.items("owners"))
        api = api_properties(change)
        mapped_claims = api["acceptMappedClaims"]
        if mapped_claims:
            del api["acceptMappedClaims"]
        body = {
            **properties(change),
            "api": api,
            "appRoles": role_properties(change),
            "identifierUris": change.items("identifier_uris"),
            "optionalClaims": claim_properties(change),
            "owners@odata.bind": bind,
            "requiredResourceAccess": access_properties(change),
        }
        made = self.graph.send("POST", "/applications", body)
        change.id = f"/applications/{made['id']}"
        # The real provider probes for a replicated object by renaming it and back; the local log shows both.
        for name in (f"TERRAFORM_UPDATE_{uuid4()}", planned["display_name"]):
            self._patch(change.id, {"displayName": name}, new=True)
        if planned["oauth2_post_response_required"] is not None:
            self._set_post_response(change)
        if mapped_claims:
            self._patch(change.id, {"api": {**api, "acceptMappedClaims": True}}, new=True)
        settle_owners_after_creation(self.graph, change.id, change.items("owners"), left_over)

    def update(self, change: Change) -> None:
        """Change the application."""
        with self.graph.lock(change.id):
            self._update(change)

    def _update(self, change: Change) -> None:
        if change.planned["prevent_duplicate_names"]:
            refuse_duplicates(self.graph, change.planned["display_name"], but=last_part(change.id))
        body, api = properties(change), api_properties(change)
        if change.changes("app_role"):
            body["appRoles"] = role_properties(change)
            self._disable_first(change.id, body["appRoles"], "appRoles")
        if change.changes("api", "oauth2_permission_scope"):
            self._disable_first(change.id, api["oauth2PermissionScopes"], "oauth2PermissionScopes")
        else:
            del api["oauth2PermissionScopes"]
        if change.changes("identifier_uris"):
            body["identifierUris"] = change.items("identifier_uris")
        if change.changes("optional_claims"):
            body["optionalClaims"] = claim_properties(change)
        if change.changes("required_resource_access"):
            body["requiredResourceAccess"] = access_properties(change)
        self._patch(change.id, {**body, "api": api})
        if change.changes("oauth2_post_response_required"):
            self._set_post_response(change)
        if change.changes("owners"):
            settle_owners(self.graph, change.id, change.items("owners"))

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the application.

        Returns:
            its attributes, None if it is gone.
        """
        app = get_or_none(self.graph, object_id)
        if app is None:
            return None
        beta = self.graph.get(object_id, version="beta", select=("oauth2RequirePostResponse",))
        return {
            **read_application(app),
            "logo_image": state.get("logo_image") or "",
            "oauth2_post_response_required": bool(beta.get("oauth2RequirePostResponse")),
            "owners": read_owners(self.graph, object_id),
            "prevent_duplicate_names": bool(state.get("prevent_duplicate_names")),
        }

    def delete(self, object_id: str, state: Json) -> None:
        """Delete the application."""
        del state
        delete_and_confirm(self.graph, object_id)

    def _patch(self, path: str, body: Json, *, new: bool = False) -> None:
        def again(error: GraphError) -> bool:
            return new and error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)

        self.graph.send("PATCH", path, {**TYPE, **body}, again=again)

    def _set_post_response(self, change: Change) -> None:
        required = bool(change.planned["oauth2_post_response_required"])
        self.graph.send("PATCH", change.id, {"oauth2RequirePostResponse": required}, version="beta")

    def _disable_first(self, path: str, wanted: list[Json], key: str) -> None:
        """Disable what is to be changed or removed: Graph refuses to change an enabled role or permission."""
        app = self.graph.get(path)
        present: list[Json] = (app if key == "appRoles" else app.get("api") or {}).get(key) or []
        by_id = {item["id"]: item for item in wanted}
        disable = [
            item
            for item in present
            if item["id"] not in by_id or (item.get("isEnabled") and _differs(item, by_id[item["id"]], key))
        ]
        if not disable:
            return
        for item in disable:
            item["isEnabled"] = False
        if key == "appRoles":
            self._patch(path, {"id": app["id"], key: present})
        else:
            self._patch(path, {"api": {key: present}})


def refuse_duplicates(graph: Graph, name: str, but: str = "") -> None:
    """Refuse a name that another application has.

    Raises:
        ProblemError: the name is taken.
    """
    # The real provider does not escape the name either: an apostrophe makes Graph refuse the filter.
    for app in graph.list("/applications", where=f"displayName eq '{name}'"):
        if app.get("displayName") == name and app["id"] != but:
            raise already_there(
                "azuread_application",
                f'An existing "azuread_application" with name "{name}" (ID: "{app["id"]}") was found and'
                " `prevent_duplicate_names` was specified",
            )


def _differs(present: Json, wanted: Json, key: str) -> bool:
    if key != "appRoles":
        return any(present.get(name) != value for name, value in wanted.items())
    names = ("allowedMemberTypes", "description", "displayName")
    return any(present.get(name) != wanted[name] for name in names) or (present.get("value") or "") != (
        wanted["value"] or ""
    )
