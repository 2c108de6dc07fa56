"""The apps: their clients in the user pool, made or found; their looks; and the APIs their tokens are for."""

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable, Postcondition, TerraformResourceLifecycle, TerraformStack, Token
from cdktf_cdktf_provider_aws.cognito_managed_login_branding import (
    CognitoManagedLoginBranding,
    CognitoManagedLoginBrandingAsset,
)
from cdktf_cdktf_provider_aws.cognito_resource_server import CognitoResourceServer, CognitoResourceServerScope
from cdktf_cdktf_provider_aws.cognito_user_pool_client import (
    CognitoUserPoolClient,
    CognitoUserPoolClientTokenValidityUnits,
)
from cdktf_cdktf_provider_aws.data_aws_cognito_user_pool_client import DataAwsCognitoUserPoolClient
from constructs import Construct

from stacks.addresses import pinned
from stacks.adopted import Adopted
from stacks.cognito.branding import Branding
from stacks.cognito.user_pool import USERNAME
from stacks.settings import AppType, ClientSettings, Settings

MANAGED_LOGIN_WITH_BRANDING = 2

# Set by the service or by the identity provider alone: naming them makes CreateUserPoolClient fail
# with "Invalid write attributes specified while creating a client".
NEVER_WRITABLE = frozenset({USERNAME, "email_verified", "phone_number_verified"})

LOCAL_ACCOUNTS = "COGNITO"
"""How an app client names the pool's own accounts among its providers."""


