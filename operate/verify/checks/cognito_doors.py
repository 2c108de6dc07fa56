"""Who else Cognito lets in, and what else changes what its tokens say.

docs/security.md lists every object and attribute that was considered, and why the others are no door.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from operate.cognito_api import CognitoFacts, minutes
from operate.errors import Unavailable
from operate.outputs import Outputs
from operate.pool_contents import USERS_READ, FunctionFacts, Json, PoolContents
from operate.verify.checks.cognito import STANDARD
from operate.verify.checks.entra_doors import NEEDS_DEPLOY, NOT_OURS
from operate.verify.findings import CLIENT, Checked, Finding, door
from stacks.cognito.groups_code import CODE
from stacks.expected import ExpectedClient, ExpectedFunction
from stacks.settings.facts import LOCAL_ACCOUNTS

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import (
        LambdaConfigTypeTypeDef,
        UserPoolClientTypeTypeDef,
        UserPoolTypeTypeDef,
    )

POOL = "user pool"
FUNCTION = "the groups function"
ADOPTED = "adopted: its triggers, groups and links stay as they were, and are not judged"
# What is allowed when nothing is said (API reference, CreateUserPoolClient, ExplicitAuthFlows).
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
ADDRESSES = ("authorize_url", "token_url", "attributes_url", "jwks_uri")
# API reference, LambdaConfigType: these are not functions.
NO_TRIGGER = frozenset({"KMSKeyID"})

Read = TypeVar("Read")


def check_cognito_doors(
    outputs: Outputs, facts: CognitoFacts | Unavailable, contents: PoolContents | Unavailable | None
) -> list[Checked]:
    """Compare pool, providers, clients and function with what the settings let in."""
    title = "Who else may come in by Cognito"
    if isinstance(facts, Unavailable):
        return [Checked(title, not_checked=facts.why)]
    checks = [
        Checked("Where people's identity comes from", tuple(_providers(outputs, facts))),
        *(
            _client(outputs, key, client, contents)
            for key, client in facts.clients.items()
            if client is not None
        ),
    ]
    access = outputs.expected.access
    if access is None:
        return [Checked(title, not_checked=NEEDS_DEPLOY), *checks]
    if not access.own_pool:
        return [Checked(title, note=f"user pool: {NOT_OURS}"), *checks]
    if isinstance(contents, Unavailable) or contents is None:
        return [Checked(title, not_checked=contents.why if contents else ""), *checks]
    if facts.pool is None:
        return checks
    checks.append(_pool(outputs, facts.pool, contents))
    if access.groups_function is not None:
        checks.append(_function(access.groups_function, contents.function, facts.pool["Arn"]))
    return checks


def _providers(outputs: Outputs, facts: CognitoFacts) -> Iterator[Finding]:
    """An address at another host; or issuer and keys, or issuer and tokens, that agree on another tenant."""
    for name, provider in facts.providers.items():
        details = provider["ProviderDetails"] if provider else {}
        deployed = outputs.expected.identity_providers[name].details
        differs = [key for key in ADDRESSES if details.get(key) and details[key] != deployed[key]]
        elsewhere = [key for key in differs if urlsplit(details[key])[:2] != urlsplit(deployed[key])[:2]]
        issuer = details.get("oidc_issuer", deployed["oidc_issuer"]) != deployed["oidc_issuer"]
        agreed = [key for key in ("token_url", "jwks_uri") if issuer and key in differs]
        if moved := elsewhere or agreed:
            detail = ", ".join(f"{key} is {details[key]}" for key in moved)
            yield Finding("provider-elsewhere", f"identity provider {name}", detail, provider=name)


def _client(
    outputs: Outputs,
    key: str,
    client: "UserPoolClientTypeTypeDef",
    contents: PoolContents | Unavailable | None,
) -> Checked:
    title, expected = f"App client {key}: what else it lets in", outputs.expected.clients[key]
    if not expected.own:
        return Checked(title, note=NOT_OURS)
    where, not_checked = f"{CLIENT}{key}", "" if expected.limits else NEEDS_DEPLOY
    found = [Finding(id_, where, ", ".join(more)) for id_, more in _wider(expected, client) if more]
    secrets = contents.client_secrets if isinstance(contents, PoolContents) else {}
    if isinstance(secrets, Unavailable):
        not_checked = f"its secrets: {secrets.why}" if expected.has_secret else not_checked
        secrets = {}
    names = {"pool": outputs.user_pool_id, "client": outputs.client_ids[key]}
    found += [
        door("client-second-secret", where, secret, **names, secret=secret)
        for secret in secrets.get(key, [])[1:]
    ]
    return Checked(title, tuple(found), not_checked)


def _wider(expected: ExpectedClient, client: "UserPoolClientTypeTypeDef") -> Iterator[tuple[str, list[str]]]:
    """What the client has beyond the settings, by known error; not every output tells its limits."""
    limits = expected.limits
    let_in = set(client.get("SupportedIdentityProviders", [])) - set(expected.identity_providers)
    if limits is None or limits.local_accounts:
        let_in.discard(LOCAL_ACCOUNTS)
    if limits is not None:
        let_in |= set(client.get("ExplicitAuthFlows") or DEFAULT_FLOWS) - set(limits.auth_flows)
    grants = set(client.get("AllowedOAuthFlows", [])) - {"code"}
    scopes = set(client.get("AllowedOAuthScopes", [])) - set(expected.scopes)
    yield "client-lets-in", sorted(let_in)
    yield "client-grants", sorted(grants | scopes)
    yield "client-callback-foreign", sorted(set(client.get("CallbackURLs", [])) - set(expected.callback_urls))
    if limits is None:
        return
    yield (
        "client-writes",
        sorted(set(client.get("WriteAttributes") or STANDARD) - set(limits.write_attributes)),
    )
    longest = {
        "AccessToken": limits.access_token_minutes,
        "IdToken": limits.id_token_minutes,
        "RefreshToken": limits.refresh_token_days * 1440,
    }
    longer = [
        f"{token}Validity: {valid:g} instead of {most} minutes"
        for token, most in longest.items()
        if (valid := minutes(client, token)) > most
    ]
    if client.get("EnableTokenRevocation") is False:
        longer.append("EnableTokenRevocation is off")
    yield "client-tokens", longer
    yield "client-user-names", ["LEGACY"] if client.get("PreventUserExistenceErrors") == "LEGACY" else []


def _pool(outputs: Outputs, pool: "UserPoolTypeTypeDef", contents: PoolContents) -> Checked:
    access, pool_id = outputs.expected.access, outputs.user_pool_id
    adopted = access is not None and access.adopted_pool
    function = access.groups_function if access else None
    found: list[Finding] = []
    not_checked: list[str] = []

    def known(read: Read | Unavailable, nothing: Read) -> Read:
        if isinstance(read, Unavailable):
            not_checked.append(read.why)
            return nothing
        return read

    if not (pool.get("AdminCreateUserConfig") or {}).get("AllowAdminCreateUserOnly"):
        found.append(Finding("pool-sign-up", POOL))
    if not adopted or function:
        found.extend(_triggers(pool["Arn"], pool.get("LambdaConfig") or {}, function))
    found += [
        door("pool-client", f"app client {id_}", name, pool=pool_id, name=id_)
        for id_, name in known(contents.clients, {}).items()
        if id_ not in outputs.client_ids.values()
    ]
    found += [
        door("pool-identity-provider", f"identity provider {name}", pool=pool_id, name=name)
        for name in known(contents.providers, [])
        if name not in outputs.expected.identity_providers
    ]
    if not adopted:
        # Cognito makes one for each identity provider (developer guide, "Adding groups to a user pool").
        made_by_cognito = f"{pool_id}_"
        found += [
            door("pool-group", f"group {name}", role, pool=pool_id, name=name)
            for name, role in known(contents.groups, {}).items()
            # Without groups from Entra ID, what the pool's groups mean is for the apps to say.
            if role or (function and not name.startswith(made_by_cognito))
        ]
        found += [
            door(
                "user-linked",
                f"user {one.username}",
                f"{one.user_id} of {one.provider}",
                pool=pool_id,
                provider=one.provider,
                user=one.user_id,
            )
            for one in known(contents.links, [])
        ]
    note = ADOPTED if adopted else ""
    if contents.users_read >= USERS_READ:
        note = f"{note}; of its users {USERS_READ} were looked through for links".removeprefix("; ")
    title = "User pool: who else may come in"
    return Checked(title, tuple(found), "; ".join(dict.fromkeys(not_checked)), note=note)


def _triggers(
    pool_arn: str, config: "LambdaConfigTypeTypeDef", function: ExpectedFunction | None
) -> Iterator[Finding]:
    """A function that the pool asks, beside that of the settings; in the same region and account."""
    _, partition, _, region, account, _ = pool_arn.split(":", 5)
    own = f"arn:{partition}:lambda:{region}:{account}:function:{function.name}" if function else ""
    for name, value in config.items():
        arn = value.get("LambdaArn", "") if isinstance(value, dict) else str(value or "")
        tokens = name in {"PreTokenGeneration", "PreTokenGenerationConfig"}
        if arn and name not in NO_TRIGGER and not (tokens and arn == own):
            yield Finding("pool-trigger", f"trigger {name}", arn)


def _function(
    expected: ExpectedFunction, facts: FunctionFacts | Unavailable | None, pool_arn: str
) -> Checked:
    title = "The function that puts roles or groups into tokens"
    if isinstance(facts, Unavailable) or facts is None:
        return Checked(title, not_checked=facts.why if facts else "")
    name = expected.name
    found: list[Finding] = []
    now = facts.configuration or {}
    if now and now["CodeSha256"] != expected.code_hash:
        found.append(door("function-code", FUNCTION, f"its hash is {now['CodeSha256']}", name=name))
    if now and (other := _configured_otherwise(expected, now)):
        found.append(Finding("function-configuration", FUNCTION, ", ".join(other)))
    found += [
        door(
            "function-policy",
            f"statement {one.get('Sid')}",
            f"{one.get('Action')} for {one.get('Principal')}",
            name=name,
            statement=str(one.get("Sid")),
        )
        for one in facts.statements
        if not _is_cognitos(one, pool_arn)
    ]
    trusted = [one.get("Principal") for one in facts.trust.get("Statement", [])]
    logs = [one for one in facts.inline.get("logs", {}).get("Statement", []) if not _only_logs(one)]
    wrong = [one for one in trusted if one != {"Service": "lambda.amazonaws.com"}] + logs
    if wrong:
        found.append(Finding("function-role", f"role {name}", ", ".join(map(str, wrong))))
    policies = [("detach-role-policy", "policy-arn", arn) for arn in facts.attached] + [
        ("delete-role-policy", "policy-name", one) for one in facts.inline if one != "logs"
    ]
    found += [
        door(
            "function-role-policy",
            f"policy {policy}",
            operation=operation,
            name=name,
            option=option,
            policy=policy,
        )
        for operation, option, policy in policies
    ]
    return Checked(title, tuple(found))


def _configured_otherwise(expected: ExpectedFunction, now: Json) -> list[str]:
    """What decides what the function does, besides its code, and is not as deployed."""
    deployed = {
        "Handler": f"{CODE.stem}.handler",
        "Environment": {"Variables": expected.environment},
        "Layers": [],
        "FileSystemConfigs": [],
    }
    wrong = [name for name, value in deployed.items() if (now.get(name) or []) != value]
    role = str(now.get("Role", ""))
    kept = role == expected.role_arn if expected.role_arn else role.rpartition("/")[2] == expected.name
    return wrong if kept else [*wrong, "Role"]


def _is_cognitos(statement: dict[str, object], pool_arn: str) -> bool:
    """Whether a statement only lets this pool call the function."""
    condition = statement.get("Condition")
    source = condition.get("ArnLike") if isinstance(condition, dict) else None
    return (
        statement.get("Principal") == {"Service": "cognito-idp.amazonaws.com"}
        and statement.get("Action") == "lambda:InvokeFunction"
        and source == {"AWS:SourceArn": pool_arn}
    )


def _only_logs(statement: dict[str, object]) -> bool:
    actions = statement.get("Action")
    listed = actions if isinstance(actions, list) else [actions]
    return all(str(one).startswith("logs:") for one in listed)
