"""Redirect URIs: which are registered, and where on this machine the browser goes for one.

Source: learn.microsoft.com/entra/identity-platform/reply-url.
"""

import re
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from sandbox.entra.application_rules import LOOPBACK
from sandbox.entra.directory import Application
from sandbox.entra.errors import SignInError

COGNITO_DOMAIN = re.compile(r"[a-z0-9-]+\.auth(-fips)?\.[a-z0-9-]+\.amazoncognito\.com")

CognitoAt = Callable[[str], str | None]
"""Where the local Cognito answers for a host; None for a host that is none of its domains."""


def is_prefix_domain(host: str) -> bool:
    """Whether a host is one that Amazon gives to user pools."""
    return bool(COGNITO_DOMAIN.fullmatch(host))


def browser_address(url: str, cognito_at: CognitoAt) -> str:
    """Where the browser is sent for `url`, which was checked against the registration before."""
    parts = urlsplit(url)
    cognito_url = cognito_at(parts.hostname or "")
    if cognito_url is None:
        return url
    query = f"?{parts.query}" if parts.query else ""
    return f"{cognito_url.rstrip('/')}{parts.path}{query}"


def is_registered(url: str, registered: Iterable[str]) -> bool:
    """Whether an address is one of those registered: letter for letter.

    Only for http on loopback the port is left out of the comparison (RFC 8252, section 7.3).
    """
    without_port = _without_loopback_port(url)
    return any(
        url == uri or (without_port is not None and without_port == _without_loopback_port(uri))
        for uri in registered
    )


def check_redirect_uri(redirect_uri: str, application: Application) -> None:
    """Refuse an address that the application has not registered."""
    if not application.redirect_uris:
        raise SignInError(500113)
    if not is_registered(redirect_uri, application.redirect_uris):
        raise SignInError(50011, redirect_uri=redirect_uri, app=application.app_id)


def _without_loopback_port(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "http" or parts.hostname not in LOOPBACK or "@" in parts.netloc:
        return None
    return parts._replace(netloc=parts.hostname).geturl()
