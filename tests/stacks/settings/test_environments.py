"""Several settings files: what only one stack can have, whether in one cloud or in one shared user pool."""

from pathlib import Path
from typing import Any

import pytest
from stacks.settings_file import Problem, SettingsError, load_folder

from tests.stacks.settings.samples import QUIET, REMOVED, Changes, as_toml, with_changes
from tests.stacks.settings.shapes.samples import (
    CUSTOMER,
    FABRIKAM,
    ORDERS,
    OTHER_CUSTOMER,
    OWN_DOMAIN,
    POOL,
    REGISTRATION,
)

# Two stacks that share nothing but the pool.
SHARED = POOL | {"cognito.provider_name": "dev-entra"}
SHARED_TOO = POOL | {"cognito.provider_name": "prod-entra"}


def problems_of(folder: Path, dev: Changes, prod: Changes) -> list[Problem]:
    for name, changes in (("dev", dev), ("prod", prod)):
        apart = {} if "cognito.domain_prefix" in changes else {"cognito.domain_prefix": name}
        (folder / f"{name}.toml").write_text(as_toml(with_changes({**changes, **apart})), "utf-8")
    try:
        load_folder(folder)
    except SettingsError as error:
        return error.problems
    return []


SHARED_PREFIX = {"cognito.domain_prefix": "contoso-signin"}
REFUSED: list[tuple[Changes, Changes, str, str]] = [
    (SHARED_PREFIX, SHARED_PREFIX, "cognito.domain_prefix", "each domain prefix once, and dev.toml has it"),
    (
        {"entra.display_name": "Contoso"},
        {"entra.display_name": "Contoso"},
        "entra.display_name",
        "one registration of this name",
    ),
    (
        {**QUIET, "state.key": "state"},
        {**QUIET, "state.key": "state"},
        "state.key",
        "delete each other's resources",
    ),
    (OWN_DOMAIN, OWN_DOMAIN, "cognito.custom_domain.host", "A host leads to one user pool"),
    (
        OWN_DOMAIN | {"aws.region": "eu-west-1"},
        OWN_DOMAIN,
        "cognito.custom_domain.host",
        "A host leads to one user pool",
    ),
    (POOL, POOL, "cognito.provider_name", "an identity provider of this name to the same user pool"),
    (
        POOL | {"cognito.provider_name": "Contoso"},
        POOL | {"cognito.provider_name": "contoso"},
        "cognito.provider_name",
        "of this name",
    ),
    (
        SHARED | {"tenants.one": {"tenant_id": CUSTOMER, "provider_name": "Fabrikam"}},
        SHARED_TOO | {"tenants.fabrikam.tenant_id": OTHER_CUSTOMER},
        "tenants.fabrikam.provider_name",
        "of this name",
    ),
    (
        SHARED,
        SHARED_TOO | {"tenants.other": {"tenant_id": CUSTOMER, "provider_name": "DEV-Entra"}},
        "tenants.other.provider_name",
        "of this name",
    ),
    (
        SHARED | {"cognito.idp_identifiers": ["Fabrikam.com"]},
        SHARED_TOO | FABRIKAM,
        "tenants.fabrikam.email_domains",
        "leads to one identity provider",
    ),
    (
        SHARED | ORDERS,
        SHARED_TOO | {"resource_servers.o": {"identifier": "orders", "scopes": {"a": "b"}}},
        "resource_servers.o.identifier",
        "has each resource server once",
    ),
    (
        {**SHARED, "cognito.existing_domain": "login.contoso.com", "cognito.domain_prefix": "one"},
        {**SHARED_TOO, "cognito.existing_domain": "login.contoso.com", "cognito.domain_prefix": "two"},
        "cognito.domain_prefix",
        "one domain of each kind",
    ),
    (
        SHARED | OWN_DOMAIN,
        SHARED_TOO | OWN_DOMAIN | {"cognito.custom_domain.host": "login.contoso.com"},
        "cognito.custom_domain",
        "one domain of each kind",
    ),
]


@pytest.mark.parametrize(("dev", "prod", "key", "telling"), REFUSED)
def test_what_only_one_stack_can_have(
    tmp_path: Path, dev: Changes, prod: Changes, key: str, telling: str
) -> None:
    (problem,) = problems_of(tmp_path, dev, prod)
    assert (problem.file.name, problem.key) == ("prod.toml", key)
    assert telling in problem.rule
    assert "dev.toml has it already" in problem.rule


ANOTHER_POOL: dict[str, Any] = POOL | {"cognito.user_pool_id": "eu-central-1_another"}


@pytest.mark.parametrize(
    ("dev", "prod"),
    [
        ({}, {}),
        (SHARED, SHARED_TOO),
        (POOL, ANOTHER_POOL),
        # Each makes a pool of its own.
        (FABRIKAM | ORDERS, FABRIKAM | ORDERS),
        # Neither has a prefix.
        (
            OWN_DOMAIN | {"cognito.domain_prefix": REMOVED},
            OWN_DOMAIN
            | {"cognito.domain_prefix": REMOVED, "cognito.custom_domain.host": "login.contoso.com"},
        ),
        (SHARED_PREFIX, SHARED_PREFIX | {"aws.region": "eu-west-1"}),
        # One registration for both, whose name is its owner's business.
        (REGISTRATION, REGISTRATION),
        ({"entra.display_name": "dev sign-in"}, REGISTRATION),
        ({"entra.display_name": "Contoso"}, {"entra.display_name": "Contoso", "entra.tenant_id": CUSTOMER}),
    ],
)
def test_what_several_stacks_can_have(tmp_path: Path, dev: Changes, prod: Changes) -> None:
    assert problems_of(tmp_path, dev, prod) == []
