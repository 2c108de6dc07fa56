"""Closed vocabularies, and what Entra ID and Cognito know by name; each with its source."""

import re
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Self


class EntraCloud(StrEnum):
    """Microsoft's clouds (Microsoft learn, "National clouds")."""

    PUBLIC = "public"
    US_GOVERNMENT = "usgovernment"
    US_DEFENSE = "dod"
    CHINA = "china"


class AccountTypes(StrEnum):
    """Whose accounts an app registration accepts (Microsoft learn, "Supported account types")."""

    ONE_TENANT = "AzureADMyOrg"
    ANY_TENANT = "AzureADMultipleOrgs"
    ANY_TENANT_AND_PERSONAL = "AzureADandPersonalMicrosoftAccount"
    PERSONAL = "PersonalMicrosoftAccount"


class Permission(StrEnum):
    """Microsoft Graph's delegated permissions for signing in (Microsoft Graph permissions reference)."""

    # Its id, the same in every tenant and cloud. Written out, because looking it up would need a right
    # (Application.Read.All) that a deployer without admin consent may not have.
    graph_id: str
    # Why signing in does not need it.
    needless: str

    def __new__(cls, name: str, graph_id: str, needless: str = "") -> Self:
        """A permission with its columns."""
        permission = str.__new__(cls, name)
        permission._value_ = name
        permission.graph_id, permission.needless = graph_id, needless
        return permission

    OPENID = "openid", "37f7f235-527c-4136-accd-4a02d197296e"
    EMAIL = "email", "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0"
    PROFILE = "profile", "14dad69e-099b-42c9-810b-d002981feec1"
    OFFLINE_ACCESS = (
        "offline_access",
        "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
        "Cognito has no use for Microsoft's refresh token.",
    )
    USER_READ = (
        "User.Read",
        "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
        "The userinfo endpoint answers with openid, email and profile alone.",
    )


class Tier(StrEnum):
    """A user pool's feature plan (Cognito developer guide, "User pool feature plans")."""

    LITE = "LITE"
    ESSENTIALS = "ESSENTIALS"
    PLUS = "PLUS"


class AppType(StrEnum):
    """What kind of app signs people in: whether it can keep a secret."""

    SERVER = "server"
    SINGLE_PAGE = "single_page"
    MOBILE = "mobile"


class GroupsClaim(StrEnum):
    """How the claim `groups` names groups (Microsoft learn, "Configure group claims for applications")."""

    IDS = "ids"
    NAMES = "names"


class GroupsFrom(StrEnum):
    """What becomes `cognito:groups`: each is the name of the claim, too."""

    ROLES = "roles"
    GROUPS = "groups"


class ColorMode(StrEnum):
    """When a picture is shown (Cognito API reference, AssetType, ColorMode)."""

    LIGHT = "LIGHT"
    DARK = "DARK"
    DYNAMIC = "DYNAMIC"


class BrandingCategory(StrEnum):
    """Where a picture is shown (Cognito API reference, AssetType, Category)."""

    FAVICON_ICO = "FAVICON_ICO"
    FAVICON_SVG = "FAVICON_SVG"
    EMAIL_GRAPHIC = "EMAIL_GRAPHIC"
    SMS_GRAPHIC = "SMS_GRAPHIC"
    AUTH_APP_GRAPHIC = "AUTH_APP_GRAPHIC"
    PASSWORD_GRAPHIC = "PASSWORD_GRAPHIC"  # noqa: S105 - a place on the page
    PASSKEY_GRAPHIC = "PASSKEY_GRAPHIC"
    PAGE_HEADER_LOGO = "PAGE_HEADER_LOGO"
    PAGE_HEADER_BACKGROUND = "PAGE_HEADER_BACKGROUND"
    PAGE_FOOTER_LOGO = "PAGE_FOOTER_LOGO"
    PAGE_FOOTER_BACKGROUND = "PAGE_FOOTER_BACKGROUND"
    PAGE_BACKGROUND = "PAGE_BACKGROUND"
    FORM_BACKGROUND = "FORM_BACKGROUND"
    FORM_LOGO = "FORM_LOGO"
    IDP_BUTTON_ICON = "IDP_BUTTON_ICON"


