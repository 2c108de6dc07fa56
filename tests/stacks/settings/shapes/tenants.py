"""Whose people sign in: what is refused, accepted, and warned of."""

from tests.stacks.settings.samples import PERSONAL_TENANT, TENANT, Changes
from tests.stacks.settings.shapes.samples import (
    CUSTOMER,
    CUSTOMERS_ONLY,
    FABRIKAM,
    OTHER_CUSTOMER,
    PERSONAL,
    ROLES,
    WEB,
    customers,
    one,
    signs_out_by_microsoft,
)

REFUSED: list[tuple[Changes, str, str]] = [
    # the keys
    (one("tenants.home.tenant_id", CUSTOMER), "tenants.home", "stands for the tenant_id in [entra]"),
    *(
        (one(f"tenants.{key}.tenant_id", CUSTOMER), key_as_written, "3 to 31 lower-case")
        for key, key_as_written in (
            ("Fabrikam", "tenants.Fabrikam"),
            ("fa", "tenants.fa"),
            ("f" * 32, f"tenants.{'f' * 32}"),
            ("1st", "tenants.1st"),
            ("fabri_kam", "tenants.fabri_kam"),
        )
    ),
    (one("tenants", []), "tenants", "[tenants.fabrikam]"),
    (one("tenants", {"fabrikam": CUSTOMER}), "tenants.fabrikam", "A table is expected here"),
    (one("tenants.fabrikam", {}), "tenants.fabrikam.tenant_id", "missing"),
    (one("tenants.fabrikam.tenant_id", "fabrikam.com"), "tenants.fabrikam.tenant_id", "a domain name"),
    (one("tenants.fabrikam.tenant_id", "consumers"), "tenants.fabrikam.tenant_id", PERSONAL_TENANT),
    # each once
    (one("tenants.fabrikam.tenant_id", TENANT), "tenants.fabrikam.tenant_id", "the tenant_id of [entra]"),
    (
        FABRIKAM | one("tenants.other.tenant_id", CUSTOMER.upper()),
        "tenants.other.tenant_id",
        "[tenants.fabrikam] has this tenant already",
    ),
    (
        FABRIKAM
        | {"tenants.other": {"tenant_id": OTHER_CUSTOMER, "email_domains": ["a.com", "Fabrikam.com"]}},
        "tenants.other.email_domains[1]",
        "[tenants.fabrikam] has this domain already",
    ),
    (
        FABRIKAM | one("cognito.idp_identifiers", ["FABRIKAM.COM"]),
        "tenants.fabrikam.email_domains[0]",
        "[cognito] has this domain already",
    ),
    (
        FABRIKAM | {"tenants.other": {"tenant_id": OTHER_CUSTOMER, "provider_name": "FABRIKAM"}},
        "tenants.other.provider_name",
        "[tenants.fabrikam] has a provider of this name already",
    ),
    (
        one("tenants.entra.tenant_id", CUSTOMER),
        "tenants.entra.provider_name",
        'provider_name = "entra-entra"',
    ),
    (
        FABRIKAM | one("cognito.provider_name", "Fabrikam"),
        "tenants.fabrikam.provider_name",
        "[cognito] has a provider of this name already",
    ),
    *(
        (one(f"tenants.{name}.tenant_id", CUSTOMER), f"tenants.{name}", "a provider of its own")
        for name in ("cognito", "facebook", "google", "loginwithamazon", "signinwithapple")
    ),
    (
        {"tenants.fabrikam": {"tenant_id": CUSTOMER, "provider_name": "Google"}},
        "tenants.fabrikam.provider_name",
        "a provider of its own",
    ),
    # the domains
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
    (
        {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": ["fabrikam.com", "Fabrikam.COM"]}},
        "tenants.fabrikam.email_domains[1]",
        "twice",
    ),
    (
        {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": [f"{n}.com" for n in range(51)]}},
        "tenants.fabrikam.email_domains",
        "takes 50",
    ),
    # how many
    (customers(300), "tenants", "These are 301 identity providers with that of [entra]"),
    (customers(301) | {"entra.home_accounts": False}, "tenants", "These are 301 identity providers;"),
    # who signs in
    ({"entra.home_accounts": False}, "entra.home_accounts", "Nobody could sign in"),
    (one("entra.home_accounts", "no"), "entra.home_accounts", "true or false"),
    (FABRIKAM | one("entra.account_types", "AzureADMyOrg"), "entra.account_types", "customers' tenants"),
    (
        PERSONAL | one("entra.account_types", "AzureADMultipleOrgs"),
        "entra.account_types",
        "personal accounts",
    ),
    (
        FABRIKAM | PERSONAL | one("entra.account_types", "PersonalMicrosoftAccount"),
        "entra.account_types",
        "leaves out customers' tenants and the people of tenant_id",
    ),
    (
        one(f"{WEB}.tenants", ["fabrikam"]),
        f"{WEB}.tenants[0]",
        """There is no [tenants.fabrikam]. Write "home".""",
    ),
    (FABRIKAM | one(f"{WEB}.tenants", ["fabricam"]), f"{WEB}.tenants[0]", 'Did you mean "fabrikam"?'),
    (FABRIKAM | one(f"{WEB}.tenants", ["home", "Home"]), f"{WEB}.tenants[1]", "not the key of a tenant"),
    (FABRIKAM | one(f"{WEB}.tenants", ["home", "home"]), f"{WEB}.tenants[1]", "twice"),
    (
        CUSTOMERS_ONLY | one(f"{WEB}.tenants", ["home"]),
        f"{WEB}.tenants[0]",
        "home_accounts = false in [entra]",
    ),
    (FABRIKAM | one(f"{WEB}.tenants", []), f"{WEB}.tenants", "Nobody could sign in to this app"),
    (
        {"entra.home_accounts": False, "cognito.local_accounts": True, f"{WEB}.tenants": ["fabrikam"]},
        f"{WEB}.tenants[0]",
        "Remove it, or add that table",
    ),
    # personal accounts
    *(
        (
            PERSONAL | {"entra.cloud": cloud, "aws.region": "us-gov-west-1"},
            "tenants.personal.tenant_id",
            "in the public cloud only",
        )
        for cloud in ("usgovernment", "dod", "china")
    ),
    (PERSONAL | one("entra.display_name", "n" * 91), "entra.display_name", "may have 90"),
    (PERSONAL | {"entra.secret.keep_previous": True}, "entra.secret.keep_previous", "two secrets at most"),
    (PERSONAL | ROLES, "entra.app_roles", "can have no app roles"),
    (
        ROLES | one("entra.account_types", "AzureADandPersonalMicrosoftAccount"),
        "entra.app_roles",
        "can have no app roles",
    ),
    (
        PERSONAL | one("entra.consent_redirect_uri", "https://app.contoso.com/?a=b"),
        "entra.consent_redirect_uri",
        "takes no address with a ?",
    ),
    (
        PERSONAL | signs_out_by_microsoft("https://a/", "https://a/?b=c"),
        f"{WEB}.logout_urls[1]",
        "takes no address with a ?",
    ),
]

ACCEPTED: list[Changes] = [
    one("tenants", {}),
    FABRIKAM,
    CUSTOMERS_ONLY,
    FABRIKAM | PERSONAL,
    {"entra.home_accounts": False, "cognito.local_accounts": True},
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
    FABRIKAM | one(f"{WEB}.tenants", ["home", "fabrikam"]),
    {"cognito.local_accounts": True, f"{WEB}.tenants": []},
    FABRIKAM | one("entra.account_types", "AzureADMultipleOrgs"),
    PERSONAL | one("entra.display_name", "n" * 90),
    PERSONAL | {"entra.secret.keep_previous": False},
    PERSONAL | {"entra.home_accounts": False, "entra.account_types": "PersonalMicrosoftAccount"},
    PERSONAL | {f"{WEB}.logout_urls": ["https://a/?b=c"]},
    signs_out_by_microsoft("https://a/?b=c", "http://localhost:3000/", "https://a/" + "b" * 246),
    signs_out_by_microsoft(*(f"https://a/{n}" for n in range(50))),
]

WARNED: list[tuple[Changes, str, str]] = [
    (
        CUSTOMERS_ONLY | one("cognito.idp_identifiers", ["contoso.com"]),
        "cognito.idp_identifiers",
        "home_accounts = false keeps out",
    ),
    (FABRIKAM | one(f"{WEB}.tenants", ["home"]), "tenants.fabrikam", "No app lets in the people"),
    (FABRIKAM | one(f"{WEB}.tenants", ["fabrikam"]), "entra.home_accounts", "No app lets in the people"),
    (
        FABRIKAM | one("entra.account_types", "AzureADandPersonalMicrosoftAccount"),
        "entra.account_types",
        "personal accounts get no further",
    ),
    (
        CUSTOMERS_ONLY | {"entra.assigned_users": ["ada@contoso.com"]},
        "entra.assigned_users",
        "whom home_accounts = false keeps out",
    ),
    (CUSTOMERS_ONLY | {"entra.assignment_required": True}, "entra.assignment_required", "keeps out"),
]
