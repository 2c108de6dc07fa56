"""Rules about whose people sign in: the registration's own tenant, customers' tenants, personal accounts."""

from collections.abc import Iterator, Mapping

from stacks.settings import rules
from stacks.settings.findings import Finding, Rulebook, error, warning
from stacks.settings.identity_providers import ADMITTED, PERSONAL, let_in, lets_in_personal_accounts
from stacks.settings.rules_people import HOME
from stacks.settings.tables_clients import ClientSettings
from stacks.settings.tables_entra import TenantSettings
from stacks.settings.vocabulary import PERSONAL_TENANT_ID, AccountTypes, EntraCloud

RULES = Rulebook()

# Cognito developer guide, "Quotas in Amazon Cognito": identity providers per user pool.
MOST_PROVIDERS = 300

Tenants = Mapping[str, TenantSettings]


@RULES.reads("entra.tenant_id")
def _home_is_a_directory(tenant_id: str) -> Iterator[Finding]:
    """Microsoft learn, "OpenID Connect on the Microsoft identity platform": the personal accounts' tenant."""
    if tenant_id == PERSONAL_TENANT_ID:
        yield error(
            "entra",
            "tenant_id",
            value=tenant_id,
            sentence="This is the tenant of personal Microsoft accounts, in which nobody can register an"
            " application.",
            instead="Write the id of your own tenant, home_accounts = false if its people are not to sign in,"
            f' and:\n[tenants.personal]\ntenant_id = "{PERSONAL_TENANT_ID}"',
        )


@RULES.reads("entra.home_accounts", "tenants", "cognito.local_accounts")
def _somebody_signs_in(home_accounts: bool, tenants: Tenants, local_accounts: bool) -> Iterator[Finding]:  # noqa: FBT001
    if not home_accounts and not tenants and not local_accounts:
        yield error(
            "entra",
            "home_accounts",
            value=home_accounts,
            sentence="Nobody could sign in: there are no other tenants.",
            instead="Write true, or add a tenant such as [tenants.fabrikam].",
        )


@RULES.reads("entra.account_types", "entra.home_accounts", "tenants")
def _registration_lets_them_in(
    account_types: AccountTypes | None,
    home_accounts: bool,  # noqa: FBT001
    tenants: Tenants,
) -> Iterator[Finding]:
    """Microsoft learn, "Supported account types"; Cognito compares the issuer of each token."""
    if account_types is None:
        return
    wanted, admitted = let_in(home_accounts=home_accounts, tenants=tenants), ADMITTED[account_types]
    if left_out := sorted(wanted - admitted):
        yield error(
            "entra",
            "account_types",
            value=account_types,
            sentence=f"This kind of registration leaves out {' and '.join(left_out)}.",
            instead="Remove the line: the kind that is needed follows from home_accounts and [tenants.*].",
        )
    elif admitted - wanted:
        yield warning(
            "entra",
            "account_types",
            value=account_types,
            sentence="The registration lets in more people than Cognito, which compares the issuer of each"
            f" token: {' and '.join(sorted(admitted - wanted))} get no further.",
            instead="Remove the line, unless somebody else uses the registration.",
        )


@RULES.reads("entra.cloud", "entra.account_types", "tenants")
def _no_personal_accounts_in_national_clouds(
    cloud: EntraCloud | None, account_types: AccountTypes | None, tenants: Tenants
) -> Iterator[Finding]:
    """Microsoft learn, "Validation differences by supported account types"."""
    if cloud in {None, EntraCloud.PUBLIC}:
        return
    sentence = "Personal Microsoft accounts exist in the public cloud only."
    if account_types in PERSONAL:
        yield error(
            "entra",
            "account_types",
            value=account_types,
            sentence=sentence,
            instead='Write "AzureADMyOrg", or cloud = "public".',
        )
    for key, tenant in tenants.items():
        if tenant.tenant_id == PERSONAL_TENANT_ID:
            yield error(
                "tenants",
                key,
                "tenant_id",
                value=PERSONAL_TENANT_ID,
                sentence=sentence,
                instead=f'Remove [tenants.{key}], or write cloud = "public".',
            )


