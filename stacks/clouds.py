"""Hosts and URLs of each cloud; no other module builds one.

Microsoft's hosts: Microsoft learn, "National clouds" (authentication-national-cloud) and "Microsoft Graph
national cloud deployments". Amazon's: Amazon Cognito developer guide, "Configuring a user pool domain" and
"User pool endpoints and managed login reference".

An id may be a Terraform reference (`${...}`), known only during a deploy: it is put into the URL as it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

# Every prefix domain of Cognito is below it.
PREFIX_DOMAINS = ".amazoncognito.com"
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Cloud:
    """A Microsoft cloud, or an Entra-compatible service.

    Attributes:
        name: the name in the settings file and for the azuread provider, or "custom".
        login_origin: where people sign in; tokens name it as their issuer.
        graph_origin: Microsoft Graph, which also answers the OpenID Connect userinfo requests.
    """

    name: str
    login_origin: str
    graph_origin: str

    @property
    def azuread_environment(self) -> str:
        """What the azuread Terraform provider calls this cloud.

        It finds a custom one by its metadata host (`ARM_METADATA_HOSTNAME`), and then ignores the
        environment, which must be a valid name all the same.
        """
        return "public" if self.name == "custom" else self.name

    def issuer(self, tenant_id: str) -> str:
        """The `iss` of the tenant's version 2.0 tokens, compared by Cognito character by character."""
        return f"{self._tenant(tenant_id)}/v2.0"

    def authorize_url(self, tenant_id: str) -> str:
        """Where Cognito sends the browser to sign in."""
        return f"{self._tenant(tenant_id)}/oauth2/v2.0/authorize"

    def token_url(self, tenant_id: str) -> str:
        """Where Cognito exchanges the code and the client secret for tokens."""
        return f"{self._tenant(tenant_id)}/oauth2/v2.0/token"

    def jwks_uri(self, tenant_id: str) -> str:
        """The keys Cognito verifies the tenant's tokens with."""
        return f"{self._tenant(tenant_id)}/discovery/v2.0/keys"

    def userinfo_url(self) -> str:
        """Where Cognito reads the user's claims (Microsoft learn, "UserInfo endpoint")."""
        return f"{self.graph_origin}/oidc/userinfo"

    def logout_url(self, tenant_id: str, then: str | None = None) -> str:
        """Where a browser ends the Microsoft session, which Cognito's sign-out does not end.

        Source: Microsoft learn, "OpenID Connect on the Microsoft identity platform", "Send a sign-out
        request".
        """
        url = f"{self._tenant(tenant_id)}/oauth2/v2.0/logout"
        return url if then is None else f"{url}?{urlencode({'post_logout_redirect_uri': then})}"

    def admin_consent_url(self, tenant_id: str, client_id: str, redirect_uri: str | None = None) -> str:
        """Where an administrator grants the permissions that the app registration declares.

        Source: Microsoft learn, "Grant tenant-wide admin consent to an application", the URL to build.
        """
        url = f"{self._tenant(tenant_id)}/adminconsent?client_id={client_id}"
        return url if redirect_uri is None else f"{url}&{urlencode({'redirect_uri': redirect_uri})}"

    @property
    def token_exchange_audience(self) -> str:
        """The `aud` of another issuer's tokens with which an application signs in.

        Source: Microsoft learn, "Configure an app to trust an external identity provider", audiences.
        """
        suffix = {"usgovernment": "USGov", "dod": "USGov", "china": "China"}.get(self.name, "")
        return f"api://AzureADTokenExchange{suffix}"

    def _tenant(self, tenant_id: str) -> str:
        return f"{self.login_origin}/{tenant_id}"


