"""Customers' tenants and the apps that let them in: what is refused, accepted, and warned of."""

import re

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from stacks.settings.cognito import IdpIdentifier
from stacks.settings.tenants import (
    RESERVED_PROVIDER_NAMES,
    TENANT_KEY,
    EmailDomain,
    ProviderName,
    TenantKey,
    TenantWord,
)
from tests.stacks.settings.samples import (
    CUSTOMER,
    CUSTOMERS_ONLY,
    FABRIKAM,
    HOSTS,
    OTHER_CUSTOMER,
    PASSWORDS,
    PERSONAL,
    PERSONAL_TENANT,
    TENANT,
    accepted,
    accepts,
    case,
    customers,
    refusal,
    refused,
    silent,
    unhurried,
    warned,
)

test_refused = refused(
    case("entra.tenant_id", "common", "compares the issuer"),
    case("entra.tenant_id", "Organizations", "Entra admin center > Overview > Tenant ID"),
    case("entra.tenant_id", "consumers", PERSONAL_TENANT),
    case("entra.tenant_id", "contoso.onmicrosoft.com", "a domain name"),
    case("entra.tenant_id", f"https://sts.windows.net/{TENANT}/", f'Write "{TENANT}"'),
    case("entra.tenant_id", "{" + TENANT + "}", f'Write "{TENANT}"'),
    case("entra.tenant_id", TENANT.replace("-", ""), "not a tenant id"),
    case("entra.tenant_id", "00000000-0000-0000-0000-000000000000", "no tenant at all"),
    ({"tenants.home.tenant_id": CUSTOMER}, "tenants.home", "stands for the tenant_id in [entra]"),
    *(
        ({f"tenants.{key}.tenant_id": CUSTOMER}, key_as_written, "3 to 31 lower-case")
        for key, key_as_written in (
            ("Fabrikam", "tenants.Fabrikam"),
            ("fa", "tenants.fa"),
            ("f" * 32, f"tenants.{'f' * 32}"),
            ("1st", "tenants.1st"),
            ("fabri_kam", "tenants.fabri_kam"),
        )
    ),
    case("tenants", [], "[tenants.fabrikam]"),
    case("tenants", {"fabrikam": CUSTOMER}, "A table is expected here", at=".fabrikam"),
    case("tenants.fabrikam", {}, "missing", at=".tenant_id"),
    case("tenants.fabrikam.tenant_id", "fabrikam.com", "a domain name"),
    case("tenants.fabrikam.tenant_id", "consumers", PERSONAL_TENANT),
    case("tenants.fabrikam.tenant_id", TENANT, "the tenant_id of [entra]"),
    case(
        "tenants.other.tenant_id",
        CUSTOMER.upper(),
        "[tenants.fabrikam] has this tenant already",
        also=FABRIKAM,
    ),
    case(
        "tenants.other",
        {"tenant_id": OTHER_CUSTOMER, "email_domains": ["a.com", "Fabrikam.com"]},
        "[tenants.fabrikam] has this domain already",
        at=".email_domains[1]",
        also=FABRIKAM,
    ),
    (
        FABRIKAM | {"cognito.idp_identifiers": ["FABRIKAM.COM"]},
        "tenants.fabrikam.email_domains[0]",
        "[cognito] has this domain already",
    ),
    case(
        "tenants.other",
        {"tenant_id": OTHER_CUSTOMER, "provider_name": "FABRIKAM"},
        "[tenants.fabrikam] has a provider of this name already",
        at=".provider_name",
        also=FABRIKAM,
    ),
    ({"tenants.entra.tenant_id": CUSTOMER}, "tenants.entra.provider_name", 'provider_name = "entra-entra"'),
    (
        FABRIKAM | {"cognito.provider_name": "Fabrikam"},
        "tenants.fabrikam.provider_name",
        "[cognito] has a provider of this name already",
    ),
    *(
        ({f"tenants.{name}.tenant_id": CUSTOMER}, f"tenants.{name}", "a provider of its own")
        for name in ("cognito", "facebook", "google", "loginwithamazon", "signinwithapple")
    ),
    case(
        "tenants.fabrikam",
        {"tenant_id": CUSTOMER, "provider_name": "Google"},
        "a provider of its own",
        at=".provider_name",
    ),
    *(
        ({"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": [domain]}}, where, telling)
        for where in ["tenants.fabrikam.email_domains[0]"]
        for domain, telling in (
            ("ada@fabrikam.com", 'Write "fabrikam.com"'),
            ("ada@", "the part after @"),
            ("fabrikam", "not an e-mail domain"),
            ("https://fabrikam.com", "not an e-mail domain"),
            ("fabrikam.com\n", "not an e-mail domain"),
            ("-fabrikam.com", "not an e-mail domain"),
            ("größe.com", "xn--"),
            ("f" * 37 + ".com", "41 characters long"),
        )
    ),
    case(
        "tenants.fabrikam",
        {"tenant_id": CUSTOMER, "email_domains": ["fabrikam.com", "Fabrikam.COM"]},
        "twice",
        at=".email_domains[1]",
    ),
    case(
        "tenants.fabrikam",
        {"tenant_id": CUSTOMER, "email_domains": [f"{n}.com" for n in range(51)]},
        "takes 50",
        at=".email_domains",
    ),
    (customers(300), "tenants", "These are 301 identity providers with that of [entra]"),
    (customers(301) | {"entra.home_accounts": False}, "tenants", "These are 301 identity providers;"),
    case("clients.web.tenants", ["fabrikam"], 'There is no [tenants.fabrikam]. Write "home".', at="[0]"),
    case("clients.web.tenants", ["fabricam"], 'Did you mean "fabrikam"?', at="[0]", also=FABRIKAM),
    case("clients.web.tenants", ["home", "Home"], "not the key of a tenant", at="[1]", also=FABRIKAM),
    case("clients.web.tenants", ["home", "home"], "twice", at="[1]", also=FABRIKAM),
    case("clients.web.tenants", ["home"], "home_accounts = false in [entra]", at="[0]", also=CUSTOMERS_ONLY),
    case("clients.web.tenants", [], "Nobody could sign in to this app", also=FABRIKAM),
    (
        {"entra.home_accounts": False, "clients.other": PASSWORDS, "clients.web.tenants": ["fabrikam"]},
        "clients.web.tenants[0]",
        "Remove it, or add that table",
    ),
)

