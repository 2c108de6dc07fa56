"""What exists already, in both clouds, of what a settings file asks for.

Ids that are given on the command line come first, then what the objects say of each other (the pool of a
domain, the registration that an identity provider presents itself as), then names. Where more than one object
fits, the person decides.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from operate.entra import MICROSOFT_GRAPH, Graph
from operate.problem import OperateError
from stacks import adopted
from stacks.access import DEFAULT_ACCESS_ROLE
from stacks.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import PaginatorConfigTypeDef

PAGES: "PaginatorConfigTypeDef" = {"PageSize": 60}  # the most that Cognito lists at once
GONE = "ResourceNotFoundException"

Json = dict[str, Any]
Described = TypeVar("Described")


@dataclass(frozen=True)
class Wishes:
    """What the person says they mean.

    Attributes:
        application_id: the registration's application (client) id.
        user_pool_id: the user pool's id.
        clients: app client ids, by their key in the settings.
        deployer: the application (client) id that deploys, where it is no person.
        recorded: what the state has, by Terraform address: the provider's ids.
    """

    application_id: str | None = None
    user_pool_id: str | None = None
    deployer: str | None = None
    clients: Mapping[str, str] = field(default_factory=dict)
    recorded: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Found:
    """The existing objects, as the clouds describe them; None or empty for what is not there.

    Attributes:
        application: the app registration.
        service_principal: its enterprise application.
        owners: who owns the registration, besides the deployer: object id to display name.
        grant: the consent of an administrator to permissions of Microsoft Graph.
        assignments: who is assigned, each with or without an app role.
        pool: the user pool.
        domain: the domain of the settings, where it is the pool's.
        provider: the identity provider; its details hold a client secret, which must not be shown.
        clients: the app clients, by their key in the settings.
        others: the pool's other app clients.
        brandings: the ids of managed-login brandings, by the client's key.
        namesakes: other registrations and user pools of the same name.
    """

    application: Json | None = None
    service_principal: Json | None = None
    owners: Mapping[str, str] = field(default_factory=dict)
    grant: Json | None = None
    assignments: tuple[Json, ...] = ()
    pool: Json | None = None
    domain: Json | None = None
    provider: Json | None = None
    clients: Mapping[str, Json] = field(default_factory=dict)
    others: tuple[Json, ...] = ()
    brandings: Mapping[str, str] = field(default_factory=dict)
    namesakes: tuple[Json, ...] = ()

    def assigned(self) -> Iterator[Json]:
        """The assignments of the kind that the stack makes: to default access."""
        return (one for one in self.assignments if one["appRoleId"] == DEFAULT_ACCESS_ROLE)

    def imports(self, settings: Settings) -> dict[str, str]:
        """Terraform address to import id, of everything that the settings ask for and that exists.

        The forms are those of the azuread and AWS providers' documentation, each resource's "Import".

        Args:
            settings: the environment's settings.
        """
        return dict([*self._entra_imports(settings), *self._cognito_imports(settings)])

    def _entra_imports(self, settings: Settings) -> Iterator[tuple[str, str]]:
        if self.application:
            yield adopted.APPLICATION, f"/applications/{self.application['id']}"
        if self.service_principal:
            path = f"/servicePrincipals/{self.service_principal['id']}"
            yield adopted.SERVICE_PRINCIPAL, path
            for one in self.assigned():
                if one["principalId"] in settings.entra.assigned_principals:
                    yield f"{adopted.ASSIGNMENT}{one['principalId']}", f"{path}/appRoleAssignedTo/{one['id']}"
        if self.grant and settings.entra.admin_consent:
            yield adopted.CONSENT, f"/oauth2PermissionGrants/{self.grant['id']}"

    def _cognito_imports(self, settings: Settings) -> Iterator[tuple[str, str]]:
        if not self.pool:
            return
        pool_id = self.pool["Id"]
        yield adopted.POOL, pool_id
        if self.domain:
            # What AWS calls the domain is the prefix.
            yield adopted.DOMAIN, settings.cognito.domain_prefix
        if self.provider and self.provider["ProviderName"] == settings.cognito.provider_name:
            yield adopted.PROVIDER, f"{pool_id}:{settings.cognito.provider_name}"
        for key, client in self.clients.items():
            yield f"{adopted.CLIENT}{key}", f"{pool_id}/{client['ClientId']}"
        for key, branding in self.brandings.items():
            yield f"{adopted.BRANDING}{key}", f"{pool_id},{branding}"


def find(graph: Graph, cognito: "CognitoIdentityProviderClient", settings: Settings, wishes: Wishes) -> Found:
    """Look in both clouds.

    Args:
        graph: Microsoft Graph.
        cognito: the Cognito API of the settings' region.
        settings: the environment's settings.
        wishes: ids that the person gave.

    Raises:
        OperateError: what was named is not there, or a name fits more than one object.
        GraphError: Microsoft Graph refuses.
    """
    pool, pools = _pool(cognito, settings, wishes)
    provider = _provider(cognito, pool, settings) if pool else None
    application, registrations = _application(graph, settings, wishes, provider)
    principal = _principal(graph, application) if application else None
    path = f"/servicePrincipals/{principal['id']}" if principal else ""
    chosen, others = _clients(cognito, pool, settings, wishes) if pool else ({}, ())
    domain = _domain(cognito, settings.cognito.domain_prefix)
    mine = domain if pool and domain and domain["UserPoolId"] == pool["Id"] else None
    return Found(
        application=application,
        service_principal=principal,
        owners=_owners(graph, application, wishes.deployer) if application else {},
        grant=_grant(graph, path) if principal else None,
        assignments=tuple(graph.all(f"{path}/appRoleAssignedTo")) if principal else (),
        pool=pool,
        domain=mine,
        provider=provider,
        clients=chosen,
        others=others,
        brandings=_brandings(cognito, pool, chosen) if pool and _is_branded(settings) else {},
        namesakes=(*registrations, *pools),
    )


def _application(
    graph: Graph, settings: Settings, wishes: Wishes, provider: Json | None
) -> tuple[Json | None, list[Json]]:
    """The registration, and others of its name."""
    name = settings.display_name
    named = graph.all("/applications", **{"$filter": f"displayName eq '{_quoted(name)}'"})
    # What Cognito presents itself as is in use, whatever it is called.
    client_id = wishes.application_id or (provider or {}).get("ProviderDetails", {}).get("client_id")
    recorded = [
        one for one in named if f"/applications/{one['id']}" == wishes.recorded.get(adopted.APPLICATION)
    ]
    by_id = graph.all("/applications", **{"$filter": f"appId eq '{_quoted(client_id)}'"}) if client_id else []
    if wishes.application_id and not by_id:
        raise OperateError(f"There is no registration with the application (client) id {client_id}.")
    ids = [one["appId"] for one in named]
    chosen = next(iter([*by_id, *recorded]), None) or _only(
        named, ids, f'registrations are called "{name}"', "--application-id"
    )
    return chosen, [one for one in named if chosen and one["id"] != chosen["id"]]


def _principal(graph: Graph, application: Json) -> Json | None:
    mine = f"appId eq '{application['appId']}'"
    return next(iter(graph.all("/servicePrincipals", **{"$filter": mine})), None)


def _owners(graph: Graph, application: Json, deployer: str | None) -> dict[str, str]:
    owners = graph.all(f"/applications/{application['id']}/owners")
    mine = graph.all("/servicePrincipals", **{"$filter": f"appId eq '{deployer}'"}) if deployer else []
    ids = {principal["id"] for principal in mine}
    return {owner["id"]: owner.get("displayName") or "" for owner in owners if owner["id"] not in ids}


def _grant(graph: Graph, path: str) -> Json | None:
    resources = graph.all("/servicePrincipals", **{"$filter": f"appId eq '{MICROSOFT_GRAPH}'"})
    ids = {resource["id"] for resource in resources}
    grants = graph.all(f"{path}/oauth2PermissionGrants")
    for_all = (one for one in grants if one["consentType"] == "AllPrincipals" and one["resourceId"] in ids)
    return next(for_all, None)


def _pool(
    cognito: "CognitoIdentityProviderClient", settings: Settings, wishes: Wishes
) -> tuple[Json | None, list[Json]]:
    """The user pool, and others of its name."""
    name = settings.user_pool_name
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig=PAGES)
    named = [cast("Json", pool) for page in pages for pool in page["UserPools"] if pool.get("Name") == name]
    ids = [pool["Id"] for pool in named]
    recorded = wishes.recorded.get(adopted.POOL)
    domain = _domain(cognito, settings.cognito.domain_prefix)
    pool_id = wishes.user_pool_id or (recorded if recorded in ids else (domain or {}).get("UserPoolId"))
    if pool_id is None:
        only = _only(named, ids, f'user pools are called "{name}"', "--user-pool-id")
        if only is None:
            return None, []
        pool_id = only["Id"]
    pool = described(lambda: cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])
    if pool is None:
        raise OperateError(f"There is no user pool {pool_id} in {settings.aws.region}.")
    return cast("Json", pool), [one for one in named if one["Id"] != pool_id]


def _domain(cognito: "CognitoIdentityProviderClient", prefix: str) -> Json | None:
    domain = described(lambda: cognito.describe_user_pool_domain(Domain=prefix)["DomainDescription"])
    # Of a domain that is not there AWS gives an empty description; of another account's no pool.
    return cast("Json", domain) if domain and domain.get("UserPoolId") else None


def _provider(cognito: "CognitoIdentityProviderClient", pool: Json, settings: Settings) -> Json | None:
    """The provider of the settings' name; otherwise the one that is for the same tenant."""
    pages = cognito.get_paginator("list_identity_providers").paginate(
        UserPoolId=pool["Id"], PaginationConfig=PAGES
    )
    names = [one["ProviderName"] for page in pages for one in page["Providers"]]
    providers = [
        cast(
            "Json",
            cognito.describe_identity_provider(UserPoolId=pool["Id"], ProviderName=name)["IdentityProvider"],
        )
        for name in names
    ]
    for provider in providers:
        if provider["ProviderName"] == settings.cognito.provider_name:
            return provider
    issuer = settings.cloud.issuer(settings.entra.tenant_id)
    same = [one for one in providers if one["ProviderDetails"].get("oidc_issuer") == issuer]
    which = f"identity providers of {pool['Id']} are for {issuer}"
    return _only(same, [one["ProviderName"] for one in same], which, "cognito.provider_name in the settings")


