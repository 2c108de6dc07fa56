"""The resources azuread_application and azuread_application_password."""

import base64
import re
from typing import ClassVar

from sandbox.azuread_plugin.errors import ProviderError, import_hint
from sandbox.azuread_plugin.graph_client import GraphClient
from sandbox.azuread_plugin.graph_objects import feature_tags, from_graph, ids_by_value, to_graph
from sandbox.azuread_plugin.resource import Resource
from sandbox.azuread_plugin.wire import UNKNOWN, Json

_FRACTION = re.compile(r"\.\d+")


class Application(Resource):
    """azuread_application."""

    id_form: ClassVar = "/applications/<id>"

    def create(self, planned: Json) -> None:
        """Make the application."""
        refuse_taken_name(self.graph, planned)
        body = {**self._body(planned), "owners@odata.bind": self.owners_at_creation(planned)}
        made = self.graph.send("POST", "/applications", body)
        planned["id"] = f"/applications/{made['id']}"
        self.update_owners(planned)
        self._upload_logo(planned)

    def update(self, prior: Json, planned: Json) -> None:
        """Change the application."""
        refuse_taken_name(self.graph, planned)
        body = self._body(planned)
        if self.differs("app_role", prior, planned):
            self._disable_roles(prior["id"], body["appRoles"])
        self.graph.send("PATCH", prior["id"], body)
        if self.differs("owners", prior, planned):
            self.update_owners(planned)
        if self.differs("logo_image", prior, planned):
            self._upload_logo(planned)

    def read(self, state: Json) -> Json | None:
        """Read the application."""
        app = self.graph.get(state["id"])
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
            "owners": self.owners(state),
            "prevent_duplicate_names": bool(state["prevent_duplicate_names"]),
            "template_id": "",
        }

    def _body(self, planned: Json) -> Json:
        claims = ",".join(planned["group_membership_claims"] or []) or None
        return {**to_graph(self.root, planned), "groupMembershipClaims": claims}

    def _upload_logo(self, planned: Json) -> None:
        if planned["logo_image"]:
            self.graph.upload(f"{planned['id']}/logo", base64.b64decode(planned["logo_image"]))

    def _disable_roles(self, path: str, planned: list[Json]) -> None:
        """Disable the app roles that change or go: Graph refuses both for an enabled one."""
        roles: list[Json] = self.graph.send("GET", path)["appRoles"]
        by_id = {role["id"]: role for role in planned}
        outdated = [
            role for role in roles if role["id"] not in by_id or {**role, **by_id[role["id"]]} != role
        ]
        for role in outdated:
            role["isEnabled"] = False
        if outdated:
            self.graph.send("PATCH", path, {"appRoles": roles})


class ApplicationPassword(Resource):
    """azuread_application_password, a client secret; its ID is <application>/password/<key ID>."""

    id_form: ClassVar = None

    def create(self, planned: Json) -> None:
        """Add the password."""
        path = planned["application_id"]
        credential = {name: value for name, value in to_graph(self.root, planned).items() if value}
        for name in credential.keys() & {"startDateTime", "endDateTime"}:
            # As Go's time package prints it again: without fractions, Z for UTC.
            credential[name] = _FRACTION.sub("", credential[name]).replace("+00:00", "Z")
        made = self.graph.send("POST", f"{path}/addPassword", {"passwordCredential": credential})
        planned["id"] = f"{path.rpartition('/')[2]}/password/{made['keyId']}"
        planned["value"] = made["secretText"]

    def read(self, state: Json) -> Json | None:
        """Read the password; Graph never shows its value again."""
        application, key_id = _ids(state)
        app = self.graph.get(application) or {"passwordCredentials": []}
        for credential in app["passwordCredentials"]:
            if credential["keyId"] == key_id:
                return {**from_graph(self.root, credential), "application_id": application}
        return None

    def delete(self, state: Json) -> None:
        """Remove the password."""
        application, key_id = _ids(state)
        self.graph.send("POST", f"{application}/removePassword", {"keyId": key_id})


class FederatedCredential(Resource):
    """azuread_application_federated_identity_credential; Graph's path holds its ID in another form."""

    id_form: ClassVar = "<application>/federatedIdentityCredential/<credential>"

    def create(self, planned: Json) -> None:
        """Add the credential."""
        path = planned["application_id"]
        made = self.graph.send("POST", f"{path}/federatedIdentityCredentials", to_graph(self.root, planned))
        planned["id"] = f"{path.rpartition('/')[2]}/federatedIdentityCredential/{made['id']}"

    def update(self, prior: Json, planned: Json) -> None:
        """Change the credential."""
        body = to_graph(self.root, planned)
        del body["name"]
        self.graph.send("PATCH", _credential_path(prior), body)

    def read(self, state: Json) -> Json | None:
        """Read the credential."""
        credential = self.graph.get(_credential_path(state))
        return credential and {**from_graph(self.root, credential), "application_id": _ids(state)[0]}

    def delete(self, state: Json) -> None:
        """Remove the credential."""
        self.graph.send("DELETE", _credential_path(state))


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


def _ids(credential: Json) -> tuple[str, str]:
    application, _, key_id = credential["id"].split("/")
    return f"/applications/{application}", key_id


def _credential_path(credential: Json) -> str:
    application, key_id = _ids(credential)
    return f"{application}/federatedIdentityCredentials/{key_id}"