@RULES.reads("entra.display_name", "entra.account_types", "tenants")
def _short_name_for_personal_accounts(
    display_name: str | None, account_types: AccountTypes | None, tenants: Tenants
) -> Iterator[Finding]:
    """Microsoft learn, "Validation differences by supported account types"."""
    longest = 90
    personal = lets_in_personal_accounts(account_types, tenants)
    if personal and display_name is not None and len(display_name) > longest:
        yield error(
            "entra",
            "display_name",
            value=display_name,
            sentence=f"The name is {len(display_name)} characters long; apps for personal accounts may have"
            f" {longest}.",
            instead="Shorten it.",
        )


@RULES.reads("entra.secret.keep_previous", "entra.account_types", "tenants")
def _two_secrets_for_personal_accounts(
    keep_previous: bool | None,  # noqa: FBT001
    account_types: AccountTypes | None,
    tenants: Tenants,
) -> Iterator[Finding]:
    """Microsoft learn, "Validation differences by supported account types": at most two secrets."""
    if keep_previous and lets_in_personal_accounts(account_types, tenants):
        yield error(
            "entra",
            "secret",
            "keep_previous",
            value=keep_previous,
            sentence="A registration for personal accounts has two secrets at most, so the next one could not"
            " be made while two are kept.",
            instead="Write keep_previous = false under [entra.secret]: the one before goes with the deploy"
            " that has handed over the new one.",
        )


@RULES.reads("tenants", "entra.tenant_id")
def _each_tenant_once(tenants: Tenants, home: str) -> Iterator[Finding]:
    """A token names its tenant: a second provider of one tenant would give its people a second user."""
    first: dict[str, str] = {}
    for key, tenant in tenants.items():
        if tenant.tenant_id == home:
            yield error(
                "tenants",
                key,
                "tenant_id",
                value=home,
                sentence="This is the tenant_id of [entra], whose people sign in without a table here.",
                instead=f"Remove [tenants.{key}], and home_accounts = false if that is there.",
            )
        elif first.setdefault(tenant.tenant_id, key) != key:
            yield error(
                "tenants",
                key,
                "tenant_id",
                value=tenant.tenant_id,
                sentence=f"[tenants.{first[tenant.tenant_id]}] has this tenant already.",
                instead="Remove one of the two, or write the other customer's tenant.",
            )


@RULES.reads("tenants", "cognito.idp_identifiers", "entra.home_accounts")
def _each_domain_once(
    tenants: Tenants,
    of_home: list[str],
    home_accounts: bool,  # noqa: FBT001
) -> Iterator[Finding]:
    """API reference, CreateIdentityProvider, IdpIdentifiers: one stands for one provider of the pool."""
    first = {identifier.lower(): "[cognito]" for identifier in of_home} if home_accounts else {}
    for key, tenant in tenants.items():
        for index, domain in enumerate(tenant.email_domains):
            taken = first.setdefault(domain, f"[tenants.{key}]")
            if taken != f"[tenants.{key}]":
                yield error(
                    "tenants",
                    key,
                    "email_domains",
                    index,
                    value=domain,
                    sentence=f"{taken} has this domain already: nobody could tell where its people belong.",
                    instead="Leave it with the tenant that owns it.",
                )


@RULES.reads("cognito.idp_identifiers", "entra.home_accounts")
def _names_of_the_home_tenant(identifiers: list[str], home_accounts: bool) -> Iterator[Finding]:  # noqa: FBT001
    if identifiers and not home_accounts:
        yield warning(
            "cognito",
            "idp_identifiers",
            value=identifiers,
            sentence="They lead to the tenant_id of [entra], whose people home_accounts = false keeps out.",
            instead="Remove the line; those of a customer are the email_domains of its table.",
        )


