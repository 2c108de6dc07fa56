"""/oauth2/v2.0/logout: the end of a browser's session.

Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, "Send a sign-out request".
"""

from collections.abc import Mapping

from starlette.responses import Response

from sandbox.entra import pages
from sandbox.entra.clients import SHARED_TENANTS, home_of, tenant_of
from sandbox.entra.errors import SignInError
from sandbox.entra.redirect_uris import browser_address, is_registered
from sandbox.entra.service import SignInService
from sandbox.entra.sessions import Visit
from sandbox.web.endpoints import Call, redirect, with_parameters


def sign_out(service: SignInService, call: Call) -> Response:
    """End the session of a person of any tenant, at each tenant's endpoint and at the shared ones."""
    visit, tenant = Visit.of(call), call.path["tenant"]
    if tenant.lower() not in SHARED_TENANTS:
        try:
            tenant_of(tenant, service.tenants)
        except SignInError as error:
            return pages.error_page(error)
    service.sessions.end(visit)
    address = _address_after(service, call.fields)
    return visit.with_cookies(pages.signed_out_page() if address is None else redirect(address))


def _address_after(service: SignInService, fields: Mapping[str, str]) -> str | None:
    """Where to go after signing out: only to an address that an application registered."""
    url = fields.get("post_logout_redirect_uri", "")
    client_id = service.tokens.audience_of(fields.get("id_token_hint", "")) or fields.get("client_id")
    home = home_of(service.tenants)
    with home.lock:
        applications = list(home.applications.values())
    for application in applications:
        if client_id is not None and application.app_id != client_id.lower():
            continue
        if is_registered(url, [*application.redirect_uris, *filter(None, [application.logout_url])]):
            state = {"state": fields["state"]} if "state" in fields else {}
            return with_parameters(browser_address(url, service.cognito_at), state)
    return None