CLOUDS = {
    cloud.name: cloud
    for cloud in (
        Cloud("public", "https://login.microsoftonline.com", "https://graph.microsoft.com"),
        Cloud("usgovernment", "https://login.microsoftonline.us", "https://graph.microsoft.us"),
        Cloud("dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
        Cloud("china", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
    )
}
"""Microsoft's own, by name."""


def custom(authority: str) -> Cloud:
    """An Entra-compatible service at one origin, serving sign-in, Graph and userinfo."""
    return Cloud("custom", authority, authority)


@dataclass(frozen=True)
class Partition:
    """An AWS partition.

    Attributes:
        name: as in ARNs.
        region_prefix: how the names of its regions begin.
        domain_label: the label between prefix and region in the host of a Cognito prefix domain; None where
            there are no user pools, or no documented host for their domains.
    """

    name: str
    region_prefix: str
    domain_label: str | None


_PARTITIONS = (
    Partition("aws-us-gov", "us-gov-", "auth-fips"),
    Partition("aws-cn", "cn-", None),
    Partition("aws-eusc", "eusc-", None),
    Partition("aws-iso", "us-iso-", None),
    Partition("aws-iso-b", "us-isob-", None),
    Partition("aws-iso-e", "eu-isoe-", None),
    Partition("aws-iso-f", "us-isof-", None),
    # Every other region.
    Partition("aws", "", "auth"),
)


def partition(region: str) -> Partition:
    """The partition of a region."""
    return next(one for one in _PARTITIONS if region.startswith(one.region_prefix))


def cognito_domain_host(prefix: str, region: str) -> str:
    """The host of a user pool's prefix domain (developer guide, "Using the Amazon Cognito prefix domain").

    Raises:
        ValueError: the region's partition has no such domains.
    """
    label = partition(region).domain_label
    if label is None:
        raise ValueError(f"There are no Cognito prefix domains in {region}.")
    return f"{prefix}.{label}.{region}{PREFIX_DOMAINS}"


def redirect_uri(host: str) -> str:
    """Where Entra ID sends the browser back; compared with the registered one, case included."""
    return f"https://{host}/oauth2/idpresponse"


def user_pool_issuer(region: str, user_pool_id: str) -> str:
    """The `iss` of the user pool's tokens (API reference, IssuerConfigurationType).

    Every partition with a domain label has this suffix.
    """
    return f"https://cognito-idp.{region}.amazonaws.com/{user_pool_id}"


def user_pool_jwks_url(region: str, user_pool_id: str) -> str:
    """The keys that apps verify the user pool's tokens with."""
    return f"{user_pool_issuer(region, user_pool_id)}/.well-known/jwks.json"


def provider_sign_in_url(
    host: str,
    client_id: str,
    redirect_uri: str,
    scopes: Iterable[str],
    *,
    identifier: str | None,
    provider: str,
) -> str:
    """Directly to one identity provider's sign-in page (developer guide, "Authorize endpoint").

    Args:
        identifier: one of the provider's identifiers, such as an e-mail domain; None where it has none.
    """
    chosen = {"identity_provider": provider} if identifier is None else {"idp_identifier": identifier}
    return _code_flow_url(f"https://{host}/oauth2/authorize", client_id, redirect_uri, scopes, **chosen)


def sign_in_url(host: str, client_id: str, redirect_uri: str, scopes: Iterable[str]) -> str:
    """Cognito's sign-in page for one app client (developer guide, "The login endpoint")."""
    return _code_flow_url(f"https://{host}/login", client_id, redirect_uri, scopes)


def _code_flow_url(url: str, client_id: str, redirect_uri: str, scopes: Iterable[str], **more: str) -> str:
    query = urlencode({"redirect_uri": redirect_uri, "scope": " ".join(scopes), **more})
    return f"{url}?response_type=code&client_id={client_id}&{query}"


def oauth_endpoints(host: str) -> dict[str, str]:
    """The endpoints of a sign-in domain, as discovery names them (developer guide, "User pool endpoints")."""
    paths = {"authorization": "authorize", "token": "token", "userinfo": "userInfo", "revocation": "revoke"}
    return {f"{name}_endpoint": f"https://{host}/oauth2/{path}" for name, path in paths.items()}


def sign_out_url(host: str, client_id: str, logout_uri: str) -> str:
    """Cognito's sign-out for one app client (developer guide, "The logout endpoint")."""
    return f"https://{host}/logout?client_id={client_id}&logout_uri={quote(logout_uri, safe='')}"
