"""The app clients and their branding, and the resource servers: the APIs that the clients' tokens are for."""

from collections.abc import Mapping, Sequence

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.cognito_managed_login_branding import (
    CognitoManagedLoginBranding,
    CognitoManagedLoginBrandingAsset,
)
from cdktf_cdktf_provider_aws.cognito_resource_server import CognitoResourceServer, CognitoResourceServerScope
from cdktf_cdktf_provider_aws.cognito_user_pool_client import (
    CognitoUserPoolClient,
    CognitoUserPoolClientTokenValidityUnits,
)
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted
from stacks.cognito.branding import Branding
from stacks.cognito.existing_app_client import existing_app_client
from stacks.cognito.user_pool import USERNAME
from stacks.settings import Settings, local_accounts
from stacks.settings.clients import ClientSettings
from stacks.settings.facts import LOCAL_ACCOUNTS, AppType, attributes_of_scopes

MANAGED_LOGIN_WITH_BRANDING = 2

# All three: with one missing the AWS provider computes zero seconds.
VALIDITY_UNITS = {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}


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
        """Declare the app clients, their branding and the resource servers.

        Args:
            provider_names: an identity provider's name by its key. As a reference, since a client can name a
                provider only once that exists.
        """
        super().__init__(scope, "app_clients")
        self._settings = settings
        self._user_pool_id = user_pool_id
        self._provider_names = provider_names
        self._adopted = adopted
        self._resource_servers = {key: self._resource_server(key) for key in settings.resource_servers}
        self.ids: dict[str, str] = {}
        for key, client in settings.clients.items():
            if client.client_id is not None:
                self.ids[key] = self._existing(key, client)
                continue
            self.ids[key] = self._created(key, client)
            if settings.cognito.managed_login_version == MANAGED_LOGIN_WITH_BRANDING:
                self._branding(key, branding)

    def _resource_server(self, key: str) -> CognitoResourceServer:
        server = self._settings.resource_servers[key]
        return CognitoResourceServer(
            self,
            addresses.RESOURCE_SERVER.format(server=key),
            user_pool_id=self._user_pool_id,
            identifier=server.identifier or key,
            name=server.name or key,
            scope=[
                CognitoResourceServerScope(scope_name=name, scope_description=description)
                for name, description in server.scopes.items()
            ],
        )

    def _created(self, key: str, client: ClientSettings) -> str:
        providers = [self._provider_names[provider.key] for provider in self._settings.providers_of(key)]
        # Only a server can keep a secret; browser and mobile apps prove themselves by PKCE.
        confidential = client.type is AppType.SERVER
        return CognitoUserPoolClient(
            self,
            addresses.APP_CLIENT.format(client=key),
            user_pool_id=self._user_pool_id,
            name=self._settings.client_name(key),
            # The AWS provider cannot read whether an imported client has a secret: setting generate_secret at
            # all, true or false, would replace the client. So it is left out while the type fits the client.
            generate_secret=None if self._adopted.is_confidential(key) is confidential else confidential,
            # Never both: see stacks/settings/local_accounts.py.
            supported_identity_providers=[LOCAL_ACCOUNTS] if client.local_accounts else providers,
            allowed_oauth_flows_user_pool_client=True,
            allowed_oauth_flows=["code"],
            allowed_oauth_scopes=list(client.scopes),
            callback_urls=list(client.callback_urls),
            logout_urls=self._settings.all_logout_urls(key),
            default_redirect_uri=client.default_redirect_uri,
            # Stated, because left out it means refresh, SRP and custom authentication.
            explicit_auth_flows=self._settings.auth_flows(key),
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            read_attributes=self._readable(key, client),
            write_attributes=self._settings.writable_attributes(key),
            token_validity_units=[CognitoUserPoolClientTokenValidityUnits(**VALIDITY_UNITS)],
            access_token_validity=client.access_token_minutes,
            id_token_validity=client.id_token_minutes,
            refresh_token_validity=self._settings.refresh_token_days(key),
            auth_session_validity=client.auth_session_minutes,
            depends_on=self._resource_servers_of(client) or None,
        ).id

    def _existing(self, key: str, client: ClientSettings) -> str:
        return existing_app_client(
            self,
            key,
            client,
            user_pool_id=self._user_pool_id,
            provider_names=[provider.name for provider in self._settings.providers_of(key)],
            writable=[name for name in self._settings.writable_attributes(key) if name.startswith("custom:")],
        )

    def _resource_servers_of(self, client: ClientSettings) -> Sequence[ITerraformDependable]:
        """The resource servers whose scopes the client may ask for: they have to exist before it."""
        identifiers = {scope.rpartition("/")[0] for scope in client.scopes}
        return [
            server
            for key, server in self._resource_servers.items()
            if (self._settings.resource_servers[key].identifier or key) in identifiers
        ]

    def _branding(self, key: str, branding: Branding | None) -> None:
        # A client that no console made has no branding, and without one version 2 shows it no pages at all
        # (API reference, CreateUserPoolClient).
        assets = [
            CognitoManagedLoginBrandingAsset(
                bytes=picture.base64,
                category=picture.category,
                color_mode=picture.color_mode,
                extension=picture.extension,
            )
            for picture in (branding.pictures if branding else ())
        ]
        CognitoManagedLoginBranding(
            self,
            addresses.BRANDING.format(client=key),
            user_pool_id=self._user_pool_id,
            client_id=self.ids[key],
            use_cognito_provided_values=None if branding else True,
            settings=branding.settings if branding else None,
            asset=assets or None,
        )

    def _readable(self, key: str, client: ClientSettings) -> list[str]:
        """What the ID token may carry; left out, Cognito would leave every custom attribute out."""
        if client.local_accounts:
            return local_accounts.readable(self._settings)
        attributes = set(self._settings.full_attribute_mapping) - {USERNAME}
        if len(self._settings.providers_of(key)) > 1:
            # `cognito:groups` says which tenant a role is of; the attribute alone would not.
            attributes.discard(self._settings.groups_attribute or "")
        if "email" in attributes:
            attributes.add("email_verified")
        return sorted(attributes | attributes_of_scopes(client.scopes))
