"""The output `expected`: what a deployed stack promises, for `operate/` to compare with both clouds.

It holds everything that somebody can change outside Terraform and that would end sign-in or let in somebody
whom the settings do not, and nothing secret.
`stacks/outputs.py` writes it and `operate/outputs.py` reads it, so keys may be added and never renamed.
tests/stacks/test_expected.py compares it with the resources.
"""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from stacks import addresses, clouds
from stacks.adopted import NOTHING, Adopted
from stacks.cognito import groups_code
from stacks.settings.access import role_id
from stacks.settings.facts import DEFAULT_ACCESS_ROLE

if TYPE_CHECKING:
    from stacks.settings import Settings


class OutputModel(BaseModel):
    """A part of the outputs; keys that this version does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ExpectedLimits(OutputModel):
    """What the settings allow an app client of the stack, and no more."""

    local_accounts: bool
    auth_flows: list[str]
    write_attributes: list[str]
    access_token_minutes: int
    id_token_minutes: int
    refresh_token_days: int


class ExpectedClient(OutputModel):
    """An app client; `own` is false where the stack reads an existing one, which then has no limits."""

    has_secret: bool
    callback_urls: list[str]
    scopes: list[str]
    identity_providers: list[str]
    own: bool
    limits: ExpectedLimits | None = None


class ExpectedProvider(OutputModel):
    """A tenant whose people sign in, and the provider details that Cognito has of it."""

    tenant_id: str
    details: dict[str, str]


class ExpectedFunction(OutputModel):
    """The function that puts roles or groups into tokens.

    Attributes:
        role_arn: the role of the settings; None where the stack made one, which has the function's name.
    """

    name: str
    code_hash: str
    environment: dict[str, str]
    role_arn: str | None = None


class ExpectedRegistration(OutputModel):
    """Who else could come in by a registration of the stack.

    Attributes:
        adopted: what no setting describes of it stays as it was.
        app_roles: value by id; None where the roles are not the stack's.
        assigned: who has an app role, by its id, as the output `principals` names them; without an entry,
            they are assigned by hand.
    """

    adopted: bool
    sign_in_audience: str
    groups_claims: list[str]
    mapped_claims: bool = False
    app_roles: dict[str, str] | None = None
    assigned: dict[str, list[str]]


class ExpectedAccess(OutputModel):
    """Who may come in; what another team owns is None or false."""

    registration: ExpectedRegistration | None = None
    own_pool: bool
    adopted_pool: bool
    groups_function: ExpectedFunction | None = None


class Expected(OutputModel):
    """What the stack promises."""

    region: str
    tenant_id: str
    login_origin: str
    graph_origin: str
    domains: list[str]
    redirect_uris: list[str]
    optional_claims: list[str]
    permissions: dict[str, str]
    # None for an existing registration, whose owner decides both; Terraform leaves out what is null.
    admin_consent: bool | None = None
    assignment_required: bool | None = None
    identity_providers: dict[str, ExpectedProvider]
    attribute_mapping: dict[str, str]
    clients: dict[str, ExpectedClient]
    # None where it was deployed before the stack said so.
    access: ExpectedAccess | None = None
    warn_days: int
    fail_days: int

    @property
    def own_registration(self) -> bool:
        """Whether the stack made the app registration; if not, its access is for its owner to decide."""
        return self.admin_consent is not None

    @property
    def token_url(self) -> str:
        """Entra ID's token endpoint for the registration's tenant."""
        return clouds.custom(self.login_origin).token_url(self.tenant_id)

    @property
    def home_provider(self) -> str | None:
        """The identity provider of the registration's tenant; None where its people cannot sign in."""
        return next(
            (name for name, one in self.identity_providers.items() if one.tenant_id == self.tenant_id), None
        )


def expected(settings: "Settings", adopted: Adopted = NOTHING) -> Expected:
    """What a stack with these settings promises."""
    entra = settings.entra
    own_registration = entra.registration is None
    return Expected(
        region=settings.aws.region,
        tenant_id=entra.tenant_id,
        login_origin=settings.cloud.login_origin,
        graph_origin=settings.cloud.graph_origin,
        domains=settings.domain_hosts,
        redirect_uris=settings.redirect_uris,
        optional_claims=entra.optional_claims,
        permissions={permission.value: permission.graph_id for permission in entra.permissions},
        admin_consent=entra.admin_consent if own_registration else None,
        assignment_required=entra.assignment_required if own_registration else None,
        identity_providers={
            provider.name: ExpectedProvider(
                tenant_id=provider.tenant_id, details=settings.provider_details(provider.tenant_id)
            )
            for provider in settings.identity_providers.values()
        },
        attribute_mapping=settings.full_attribute_mapping,
        clients={
            key: ExpectedClient(
                has_secret=client.type == "server",
                callback_urls=client.callback_urls,
                scopes=client.scopes,
                # Sorted: in another order, as the tables may be, it would be another output.
                identity_providers=sorted(provider.name for provider in settings.providers_of(key)),
                own=client.client_id is None,
                limits=_limits(settings, key) if client.client_id is None else None,
            )
            for key, client in settings.clients.items()
        },
        access=_access(settings, adopted),
        warn_days=settings.verify.warn_days,
        fail_days=settings.verify.fail_days,
    )


def _limits(settings: "Settings", key: str) -> ExpectedLimits:
    client = settings.clients[key]
    return ExpectedLimits(
        local_accounts=client.local_accounts,
        auth_flows=settings.auth_flows(key),
        write_attributes=settings.writable_attributes(key),
        access_token_minutes=client.access_token_minutes,
        id_token_minutes=client.id_token_minutes,
        refresh_token_days=settings.refresh_token_days(key),
    )


def _access(settings: "Settings", adopted: Adopted) -> ExpectedAccess:
    own_registration = settings.entra.registration is None
    own_pool = settings.cognito.user_pool_id is None
    function = None
    if own_pool and settings.groups_attribute is not None:
        function = ExpectedFunction(
            name=settings.groups_function,
            code_hash=groups_code.code_hash(),
            environment=settings.groups_environment,
            role_arn=settings.cognito.groups_role_arn,
        )
    return ExpectedAccess(
        registration=_registration(settings, adopted) if own_registration else None,
        own_pool=own_pool,
        adopted_pool=addresses.USER_POOL in adopted.imports,
        groups_function=function,
    )


def _registration(settings: "Settings", adopted: Adopted) -> ExpectedRegistration:
    entra = settings.entra
    named = {
        DEFAULT_ACCESS_ROLE: entra.assigned,
        **{role_id(key): role.holders for key, role in entra.app_roles.items()},
    }
    is_adopted = adopted.has_application
    return ExpectedRegistration(
        adopted=is_adopted,
        sign_in_audience=settings.account_types.value,
        groups_claims=["ApplicationGroup"] if entra.groups_claim else [],
        mapped_claims=bool(entra.policy_claims),
        app_roles=None
        if is_adopted and not entra.app_roles
        else {role_id(key): role.value or key for key, role in entra.app_roles.items()},
        assigned={role: list(keys) for role, keys in named.items() if keys},
    )
