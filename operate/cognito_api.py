"""What Cognito has, read through boto3 with the credentials that the AWS CLI would use."""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from operate.errors import Unavailable
from operate.outputs import Outputs
from stacks.clouds import PREFIX_DOMAINS

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        DomainDescriptionTypeTypeDef,
        IdentityProviderTypeTypeDef,
        UserPoolClientTypeTypeDef,
        UserPoolTypeTypeDef,
    )

SECONDS = 8
ATTEMPTS = 2
# AWS answers only so many requests in a second: of many identity providers some must be asked for again.
FEW_PROVIDERS = 20
ATTEMPTS_FOR_MANY = 8

# The most that Cognito lists at once: of anything, and of users.
PAGE, PAGE_OF_USERS = 50, 60
MINUTES = {"seconds": 1 / 60, "minutes": 1, "hours": 60, "days": 1440}
# Each token: its unit and its minutes where nothing is said (API reference, CreateUserPoolClient).
TOKENS = {"AccessToken": ("hours", 60), "IdToken": ("hours", 60), "RefreshToken": ("days", 30 * 1440)}


@dataclass(frozen=True)
class CognitoFacts:
    """The deployed objects as they are now; None for what no longer exists.

    Attributes:
        domains: the sign-in domains, by host.
        providers: the identity providers, by name; their details hold the client secret, never to be shown.
        clients: the app clients, by their key in the settings.
    """

    pool: "UserPoolTypeTypeDef | None"
    domains: "dict[str, DomainDescriptionTypeTypeDef | None]"
    providers: "dict[str, IdentityProviderTypeTypeDef | None]"
    clients: "dict[str, UserPoolClientTypeTypeDef | None]"

    def client_secret(self, provider: str) -> str | None:
        """The secret that Cognito presents to Entra ID."""
        described = self.providers.get(provider)
        return described["ProviderDetails"].get("client_secret") if described else None


def cognito_client(region: str, *, attempts: int = ATTEMPTS) -> "CognitoIdentityProviderClient | Unavailable":
    """A client of boto3, or why there is none."""
    client: CognitoIdentityProviderClient | Unavailable = aws_client("cognito-idp", region, attempts=attempts)
    return client


def aws_client(service: str, region: str, *, attempts: int = ATTEMPTS) -> Any:
    """A client of boto3 for any service, or why there is none."""
    # Not at the top: it takes a tenth of a second to load, and many commands need no AWS.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    # The stubs know each service by its name, and this one takes any.
    session: Any
    try:
        session = boto3.Session()
        if session.get_credentials() is None:
            return Unavailable("there are no AWS credentials here: sign in as for the AWS CLI")
        config = Config(
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=20,
        )
        return session.client(service, region_name=region, config=config)
    except BotoCoreError as error:
        return Unavailable(f"AWS: {error}")


def domain_name(host: str) -> str:
    """What Cognito calls a domain: a prefix domain by its prefix, a custom one by its whole host."""
    return host.partition(".")[0] if host.endswith(PREFIX_DOMAINS) else host


def read_cognito(outputs: Outputs) -> CognitoFacts | Unavailable:
    """Read the pool, its domains, identity providers and app clients, side by side."""
    expected, pool_id = outputs.expected, outputs.user_pool_id
    many = len(expected.identity_providers) > FEW_PROVIDERS
    cognito = cognito_client(expected.region, attempts=ATTEMPTS_FOR_MANY if many else ATTEMPTS)
    if isinstance(cognito, Unavailable):
        return cognito
    with ThreadPoolExecutor(max_workers=8) as threads:

        def ask(operation: str, key: str, **arguments: str) -> Future[Any]:
            return threads.submit(described, cognito, operation, key, **arguments)

        pool = ask("describe_user_pool", "UserPool", UserPoolId=pool_id)
        domains = {
            host: ask("describe_user_pool_domain", "DomainDescription", Domain=domain_name(host))
            for host in expected.domains
        }
        providers = {
            name: ask("describe_identity_provider", "IdentityProvider", UserPoolId=pool_id, ProviderName=name)
            for name in expected.identity_providers
        }
        clients = {
            key: ask("describe_user_pool_client", "UserPoolClient", UserPoolId=pool_id, ClientId=client_id)
            for key, client_id in outputs.client_ids.items()
        }
        try:
            return CognitoFacts(
                pool=pool.result(),
                # AWS describes a domain that does not exist by an empty description.
                domains={host: domain.result() or None for host, domain in domains.items()},
                providers={name: provider.result() for name, provider in providers.items()},
                clients={key: client.result() for key, client in clients.items()},
            )
        except (BotoCoreError, ClientError) as error:
            return refused(error)


def described(cognito: Any, operation: str, key: str, **arguments: str) -> Any:
    """What Cognito describes, or None where it does not exist."""
    try:
        return getattr(cognito, operation)(**arguments)[key]
    except cognito.exceptions.ResourceNotFoundException:
        return None


def all_of(
    cognito: Any, operation: str, key: str, *, page: int = PAGE, most: int | None = None, **arguments: str
) -> list[dict[str, Any]]:
    """All that Cognito lists, or as many as are wanted at most."""
    configuration = {"PageSize": page, "MaxItems": most}
    pages = cognito.get_paginator(operation).paginate(**arguments, PaginationConfig=configuration)
    return [one for listed in pages for one in listed[key]]


def minutes(client: Mapping[str, object], token: str) -> float:
    """For how many minutes a token of an app client is valid."""
    usual, default = TOKENS[token]
    value, units = client.get(f"{token}Validity"), client.get("TokenValidityUnits")
    unit = units.get(token) if isinstance(units, Mapping) else None
    return float(str(value)) * MINUTES[unit or usual] if value else default


def refused(error: BotoCoreError | ClientError) -> Unavailable:
    """Why AWS does not say."""
    if isinstance(error, ClientError):
        return Unavailable(f"AWS refused: {error.response['Error'].get('Message') or error}")
    return Unavailable(f"AWS: {error}")
