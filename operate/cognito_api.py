"""What Cognito has, read through boto3 with whatever credentials the AWS CLI would use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from operate.outputs import Outputs
from operate.verify.findings import NotChecked

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
# AWS takes only so many requests in a second: of many tenants some have to be asked about again.
FEW = 20
ATTEMPTS_FOR_MANY = 8
# The domain of every prefix domain (developer guide, "Using the Amazon Cognito prefix domain").
PREFIX_DOMAINS = ".amazoncognito.com"
GONE = "ResourceNotFoundException"

Described = TypeVar("Described")


@dataclass(frozen=True)
class CognitoFacts:
    """The deployed objects as they are now; None for what is not there any more.

    Attributes:
        pool: the user pool.
        domains: the sign-in domains, by their hosts.
        providers: the identity providers, by name; their details hold the client secret, which must not be
            shown.
        clients: the app clients, by their key in the settings.
    """

    pool: "UserPoolTypeTypeDef | None"
    domains: "dict[str, DomainDescriptionTypeTypeDef | None]"
    providers: "dict[str, IdentityProviderTypeTypeDef | None]"
    clients: "dict[str, UserPoolClientTypeTypeDef | None]"

    def client_secret(self, provider: str) -> str | None:
        """The secret that Cognito presents to Entra ID."""
        found = self.providers.get(provider)
        return found["ProviderDetails"].get("client_secret") if found else None


def sdk(region: str, *, attempts: int = ATTEMPTS) -> "CognitoIdentityProviderClient | NotChecked":
    """A client of boto3, or why there is none."""
    try:
        import boto3  # noqa: PLC0415 - takes longer to load than everything else together
        from botocore.config import Config  # noqa: PLC0415
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415
    except ImportError:
        return NotChecked("boto3 is not installed")
    try:
        session = boto3.Session()
        if session.get_credentials() is None:
            return NotChecked("there are no AWS credentials here: sign in as for the AWS CLI")
        settings = Config(
            connect_timeout=SECONDS,
            read_timeout=SECONDS,
            retries={"total_max_attempts": attempts, "mode": "standard"},
            max_pool_connections=20,
        )
        return session.client("cognito-idp", region_name=region, config=settings)
    except BotoCoreError as error:
        return NotChecked(f"AWS: {error}")


def domain_name(host: str) -> str:
    """What Cognito calls a domain: a prefix domain by its prefix, a custom one by its whole host."""
    return host.partition(".")[0] if host.endswith(PREFIX_DOMAINS) else host


def read_cognito(outputs: Outputs) -> CognitoFacts | NotChecked:
    """Read everything at once, side by side."""
    many = len(outputs.expected.identity_providers) > FEW
    cognito = sdk(outputs.expected.region, attempts=ATTEMPTS_FOR_MANY if many else ATTEMPTS)
    if isinstance(cognito, NotChecked):
        return cognito
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    pool_id = outputs.user_pool_id

    def found(describe: Callable[[], Described]) -> Described | None:
        try:
            return describe()
        except ClientError as error:
            if error.response["Error"]["Code"] == GONE:
                return None
            raise

    with ThreadPoolExecutor(max_workers=8) as threads:
        pool = threads.submit(found, lambda: cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])
        domains = {
            host: threads.submit(
                found, lambda name=name: cognito.describe_user_pool_domain(Domain=name)["DomainDescription"]
            )
            for host, name in {host: domain_name(host) for host in outputs.expected.domains}.items()
        }
        providers = {
            name: threads.submit(
                found,
                lambda name=name: cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName=name)[
                    "IdentityProvider"
                ],
            )
            for name in outputs.expected.identity_providers
        }
        clients = {
            key: threads.submit(
                found,
                lambda id_=id_: cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=id_)[
                    "UserPoolClient"
                ],
            )
            for key, id_ in outputs.client_ids.items()
        }
        try:
            return CognitoFacts(
                pool=pool.result(),
                # Of a domain that is not there AWS gives an empty description.
                domains={host: domain.result() or None for host, domain in domains.items()},
                providers={name: provider.result() for name, provider in providers.items()},
                clients={key: client.result() for key, client in clients.items()},
            )
        except ClientError as error:
            return NotChecked(f"AWS refused: {error.response['Error'].get('Message') or error}")
        except BotoCoreError as error:
            return NotChecked(f"AWS: {error}")
