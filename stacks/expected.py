"""The output `expected`: what a deployed stack promises, for `operate/` to compare with both clouds.

It holds everything that somebody can change outside Terraform and that would end sign-in, and nothing secret.
`stacks/outputs.py` writes it and `operate/outputs.py` reads it, so keys may be added and never renamed.
tests/stacks/test_expected.py compares it with the resources.
"""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from stacks import clouds

if TYPE_CHECKING:
    from stacks.settings import Settings


class OutputModel(BaseModel):
    """A part of the outputs; keys that this version does not know are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class ExpectedClient(OutputModel):
    """An app client; `own` is false where the stack reads an existing one."""

    has_secret: bool
    callback_urls: list[str]
    scopes: list[str]
    identity_providers: list[str]
    own: bool


class ExpectedProvider(OutputModel):
    """A tenant whose people sign in, and the provider details that Cognito has of it."""

    tenant_id: str
    details: dict[str, str]


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


def expected(settings: "Settings") -> Expected:
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
            )
            for key, client in settings.clients.items()
        },
        warn_days=settings.verify.warn_days,
        fail_days=settings.verify.fail_days,
    )