class AppClients(Construct):
    """Every app client.

    Attributes:
        ids: client key to client id, as Terraform references.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        user_pool_id: str,
        provider_names: Mapping[str, str],
        branding: Branding | None,
        adopted: Adopted,
    ) -> None:
        """Declare the app clients, their branding and the resource servers."""
        super().__init__(scope, "app_clients")
        self._settings = settings
        self._user_pool_id = user_pool_id
        self._provider_names = provider_names
        self._design = branding
        self._adopted = adopted
        self._servers = {key: self._resource_server(key) for key in settings.resource_servers}
        self.ids: dict[str, str] = {}
        for key, client in settings.clients.items():
            if client.client_id is not None:
                self.ids[key] = self._found(key, client, client.client_id)
                continue
            made = self._client(key, client)
            self.ids[key] = made.id
            if settings.cognito.managed_login_version == MANAGED_LOGIN_WITH_BRANDING:
                self._branding(key, made)

    def _resource_server(self, key: str) -> CognitoResourceServer:
        server = self._settings.resource_servers[key]
        return pinned(
            CognitoResourceServer(
                self,
                f"resource_server_{key}",
                user_pool_id=self._user_pool_id,
                identifier=server.identifier or key,
                name=server.name or key,
                scope=[
                    CognitoResourceServerScope(scope_name=name, scope_description=description)
                    for name, description in server.scopes.items()
                ],
            ),
            key,
        )

    def _client(self, key: str, client: ClientSettings) -> CognitoUserPoolClient:
        secret = client.type is AppType.SERVER
        return pinned(
            CognitoUserPoolClient(
                self,
                f"client_{key}",
                user_pool_id=self._user_pool_id,
                name=self._settings.client_name(key),
                # Only a server can keep a secret; browser and mobile apps prove themselves by PKCE.
                generate_secret=None if self._adopted.keeps_secret(key, secret=secret) else secret,
                supported_identity_providers=self._supported(key),
                allowed_oauth_flows_user_pool_client=True,
                allowed_oauth_flows=["code"],
                allowed_oauth_scopes=list(client.scopes),
                callback_urls=list(client.callback_urls),
                logout_urls=self._settings.all_logout_urls(key),
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
                refresh_token_validity=self._settings.refresh_token_days(key),
                auth_session_validity=client.auth_session_minutes,
                depends_on=self._servers_of(client) or None,
            ),
            key,
        )

    def _supported(self, key: str) -> list[str]:
        names = [self._provider_names[provider.key] for provider in self._settings.providers_of(key)]
        return [*names, LOCAL_ACCOUNTS] if self._settings.cognito.local_accounts else names

    def _servers_of(self, client: ClientSettings) -> Sequence[ITerraformDependable]:
        """The resource servers whose scopes the client may ask for: they have to exist before it."""
        identifiers = {scope.rpartition("/")[0] for scope in client.scopes}
        return [
            made
            for key, made in self._servers.items()
            if (self._settings.resource_servers[key].identifier or key) in identifiers
        ]

    def _found(self, key: str, client: ClientSettings, client_id: str) -> str:
        """Somebody else's client: read with every plan, and held against what the settings say of it."""
        name = f"The app client {client_id} ([clients.{key}])"
        wanted = (
            ("callback_urls", client.callback_urls, "does not have all of these callback_urls"),
            ("allowed_oauth_scopes", client.scopes, "does not allow all of these scopes"),
            ("allowed_oauth_flows", ["code"], "does not allow the authorization code grant"),
            ("write_attributes", self._custom_writable(), "may not write all of the mapped attributes"),
        )
        checks = [
            _has_all(f"self.{attribute}", values, f"{name} {says}")
            for attribute, values, says in wanted
            if values
        ]
        if "email" in client.scopes:
            # Otherwise the token endpoint answers invalid_grant (developer guide, "Token endpoint"). A client
            # that says nothing of what it may read may read both.
            readable = f"{name} asks for the scope email and may not read all that comes with it"
            both = ["email", "email_verified"]
            checks.append(_has_all("self.read_attributes", both, readable, or_is_empty=True))
        found = pinned(
            DataAwsCognitoUserPoolClient(
                self,
                f"client_{key}",
                user_pool_id=self._user_pool_id,
                client_id=client_id,
                lifecycle=TerraformResourceLifecycle(postcondition=checks),
            ),
            key,
        )
        self._says_who_is_missing(key, name, found)
        return found.client_id

    def _says_who_is_missing(self, key: str, name: str, found: DataAwsCognitoUserPoolClient) -> None:
        """Warn, at every plan, of providers that the client does not let in yet.

        No more than a warning: its owner can enable them only once they exist.
        """
        names = [provider.name for provider in self._settings.providers_of(key)]
        missing = f"setsubtract({_listed(names)}, {_reference(found)}.supported_identity_providers)"
        TerraformStack.of(self).add_override(
            f"check.app_client_{key}",
            {
                "assert": {
                    "condition": f"${{length({missing}) == 0}}",
                    "error_message": f'{name} does not let these in yet: ${{join(", ", {missing})}}. Have its'
                    " owner add them to its identity providers, after this deploy.",
                }
            },
        )

    def _branding(self, key: str, client: CognitoUserPoolClient) -> None:
        # A client that no console made has no branding, and without one version 2 shows it no pages at all
        # (API reference, CreateUserPoolClient).
        design = self._design
        pictures = [] if design is None else design.pictures
        pinned(
            CognitoManagedLoginBranding(
                self,
                f"branding_{key}",
                user_pool_id=self._user_pool_id,
                client_id=client.id,
                use_cognito_provided_values=True if design is None else None,
                settings=None if design is None else design.settings,
                asset=[
                    CognitoManagedLoginBrandingAsset(
                        bytes=picture.base64,
                        category=picture.category,
                        color_mode=picture.color_mode,
                        extension=picture.extension,
                    )
                    for picture in pictures
                ]
                or None,
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
        return sorted(set(self._settings.full_attribute_mapping) - NEVER_WRITABLE)

    def _custom_writable(self) -> list[str]:
        """Those of them that a client may not write unless somebody has said so."""
        return [name for name in self._writable() if name.startswith("custom:")]

    def _readable(self) -> list[str]:
        """What the ID token may carry; left out, Cognito would leave every custom attribute out."""
        attributes = set(self._settings.full_attribute_mapping) - {USERNAME}
        if "email" in attributes:
            attributes.add("email_verified")
        return sorted(attributes)


def _has_all(
    attribute: str, values: Sequence[str], otherwise: str, *, or_is_empty: bool = False
) -> Postcondition:
    """A condition that a list of Terraform's has some values."""
    condition = f"length(setsubtract({_listed(values)}, {attribute})) == 0"
    if or_is_empty:
        condition = f"length({attribute}) == 0 || {condition}"
    message = f"{otherwise}: {', '.join(values)}. Have its owner add them, or change the settings."
    return Postcondition(condition=Token.as_any(f"${{{condition}}}"), error_message=message)


def _listed(values: Sequence[str]) -> str:
    """Values as Terraform writes a list of text."""
    quoted = (value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return "[" + ", ".join(f'"{value}"' for value in quoted) + "]"


def _reference(found: DataAwsCognitoUserPoolClient) -> str:
    return f"data.{found.terraform_resource_type}.{found.friendly_unique_id}"
