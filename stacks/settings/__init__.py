"""One environment's settings: the tables together, and what follows from them.

Each area's file has its tables, the rules of one value, and the checks between values.
"""

from typing import Annotated

from pydantic import Field

from stacks import bootstrap_addresses, clouds
from stacks.settings import (
    access,
    accounts,
    authorization,
    aws,
    bootstrap,
    branding,
    checks,
    claims,
    clients,
    cognito,
    domains,
    entra,
    entra_branding,
    entra_secret,
    existing,
    facts,
    local_accounts,
    resource_servers,
    tenants,
)
from stacks.settings.aws import AwsSettings, StateSettings, Tags, TerraformSettings
from stacks.settings.bootstrap import BootstrapSettings
from stacks.settings.clients import Clients
from stacks.settings.cognito import CognitoSettings
from stacks.settings.entra import EntraSettings
from stacks.settings.entra_secret import VerifySettings
from stacks.settings.errors import Message
from stacks.settings.resource_servers import ResourceServerKey, ResourceServerSettings
from stacks.settings.tenants import IdentityProvider, TenantKey, TenantSettings
from stacks.settings.types import Matches, Table

# In the order in which their messages are shown, within each table of the file.
_AREAS = (
    entra,
    claims,
    entra_branding,
    entra_secret,
    accounts,
    tenants,
    access,
    authorization,
    local_accounts,
    cognito,
    clients,
    resource_servers,
    aws,
    bootstrap,
    domains,
    branding,
    existing,
)

# Good for files, Terraform's folders and Cognito's names alike.
StackName = Annotated[
    str,
    Matches(
        r"[a-z][a-z0-9-]{0,31}",
        "The file's name is the stack's name: lower-case letters, digits and hyphens, a letter first, at most"
        " 32.",
        'Rename the file, for instance to "dev.toml".',
    ),
]


