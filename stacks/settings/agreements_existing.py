"""Rules about what exists already and is somebody else's: a user pool, its app clients, a registration."""

from collections.abc import Iterator

from pydantic import BaseModel

from stacks import clouds
from stacks.settings.findings import Finding, Rulebook, error
from stacks.settings.tables_clients import ClientSettings
from stacks.settings.tables_cognito import CognitoSettings
from stacks.settings.tables_entra import EntraSettings, RegistrationSettings

RULES = Rulebook()

# What somebody else decides, for whom a setting would be a wish.
OF_THE_POOL = ("user_pool_name", "tier", "groups_from", "log_retention_days")
OF_THE_REGISTRATION = (
    "display_name",
    "account_types",
    "owners",
    "admin_consent",
    "consent_redirect_uri",
    "assignment_required",
    "assigned_users",
    "assigned_groups",
    "assigned_principals",
    "app_roles",
    "groups_claim",
    "prevent_destroy",
    "secret",
)
OF_THE_CLIENT = (
    "name",
    "logout_urls",
    "end_microsoft_session",
    "default_redirect_uri",
    "access_token_minutes",
    "id_token_minutes",
    "refresh_token_days",
    "auth_session_minutes",
)


@RULES.reads("cognito.user_pool_id", "aws.region")
def _existing_pool_of_this_region(pool_id: str | None, region: str) -> Iterator[Finding]:
    """Cognito API reference, UserPoolIdType: an id begins with the pool's region."""
    of_the_pool = region if pool_id is None else pool_id.partition("_")[0]
    if of_the_pool != region:
        yield error(
            "cognito",
            "user_pool_id",
            value=pool_id,
            sentence=f"This pool is in {of_the_pool}, and the stack in {region}.",
            instead=f'Write region = "{of_the_pool}" in [aws], or the id of a pool in {region}.',
        )


@RULES.reads("cognito.user_pool_id", "cognito.existing_domain")
def _existing_domain_of_an_existing_pool(pool_id: str | None, host: str | None) -> Iterator[Finding]:
    if host is not None and pool_id is None:
        yield error(
            "cognito",
            "existing_domain",
            value=host,
            sentence="A pool that the stack makes has no domain yet.",
            instead="Write domain_prefix or [cognito.custom_domain], or the pool's user_pool_id as well.",
        )


@RULES.reads("cognito")
def _existing_pool(cognito: CognitoSettings) -> Iterator[Finding]:
    if cognito.user_pool_id is None:
        return
    for name in _given(cognito, OF_THE_POOL):
        because = (
            "That takes a trigger of the pool, which the stack never changes."
            if name == "groups_from"
            else "The pool has its own, which the stack never changes."
        )
        yield error(
            "cognito",
            name,
            value=getattr(cognito, name),
            sentence=because,
            instead="Remove the line, or user_pool_id to have a pool of the stack's own.",
        )


@RULES.reads("cognito.existing_domain", "aws.region")
def _existing_domain_of_this_region(host: str | None, region: str) -> Iterator[Finding]:
    """Developer guide, "Using the Amazon Cognito prefix domain"."""
    if host is None or not host.endswith(".amazoncognito.com"):
        return
    expected = clouds.cognito_domain_host(host.partition(".")[0], region)
    if host != expected:
        yield error(
            "cognito",
            "existing_domain",
            value=host,
            sentence=f"A prefix domain in {region} has another host.",
            instead=f'Write "{expected}".',
        )


@RULES.reads("cognito.user_pool_id", "clients.*.client_id")
def _existing_client_of_an_existing_pool(pool_id: str | None, client_id: str | None) -> Iterator[Finding]:
    if client_id is not None and pool_id is None:
        yield error(
            "clients",
            "*",
            "client_id",
            value=client_id,
            sentence="A pool that the stack makes has no clients yet.",
            instead="Remove the line, or write user_pool_id in [cognito].",
        )


@RULES.reads("clients.*")
def _existing_client(client: ClientSettings) -> Iterator[Finding]:
    if client.client_id is None:
        return
    for name in _given(client, OF_THE_CLIENT):
        yield error(
            "clients",
            "*",
            name,
            value=getattr(client, name),
            sentence="The client has its own, which the stack never changes.",
            instead="Remove the line, or client_id to have a client of the stack's own.",
        )


@RULES.reads("entra")
def _existing_registration(entra: EntraSettings) -> Iterator[Finding]:
    if entra.registration is None:
        return
    for name in _given(entra, OF_THE_REGISTRATION):
        yield error(
            "entra",
            name,
            value=getattr(entra, name) if name != "secret" else None,
            sentence="That is for the registration's owner to decide, and the stack makes nothing there.",
            instead="Remove it, or [entra.registration] to have a registration of the stack's own.",
        )


@RULES.reads("entra.registration")
def _one_place_for_the_secret(registration: RegistrationSettings | None) -> Iterator[Finding]:
    if registration is None:
        return
    places = [registration.secrets_manager_secret, registration.ssm_parameter]
    if places.count(None) != 1:
        yield error(
            "entra",
            "registration",
            sentence="The client secret is read from one place, and it has to be said from which.",
            instead='Write either secrets_manager_secret = "entra/contoso-signin" or ssm_parameter ='
            ' "/entra/contoso-signin/client-secret".',
        )
    if registration.json_key is not None and registration.secrets_manager_secret is None:
        yield error(
            "entra",
            "registration",
            "json_key",
            value=registration.json_key,
            sentence="A parameter is one value.",
            instead="Remove the line.",
        )


@RULES.reads("entra.registration", "aws.region")
def _secret_of_this_region(registration: RegistrationSettings | None, region: str) -> Iterator[Finding]:
    """Secrets Manager API reference, GetSecretValue: a region knows its own secrets."""
    name = None if registration is None else registration.secrets_manager_secret
    if name is None or not name.startswith("arn:"):
        return
    of_the_secret = name.split(":")[3]
    if of_the_secret != region:
        yield error(
            "entra",
            "registration",
            "secrets_manager_secret",
            value=name,
            sentence=f"This secret is in {of_the_secret}, and the stack reads it in {region}.",
            instead=f"Have its owner replicate it to {region}, and write that one's ARN or its name.",
        )


def _given(table: BaseModel, names: tuple[str, ...]) -> list[str]:
    """The settings among these that somebody wrote."""
    return [name for name in names if name in table.model_fields_set]
