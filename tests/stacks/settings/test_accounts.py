"""Whose accounts the registration accepts: what is refused, accepted, and warned of."""

from stacks.settings.facts import AccountTypes
from tests.stacks.settings.samples import FABRIKAM, PERSONAL, PERSONAL_TENANT, accepted, case, refused, warned

test_refused = refused(
    case("entra.account_types", "AzureADMyorg", 'Did you mean "AzureADMyOrg"?'),
    case("entra.account_types", "PersonalMicrosoftAccount", "leaves out the people of tenant_id"),
    case("entra.tenant_id", PERSONAL_TENANT, "[tenants.personal]"),
    case("entra.tenant_id", PERSONAL_TENANT, "home_accounts = false"),
    *(
        (
            {"entra.cloud": cloud, "entra.account_types": "AzureADandPersonalMicrosoftAccount"},
            "entra.account_types",
            "in the public cloud only",
        )
        for cloud in ("usgovernment", "dod", "china")
    ),
    (
        {"entra.account_types": "AzureADandPersonalMicrosoftAccount", "entra.display_name": "n" * 91},
        "entra.display_name",
        "may have 90",
    ),
    ({"entra.home_accounts": False}, "entra.home_accounts", "Nobody could sign in"),
    case("entra.home_accounts", "no", "true or false"),
    case("entra.account_types", "AzureADMyOrg", "customers' tenants", also=FABRIKAM),
    case("entra.account_types", "AzureADMultipleOrgs", "personal accounts", also=PERSONAL),
    case(
        "entra.account_types",
        "PersonalMicrosoftAccount",
        "leaves out customers' tenants and the people of tenant_id",
        also=FABRIKAM | PERSONAL,
    ),
    *(
        (
            PERSONAL | {"entra.cloud": cloud, "aws.region": "us-gov-west-1"},
            "tenants.personal.tenant_id",
            "in the public cloud only",
        )
        for cloud in ("usgovernment", "dod", "china")
    ),
    case("entra.display_name", "n" * 91, "may have 90", also=PERSONAL),
    (PERSONAL | {"entra.secret.keep_previous": True}, "entra.secret.keep_previous", "two secrets at most"),
)

test_accepted = accepted(
    *({"entra.account_types": kind} for kind in AccountTypes if kind is not AccountTypes.PERSONAL),
    {"entra.account_types": "AzureADandPersonalMicrosoftAccount", "entra.display_name": "n" * 90},
    {"entra.home_accounts": False, "clients.web.local_accounts": True},
    FABRIKAM | {"entra.account_types": "AzureADMultipleOrgs"},
    PERSONAL | {"entra.display_name": "n" * 90},
    PERSONAL | {"entra.secret.keep_previous": False},
    PERSONAL | {"entra.home_accounts": False, "entra.account_types": "PersonalMicrosoftAccount"},
)

test_warned = warned(
    case("entra.account_types", "AzureADMultipleOrgs", "customers' tenants get no"),
    case(
        "entra.account_types",
        "AzureADandPersonalMicrosoftAccount",
        "customers' tenants and personal accounts get no further",
    ),
    case(
        "entra.account_types",
        "AzureADandPersonalMicrosoftAccount",
        "personal accounts get no further",
        also=FABRIKAM,
    ),
)
