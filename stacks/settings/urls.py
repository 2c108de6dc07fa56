"""The rules of one URL: of an app, of a redirect URI in Entra ID, and of a sign-in service."""

import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from stacks.clouds import CLOUDS, LOCAL_HOSTS
from stacks.settings.types import refused

URL_LENGTH = 1024
REDIRECT_URI_LENGTH = 256
HOST_LENGTH = 253
HOST_LABEL = r"[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
HOST = rf"{HOST_LABEL}(\.{HOST_LABEL})*"
# RFC 3986, section 2: everything else travels percent-encoded, and Cognito compares addresses as written.
URL_CHARACTERS = r"([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
DEFAULT_PORTS = {"https": ":443", "http": ":80"}

# Schemes that no app receives an answer at; a page at some of them could run whatever it was sent.
NO_APP_SCHEMES = frozenset(
    {"about", "blob", "data", "file", "ftp", "javascript", "mailto", "vbscript", "ws", "wss"}
)


def app_url(value: str) -> str:
    """A callback or logout URL.

    Sources: Cognito API reference, CreateUserPoolClient (CallbackURLs, RedirectUrlType); developer guide,
    "Application-specific settings with app clients"; RFC 6749, 3.1.2; RFC 8252, 7.1 and 7.3.
    """
    _url_characters(value)
    if "#" in value:
        raise refused(
            "A URL here has no fragment, the part from # on.",
            "Write it without, and let the app itself go on from there.",
        )
    scheme, _, rest = value.partition(":")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) or not rest or rest[0].isdigit():
        like = (
            "http://localhost:3000/callback" if "localhost" in value else "https://app.contoso.com/callback"
        )
        raise refused("The address is not complete: it has no scheme.", f'Write for instance "{like}".')
    scheme = scheme.lower()
    if scheme in NO_APP_SCHEMES:
        raise refused(f"No app can be reached at {scheme}: addresses.", _EXAMPLE)
    if scheme in {"http", "https"}:
        host = _host(value)
        if {".", ".."} & set(value.partition("?")[0].split("/")):
            raise refused(
                "Browsers resolve the parts . and .. of a path, so the app never gets this address to send.",
                "Write the path that they lead to.",
            )
        if scheme == "http" and host not in LOCAL_HOSTS:
            raise refused(
                "Cognito sends people to plain http only on this machine: localhost, 127.0.0.1 or [::1].",
                "Write https://.",
            )
    elif not rest.startswith("/"):
        raise refused(
            "An app's own scheme is followed by a slash (RFC 8252, 7.1).",
            'Write for instance "com.contoso.app:/callback" or "myapp://callback".',
        )
    return value


_EXAMPLE = 'Write for instance "https://app.contoso.com/callback".'


def is_custom_scheme(url: str) -> bool:
    """Whether the address belongs to an installed app and not to the web."""
    return url.partition(":")[0].lower() not in {"http", "https"}


def registered_uri(value: str) -> str:
    """An address that Entra ID sends browsers to: a redirect URI of the registration.

    Source: Microsoft learn, "Redirect URI (reply URL) outline and restrictions".
    """
    parts = _split(value)
    if parts.scheme == "http" and parts.hostname and parts.hostname not in LOCAL_HOSTS:
        raise refused("Entra ID sends people to plain http only on this machine.", "Write https://.")
    app_url(value)
    if is_custom_scheme(value):
        raise refused("Entra ID's web platform takes no address of an installed app.", _EXAMPLE)
    if len(value) > REDIRECT_URI_LENGTH:
        raise refused(
            f"The URL is {len(value)} characters long; Entra ID takes {REDIRECT_URI_LENGTH}.",
            "Write a shorter one.",
        )
    if forbidden := next((character for character in value if character in "!$'(),;"), None):
        raise refused(f"Entra ID takes no {forbidden} in an address.", "Write one without.")
    if parts.hostname == "::1":
        raise refused("Entra ID does not know [::1] as this machine.", "Write localhost.")
    if not parts.path:
        raise refused(
            "Entra ID wants a path in the address.", f'Write "{parts._replace(path="/").geturl()}".'
        )
    return value


def not_registrable(url: str) -> tuple[str, str] | None:
    """Why an address cannot be a redirect URI of a registration, and what to write instead."""
    try:
        registered_uri(url)
    except PydanticCustomError as refusal:
        context = refusal.context or {}
        return str(context["sentence"]), str(context["remedy"])
    return None


