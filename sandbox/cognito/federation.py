"""Signing in at an OpenID Connect provider: there, and back at /oauth2/idpresponse.

cognito-user-pools-oidc-flow. Everything that goes wrong after the browser has come back, the app hears of at
its callback URL (federation-endpoint-idp-responses).
"""

import secrets
from dataclasses import replace

from starlette.responses import Response

from sandbox.cognito import attributes, authorize_response, errors
from sandbox.cognito.authorize_request import AuthorizeRequest
from sandbox.cognito.domain import Domain
from sandbox.cognito.errors import CallbackError, FederationError, PageError
from sandbox.cognito.identity_provider import ProviderClient
from sandbox.cognito.models import Client, Provider, User
from sandbox.cognito.sessions import FEDERATION_SECONDS, Federation
from sandbox.web.endpoints import Call, redirect, set_cookie
from sandbox.web.tickets import TicketError

# The cookie by which Cognito knows that the browser that comes back is the one it sent (RFC 6749, 10.12).
BROWSER_COOKIE = "csrf-state"

# authorization-endpoint, prompt and login_hint: these go on to the provider, `prompt=none` and anything else,
# such as `domain_hint`, do not.
FORWARDED_PROMPTS = ("login", "select_account", "consent")


def begin(domain: Domain, request: AuthorizeRequest, provider: Provider, call: Call) -> Response:
    """Send the browser to a provider."""
    if provider.type != "OIDC":
        raise PageError(f"{provider.type} providers are not part of this local Cognito", request.client.id)
    browser = call.cookies.get(BROWSER_COOKIE) or secrets.token_urlsafe(24)
    nonce = request.nonce or secrets.token_urlsafe(24)
    host = request.client.pool.host(call.headers.get("host"))
    state = domain.memory.federations.issue(
        Federation(request=request, provider=provider.name, host=host, nonce=nonce, browser=browser)
    )
    prompt = " ".join(word for word in FORWARDED_PROMPTS if word in request.prompt)
    more = {"prompt": prompt, "login_hint": request.fields.get("login_hint", "")}
    try:
        url = _client_of(domain, host, provider).authorize_url(
            state, nonce, {name: value for name, value in more.items() if value}
        )
    except FederationError as error:
        raise CallbackError(request.reply, errors.INVALID_REQUEST, str(error)) from None
    response = redirect(url)
    set_cookie(response, BROWSER_COOKIE, browser, seconds=FEDERATION_SECONDS)
    return response


def end(domain: Domain, call: Call) -> Response:
    """Take the browser back from a provider (`/oauth2/idpresponse`)."""
    try:
        sent = domain.memory.federations.redeem(call.query.get("state", ""))
    except TicketError:
        raise PageError(errors.SOMETHING_WENT_WRONG) from None
    browser = call.cookies.get(BROWSER_COOKIE, "")
    if not secrets.compare_digest(sent.browser.encode(), browser.encode()):
        raise PageError(errors.SOMETHING_WENT_WRONG)
    # Read again: pool, client and provider may have changed by the time the browser comes back.
    client = domain.pools.client(sent.request.client.id) or sent.request.client
    request = replace(sent.request, client=client)
    try:
        user = _user(domain, client, sent, call)
    except FederationError as error:
        raise CallbackError(request.reply, errors.INVALID_REQUEST, str(error)) from None
    return authorize_response.signed_in(domain, request, user, sent.provider, sent.nonce)


def _user(domain: Domain, client: Client, sent: Federation, call: Call) -> User:
    """The user that the provider's answer is about, with what it says of them."""
    provider = client.pool.providers.get(sent.provider)
    if provider is None:
        raise FederationError(errors.LOGIN_OPTION)
    if "code" not in call.query:
        reason = call.query.get("error_description") or call.query.get("error") or errors.INVALID_REQUEST
        raise FederationError(reason)
    claims = _client_of(domain, sent.host, provider).claims(call.query["code"], sent.nonce)
    subject = attributes.subject(provider.mapping, claims)
    username = attributes.username_of(provider.name, subject)
    claims = domain.pools.replaced_claims(client, provider, subject, claims)
    written = attributes.mapped(provider.mapping, claims)
    user = domain.pools.federated_user(client.pool.id, provider, subject, username, written)
    attributes.check(written, client, None if user is None else user.attributes)
    if user is None:
        return domain.pools.create(client, provider, subject, username, written)
    return domain.pools.update(client.pool.id, user.username, written)


def _client_of(domain: Domain, host: str, provider: Provider) -> ProviderClient:
    """cognito-user-pools-oidc-idp: the provider knows Cognito by `https://<domain>/oauth2/idpresponse`."""
    return ProviderClient(provider, f"https://{host}/oauth2/idpresponse", domain.http)
