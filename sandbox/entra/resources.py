"""What can be set on Microsoft Graph's objects, with the defaults and the rules of single properties.

The rules are those that a Terraform provider can tell apart: text comes back as it was sent, a list in the
order it was sent, PATCH replaces (only `api`, `web` and `info` property by property), null clears.

The properties are in learn.microsoft.com/graph/api/resources/application and serviceprincipal, their limits
in webapplication, approle and optionalclaim beside them and in
learn.microsoft.com/entra/identity-platform/supported-accounts-validation.
"""

import re
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from sandbox.entra.directory import Json
from sandbox.entra.errors import GraphError, invalid, invalid_property

GROUP_CLAIMS = {"None", "SecurityGroup", "DirectoryRole", "ApplicationGroup", "All"}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
ROLE_VALUE = re.compile(r"(?!\.)[0-9A-Za-z:!#$%&'()*+,\-./;=?@\[\]^_`{|}~]{0,120}")
MERGED = ("api", "web", "info")


def _guid(text: str) -> str:
    if not GUID.fullmatch(text):
        raise ValueError("It must be a GUID.")
    return text


def _role_value(text: str) -> str:
    if not ROLE_VALUE.fullmatch(text):
        raise ValueError("It has at most 120 characters, no spaces and no leading dot.")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("It must not be empty.")
    return text


def _group_claims(text: str) -> str:
    if not {word.strip() for word in text.split(",")} <= GROUP_CLAIMS:
        raise ValueError(f"Supported are {', '.join(sorted(GROUP_CLAIMS))}.")
    return text


Guid = Annotated[str, AfterValidator(_guid)]
RoleValue = Annotated[str, AfterValidator(_role_value)]