test_accepted = accepted(
    {"tenants": {}},
    {"tenants.abc.tenant_id": CUSTOMER},
    {f"tenants.{'f' * 31}": {"tenant_id": CUSTOMER.upper(), "provider_name": "Fabrikam.Inc"}},
    {"tenants.google": {"tenant_id": CUSTOMER, "provider_name": "google-workspace"}},
    {"tenants.entra": {"tenant_id": CUSTOMER}, "cognito.provider_name": "contoso"},
    CUSTOMERS_ONLY | {"tenants.entra": {"tenant_id": OTHER_CUSTOMER}},
    CUSTOMERS_ONLY | {"cognito.idp_identifiers": ["fabrikam.com"]},
    {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": [f"{n}.com" for n in range(50)]}},
    {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": ["f" * 36 + ".com", "xn--gre-8qa.com"]}},
    customers(299),
    customers(300) | {"entra.home_accounts": False},
    FABRIKAM | {"clients.web.tenants": ["home", "fabrikam"]},
)

test_warned = warned(
    case("cognito.idp_identifiers", ["a", "Contoso.com"], 'Write "contoso.com"', at="[1]"),
    case("cognito.idp_identifiers", ["contoso.com"], "home_accounts = false keeps out", also=CUSTOMERS_ONLY),
    (FABRIKAM | {"clients.web.tenants": ["home"]}, "tenants.fabrikam", "No app lets in the people"),
    ({"clients.web.local_accounts": True}, "entra.home_accounts", "No app lets in the people"),
    (FABRIKAM | {"clients.web.tenants": ["fabrikam"]}, "entra.home_accounts", "No app lets in the people"),
)

test_silent = silent(
    FABRIKAM,
    FABRIKAM | {"clients.other": PASSWORDS},
    FABRIKAM | PERSONAL,
    CUSTOMERS_ONLY,
)


@unhurried
@given(st.text() | HOSTS | st.emails() | HOSTS.map(str.upper))
@example("ada@")
@example("ada@fabrikam")
@example("a@b@Fabrikam.com")
def test_an_accepted_e_mail_domain_is_an_identifier_in_lower_case(domain: str) -> None:
    if accepts(EmailDomain, domain):
        assert TypeAdapter(EmailDomain).validate_python(domain) == domain.lower()
        assert accepts(IdpIdentifier, domain.lower())
        assert "." in domain
    _, instead = refusal(EmailDomain, domain) or ("", "")
    if proposed := re.search(r'^Write "(.*)"', instead):
        assert refusal(EmailDomain, proposed[1]) is None or len(proposed[1]) > 40


@unhurried
@given(st.from_regex(re.compile(TENANT_KEY, re.ASCII), fullmatch=True))
@example("home")
def test_the_key_of_a_tenant_is_a_good_name_for_its_provider(key: str) -> None:
    if accepts(TenantKey, key):
        assert accepts(ProviderName, key) == (key not in RESERVED_PROVIDER_NAMES)
        assert accepts(TenantWord, key)
        assert accepts(ProviderName, f"{key[:26]}-entra")