class Settings(Table):
    """One environment: everything that makes one stack."""

    name: StackName
    """The stack's name: the file's name, without `.toml`."""
    aws: AwsSettings
    """Where in AWS."""
    entra: EntraSettings
    """The app registration in Microsoft Entra ID."""
    cognito: CognitoSettings
    """The user pool in Amazon Cognito."""
    clients: Clients = Field(json_schema_extra={"minProperties": 1})
    """The apps that sign people in, each by a key that becomes part of its Terraform address: another key
    means another client."""
    tenants: dict[TenantKey, TenantSettings] = Field(default={})
    """Customers' tenants whose people sign in too, each by a key that becomes part of its Terraform address
    and, unless provider_name says otherwise, its name in Cognito."""
    resource_servers: dict[ResourceServerKey, ResourceServerSettings] = Field(default={})
    """APIs with scopes of their own, each by a key that becomes part of its Terraform address."""
    state: StateSettings | None = None
    """Where Terraform keeps the state; left out, it is a file on the machine that deploys."""
    bootstrap: BootstrapSettings | None = None
    """What a pipeline stands on, as a second stack; left out, there is none."""
    terraform: TerraformSettings = TerraformSettings()
    """Which versions of the Terraform providers to use."""
    verify: VerifySettings = VerifySettings()
    """When the daily check speaks up about the client secret's end."""
    tags: Tags = Field(default={}, examples=[{"cost-center": "identity"}])
    """Tags on everything in AWS that can have them."""

    @property
    def cloud(self) -> clouds.Cloud:
        """The Microsoft cloud, or the service in its place, that signs people in."""
        if self.entra.authority is not None:
            return clouds.custom(self.entra.authority)
        return clouds.CLOUDS[self.entra.cloud or facts.EntraCloud.PUBLIC]

    @property
    def display_name(self) -> str:
        """The name people see on Microsoft's sign-in and consent pages."""
        return self.entra.display_name or f"{self.name} sign-in"

    @property
    def authorize_scopes(self) -> str:
        """What Cognito asks Entra ID for at each sign-in, separated by spaces."""
        for_signing_in = (facts.Permission.OPENID, facts.Permission.PROFILE, facts.Permission.EMAIL)
        return " ".join(scope for scope in for_signing_in if scope in self.entra.permissions)

    @property
    def user_pool_name(self) -> str:
        """The name of the user pool."""
        return self.cognito.user_pool_name or self.name

    @property
    def account_types(self) -> facts.AccountTypes:
        """Whose accounts the registration accepts."""
        return self.entra.account_types or accounts.narrowest(self)

    @property
    def identity_providers(self) -> dict[str, IdentityProvider]:
        """Every identity provider by its key: "home" first, and those of the `[tenants.*]` tables."""
        home = IdentityProvider(
            key=tenants.HOME,
            name=self.cognito.provider_name,
            tenant_id=self.entra.tenant_id,
            # Sorted, as for the others: it is a list to Terraform, so another order is a difference.
            identifiers=tuple(sorted(self.cognito.idp_identifiers)),
        )
        customers = {
            key: IdentityProvider(
                key=key,
                name=tenant.provider_name or key,
                tenant_id=tenant.tenant_id,
                identifiers=tuple(sorted(tenant.email_domains)),
            )
            for key, tenant in self.tenants.items()
        }
        return ({tenants.HOME: home} if self.entra.home_accounts else {}) | customers

    def providers_of(self, key: str) -> list[IdentityProvider]:
        """Those whose people sign in at an app client."""
        client, named = self.clients[key], self.clients[key].tenants
        if client.local_accounts:
            return []
        return [one for one in self.identity_providers.values() if named is None or one.key in named]

    @property
    def domain_hosts(self) -> list[str]:
        """The hosts of the user pool's domains; the first is shown to users."""
        cognito = self.cognito
        prefix, custom = cognito.domain_prefix, cognito.custom_domain
        hosts = [
            custom.host if custom else None,
            cognito.existing_domain,
            clouds.cognito_domain_host(prefix, self.aws.region) if prefix else None,
        ]
        return [host for host in hosts if host is not None]

    @property
    def domain_host(self) -> str:
        """The host where apps and Entra ID send the browser."""
        return self.domain_hosts[0]

    @property
    def redirect_uris(self) -> list[str]:
        """Where Entra ID may send a browser: back to Cognito, and where it ends after consent or sign-out."""
        consent = self.entra.consent_redirect_uri
        after_sign_out = [
            url
            for client in self.clients.values()
            if client.end_microsoft_session
            for url in client.logout_urls
        ]
        uris = [
            *map(clouds.redirect_uri, self.domain_hosts),
            *([consent] if consent else []),
            *after_sign_out,
        ]
        return list(dict.fromkeys(uris))

    def sign_out_address(self, key: str, logout_url: str) -> str:
        """Where Cognito's sign-out sends the browser on to."""
        if not self.clients[key].end_microsoft_session:
            return logout_url
        providers = self.providers_of(key)
        # One of several tenants: Entra ID knows by its own cookie which.
        tenant = providers[0].tenant_id if len(providers) == 1 else "common"
        return self.cloud.logout_url(tenant, logout_url)

    def all_logout_urls(self, key: str) -> list[str]:
        """Where Cognito's sign-out may send the browser on to, from an app client."""
        urls = self.clients[key].logout_urls
        return list(dict.fromkeys([*urls, *(self.sign_out_address(key, url) for url in urls)]))

    def provider_details(self, tenant_id: str) -> dict[str, str]:
        """The `provider_details` of a tenant's identity provider, without client id and secret.

        Every key is stated: Cognito returns on the next read what it discovered by itself, and every plan
        would show that as a change. All values are strings.
        """
        cloud = self.cloud
        return {
            "authorize_scopes": self.authorize_scopes,
            "attributes_request_method": "POST",
            "oidc_issuer": cloud.issuer(tenant_id),
            "authorize_url": cloud.authorize_url(tenant_id),
            "token_url": cloud.token_url(tenant_id),
            "attributes_url": cloud.userinfo_url(),
            "jwks_uri": cloud.jwks_uri(tenant_id),
        }

    @property
    def groups_attribute(self) -> str | None:
        """The attribute whose values become `cognito:groups`; None where nothing does."""
        claim = self.cognito.groups_from
        if claim is None:
            return None
        mapping = self.cognito.attribute_mapping
        return next((name for name, mapped in mapping.items() if mapped == claim), f"custom:entra_{claim}")

    @property
    def groups_function(self) -> str:
        """The name of the function of groups_from, and of the role that the stack makes for it."""
        return f"{self.name}-groups-in-tokens"

    @property
    def groups_log_group(self) -> str:
        """Where that function writes its logs."""
        return f"/aws/lambda/{self.groups_function}"

    @property
    def groups_environment(self) -> dict[str, str]:
        """What the function that puts roles or groups into tokens is told."""
        home = self.identity_providers[tenants.HOME].name if self.entra.home_accounts else ""
        return {"ATTRIBUTE": self.groups_attribute or "", "HOME_PROVIDER": home}

    @property
    def full_attribute_mapping(self) -> dict[str, str]:
        """The attribute mapping, with what the stack always maps."""
        mapping = {**self.cognito.attribute_mapping, **facts.OWN_ATTRIBUTE_MAPPING}
        if self.cognito.groups_from is not None and self.groups_attribute is not None:
            mapping[self.groups_attribute] = self.cognito.groups_from.value
        return mapping

    @property
    def state_key(self) -> str:
        """The state's path in its bucket."""
        key = self.state.key if self.state else None
        return key or f"entra-cognito/{self.name}.tfstate"

    @property
    def bootstrap_name(self) -> str:
        """The name of the second stack."""
        return bootstrap_addresses.STACK.format(environment=self.name)

    @property
    def bootstrap_state_key(self) -> str:
        """The path of the second stack's state in the bucket, if it is kept there."""
        return f"entra-cognito/{self.bootstrap_name}.tfstate"

    @property
    def local_states(self) -> list[str]:
        """The stacks whose state is a file."""
        of_second = self.bootstrap is not None and not self.bootstrap.keep_own_state_in_bucket
        return [*([] if self.state else [self.name]), *([self.bootstrap_name] if of_second else [])]

    @property
    def state_region(self) -> str:
        """The region of the state's bucket."""
        region = self.state.region if self.state else None
        return region or self.aws.region

    def client_name(self, key: str) -> str:
        """The name of an app client in Cognito."""
        return self.clients[key].name or f"{self.name}-{key}"

    def auth_flows(self, key: str) -> list[str]:
        """The ways to prove who a person is that an app client takes, besides the sign-in pages.

        Local accounts sign in at the pages too; SRP is what their password form uses.
        """
        local = self.clients[key].local_accounts
        return ["ALLOW_REFRESH_TOKEN_AUTH", *(["ALLOW_USER_SRP_AUTH"] if local else [])]

    def writable_attributes(self, key: str) -> list[str]:
        """Every mapped attribute: at sign-in Cognito writes as the client, and may only what it may."""
        if self.clients[key].local_accounts:
            return local_accounts.writable(self)
        return sorted(set(self.full_attribute_mapping) - facts.NEVER_WRITABLE)

    def refresh_token_days(self, key: str) -> int:
        """For how long an app client's refresh tokens are valid."""
        client = self.clients[key]
        return client.refresh_token_days or facts.REFRESH_TOKEN_DAYS[client.type]

    @property
    def messages(self) -> list[Message]:
        """Every error and warning of the checks between settings."""
        return list(checks.run(self, _AREAS))

    @property
    def warnings(self) -> list[str]:
        """What is allowed and probably not meant: the key, why, and what to write instead."""
        return [f"{one.key}: {one.sentence} {one.remedy}" for one in self.messages if one.is_warning]
