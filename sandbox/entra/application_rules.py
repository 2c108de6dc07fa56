"""Where Entra ID is strict about an application as a whole and about its secrets.

Every rule names its source; pages are below learn.microsoft.com. The azuread provider lets most of these
mistakes through, so that a first deployment to a real tenant is where they would come to light.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sandbox.entra.directory import MICROSOFT_GRAPH, Application, Json
from sandbox.entra.errors import GraphError, invalid, invalid_property

# entra/identity-platform/supported-accounts-validation
PERSONAL = {"AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}
PERSONAL_TOKEN_VERSION = 2
LONGEST_PERSONAL_NAME = 90
MOST_REDIRECT_URIS, MOST_PERSONAL_REDIRECT_URIS = 256, 100
MOST_PERSONAL_SECRETS = 2
MOST_PERSONAL_PERMISSIONS = 30

# entra/identity-platform/reply-url
LONGEST_REDIRECT_URI = 256
FORBIDDEN_IN_REDIRECT_URI = "!$'(),;"
LOOPBACK = {"localhost", "127.0.0.1"}

# entra/identity-platform/optional-claims-reference: always in the token, or not for this token.
IMPOSSIBLE_CLAIMS = {
    "idToken": {"sub", "oid", "tid", "name", "idtyp"},
    "accessToken": {"sub", "oid", "tid", "name"},
}

LARGEST_LOGO = 100_000
PICTURES = (b"GIF8", b"\xff\xd8\xff", b"\x89PNG")

# entra/identity-platform/quickstart-register-app: the limit of the admin center, which a tenant enforces
# for Graph as well with an application management policy, as this one does.
LONGEST_SECRET_YEARS = 2
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE)


def check_application(new: Json, old: Json, secrets: int = 0) -> None:
    """Refuse an application that Entra ID would refuse, although each property is right by itself.

    `old` has the properties before; it is empty for a new application.
    """
    if new["api"]["requestedAccessTokenVersion"] not in {None, 1, 2}:
        raise invalid("Property api.requestedAccessTokenVersion is invalid. It is 1 or 2.")
    personal = new["signInAudience"] in PERSONAL
    if personal:
        _check_personal(new, secrets)
    _check_redirect_uris(new, personal=personal)
    for token, impossible in IMPOSSIBLE_CLAIMS.items():
        for claim in (new["optionalClaims"] or {}).get(token, []):
            if claim["source"] is None and claim["name"] in impossible:
                raise _wrong(
                    "optionalClaims", f"'{claim['name']}' cannot be an optional claim of the {token}."
                )
    _check_unique("requiredResourceAccess", (one["resourceAppId"] for one in new["requiredResourceAccess"]))
    _check_roles(new["appRoles"], old.get("appRoles", []))


def _wrong(name: str, why: str) -> GraphError:
    return invalid_property("Application", name, why)


def _check_unique(name: str, values: Iterable[str | None]) -> None:
    kept = list(values)
    if len(set(kept)) != len(kept):
        raise invalid(f"Request contains a property with duplicate values: '{name}'.")


def _check_personal(new: Json, secrets: int) -> None:
    if new["api"]["requestedAccessTokenVersion"] != PERSONAL_TOKEN_VERSION:
        raise invalid(
            "Property api.requestedAccessTokenVersion is invalid. Applications for personal Microsoft"
            " accounts need version 2."
        )
    if len(new["displayName"]) > LONGEST_PERSONAL_NAME:
        raise _wrong("displayName", f"At most {LONGEST_PERSONAL_NAME} characters for personal accounts.")
    if secrets > MOST_PERSONAL_SECRETS:
        raise too_many_secrets()
    if new["appRoles"]:
        raise _wrong("appRoles", "Not supported for personal accounts.")
    for access in new["requiredResourceAccess"]:
        of_graph = access["resourceAppId"] == MICROSOFT_GRAPH
        if of_graph and len(access["resourceAccess"]) > MOST_PERSONAL_PERMISSIONS:
            raise _wrong(
                "requiredResourceAccess", f"At most {MOST_PERSONAL_PERMISSIONS} for personal accounts."
            )


def _check_redirect_uris(new: Json, *, personal: bool) -> None:
    uris: list[str] = []
    for platform in ("web", "spa", "publicClient"):
        for uri in new[platform]["redirectUris"]:
            if why := _unusable(uri, custom_scheme=platform == "publicClient", personal=personal):
                raise _wrong("redirectUris", f"'{uri}': {why}")
            uris.append(uri)
    most = MOST_PERSONAL_REDIRECT_URIS if personal else MOST_REDIRECT_URIS
    if len(uris) > most:
        raise _wrong("redirectUris", f"At most {most} for this signInAudience.")
    _check_unique("redirectUris", uris)


def _unusable(uri: str, *, custom_scheme: bool, personal: bool) -> str | None:
    """Why a redirect URI cannot be registered, if it cannot."""
    if not uri:
        return "A redirect URI must not be empty."
    if len(uri) > LONGEST_REDIRECT_URI:
        return f"At most {LONGEST_REDIRECT_URI} characters."
    if any(character.isspace() or character in FORBIDDEN_IN_REDIRECT_URI for character in uri):
        return f"No spaces and none of {' '.join(FORBIDDEN_IN_REDIRECT_URI)}"
    if custom_scheme and not uri.startswith(("http://", "https://")):
        return None
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return "Not a URI."
    reasons = {
        "It must begin with https://; http is for localhost only.": (
            parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK)
        ),
        "It must have a host.": not host,
        "The host must not have a wildcard.": "*" in parts.netloc,
        "It must not have a fragment.": "#" in uri,
        "It must have a path, at least '/'.": not parts.path,
        "No query string or wildcard for personal accounts.": personal and ("?" in uri or "*" in uri),
    }
    return next((why for why, applies in reasons.items() if applies), None)


def _check_roles(new: list[Json], old: list[Json]) -> None:
    ids = [role["id"].lower() for role in new]
    _check_unique("appRoles", ids)
    _check_unique("appRoles", (role["value"] for role in new if role["value"]))
    if any(role["isEnabled"] and role["id"].lower() not in ids for role in old):
        raise GraphError(
            400,
            "CannotDeleteOrUpdateEnabledEntitlement",
            "Permission (scope or role) cannot be deleted or updated unless disabled first.",
        )


def secret_period(credential: Json, now: datetime) -> tuple[tuple[datetime, str], tuple[datetime, str]]:
    """From when until when a new client secret is valid (graph/api/application-addpassword)."""
    start = _moment(credential.get("startDateTime"), "startDateTime", now)
    latest = _years_after(start[0], LONGEST_SECRET_YEARS)
    # Without an end Graph grants two years, whether or not anybody will remember.
    end = _moment(credential.get("endDateTime"), "endDateTime", latest)
    if end[0] <= now or end[0] <= start[0]:
        raise invalid_property(
            "PasswordCredential", "endDateTime", "It must lie in the future and after startDateTime."
        )
    if end[0] > latest:
        raise GraphError(
            400,
            "CredentialInvalidLifetimeAsPerAppPolicy",
            "Credential lifetime exceeds the max value allowed as per assigned policy (24 months).",
        )
    return start, end


def _moment(text: object, name: str, default: datetime) -> tuple[datetime, str]:
    if text is None:
        return default, default.strftime("%Y-%m-%dT%H:%M:%SZ")
    if not isinstance(text, str) or not RFC3339.fullmatch(text):
        raise invalid_property("PasswordCredential", name, "It must be a full RFC 3339 date and time.")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC), text
    except (ValueError, OverflowError):
        raise invalid_property("PasswordCredential", name, "There is no such date.") from None


def _years_after(moment: datetime, years: int) -> datetime:
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:  # 29 February
        return moment.replace(year=moment.year + years, day=28)


def too_many_secrets() -> GraphError:
    """The refusal of one secret too many (entra/identity-platform/supported-accounts-validation)."""
    return _wrong("passwordCredentials", f"At most {MOST_PERSONAL_SECRETS} for personal accounts.")


def check_logo(content: bytes) -> bytes:
    """Refuse what is no picture, and a large one (Entra admin center, Branding & properties)."""
    if len(content) > LARGEST_LOGO or not content.startswith(PICTURES):
        raise _wrong("logo", f"It is a gif, jpeg or png of at most {LARGEST_LOGO} bytes.")
    return content


def check_secret_count(application: Application) -> None:
    """Refuse a new secret of an application for personal accounts that has two already."""
    personal = application.body["signInAudience"] in PERSONAL
    if personal and len(application.secrets) >= MOST_PERSONAL_SECRETS:
        raise too_many_secrets()