def _clients(
    cognito: "CognitoIdentityProviderClient", pool: Json, settings: Settings, wishes: Wishes
) -> tuple[dict[str, Json], tuple[Json, ...]]:
    pages = cognito.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=pool["Id"], PaginationConfig=PAGES
    )
    ids = [client["ClientId"] for page in pages for client in page["UserPoolClients"]]
    unknown = sorted(set(wishes.clients) - set(settings.clients))
    missing = sorted(set(wishes.clients.values()) - set(ids))
    if len(set(wishes.clients.values())) < len(wishes.clients):
        raise OperateError("One app client cannot be two: --client wants another id for each key.")
    if unknown:
        raise OperateError(f"The settings have no [clients.{unknown[0]}]: add it first.")
    if missing:
        raise OperateError(f"The user pool {pool['Id']} has no app client {missing[0]}.")
    left = {
        id_: cast(
            "Json",
            cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=id_)["UserPoolClient"],
        )
        for id_ in ids
    }
    recorded = {key: wishes.recorded.get(f"{adopted.CLIENT}{key}", "") for key in settings.clients}
    meant = set(wishes.clients.values())
    given = {key: id_ for key, id_ in recorded.items() if id_ in left and id_ not in meant}
    given |= wishes.clients
    chosen = {key: left.pop(id_) for key, id_ in given.items()}
    for key in [key for key in settings.clients if key not in chosen]:
        name, urls = settings.client_name(key), set(settings.clients[key].callback_urls)
        named = [one for one in left.values() if one["ClientName"] == name]
        fitting = named or [one for one in left.values() if set(one.get("CallbackURLs", [])) == urls]
        what = f'app clients are called "{name}"' if named else f"app clients have the callback URLs of {key}"
        one = _only(fitting, [one["ClientId"] for one in fitting], what, f"--client {key}=")
        if one is not None:
            chosen[key] = left.pop(one["ClientId"])
    return {key: chosen[key] for key in settings.clients if key in chosen}, tuple(left.values())