@RULES.reads("tenants", "cognito.provider_name", "entra.home_accounts")
def _each_name_once(
    tenants: Tenants,
    of_home: str,
    home_accounts: bool,  # noqa: FBT001
) -> Iterator[Finding]:
    """API reference, CreateIdentityProvider, ProviderName; in any case, since people read it."""
    first = {of_home.lower(): "[cognito]"} if home_accounts else {}
    for key, tenant in tenants.items():
        name = tenant.provider_name or key
        taken = first.setdefault(name.lower(), f"[tenants.{key}]")
        if taken != f"[tenants.{key}]":
            yield error(
                "tenants",
                key,
                "provider_name",
                value=name,
                sentence=f"{taken} has a provider of this name already.",
                instead=_another_name(key),
            )


@RULES.reads("tenants")
def _names_that_cognito_keeps(tenants: Tenants) -> Iterator[Finding]:
    """API reference, CreateIdentityProvider, ProviderName: those of the social providers."""
    reserved = {name.lower() for name in rules.RESERVED_PROVIDER_NAMES}
    for key, tenant in tenants.items():
        if tenant.provider_name is None and key in reserved:
            yield error(
                "tenants",
                key,
                sentence="Cognito keeps this name for a provider of its own.",
                instead=_another_name(key),
            )


@RULES.reads("tenants", "entra.home_accounts")
def _number_of_providers(tenants: Tenants, home_accounts: bool) -> Iterator[Finding]:  # noqa: FBT001
    """Developer guide, "Quotas in Amazon Cognito"."""
    count = len(tenants) + home_accounts
    if count > MOST_PROVIDERS:
        with_home = " with that of [entra]" if home_accounts else ""
        yield error(
            "tenants",
            sentence=f"These are {count} identity providers{with_home}; a user pool takes {MOST_PROVIDERS}.",
            instead="Move some to another environment, with a user pool of its own.",
        )


@RULES.reads("clients.*.tenants", "tenants", "entra.home_accounts", "cognito.local_accounts")
def _tenants_of_a_client(
    named: list[str] | None,
    tenants: Tenants,
    home_accounts: bool,  # noqa: FBT001
    local_accounts: bool,  # noqa: FBT001
) -> Iterator[Finding]:
    if named is None:
        return
    known = [*([HOME] if home_accounts else []), *tenants]
    for index, word in enumerate(named):
        if word in known:
            continue
        if word == HOME:
            sentence = "home_accounts = false in [entra] keeps the people of that tenant out."
            instead = "Remove it here, or home_accounts = false there."
        else:
            sentence = f"There is no [tenants.{word}]."
            instead = rules.did_you_mean(word, known) if known else "Remove it, or add that table."
        yield error("clients", "*", "tenants", index, value=word, sentence=sentence, instead=instead)
    if not named and not local_accounts:
        yield error(
            "clients",
            "*",
            "tenants",
            value=named,
            sentence="Nobody could sign in to this app.",
            instead="Remove the line to let in everybody, or name some tenants.",
        )


@RULES.reads("tenants", "clients", "entra.home_accounts")
def _tenants_that_no_client_lets_in(
    tenants: Tenants,
    clients: Mapping[str, ClientSettings],
    home_accounts: bool,  # noqa: FBT001
) -> Iterator[Finding]:
    lists = [client.tenants for client in clients.values() if client.tenants is not None]
    if len(lists) < len(clients):
        return
    named = {word for words in lists for word in words}
    for key in [*([HOME] if home_accounts else []), *tenants]:
        if key not in named:
            yield warning(
                *(("entra", "home_accounts") if key == HOME else ("tenants", key)),
                sentence="No app lets in the people of this tenant.",
                instead=f'Add "{key}" to the tenants of a client, or '
                + ("write home_accounts = false." if key == HOME else f"remove [tenants.{key}]."),
            )


def _another_name(key: str) -> str:
    """A provider's name that resembles the key and is no longer than Cognito allows."""
    return f'Add another one, for instance provider_name = "{key[:26]}-entra".'
