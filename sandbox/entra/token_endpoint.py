"""/oauth2/v2.0/token: codes and client credentials for tokens.

Sources: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow,
v2-oauth2-client-creds-grant-flow and reference-error-codes; RFC 6749; RFC 7636.
"""

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from sandbox.entra.clients import check_secret, client_of, tenant_of
from sandbox.entra.directory import Directory, Json, ServicePrincipal
from sandbox.entra.errors import SignInError
from sandbox.entra.federated_credentials import ASSERTION_TYPE, check_assertion
from sandbox.entra.graph_permissions import graph_roles_of
from sandbox.entra.service import SignInService
from sandbox.entra.sessions import Code
from sandbox.entra.tokens import APP_TOKEN_SECONDS, ID_TOKEN_SECONDS
from sandbox.web.endpoints import Call
from sandbox.web.pkce import proves
from sandbox.web.tickets import ExpiredTicketError, TicketError, UnknownTicketError, UsedTicketError

REFUSED = {UnknownTicketError: 9002313, UsedTicketError: 54005, ExpiredTicketError: 70008}


def token(service: SignInService, call: Call) -> Response:
    """POST /{tenant}/oauth2/v2.0/token."""
    form = call.form
    directory = tenant_of(call.path["tenant"], service.tenants, form.get("client_id", ""))
    grant_type = _required(form, "grant_type")
    with directory.lock:
        client = client_of(form.get("client_id", ""), directory)
        if grant_type not in {"authorization_code", "client_credentials"}:
            raise SignInError(70003, grant=grant_type)
        if form.get("client_assertion_type") == ASSERTION_TYPE:
            assertion = _required(form, "client_assertion")
            check_assertion(client.application, assertion, service.trusted_roots)
        else:
            check_secret(client, form.get("client_secret", ""))
        if grant_type == "client_credentials":
            return JSONResponse(_for_application(service, client, directory, form))
        return JSONResponse(_for_person(service, client, directory, form))


def _for_application(
    service: SignInService, client: ServicePrincipal, directory: Directory, form: Mapping[str, str]
) -> Json:
    scope = _required(form, "scope")
    if scope not in {f"{service.tokens.authority}/.default", "https://graph.microsoft.com/.default"}:
        raise SignInError(1002012, scope=scope)
    roles = graph_roles_of(client, directory)
    return {
        "token_type": "Bearer",
        "expires_in": APP_TOKEN_SECONDS,
        "ext_expires_in": APP_TOKEN_SECONDS,
        "access_token": service.tokens.app_token(client, directory, roles),
    }


def _for_person(
    service: SignInService, client: ServicePrincipal, directory: Directory, form: Mapping[str, str]
) -> Json:
    ticket, redirect_uri = _required(form, "code"), _required(form, "redirect_uri")
    try:
        code = service.codes.redeem(ticket)
    except TicketError as error:
        raise SignInError(REFUSED[type(error)]) from None
    if code.sign_in.directory is not directory:
        raise SignInError(700005)
    if code.sign_in.service_principal is not client:
        raise SignInError(70000)
    if redirect_uri != code.redirect_uri:
        raise SignInError(500112, redirect_uri=redirect_uri, requested=code.redirect_uri)
    _check_verifier(code, form.get("code_verifier"))
    return {
        "token_type": "Bearer",
        "scope": " ".join(sorted(code.sign_in.scopes - {"offline_access"})),
        "expires_in": ID_TOKEN_SECONDS,
        "ext_expires_in": ID_TOKEN_SECONDS,
        "access_token": service.tokens.user_token(code.sign_in),
        "id_token": service.tokens.id_token(code.sign_in),
    }


def _required(form: Mapping[str, str], parameter: str) -> str:
    if not form.get(parameter):
        raise SignInError(900144, parameter=parameter)
    return form[parameter]


def _check_verifier(code: Code, verifier: str | None) -> None:
    """Check the proof of possession (RFC 7636, section 4.6)."""
    if code.code_challenge is None:
        # RFC 9700, section 4.8.2: a verifier without a challenge is a sign of a downgrade.
        if verifier is not None:
            raise SignInError(501481)
    elif verifier is None:
        raise SignInError(50148)
    elif not proves(verifier, code.code_challenge, code.code_challenge_method):
        raise SignInError(501481)