class Resource(BaseModel):
    """An object of Graph, or a part of one."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        """Null clears, and annotations that a client read before mean nothing."""
        if not isinstance(value, dict):
            return value
        return {name: one for name, one in value.items() if one is not None and "@odata." not in name}


class AppRole(Resource):
    """A role that people and applications can be assigned."""

    allowed_member_types: list[Literal["User", "Application"]] = Field(min_length=1)
    description: str | None = None
    display_name: str = Field(min_length=1, max_length=100)
    id: Guid
    is_enabled: bool = True
    origin: str = "Application"
    value: RoleValue | None = None


class PermissionScope(Resource):
    """A delegated permission that an application offers."""

    admin_consent_description: str | None = None
    admin_consent_display_name: str | None = None
    id: str | None = None
    is_enabled: bool = True
    origin: str = "Application"
    type: str = "User"
    user_consent_description: str | None = None
    user_consent_display_name: str | None = None
    value: str | None = None


class ResourceAccess(Resource):
    """A permission that an application needs."""

    id: Guid
    type: Literal["Scope", "Role"]


class RequiredResourceAccess(Resource):
    """The permissions that an application needs at one service."""

    resource_app_id: str | None = None
    resource_access: list[ResourceAccess] = []


class PreAuthorizedApplication(Resource):
    """An application that needs no consent."""

    app_id: str | None = None
    delegated_permission_ids: list[str] = []


class OptionalClaim(Resource):
    """A claim that a token has only when the registration asks for it."""

    name: str = Field(min_length=1)
    source: Literal["user"] | None = None
    essential: bool = False
    additional_properties: list[str] = []


class OptionalClaims(Resource):
    """The optional claims by token."""

    id_token: list[OptionalClaim] = []
    access_token: list[OptionalClaim] = []
    saml2_token: list[OptionalClaim] = []


class Api(Resource):
    """What an application offers to others."""

    accept_mapped_claims: bool | None = None
    known_client_applications: list[str] = []
    oauth2_permission_scopes: list[PermissionScope] = []
    pre_authorized_applications: list[PreAuthorizedApplication] = []
    requested_access_token_version: int | None = None


class ImplicitGrantSettings(Resource):
    """Which tokens the authorization endpoint may give."""

    enable_access_token_issuance: bool = False
    enable_id_token_issuance: bool = False


class Web(Resource):
    """The web platform of an application."""

    home_page_url: str | None = None
    implicit_grant_settings: ImplicitGrantSettings = ImplicitGrantSettings()
    logout_url: Annotated[str, Field(max_length=255, pattern="^https://")] | None = None
    redirect_uris: list[str] = []
    redirect_uri_settings: Any = Field(default=None, exclude=True)


class Platform(Resource):
    """Another platform of an application."""

    redirect_uris: list[str] = []


class Info(Resource):
    """Where people read about an application."""

    marketing_url: str | None = None
    privacy_statement_url: str | None = None
    support_url: str | None = None
    terms_of_service_url: str | None = None


class ParentalControls(Resource):
    """Which minors may use an application."""

    countries_blocked_for_minors: list[str] = []
    legal_age_group_rule: str = "Allow"


class Application(Resource):
    """The settable properties of an application; `addIns` and `keyCredentials` are kept as they come."""

    id: Any = Field(default=None, exclude=True)
    display_name: Annotated[str, Field(max_length=120), AfterValidator(_not_blank)]
    description: Annotated[str, Field(max_length=1024)] | None = None
    notes: str | None = None
    sign_in_audience: Literal[
        "AzureADMyOrg",
        "AzureADMultipleOrgs",
        "AzureADandPersonalMicrosoftAccount",
        "PersonalMicrosoftAccount",
    ] = "AzureADMyOrg"
    group_membership_claims: Annotated[str, AfterValidator(_group_claims)] | None = None
    service_management_reference: str | None = None
    token_encryption_key_id: str | None = None
    saml_metadata_url: str | None = None
    default_redirect_uri: str | None = None
    is_device_only_auth_supported: bool | None = None
    is_fallback_public_client: bool | None = None
    oauth2_require_post_response: bool = False
    identifier_uris: list[str] = []
    tags: list[str] = []
    add_ins: list[Any] = []
    app_roles: list[AppRole] = []
    key_credentials: list[Any] = []
    required_resource_access: list[RequiredResourceAccess] = []
    optional_claims: OptionalClaims | None = None
    api: Api = Api()
    web: Web = Web()
    spa: Platform = Platform()
    public_client: Platform = Platform()
    info: Info = Info()
    parental_control_settings: ParentalControls = ParentalControls()


class ServicePrincipal(Resource):
    """The settable properties of a service principal; its SAML settings and keys are kept as they come."""

    id: Any = Field(default=None, exclude=True)
    account_enabled: bool = True
    alternative_names: list[str] = []
    app_role_assignment_required: bool = False
    description: Annotated[str, Field(max_length=1024)] | None = None
    key_credentials: list[Any] = []
    login_url: str | None = None
    notes: Annotated[str, Field(max_length=1024)] | None = None
    notification_email_addresses: list[str] = []
    preferred_single_sign_on_mode: str | None = None
    preferred_token_signing_key_thumbprint: str | None = None
    saml_single_sign_on_settings: dict[str, Any] | None = None
    tags: list[str] = []


class FederatedIdentityCredential(Resource):
    """Whose tokens an application takes (graph/api/resources/federatedidentitycredential)."""

    id: Any = Field(default=None, exclude=True)
    name: Annotated[str, Field(min_length=3, max_length=120)]
    issuer: Annotated[str, Field(max_length=600, pattern="^https://")]
    subject: Annotated[str, Field(max_length=600)]
    audiences: list[str] = Field(min_length=1, max_length=1)
    description: Annotated[str, Field(max_length=600)] | None = None


class OAuth2PermissionGrant(Resource):
    """A new consent grant (graph/api/oauth2permissiongrant-post)."""

    client_id: str
    resource_id: str
    consent_type: Literal["AllPrincipals", "Principal"]
    principal_id: str | None = None
    scope: str


Checked = TypeVar("Checked", bound=Resource)


def checked(resource: type[Checked], properties: Json) -> Checked:
    """A resource with these properties."""
    try:
        return resource.model_validate(properties)
    except ValidationError as error:
        raise _refusal(resource.__name__, error) from None


def changed(resource: type[Resource], old: Json, patch: Json) -> Json:
    """The properties of a resource after a POST (`old` is empty) or a PATCH."""
    new = old | patch
    for name in MERGED:
        if isinstance(old.get(name), dict) and isinstance(patch.get(name), dict):
            new[name] = old[name] | patch[name]
    return checked(resource, new).model_dump(by_alias=True)


def _refusal(resource: str, error: ValidationError) -> GraphError:
    first = error.errors()[0]
    name = ".".join(part for part in first["loc"] if isinstance(part, str))
    match first["type"]:
        case "extra_forbidden":
            return invalid(f"Invalid property '{first['loc'][-1]}'.")
        case "missing":
            return invalid(f"A value is required for property '{name}' of resource '{resource}'.")
        case "value_error":
            return invalid_property(resource, name, str(first["ctx"]["error"]))
        case _:
            return invalid_property(resource, name, f"{first['msg']}.")
