"""The apps that sign people in: settings, rules and checks (their APIs: resource_servers.py)."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from stacks.settings.accounts import lets_in_personal_accounts
from stacks.settings.checks import Settings, check, check_each_client
from stacks.settings.errors import Key, Messages, at, did_you_mean, error, warning
from stacks.settings.facts import ATTRIBUTES_OF_SCOPE, AppType
from stacks.settings.resource_servers import IDENTIFIER, SCOPE_NAME
from stacks.settings.tenants import TenantWord
from stacks.settings.types import (
    CognitoName,
    Matches,
    Table,
    Within,
    YesOrNo,
    as_written,
    between,
    refused,
    unique,
)
from stacks.settings.urls import AppUrl, as_browsers_write, is_custom_scheme, not_registrable

CLIENT_KEY = r"[a-z][a-z0-9_-]{0,30}"
STANDARD_SCOPES = ("openid", "email", "phone", "profile", "aws.cognito.signin.user.admin")
NEEDS_OPENID = ("email", "phone", "profile")
# With the way by Microsoft each logout URL takes two of the 100 that Cognito has.
MOST_LOGOUT_URLS = 50
# Microsoft learn, "Redirect URI (reply URL) outline and restrictions".
MOST_REDIRECT_URIS, MOST_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS = 256, 100
# Besides the logout URLs: one for each of up to two domains, and one after consent.
OTHER_REDIRECT_URIS = 3


def _scope(value: str) -> str:
    """A scope of an app client (developer guide, "Authorize endpoint"; API reference, ScopeType)."""
    if value in STANDARD_SCOPES or re.fullmatch(f"{IDENTIFIER}/{SCOPE_NAME}", value):
        return value
    raise refused(
        "Cognito knows its standard scopes, and those of a resource server as"
        ' "<resource server identifier>/<scope>".',
        did_you_mean(value, STANDARD_SCOPES),
    )


def _with_openid(scopes: list[str]) -> list[str]:
    """The scopes of an app client together (developer guide, "Authorize endpoint")."""
    for index, scope in enumerate(scopes):
        if scope in NEEDS_OPENID and "openid" not in scopes:
            raise refused(
                "Cognito grants this scope only together with openid.",
                'Add "openid" to the list.',
                index=index,
            )
    return scopes


ClientKey = Annotated[
    str,
    Matches(
        CLIENT_KEY,
        "The word after `clients.` names the app and is part of its Terraform address: lower-case letters,"
        " digits, hyphens and underscores, a letter first, at most 31.",
        "Write for instance [clients.web].",
    ),
]
# Cognito API reference, ClientIdType.
AppClientId = Annotated[
    str,
    Matches(
        r"[\w+]{1,128}",
        "This is not the id of an app client.",
        "Copy the Client ID: Cognito console > User pools > App clients.",
    ),
]
Scope = Annotated[str, AfterValidator(_scope), as_written]


class ClientSettings(Table):
    """An app that signs people in."""

    type: AppType = Field(default=AppType.SERVER, examples=["server"])
    """What kind of app it is: server can keep a secret, single_page and mobile cannot, and prove themselves
    by PKCE. Changing it makes a new client with a new id."""
    client_id: AppClientId | None = Field(default=None, examples=["1h57kf5cpq17m0eml12v2b6k8s"])
    """The id of an app client that exists in an existing pool and belongs to somebody else; left out, the
    stack makes one. The stack never changes it, and checks with every plan that it has these callback_urls
    and scopes."""
    tenants: Annotated[list[TenantWord], unique] | None = Field(default=None, examples=[["home", "fabrikam"]])
    """Whose people sign in here: keys of [tenants.*], and "home" for the tenant in [entra]; left out, all of
    them."""
    local_accounts: YesOrNo = False
    """Let in users with a password in Cognito, and nobody else: they need an app client of their own, which
    neither writes nor shows what tells Microsoft's people apart."""
    name: CognitoName | None = Field(default=None, examples=["Contoso web"])
    """The name in Cognito; left out, "<stack>-<key>"."""
    callback_urls: Annotated[list[AppUrl], unique, between(1, 100, "callback URLs", "Cognito")] = Field(
        examples=[["https://app.contoso.com/callback"]], json_schema_extra={"minItems": 1}
    )
    """Where people may be sent after signing in, letter for letter. Plain http on localhost only; mobile apps
    may have a scheme of their own."""
    logout_urls: Annotated[list[AppUrl], unique, between(0, 100, "logout URLs", "Cognito")] = Field(
        default=[], examples=[["https://app.contoso.com/"]]
    )
    """Where people may be sent after signing out, letter for letter."""
    end_microsoft_session: YesOrNo = False
    """Let signing out here end the session at Microsoft, too: by way of Entra ID's sign-out the browser comes
    to the logout URL. Otherwise the next sign-in may ask for no password."""
    default_redirect_uri: str | None = Field(default=None, examples=["https://app.contoso.com/callback"])
    """Which of the callback URLs is meant when the app names none; left out, the app has to name one."""
    scopes: Annotated[
        list[Scope], unique, between(1, 50, "scopes", "Cognito"), AfterValidator(_with_openid)
    ] = Field(default=["openid", "profile", "email"], examples=[["openid", "profile", "email"]])
    """What the app may ask Cognito for."""
    access_token_minutes: Annotated[int, Within(5, 1440)] = 60
    """For how long an access token is valid."""
    id_token_minutes: Annotated[int, Within(5, 1440)] = 60
    """For how long an ID token is valid."""
    refresh_token_days: Annotated[int, Within(1, 3650)] | None = Field(default=None, examples=[30])
    """For how long a refresh token is valid: until then an app gets new tokens without asking Entra ID, even
    for somebody who has left. Left out, 30 for a server, 1 for a single_page app and 90 for a mobile one, as
    with Microsoft's own tokens."""
    auth_session_minutes: Annotated[int, Within(3, 15)] = 3
    """For how long one attempt to sign in may take."""


