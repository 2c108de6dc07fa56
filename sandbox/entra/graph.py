"""Microsoft Graph: the routes below /v1.0 and /beta that registering an application takes.

Both versions answer alike; the azuread provider reads a few properties from /beta. Every call needs a bearer
token with permissions for it.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TypeAlias
from uuid import uuid4

from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.entra import access_rules, application_rules, federated_credentials, resources
from sandbox.entra.directory import (
    Application,
    Assignment,
    Directory,
    Json,
    ServicePrincipal,
    existing,
    new_secret,
)
from sandbox.entra.documents import (
    application_document,
    assignment_document,
    grant_document,
    group_document,
    person_document,
    secret_document,
    service_principal_document,
)
from sandbox.entra.errors import GraphError, denied, invalid, invalid_token, not_found
from sandbox.entra.graph_permissions import check_permission
from sandbox.entra.odata import collection_of, select
from sandbox.entra.resources import changed
from sandbox.entra.tokens import Tokens
from sandbox.web.endpoints import Call, endpoint

Handler: TypeAlias = Callable[[Call], Json | None]
Documents: TypeAlias = Callable[[], Iterable[Json]]
Owned: TypeAlias = Application | ServicePrincipal


class Graph:
    """Microsoft Graph on the home tenant; the deployer has no rights in any other."""

    def __init__(self, directory: Directory, tokens: Tokens) -> None:
        self._directory = directory
        self._tokens = tokens

    def routes(self) -> list[BaseRoute]:
        """The routes of both versions."""
        return [Mount(version, routes=self._routes()) for version in ("/v1.0", "/beta")]

    def _routes(self) -> list[Route]:
        directory = self._directory
        service_principal = "/servicePrincipals/{id}"
        federated = "/applications/{id}/federatedIdentityCredentials"
        routes = [
            self._route("POST", "/applications", self._create_application),
            self._route("PATCH", "/applications/{id}", self._change_application),
            self._route("GET", federated, self._federated),
            self._route("POST", federated, self._federate),
            self._route("GET", f"{federated}/{{other}}", self._federated_credential),
            self._route("PATCH", f"{federated}/{{other}}", self._change_federated),
            self._route("DELETE", f"{federated}/{{other}}", self._unfederate),
            self._route("PUT", "/applications/{id}/logo", self._set_logo),
            self._route("POST", "/servicePrincipals", self._create_service_principal),
            self._route("PATCH", service_principal, self._change_service_principal),
            self._route("GET", f"{service_principal}/appRoleAssignedTo", self._assigned_to),
            self._route("POST", f"{service_principal}/appRoleAssignedTo", self._assign),
            self._route("GET", f"{service_principal}/appRoleAssignedTo/{{other}}", self._assignment),
            self._route("DELETE", f"{service_principal}/appRoleAssignedTo/{{other}}", self._unassign),
            self._route("GET", f"{service_principal}/appRoleAssignments", self._assigned),
            self._route("POST", f"{service_principal}/appRoleAssignments", self._assign_to),
            self._route("DELETE", f"{service_principal}/appRoleAssignments/{{other}}", self._unassign),
            self._route("GET", f"{service_principal}/oauth2PermissionGrants", self._grants_of),
            self._route("POST", "/oauth2PermissionGrants", self._consent),
            self._route("PATCH", "/oauth2PermissionGrants/{id}", self._change_grant),
            self._route("DELETE", "/oauth2PermissionGrants/{id}", self._revoke),
            self._route("POST", "/directoryObjects/getByIds", self._by_ids, status=200),
            self._route("GET", "/users/{id}/manager", self._manager),
            self._route("GET", "/groups/{id}/members", self._members),
            self._route("GET", "/groups/{id}/transitiveMembers", self._members),
            self._route("GET", "/groups/{id}/owners", self._group_owners),
        ]
        documents: dict[str, Documents] = {
            "applications": lambda: map(application_document, directory.applications.values()),
            "servicePrincipals": lambda: (
                service_principal_document(one, directory) for one in directory.service_principals.values()
            ),
            "oauth2PermissionGrants": lambda: map(grant_document, directory.grants.values()),
            "users": lambda: map(person_document, directory.people.values()),
            "groups": lambda: map(group_document, directory.groups.values()),
        }
        self._documents = documents
        for collection, in_it in documents.items():
            routes += [
                self._route("GET", f"/{collection}", partial(self._list, collection, in_it)),
                self._route("GET", f"/{collection}/{{id}}", partial(self._show, in_it)),
            ]
        finders: dict[str, Callable[[str], Owned]] = {
            "applications": directory.application,
            "servicePrincipals": directory.service_principal,
        }
        for collection, find in finders.items():
            for action, handler, status in (
                ("addPassword", self._add_password, 200),
                ("removePassword", self._remove_password, None),
            ):
                route = f"/{collection}/{{id}}/{action}"
                routes.append(self._route("POST", route, partial(handler, find), status=status))
            path = f"/{collection}/{{id}}/owners"
            routes += [
                self._route("DELETE", f"/{collection}/{{id}}", partial(self._delete, find)),
                self._route("GET", path, partial(self._owners, find)),
                self._route("POST", f"{path}/$ref", partial(self._add_owner, find)),
                self._route("DELETE", f"{path}/{{other}}/$ref", partial(self._remove_owner, find)),
            ]
        return [*routes, self._route("*", "/{path:path}", self._unknown)]

    def _route(self, method: str, path: str, handler: Handler, *, status: int | None = None) -> Route:
        def answer(call: Call) -> Response:
            with self._directory.lock:
                claims = self._authorized(call.credentials("bearer"))
                if method != "*":
                    check_permission(method, path, claims, self._changed(path, call))
                document = handler(call)
            if document is None:
                return Response(status_code=204)
            return JSONResponse(document, status or (201 if method == "POST" else 200))

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] if method == "*" else [method]
        return Route(path, endpoint(answer), methods=methods)

    def _authorized(self, token: str | None) -> Json:
        if not token:
            raise invalid_token("Access token is empty.")
        claims = self._tokens.graph_claims(token)
        if claims is None or claims["tid"] != self._directory.tenant_id:
            raise invalid_token()
        return claims

    def _changed(self, path: str, call: Call) -> Owned | None:
        """The object of a path, if there is one."""
        owned: dict[str, Mapping[str, Owned]] = {
            "applications": self._directory.applications,
            "servicePrincipals": self._directory.service_principals,
        }
        return owned.get(path.split("/")[1], {}).get(call.path.get("id", ""))

    # Every collection

    def _list(self, collection: str, documents: Documents, call: Call) -> Json:
        return collection_of(list(documents()), call.query, collection)

    def _show(self, documents: Documents, call: Call) -> Json:
        ids = {call.path["id"], call.path["id"].casefold()}
        for document in documents():
            if ids & {document["id"], document.get("userPrincipalName", "").casefold()}:
                return select(document, call.query)
        raise not_found(call.path["id"])

    def _by_ids(self, call: Call) -> Json:
        """Those of some objects that there are (graph/api/directoryobject-getbyids)."""
        ids = _json(call).get("ids")
        if not isinstance(ids, list):
            raise invalid("A value is required for parameter 'ids'.")
        kinds = ("users", "groups", "servicePrincipals", "applications")
        return {"value": [one for kind in kinds for one in self._documents[kind]() if one["id"] in ids]}

    def _unknown(self, call: Call) -> Json:
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{call.path['path']}'.")

    # Applications

    def _create_application(self, call: Call) -> Json:
        properties = _json(call)
        owners = self._bound_owners(properties)
        body = changed(resources.Application, {}, properties)
        application_rules.check_application(body, {})
        application = Application(body, owners=owners)
        self._directory.add(application)
        return application_document(application)

    def _change_application(self, call: Call) -> None:
        application = self._directory.application(call.path["id"])
        body = changed(resources.Application, application.body, _json(call))
        application_rules.check_application(body, application.body, len(application.secrets))
        application.body = body

    def _set_logo(self, call: Call) -> None:
        """Take a picture (graph/api/resources/application: logo)."""
        application = self._directory.application(call.path["id"])
        application.logo = application_rules.check_logo(call.body)

    def _delete(self, find: Callable[[str], Owned], call: Call) -> None:
        owned = find(call.path["id"])
        if owned.built_in:
            raise denied()
        self._directory.remove(owned)

    def _add_password(self, find: Callable[[str], Owned], call: Call) -> Json:
        owner = find(call.path["id"])
        credential = _json(call).get("passwordCredential") or {}
        if not isinstance(credential, dict) or not isinstance(credential.get("displayName"), str | None):
            raise invalid("Invalid property 'passwordCredential'.")
        start, end = application_rules.secret_period(credential, datetime.now(UTC))
        if isinstance(owner, Application):
            application_rules.check_secret_count(owner)
        secret, value = new_secret(credential.get("displayName"), start, end)
        owner.secrets.append(secret)
        return secret_document(secret, value)

    def _remove_password(self, find: Callable[[str], Owned], call: Call) -> None:
        owner = find(call.path["id"])
        key_id = _json(call).get("keyId")
        kept = [secret for secret in owner.secrets if secret.key_id != key_id]
        if len(kept) == len(owner.secrets):
            raise invalid("No password credential found with keyId.")
        owner.secrets = kept

    def _federated(self, call: Call) -> Json:
        return {"value": self._directory.application(call.path["id"]).federated}

    def _federate(self, call: Call) -> Json:
        application = self._directory.application(call.path["id"])
        credential = federated_credentials.checked({"id": str(uuid4())}, _json(call), application)
        application.federated.append(credential)
        return credential

    def _federated_credential(self, call: Call) -> Json:
        credentials = self._directory.application(call.path["id"]).federated
        return existing({one["id"]: one for one in credentials}, call.path["other"])

    def _change_federated(self, call: Call) -> None:
        application = self._directory.application(call.path["id"])
        before = self._federated_credential(call)
        after = federated_credentials.checked(before, _json(call), application)
        application.federated[application.federated.index(before)] = after

    def _unfederate(self, call: Call) -> None:
        application = self._directory.application(call.path["id"])
        application.federated.remove(self._federated_credential(call))

    # Service principals

    def _create_service_principal(self, call: Call) -> Json:
        properties = _json(call)
        app_id = str(properties.pop("appId", ""))
        application = access_rules.new_service_principals_application(app_id, self._directory)
        owners = self._bound_owners(properties)
        body = changed(resources.ServicePrincipal, {}, properties)
        service_principal = ServicePrincipal(application, body, owners=owners)
        self._directory.add(service_principal)
        return service_principal_document(service_principal, self._directory)

    def _change_service_principal(self, call: Call) -> None:
        service_principal = self._directory.service_principal(call.path["id"])
        service_principal.body = changed(resources.ServicePrincipal, service_principal.body, _json(call))

    # Owners

    def _owners(self, find: Callable[[str], Owned], call: Call) -> Json:
        return self._references(find(call.path["id"]).owners)

    def _add_owner(self, find: Callable[[str], Owned], call: Call) -> None:
        owners = find(call.path["id"]).owners
        owner = self._bound_owner(_json(call).get("@odata.id"))
        if owner in owners:
            raise invalid(
                "One or more added object references already exist for the following modified"
                " properties: 'owners'."
            )
        owners.append(owner)

    def _remove_owner(self, find: Callable[[str], Owned], call: Call) -> None:
        owners = find(call.path["id"]).owners
        if call.path["other"] not in owners:
            raise not_found(call.path["other"])
        owners.remove(call.path["other"])

    def _bound_owners(self, properties: Json) -> list[str]:
        urls = properties.get("owners@odata.bind") or []
        if not isinstance(urls, list):
            raise invalid("Invalid property 'owners@odata.bind'.")
        return list(dict.fromkeys(self._bound_owner(url) for url in urls))

    def _bound_owner(self, url: object) -> str:
        return access_rules.check_owner(str(url).rsplit("/", 1)[-1], self._directory)

    def _references(self, object_ids: Iterable[str]) -> Json:
        def kind(object_id: str) -> str:
            return "user" if object_id in self._directory.people else "servicePrincipal"

        return {"value": [{"@odata.type": f"#microsoft.graph.{kind(one)}", "id": one} for one in object_ids]}

    # Consent and assignments

    def _consent(self, call: Call) -> Json:
        grant = access_rules.check_grant(_json(call), self._directory)
        self._directory.add(grant)
        return grant_document(grant)

    def _grants_of(self, call: Call) -> Json:
        client = self._directory.service_principal(call.path["id"])
        grants = self._directory.grants.values()
        return {"value": [grant_document(grant) for grant in grants if grant.client_id == client.id]}

    def _change_grant(self, call: Call) -> None:
        grant = existing(self._directory.grants, call.path["id"])
        grant.scope = access_rules.check_scope(_json(call).get("scope"))

    def _revoke(self, call: Call) -> None:
        del self._directory.grants[existing(self._directory.grants, call.path["id"]).id]

    def _assigned_to(self, call: Call) -> Json:
        return self._assignments(lambda one: one.resource_id, call)

    def _assigned(self, call: Call) -> Json:
        return self._assignments(lambda one: one.principal_id, call)

    def _assignments(self, party: Callable[[Assignment], str], call: Call) -> Json:
        of = self._directory.service_principal(call.path["id"]).id
        kept = [one for one in self._directory.assignments.values() if party(one) == of]
        return {"value": [assignment_document(one, self._directory) for one in kept]}

    def _assign(self, call: Call) -> Json:
        return self._assign_to(call, call.path["id"])

    def _assign_to(self, call: Call, resource_id: str | None = None) -> Json:
        self._directory.service_principal(call.path["id"])
        new = _json(call)
        resource = self._directory.service_principal(resource_id or str(new.get("resourceId")))
        assignment = access_rules.check_assignment(new, resource, self._directory)
        self._directory.add(assignment)
        return assignment_document(assignment, self._directory)

    def _assignment(self, call: Call) -> Json:
        self._directory.service_principal(call.path["id"])
        assignment = existing(self._directory.assignments, call.path["other"])
        return assignment_document(assignment, self._directory)

    def _unassign(self, call: Call) -> None:
        self._directory.service_principal(call.path["id"])
        del self._directory.assignments[existing(self._directory.assignments, call.path["other"]).id]

    # People and groups

    def _manager(self, call: Call) -> Json:
        raise not_found(f"{call.path['id']}/manager")

    def _members(self, call: Call) -> Json:
        return self._references(existing(self._directory.groups, call.path["id"]).members)

    def _group_owners(self, call: Call) -> Json:
        existing(self._directory.groups, call.path["id"])
        return {"value": []}


def _json(call: Call) -> Json:
    try:
        body = json.loads(call.body or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload.")
    return body
