"""Find what exists already, in both clouds, of what a settings file asks for.

Ids that are given on the command line come first, then what the objects say of each other (the pool of a
domain, the registration whose client id an identity provider has), then names. Where more than one object
fits, the person decides.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from operate.adopt.existing import AdoptOptions, ExistingObjects, Json, domain_names
from operate.cognito_api import all_of, described
from operate.errors import OperateError
from operate.graph_api import Graph
from stacks import addresses
from stacks.addresses import principal_by_name
from stacks.settings import Settings
from stacks.settings.facts import MICROSOFT_GRAPH

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient as Cognito


def find(
    graph: Graph | None,
    cognito: "Cognito",
    settings: Settings,
    options: AdoptOptions,
) -> ExistingObjects:
    """Look in both clouds.

    Args:
        graph: Microsoft Graph; None where the registration is somebody else's, of whom nothing is adopted.

    Raises:
        OperateError: what was named does not exist, or a name fits more than one object.
        GraphError: Microsoft Graph refuses.
    """
    existing = _in_cognito(cognito, settings, options)
    if graph is None:
        return existing
    application, same_name = _application(graph, settings, options, existing.providers)
    existing = replace(existing, application=application, same_name=(*same_name, *existing.same_name))
    principals = _service_principals(graph, application["appId"]) if application else []
    if not principals:
        return existing
    path = f"/servicePrincipals/{principals[0]['id']}"
    return replace(
        existing,
        service_principal=principals[0],
        grant=_grant(graph, path),
        assignments=tuple(graph.all(f"{path}/appRoleAssignedTo")),
        principals=_principals(graph, settings),
    )


def _in_cognito(cognito: "Cognito", settings: Settings, options: AdoptOptions) -> ExistingObjects:
    pool, same_name = _pool(cognito, settings, options)
    if pool is None:
        return ExistingObjects(same_name=tuple(same_name))
    clients, others = _clients(cognito, pool, settings, options)
    domains = {address: _domain(cognito, name) for address, name in domain_names(settings).items()}
    branded = settings.cognito.managed_login_version != 1
    return ExistingObjects(
        pool=pool,
        domains={
            address: domain
            for address, domain in domains.items()
            if domain and domain["UserPoolId"] == pool["Id"]
        },
        providers=_providers(cognito, pool, settings),
        resource_servers=_resource_servers(cognito, pool, settings),
        clients=clients,
        other_clients=others,
        brandings=_brandings(cognito, pool, clients) if branded else {},
        same_name=tuple(same_name),
    )


def _principals(graph: Graph, settings: Settings) -> dict[str, str]:
    """The users and groups that the settings name, as stacks/entra/access.py names their assignments."""
    entra = settings.entra
    asked = [
        *(
            (principal_by_name("user", one), "/users", "userPrincipalName", one)
            for one in entra.assigned_users
        ),
        *((principal_by_name("group", one), "/groups", "displayName", one) for one in entra.assigned_groups),
    ]
    principals = {}
    for ending, path, key, name in asked:
        objects = graph.all(path, **{"$filter": f"{key} eq '{_quoted(name)}'"})
        # A distribution list may have the same name, and cannot be assigned.
        ids = [one["id"] for one in objects if one.get("securityEnabled") is not False]
        if len(ids) == 1:
            principals[ending] = ids[0]
    return principals


def _application(
    graph: Graph, settings: Settings, options: AdoptOptions, providers: Mapping[str, Json]
) -> tuple[Json | None, list[Json]]:
    """The registration, and others of its name."""
    name = settings.display_name
    named = graph.all("/applications", **{"$filter": f"displayName eq '{_quoted(name)}'"})
    # The registration that Cognito uses is the one, whatever it is called.
    in_use = (provider["ProviderDetails"].get("client_id") for provider in providers.values())
    client_id = options.application_id or next(in_use, None)
    recorded = options.recorded.get(addresses.APPLICATION)
    by_id = graph.all("/applications", **{"$filter": f"appId eq '{_quoted(client_id)}'"}) if client_id else []
    if options.application_id and not by_id:
        raise OperateError(f"There is no registration with the application (client) id {client_id}.")
    in_state = [one for one in named if f"/applications/{one['id']}" == recorded]
    chosen = next(iter([*by_id, *in_state]), None) or _only(
        named, "appId", f'registrations are called "{name}"', "--application-id"
    )
    return chosen, [one for one in named if chosen and one["id"] != chosen["id"]]


def _service_principals(graph: Graph, application_id: str) -> list[Json]:
    return graph.all("/servicePrincipals", **{"$filter": f"appId eq '{application_id}'"})


def _grant(graph: Graph, path: str) -> Json | None:
    resources = {resource["id"] for resource in _service_principals(graph, MICROSOFT_GRAPH)}
    grants = graph.all(f"{path}/oauth2PermissionGrants")
    for_all = (one for one in grants if one["consentType"] == "AllPrincipals")
    return next((one for one in for_all if one["resourceId"] in resources), None)


def _pool(cognito: "Cognito", settings: Settings, options: AdoptOptions) -> tuple[Json | None, list[Json]]:
    """The user pool, and others of its name; of one that the settings name by its id there are no others."""
    pool_id, named = settings.cognito.user_pool_id, []
    if pool_id is None:
        name = settings.user_pool_name
        named = [pool for pool in all_of(cognito, "list_user_pools", "UserPools") if pool.get("Name") == name]
        recorded = options.recorded.get(addresses.USER_POOL)
        domains = (_domain(cognito, name) for name in domain_names(settings).values())
        of_domain = next((domain["UserPoolId"] for domain in domains if domain), None)
        is_recorded = any(pool["Id"] == recorded for pool in named)
        pool_id = options.user_pool_id or (recorded if is_recorded else of_domain)
    if pool_id is None:
        only = _only(named, "Id", f'user pools are called "{name}"', "--user-pool-id")
        if only is None:
            return None, []
        pool_id = str(only["Id"])
    pool = described(cognito, "describe_user_pool", "UserPool", UserPoolId=pool_id)
    if pool is None:
        raise OperateError(f"There is no user pool {pool_id} in {settings.aws.region}.")
    return pool, [one for one in named if one["Id"] != pool_id]


def _domain(cognito: "Cognito", name: str) -> Json | None:
    domain = described(cognito, "describe_user_pool_domain", "DomainDescription", Domain=name)
    # Of a domain that does not exist AWS gives an empty description; of another account's no pool.
    return domain if domain and domain.get("UserPoolId") else None


def _providers(cognito: "Cognito", pool: Json, settings: Settings) -> dict[str, Json]:
    """For each tenant the provider of the settings' name; otherwise the one that is for the same tenant."""
    by_name: dict[str, Any] = {}
    for one in all_of(cognito, "list_identity_providers", "Providers", UserPoolId=pool["Id"]):
        name = one["ProviderName"]
        answer = cognito.describe_identity_provider(UserPoolId=pool["Id"], ProviderName=name)
        by_name[name] = answer["IdentityProvider"]
    chosen = {}
    for key, wanted in settings.identity_providers.items():
        issuer = settings.cloud.issuer(wanted.tenant_id)
        same = [one for one in by_name.values() if one["ProviderDetails"].get("oidc_issuer") == issuer]
        provider = by_name.get(wanted.name) or _only(
            same,
            "ProviderName",
            f"identity providers of {pool['Id']} are for {issuer}",
            "provider_name in the settings",
        )
        if provider is not None:
            chosen[key] = provider
    return chosen