def _some_client(clients: dict[str, ClientSettings]) -> dict[str, ClientSettings]:
    if not clients:
        raise refused(
            "There is no app that people could sign in to.",
            'Add for instance:\n[clients.web]\ntype = "server"\n'
            'callback_urls = ["https://app.contoso.com/callback"]',
        )
    return clients


Clients = Annotated[dict[ClientKey, ClientSettings], AfterValidator(_some_client)]


@check_each_client
def _default_among_callbacks(_: Settings, key: str, client: ClientSettings) -> Messages:
    """API reference, CreateUserPoolClient, DefaultRedirectURI."""
    default, callback_urls = client.default_redirect_uri, client.callback_urls
    if default is not None and default not in callback_urls:
        yield error(
            at.clients[key].default_redirect_uri,
            "The default is not one of the callback_urls, letter for letter.",
            "Add it there, or write one that is there.",
        )


@check
def _addresses_as_browsers_write_them(s: Settings) -> Messages:
    """Developer guide, "Authorize endpoint" and "Logout endpoint": addresses are compared as a whole."""
    written = {
        at.clients[key][name][index]: url
        for key, client in s.clients.items()
        if client.client_id is None
        for name in ("callback_urls", "logout_urls")
        for index, url in enumerate(client.callback_urls if name == "callback_urls" else client.logout_urls)
    }
    if s.entra.consent_redirect_uri is not None:
        written[at.entra.consent_redirect_uri] = s.entra.consent_redirect_uri
    for key, url in written.items():
        if (instead := as_browsers_write(url)) != url:
            yield warning(
                key,
                "Browsers and libraries write this address otherwise, and it is compared letter for letter.",
                f'Write "{instead}", unless the app sends it as it is here.',
            )


@check_each_client
def _not_the_sign_in_domain(s: Settings, key: str, client: ClientSettings) -> Messages:
    """Developer guide, "Using OIDC identity providers with a user pool": where providers send people."""
    for index, url in enumerate(client.callback_urls):
        if urlsplit(url).hostname in s.domain_hosts:
            yield error(
                at.clients[key].callback_urls[index],
                "This is the sign-in domain itself, to which Entra ID sends people back; the stack registers"
                " that address by itself.",
                'Write an address of the app, for instance "https://app.contoso.com/callback".',
            )


