"""The rules about the shapes of the job, kept and broken: what is named, and what the person reads."""

import pytest

from stacks.settings import AccountTypes, GroupsClaim
from tests.stacks.settings.samples import QUIET, REMOVED, TENANT, Changes, problems_with, settings_with
from tests.stacks.settings.shapes import access, existing, places, tenants
from tests.stacks.settings.shapes.samples import (
    BRANDED,
    CLIENT,
    CUSTOMER,
    CUSTOMERS_ONLY,
    FABRIKAM,
    GROUPS_KEPT,
    MAPPED_GROUPS,
    MAPPED_ROLES,
    ORDERS,
    OWN_DOMAIN,
    PERSONAL,
    PLAIN_GOVERNMENT,
    POOL,
    REGISTRATION,
    ROLES,
    ROLES_KEPT,
    WEB,
    customers,
    groups,
    one,
    signs_out_by_microsoft,
)

SHAPES = (tenants, access, places, existing)


@pytest.mark.parametrize(
    ("changes", "key", "telling"),
    [case for shape in SHAPES for case in shape.REFUSED],
)
def test_a_broken_rule_is_named_where_it_is_broken(changes: Changes, key: str, telling: str) -> None:
    problems: dict[str, str] = {}
    for problem in problems_with(changes):
        problems[problem.key] = f"{problems.get(problem.key, '')} {problem.rule} {problem.instead}"
    assert key in problems
    assert telling in problems[key]


@pytest.mark.parametrize("changes", [case for shape in SHAPES for case in shape.ACCEPTED])
def test_what_the_services_accept_is_accepted(changes: Changes) -> None:
    assert problems_with(changes) == []


@pytest.mark.parametrize(("changes", "key", "telling"), [case for shape in SHAPES for case in shape.WARNED])
def test_what_is_probably_not_meant_is_a_warning(changes: Changes, key: str, telling: str) -> None:
    (warning,) = settings_with({**QUIET, **changes}).warnings
    assert warning.startswith(f"{key}: ")
    assert telling in warning


@pytest.mark.parametrize(
    "changes",
    [
        FABRIKAM,
        FABRIKAM | PERSONAL,
        CUSTOMERS_ONLY,
        ROLES_KEPT,
        ROLES | {"cognito.groups_from": "roles"},
        GROUPS_KEPT,
        OWN_DOMAIN,
        BRANDED,
        POOL | CLIENT,
        REGISTRATION,
        ORDERS | one(f"{WEB}.scopes", ["openid", "orders/read"]),
        PLAIN_GOVERNMENT,
        PLAIN_GOVERNMENT | {"entra.cloud": "dod"},
        {"entra.cloud": "china"},
        signs_out_by_microsoft("https://app.contoso.com/"),
    ],
)
def test_nothing_is_said_where_nothing_is_amiss(changes: Changes) -> None:
    assert settings_with({**QUIET, **changes}).warnings == []


# --- what follows from them


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, AccountTypes.ONE_TENANT),
        (FABRIKAM, AccountTypes.ANY_TENANT),
        (CUSTOMERS_ONLY, AccountTypes.ANY_TENANT),
        (PERSONAL, AccountTypes.ANY_TENANT_AND_PERSONAL),
        (PERSONAL | FABRIKAM, AccountTypes.ANY_TENANT_AND_PERSONAL),
        (PERSONAL | {"entra.home_accounts": False}, AccountTypes.PERSONAL),
        ({"entra.home_accounts": False, "cognito.local_accounts": True}, AccountTypes.ONE_TENANT),
        (FABRIKAM | one("entra.account_types", "AzureADandPersonalMicrosoftAccount"), "as written"),
    ],
)
def test_the_registration_is_for_no_more_people_than_have_to_sign_in(changes: Changes, kind: str) -> None:
    wanted = AccountTypes.ANY_TENANT_AND_PERSONAL if kind == "as written" else kind
    assert settings_with(changes).account_types == wanted


