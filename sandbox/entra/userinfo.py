"""/oidc/userinfo (learn.microsoft.com/entra/identity-platform/userinfo): less than the ID token says."""

from starlette.responses import JSONResponse, Response

from sandbox.entra.claims import email, pairwise_subject
from sandbox.entra.clients import home_of
from sandbox.entra.directory import Application, Directory, Json
from sandbox.entra.errors import invalid_token
from sandbox.entra.service import SignInService
from sandbox.entra.users import Person
from sandbox.web.endpoints import Call


def user_info(service: SignInService, call: Call) -> Response:
    """GET and POST /oidc/userinfo, which is one for all tenants."""
    claims = service.tokens.graph_claims(call.credentials("bearer") or "") or {}
    home = home_of(service.tenants)
    directory = service.tenants.get(claims.get("tid", ""), home)
    with home.lock:
        person = directory.people.get(claims.get("oid", ""))
        application = home.application_of(claims.get("appid", ""))
        if person is None or application is None:
            raise invalid_token()
        return JSONResponse(_document(service, application, person, directory, claims["scp"].split()))


def _document(
    service: SignInService, application: Application, person: Person, directory: Directory, scopes: list[str]
) -> Json:
    document: Json = {"sub": pairwise_subject(application, person)}
    if "profile" in scopes:
        document |= {
            "name": person.display_name,
            "family_name": person.surname,
            "given_name": person.given_name,
            "picture": f"{service.tokens.authority}/v1.0/me/photo/$value",
        }
    if "email" in scopes:
        document["email"] = email(application, person, directory)
    return {name: value for name, value in document.items() if value is not None}
