"""What user pools, app clients, identity providers and users say of themselves, in the API's own shape."""

from dataclasses import dataclass
from typing import Any

from stacks import clouds

Json = dict[str, Any]

LOCAL_ACCOUNTS = "COGNITO"
"""How an app client names the pool's own accounts among its providers (API_CreateUserPoolClient)."""

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


@dataclass(frozen=True)
class Provider:
    """An identity provider (API_IdentityProviderType)."""

    raw: Json

    @property
    def name(self) -> str:
        """Its name in the pool, with which the user names of its people begin."""
        return str(self.raw["ProviderName"])

    @property
    def type(self) -> str:
        """`OIDC`, `SAML` or the name of a social provider."""
        return str(self.raw["ProviderType"])

    @property
    def details(self) -> dict[str, str]:
        """`client_id`, `client_secret`, `oidc_issuer` and the rest (API_CreateIdentityProvider)."""
        return dict(self.raw["ProviderDetails"])

    @property
    def mapping(self) -> dict[str, str]:
        """Attribute of the pool to claim of the provider."""
        return dict(self.raw["AttributeMapping"])

    @property
    def identifiers(self) -> list[str]:
        """Other names by which `idp_identifier` finds it."""
        return list(self.raw["IdpIdentifiers"])


@dataclass(frozen=True)
class Pool:
    """A user pool (API_UserPoolType) and its providers."""

    raw: Json

    @property
    def id(self) -> str:
        """Its id, which begins with its region."""
        return str(self.raw["Id"])

    @property
    def region(self) -> str:
        """Its region."""
        return self.id.rsplit("_", 1)[0]

    @property
    def arn(self) -> str:
        """Its Amazon resource name, by which a function's policy knows it."""
        return str(self.raw["Arn"])

    @property
    def issuer(self) -> str:
        """The `iss` of its tokens."""
        return clouds.user_pool_issuer(self.region, self.id)

    @property
    def hosts(self) -> list[str]:
        """The hosts of its sign-in pages on AWS: the custom domain and the prefix domain, if it has them."""
        custom, prefix = self.raw.get("CustomDomain"), self.raw.get("Domain")
        return [
            *([str(custom)] if custom else []),
            *([clouds.cognito_domain_host(prefix, self.region)] if prefix else []),
        ]

    def host(self, asked: str | None) -> str:
        """The host that a browser is at, in the providers' eyes too.

        Raises:
            IndexError: the pool has no domain.
        """
        return asked if asked in self.hosts else self.hosts[0]

    @property
    def schema(self) -> dict[str, Json]:
        """Attribute name to its definition (API_SchemaAttributeType)."""
        return {attribute["Name"]: attribute for attribute in self.raw["SchemaAttributes"]}

    @property
    def providers(self) -> dict[str, Provider]:
        """Provider name to provider."""
        return {name: Provider(raw) for name, raw in self.raw.get("_identity_providers", {}).items()}


@dataclass(frozen=True)
class Client:
    """An app client (API_UserPoolClientType) and its pool."""

    raw: Json
    pool: Pool

    @property
    def id(self) -> str:
        """The client id."""
        return str(self.raw["ClientId"])

    @property
    def secret(self) -> str | None:
        """The client secret; None for a public client."""
        return self.raw.get("ClientSecret") or None

    @property
    def oauth(self) -> bool:
        """Whether the client may use the sign-in pages and the token endpoint at all."""
        return bool(self.raw.get("AllowedOAuthFlowsUserPoolClient"))

    @property
    def flows(self) -> list[str]:
        """`code`, `implicit`, `client_credentials`."""
        return list(self.raw.get("AllowedOAuthFlows") or [])

    @property
    def scopes(self) -> list[str]:
        """The scopes it may ask for."""
        return list(self.raw.get("AllowedOAuthScopes") or [])

    @property
    def callback_urls(self) -> list[str]:
        """Where people may be sent after signing in."""
        return list(self.raw.get("CallbackURLs") or [])

    @property
    def logout_urls(self) -> list[str]:
        """Where people may be sent after signing out."""
        return list(self.raw.get("LogoutURLs") or [])

    @property
    def local_accounts(self) -> bool:
        """Whether the pool's own accounts may sign in."""
        return LOCAL_ACCOUNTS in self._supported

    @property
    def providers(self) -> list[Provider]:
        """The identity providers that the client enables and the pool has."""
        known = self.pool.providers
        return [known[name] for name in self._supported if name in known]

    @property
    def asks_for_email(self) -> bool:
        """Whether the sign-in page finds the provider by the domain of an email address.

        cognito-user-pools-managing-saml-idp-naming: "If you have multiple" providers "and you specify an
        IdPIdentifier value for any one of them, you will see a box to enter an email address".
        """
        providers = self.providers
        return len(providers) > 1 and any(provider.identifiers for provider in providers)

    @property
    def readable(self) -> frozenset[str]:
        """The attributes that its tokens and userInfo may hold (API_CreateUserPoolClient)."""
        return frozenset(self.raw.get("ReadAttributes") or STANDARD_ATTRIBUTES | VERIFIED)

    @property
    def writable(self) -> frozenset[str]:
        """The attributes that a sign-in through it may set (API_CreateUserPoolClient)."""
        return frozenset(self.raw.get("WriteAttributes") or STANDARD_ATTRIBUTES)

    @property
    def may_refresh(self) -> bool:
        """Whether refresh tokens work; not saying anything allows them (API_CreateUserPoolClient)."""
        flows = self.raw.get("ExplicitAuthFlows") or ["ALLOW_REFRESH_TOKEN_AUTH"]
        return "ALLOW_REFRESH_TOKEN_AUTH" in flows

    @property
    def may_revoke(self) -> bool:
        """Whether refresh tokens can be revoked (`EnableTokenRevocation`)."""
        return bool(self.raw.get("EnableTokenRevocation", True))

    @property
    def _supported(self) -> list[str]:
        return list(self.raw.get("SupportedIdentityProviders") or [])


@dataclass(frozen=True)
class User:
    """A user's profile (API_UserType)."""

    raw: Json

    @property
    def username(self) -> str:
        """The user name; of federated users `<provider>_<sub at the provider>`."""
        return str(self.raw["Username"])

    @property
    def attributes(self) -> dict[str, str]:
        """Attribute name to value, all of them text."""
        return {attribute["Name"]: attribute["Value"] for attribute in self.raw["Attributes"]}

    @property
    def sub(self) -> str:
        """The pool's own unchanging name for the user."""
        return self.attributes["sub"]

    @property
    def groups(self) -> list[str]:
        """The groups of the pool that the user is in."""
        return list(self.raw.get("_groups") or [])

    @property
    def status(self) -> str:
        """`EXTERNAL_PROVIDER` for federated users, `CONFIRMED` for most others (API_UserType)."""
        return str(self.raw["UserStatus"])

    @property
    def enabled(self) -> bool:
        """Whether the user may sign in."""
        return bool(self.raw.get("Enabled", True))
