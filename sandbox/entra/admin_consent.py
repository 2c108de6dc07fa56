"""Admin consent: an administrator of a tenant lets everybody there use an application.

Sources: learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent ("Construct the URL for
granting tenant-wide admin consent"), entra/identity-platform/v2-admin-consent for the answers, and
entra/identity/enterprise-apps/application-sign-in-unexpected-user-consent-error for AADSTS90094.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.entra import pages
from sandbox.entra.accounts import Accounts
from sandbox.entra.authorize_request import CognitoAt, Reply, check_redirect_uri
from sandbox.entra.clients import Tenants, client_of, tenant_of
from sandbox.entra.directory import MICROSOFT_GRAPH, Application, Directory
from sandbox.entra.errors import SignInError
from sandbox.entra.forms import Forms, Visit, fields_of
from sandbox.entra.users import Person


@dataclass(frozen=True, kw_only=True)
class ConsentRequest:
    """A request for admin consent that passed all checks."""

    directory: Directory
    client_id: str
    reply: Reply
    scopes: frozenset[str]


class AdminConsent:
    """The page `/{tenant}/adminconsent`."""

    def __init__(self, tenants: Tenants, accounts: Accounts, cognito_at: CognitoAt) -> None:
        self._tenants = tenants
        self._accounts = accounts
        self._cognito_at = cognito_at
        self._forms: Forms[ConsentRequest] = Forms()

    def routes(self) -> list[BaseRoute]:
        """The routes."""
        return [Route("/{tenant}/adminconsent", self._endpoint, methods=["GET", "POST"])]

    async def _endpoint(self, http: Request) -> Response:
        fields, visit = await fields_of(http), Visit.of(http)
        try:
            directory = tenant_of(http.path_params["tenant"], self._tenants, fields.get("client_id", ""))
            with directory.lock:
                if http.method == "POST" and "ticket" in fields:
                    response = self._answer(fields, directory, visit)
                else:
                    response = self._ask(fields, directory, visit)
        except SignInError as problem:
            response = pages.error_page(problem)
        return visit.leave(response)

    def _ask(self, fields: Mapping[str, str], directory: Directory, visit: Visit) -> Response:
        """Take a new request: ask who it is, unless an administrator is signed in."""
        request = consent_request(fields, directory)
        administrator = self._administrator(directory, visit)
        if administrator is None:
            return self._sign_in_form(request, visit, "", None)
        return self._consent_form(request, visit, administrator)

    def _administrator(self, directory: Directory, visit: Visit) -> Person | None:
        session = self._accounts.session(visit, directory)
        person = directory.people[session.oid] if session else None
        return person if person is not None and person.is_administrator else None

    def _answer(self, fields: Mapping[str, str], directory: Directory, visit: Visit) -> Response:
        """Take an answered form: a name with password, or the decision."""
        question = self._forms.answered(fields["ticket"], visit, directory)
        request = question.request
        if question.session is not None:
            signed_in = self._administrator(directory, visit) is not None
            accepted = signed_in and fields.get("decision") == "accept"
            return self._decided(request, accepted=accepted)
        application = client_of(request.client_id, directory, may_be_new=True).application
        username = fields.get("username", "")
        try:
            person = self._accounts.authenticate(username, fields.get("password", ""), directory, application)
            _check_administrator(person, application)
        except SignInError as problem:
            return self._sign_in_form(request, visit, username, problem)
        self._accounts.begin(person, directory, visit)
        return self._consent_form(request, visit, person)

    def _decided(self, request: ConsentRequest, *, accepted: bool) -> Response:
        answer = {"admin_consent": "True", "tenant": request.directory.tenant_id}
        if accepted:
            client = client_of(request.client_id, request.directory, may_be_new=True)
            request.directory.consent(client, request.scopes, None)
        else:
            problem = SignInError(65004, "User declined to consent to access the app.", error="access_denied")
            answer = {
                "error": problem.error,
                "error_description": problem.description,
                "admin_consent": "True",
            }
        address = request.reply.url(answer, self._cognito_at)
        return RedirectResponse(address, 302, {"Cache-Control": "no-store"})

    def _form(self, request: ConsentRequest, visit: Visit, *, consent: bool = False) -> pages.Form:
        return pages.Form(
            f"/{request.directory.tenant_id}/adminconsent",
            self._forms.ask(request, visit, consent=consent),
        )

    def _sign_in_form(
        self, request: ConsentRequest, visit: Visit, username: str, problem: SignInError | None
    ) -> Response:
        directory = request.directory
        name = client_of(request.client_id, directory, may_be_new=True).application.display_name
        people = directory.people.values()
        return pages.sign_in_page(self._form(request, visit), name, username, problem, people)

    def _consent_form(self, request: ConsentRequest, visit: Visit, administrator: Person) -> Response:
        directory = request.directory
        name = client_of(request.client_id, directory, may_be_new=True).application.display_name
        form = self._form(request, visit, consent=True)
        return pages.consent_page(
            form, name, administrator.principal_name, request.scopes, directory.tenant.name
        )


def _check_administrator(person: Person, application: Application) -> None:
    if not person.is_administrator:
        raise SignInError(
            90094,
            f"{application.display_name} needs permission to access resources in your organization that only"
            " an admin can grant. Ask an admin to grant permission to this app before you can use it.",
        )


def consent_request(fields: Mapping[str, str], directory: Directory) -> ConsentRequest:
    """Read and check a request for admin consent.

    Raises:
        SignInError: AADSTS500200 for personal accounts, which have no administrator; otherwise the
            application, its redirect URI or a permission that it asks for is not right.
    """
    if directory.tenant.is_personal:
        raise SignInError(
            500200,
            "User account is a personal Microsoft account. Personal Microsoft accounts are not supported for"
            " this request: they have no administrator, and people consent for themselves.",
        )
    application = client_of(fields.get("client_id", ""), directory, may_be_new=True).application
    first = next(iter(application.redirect_uris), "")
    redirect_uri = fields.get("redirect_uri", first)
    check_redirect_uri(redirect_uri, application)
    return ConsentRequest(
        directory=directory,
        client_id=application.app_id,
        reply=Reply(redirect_uri, "query", fields.get("state")),
        scopes=registered_scopes(application, directory),
    )


def registered_scopes(application: Application, directory: Directory) -> frozenset[str]:
    """The delegated permissions of Microsoft Graph in an application's `requiredResourceAccess`.

    Application permissions are left out: no application here has any but the deployer.

    Raises:
        SignInError: AADSTS650052 for a service other than Microsoft Graph, AADSTS650054 for a permission
            that Microsoft Graph does not have.
    """
    graph = directory.service_principal_of(MICROSOFT_GRAPH)
    offered = graph.application.body["api"]["oauth2PermissionScopes"] if graph else []
    names = {scope["id"]: scope["value"] for scope in offered}
    scopes = set()
    for access in application.body["requiredResourceAccess"]:
        if access["resourceAppId"] != MICROSOFT_GRAPH:
            raise SignInError(
                650052,
                f"The app needs access to a service ('{access['resourceAppId']}') that your organization"
                f" '{directory.tenant.name}' has not subscribed to or enabled. Contact your IT Admin to"
                " review the configuration of your service subscriptions.",
            )
        for permission in access["resourceAccess"]:
            if permission["type"] == "Scope" and permission["id"] not in names:
                raise SignInError(
                    650054,
                    "The application asked for permissions to access a resource that has been removed or is"
                    f" no longer available: '{permission['id']}'.",
                )
            if permission["type"] == "Scope":
                scopes.add(names[permission["id"]])
    return frozenset(scopes)
