"""Signing in at an OpenID Connect provider: there, and back at /oauth2/idpresponse.

cognito-user-pools-oidc-flow. Everything that goes wrong after the browser has come back, the app hears of at
its callback URL (federation-endpoint-idp-responses).
"""

import secrets
from dataclasses import dataclass, field

import httpx
from starlette.responses import Response

from sandbox.cognito import attributes, errors
from sandbox.cognito.authorize_request import AuthorizeRequest
from sandbox.cognito.authorize_response import AuthorizeResponses
from sandbox.cognito.errors import CallbackError, FederationError, PageError
from sandbox.cognito.identity_provider import ProviderClient, http_client
from sandbox.cognito.models import Provider, User
from sandbox.cognito.sessions import FEDERATION_SECONDS, Federation, Memory
from sandbox.cognito.user_pools import UserPools
from sandbox.web.endpoints import Call, redirect, set_cookie
from sandbox.web.tickets import TicketError
from stacks import clouds

# The cookie by which Cognito knows that the browser that comes back is the one it sent (RFC 6749, 10.12).
BROWSER_COOKIE = "csrf-state"

# authorization-endpoint, prompt and login_hint: what goes on to the provider. `none` does not.
FORWARDED_PROMPTS = ("login", "select_account", "consent")


@dataclass(frozen=True)
class FederatedSignIn:
    """Sign-ins by way of identity providers."""

    pools: UserPools
    memory: Memory
    responses: AuthorizeResponses
    http: httpx.Client = field(default_factory=http_client)

    def begin(self, request: AuthorizeRequest, provider: Provider, call: Call) -> Response:
        """Send the browser to a provider.

        Raises:
            CallbackError: the provider has no address to go to.
        """
        if provider.type != "OIDC":
            raise PageError(
                f"{provider.type} providers are not part of this local Cognito", request.client.id
            )
        browser = call.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(24)
        nonce = request.nonce or secrets.token_urlsafe(24)
        host = request.client.pool.host(call.headers.get("host"))
        state = self.memory.federations.issue(
            Federation(request=request, provider=provider.name, host=host, nonce=nonce, browser=browser)
        )
        prompt = " ".join(word for word in FORWARDED_PROMPTS if word in request.prompt)
        more = {"prompt": prompt, "login_hint": request.fields.get("login_hint", "")}
        try:
            url = self._client_of(host, provider).authorize_url(
                state, nonce, {name: value for name, value in more.items() if value}
            )
        except FederationError as error:
            raise CallbackError(request.reply, errors.INVALID_REQUEST, str(error)) from None
        response = redirect(url)
        set_cookie(response, BROWSER_COOKIE, browser, seconds=FEDERATION_SECONDS)
        return response

    def end(self, call: Call) -> Response:
        """Take the browser back from a provider (`/oauth2/idpresponse`).

        Raises:
            PageError: nobody was sent there from this browser within the last 5 minutes.
            CallbackError: the provider refused, or said what Cognito cannot use.
        """
        try:
            begun = self.memory.federations.redeem(call.query.get("state", ""))
        except TicketError:
            raise PageError(errors.SOMETHING_WENT_WRONG) from None
        browser = call.cookies.get(BROWSER_COOKIE, "")
        if not secrets.compare_digest(begun.browser.encode(), browser.encode()):
            raise PageError(errors.SOMETHING_WENT_WRONG)
        try:
            user = self._user(begun, call)
        except FederationError as error:
            raise CallbackError(begun.request.reply, errors.INVALID_REQUEST, str(error)) from None
        return self.responses.signed_in(begun.request, user, begun.provider, begun.nonce)

    def _user(self, begun: Federation, call: Call) -> User:
        """The user that the provider's answer is about, with what it says of them."""
        # Read again: a client or a provider may be gone, or another, by the time the browser comes back.
        client = self.pools.client(begun.request.client.id)
        provider = None if client is None else client.pool.providers.get(begun.provider)
        if client is None or provider is None:
            raise FederationError(errors.LOGIN_OPTION)
        if "code" not in call.query:
            said = call.query.get("error_description") or call.query.get("error") or errors.INVALID_REQUEST
            raise FederationError(said)
        claims = self._client_of(begun.host, provider).claims(call.query["code"], begun.nonce)
        subject = attributes.subject(provider.mapping, claims)
        username = attributes.username_of(provider.name, subject)
        claims = self.pools.replaced_claims(client, provider, subject, claims)
        written = attributes.mapped(provider.mapping, claims)
        user = self.pools.federated_user(client.pool.id, provider, subject, username, written)
        attributes.check(written, client, None if user is None else user.attributes)
        if user is None:
            return self.pools.create(client, provider, subject, username, written)
        return self.pools.update(client.pool.id, user.username, written)

    def _client_of(self, host: str, provider: Provider) -> ProviderClient:
        """cognito-user-pools-oidc-idp: the provider knows Cognito by `https://<domain>/oauth2/idpresponse`."""
        return ProviderClient(provider, clouds.redirect_uri(host), self.http)
