"""How the checks run where some settings are wrong by themselves."""

import pytest

from stacks.settings.facts import GroupsClaim
from tests.stacks.settings.samples import (
    CLIENT,
    CUSTOMER,
    MAPPED_GROUPS,
    MAPPED_ROLES,
    OWN_DOMAIN,
    POOL,
    REMOVED,
    ROLES_KEPT,
    TENANT,
    Changes,
    customers,
    errors_with,
    groups,
    signs_out_by_microsoft,
)


def test_rules_between_settings_are_asked_although_others_are_wrong() -> None:
    keys = {
        str(error.key)
        for error in errors_with(
            {
                "aws.region": "cn-north-1",
                "entra.owners": ["nobody"],
                "entra.assignment_required": True,
                "cognito.tier": "LITE",
                "cognito.managed_login_version": 2,
                "cognito.provider_name": "a b",
                "cognito.attribute_mapping": {"foo": "email", "username": "oid"},
                "clients.web.default_redirect_uri": "https://elsewhere",
                "clients.web.name": "a/b",
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
        "clients.web.default_redirect_uri",
        "clients.web.name",
        "state",
    }


def test_one_mistake_is_reported_once() -> None:
    """The tenant is wrong by itself: nothing is said about whether another one has it already."""
    (error,) = errors_with({"entra.tenant_id": "common", "tenants.fabrikam.tenant_id": TENANT})
    assert str(error.key) == "entra.tenant_id"


def test_what_cannot_be_sent_is_reported_and_not_what_would_follow_if_it_were() -> None:
    (error,) = errors_with({"cognito.attribute_mapping": {"custom:roles": "roles"}})
    assert "no app roles" in error.sentence


def test_each_client_is_asked_by_itself() -> None:
    more = {"type": "server", "callback_urls": ["https://a/"], "default_redirect_uri": "https://b/"}
    keys = [str(error.key) for error in errors_with({"clients.one": more, "clients.two": more})]
    assert keys == ["clients.one.default_redirect_uri", "clients.two.default_redirect_uri"]


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
        ({"tenants": 3} | signs_out_by_microsoft(), "clients.web.logout_urls"),
        ({"clients.other": 3} | POOL | CLIENT | {"clients.web.name": "x"}, "clients.web.name"),
        ({"clients.other": 3} | CLIENT, "clients.web.client_id"),
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
    keys = {str(error.key) for error in errors_with(broken)}
    assert still_said in keys
    assert len(keys) > 1
