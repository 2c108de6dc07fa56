"""What exists already, in both clouds, of what a settings file asks for.

Ids that are given on the command line come first, then what the objects say of each other (the pool of a
domain, the registration that an identity provider presents itself as), then names. Where more than one object
fits, the person decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from operate.adopt.existing import AdoptOptions, ExistingObjects, Json, domain_names
from operate.errors import OperateError
from operate.graph_api import Graph
from stacks import adopted
from stacks.addresses import readable
from stacks.settings import Settings
from stacks.settings.facts import MICROSOFT_GRAPH

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import PaginatorConfigTypeDef

PAGES: "PaginatorConfigTypeDef" = {"PageSize": 60}  # the most that Cognito lists at once
GONE = "ResourceNotFoundException"

Described = TypeVar("Described")


def find(
    graph: Graph | None, cognito: "CognitoIdentityProviderClient", settings: Settings, wishes: AdoptOptions
) -> ExistingObjects:
    """Look in both clouds.

    Args:
        graph: Microsoft Graph; None where the registration is somebody else's, of whom nothing is adopted.

    Raises:
        OperateError: what was named is not there, or a name fits more than one object.
        GraphError: Microsoft Graph refuses.
    """
    pool, pools = _pool(cognito, settings, wishes)
    providers = _providers(cognito, pool, settings) if pool else {}
    chosen, others = _clients(cognito, pool, settings, wishes) if pool else ({}, ())
    domains = {address: _domain(cognito, name) for address, name in domain_names(settings).items()}
    of_cognito = ExistingObjects(
        pool=pool,
        domains={
            address: domain
            for address, domain in domains.items()
            if pool and domain and domain["UserPoolId"] == pool["Id"]
        },
        providers=providers,
        apis=_apis(cognito, pool, settings) if pool else (),
        clients=chosen,
        others=others,
        brandings=_brandings(cognito, pool, chosen) if pool and _is_branded(settings) else {},
        namesakes=tuple(pools),
    )
    return of_cognito if graph is None else _of_entra(graph, of_cognito, settings, wishes)


def _of_entra(
    graph: Graph, found: ExistingObjects, settings: Settings, wishes: AdoptOptions
) -> ExistingObjects:
    """What there is in Entra ID, added to what there is in Cognito."""
    application, registrations = _application(graph, settings, wishes, found.providers)
    principal = _principal(graph, application) if application else None
    path = f"/servicePrincipals/{principal['id']}" if principal else ""
    return replace(
        found,
        application=application,
        service_principal=principal,
        owners=_owners(graph, application, wishes.deployer) if application else {},
        grant=_grant(graph, path) if principal else None,
        assignments=tuple(graph.all(f"{path}/appRoleAssignedTo")) if principal else (),
        namesakes=(*registrations, *found.namesakes),
        named=_named(graph, settings) if principal else {},
    )


def _named(graph: Graph, settings: Settings) -> dict[str, str]:
    """The users and groups that the settings name, as stacks/access.py names their assignments."""
    entra = settings.entra
    asked = [
        *((f"user_{readable(one)}", "/users", "userPrincipalName", one) for one in entra.assigned_users),
        *((f"group_{readable(one)}", "/groups", "displayName", one) for one in entra.assigned_groups),
    ]
    found = {
        ending: [
            one
            for one in graph.all(path, **{"$filter": f"{key} eq '{_quoted(name)}'"})
            # A distribution list may have the same name, and cannot be assigned.
            if one.get("securityEnabled") is not False
        ]
        for ending, path, key, name in asked
    }
    return {ending: objects[0]["id"] for ending, objects in found.items() if len(objects) == 1}


def _application(
    graph: Graph, settings: Settings, wishes: AdoptOptions, providers: Mapping[str, Json]
) -> tuple[Json | None, list[Json]]:
    """The registration, and others of its name."""
    name = settings.display_name
    named = graph.all("/applications", **{"$filter": f"displayName eq '{_quoted(name)}'"})
    # What Cognito presents itself as is in use, whatever it is called.
    presented = (provider["ProviderDetails"].get("client_id") for provider in providers.values())
    client_id = wishes.application_id or next(presented, None)
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
    cognito: "CognitoIdentityProviderClient", settings: Settings, wishes: AdoptOptions
) -> tuple[Json | None, list[Json]]:
    """The user pool, and others of its name; of one that is named by its id there are no others."""
    existing = settings.cognito.user_pool_id
    if existing is not None:
        found = described(lambda: cognito.describe_user_pool(UserPoolId=existing)["UserPool"])
        if found is None:
            raise OperateError(f"There is no user pool {existing} in {settings.aws.region}.")
        return cast("Json", found), []
    name = settings.user_pool_name
    pages = cognito.get_paginator("list_user_pools").paginate(PaginationConfig=PAGES)
    named = [cast("Json", pool) for page in pages for pool in page["UserPools"] if pool.get("Name") == name]
    ids = [pool["Id"] for pool in named]
    recorded = wishes.recorded.get(adopted.POOL)
    domains = (_domain(cognito, name) for name in domain_names(settings).values())
    domain = next((domain for domain in domains if domain), {})
    pool_id = wishes.user_pool_id or (recorded if recorded in ids else domain.get("UserPoolId"))
    if pool_id is None:
        only = _only(named, ids, f'user pools are called "{name}"', "--user-pool-id")
        if only is None:
            return None, []
        pool_id = only["Id"]
    pool = described(lambda: cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])
    if pool is None:
        raise OperateError(f"There is no user pool {pool_id} in {settings.aws.region}.")
    return cast("Json", pool), [one for one in named if one["Id"] != pool_id]


def _domain(cognito: "CognitoIdentityProviderClient", name: str) -> Json | None:
    domain = described(lambda: cognito.describe_user_pool_domain(Domain=name)["DomainDescription"])
    # Of a domain that is not there AWS gives an empty description; of another account's no pool.
    return cast("Json", domain) if domain and domain.get("UserPoolId") else None


def _providers(cognito: "CognitoIdentityProviderClient", pool: Json, settings: Settings) -> dict[str, Json]:
    """For each tenant the provider of the settings' name; otherwise the one that is for the same tenant."""
    pages = cognito.get_paginator("list_identity_providers").paginate(
        UserPoolId=pool["Id"], PaginationConfig=PAGES
    )
    names = [one["ProviderName"] for page in pages for one in page["Providers"]]
    there = {
        name: cast(
            "Json",
            cognito.describe_identity_provider(UserPoolId=pool["Id"], ProviderName=name)["IdentityProvider"],
        )
        for name in names
    }
    found = {}
    for key, wanted in settings.identity_providers.items():
        issuer = settings.cloud.issuer(wanted.tenant_id)
        same = [name for name, one in there.items() if one["ProviderDetails"].get("oidc_issuer") == issuer]
        which = f"identity providers of {pool['Id']} are for {issuer}"
        meant = "provider_name in the settings"
        one = there.get(wanted.name) or _only([there[name] for name in same], same, which, meant)
        if one is not None:
            found[key] = one
    return found


