"""Whose people sign in: the registration's own tenant and customers' tenants. Settings, rules and checks."""

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.checks import ClientSettings, Settings, check, check_each_client
from stacks.settings.errors import Messages, at, did_you_mean, error, warning
from stacks.settings.facts import PERSONAL_TENANT_ID
from stacks.settings.types import GUID, Matches, Table, between, editor_pattern, refused, unique

HOME = "home"
"""How a client names the tenant of the registration among those whose people it lets in."""

NO_TENANT = "00000000-0000-0000-0000-000000000000"
TENANT_KEY = r"[a-z][a-z0-9-]{2,30}"
# RFC 1035, 2.3.1, and RFC 5890, 2.3.2.1: labels of letters, digits and hyphens, two at least.
EMAIL_DOMAIN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+"
IDENTIFIER_LENGTH = 40
RESERVED_PROVIDER_NAMES = frozenset({"cognito", "facebook", "google", "loginwithamazon", "signinwithapple"})
# Cognito developer guide, "Quotas in Amazon Cognito": identity providers per user pool.
MOST_PROVIDERS = 300

_KEPT_BY_COGNITO = "Cognito keeps this name for a provider of its own."
_WHERE_TENANT_ID = (
    "Write the GUID of the tenant whose people sign in: Entra admin center > Overview > Tenant ID."
)


def _tenant_id(value: str) -> str:
    """A tenant's GUID (Cognito developer guide, "Using OIDC identity providers with a user pool").

    Cognito compares a token's `iss` with the configured issuer, and Entra ID writes the tenant's GUID into
    it, in lower case, whatever name the sign-in page was opened with.
    """
    if re.fullmatch(GUID, value):
        if value == NO_TENANT:
            raise refused("This GUID stands for no tenant at all.", _WHERE_TENANT_ID)
        return value.lower()
    because = (
        "Cognito compares the issuer of every token character by character, and Microsoft's tokens name the"
        " tenant there by its GUID"
    )
    if value.lower() in {"common", "organizations", "consumers"}:
        personal = (
            f' For personal Microsoft accounts add:\n[tenants.personal]\ntenant_id = "{PERSONAL_TENANT_ID}"'
            if value.lower() == "consumers"
            else ""
        )
        raise refused(
            f'"{value.lower()}" is no tenant but stands for many: {because}, so no sign-in would succeed.',
            _WHERE_TENANT_ID + personal,
        )
    if inside := re.search(GUID, value):
        raise refused(f"There is more here than the tenant's id; {because}.", f'Write "{inside[0].lower()}".')
    if "." in value:
        raise refused(f"This is a domain name or an address: {because}.", _WHERE_TENANT_ID)
    raise refused("This is not a tenant id, which is a GUID.", _WHERE_TENANT_ID)


def _not_home(value: str) -> str:
    if value == HOME:
        raise refused(
            '"home" stands for the tenant_id in [entra].', "Call this one otherwise: [tenants.fabrikam]."
        )
    return value


def _email_domain(value: str) -> str:
    """An e-mail domain that leads to a tenant (API reference, CreateIdentityProvider, IdpIdentifiers).

    In lower case, since that is how people are looked up who write theirs otherwise.
    """
    domain = value.lower()
    if "@" in domain:
        after = domain.rpartition("@")[2]
        raise refused(
            "This is an address; only the domain, the part after @, is set here.",
            f'Write "{after if re.fullmatch(EMAIL_DOMAIN, after) else "fabrikam.com"}".',
        )
    if not re.fullmatch(EMAIL_DOMAIN, domain):
        raise refused(
            "This is not an e-mail domain.",
            'Write for instance "fabrikam.com", and other letters in their xn-- form.',
        )
    if len(domain) > IDENTIFIER_LENGTH:
        raise refused(
            f"The domain is {len(domain)} characters long; Cognito's identifiers have {IDENTIFIER_LENGTH}.",
            "Leave it out: the customer's sign-in address names the provider then.",
        )
    return domain


def _not_reserved(value: str) -> str:
    if value.lower() in RESERVED_PROVIDER_NAMES:
        raise refused(_KEPT_BY_COGNITO, 'Write for instance "entra".')
    return value


