"""Everything in the user pool, whoever made it, and the function that it asks for tokens.

Each part is read by itself: without the right to one, the others are checked all the same.
"""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operate.cognito_api import PAGE_OF_USERS, all_of, aws_client, refused
from operate.errors import Unavailable
from operate.outputs import Outputs
from stacks.expected import ExpectedFunction

Json = dict[str, Any]

# verify should take seconds.
USERS_READ = 3000


@dataclass(frozen=True)
class Link:
    """A person at an identity provider who signs in as another user of the pool."""

    username: str
    provider: str
    user_id: str


@dataclass(frozen=True)
class FunctionFacts:
    """The function that puts roles or groups into tokens, and its role.

    Attributes:
        configuration: None when it is gone (FunctionConfiguration).
        statements: of its resource policy: who may call or change it.
        trust: who may take its role.
        attached: the managed policies of its role: name by ARN.
        inline: the policies of its role itself, by name.
    """

    configuration: Json | None
    statements: list[Json]
    trust: Json = field(default_factory=dict)
    attached: dict[str, str] = field(default_factory=dict)
    inline: dict[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class PoolContents:
    """What is in a pool that the stack made.

    Attributes:
        clients: name by client id.
        groups: the names of the groups; those with an IAM role have its ARN.
        users_read: how many users were looked through for links.
        client_secrets: of each app client with a secret, by its key: the secrets' ids, the oldest first.
        function: None where the settings ask for none.
    """

    clients: dict[str, str] | Unavailable
    providers: list[str] | Unavailable
    groups: dict[str, str] | Unavailable
    links: list[Link] | Unavailable
    users_read: int
    client_secrets: dict[str, list[str]] | Unavailable
    function: FunctionFacts | Unavailable | None = None


def read_pool_contents(outputs: Outputs) -> PoolContents | Unavailable | None:
    """Read what is in the pool; None where it is another team's, or the outputs do not say."""
    access = outputs.expected.access
    if access is None or not access.own_pool:
        return None
    region, pool_id = outputs.expected.region, outputs.user_pool_id
    cognito, functions, iam = (aws_client(service, region) for service in ("cognito-idp", "lambda", "iam"))
    if isinstance(cognito, Unavailable):
        return cognito
    users: list[Json] = []

    def listed(operation: str, key: str) -> list[Json]:
        return all_of(cognito, operation, key, UserPoolId=pool_id)

    def links() -> list[Link]:
        users.extend(
            all_of(cognito, "list_users", "Users", page=PAGE_OF_USERS, most=USERS_READ, UserPoolId=pool_id)
        )
        return [link for user in users for link in _links(user)]

    def secrets() -> dict[str, list[str]]:
        return {
            key: _secret_ids(
                cognito.list_user_pool_client_secrets(UserPoolId=pool_id, ClientId=outputs.client_ids[key])
            )
            for key, client in outputs.expected.clients.items()
            if client.own and client.has_secret
        }

    parts: dict[str, Callable[[], Any]] = {
        "clients": lambda: {
            one["ClientId"]: one["ClientName"] for one in listed("list_user_pool_clients", "UserPoolClients")
        },
        "providers": lambda: [one["ProviderName"] for one in listed("list_identity_providers", "Providers")],
        "groups": lambda: {
            one["GroupName"]: one.get("RoleArn", "") for one in listed("list_groups", "Groups")
        },
        "links": links,
        "client_secrets": secrets,
    }
    if (function := access.groups_function) is not None:
        parts["function"] = lambda: _function(functions, iam, function)
    with ThreadPoolExecutor(max_workers=6) as threads:
        answers = dict(zip(parts, threads.map(_answer, parts.values()), strict=True))
    return PoolContents(**answers, users_read=len(users))


def _answer(ask: Callable[[], Any]) -> Any:
    """A part of the contents, or why it cannot be read."""
    try:
        return ask()
    except (BotoCoreError, ClientError) as error:
        return refused(error)


def _links(user: Json) -> list[Link]:
    """Who else signs in as a user: the own identity of a federated one is its name.

    (developer guide, "Linking federated users to an existing user profile")
    """
    attributes = {one["Name"]: one["Value"] for one in user.get("Attributes", [])}
    try:
        identities = json.loads(attributes.get("identities") or "[]")
    except ValueError:
        return []
    links = [Link(user["Username"], one["providerName"], str(one["userId"])) for one in identities]
    return [one for one in links if f"{one.provider}_{one.user_id}".lower() != one.username.lower()]


def _secret_ids(answer: Json) -> list[str]:
    secrets = sorted(answer["ClientSecrets"], key=lambda one: str(one.get("ClientSecretCreateDate", "")))
    return [one["ClientSecretId"] for one in secrets]


def _function(functions: Any, iam: Any, expected: ExpectedFunction) -> FunctionFacts:
    gone = functions.exceptions.ResourceNotFoundException
    name = {"FunctionName": expected.name}
    try:
        configuration = functions.get_function_configuration(**name)
    except gone:
        configuration = None
    try:
        statements = json.loads(functions.get_policy(**name)["Policy"])["Statement"]
    except gone:
        statements = []
    role: Json = {} if expected.role_arn else _role(iam, expected.name)
    return FunctionFacts(configuration=configuration, statements=statements, **role)


def _role(iam: Any, name: str) -> Json:
    """What `FunctionFacts` has of the function's role."""
    role = {"RoleName": name}
    try:
        attached = iam.list_attached_role_policies(**role)["AttachedPolicies"]
        inline = iam.list_role_policies(**role)["PolicyNames"]
        return {
            "trust": iam.get_role(**role)["Role"]["AssumeRolePolicyDocument"],
            "attached": {one["PolicyArn"]: one["PolicyName"] for one in attached},
            "inline": {one: iam.get_role_policy(**role, PolicyName=one)["PolicyDocument"] for one in inline},
        }
    except iam.exceptions.NoSuchEntityException:
        return {}
