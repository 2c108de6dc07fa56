"""What exists already and is somebody else's: a registration, a user pool, its app clients, its domain."""

from typing import Annotated

from pydantic import Field

from stacks import clouds
from stacks.settings.checks import ClientSettings, Settings, check, check_each_client
from stacks.settings.errors import Messages, at, error
from stacks.settings.types import ACCOUNT_ID, GUID, REGION, Matches, Table, lower_case

# What a stack decides of somebody else's registration or client; any other setting would have no effect.
BESIDE_A_REGISTRATION = frozenset(
    {"tenant_id", "cloud", "authority", "home_accounts", "permissions", "registration"}
    | {"optional_claims", "policy_claims"}
)
BESIDE_A_CLIENT = frozenset({"type", "client_id", "tenants", "callback_urls", "scopes"})
# What the owner of a user pool decides.
OF_THE_POOL = ("user_pool_name", "tier", "groups_from", "groups_role_arn", "log_retention_days")

ApplicationId = Annotated[
    str,
    Matches(
        GUID,
        "This is not an application id, which is a GUID.",
        "Copy the Application (client) ID: Entra admin center > App registrations > Overview.",
    ),
    lower_case,
]
# Secrets Manager API reference, CreateSecret, Name.
StoredSecret = Annotated[
    str,
    Matches(
        rf"arn:aws[a-z-]*:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:[\w/+=.@-]+|[\w/+=.@-]{{1,512}}",
        "This is neither the name nor the ARN of a secret in AWS Secrets Manager. The secret itself never"
        " belongs in this file.",
        'Write for instance "entra/contoso-signin".',
    ),
]
# Systems Manager user guide, "Parameter name requirements".
ParameterName = Annotated[
    str,
    Matches(
        r"/[\w./-]{0,1010}|[\w.-]{1,1011}",
        "This is not the name of a parameter in AWS Systems Manager. The secret itself never belongs in this"
        " file.",
        'Write for instance "/entra/contoso-signin/client-secret".',
    ),
]
JsonKey = Annotated[
    str,
    Matches(
        r"[\w.-]{1,128}", "This is not a key as it can be looked up.", 'Write for instance "client_secret".'
    ),
]


class RegistrationSettings(Table):
    """An app registration that belongs to somebody else, and where its client secret is kept.

    With it the stack makes nothing in Entra ID, and needs no rights there. The secret itself is never written
    here: it is read with every plan, so a deploy after its owner has rotated it hands over the new one.
    """

    client_id: ApplicationId = Field(examples=["3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f"])
    """The registration's application (client) id."""
    secrets_manager_secret: StoredSecret | None = Field(default=None, examples=["entra/contoso-signin"])
    """Name or ARN of the secret in AWS Secrets Manager that holds the client secret; left out, it is in
    ssm_parameter."""
    json_key: JsonKey | None = Field(default=None, examples=["client_secret"])
    """The key of the client secret, where that secret is a JSON object; left out, it is the whole value."""
    ssm_parameter: ParameterName | None = Field(
        default=None, examples=["/entra/contoso-signin/client-secret"]
    )
    """Name of the SecureString in AWS Systems Manager that holds the client secret; left out, it is in
    secrets_manager_secret."""


@check
def _existing_pool_of_this_region(s: Settings) -> Messages:
    """Cognito API reference, UserPoolIdType: an id begins with the pool's region."""
    pool_id, region = s.cognito.user_pool_id, s.aws.region
    of_the_pool = region if pool_id is None else pool_id.partition("_")[0]
    if of_the_pool != region:
        yield error(
            at.cognito.user_pool_id,
            f"This pool is in {of_the_pool}, and the stack in {region}.",
            f'Write region = "{of_the_pool}" in [aws], or the id of a pool in {region}.',
        )


@check
def _existing_domain_of_an_existing_pool(s: Settings) -> Messages:
    if s.cognito.existing_domain is not None and s.cognito.user_pool_id is None:
        yield error(
            at.cognito.existing_domain,
            "A pool that the stack makes has no domain yet.",
            "Write domain_prefix or [cognito.custom_domain], or the pool's user_pool_id as well.",
        )


@check
def _existing_pool(s: Settings) -> Messages:
    if s.cognito.user_pool_id is None:
        return
    for name in OF_THE_POOL:
        if name in s.cognito.model_fields_set:
            because = (
                "That takes a trigger of the pool, which the stack never changes."
                if name == "groups_from"
                else "The pool has its own, which the stack never changes."
            )
            remedy = "Remove the line, or user_pool_id to have a pool of the stack's own."
            yield error(at.cognito[name], because, remedy)


@check
def _existing_domain_of_this_region(s: Settings) -> Messages:
    """Developer guide, "Using the Amazon Cognito prefix domain"."""
    host, region = s.cognito.existing_domain, s.aws.region
    if host is None or not host.endswith(clouds.PREFIX_DOMAINS):
        return
    expected = clouds.cognito_domain_host(host.partition(".")[0], region)
    if host != expected:
        yield error(
            at.cognito.existing_domain,
            f"A prefix domain in {region} has another host.",
            f'Write "{expected}".',
        )


@check_each_client
def _existing_client_of_an_existing_pool(s: Settings, key: str, client: ClientSettings) -> Messages:
    if client.client_id is not None and s.cognito.user_pool_id is None:
        yield error(
            at.clients[key].client_id,
            "A pool that the stack makes has no clients yet.",
            "Remove the line, or write user_pool_id in [cognito].",
        )


@check_each_client
def _existing_client(_: Settings, key: str, client: ClientSettings) -> Messages:
    if client.client_id is None:
        return
    for name in type(client).model_fields:
        if name in client.model_fields_set - BESIDE_A_CLIENT:
            yield error(
                at.clients[key][name],
                "The client has its own, which the stack never changes.",
                "Remove the line, or client_id to have a client of the stack's own.",
            )


@check
def _existing_registration(s: Settings) -> Messages:
    if s.entra.registration is None:
        return
    for name in type(s.entra).model_fields:
        if name in s.entra.model_fields_set - BESIDE_A_REGISTRATION:
            yield error(
                at.entra[name],
                "That is for the registration's owner to decide, and the stack makes nothing there.",
                "Remove it, or [entra.registration] to have a registration of the stack's own.",
            )


@check
def _one_place_for_the_secret(s: Settings) -> Messages:
    registration = s.entra.registration
    if registration is None:
        return
    if (registration.secrets_manager_secret is None) == (registration.ssm_parameter is None):
        yield error(
            at.entra.registration,
            "The client secret is read from one place, and it has to be said from which.",
            'Write either secrets_manager_secret = "entra/contoso-signin" or ssm_parameter ='
            ' "/entra/contoso-signin/client-secret".',
        )
    if registration.json_key is not None and registration.secrets_manager_secret is None:
        yield error(at.entra.registration.json_key, "A parameter is one value.", "Remove the line.")


@check
def _secret_of_this_region(s: Settings) -> Messages:
    """Secrets Manager API reference, GetSecretValue: a region knows its own secrets."""
    name = None if s.entra.registration is None else s.entra.registration.secrets_manager_secret
    if name is None or not name.startswith("arn:"):
        return
    of_the_secret = name.split(":")[3]
    if of_the_secret != s.aws.region:
        yield error(
            at.entra.registration.secrets_manager_secret,
            f"This secret is in {of_the_secret}, and the stack reads it in {s.aws.region}.",
            f"Have its owner replicate it to {s.aws.region}, and write that one's ARN or its name.",
        )