@check_each_client
def _custom_schemes(_: Settings, key: str, client: ClientSettings) -> Messages:
    """RFC 8252, 7.1: addresses with a scheme of the app's own reach apps installed on a device."""
    if client.type is AppType.MOBILE:
        return
    for name, urls in (("callback_urls", client.callback_urls), ("logout_urls", client.logout_urls)):
        for index, url in enumerate(urls):
            if is_custom_scheme(url):
                yield warning(
                    at.clients[key][name][index],
                    f'An address like this reaches an app on a device, and not a "{client.type}" app.',
                    'Write an https:// address, or type = "mobile".',
                )


@check_each_client
def _custom_scopes(s: Settings, key: str, client: ClientSettings) -> Messages:
    """Developer guide, "Scopes, M2M, and resource servers"."""
    known = {server.identifier or name: server.scopes for name, server in s.resource_servers.items()}
    for index, scope in enumerate(client.scopes):
        identifier, _, name = scope.rpartition("/")
        if scope in STANDARD_SCOPES or name in known.get(identifier, {}) or client.client_id is not None:
            continue
        if identifier in known:
            yield error(
                at.clients[key].scopes[index],
                f'The resource server "{identifier}" has no such scope.',
                did_you_mean(scope, [f"{identifier}/{one}" for one in known[identifier]]),
            )
        else:
            yield warning(
                at.clients[key].scopes[index],
                "This stack makes no such resource server, and Cognito refuses a client whose scope does not"
                " exist.",
                "Add it as one of the [resource_servers.*], unless the user pool has it already.",
            )


@check_each_client
def _scopes_that_hide_who_it_is(_: Settings, key: str, client: ClientSettings) -> Messages:
    """Developer guide, "Application-specific settings with app clients": what comes with each scope."""
    alone = [scope for scope in client.scopes if scope in ATTRIBUTES_OF_SCOPE]
    if alone and "profile" not in client.scopes and not client.local_accounts:
        yield warning(
            at.clients[key].scopes,
            f'With "{alone[0]}" and without "profile" the app gets what belongs to that scope and nothing'
            ' else: no names, and neither "custom:entra_oid" nor "custom:entra_tid".',
            'Add "profile".',
        )


@check_each_client
def _sign_out_by_way_of_microsoft(_: Settings, key: str, client: ClientSettings) -> Messages:
    """Microsoft learn, "Send a sign-out request": where it sends the browser has to be registered there."""
    urls = client.logout_urls
    if not client.end_microsoft_session:
        return
    if not urls:
        yield error(
            at.clients[key].logout_urls,
            "There is no address at which a sign-out ends.",
            'Add for instance logout_urls = ["https://app.contoso.com/"], or remove end_microsoft_session.',
        )
    if len(urls) > MOST_LOGOUT_URLS:
        yield error(
            at.clients[key].logout_urls,
            f"These are {len(urls)}; with the way by Microsoft each takes two of the 100 that Cognito has.",
            f"Leave {MOST_LOGOUT_URLS}.",
        )
    for index, url in enumerate(urls):
        if (refusal := not_registrable(url)) is not None:
            sentence, remedy = refusal
            yield error(
                at.clients[key].logout_urls[index],
                f"Entra ID cannot send the browser there. {sentence}",
                remedy,
            )


@check
def _redirect_uris(s: Settings) -> Messages:
    """Microsoft learn, "Redirect URI (reply URL) outline and restrictions"."""
    personal, consent = lets_in_personal_accounts(s), s.entra.consent_redirect_uri
    if s.entra.registration is not None:
        return
    most = MOST_REDIRECT_URIS_WITH_PERSONAL_ACCOUNTS if personal else MOST_REDIRECT_URIS
    urls: dict[Key, str] = {
        at.clients[name].logout_urls[index]: url
        for name, client in s.clients.items()
        if client.end_microsoft_session
        for index, url in enumerate(client.logout_urls)
    }
    count = len(set(urls.values()))
    if count + OTHER_REDIRECT_URIS > most:
        yield error(
            at.clients,
            f"The registration would have more than {most} redirect URIs: {count} of them are logout URLs.",
            "Let fewer of them end the session at Microsoft.",
        )
    if consent is not None:
        urls[at.entra.consent_redirect_uri] = consent
    for key, url in urls.items():
        if personal and "?" in url:
            yield error(
                key,
                "A registration that lets in personal Microsoft accounts takes no address with a ? in it.",
                "Write it without the query.",
            )
