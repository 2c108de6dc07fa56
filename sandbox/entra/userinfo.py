"""/oidc/userinfo (learn.microsoft.com/entra/identity-platform/userinfo): less than the ID token says."""

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.entra.claims import email, pairwise_subject
from sandbox.entra.clients import Tenants, home_of
from sandbox.entra.directory import Application, Directory, Json
from sandbox.entra.errors import invalid_token
from sandbox.entra.tokens import Tokens
from sandbox.entra.users import Person
from sandbox.web.endpoints import Call, endpoint


class UserInfo:
    """The userinfo endpoint, which is one for all tenants."""

    def __init__(self, tenants: Tenants, tokens: Tokens) -> None:
        self._tenants = tenants
        self._tokens = tokens

    def route(self) -> Route:
        """The route."""
        return Route("/oidc/userinfo", endpoint(self._user_info), methods=["GET", "POST"])

    def _user_info(self, call: Call) -> Response:
        claims = self._tokens.graph_claims(call.credentials("bearer") or "") or {}
        home = home_of(self._tenants)
        directory = self._tenants.get(claims.get("tid", ""), home)
        with home.lock:
            person = directory.people.get(claims.get("oid", ""))
            application = home.application_of(claims.get("appid", ""))
            if person is None or application is None:
                raise invalid_token()
            return JSONResponse(self._document(application, person, directory, claims["scp"].split()))

    def _document(
        self, application: Application, person: Person, directory: Directory, scopes: list[str]
    ) -> Json:
        document: Json = {"sub": pairwise_subject(application, person)}
        if "profile" in scopes:
            document |= {
                "name": person.display_name,
                "family_name": person.surname,
                "given_name": person.given_name,
                "picture": f"{self._tokens.authority}/v1.0/me/photo/$value",
            }
        if "email" in scopes:
            document["email"] = email(application, person, directory)
        return {name: value for name, value in document.items() if value is not None}