def _resource_servers(cognito: "Cognito", pool: Json, settings: Settings) -> tuple[str, ...]:
    """The keys of the resource servers of the settings that exist."""
    identifiers = {
        one["Identifier"]
        for one in all_of(cognito, "list_resource_servers", "ResourceServers", UserPoolId=pool["Id"])
    }
    wanted = settings.resource_servers.items()
    return tuple(key for key, one in wanted if (one.identifier or key) in identifiers)


def _clients(
    cognito: "Cognito", pool: Json, settings: Settings, options: AdoptOptions
) -> tuple[dict[str, Json], tuple[Json, ...]]:
    """The app clients of the settings, and the others; those that the settings name by id are neither."""
    ids = [
        one["ClientId"]
        for one in all_of(cognito, "list_user_pool_clients", "UserPoolClients", UserPoolId=pool["Id"])
    ]
    _check_clients(options.clients, ids, pool["Id"], settings)
    foreign = {client.client_id for client in settings.clients.values()}
    own = [key for key, client in settings.clients.items() if client.client_id is None]
    left: dict[str, Any] = {}
    for id_ in (id_ for id_ in ids if id_ not in foreign):
        answer = cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=id_)
        left[id_] = answer["UserPoolClient"]
    recorded = {key: options.recorded.get(addresses.APP_CLIENT.format(client=key), "") for key in own}
    meant = set(options.clients.values())
    given = {key: id_ for key, id_ in recorded.items() if id_ in left and id_ not in meant}
    chosen = {key: left.pop(id_) for key, id_ in (given | dict(options.clients)).items()}
    for key in (key for key in own if key not in chosen):
        name, urls = settings.client_name(key), set(settings.clients[key].callback_urls)
        named = [one for one in left.values() if one["ClientName"] == name]
        fitting = named or [one for one in left.values() if set(one.get("CallbackURLs", [])) == urls]
        what = f'app clients are called "{name}"' if named else f"app clients have the callback URLs of {key}"
        client = _only(fitting, "ClientId", what, f"--client {key}=")
        if client is not None:
            chosen[key] = left.pop(client["ClientId"])
    return {key: chosen[key] for key in settings.clients if key in chosen}, tuple(left.values())


def _check_clients(given: Mapping[str, str], ids: list[str], pool_id: str, settings: Settings) -> None:
    """Check what `--client` says."""
    if len(set(given.values())) < len(given):
        raise OperateError("One app client cannot be two: --client wants another id for each key.")
    for key in sorted(given):
        if key not in settings.clients:
            raise OperateError(f"The settings have no [clients.{key}]: add it first.")
        if settings.clients[key].client_id:
            raise OperateError(f"[clients.{key}] has its client_id, of a client that is not adopted.")
    for id_ in sorted(given.values()):
        if id_ not in ids:
            raise OperateError(f"The user pool {pool_id} has no app client {id_}.")


def _brandings(cognito: "Cognito", pool: Json, clients: Mapping[str, Json]) -> dict[str, str]:
    operation, brandings = "describe_managed_login_branding_by_client", {}
    for key, client in clients.items():
        asked = {"UserPoolId": pool["Id"], "ClientId": client["ClientId"]}
        if branding := described(cognito, operation, "ManagedLoginBranding", **asked):
            brandings[key] = branding["ManagedLoginBrandingId"]
    return brandings


def _only(fitting: list[Json], id_: str, what: str, option: str) -> Json | None:
    if len(fitting) > 1:
        ids = ", ".join(one[id_] for one in fitting)
        raise OperateError(f"{len(fitting)} {what}: {ids}. Say which one is meant, by {option}.")
    return fitting[0] if fitting else None


def _quoted(text: str) -> str:
    """A string for OData, where a quote is doubled."""
    return text.replace("'", "''")