TenantId = Annotated[str, AfterValidator(_tenant_id), editor_pattern(GUID)]
# A part of its Terraform address, and its provider's name in Cognito.
TenantKey = Annotated[
    str,
    Matches(
        TENANT_KEY,
        "The word after `tenants.` names the customer in Terraform and in Cognito: 3 to 31 lower-case"
        " letters, digits and hyphens, a letter first.",
        "Write for instance [tenants.fabrikam].",
    ),
    AfterValidator(_not_home),
]
# A tenant as a client names it; HOME, too, is such a word.
TenantWord = Annotated[
    str,
    Matches(
        TENANT_KEY,
        "This is not the key of a tenant.",
        'Write the word after `tenants.`, or "home" for the tenant in [entra].',
    ),
]
EmailDomain = Annotated[str, AfterValidator(_email_domain)]
# Cognito API reference, CreateIdentityProvider, ProviderName.
ProviderName = Annotated[
    str,
    Matches(
        r"[A-Za-z0-9][A-Za-z0-9.-]{2,31}",
        "Cognito refuses this name, although Terraform's checks let it through: it takes 3 to 32 letters,"
        " digits, dots and hyphens, no spaces and no underscores.",
        'Write for instance "entra" or "Contoso-Entra".',
    ),
    AfterValidator(_not_reserved),
]


class TenantSettings(Table):
    """A customer's tenant, whose people may sign in: one identity provider in Cognito."""

    tenant_id: TenantId = Field(examples=["8d7e6f5a-4b3c-4d2e-9f1a-0b9c8d7e6f5a"])
    """The customer's tenant, by its GUID; for personal Microsoft accounts
    9188040d-6c67-4c5b-b112-36a304b66dad."""
    email_domains: Annotated[list[EmailDomain], unique, between(0, 50, "domains", "Cognito")] = Field(
        default=[], examples=[["fabrikam.com"]]
    )
    """The e-mail domains of the customer: by one of them an app, or Cognito's sign-in page, finds the way to
    the right tenant."""
    provider_name: ProviderName | None = Field(default=None, examples=["Fabrikam"])
    """What Cognito calls the tenant; left out, the key. Users are named after it, so another name gives each
    of them another name."""


@dataclass(frozen=True, kw_only=True)
class IdentityProvider:
    """One tenant, as Cognito knows it.

    Attributes:
        key: "home", or the tenant's key in the settings.
        name: its name in Cognito, with which the user names of its people begin.
        tenant_id: the tenant's GUID.
        identifiers: its other names, such as e-mail domains.
    """

    key: str
    name: str
    tenant_id: str
    identifiers: tuple[str, ...]


@check
def _each_tenant_once(s: Settings) -> Messages:
    """A token names its tenant: a second provider of one tenant would give its people a second user."""
    first: dict[str, str] = {}
    for key, tenant in s.tenants.items():
        if tenant.tenant_id == s.entra.tenant_id:
            yield error(
                at.tenants[key].tenant_id,
                "This is the tenant_id of [entra], whose people sign in without a table here.",
                f"Remove [tenants.{key}], and home_accounts = false if that is there.",
            )
        elif first.setdefault(tenant.tenant_id, key) != key:
            yield error(
                at.tenants[key].tenant_id,
                f"[tenants.{first[tenant.tenant_id]}] has this tenant already.",
                "Remove one of the two, or write the other customer's tenant.",
            )


@check
def _each_domain_once(s: Settings) -> Messages:
    """API reference, CreateIdentityProvider, IdpIdentifiers: one stands for one provider of the pool."""
    of_home = s.cognito.idp_identifiers if s.entra.home_accounts else []
    first = {identifier.lower(): "[cognito]" for identifier in of_home}
    for key, tenant in s.tenants.items():
        for index, domain in enumerate(tenant.email_domains):
            taken = first.setdefault(domain, f"[tenants.{key}]")
            if taken != f"[tenants.{key}]":
                yield error(
                    at.tenants[key].email_domains[index],
                    f"{taken} has this domain already: nobody could tell where its people belong.",
                    "Leave it with the tenant that owns it.",
                )


