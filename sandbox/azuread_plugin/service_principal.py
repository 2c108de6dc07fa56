"""The resources around a service principal: itself, permissions granted to it, and who is assigned to it."""

from sandbox.azuread_plugin.errors import ProviderError, import_hint
from sandbox.azuread_plugin.graph_objects import feature_tags, from_graph, ids_by_value, to_graph
from sandbox.azuread_plugin.resource import Change, Resource, owners_at_creation, read_owners, update_owners
from sandbox.azuread_plugin.schema import Node
from sandbox.azuread_plugin.wire import Json


class ServicePrincipal(Resource):
    """azuread_service_principal."""

    def create(self, change: Change) -> None:
        """Make the service principal.

        Raises:
            ProviderError: there is one already.
        """
        owners, client_id = change.items("owners"), change.planned["client_id"]
        for present in self.graph.list("/servicePrincipals", where=f"appId eq '{client_id}'"):
            raise ProviderError(
                f'A resource with the ID "{present["id"]}" already exists',
                import_hint("azuread_service_principal"),
                ("id",),
            )
        body = {
            **self._body(change),
            "appId": client_id,
            "owners@odata.bind": owners_at_creation(self.graph, owners),
        }
        made = self.graph.send("POST", "/servicePrincipals", body)
        change.planned["id"] = f"/servicePrincipals/{made['id']}"
        update_owners(self.graph, change.id, owners)

    def update(self, change: Change) -> None:
        """Change the service principal."""
        self.graph.send("PATCH", change.id, self._body(change))
        if change.changes("owners"):
            update_owners(self.graph, change.id, change.items("owners"))

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the service principal."""
        del state
        principal = self.graph.get(object_id)
        return principal and {
            **read_service_principal(self.root, principal),
            "owners": read_owners(self.graph, object_id),
        }

    def _body(self, change: Change) -> Json:
        body = to_graph(self.root, change.planned)
        del body["appId"]
        sign_on = change.items("saml_single_sign_on")
        return {
            **body,
            "@odata.type": "#microsoft.graph.servicePrincipal",
            "samlSingleSignOnSettings": {"relayState": sign_on[0]["relay_state"] or ""} if sign_on else {},
        }


class PermissionGrant(Resource):
    """azuread_service_principal_delegated_permission_grant: consent for everyone, or for one user."""

    def create(self, change: Change) -> None:
        """Make the grant."""
        body = to_graph(self.root, change.planned)
        body["consentType"] = "Principal" if body["principalId"] else "AllPrincipals"
        made = self.graph.send("POST", "/oauth2PermissionGrants", {**body, **_scope(change)})
        change.planned["id"] = f"/oauth2PermissionGrants/{made['id']}"

    def update(self, change: Change) -> None:
        """Change the granted permissions."""
        self.graph.send("PATCH", change.id, _scope(change))

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the grant."""
        del state
        grant = self.graph.get(object_id)
        return grant and {**from_graph(self.root, grant), "claim_values": (grant.get("scope") or "").split()}


class RoleAssignment(Resource):
    """azuread_app_role_assignment: who may use an application, and as what."""

    def create(self, change: Change) -> None:
        """Make the assignment."""
        body = to_graph(self.root, change.planned)
        path = f"/servicePrincipals/{body['resourceId']}/appRoleAssignedTo"
        change.planned["id"] = f"{path}/{self.graph.send('POST', path, body)['id']}"

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the assignment."""
        del state
        assignment = self.graph.get(object_id)
        return assignment and from_graph(self.root, assignment)


def read_service_principal(root: Node, principal: Json) -> Json:
    """A service principal as the resource and the data source show it."""
    tags = feature_tags(principal.get("tags"))
    (features,) = tags
    app_id = principal["appId"]
    return {
        **from_graph(root, principal),
        "app_role_ids": ids_by_value(principal.get("appRoles")),
        "feature_tags": tags,
        # The block's former name and form.
        "features": [
            {
                "custom_single_sign_on_app": features["custom_single_sign_on"],
                "enterprise_application": features["enterprise"],
                "gallery_application": features["gallery"],
                "visible_to_users": not features["hide"],
            }
        ],
        "oauth2_permission_scope_ids": ids_by_value(principal.get("oauth2PermissionScopes")),
        "service_principal_names": [
            name for name in principal.get("servicePrincipalNames") or [] if name != app_id
        ],
    }


def _scope(change: Change) -> Json:
    return {
        "@odata.type": "#microsoft.graph.oAuth2PermissionGrant",
        "scope": " ".join(change.items("claim_values")),
    }
