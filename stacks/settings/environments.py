"""Rules between environments: what only one stack of a folder can have."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from pathlib import Path

from stacks.settings import Settings
from stacks.settings.findings import Key
from stacks.settings.problems import Problem, problem
from stacks.settings.rules_people import HOME

# What a stack takes for itself: the key of the setting that says so, and what nobody else can have.
Taken = Iterator[tuple[Key, Hashable]]


def taken_twice(loaded: Mapping[Path, Settings]) -> Iterator[Problem]:
    """What only one stack can have: the second would fail in the middle of its deploy, or worse."""
    for of, because, instead in _ONE_STACK_ONLY:
        first: dict[Hashable, Path] = {}
        for path, settings in loaded.items():
            for key, taken in of(settings):
                if first.setdefault(taken, path) != path:
                    has_it = f"{because}, and {first[taken].name} has it already."
                    yield problem(path, has_it, instead, key=key)


def _domain_prefix(one: Settings) -> Taken:
    if one.cognito.domain_prefix is not None:
        yield ("cognito", "domain_prefix"), (one.aws.region, one.cognito.domain_prefix)


def _custom_host(one: Settings) -> Taken:
    if one.cognito.custom_domain is not None:
        yield ("cognito", "custom_domain", "host"), one.cognito.custom_domain.host


def _display_name(one: Settings) -> Taken:
    if one.entra.registration is None:
        yield ("entra", "display_name"), (one.cloud, one.entra.tenant_id, one.display_name)


def _state(one: Settings) -> Taken:
    if one.state is not None:
        yield ("state", "key"), (one.state.bucket, one.state_key)


def _domains_of_a_shared_pool(one: Settings) -> Taken:
    pool = one.cognito.user_pool_id
    if pool is not None and one.cognito.domain_prefix is not None:
        yield ("cognito", "domain_prefix"), (pool, "prefix")
    if pool is not None and one.cognito.custom_domain is not None:
        yield ("cognito", "custom_domain"), (pool, "custom")


def _providers_of_a_shared_pool(one: Settings) -> Taken:
    pool = one.cognito.user_pool_id
    for key, provider in one.identity_providers.items() if pool is not None else ():
        where: Key = ("cognito",) if key == HOME else ("tenants", key)
        yield (*where, "provider_name"), (pool, provider.name.lower())


def _identifiers_of_a_shared_pool(one: Settings) -> Taken:
    pool = one.cognito.user_pool_id
    for key, provider in one.identity_providers.items() if pool is not None else ():
        where: Key = ("cognito", "idp_identifiers") if key == HOME else ("tenants", key, "email_domains")
        for identifier in provider.identifiers:
            yield where, (pool, identifier.lower())


def _resource_servers_of_a_shared_pool(one: Settings) -> Taken:
    pool = one.cognito.user_pool_id
    for key, server in one.resource_servers.items() if pool is not None else ():
        yield ("resource_servers", key, "identifier"), (pool, server.identifier or key)


_ONE_STACK_ONLY: tuple[tuple[Callable[[Settings], Taken], str, str], ...] = (
    (
        _domain_prefix,
        "A region has each domain prefix once",
        "Choose another prefix for one of them.",
    ),
    (
        _custom_host,
        "A host leads to one user pool",
        "Choose another host for one of them, or write existing_domain where the pool has it already.",
    ),
    (
        _display_name,
        "A tenant can have one registration of this name from this project",
        "Choose another name for one of them.",
    ),
    (
        _state,
        "Two stacks with one state would delete each other's resources",
        "Remove the line, or choose another key for one of them.",
    ),
    (
        _domains_of_a_shared_pool,
        "A user pool has one domain of each kind",
        "Keep it in one of them, and write its host as existing_domain in the others.",
    ),
    (
        _providers_of_a_shared_pool,
        "Both add an identity provider of this name to the same user pool",
        "Choose another provider_name for the newer one: the names of users begin with it.",
    ),
    (
        _identifiers_of_a_shared_pool,
        "An e-mail domain or other identifier leads to one identity provider of a user pool",
        "Leave it with the one that owns it.",
    ),
    (
        _resource_servers_of_a_shared_pool,
        "A user pool has each resource server once",
        "Keep it in one of them; apps of the others can ask for its scopes all the same.",
    ),
)