@check
def _identifiers_of_the_home_tenant(s: Settings) -> Messages:
    if s.cognito.idp_identifiers and not s.entra.home_accounts:
        yield warning(
            at.cognito.idp_identifiers,
            "They lead to the tenant_id of [entra], whose people home_accounts = false keeps out.",
            "Remove the line; those of a customer are the email_domains of its table.",
        )


@check
def _identifiers_in_upper_case(s: Settings) -> Messages:
    """API reference, CreateIdentityProvider, IdpIdentifiers: an app names one letter for letter."""
    for index, identifier in enumerate(s.cognito.idp_identifiers):
        if identifier != identifier.lower() and re.fullmatch(EMAIL_DOMAIN, identifier.lower()):
            yield warning(
                at.cognito.idp_identifiers[index],
                "Whoever looks up a provider by the domain of an e-mail address writes that in lower case.",
                f'Write "{identifier.lower()}".',
            )


@check
def _each_provider_name_once(s: Settings) -> Messages:
    """API reference, CreateIdentityProvider, ProviderName; in any case, since people read it."""
    first = {s.cognito.provider_name.lower(): "[cognito]"} if s.entra.home_accounts else {}
    for key, tenant in s.tenants.items():
        name = tenant.provider_name or key
        taken = first.setdefault(name.lower(), f"[tenants.{key}]")
        if taken != f"[tenants.{key}]":
            yield error(
                at.tenants[key].provider_name,
                f"{taken} has a provider of this name already.",
                _another_name(key),
                value=name,
            )


@check
def _names_that_cognito_keeps(s: Settings) -> Messages:
    """API reference, CreateIdentityProvider, ProviderName: those of the social providers."""
    for key, tenant in s.tenants.items():
        if tenant.provider_name is None and key in RESERVED_PROVIDER_NAMES:
            yield error(at.tenants[key], _KEPT_BY_COGNITO, _another_name(key))


@check
def _number_of_providers(s: Settings) -> Messages:
    count = len(s.tenants) + s.entra.home_accounts
    if count > MOST_PROVIDERS:
        with_home = " with that of [entra]" if s.entra.home_accounts else ""
        yield error(
            at.tenants,
            f"These are {count} identity providers{with_home}; a user pool takes {MOST_PROVIDERS}.",
            "Move some to another environment, with a user pool of its own.",
        )


@check_each_client
def _tenants_of_a_client(s: Settings, client_key: str, client: ClientSettings) -> Messages:
    if client.tenants is None:
        return
    known = _keys(s)
    for index, word in enumerate(client.tenants):
        if word in known:
            continue
        if word == HOME:
            sentence = "home_accounts = false in [entra] keeps the people of that tenant out."
            remedy = "Remove it here, or home_accounts = false there."
        else:
            sentence = f"There is no [tenants.{word}]."
            remedy = did_you_mean(word, known) if known else "Remove it, or add that table."
        yield error(at.clients[client_key].tenants[index], sentence, remedy)
    if not client.tenants and not client.local_accounts:
        yield error(
            at.clients[client_key].tenants,
            "Nobody could sign in to this app.",
            "Remove the line to let in everybody, or name some tenants.",
        )


@check
def _tenants_that_no_client_lets_in(s: Settings) -> Messages:
    lists = [client.tenants for client in s.clients.values() if not client.local_accounts]
    named = {word for words in lists for word in words or ()}
    for key in _keys(s):
        if None not in lists and key not in named:
            yield warning(
                at.entra.home_accounts if key == HOME else at.tenants[key],
                "No app lets in the people of this tenant.",
                f'Add "{key}" to the tenants of a client, or '
                + ("write home_accounts = false." if key == HOME else f"remove [tenants.{key}]."),
            )


def _keys(s: Settings) -> list[str]:
    """Every tenant whose people may sign in, as a client names it."""
    return [*([HOME] if s.entra.home_accounts else []), *s.tenants]


def _another_name(key: str) -> str:
    """A provider's name that resembles the key and is no longer than Cognito allows."""
    return f'Add another one, for instance provider_name = "{key[:26]}-entra".'