def _is_branded(settings: Settings) -> bool:
    return settings.cognito.managed_login_version != 1


def _brandings(
    cognito: "CognitoIdentityProviderClient", pool: Json, clients: Mapping[str, Json]
) -> dict[str, str]:
    def branding(client: Json) -> Json | None:
        asked = {"UserPoolId": pool["Id"], "ClientId": client["ClientId"]}
        answer = described(lambda: cognito.describe_managed_login_branding_by_client(**asked))
        return cast("Json", answer)["ManagedLoginBranding"] if answer else None

    branded = {key: branding(client) for key, client in clients.items()}
    return {key: found["ManagedLoginBrandingId"] for key, found in branded.items() if found}


def described(describe: Callable[[], Described]) -> Described | None:
    """What Cognito describes, or None where it is not there."""
    from botocore.exceptions import ClientError  # noqa: PLC0415 - slow to load

    try:
        return describe()
    except ClientError as error:
        if error.response["Error"]["Code"] == GONE:
            return None
        raise


def _only(found: list[Json], ids: list[str], what: str, option: str) -> Json | None:
    if len(found) > 1:
        raise OperateError(f"{len(found)} {what}: {', '.join(ids)}. Say which one is meant, by {option}.")
    return found[0] if found else None


def _quoted(text: str) -> str:
    """A string for OData, where a quote is doubled."""
    return text.replace("'", "''")
