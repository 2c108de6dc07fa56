"""The Cognito side: user pool, domain, the identity provider that is Entra ID, and the app clients."""

from collections.abc import Mapping

from cdktf import Fn, TerraformResourceLifecycle, Token
from cdktf_cdktf_provider_aws.cognito_identity_provider import CognitoIdentityProvider
from cdktf_cdktf_provider_aws.cognito_managed_login_branding import CognitoManagedLoginBranding
from cdktf_cdktf_provider_aws.cognito_user_pool import (
    CognitoUserPool,
    CognitoUserPoolAdminCreateUserConfig,
    CognitoUserPoolSchema,
    CognitoUserPoolSchemaNumberAttributeConstraints,
    CognitoUserPoolSchemaStringAttributeConstraints,
    CognitoUserPoolUsernameConfiguration,
)
from cdktf_cdktf_provider_aws.cognito_user_pool_client import (
    CognitoUserPoolClient,
    CognitoUserPoolClientTokenValidityUnits,
)
from cdktf_cdktf_provider_aws.cognito_user_pool_domain import CognitoUserPoolDomain
from constructs import Construct

from stacks.addresses import pinned
from stacks.adopted import POOL, PROVIDER, Adopted, PoolAttribute
from stacks.entra import EntraApplication
from stacks.settings import AppType, ClientSettings, Settings

# Cognito's own limit for a custom string attribute that holds a claim
# (developer guide, "Specifying identity provider attribute mappings").
CLAIM_MAX_LENGTH = 2048

MANAGED_LOGIN_WITH_BRANDING = 2

# Set by the service or by the identity provider alone: naming them makes CreateUserPoolClient fail
# with "Invalid write attributes specified while creating a client".
NEVER_WRITABLE = frozenset({"username", "email_verified", "phone_number_verified"})


