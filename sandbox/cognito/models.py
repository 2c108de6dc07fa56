"""User pools, app clients, identity providers and users, as the API's own records describe them.

Each is a snapshot: ask `user_pools` again for what has become of it since.
"""

from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Json: TypeAlias = dict[str, Any]

LOCAL_ACCOUNTS = "COGNITO"
"""How an app client names the pool's own accounts among its providers (API_CreateUserPoolClient)."""

MANAGED_LOGIN = 2
"""The version of the sign-in pages that is not the classic one (API_DomainDescriptionType)."""

VERIFIED = frozenset({"email_verified", "phone_number_verified"})

# API_CreateUserPoolClient, ReadAttributes and WriteAttributes: what a client may read and write if it does
# not say. No custom attribute is among them.
STANDARD_ATTRIBUTES = frozenset(
    {
        *("address", "birthdate", "email", "family_name", "gender", "given_name", "locale", "middle_name"),
        *("name", "nickname", "phone_number", "picture", "preferred_username", "profile", "updated_at"),
        *("website", "zoneinfo"),
    }
)

# What an app client must have enabled for each way to get tokens (API_CreateUserPoolClient): the field of
# `Client`, and the word in it. The API's are each `AuthFlow` of API_InitiateAuth and API_AdminInitiateAuth.
REQUIRED_FLOW = {
    "response_type=code": ("oauth_flows", "code"),
    "response_type=token": ("oauth_flows", "implicit"),
    "grant_type=authorization_code": ("oauth_flows", "code"),
    "grant_type=refresh_token": ("auth_flows", "ALLOW_REFRESH_TOKEN_AUTH"),
    "REFRESH_TOKEN_AUTH": ("auth_flows", "ALLOW_REFRESH_TOKEN_AUTH"),
    "REFRESH_TOKEN": ("auth_flows", "ALLOW_REFRESH_TOKEN_AUTH"),
    "USER_SRP_AUTH": ("auth_flows", "ALLOW_USER_SRP_AUTH"),
    "USER_PASSWORD_AUTH": ("auth_flows", "ALLOW_USER_PASSWORD_AUTH"),
    "USER_AUTH": ("auth_flows", "ALLOW_USER_AUTH"),
    "CUSTOM_AUTH": ("auth_flows", "ALLOW_CUSTOM_AUTH"),
    "ADMIN_USER_PASSWORD_AUTH": ("auth_flows", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    "ADMIN_NO_SRP_AUTH": ("auth_flows", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
}

# The scope of every sign-in by the API, which its self-service calls ask for
# (cognito-user-pools-define-resource-servers).
SELF_SERVICE_SCOPE = "aws.cognito.signin.user.admin"

# API_CreateUserPoolClient, ExplicitAuthFlows: what is allowed when nothing is said.
DEFAULT_AUTH_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")

Names = Annotated[tuple[str, ...], BeforeValidator(lambda value: value or ())]
SecretValues = Annotated[
    tuple[str, ...], BeforeValidator(lambda value: tuple(one["ClientSecretValue"] for one in value or ()))
]
AuthFlows = Annotated[tuple[str, ...], BeforeValidator(lambda value: value or DEFAULT_AUTH_FLOWS)]
Text = Annotated[str, BeforeValidator(lambda value: value or "")]
Definitions = Annotated[dict[str, Json], BeforeValidator(lambda value: {one["Name"]: one for one in value})]
Values = Annotated[
    dict[str, str], BeforeValidator(lambda value: {one["Name"]: one["Value"] for one in value})
]


def domain_host(prefix: str, region: str) -> str:
    """The host of a prefix domain (cognito-user-pools-assign-domain; govcloud-us user guide)."""
    label = "auth-fips" if region.startswith("us-gov-") else "auth"
    return f"{prefix}.{label}.{region}.amazoncognito.com"


class Record(BaseModel):
    """A record of the API, read by the API's own names."""

    # Some have secrets: pydantic's own messages would quote them.
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Provider(Record):
    """An identity provider (API_IdentityProviderType).

    Attributes:
        type: `OIDC`, `SAML` or the name of a social provider.
        details: `client_id`, `client_secret`, `oidc_issuer` and the rest (API_CreateIdentityProvider).
        mapping: attribute of the pool to claim of the provider.
        identifiers: other names by which `idp_identifier` finds it.
    """

    name: str = Field(alias="ProviderName")
    type: str = Field(alias="ProviderType")
    details: dict[str, str] = Field(alias="ProviderDetails", repr=False)
    mapping: dict[str, str] = Field(alias="AttributeMapping", default={})
    identifiers: Names = Field(alias="IdpIdentifiers", default=())


class Pool(Record):
    """A user pool (API_UserPoolType) and its providers.

    Attributes:
        attributes: attribute name to definition (API_SchemaAttributeType).
        login_versions: of the sign-in pages, by the prefix or the host of a domain.
    """

    id: str = Field(alias="Id")
    arn: str = Field(alias="Arn", default="")
    prefix: Text = Field(alias="Domain", default="")
    custom_domain: Text = Field(alias="CustomDomain", default="")
    attributes: Definitions = Field(alias="SchemaAttributes")
    triggers: Json = Field(alias="LambdaConfig", default={})
    providers: dict[str, Provider] = Field(alias="_identity_providers", default={})
    login_versions: dict[str, int] = Field(alias="_managed_login_versions", default={})

    @property
    def region(self) -> str:
        """Its region, with which its id begins."""
        return self.id.rsplit("_", 1)[0]

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens (amazon-cognito-user-pools-using-the-id-token)."""
        return f"https://cognito-idp.{self.region}.amazonaws.com/{self.id}"

    @property
    def hosts(self) -> list[str]:
        """The hosts of its sign-in pages on AWS: the custom domain and the prefix domain, if it has them."""
        prefix = [domain_host(self.prefix, self.region)] if self.prefix else []
        return [*([self.custom_domain] if self.custom_domain else []), *prefix]

    @property
    def managed_login(self) -> bool:
        """Whether the sign-in pages are those of managed login, and not the classic ones."""
        return self.login_versions.get(self.custom_domain or self.prefix) == MANAGED_LOGIN

    def host(self, asked: str | None) -> str:
        """The host that a browser is at, in the providers' eyes too.

        Raises:
            IndexError: the pool has no domain.
        """
        return asked if asked in self.hosts else self.hosts[0]


class Client(Record):
    """An app client (API_UserPoolClientType) and its pool.

    Attributes:
        secret: the client secret; None for a public client.
        further_secrets: values of those that were added to it (API_AddUserPoolClientSecret).
        oauth: whether the client may use the sign-in pages and the token endpoint at all.
        auth_flows: the flows of the API, of which refreshing is one here too.
    """

    pool: Pool
    id: str = Field(alias="ClientId")
    name: Text = Field(alias="ClientName", default="")
    secret: str | None = Field(alias="ClientSecret", default=None, repr=False)
    further_secrets: SecretValues = Field(alias="_further_secrets", default=(), repr=False)
    oauth: bool = Field(alias="AllowedOAuthFlowsUserPoolClient", default=False)
    oauth_flows: Names = Field(alias="AllowedOAuthFlows", default=())
    scopes: Names = Field(alias="AllowedOAuthScopes", default=())
    callback_urls: Names = Field(alias="CallbackURLs", default=())
    default_redirect_uri: Text = Field(alias="DefaultRedirectURI", default="")
    logout_urls: Names = Field(alias="LogoutURLs", default=())
    supported_providers: Names = Field(alias="SupportedIdentityProviders", default=())
    read_attributes: Names = Field(alias="ReadAttributes", default=())
    write_attributes: Names = Field(alias="WriteAttributes", default=())
    auth_flows: AuthFlows = Field(alias="ExplicitAuthFlows", default=DEFAULT_AUTH_FLOWS)
    may_revoke: bool = Field(alias="EnableTokenRevocation", default=True)

    def allows(self, use: str) -> bool:
        """Whether the client has the flow enabled that a use in `REQUIRED_FLOW` needs."""
        setting, flow = REQUIRED_FLOW[use]
        return flow in getattr(self, setting)

    @property
    def local_accounts(self) -> bool:
        """Whether the pool's own accounts may sign in."""
        return LOCAL_ACCOUNTS in self.supported_providers

    @property
    def providers(self) -> list[Provider]:
        """The identity providers that the client enables and the pool has."""
        known = self.pool.providers
        return [known[name] for name in self.supported_providers if name in known]

    @property
    def asks_for_email(self) -> bool:
        """Whether the sign-in page finds the provider by the domain of an email address.

        cognito-user-pools-managing-saml-idp-naming: "If you have multiple" providers "and you specify an
        IdPIdentifier value for any one of them, you will see a box to enter an email address".
        """
        return len(self.providers) > 1 and any(provider.identifiers for provider in self.providers)

    @property
    def readable(self) -> frozenset[str]:
        """The attributes that its tokens and userInfo may hold (API_CreateUserPoolClient)."""
        return frozenset(self.read_attributes or STANDARD_ATTRIBUTES | VERIFIED)

    @property
    def writable(self) -> frozenset[str]:
        """The attributes that a sign-in through it may set (API_CreateUserPoolClient)."""
        return frozenset(self.write_attributes or STANDARD_ATTRIBUTES)


class User(Record):
    """A user's profile (API_UserType).

    Attributes:
        username: of federated users `<provider>_<sub at the provider>`.
        attributes: attribute name to value, all of them text.
        status: `EXTERNAL_PROVIDER` for federated users, `CONFIRMED` for most others.
    """

    username: str = Field(alias="Username")
    attributes: Values = Field(alias="Attributes")
    groups: Names = Field(alias="_groups", default=())
    status: str = Field(alias="UserStatus")
    enabled: bool = Field(alias="Enabled", default=True)

    @property
    def sub(self) -> str:
        """The pool's own unchanging name for the user."""
        return self.attributes["sub"]
