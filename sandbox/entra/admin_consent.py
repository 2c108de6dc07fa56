"""/adminconsent: an administrator of a tenant lets everybody there use an application.

Sources: learn.microsoft.com/entra/identity/enterprise-apps/grant-admin-consent ("Construct the URL for
granting tenant-wide admin consent"), entra/identity-platform/v2-admin-consent for the answers, and
entra/identity/enterprise-apps/application-sign-in-unexpected-user-consent-error for AADSTS90094.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from sandbox.entra import pages
from sandbox.entra.clients import client_of
from sandbox.entra.directory import MICROSOFT_GRAPH, Application, Directory, ServicePrincipal
from sandbox.entra.errors import SignInError
from sandbox.entra.interaction import Interaction
from sandbox.entra.redirect_uris import browser_address, check_redirect_uri
from sandbox.entra.sessions import Asked, Session, Visit
from sandbox.entra.users import Person
from sandbox.web.endpoints import Reply


@dataclass(frozen=True, kw_only=True)
class ConsentRequest(Asked):
    """A request for admin consent."""

    scopes: frozenset[str]


class AdminConsent(Interaction[ConsentRequest]):
    """The admin consent page of every tenant."""

    path = "/adminconsent"

    def read(self, fields: Mapping[str, str], directory: Directory) -> ConsentRequest:
        """Check a request."""
        if directory.tenant.is_personal:
            raise SignInError(500200)
        application = client_of(fields.get("client_id", ""), directory, may_be_new=True).application
        first = next(iter(application.redirect_uris), "")
        redirect_uri = fields.get("redirect_uri", first)
        check_redirect_uri(redirect_uri, application)
        return ConsentRequest(
            directory=directory,
            client_id=application.app_id,
            reply=Reply(browser_address(redirect_uri, self.service.cognito_at), fields.get("state")),
            scopes=registered_scopes(application, directory),
        )

    def begin(self, request: ConsentRequest, visit: Visit) -> Response:
        """Answer a new request: ask who it is, unless an administrator is signed in."""
        administrator = self._administrator(request, visit)
        if administrator is not None:
            return self._ask_for_consent(request, visit, administrator)
        return self.ask_to_sign_in(request, visit)

    def check_person(self, person: Person, client: ServicePrincipal) -> None:
        """Refuse whoever is no administrator."""
        if not person.is_administrator:
            raise SignInError(90094, name=client.application.display_name)

    def signed_in(self, request: ConsentRequest, session: Session, visit: Visit) -> Response:
        """Go on with an administrator who has just signed in."""
        return self._ask_for_consent(request, visit, request.directory.people[session.oid])

    def decided(self, request: ConsentRequest, visit: Visit, *, accepted: bool) -> Response:
        """Go on with an administrator's decision."""
        directory = request.directory
        answer = {"admin_consent": "True", "tenant": directory.tenant_id}
        if accepted and self._administrator(request, visit) is not None:
            directory.consent(self.client(request), request.scopes, None)
        else:
            error = SignInError(65004)
            answer = {
                "error": error.error,
                "error_description": error.description,
                "admin_consent": "True",
            }
        return request.reply.response(answer)

    def _administrator(self, request: ConsentRequest, visit: Visit) -> Person | None:
        session = self.service.sessions.at(request.directory, visit)
        person = request.directory.people[session.oid] if session else None
        return person if person is not None and person.is_administrator else None

    def _ask_for_consent(self, request: ConsentRequest, visit: Visit, administrator: Person) -> Response:
        directory = request.directory
        application = self.client(request).application
        form = self.form(request, visit, consent=True)
        user, tenant = administrator.principal_name, directory.tenant.name
        return pages.consent_page(form, application, user, request.scopes, tenant)


def registered_scopes(application: Application, directory: Directory) -> frozenset[str]:
    """The delegated permissions of Microsoft Graph in an application's `requiredResourceAccess`.

    Application permissions are left out: no application here has any but the deployer.
    """
    graph = directory.service_principal_of(MICROSOFT_GRAPH)
    offered = graph.application.body["api"]["oauth2PermissionScopes"] if graph else []
    names = {scope["id"]: scope["value"] for scope in offered}
    scopes = set()
    for access in application.body["requiredResourceAccess"]:
        resource = access["resourceAppId"]
        if resource != MICROSOFT_GRAPH:
            raise SignInError(650052, resource=resource, tenant=directory.tenant.name)
        for permission in access["resourceAccess"]:
            if permission["type"] != "Scope":
                continue
            if permission["id"] not in names:
                raise SignInError(650054, permission=permission["id"])
            scopes.add(names[permission["id"]])
    return frozenset(scopes)
