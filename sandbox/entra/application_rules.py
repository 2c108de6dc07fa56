"""Where Entra ID is strict about an application and its secrets.

Every rule names its source; pages are below learn.microsoft.com. The azuread provider lets most of these
mistakes through, so that a first deployment to a real tenant is where they would come to light.
"""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

from sandbox.entra.directory import MICROSOFT_GRAPH, Application, Json
from sandbox.entra.errors import GraphError, invalid, invalid_property

# entra/identity-platform/supported-accounts-validation
PERSONAL = {"AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount"}
AUDIENCES = {"AzureADMyOrg", "AzureADMultipleOrgs"} | PERSONAL
LONGEST_NAME, LONGEST_PERSONAL_NAME = 120, 90
MOST_REDIRECT_URIS, MOST_PERSONAL_REDIRECT_URIS = 256, 100
MOST_PERSONAL_SECRETS = 2
MOST_PERSONAL_PERMISSIONS = 30

# entra/identity-platform/reply-url
LONGEST_REDIRECT_URI = 256
FORBIDDEN_IN_REDIRECT_URI = "!$'(),;"
LOOPBACK = {"localhost", "127.0.0.1"}

# graph/api/resources/webapplication, graph/api/resources/application, graph/api/resources/approle
LONGEST_LOGOUT_URL = 255
LONGEST_DESCRIPTION = 1024
LONGEST_ROLE_NAME, LONGEST_ROLE_VALUE = 100, 120
GROUP_CLAIMS = {"None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"}
MEMBER_TYPES = {"User", "Application"}
ROLE_VALUE = re.compile(r"[0-9A-Za-z:!#$%&'()*+,\-./;=?@\[\]^_`{|}~]+")

# entra/identity-platform/optional-claims-reference: always in the token, or not for this token.
IMPOSSIBLE_CLAIMS = {
    "idToken": {"sub", "oid", "tid", "name", "idtyp"},
    "accessToken": {"sub", "oid", "tid", "name"},
    "saml2Token": set[str](),
}

# entra/identity-platform/quickstart-register-app: the limit of the admin center, which a tenant enforces
# for Graph as well with an application management policy, as this one does.
LONGEST_SECRET_YEARS = 2
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.IGNORECASE)


def check_application(new: Json, old: Json | None, secrets: int = 0) -> None:
    """Refuse an application that Entra ID would refuse.

    Args:
        old: all its properties before, None for a new application.

    Raises:
        GraphError: 400, with the property and the reason.
    """
    audience = new["signInAudience"]
    if audience not in AUDIENCES:
        raise _wrong("signInAudience", f"Supported are {', '.join(sorted(AUDIENCES))}.")
    if new["api"]["requestedAccessTokenVersion"] not in {None, 1, 2}:
        raise invalid("Property api.requestedAccessTokenVersion is invalid. It is 1 or 2.")
    personal = audience in PERSONAL
    _check_name(new["displayName"], LONGEST_PERSONAL_NAME if personal else LONGEST_NAME)
    if len(new["description"] or "") > LONGEST_DESCRIPTION:
        raise _wrong("description", f"At most {LONGEST_DESCRIPTION} characters.")
    if personal:
        _check_personal(new, secrets)
    _check_addresses(new, personal=personal)
    _check_claims(new)
    _check_permissions(new)
    _check_roles(new["appRoles"], [] if old is None else old["appRoles"])


def _wrong(name: str, why: str) -> GraphError:
    return invalid_property("Application", name, why)


def _check_name(name: str | None, longest: int) -> None:
    if name is None:
        raise invalid("A value is required for property 'displayName' of resource 'Application'.")
    if not name.strip():
        raise _wrong("displayName", "It must not be empty.")
    if len(name) > longest:
        raise _wrong("displayName", f"At most {longest} characters for this signInAudience.")


def _check_personal(new: Json, secrets: int) -> None:
    if new["api"]["requestedAccessTokenVersion"] != 2:  # noqa: PLR2004 - the name of a version
        raise invalid(
            "Property api.requestedAccessTokenVersion is invalid. Applications for personal Microsoft"
            " accounts need version 2."
        )
    if secrets > MOST_PERSONAL_SECRETS:
        raise _wrong("passwordCredentials", f"At most {MOST_PERSONAL_SECRETS} for personal accounts.")
    if new["appRoles"]:
        raise _wrong("appRoles", "Not supported for personal accounts.")
    for access in new["requiredResourceAccess"]:
        of_graph = access["resourceAppId"] == MICROSOFT_GRAPH
        if of_graph and len(access["resourceAccess"]) > MOST_PERSONAL_PERMISSIONS:
            raise _wrong(
                "requiredResourceAccess", f"At most {MOST_PERSONAL_PERMISSIONS} for personal accounts."
            )


def _check_addresses(new: Json, *, personal: bool) -> None:
    uris: list[str] = []
    for platform in ("web", "spa", "publicClient"):
        for uri in new[platform]["redirectUris"]:
            _check_redirect_uri(uri, custom_scheme=platform == "publicClient", personal=personal)
            uris.append(uri)
    most = MOST_PERSONAL_REDIRECT_URIS if personal else MOST_REDIRECT_URIS
    if len(uris) > most:
        raise _wrong("redirectUris", f"At most {most} for this signInAudience.")
    if len(set(uris)) != len(uris):
        raise _duplicates("redirectUris")
    logout = new["web"]["logoutUrl"]
    if logout is not None and (not logout.startswith("https://") or len(logout) > LONGEST_LOGOUT_URL):
        raise _wrong(
            "logoutUrl", f"It must begin with https:// and have at most {LONGEST_LOGOUT_URL} characters."
        )


