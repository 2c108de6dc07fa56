"""What Cognito has, read through boto3 with the credentials that the AWS CLI would use."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import boto3
from botocore.config import Config
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

Parameters = ParamSpec("Parameters")
Description = TypeVar("Description")


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

        def ask(
            describe: Callable[Parameters, Description],
            *arguments: Parameters.args,
            **parameters: Parameters.kwargs,
        ) -> Future[Description | None]:
            def described() -> Description | None:
                try:
                    return describe(*arguments, **parameters)
                except cognito.exceptions.ResourceNotFoundException:
                    return None

            return threads.submit(described)

        pool = ask(cognito.describe_user_pool, UserPoolId=pool_id)
        domains = {
            host: ask(cognito.describe_user_pool_domain, Domain=domain_name(host))
            for host in expected.domains
        }
        providers = {
            name: ask(cognito.describe_identity_provider, UserPoolId=pool_id, ProviderName=name)
            for name in expected.identity_providers
        }
        clients = {
            key: ask(cognito.describe_user_pool_client, UserPoolId=pool_id, ClientId=client_id)
            for key, client_id in outputs.client_ids.items()
        }
        try:
            described_pool = pool.result()
            return CognitoFacts(
                pool=described_pool and described_pool["UserPool"],
                # AWS describes a domain that does not exist by an empty description.
                domains={
                    host: (domain and domain["DomainDescription"]) or None
                    for host, domain in _results(domains)
                },
                providers={
                    name: provider and provider["IdentityProvider"] for name, provider in _results(providers)
                },
                clients={key: client and client["UserPoolClient"] for key, client in _results(clients)},
            )
        except (BotoCoreError, ClientError) as error:
            return refused(error)


def refused(error: BotoCoreError | ClientError) -> Unavailable:
    """Why AWS does not say."""
    if isinstance(error, ClientError):
        return Unavailable(f"AWS refused: {error.response['Error'].get('Message') or error}")
    return Unavailable(f"AWS: {error}")


def _results(futures: Mapping[str, Future[Description]]) -> Iterator[tuple[str, Description]]:
    return ((name, future.result()) for name, future in futures.items())
