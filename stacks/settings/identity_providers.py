"""Whose people sign in: one identity provider in Cognito for each tenant."""

from collections.abc import Mapping
from dataclasses import dataclass

from stacks.settings.rules_people import HOME
from stacks.settings.tables_cognito import CognitoSettings
from stacks.settings.tables_entra import EntraSettings, TenantSettings
from stacks.settings.vocabulary import PERSONAL_TENANT_ID, AccountTypes

# Whom each kind of registration lets in (Microsoft learn, "Supported account types").
_HOME, _CUSTOMERS, _PERSONAL = "the people of tenant_id", "customers' tenants", "personal accounts"
ADMITTED = {
    AccountTypes.ONE_TENANT: frozenset({_HOME}),
    AccountTypes.ANY_TENANT: frozenset({_HOME, _CUSTOMERS}),
    AccountTypes.ANY_TENANT_AND_PERSONAL: frozenset({_HOME, _CUSTOMERS, _PERSONAL}),
    AccountTypes.PERSONAL: frozenset({_PERSONAL}),
}
PERSONAL = frozenset(kind for kind, admitted in ADMITTED.items() if _PERSONAL in admitted)


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """One tenant, as Cognito knows it.

    Attributes:
        key: "home", or the tenant's key in the settings.
        address: the last part of its Terraform address; keyed, so that no other tenant moves it.
        name: its name in Cognito, with which the user names of its people begin.
        tenant_id: the tenant's GUID.
        identifiers: its other names, such as e-mail domains.
    """

    key: str
    address: str
    name: str
    tenant_id: str
    identifiers: tuple[str, ...]


def identity_providers(
    entra: EntraSettings, cognito: CognitoSettings, tenants: Mapping[str, TenantSettings]
) -> dict[str, IdentityProvider]:
    """Every identity provider by its key, that of the registration's own tenant first."""
    home = IdentityProvider(
        key=HOME,
        address="entra",
        name=cognito.provider_name,
        tenant_id=entra.tenant_id,
        # Sorted, as for the others: it is a list to Terraform, so another order is a difference.
        identifiers=tuple(sorted(cognito.idp_identifiers)),
    )
    customers = {
        key: IdentityProvider(
            key=key,
            address=f"tenant_{key}",
            name=tenant.provider_name or key,
            tenant_id=tenant.tenant_id,
            identifiers=tuple(sorted(tenant.email_domains)),
        )
        for key, tenant in tenants.items()
    }
    return ({HOME: home} if entra.home_accounts else {}) | customers


def let_in(*, home_accounts: bool, tenants: Mapping[str, TenantSettings]) -> frozenset[str]:
    """Whom the settings mean to let in, in the words of `ADMITTED`."""
    return frozenset({_HOME} if home_accounts else ()) | {
        _PERSONAL if tenant.tenant_id == PERSONAL_TENANT_ID else _CUSTOMERS for tenant in tenants.values()
    }


def lets_in_personal_accounts(
    account_types: AccountTypes | None, tenants: Mapping[str, TenantSettings]
) -> bool:
    """Whether the registration is for personal accounts too, and so has their limits."""
    return account_types in PERSONAL or _PERSONAL in let_in(home_accounts=False, tenants=tenants)


def narrowest(wanted: frozenset[str]) -> AccountTypes:
    """The registration that lets in those and as few others as there can be."""
    enough = [kind for kind, admitted in ADMITTED.items() if wanted <= admitted]
    return min(enough, key=lambda kind: len(ADMITTED[kind]))
