"""The rights in AWS and Entra ID that an environment needs, from `rights.toml`."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, TypeAlias

from stacks import clouds
from stacks.settings import Settings
from stacks.settings.facts import MICROSOFT_GRAPH

Json: TypeAlias = dict[str, Any]
Purpose: TypeAlias = Literal["deploy", "read"]
"""`deploy` also changes and destroys; `read` is for plans, and for verify, signin, guard and adopt."""

TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
# What of a statement of the table belongs to which purpose.
_PARTS: dict[Purpose, tuple[str, ...]] = {"deploy": ("plan", "deploy"), "read": ("plan", "verify")}

# The roles of a person who does the same after `az login` (Microsoft Entra ID, "Built-in roles").
DIRECTORY_ROLES: dict[Purpose, str] = {
    "deploy": "Cloud Application Administrator",
    "read": "Directory Readers",
}


def aws_policy(settings: Settings, purpose: Purpose) -> Json:
    """An IAM policy with exactly the calls of a purpose, on resources as narrow as the settings say."""
    used, names = uses(settings), _names(settings)
    merged: dict[tuple[tuple[str, ...], str], tuple[set[str], Json]] = {}
    for one in TABLE["aws"]:
        actions = {
            f"{one['service']}:{call}" for part in _PARTS[purpose] for call in one.get(part, "").split()
        }
        if one["when"] not in used or not actions:
            continue
        resources = tuple(resource.format_map(names) for resource in one["on"])
        condition = {
            operator: {key: value.format_map(names) for key, value in pairs.items()}
            for operator, pairs in one.get("condition", {}).items()
        }
        statement = merged.setdefault((resources, str(condition)), (set(), condition))
        statement[0].update(actions)
    statements = [
        {"Effect": "Allow", "Action": sorted(actions), "Resource": list(resources)}
        | ({"Condition": condition} if condition else {})
        for (resources, _), (actions, condition) in merged.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def graph_permissions(settings: Settings, purpose: Purpose) -> list[dict[str, str]]:
    """The application permissions of Microsoft Graph, each with its id and what it is for."""
    used = {"reading"} if purpose == "read" else uses(settings) - {"reading"}
    return [one for one in TABLE["entra"] if one["when"] in used]


def required_resource_access(permissions: Iterable[dict[str, str]]) -> list[Json]:
    """Permissions as a registration lists them (Microsoft Graph, resource type requiredResourceAccess)."""
    access = [{"id": one["id"], "type": "Role"} for one in permissions]
    return [{"resourceAppId": MICROSOFT_GRAPH, "resourceAccess": access}] if access else []


def uses(settings: Settings) -> set[str]:
    """What of the table an environment uses."""
    cognito, entra, state = settings.cognito, settings.entra, settings.state
    own_pool, trigger = cognito.user_pool_id is None, settings.groups_attribute is not None
    own_role = trigger and cognito.groups_role_arn is None
    created = any(client.client_id is None for client in settings.clients.values())
    registration = entra.registration
    own = registration is None
    assigned = [*entra.assigned, *(one for role in entra.app_roles.values() for one in role.holders)]
    users = any(one.startswith("user ") for one in assigned)
    groups = any(one.startswith("group ") for one in assigned)
    # An object id may be of either.
    ids = any(" " not in one for one in assigned)
    found = {
        "always": True,
        "pool": own_pool,
        "existing pool": not own_pool,
        "client": created,
        "resource server": settings.resource_servers,
        "branding": created and cognito.managed_login_version != 1,
        "domain": cognito.domain_prefix or cognito.custom_domain,
        "custom domain": cognito.custom_domain,
        "hosted zone": cognito.custom_domain and cognito.custom_domain.hosted_zone_id,
        "groups trigger": trigger,
        "role": own_role,
        "role without boundary": own_role and settings.aws.permissions_boundary is None,
        "role with boundary": own_role and settings.aws.permissions_boundary is not None,
        "tags on pool": settings.tags and own_pool,
        "tags on groups trigger": settings.tags and trigger,
        "tags on role": settings.tags and own_role,
        "secrets manager": registration and registration.secrets_manager_secret,
        "parameter": registration and registration.ssm_parameter,
        "state": state,
        "state key": state and state.kms_key_id,
        "registration": own,
        "look-up of applications": own and (entra.admin_consent or assigned or entra.owners),
        "admin consent": own and entra.admin_consent,
        "assignments": own and assigned,
        "people": own and (users or ids or entra.owners),
        "groups": own and (groups or ids),
        "reading": True,
    }
    return {name for name, is_used in found.items() if is_used}


def _names(settings: Settings) -> dict[str, str]:
    """What stands for the braces of the table; Terraform's syntax for a variable is not among it."""
    region, account = settings.aws.region, settings.aws.account_id or "*"
    partition = clouds.partition(region).name
    of_state = clouds.partition(settings.state_region).name
    pool = settings.cognito.user_pool_id or "*"
    trigger, path = settings.groups_function, settings.aws.role_path
    domain, registration = settings.cognito.custom_domain, settings.entra.registration
    secret = (registration and registration.secrets_manager_secret) or ""
    if not secret.startswith("arn:"):
        # AWS adds six characters of its own (Secrets Manager user guide, "What's in a secret").
        secret = f"arn:{partition}:secretsmanager:{region}:{account}:secret:{secret}-??????"
    key = (settings.state and settings.state.kms_key_id) or ""
    if not key.startswith("arn:"):
        key = f"arn:{of_state}:kms:{settings.state_region}:{account}:key/{key}"
    return {
        "partition": partition,
        "region": region,
        "account": account,
        "pool": f"arn:{partition}:cognito-idp:{region}:{account}:userpool/{pool}",
        "zone": (domain and domain.hosted_zone_id) or "",
        "certificate": domain.certificate_arn if domain else "",
        "trigger": trigger,
        "log_group": f"arn:{partition}:logs:{region}:{account}:log-group:{settings.groups_log_group}",
        "role": settings.cognito.groups_role_arn or f"arn:{partition}:iam::{account}:role{path}{trigger}",
        "boundary": settings.aws.permissions_boundary or "",
        "secret": secret,
        "parameter": ((registration and registration.ssm_parameter) or "").removeprefix("/"),
        "state_partition": of_state,
        "bucket": settings.state.bucket if settings.state else "",
        "state_key": settings.state_key,
        "kms_key": key,
    }