# For how many days refresh tokens are valid where the settings give no number: Cognito's own default for
# servers, and Microsoft's for the others (Microsoft learn, "Refresh tokens in the Microsoft identity
# platform": 24 hours in single page apps, otherwise 90 days).
REFRESH_TOKEN_DAYS = {AppType.SERVER: 30, AppType.SINGLE_PAGE: 1, AppType.MOBILE: 90}

# Microsoft Graph's application id, the same in every tenant and cloud (same reference as for Permission).
MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"

# As which people sign in who deploy after `az login` (Microsoft learn, "Application IDs of commonly used
# Microsoft applications").
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"

# Assigned to an application without any of its app roles: "default access" (Microsoft Graph reference,
# appRoleAssignment).
DEFAULT_ACCESS_ROLE = "00000000-0000-0000-0000-000000000000"

# The tenant of personal Microsoft accounts, the same for everyone
# (Microsoft learn, "OpenID Connect on the Microsoft identity platform").
PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad"

# What the stack maps by itself: `sub` is the name of a federated user; `oid` and `tid` say who a person is
# across app registrations (Microsoft learn, "Migrate away from using email claims for authorization").
OWN_ATTRIBUTE_MAPPING = {"username": "sub", "custom:entra_oid": "oid", "custom:entra_tid": "tid"}

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
STANDARD_ATTRIBUTES: tuple[str, ...] = tuple(_WORDS["standard_attributes"])
BUILT_IN_CLAIMS: frozenset[str] = frozenset(_WORDS["built_in_claims"])
OPTIONAL_CLAIMS: dict[str, str] = _WORDS["optional_claims"]
POLICY_CLAIMS: frozenset[str] = frozenset(_WORDS["policy_claims"])
# Never from a policy (Microsoft learn, "Claims customization using a policy": JSON Web Token (JWT) restricted
# claim set), beside those that are there without one.
RESTRICTED_PREFIXES = ("extn.", "xms_")

# How long an attribute that holds a claim may be (Cognito developer guide, "Specifying identity provider
# attribute mappings").
LONGEST_ATTRIBUTE = 2048

# How an app client names the pool's own accounts among its identity providers (Cognito API reference,
# CreateUserPoolClient, SupportedIdentityProviders).
LOCAL_ACCOUNTS = "COGNITO"

# Set by the service or by the identity provider alone: naming them makes CreateUserPoolClient fail
# with "Invalid write attributes specified while creating a client".
NEVER_WRITABLE = frozenset({"username", "email_verified", "phone_number_verified"})

# What an app client has to be able to read, all of it, for each scope that it has: otherwise the token
# endpoint answers every code with invalid_grant (Cognito developer guide, "Token endpoint"). No other scope
# needs anything: `profile` stands for whatever the client can read ("Application-specific settings with app
# clients"), and the others for no attributes.
ATTRIBUTES_OF_SCOPE = {
    "email": ("email", "email_verified"),
    "phone": ("phone_number", "phone_number_verified"),
}

# A directory extension of a user: the registration asks for it by this name, with the source "user", and the
# token calls it `extn.` and the last part (Microsoft learn, "Configure and manage optional claims": directory
# extension formatting).
EXTENSION = re.compile(r"extension_[0-9a-fA-F]{32}_(\w+)")


def in_token(optional_claim: str) -> str:
    """What an optional claim is called in the token."""
    extension = EXTENSION.fullmatch(optional_claim)
    return f"extn.{extension[1]}" if extension else optional_claim


# Claims that stay away unless the scope email was granted, too (same references; "Scopes and permissions").
CLAIMS_OF_EMAIL = frozenset({"email", "xms_edov"})


def attributes_of_scopes(scopes: Iterable[str]) -> set[str]:
    """What an app client has to be able to read for its scopes."""
    return {name for scope in scopes for name in ATTRIBUTES_OF_SCOPE.get(scope, ())}


# Claims that say what a person may do.
AUTHORIZATION_CLAIMS = frozenset({"groups", "roles", "wids"})
