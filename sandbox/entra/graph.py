"""Microsoft Graph: the routes below /v1.0 and /beta that registering an application takes.

Both versions answer alike; the azuread provider reads a few properties from /beta. Every call needs the
deployer's bearer token.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from sandbox.entra import access_rules, application_rules
from sandbox.entra.directory import Application, Directory, Json, ServicePrincipal
from sandbox.entra.documents import (
    application_body,
    application_document,
    assignment_document,
    grant_document,
    secret_document,
    service_principal_body,
    service_principal_document,
)
from sandbox.entra.errors import GraphError, denied, invalid, not_found
from sandbox.entra.odata import collection_of, select
from sandbox.entra.tokens import Tokens

DEPLOYER_ROLE = "Directory.ReadWrite.All"
"""The application permission with which all of this may be done; the deployer has it."""


@dataclass(frozen=True)
class Call:
    """One request: the ids in its path, its query and its JSON body."""

    ids: dict[str, str]
    query: QueryParams
    body: Json


Kept = TypeVar("Kept")
Answer: TypeAlias = Json | None
Handler: TypeAlias = Callable[[Call], Answer]


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
        routes = [
            self._route("POST", "/applications", self._create_application),
            self._route("PATCH", "/applications/{id}", self._change_application),
            self._route("DELETE", "/applications/{id}", self._delete_application),
            self._route("POST", "/applications/{id}/addPassword", self._add_password, status=200),
            self._route("POST", "/applications/{id}/removePassword", self._remove_password),
            self._route("POST", "/servicePrincipals", self._create_service_principal),
            self._route("PATCH", "/servicePrincipals/{id}", self._change_service_principal),
            self._route("DELETE", "/servicePrincipals/{id}", self._delete_service_principal),
            self._route("GET", "/servicePrincipals/{id}/appRoleAssignedTo", self._assignments),
            self._route("POST", "/servicePrincipals/{id}/appRoleAssignedTo", self._assign),
            self._route("GET", "/servicePrincipals/{id}/appRoleAssignedTo/{other}", self._assignment),
            self._route("DELETE", "/servicePrincipals/{id}/appRoleAssignedTo/{other}", self._unassign),
            self._route("GET", "/servicePrincipals/{id}/oauth2PermissionGrants", self._grants_of),
            self._route("POST", "/oauth2PermissionGrants", self._consent),
            self._route("GET", "/oauth2PermissionGrants/{id}", self._grant),
            self._route("PATCH", "/oauth2PermissionGrants/{id}", self._change_grant),
            self._route("DELETE", "/oauth2PermissionGrants/{id}", self._revoke),
            self._route("GET", "/users/{id}/manager", self._manager),
            self._route("GET", "/groups/{id}/members", self._members),
            self._route("GET", "/groups/{id}/transitiveMembers", self._members),
            self._route("GET", "/groups/{id}/owners", self._group_owners),
            *self._readable(
                "applications", lambda: map(application_document, directory.applications.values())
            ),
            *self._readable(
                "servicePrincipals",
                lambda: (
                    service_principal_document(sp, directory) for sp in directory.service_principals.values()
                ),
            ),
            *self._readable("users", lambda: (person.document() for person in directory.people.values())),
            *self._readable("groups", lambda: (group.document() for group in directory.groups.values())),
            self._route(
                "GET",
                "/oauth2PermissionGrants",
                lambda call: collection_of(
                    [grant_document(grant) for grant in directory.grants.values()],
                    call.query,
                    "oauth2PermissionGrants",
                ),
            ),
        ]
        for collection in ("applications", "servicePrincipals"):
            routes += [
                self._route("GET", f"/{collection}/{{id}}/owners", self._owners(collection)),
                self._route(
                    "POST", f"/{collection}/{{id}}/owners/$ref", self._add_owner(collection), status=204
                ),
                self._route(
                    "DELETE", f"/{collection}/{{id}}/owners/{{other}}/$ref", self._drop_owner(collection)
                ),
            ]
        return [*routes, self._route("*", "/{path:path}", self._unknown)]

    def _route(self, method: str, path: str, handler: Handler, *, status: int | None = None) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                self._authorize(request.headers.get("Authorization", ""))
                body = await _json(request) if method in {"POST", "PATCH"} else {}
                with self._directory.lock:
                    answer = handler(Call(request.path_params, request.query_params, body))
            except GraphError as error:
                return JSONResponse(error.document(), error.status)
            if answer is None:
                return Response(status_code=204)
            return JSONResponse(answer, status or (201 if method == "POST" else 200))

        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] if method == "*" else [method]
        return Route(path, endpoint, methods=methods)

    def _authorize(self, header: str) -> None:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
        claims = self._tokens.graph_claims(token)
        if claims is None or claims["tid"] != self._directory.tenant_id:
            raise GraphError(401, "InvalidAuthenticationToken", "Access token validation failure.")
        if DEPLOYER_ROLE not in claims.get("roles", []):
            raise denied()

    def _readable(self, collection: str, documents: Callable[[], Iterable[Json]]) -> list[Route]:
        def every(call: Call) -> Answer:
            return collection_of(list(documents()), call.query, collection)

        def one(call: Call) -> Answer:
            wanted = call.ids["id"].casefold()
            for document in documents():
                if wanted in {document["id"], document.get("userPrincipalName", "").casefold()}:
                    return select(document, call.query)
            raise not_found(call.ids["id"])

        return [self._route("GET", f"/{collection}", every), self._route("GET", f"/{collection}/{{id}}", one)]

    def _unknown(self, call: Call) -> Answer:
        raise GraphError(400, "BadRequest", f"Resource not found for the segment '{call.ids['path']}'.")

    # Applications

    def _create_application(self, call: Call) -> Answer:
        owners = self._bound_owners(call.body)
        body = application_body(None, call.body)
        application_rules.check_application(body, None)
        application = Application(body, owners=owners)
        self._directory.add(application)
        return application_document(application)

    def _change_application(self, call: Call) -> Answer:
        application = self._directory.application(call.ids["id"])
        body = application_body(application.body, call.body)
        application_rules.check_application(body, application.body, len(application.secrets))
        application.body = body
        return None

    def _delete_application(self, call: Call) -> Answer:
        application = self._directory.application(call.ids["id"])
        if application.built_in:
            raise denied()
        self._directory.remove_application(application)
        return None

    def _add_password(self, call: Call) -> Answer:
        application = self._directory.application(call.ids["id"])
        credential = call.body.get("passwordCredential") or {}
        if not isinstance(credential, dict) or not isinstance(credential.get("displayName"), str | None):
            raise invalid("Invalid property 'passwordCredential'.")
        start, end = application_rules.secret_period(credential, datetime.now(UTC))
        application_rules.check_secret_count(application)
        secret, value = application.add_secret(credential.get("displayName"), start, end)
        return secret_document(secret, value)

    def _remove_password(self, call: Call) -> Answer:
        application = self._directory.application(call.ids["id"])
        kept = [secret for secret in application.secrets if secret.key_id != call.body.get("keyId")]
        if len(kept) == len(application.secrets):
            raise invalid("No password credential found with keyId.")
        application.secrets = kept
        return None

    # Service principals

    def _create_service_principal(self, call: Call) -> Answer:
        app_id = str(call.body.pop("appId", ""))
        application = self._directory.application_of(app_id)
        if self._directory.service_principal_of(app_id) is not None:
            raise access_rules.taken_service_principal(app_id)
        if application is None:
            raise invalid(
                f"The appId '{app_id}' of the service principal does not reference a valid application"
                " object."
            )
        owners = self._bound_owners(call.body)
        body = service_principal_body(None, call.body)
        access_rules.check_service_principal(body)
        service_principal = ServicePrincipal(application, body, owners=owners)
        self._directory.add(service_principal)
        return service_principal_document(service_principal, self._directory)

    def _change_service_principal(self, call: Call) -> Answer:
        service_principal = self._directory.service_principal(call.ids["id"])
        body = service_principal_body(service_principal.body, call.body)
        access_rules.check_service_principal(body)
        service_principal.body = body
        return None

    def _delete_service_principal(self, call: Call) -> Answer:
        service_principal = self._directory.service_principal(call.ids["id"])
        if service_principal.built_in:
            raise denied()
        self._directory.remove_service_principal(service_principal)
        return None

    # Owners

    def _owned(self, collection: str, object_id: str) -> Application | ServicePrincipal:
        if collection == "applications":
            return self._directory.application(object_id)
        return self._directory.service_principal(object_id)

    def _owners(self, collection: str) -> Handler:
        return lambda call: {
            "value": [self._reference(oid) for oid in self._owned(collection, call.ids["id"]).owners]
        }

    def _add_owner(self, collection: str) -> Handler:
        def add(call: Call) -> Answer:
            owners = self._owned(collection, call.ids["id"]).owners
            owner = self._bound_owner(call.body.get("@odata.id"))
            if owner in owners:
                raise invalid(
                    "One or more added object references already exist for the following modified"
                    " properties: 'owners'."
                )
            owners.append(owner)
            return None

        return add

    def _drop_owner(self, collection: str) -> Handler:
        def drop(call: Call) -> Answer:
            owners = self._owned(collection, call.ids["id"]).owners
            if call.ids["other"] not in owners:
                raise not_found(call.ids["other"])
            owners.remove(call.ids["other"])
            return None

        return drop

    def _bound_owners(self, body: Json) -> list[str]:
        urls = body.get("owners@odata.bind") or []
        if not isinstance(urls, list):
            raise invalid("Invalid property 'owners@odata.bind'.")
        return list(dict.fromkeys(self._bound_owner(url) for url in urls))

    def _bound_owner(self, url: object) -> str:
        return access_rules.check_owner(str(url).rsplit("/", 1)[-1], self._directory)

    def _reference(self, object_id: str) -> Json:
        is_person = object_id in self._directory.people
        return {
            "@odata.type": f"#microsoft.graph.{'user' if is_person else 'servicePrincipal'}",
            "id": object_id,
        }

    # Consent and assignments

    def _consent(self, call: Call) -> Answer:
        grant = access_rules.check_grant(call.body, self._directory)
        self._directory.add(grant)
        return grant_document(grant)

    def _grant(self, call: Call) -> Answer:
        return grant_document(_known(self._directory.grants, call.ids["id"]))

    def _grants_of(self, call: Call) -> Answer:
        client = self._directory.service_principal(call.ids["id"])
        grants = self._directory.grants.values()
        return {"value": [grant_document(grant) for grant in grants if grant.client_id == client.id]}

    def _change_grant(self, call: Call) -> Answer:
        _known(self._directory.grants, call.ids["id"]).scope = access_rules.scope_words(
            call.body.get("scope")
        )
        return None

    def _revoke(self, call: Call) -> Answer:
        del self._directory.grants[_known(self._directory.grants, call.ids["id"]).id]
        return None

    def _assignments(self, call: Call) -> Answer:
        resource = self._directory.service_principal(call.ids["id"])
        return {
            "value": [
                assignment_document(assignment, self._directory)
                for assignment in self._directory.assignments.values()
                if assignment.resource_id == resource.id
            ]
        }

    def _assign(self, call: Call) -> Answer:
        resource = self._directory.service_principal(call.ids["id"])
        assignment = access_rules.check_assignment(call.body, resource, self._directory)
        self._directory.add(assignment)
        return assignment_document(assignment, self._directory)

    def _assignment(self, call: Call) -> Answer:
        self._directory.service_principal(call.ids["id"])
        return assignment_document(_known(self._directory.assignments, call.ids["other"]), self._directory)

    def _unassign(self, call: Call) -> Answer:
        self._directory.service_principal(call.ids["id"])
        del self._directory.assignments[_known(self._directory.assignments, call.ids["other"]).id]
        return None

    # People and groups

    def _manager(self, call: Call) -> Answer:
        raise not_found(f"{call.ids['id']}/manager")

    def _members(self, call: Call) -> Answer:
        group = _known(self._directory.groups, call.ids["id"])
        return {"value": [self._reference(oid) for oid in group.members]}

    def _group_owners(self, call: Call) -> Answer:
        _known(self._directory.groups, call.ids["id"])
        return {"value": []}


def _known(things: dict[str, Kept], identifier: str) -> Kept:
    try:
        return things[identifier]
    except KeyError:
        raise not_found(identifier) from None


async def _json(request: Request) -> Json:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise GraphError(400, "BadRequest", "Unable to read JSON request payload.")
    return body
