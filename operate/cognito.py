"""What Cognito has, read through boto3 with whatever credentials the AWS CLI would use."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from operate.findings import NotChecked
from operate.outputs import Outputs

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
GONE = "ResourceNotFoundException"

Described = TypeVar("Described")


@dataclass(frozen=True)
class CognitoFacts:
    """The deployed objects as they are now; None for what is not there any more.

    Attributes:
        pool: the user pool.
        domain: the domain that the stack made.
        provider: the identity provider; its details hold the client secret, which must not be shown.
        clients: the app clients, by their key in the settings.
    """

    pool: "UserPoolTypeTypeDef | None"
    domain: "DomainDescriptionTypeTypeDef | None"
    provider: "IdentityProviderTypeTypeDef | None"
    clients: "dict[str, UserPoolClientTypeTypeDef | None]"

    @property
    def client_secret(self) -> str | None:
        """The secret that Cognito presents to Entra ID."""
        return self.provider["ProviderDetails"].get("client_secret") if self.provider else None


def sdk(region: str) -> "CognitoIdentityProviderClient | NotChecked":
    """A client of boto3, or why there is none.

    Args:
        region: the user pool's region.
    """
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
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=20,
        )
        return session.client("cognito-idp", region_name=region, config=settings)
    except BotoCoreError as error:
        return NotChecked(f"AWS: {error}")


def read_cognito(outputs: Outputs) -> CognitoFacts | NotChecked:
    """Read everything at once, side by side.

    Args:
        outputs: the stack's outputs.
    """
    cognito = sdk(outputs.expected.region)
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

    with ThreadPoolExecutor() as threads:
        pool = threads.submit(found, lambda: cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"])
        # A prefix domain goes by its prefix, a custom one by its whole name.
        names = [outputs.domain, outputs.domain.split(".")[0]]
        domains = [
            threads.submit(
                found, lambda name=name: cognito.describe_user_pool_domain(Domain=name)["DomainDescription"]
            )
            for name in names
        ]
        provider = threads.submit(
            found,
            lambda: cognito.describe_identity_provider(
                UserPoolId=pool_id, ProviderName=outputs.expected.provider_name
            )["IdentityProvider"],
        )
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
                domain=next((known for domain in domains if (known := domain.result())), None),
                provider=provider.result(),
                clients={key: client.result() for key, client in clients.items()},
            )
        except ClientError as error:
            return NotChecked(f"AWS refused: {error.response['Error'].get('Message') or error}")
        except BotoCoreError as error:
            return NotChecked(f"AWS: {error}")