def test_e_mail_domains_are_identifiers_in_lower_case_and_sorted() -> None:
    changes = {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": ["Fabrikam.org", "FABRIKAM.com"]}}
    provider = settings_with(changes).identity_providers["fabrikam"]
    assert provider.identifiers == ("fabrikam.com", "fabrikam.org")
    assert (provider.name, provider.address) == ("fabrikam", "tenant_fabrikam")


def test_a_client_lets_in_the_tenants_it_names() -> None:
    more = {"callback_urls": ["https://a/"], "tenants": ["fabrikam"]}
    settings = settings_with(FABRIKAM | {"clients.partner": more})
    assert [provider.key for provider in settings.providers_of("web")] == ["home", "fabrikam"]
    assert [provider.key for provider in settings.providers_of("partner")] == ["fabrikam"]


@pytest.mark.parametrize(
    ("changes", "tenant"),
    [
        ({}, TENANT),
        (FABRIKAM, "common"),
        (CUSTOMERS_ONLY, CUSTOMER),
        (FABRIKAM | {f"{WEB}.tenants": ["home"]}, TENANT),
    ],
)
def test_a_sign_out_goes_by_way_of_the_one_tenant_or_of_whichever_it_was(
    changes: Changes, tenant: str
) -> None:
    settings = settings_with({**changes, **signs_out_by_microsoft("https://a/out")})
    by_way_of_microsoft = (
        f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/logout"
        "?post_logout_redirect_uri=https%3A%2F%2Fa%2Fout"
    )
    assert settings.sign_out_address("web", "https://a/out") == by_way_of_microsoft
    assert settings.all_logout_urls("web") == ["https://a/out", by_way_of_microsoft]
    assert settings.redirect_uris[-1] == "https://a/out"


def test_an_attribute_for_the_groups_is_made_only_where_none_is_mapped() -> None:
    by_itself = settings_with(ROLES | {"cognito.groups_from": "roles"})
    assert by_itself.groups_attribute == "custom:entra_roles"
    assert by_itself.full_attribute_mapping["custom:entra_roles"] == "roles"
    mapped = settings_with(ROLES_KEPT | {"cognito.groups_from": "roles"})
    assert mapped.groups_attribute == "custom:roles"
    assert "custom:entra_roles" not in mapped.full_attribute_mapping
    assert settings_with(ROLES_KEPT).groups_attribute is None


def test_the_first_host_is_the_one_to_tell_people_of() -> None:
    assert settings_with(OWN_DOMAIN).domain_hosts == [
        "auth.contoso.com",
        "contoso-signin.auth.eu-central-1.amazoncognito.com",
    ]
    assert settings_with(POOL).domain_host == "contoso-signin.auth.eu-central-1.amazoncognito.com"


# --- some settings wrong, the others asked all the same


@pytest.mark.parametrize(
    ("broken", "still_said"),
    [
        ({"entra.owners": ["nobody"], "cognito.domain_prefix": REMOVED}, "cognito.domain_prefix"),
        ({"cognito.provider_name": "a b", "entra.cloud": "dod"}, "entra.cloud"),
        ({"cognito.tier": "X"} | OWN_DOMAIN | {"aws.region": "us-gov-west-1"}, "cognito.custom_domain.host"),
        ({"cognito.tier": "X"} | POOL | {"cognito.user_pool_id": "eu-west-1_a"}, "cognito.user_pool_id"),
        ({"cognito.tier": "X", "cognito.existing_domain": "a.contoso.com"}, "cognito.existing_domain"),
        ({"entra.owners": [3], "entra.registration.client_id": CUSTOMER}, "entra.registration"),
        (
            {"entra.owners": 3, "cognito.attribute_mapping": {"custom:r": "roles"}},
            'cognito.attribute_mapping."custom:r"',
        ),
        ({"tenants": 3} | signs_out_by_microsoft(), f"{WEB}.logout_urls"),
        ({"clients.other": 3} | POOL | CLIENT | {f"{WEB}.name": "x"}, f"{WEB}.name"),
        ({"clients.other": 3} | CLIENT, f"{WEB}.client_id"),
        (customers(301) | {"entra.tenant_id": "common"}, "tenants"),
        (
            {"cognito.branding": 3, "cognito.tier": "LITE", "cognito.managed_login_version": 2},
            "cognito.managed_login_version",
        ),
        ({"resource_servers": [], "entra.home_accounts": False}, "entra.home_accounts"),
        ({"entra.app_roles": {"A": {}}, "entra.home_accounts": False}, "entra.home_accounts"),
        ({"entra.owners": 3, **ROLES_KEPT, "entra.assignment_required": False}, MAPPED_ROLES),
        ({"entra.owners": 3, "entra.groups_claim": "ids"}, "entra.groups_claim"),
        ({"entra.owners": 3, **groups(56, GroupsClaim.IDS)}, MAPPED_GROUPS),
        ({"entra.owners": 3, "cognito.groups_from": "roles"}, "cognito.groups_from"),
    ],
)
def test_a_broken_setting_does_not_silence_the_others(broken: Changes, still_said: str) -> None:
    keys = {problem.key for problem in problems_with(broken)}
    assert still_said in keys
    assert len(keys) > 1