class CognitoFederation(Construct):
    """A user pool that lets people in who sign in at Entra ID.

    Attributes:
        user_pool_id: the pool's id, as a Terraform reference.
        client_ids: client key to client id, as Terraform references.
    """

    def __init__(
        self, scope: Construct, settings: Settings, *, relying_party: EntraApplication, adopted: Adopted
    ) -> None:
        """Declare the Cognito side.

        Args:
            scope: the stack.
            settings: everything a person set.
            relying_party: the app registration that Cognito presents itself as.
            adopted: what was there before the code.
        """
        super().__init__(scope, "cognito")
        self._settings = settings
        self._adopted = adopted
        self._mapping = settings.full_attribute_mapping

        self._pool = self._user_pool()
        self._domain()
        self._provider = self._identity_provider(relying_party)
        clients = {key: self._client(key, client) for key, client in settings.clients.items()}
        if settings.cognito.managed_login_version == MANAGED_LOGIN_WITH_BRANDING:
            for key, client in clients.items():
                self._branding(key, client)

        self.user_pool_id = self._pool.id
        self.client_ids = {key: client.id for key, client in clients.items()}

    def _user_pool(self) -> CognitoUserPool:
        cognito = self._settings.cognito
        return pinned(
            CognitoUserPool(
                self,
                "user_pool",
                name=self._settings.user_pool_name,
                user_pool_tier=cognito.tier.value,
                deletion_protection="ACTIVE" if cognito.deletion_protection else "INACTIVE",
                # Nobody signs up by themselves: people come from Entra ID, or an administrator makes them.
                admin_create_user_config=CognitoUserPoolAdminCreateUserConfig(
                    allow_admin_create_user_only=True
                ),
                username_configuration=CognitoUserPoolUsernameConfiguration(case_sensitive=False),
                # The second factor is Entra ID's business: a pool's own MFA does not act on federated users.
                mfa_configuration="OFF",
                schema=self._attributes(),
                lifecycle=TerraformResourceLifecycle(
                    prevent_destroy=cognito.deletion_protection,
                    ignore_changes=self._adopted.left_alone(POOL) or None,
                ),
            ),
            "users",
        )

    def _attributes(self) -> list[CognitoUserPoolSchema]:
        existing = self._adopted.pool_attributes
        there = {f"custom:{attribute.name}" for attribute in existing}
        return [_existing_attribute(attribute) for attribute in existing] + [
            _custom_attribute(name)
            for name in self._mapping
            if name.startswith("custom:") and name not in there
        ]

    def _domain(self) -> None:
        cognito = self._settings.cognito
        pinned(
            CognitoUserPoolDomain(
                self,
                "domain",
                user_pool_id=self._pool.id,
                domain=cognito.domain_prefix,
                managed_login_version=cognito.managed_login_version,
            ),
            "prefix",
        )

    def _identity_provider(self, relying_party: EntraApplication) -> CognitoIdentityProvider:
        settings = self._settings
        return pinned(
            CognitoIdentityProvider(
                self,
                "identity_provider",
                user_pool_id=self._pool.id,
                provider_name=settings.cognito.provider_name,
                provider_type="OIDC",
                idp_identifiers=sorted(settings.cognito.idp_identifiers) or None,
                provider_details=self._provider_details(relying_party),
                attribute_mapping=self._mapping,
                depends_on=relying_party.hand_over or None,
                lifecycle=TerraformResourceLifecycle(
                    # A provider made anew gives every user a new user name.
                    prevent_destroy=settings.cognito.deletion_protection,
                    # The one key Cognito adds and nobody can set. Never the whole map: that would also
                    # ignore a rotated secret.
                    ignore_changes=['provider_details["attributes_url_add_attributes"]'],
                ),
            ),
            "entra",
        )

    def _provider_details(self, relying_party: EntraApplication) -> Mapping[str, str]:
        """What Cognito is told of Entra ID, and as whom it presents itself there."""
        details = {
            "client_id": relying_party.client_id,
            "client_secret": relying_party.client_secret,
            **self._settings.provider_details,
        }
        if PROVIDER not in self._adopted.imports:
            return details
        # Terraform knows a value for a secret by where it came from. That of an imported provider came from
        # Cognito, and the first plan, in which the map is yet unknown, would print it.
        hidden: Mapping[str, str] = Token.as_string_map(Fn.sensitive(details))
        return hidden

    def _client(self, key: str, client: ClientSettings) -> CognitoUserPoolClient:
        providers = [self._provider.provider_name]
        if self._settings.cognito.local_accounts:
            providers.append("COGNITO")
        secret = client.type is AppType.SERVER
        return pinned(
            CognitoUserPoolClient(
                self,
                f"client_{key}",
                user_pool_id=self._pool.id,
                name=self._settings.client_name(key),
                # Only a server can keep a secret; browser and mobile apps prove themselves by PKCE.
                generate_secret=None if self._adopted.keeps_secret(key, secret=secret) else secret,
                supported_identity_providers=providers,
                allowed_oauth_flows_user_pool_client=True,
                allowed_oauth_flows=["code"],
                allowed_oauth_scopes=list(client.scopes),
                callback_urls=list(client.callback_urls),
                logout_urls=list(client.logout_urls),
                default_redirect_uri=client.default_redirect_uri,
                # Stated, because left out it means refresh, SRP and custom authentication.
                explicit_auth_flows=self._auth_flows(),
                prevent_user_existence_errors="ENABLED",
                enable_token_revocation=True,
                read_attributes=self._readable(),
                write_attributes=self._writable(),
                # All three units together: with one missing the AWS provider computes zero seconds.
                token_validity_units=[
                    CognitoUserPoolClientTokenValidityUnits(
                        access_token="minutes",  # noqa: S106 - a unit
                        id_token="minutes",  # noqa: S106
                        refresh_token="days",  # noqa: S106
                    )
                ],
                access_token_validity=client.access_token_minutes,
                id_token_validity=client.id_token_minutes,
                refresh_token_validity=client.refresh_token_days,
                auth_session_validity=client.auth_session_minutes,
            ),
            key,
        )

    def _branding(self, key: str, client: CognitoUserPoolClient) -> None:
        # A client that no console made has no branding, and without one version 2 shows it no pages at all
        # (API reference, CreateUserPoolClient).
        pinned(
            CognitoManagedLoginBranding(
                self,
                f"branding_{key}",
                user_pool_id=self._pool.id,
                client_id=client.id,
                use_cognito_provided_values=True,
            ),
            key,
        )

    def _auth_flows(self) -> list[str]:
        # Cognito's own accounts sign in at the hosted pages too; SRP is what their password form uses.
        return ["ALLOW_REFRESH_TOKEN_AUTH"] + (
            ["ALLOW_USER_SRP_AUTH"] if self._settings.cognito.local_accounts else []
        )

    def _writable(self) -> list[str]:
        """Every mapped attribute: at sign-in Cognito writes as the client, and may only what it may."""
        return sorted(set(self._mapping) - NEVER_WRITABLE)

    def _readable(self) -> list[str]:
        """What the ID token may carry; left out, Cognito would leave every custom attribute out."""
        attributes = set(self._mapping) - {"username"}
        if "email" in attributes:
            attributes.add("email_verified")
        return sorted(attributes)


def _custom_attribute(name: str) -> CognitoUserPoolSchema:
    return CognitoUserPoolSchema(
        name=name.removeprefix("custom:"),
        attribute_data_type="String",
        # Cognito writes mapped attributes at every sign-in: an immutable one fails the second time.
        mutable=True,
        required=False,
        developer_only_attribute=False,
        string_attribute_constraints=CognitoUserPoolSchemaStringAttributeConstraints(
            min_length="0", max_length=str(CLAIM_MAX_LENGTH)
        ),
    )


def _existing_attribute(attribute: PoolAttribute) -> CognitoUserPoolSchema:
    text, number = attribute.string_attribute_constraints, attribute.number_attribute_constraints
    return CognitoUserPoolSchema(
        name=attribute.name,
        attribute_data_type=attribute.attribute_data_type,
        mutable=attribute.mutable,
        required=attribute.required,
        developer_only_attribute=attribute.developer_only_attribute,
        string_attribute_constraints=(
            None if text is None else CognitoUserPoolSchemaStringAttributeConstraints(**text)
        ),
        number_attribute_constraints=(
            None if number is None else CognitoUserPoolSchemaNumberAttributeConstraints(**number)
        ),
    )
