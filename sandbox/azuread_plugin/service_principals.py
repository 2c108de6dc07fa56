"""The resources around a service principal: itself, permissions granted to it, and who is assigned to it."""

import re
from http import HTTPStatus
from typing import ClassVar
from uuid import uuid4

from sandbox.azuread_plugin.documents import (
    app_roles,
    feature_tags,
    ids_by_value,
    old_features,
    permission_scopes,
    tags_of,
)
from sandbox.azuread_plugin.graph_client import Graph, GraphError
from sandbox.azuread_plugin.owners import (
    first_owners,
    read_owners,
    settle_owners,
    settle_owners_after_creation,
)
from sandbox.azuread_plugin.problems import ProblemError, already_there
from sandbox.azuread_plugin.resources import Change, Resource, delete_and_confirm, get_or_none
from sandbox.azuread_plugin.wire import Json

_TYPE = {"@odata.type": "#microsoft.graph.servicePrincipal"}


class ServicePrincipal(Resource):
    """azuread_service_principal."""

    id_form: ClassVar = re.compile(r"/servicePrincipals/[^/]+")
    id_example: ClassVar = "/servicePrincipals/00000000-0000-0000-0000-000000000000"

    def create(self, change: Change) -> None:
        """Make the service principal, or take over the present one if `use_existing` is set.

        Raises:
            ProblemError: there is one already.
        """
        client_id = change.planned["client_id"]
        present = self.graph.list("/servicePrincipals", where=f"appId eq '{client_id}'")
        if present and change.planned["use_existing"]:
            change.id = f"/servicePrincipals/{present[0]['id']}"
            self.update(change)
            return
        if present:
            raise already_there(
                "azuread_service_principal", f'A resource with the ID "{present[0]["id"]}" already exists'
            )
        bind, left_over = first_owners(self.graph, change.items("owners"))
        body = {
            **_properties(change),
            "appId": client_id,
            # Set to its real value once it exists, as the real provider probes for a replicated object.
            "description": f"TERRAFORM_UPDATE_{uuid4()}",
            "owners@odata.bind": bind,
        }
        made = self.graph.send("POST", "/servicePrincipals", body, again=_application_missing)
        change.id = f"/servicePrincipals/{made['id']}"
        self.graph.send("PATCH", change.id, {**_TYPE, "description": change.text("description")})
        settle_owners_after_creation(self.graph, change.id, change.items("owners"), left_over)

    def update(self, change: Change) -> None:
        """Change the service principal."""
        self.graph.send("PATCH", change.id, _properties(change))
        if change.changes("owners"):
            settle_owners(self.graph, change.id, change.items("owners"))

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the service principal.

        Returns:
            its attributes, None if it is gone.
        """
        del state
        principal = get_or_none(self.graph, object_id)
        if principal is None:
            return None
        return {
            **read_principal(self.graph, principal),
            "owners": read_owners(self.graph, object_id),
        }

    def delete(self, object_id: str, state: Json) -> None:
        """Delete the service principal; of a taken-over one errors do not matter, as in the real provider.

        Raises:
            GraphError: Graph refused.
        """
        try:
            delete_and_confirm(self.graph, object_id)
        except GraphError:
            if not state.get("use_existing"):
                raise


class PermissionGrant(Resource):
    """azuread_service_principal_delegated_permission_grant: consent for everyone, or for one user."""

    id_form: ClassVar = re.compile(r"/oauth2PermissionGrants/[^/]+")
    id_example: ClassVar = "/oauth2PermissionGrants/aaBBcDDeFG6h5JKLMN2PQrrssTTUUvWWxxxxxyyyzzz"

    def create(self, change: Change) -> None:
        """Make the grant."""
        client = change.planned["service_principal_object_id"]
        resource = change.planned["resource_service_principal_object_id"]
        user = change.text("user_object_id")
        _require_principal(self.graph, client, "service_principal_object_id")
        _require_principal(self.graph, resource, "resource_service_principal_object_id")
        body = {
            "@odata.type": "#microsoft.graph.oAuth2PermissionGrant",
            "clientId": client,
            "consentType": "Principal" if user else "AllPrincipals",
            "resourceId": resource,
            "scope": " ".join(change.items("claim_values")),
        }
        if user:
            body["principalId"] = user
        made = self.graph.send("POST", "/oauth2PermissionGrants", body, again=_reference_missing)
        change.id = f"/oauth2PermissionGrants/{made['id']}"

    def update(self, change: Change) -> None:
        """Change the granted permissions."""
        body = {
            "@odata.type": "#microsoft.graph.oAuth2PermissionGrant",
            "scope": " ".join(change.items("claim_values")),
        }
        self.graph.send("PATCH", change.id, body)

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the grant.

        Returns:
            its attributes, None if it is gone.
        """
        del state
        grant = get_or_none(self.graph, object_id)
        return grant and {
            "claim_values": (grant.get("scope") or "").split(),
            "resource_service_principal_object_id": grant.get("resourceId") or "",
            "service_principal_object_id": grant.get("clientId") or "",
            "user_object_id": grant.get("principalId") or "",
        }

    def delete(self, object_id: str, state: Json) -> None:
        """Delete the grant."""
        del state
        self.graph.send("DELETE", object_id)


