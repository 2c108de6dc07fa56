"""Rules for one value at a time: what exists in AWS already, and names for what is made there."""

import re

from stacks.settings.rules import ACCOUNT_ID, REGION, as_written, refused
from stacks.settings.rules_web import RESOURCE_SERVER

USER_POOL_ID = r"[a-z]{2}(-[a-z]+)+-\d_[0-9a-zA-Z]{1,38}"
APP_CLIENT_ID = r"[\w+]{1,128}"
RESOURCE_SERVER_KEY = r"[a-z][a-z0-9_-]{0,30}"
HOST = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
HOSTED_ZONE_ID = r"Z[0-9A-Z]{1,31}"
HOST_LENGTH = 63
# CloudWatch Logs API reference, PutRetentionPolicy, retentionInDays; without a last day is no choice here.
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545),
    *(731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def user_pool_id(value: str) -> str:
    """The id of a user pool (API reference, UserPoolIdType)."""
    if not re.fullmatch(USER_POOL_ID, value):
        raise refused(
            "This is not the id of a user pool.",
            'Write for instance "eu-central-1_aB3dE5fG7": Cognito console > User pools > User pool ID.',
        )
    return value


def app_client_id(value: str) -> str:
    """The id of an app client (API reference, ClientIdType)."""
    if not re.fullmatch(APP_CLIENT_ID, value, re.ASCII):
        raise refused(
            "This is not the id of an app client.",
            "Copy the Client ID: Cognito console > User pools > App clients.",
        )
    return value


def host(value: str) -> str:
    """A domain of one's own (developer guide, "Using your own domain for managed login")."""
    if "/" in value or ":" in value:
        raise refused(
            "Only the host is set here, without https:// and what follows it.",
            'Write for instance "auth.contoso.com".',
        )
    if value != value.lower():
        raise refused("A host is written in lower case here.", f'Write "{value.lower()}".')
    if not re.fullmatch(HOST, value):
        raise refused("This is not the name of a host.", 'Write for instance "auth.contoso.com".')
    return value


def own_host(value: str) -> str:
    """The host of a custom domain that is to be made (same source): no longer than a DNS label."""
    host(value)
    if len(value) > HOST_LENGTH:
        raise refused(
            f"The host is {len(value)} characters long; Cognito takes {HOST_LENGTH}.", "Shorten it."
        )
    if value.endswith(".amazoncognito.com"):
        raise refused(
            "This host is Amazon's own.", "Write the first part of it as domain_prefix in [cognito] instead."
        )
    if value.count(".") == 1:
        raise refused(
            "Cognito needs a host below a domain that has an address itself.",
            f'Write for instance "auth.{value}".',
        )
    return value


def certificate_arn(value: str) -> str:
    """The certificate of a custom domain (same source): CloudFront, which serves it, reads us-east-1 only."""
    if not re.fullmatch(rf"arn:aws:acm:{REGION}:{ACCOUNT_ID}:certificate/[\w-]+", value, re.ASCII):
        raise refused(
            "This is not the ARN of a certificate in AWS Certificate Manager.",
            'Write for instance "arn:aws:acm:us-east-1:123456789012:certificate/'
            '12345678-90ab-4cde-8f01-234567890abc".',
        )
    region = value.split(":")[3]
    if region != "us-east-1":
        raise refused(
            f"The certificate is in {region}; that of a Cognito domain has to be in us-east-1, wherever the"
            " user pool is.",
            "Request it in us-east-1, and write that one's ARN.",
        )
    return value


def hosted_zone_id(value: str) -> str:
    """A hosted zone (Route 53 API reference, GetHostedZone, Id)."""
    bare = value.removeprefix("/hostedzone/")
    if not re.fullmatch(HOSTED_ZONE_ID, bare):
        raise refused(
            "This is not the id of a hosted zone in Route 53.", 'Write for instance "Z0123456789ABCDEFGHIJ".'
        )
    return bare


def stored_secret(value: str) -> str:
    """The name or ARN of a secret (Secrets Manager API reference, CreateSecret, Name)."""
    arn = rf"arn:aws[a-z-]*:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:[\w/+=.@-]+"
    if not re.fullmatch(rf"{arn}|[\w/+=.@-]{{1,512}}", value, re.ASCII):
        raise refused(
            "This is neither the name nor the ARN of a secret in AWS Secrets Manager. The secret itself never"
            " belongs in this file.",
            'Write for instance "entra/contoso-signin".',
        )
    return value


def parameter(value: str) -> str:
    """The name of a parameter (Systems Manager user guide, "Parameter name requirements")."""
    if not re.fullmatch(r"[\w./-]{1,1011}", value, re.ASCII) or ("/" in value and not value.startswith("/")):
        raise refused(
            "This is not the name of a parameter in AWS Systems Manager. The secret itself never belongs in"
            " this file.",
            'Write for instance "/entra/contoso-signin/client-secret".',
        )
    return value


def json_key(value: str) -> str:
    """The key of one value in a secret that is a JSON object."""
    if not re.fullmatch(r"[\w.-]{1,128}", value, re.ASCII):
        raise refused("This is not a key as it can be looked up.", 'Write for instance "client_secret".')
    return value


def resource_server_key(value: str) -> str:
    """The key of a resource server, which becomes part of its Terraform address."""
    if not re.fullmatch(RESOURCE_SERVER_KEY, value):
        raise refused(
            "The word after `resource_servers.` is part of a Terraform address: lower-case letters, digits,"
            " hyphens and underscores, a letter first, at most 31.",
            "Write for instance [resource_servers.orders].",
        )
    return value


def resource_server_identifier(value: str) -> str:
    """What the scopes of a resource server begin with (API reference, ResourceServerIdentifierType)."""
    if not re.fullmatch(r"[\x21\x23-\x5B\x5D-\x7E]{1,256}", value):
        raise refused(
            "An identifier has 1 to 256 characters, no spaces, quotes and backslashes.",
            'Write for instance "https://orders.contoso.com" or "orders".',
        )
    return as_written(value)


def resource_server_name(value: str) -> str:
    """A resource server's name (Cognito API reference, CreateResourceServer, Name)."""
    if not re.fullmatch(r"[\w\s+=,.@-]{1,256}", value, re.ASCII):
        raise refused(
            "A resource server's name has 1 to 256 letters (a to z), digits, spaces and the characters"
            " _ + = , . @ -",
            "Leave out what is not among them.",
        )
    return value


def scope_name(value: str) -> str:
    """The name of a resource server's scope (API reference, ResourceServerScopeNameType)."""
    if not re.fullmatch(RESOURCE_SERVER, value):
        raise refused(
            "A scope's name has 1 to 256 characters, no spaces, slashes, quotes and backslashes.",
            'Write for instance "read".',
        )
    return as_written(value)


def scope_description(value: str) -> str:
    """What a scope is for (API reference, ResourceServerScopeDescriptionType)."""
    if not 1 <= len(value) <= 256:  # noqa: PLR2004 - the API's limit
        raise refused("A scope's description has 1 to 256 characters.", 'Write for instance "Read orders".')
    return as_written(value)


def retention_days(value: int) -> int:
    """For how long logs are kept (CloudWatch Logs API reference, PutRetentionPolicy)."""
    if value not in RETENTION_DAYS:
        near = min(RETENTION_DAYS, key=lambda days: abs(days - value))
        raise refused("CloudWatch keeps logs for certain numbers of days only.", f"Write {near}.")
    return value


def branding_file(value: str) -> str:
    """A file beside the settings file."""
    if (
        not value
        or value.startswith(("/", "~"))
        or ".." in value.split("/")
        or "\\" in value
        or not value.isprintable()
    ):
        raise refused(
            "The file is named from the folder of this settings file, and lies in it or below.",
            'Write for instance "branding/settings.json".',
        )
    return value
