"""The settings as a whole: their name, the defaults, and what follows from them."""

import pytest
from pydantic import ValidationError

from stacks import clouds
from stacks.settings import Settings
from stacks.settings.facts import AccountTypes
from tests.stacks.settings.samples import (
    CUSTOMER,
    CUSTOMERS_ONLY,
    FABRIKAM,
    OWN_DOMAIN,
    PERSONAL,
    POOL,
    REMOVED,
    ROLES,
    ROLES_KEPT,
    SOMEBODY,
    TENANT,
    Changes,
    all_settings,
    errors_with,
    settings_with,
    signs_out_by_microsoft,
    with_changes,
)


@pytest.mark.parametrize("name", ["Dev", "1st", "dev_eu", "d" * 33, "dev.eu", "dev\n", ""])
def test_a_stack_name_that_terraform_or_the_shell_would_stumble_over(name: str) -> None:
    (error,) = errors_with({}, name=name)
    assert (str(error.key), error.value) == ("", None)
    assert "file's name" in error.sentence


@pytest.mark.parametrize("name", ["d", "dev", "prod-eu-1", "d" * 32])
def test_a_good_stack_name(name: str) -> None:
    assert errors_with({}, name=name) == []


def test_the_defaults() -> None:
    settings = settings_with()
    assert settings.cloud is clouds.CLOUDS["public"]
    assert settings.display_name == "dev sign-in"
    assert settings.user_pool_name == "dev"
    assert settings.client_name("web") == "dev-web"
    assert settings.domain_host == "contoso-signin.auth.eu-central-1.amazoncognito.com"
    assert settings.authorize_scopes == "openid profile email"
    assert (settings.state_key, settings.state_region) == ("entra-cognito/dev.tfstate", "eu-central-1")
    assert settings.full_attribute_mapping == {
        "username": "sub",
        "custom:entra_oid": "oid",
        "custom:entra_tid": "tid",
        "email": "email",
        "family_name": "family_name",
        "given_name": "given_name",
    }
    assert settings.entra.secret.model_dump(exclude_none=True) == {
        "lifetime_days": 180,
        "generation": 1,
        "settle_seconds": 30,
    }
    assert settings.account_types is AccountTypes.ONE_TENANT
    assert list(settings.identity_providers) == ["home"]
    assert settings.redirect_uris == [f"https://{settings.domain_host}/oauth2/idpresponse"]
    assert settings.cognito.deletion_protection
    assert settings.entra.prevent_destroy


def test_what_is_set_comes_before_the_defaults() -> None:
    settings = settings_with(
        {
            "entra.cloud": "dod",
            "aws.region": "us-gov-west-1",
            "entra.display_name": "Contoso",
            "cognito.user_pool_name": "people",
            "clients.web.name": "The web app",
            "state": {"bucket": "contoso-state", "key": "here", "region": "us-east-1"},
        }
    )
    assert settings.cloud is clouds.CLOUDS["dod"]
    assert (settings.display_name, settings.user_pool_name) == ("Contoso", "people")
    assert settings.client_name("web") == "The web app"
    assert (settings.state_key, settings.state_region) == ("here", "us-east-1")


def test_an_authority_is_a_cloud_of_its_own() -> None:
    cloud = settings_with({"entra.authority": "http://localhost:8400"}).cloud
    assert cloud == clouds.custom("http://localhost:8400")


def test_guids_are_lower_case_as_in_the_tokens() -> None:
    settings = settings_with({"entra.tenant_id": TENANT.upper(), "entra.owners": [SOMEBODY.upper()]})
    assert settings.entra.tenant_id == TENANT
    assert settings.entra.owners == [SOMEBODY]


def test_settings_do_not_change() -> None:
    settings = settings_with()
    with pytest.raises(ValidationError):
        settings.name = "other"  # type: ignore[misc]


def test_every_setting_is_described_and_the_required_ones_have_an_example() -> None:
    settings = all_settings()
    assert "entra.secret.generation" in settings
    assert "clients.callback_urls" in settings
    assert "cognito.branding.assets.file" in settings
    tables = {"name", "aws", "entra", "cognito", "clients"}
    assert [key for key, field in settings.items() if not field.description] == []
    required = {key for key, field in settings.items() if field.is_required()}
    assert [key for key in required - tables if not settings[key].examples] == []


@pytest.mark.parametrize(
    "key", ["aws", "entra", "cognito", "clients", "aws.region", "clients.web.callback_urls"]
)
def test_what_is_missing_is_named_with_a_line_to_add(key: str) -> None:
    (error,) = errors_with({key: REMOVED})
    assert str(error.key) == key
    assert "missing" in error.sentence
    assert error.remedy.startswith("Add")
    last = key.rpartition(".")[2]
    assert f"  {last} = " in error.remedy or f"  [{last}" in error.remedy


def test_a_pydantic_error_does_not_repeat_what_was_written() -> None:
    changes = {"cognito.client_secret": "hunter2hunter2", "cognito.domain_prefix": "Hunter3.Hunter3"}
    with pytest.raises(ValidationError) as raised:
        Settings.model_validate({"name": "dev", **with_changes(changes)})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, AccountTypes.ONE_TENANT),
        (FABRIKAM, AccountTypes.ANY_TENANT),
        (CUSTOMERS_ONLY, AccountTypes.ANY_TENANT),
        (PERSONAL, AccountTypes.ANY_TENANT_AND_PERSONAL),
        (PERSONAL | FABRIKAM, AccountTypes.ANY_TENANT_AND_PERSONAL),
        (PERSONAL | {"entra.home_accounts": False}, AccountTypes.PERSONAL),
        ({"entra.home_accounts": False, "clients.web.local_accounts": True}, AccountTypes.ONE_TENANT),
        (FABRIKAM | {"entra.account_types": "AzureADandPersonalMicrosoftAccount"}, "as written"),
    ],
)
def test_the_registration_is_for_no_more_people_than_have_to_sign_in(changes: Changes, kind: str) -> None:
    wanted = AccountTypes.ANY_TENANT_AND_PERSONAL if kind == "as written" else kind
    assert settings_with(changes).account_types == wanted


def test_e_mail_domains_are_identifiers_in_lower_case_and_sorted() -> None:
    changes = {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": ["Fabrikam.org", "FABRIKAM.com"]}}
    provider = settings_with(changes).identity_providers["fabrikam"]
    assert provider.identifiers == ("fabrikam.com", "fabrikam.org")
    assert provider.name == "fabrikam"


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
        (FABRIKAM | {"clients.web.tenants": ["home"]}, TENANT),
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