class RoleAssignment(Resource):
    """azuread_app_role_assignment: who may use an application, and as what."""

    id_form: ClassVar = re.compile(r"/servicePrincipals/[^/]+/appRoleAssignedTo/[^/]+")
    id_example: ClassVar = (
        "/servicePrincipals/00000000-0000-0000-0000-000000000000/appRoleAssignedTo/"
        "aaBBcDDeFG6h5JKLMN2PQrrssTTUUvWWxxxxxyyyzzz"
    )

    def create(self, change: Change) -> None:
        """Make the assignment."""
        resource = change.planned["resource_object_id"]
        _require_principal(self.graph, resource, "resource_object_id")
        body = {
            "@odata.type": "#microsoft.graph.appRoleAssignment",
            "appRoleId": change.planned["app_role_id"],
            "principalId": change.planned["principal_object_id"],
            "resourceId": resource,
        }
        path = f"/servicePrincipals/{resource}/appRoleAssignedTo"
        made = self.graph.send("POST", path, body, again=_reference_missing)
        change.id = f"/servicePrincipals/{made['resourceId']}/appRoleAssignedTo/{made['id']}"

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the assignment.

        Returns:
            its attributes, None if it is gone.
        """
        del state
        assignment = get_or_none(self.graph, object_id)
        return assignment and {
            "app_role_id": assignment.get("appRoleId") or "",
            "principal_display_name": assignment.get("principalDisplayName") or "",
            "principal_object_id": assignment.get("principalId") or "",
            "principal_type": assignment.get("principalType") or "",
            "resource_display_name": assignment.get("resourceDisplayName") or "",
            "resource_object_id": assignment.get("resourceId") or "",
        }

    def delete(self, object_id: str, state: Json) -> None:
        """Delete the assignment."""
        del state
        self.graph.send("DELETE", object_id)


def read_principal(graph: Graph, principal: Json) -> Json:
    """A service principal as the resource and the data source show it."""
    path = f"/servicePrincipals/{principal['id']}"
    beta = graph.get(path, version="beta", select=("samlMetadataUrl",))
    roles, scopes = principal.get("appRoles") or [], principal.get("oauth2PermissionScopes") or []
    app_id, tags = principal.get("appId") or "", principal.get("tags") or []
    saml = principal.get("samlSingleSignOnSettings")
    return {
        "account_enabled": bool(principal.get("accountEnabled")),
        "alternative_names": principal.get("alternativeNames") or [],
        "app_role_assignment_required": bool(principal.get("appRoleAssignmentRequired")),
        "app_role_ids": ids_by_value(roles),
        "app_roles": app_roles(roles),
        "application_tenant_id": principal.get("appOwnerOrganizationId") or "",
        "client_id": app_id,
        "description": principal.get("description") or "",
        "display_name": principal.get("displayName") or "",
        "feature_tags": feature_tags(tags),
        "features": old_features(tags),
        "homepage_url": principal.get("homepage") or "",
        "login_url": principal.get("loginUrl") or "",
        "logout_url": principal.get("logoutUrl") or "",
        "notes": principal.get("notes") or "",
        "notification_email_addresses": principal.get("notificationEmailAddresses") or [],
        "oauth2_permission_scope_ids": ids_by_value(scopes),
        "oauth2_permission_scopes": permission_scopes(scopes),
        "object_id": principal["id"],
        "preferred_single_sign_on_mode": principal.get("preferredSingleSignOnMode") or "",
        "redirect_uris": principal.get("replyUrls") or [],
        "saml_metadata_url": beta.get("samlMetadataUrl") or "",
        "saml_single_sign_on": [] if saml is None else [{"relay_state": saml.get("relayState") or ""}],
        "service_principal_names": [
            name for name in principal.get("servicePrincipalNames") or [] if name.lower() != app_id.lower()
        ],
        "sign_in_audience": principal.get("signInAudience") or "",
        "tags": tags,
        "type": principal.get("servicePrincipalType") or "",
    }


def _properties(change: Change) -> Json:
    planned = change.planned
    saml = change.items("saml_single_sign_on")
    return {
        **_TYPE,
        "accountEnabled": bool(planned["account_enabled"]),
        "alternativeNames": change.items("alternative_names"),
        "appRoleAssignmentRequired": bool(planned["app_role_assignment_required"]),
        "description": change.text("description"),
        "loginUrl": change.text("login_url"),
        "notes": change.text("notes"),
        "notificationEmailAddresses": change.items("notification_email_addresses"),
        "preferredSingleSignOnMode": change.text("preferred_single_sign_on_mode"),
        "samlSingleSignOnSettings": {"relayState": saml[0]["relay_state"] or ""} if saml else {},
        "tags": tags_of(change),
    }


def _require_principal(graph: Graph, object_id: str, attribute: str) -> None:
    if get_or_none(graph, f"/servicePrincipals/{object_id}") is None:
        raise ProblemError(
            f'Service principal not found (Object ID: "{object_id}")',
            f"`{attribute}` must be the object ID of a service principal of this tenant.",
            (attribute,),
        )


def _application_missing(error: GraphError) -> bool:
    if error.status == HTTPStatus.BAD_REQUEST:
        pattern = "The appId '.+' of the service principal does not reference a valid application object"
        return re.search(pattern, error.error) is not None
    return (
        error.status == HTTPStatus.FORBIDDEN
        and "When using this permission, the backing application" in error.error
    )


def _reference_missing(error: GraphError) -> bool:
    return error.not_found or (
        error.status == HTTPStatus.BAD_REQUEST
        and (
            "does not exist or one of its queried reference-property objects are not present" in error.error
            or "Not a valid reference update" in error.error
        )
    )