def _check_redirect_uri(uri: str, *, custom_scheme: bool, personal: bool) -> None:
    def refuse(why: str) -> GraphError:
        return _wrong("redirectUris", f"'{uri}': {why}")

    if not uri:
        raise refuse("A redirect URI must not be empty.")
    if len(uri) > LONGEST_REDIRECT_URI:
        raise refuse(f"At most {LONGEST_REDIRECT_URI} characters.")
    if any(character.isspace() or character in FORBIDDEN_IN_REDIRECT_URI for character in uri):
        raise refuse(f"No spaces and none of {' '.join(FORBIDDEN_IN_REDIRECT_URI)}")
    if custom_scheme and not uri.startswith(("http://", "https://")):
        return
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        raise refuse("Not a URI.") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise refuse("It must begin with https://; http is for localhost only.")
    reasons = {
        "It must have a host.": not host,
        "The host must not have a wildcard.": "*" in parts.netloc,
        "It must not have a fragment.": "#" in uri,
        "It must have a path, at least '/'.": not parts.path,
        "No query string or wildcard for personal accounts.": personal and ("?" in uri or "*" in uri),
    }
    for why, applies in reasons.items():
        if applies:
            raise refuse(why)


def _check_claims(new: Json) -> None:
    membership = new["groupMembershipClaims"]
    if membership is not None and not {word.strip() for word in membership.split(",")} <= GROUP_CLAIMS:
        raise _wrong("groupMembershipClaims", f"Supported are {', '.join(sorted(GROUP_CLAIMS))}.")
    for token, impossible in IMPOSSIBLE_CLAIMS.items():
        for claim in (new["optionalClaims"] or {}).get(token, []):
            name, source = claim["name"], claim["source"]
            if not name or (source is None and name in impossible):
                raise _wrong("optionalClaims", f"'{name}' cannot be an optional claim of the {token}.")
            if source not in {None, "user"}:
                raise _wrong("optionalClaims", "The source of a claim is 'user' or absent.")


def _check_permissions(new: Json) -> None:
    resources = [access["resourceAppId"] for access in new["requiredResourceAccess"]]
    if len(set(resources)) != len(resources):
        raise _duplicates("requiredResourceAccess")
    for access in new["requiredResourceAccess"]:
        for permission in access["resourceAccess"]:
            if not _is_guid(permission["id"]) or permission["type"] not in {"Scope", "Role"}:
                raise _wrong("requiredResourceAccess", "A permission has a GUID and type Scope or Role.")


def _check_roles(new: list[Json], old: list[Json]) -> None:
    for role in new:
        value = role["value"]
        reasons = {
            "Its id must be a GUID.": not _is_guid(role["id"]),
            "displayName has 1 to 100 characters.": not 0
            < len(role["displayName"] or "")
            <= LONGEST_ROLE_NAME,
            "allowedMemberTypes are User, Application or both.": not role["allowedMemberTypes"]
            or not set(role["allowedMemberTypes"]) <= MEMBER_TYPES,
            "value has at most 120 characters, no spaces and no leading dot.": bool(value)
            and (len(value) > LONGEST_ROLE_VALUE or value.startswith(".") or not ROLE_VALUE.fullmatch(value)),
        }
        for why, applies in reasons.items():
            if applies:
                raise _wrong("appRoles", why)
    ids = [str(role["id"]).lower() for role in new]
    values = [role["value"] for role in new if role["value"]]
    if len(set(ids)) != len(ids) or len(set(values)) != len(values):
        raise _duplicates("appRoles")
    if any(role["isEnabled"] and str(role["id"]).lower() not in ids for role in old):
        raise GraphError(
            400,
            "CannotDeleteOrUpdateEnabledEntitlement",
            "Permission (scope or role) cannot be deleted or updated unless disabled first.",
        )


def _duplicates(name: str) -> GraphError:
    return invalid(f"Request contains a property with duplicate values: '{name}'.")


def _is_guid(text: object) -> bool:
    try:
        return str(UUID(str(text))) == str(text).lower()
    except ValueError:
        return False


def secret_period(credential: Json, now: datetime) -> tuple[tuple[datetime, str], tuple[datetime, str]]:
    """From when until when a new client secret is valid (graph/api/application-addpassword).

    Raises:
        GraphError: 400, a date is not RFC 3339, or the period is impossible or too long.
    """
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


def check_secret_count(application: Application) -> None:
    """Refuse one secret too many (entra/identity-platform/supported-accounts-validation).

    Raises:
        GraphError: 400, an application for personal accounts has two already.
    """
    personal = application.body["signInAudience"] in PERSONAL
    if personal and len(application.secrets) >= MOST_PERSONAL_SECRETS:
        raise _wrong("passwordCredentials", f"At most {MOST_PERSONAL_SECRETS} for personal accounts.")
