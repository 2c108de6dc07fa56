"""Whose accounts the registration accepts: one tenant's, other tenants', personal ones. Facts and checks."""

from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.facts import PERSONAL_TENANT_ID, AccountTypes, EntraCloud

# Whom each kind of registration lets in (Microsoft learn, "Supported account types").
_HOME, _CUSTOMERS, _PERSONAL = "the people of tenant_id", "customers' tenants", "personal accounts"
ADMITTED = {
    AccountTypes.ONE_TENANT: frozenset({_HOME}),
    AccountTypes.ANY_TENANT: frozenset({_HOME, _CUSTOMERS}),
    AccountTypes.ANY_TENANT_AND_PERSONAL: frozenset({_HOME, _CUSTOMERS, _PERSONAL}),
    AccountTypes.PERSONAL: frozenset({_PERSONAL}),
}
PERSONAL = frozenset(kind for kind, admitted in ADMITTED.items() if _PERSONAL in admitted)
PERSONAL_DISPLAY_NAME_LENGTH = 90


def let_in(s: Settings) -> frozenset[str]:
    """Whom the settings mean to let in, in the words of `ADMITTED`."""
    customers = {
        _PERSONAL if tenant.tenant_id == PERSONAL_TENANT_ID else _CUSTOMERS for tenant in s.tenants.values()
    }
    return frozenset(customers | ({_HOME} if s.entra.home_accounts else set()))


def lets_in_personal_accounts(s: Settings) -> bool:
    """Whether the registration is for personal accounts too, and so has their limits."""
    return s.entra.account_types in PERSONAL or any(
        tenant.tenant_id == PERSONAL_TENANT_ID for tenant in s.tenants.values()
    )


def narrowest(s: Settings) -> AccountTypes:
    """The registration that lets in those who are meant and as few others as there can be."""
    enough = [kind for kind, admitted in ADMITTED.items() if let_in(s) <= admitted]
    return min(enough, key=lambda kind: len(ADMITTED[kind]))


@check
def _home_is_a_directory(s: Settings) -> Messages:
    """Microsoft learn, "OpenID Connect on the Microsoft identity platform": the personal accounts' tenant."""
    if s.entra.tenant_id == PERSONAL_TENANT_ID:
        yield error(
            at.entra.tenant_id,
            "This is the tenant of personal Microsoft accounts, in which nobody can register an application.",
            "Write the id of your own tenant, home_accounts = false if its people are not to sign in,"
            f' and:\n[tenants.personal]\ntenant_id = "{PERSONAL_TENANT_ID}"',
        )


@check
def _somebody_signs_in(s: Settings) -> Messages:
    passwords = any(client.local_accounts for client in s.clients.values())
    if not s.entra.home_accounts and not s.tenants and not passwords:
        yield error(
            at.entra.home_accounts,
            "Nobody could sign in: there are no other tenants.",
            "Write true, or add a tenant such as [tenants.fabrikam].",
        )


@check
def _registration_lets_them_in(s: Settings) -> Messages:
    """Microsoft learn, "Supported account types"; Cognito compares the issuer of each token."""
    if s.entra.account_types is None:
        return
    wanted, admitted = let_in(s), ADMITTED[s.entra.account_types]
    if left_out := sorted(wanted - admitted):
        yield error(
            at.entra.account_types,
            f"This kind of registration leaves out {' and '.join(left_out)}.",
            "Remove the line: the kind that is needed follows from home_accounts and [tenants.*].",
        )
    elif admitted - wanted:
        yield warning(
            at.entra.account_types,
            "The registration lets in more people than Cognito, which compares the issuer of each token:"
            f" {' and '.join(sorted(admitted - wanted))} get no further.",
            "Remove the line, unless somebody else uses the registration.",
        )


@check
def _no_personal_accounts_in_national_clouds(s: Settings) -> Messages:
    """Microsoft learn, "Validation differences by supported account types"."""
    if s.entra.cloud in {None, EntraCloud.PUBLIC}:
        return
    sentence = "Personal Microsoft accounts exist in the public cloud only."
    if s.entra.account_types in PERSONAL:
        yield error(at.entra.account_types, sentence, 'Write "AzureADMyOrg", or cloud = "public".')
    for key, tenant in s.tenants.items():
        if tenant.tenant_id == PERSONAL_TENANT_ID:
            yield error(
                at.tenants[key].tenant_id, sentence, f'Remove [tenants.{key}], or write cloud = "public".'
            )


@check
def _short_name_for_personal_accounts(s: Settings) -> Messages:
    """Microsoft learn, "Validation differences by supported account types"."""
    length, most = len(s.entra.display_name or ""), PERSONAL_DISPLAY_NAME_LENGTH
    if length > most and lets_in_personal_accounts(s):
        yield error(
            at.entra.display_name,
            f"The name is {length} characters long; apps for personal accounts may have {most}.",
            "Shorten it.",
        )


@check
def _two_secrets_for_personal_accounts(s: Settings) -> Messages:
    """Microsoft learn, "Validation differences by supported account types": at most two secrets."""
    if s.entra.secret.keep_previous and lets_in_personal_accounts(s):
        yield error(
            at.entra.secret.keep_previous,
            "A registration for personal accounts has two secrets at most, so the next one could not be made"
            " while two are kept.",
            "Write keep_previous = false under [entra.secret]: the one before goes with the deploy that has"
            " handed over the new one.",
        )