def _apis(cognito: "CognitoIdentityProviderClient", pool: Json, settings: Settings) -> tuple[str, ...]:
    """The keys of the resource servers that there are."""
    pages = cognito.get_paginator("list_resource_servers").paginate(
        UserPoolId=pool["Id"], PaginationConfig={"PageSize": 50}
    )
    there = {one["Identifier"] for page in pages for one in page["ResourceServers"]}
    return tuple(key for key, one in settings.resource_servers.items() if (one.identifier or key) in there)


def _clients(
    cognito: "CognitoIdentityProviderClient", pool: Json, settings: Settings, wishes: AdoptOptions
) -> tuple[dict[str, Json], tuple[Json, ...]]:
    pages = cognito.get_paginator("list_user_pool_clients").paginate(
        UserPoolId=pool["Id"], PaginationConfig=PAGES
    )
    ids = [client["ClientId"] for page in pages for client in page["UserPoolClients"]]
    unknown = sorted(set(wishes.clients) - set(settings.clients))
    theirs = sorted(key for key in wishes.clients if key not in unknown and settings.clients[key].client_id)
    missing = sorted(set(wishes.clients.values()) - set(ids))
    if len(set(wishes.clients.values())) < len(wishes.clients):
        raise OperateError("One app client cannot be two: --client wants another id for each key.")
    if unknown:
        raise OperateError(f"The settings have no [clients.{unknown[0]}]: add it first.")
    if theirs:
        raise OperateError(f"[clients.{theirs[0]}] has its client_id, of a client that is not adopted.")
    if missing:
        raise OperateError(f"The user pool {pool['Id']} has no app client {missing[0]}.")
    # Those that belong to somebody else stay as they are.
    foreign = {client.client_id for client in settings.clients.values() if client.client_id}
    own = [key for key, client in settings.clients.items() if client.client_id is None]
    left = {
        id_: cast(
            "Json",
            cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=id_)["UserPoolClient"],
        )
        for id_ in ids
        if id_ not in foreign
    }
    recorded = {key: wishes.recorded.get(f"{adopted.CLIENT}{key}", "") for key in own}
    meant = set(wishes.clients.values())
    given = {key: id_ for key, id_ in recorded.items() if id_ in left and id_ not in meant}
    given |= wishes.clients
    chosen = {key: left.pop(id_) for key, id_ in given.items()}
    for key in [key for key in own if key not in chosen]:
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
