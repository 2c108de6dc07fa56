"""The settings as a whole: defaults, what follows from them, and all problems at once."""

import pytest
from pydantic import ValidationError

from stacks import clouds
from stacks.settings import AccountTypes
from tests.stacks.settings.samples import (
    REMOVED,
    SOMEBODY,
    TENANT,
    all_settings,
    problems_with,
    settings_with,
)

WEB = "clients.web"
LOCAL = {"entra.authority": "http://localhost:8400"}


def test_rules_between_settings_are_asked_although_others_are_wrong() -> None:
    keys = {
        problem.key
        for problem in problems_with(
            {
                "aws.region": "cn-north-1",
                "entra.owners": ["nobody"],
                "entra.assignment_required": True,
                "cognito.tier": "LITE",
                "cognito.managed_login_version": 2,
                "cognito.provider_name": "a b",
                "cognito.attribute_mapping": {"foo": "email", "username": "oid"},
                f"{WEB}.default_redirect_uri": "https://elsewhere",
                f"{WEB}.name": "a/b",
                "state": 3,
            }
        )
    }
    assert keys == {
        "aws.region",
        "entra.owners[0]",
        "entra.assigned_principals",
        "cognito.managed_login_version",
        "cognito.provider_name",
        "cognito.attribute_mapping.foo",
        "cognito.attribute_mapping.username",
        f"{WEB}.default_redirect_uri",
        f"{WEB}.name",
        "state",
    }


def test_one_mistake_is_reported_once() -> None:
    """The tenant is wrong by itself: nothing is said about whether another one has it already."""
    (problem,) = problems_with({"entra.tenant_id": "common", "tenants.fabrikam.tenant_id": TENANT})
    assert problem.key == "entra.tenant_id"


def test_what_cannot_be_sent_is_reported_and_not_what_would_follow_if_it_were() -> None:
    (problem,) = problems_with({"cognito.attribute_mapping": {"custom:roles": "roles"}})
    assert "no app roles" in problem.rule


def test_each_client_is_asked_by_itself() -> None:
    more = {"type": "server", "callback_urls": ["https://a/"], "default_redirect_uri": "https://b/"}
    keys = [problem.key for problem in problems_with({"clients.one": more, "clients.two": more})]
    assert keys == ["clients.one.default_redirect_uri", "clients.two.default_redirect_uri"]


@pytest.mark.parametrize("name", ["Dev", "1st", "dev_eu", "d" * 33, "dev.eu", "dev\n", ""])
def test_a_stack_name_that_terraform_or_the_shell_would_stumble_over(name: str) -> None:
    (problem,) = problems_with({}, name=name)
    assert (problem.key, problem.value) == ("", None)
    assert "file's name" in problem.rule


@pytest.mark.parametrize("name", ["d", "dev", "prod-eu-1", "d" * 32])
def test_a_good_stack_name(name: str) -> None:
    assert problems_with({}, name=name) == []


def test_the_defaults() -> None:
    settings = settings_with()
    assert settings.cloud is clouds.PUBLIC
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
            f"{WEB}.name": "The web app",
            "state": {"bucket": "contoso-state", "key": "here", "region": "us-east-1"},
        }
    )
    assert settings.cloud is clouds.US_DEFENSE
    assert (settings.display_name, settings.user_pool_name) == ("Contoso", "people")
    assert settings.client_name("web") == "The web app"
    assert (settings.state_key, settings.state_region) == ("here", "us-east-1")


def test_an_authority_is_a_cloud_of_its_own() -> None:
    cloud = settings_with(LOCAL).cloud
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


@pytest.mark.parametrize("key", ["aws", "entra", "cognito", "clients", "aws.region", f"{WEB}.callback_urls"])
def test_what_is_missing_is_named_with_a_line_to_add(key: str) -> None:
    (problem,) = problems_with({key: REMOVED})
    assert problem.key == key
    assert "missing" in problem.rule
    assert problem.instead.startswith("Add")
    last = key.rpartition(".")[2]
    assert f"  {last} = " in problem.instead or f"  [{last}" in problem.instead


def test_a_pydantic_error_does_not_repeat_what_was_written() -> None:
    with pytest.raises(ValidationError) as raised:
        settings_with({"cognito.client_secret": "hunter2hunter2", "cognito.domain_prefix": "Hunter3.Hunter3"})
    assert "hunter2" not in str(raised.value)
