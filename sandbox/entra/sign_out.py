"""/oauth2/v2.0/logout: the end of a browser's session.

Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, "Send a sign-out request".
"""

from collections.abc import Mapping

from starlette.responses import Response
from starlette.routing import Route

from sandbox.entra import pages
from sandbox.entra.clients import SHARED_TENANTS, home_of, tenant_of
from sandbox.entra.errors import SignInError
from sandbox.entra.interaction import Context
from sandbox.entra.redirect_uris import browser_address, is_registered
from sandbox.entra.sessions import Visit
from sandbox.entra.tokens import Tokens
from sandbox.web.endpoints import Call, endpoint, redirect, with_parameters


class SignOut:
    """The sign-out endpoint of every tenant and of the shared ones."""

    def __init__(self, context: Context, tokens: Tokens) -> None:
        self._context = context
        self._tokens = tokens

    def route(self) -> Route:
        """The route."""
        return Route("/{tenant}/oauth2/v2.0/logout", endpoint(self._sign_out), methods=["GET", "POST"])

    def _sign_out(self, call: Call) -> Response:
        visit, tenant = Visit.of(call), call.path["tenant"]
        # The shared endpoints end the session of a person of any tenant, and so does each tenant's own.
        if tenant.lower() not in SHARED_TENANTS:
            try:
                tenant_of(tenant, self._context.tenants)
            except SignInError as error:
                return pages.error_page(error)
        self._context.sessions.end(visit)
        address = self._address_after(call.fields)
        return visit.with_cookies(pages.signed_out_page() if address is None else redirect(address))

    def _address_after(self, fields: Mapping[str, str]) -> str | None:
        """Where to go after signing out: only to an address that an application registered."""
        url = fields.get("post_logout_redirect_uri", "")
        client_id = self._tokens.audience_of(fields.get("id_token_hint", "")) or fields.get("client_id")
        home = home_of(self._context.tenants)
        with home.lock:
            applications = list(home.applications.values())
        for application in applications:
            if client_id is not None and application.app_id != client_id.lower():
                continue
            if is_registered(url, [*application.redirect_uris, *filter(None, [application.logout_url])]):
                state = {"state": fields["state"]} if "state" in fields else {}
                return with_parameters(browser_address(url, self._context.cognito_at), state)
        return None
