"""The resources around a service principal: itself, permissions granted to it, and who is assigned to it."""

from typing import ClassVar

from sandbox.azuread_plugin.errors import ProviderError, import_hint
from sandbox.azuread_plugin.graph_objects import feature_tags, from_graph, ids_by_value, tags_of, to_graph
from sandbox.azuread_plugin.resource import Resource
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import Json


class ServicePrincipal(Resource):
    """azuread_service_principal."""

    id_form: ClassVar = "/servicePrincipals/<id>"

    def create(self, planned: Json) -> None:
        """Make the service principal.

        Raises:
            ProviderError: there is one already.
        """
        app_id = planned["client_id"]
        present = self.graph.list("/servicePrincipals", where=f"appId eq '{app_id}'")
        if present:
            raise ProviderError(
                f'A resource with the ID "{present[0]["id"]}" already exists',
                import_hint("azuread_service_principal"),
                ("id",),
            )
        owners = {"owners@odata.bind": self.owners_at_creation(planned)}
        tags = {"tags": tags_of(planned["feature_tags"])}
        made = self.graph.send("POST", "/servicePrincipals", {**self._body(planned), **owners, **tags})
        planned["id"] = f"/servicePrincipals/{made['id']}"
        self.update_owners(planned)

    def update(self, prior: Json, planned: Json) -> None:
        """Change the service principal."""
        body = self._body(planned)
        del body["appId"]
        # Otherwise the tags stay that are no features.
        if self.differs("feature_tags", prior, planned):
            body["tags"] = tags_of(planned["feature_tags"])
        self.graph.send("PATCH", prior["id"], body)
        if self.differs("owners", prior, planned):
            self.update_owners(planned)

    def read(self, state: Json) -> Json | None:
        """Read the service principal."""
        principal = self.graph.get(state["id"])
        if principal is None:
            return None
        return {**read_service_principal(self.root, principal), "owners": self.owners(state)}

    def _body(self, planned: Json) -> Json:
        sign_on = planned["saml_single_sign_on"]
        return {
            **to_graph(self.root, planned),
            "samlSingleSignOnSettings": {"relayState": sign_on[0]["relay_state"] or ""} if sign_on else {},
        }


class PermissionGrant(Resource):
    """azuread_service_principal_delegated_permission_grant: consent for everyone, or for one user."""

    id_form: ClassVar = "/oauth2PermissionGrants/<id>"

    def create(self, planned: Json) -> None:
        """Make the grant."""
        body = to_graph(self.root, planned)
        body["consentType"] = "Principal" if body["principalId"] else "AllPrincipals"
        made = self.graph.send("POST", "/oauth2PermissionGrants", {**body, **_scope(planned)})
        planned["id"] = f"/oauth2PermissionGrants/{made['id']}"

    def update(self, prior: Json, planned: Json) -> None:
        """Change the granted permissions."""
        self.graph.send("PATCH", prior["id"], _scope(planned))

    def read(self, state: Json) -> Json | None:
        """Read the grant."""
        grant = self.graph.get(state["id"])
        return grant and {**from_graph(self.root, grant), "claim_values": grant["scope"].split()}


class RoleAssignment(Resource):
    """azuread_app_role_assignment: who may use an application, and as what."""

    id_form: ClassVar = "/servicePrincipals/<id>/appRoleAssignedTo/<assignment>"

    def create(self, planned: Json) -> None:
        """Make the assignment."""
        body = to_graph(self.root, planned)
        path = f"/servicePrincipals/{body['resourceId']}/appRoleAssignedTo"
        planned["id"] = f"{path}/{self.graph.send('POST', path, body)['id']}"

    def read(self, state: Json) -> Json | None:
        """Read the assignment."""
        assignment = self.graph.get(state["id"])
        return assignment and from_graph(self.root, assignment)


def read_service_principal(root: Node, principal: Json) -> Json:
    """A service principal as the resource and the data source show it."""
    (tags,) = feature_tags(principal["tags"])
    app_id = principal["appId"]
    return {
        **from_graph(root, principal),
        "app_role_ids": ids_by_value(principal["appRoles"]),
        "feature_tags": [tags],
        # The block's former name and form.
        "features": [
            {
                "custom_single_sign_on_app": tags["custom_single_sign_on"],
                "enterprise_application": tags["enterprise"],
                "gallery_application": tags["gallery"],
                "visible_to_users": not tags["hide"],
            }
        ],
        "oauth2_permission_scope_ids": ids_by_value(principal["oauth2PermissionScopes"]),
        "service_principal_names": [name for name in principal["servicePrincipalNames"] if name != app_id],
    }


def _scope(planned: Json) -> Json:
    return {"scope": " ".join(planned["claim_values"])}