def as_browsers_write(url: str) -> str:
    """An address as browsers and URL libraries write it, and so as services get it to compare.

    Source: WHATWG URL Standard, "URL parsing": scheme and host in lower case, and not the scheme's own port.
    """
    found = re.fullmatch(r"([^:]*):(//[^/?]*)?(.*)", url)
    if found is None:
        return url
    scheme, origin, rest = found[1].lower(), found[2] or "", found[3]
    if scheme in DEFAULT_PORTS:
        origin = origin.lower().removesuffix(DEFAULT_PORTS[scheme]).removesuffix(":")
    return f"{scheme}:{origin}{rest}"


def authority(value: str) -> str:
    """The origin of a local service that answers as Entra ID does.

    Only this machine's: nothing else is Entra ID, Microsoft Graph and the userinfo endpoint at one origin.
    """
    _url_characters(value)
    host = _split(value).hostname or ""
    for domain, sentence, remedy in _NOT_ENTRA:
        if host == domain or host.endswith(f".{domain}"):
            raise refused(sentence, remedy)
    if not re.match(r"https?://", value):
        raise refused(
            "An authority begins with http:// or https://.", 'Write for instance "http://localhost:8400".'
        )
    if _host(value) not in {"localhost", "127.0.0.1"}:
        raise refused(
            "Nothing but Microsoft's own clouds and the local Entra ID of the sandbox answers as Entra ID and"
            " as Microsoft Graph. The server of another vendor is an identity provider of its own, which this"
            " stack does not make.",
            _CHOOSE_CLOUD,
        )
    parts = _split(value)
    if value != (origin := as_browsers_write(f"{parts.scheme}://{parts.netloc}")):
        raise refused(
            "The authority becomes the issuer, which Cognito compares letter for letter: an origin in lower"
            " case, no path, no slash at the end, nothing after ? or #.",
            f'Write "{origin}".',
        )
    return value


_CHOOSE_CLOUD = 'Remove authority, and choose cloud = "public", "usgovernment", "dod" or "china".'
_WORKFORCE = (
    "Remove authority, and write the tenant_id of a workforce tenant, whose people this stack signs in. Those"
    " of this one need an identity provider that is made by hand."
)
_OTHER_HOSTS = "This is Microsoft's own sign-in, whose Graph and version 2.0 tokens come from other hosts."
_V1 = "This is the issuer of version 1.0 tokens, and ends with a slash, which Cognito does not accept."
_B2C = "This is Azure AD B2C, whose addresses name a user flow and whose Graph is at another host."
_EXTERNAL = (
    "This is an external tenant, whose people sign in by user flows, which this stack does not make, and"
    " whose Graph is at another host."
)
# Domains of Microsoft's that are taken for an authority, what they are, and what to do (Microsoft learn,
# "National clouds", "Set redirect URLs to b2clogin.com" and "External tenant overview").
_NOT_ENTRA = (
    *((urlsplit(cloud.login_origin).hostname, _OTHER_HOSTS, _CHOOSE_CLOUD) for cloud in CLOUDS.values()),
    ("login.windows.net", _OTHER_HOSTS, _CHOOSE_CLOUD),
    ("sts.windows.net", _V1, _CHOOSE_CLOUD),
    ("b2clogin.com", _B2C, _WORKFORCE),
    ("ciamlogin.com", _EXTERNAL, _WORKFORCE),
)


def _url_characters(value: str) -> None:
    if len(value) > URL_LENGTH:
        raise refused(
            f"The URL is {len(value)} characters long; Cognito takes {URL_LENGTH}.", "Write a shorter one."
        )
    if value.isprintable() and " " not in value and "*" in value.partition("?")[0]:
        raise refused(
            "Cognito compares addresses as a whole; there are no wildcards.", "List each address by itself."
        )
    if not re.fullmatch(URL_CHARACTERS, value):
        raise refused(
            "There is a space, a % without two digits after it, or another character in it that a URL cannot"
            " have (RFC 3986).",
            "Percent-encode it (a space is %20), and write a host name with other letters in its xn-- form.",
        )


def _split(value: str) -> SplitResult:
    try:
        parts = urlsplit(value)
        _ = parts.port  # read here, because it is what fails on a port that is none
    except ValueError:
        raise refused("The address is not a valid URL.", _EXAMPLE) from None
    return parts


def _host(value: str) -> str:
    """The host of a web address, in lower case."""
    parts = _split(value)
    host = parts.hostname or ""
    if "@" in parts.netloc:
        raise refused(
            "There is a user name or password before the host.", "Write the address without the part up to @."
        )
    if host not in LOCAL_HOSTS and (not re.fullmatch(HOST, host) or len(host) > HOST_LENGTH):
        raise refused("The address has no valid host.", _EXAMPLE)
    return host


AppUrl = Annotated[str, AfterValidator(app_url)]
RegisteredUri = Annotated[str, AfterValidator(registered_uri)]
Authority = Annotated[str, AfterValidator(authority)]
