"""Planned changes, and states after apply and refresh."""

import pytest

from sandbox.azuread_plugin.plan import normalized, plan_change
from sandbox.azuread_plugin.schema import empty, resource_type
from sandbox.azuread_plugin.wire import UNKNOWN
from tests.sandbox.azuread_plugin.fixtures import APPLICATION, ROLE, Json, application

PASSWORD = resource_type("azuread_application_password")

WEB = {
    "homepage_url": "",
    "logout_url": "",
    "redirect_uris": [],
    "implicit_grant": [{"access_token_issuance_enabled": False, "id_token_issuance_enabled": False}],
}
OWN_ROLE = {
    "id": ROLE,
    "allowed_member_types": ["User"],
    "description": "d",
    "display_name": "n",
    "enabled": True,
    "value": "",
}


@pytest.mark.parametrize(
    ("prior", "proposed", "planned"),
    [
        pytest.param({"notes": "a"}, {"notes": None}, {"notes": None}, id="a removed text becomes null"),
        pytest.param({"notes": ""}, {"notes": None}, {"notes": ""}, id="an empty text stays"),
        pytest.param({}, {"sign_in_audience": None}, {"sign_in_audience": "AzureADMyOrg"}, id="a default"),
        pytest.param({"owners": ["a"]}, {"owners": None}, {"owners": []}, id="a removed set becomes empty"),
        pytest.param({"tags": ["a"]}, {"tags": ["a"]}, {"tags": ["a"]}, id="a computed set stays"),
        pytest.param(
            {"identifier_uris": ["a"]},
            {"identifier_uris": ["a", UNKNOWN]},
            {"identifier_uris": UNKNOWN},
            id="a set with an unknown element is unknown",
        ),
        pytest.param(
            {"web": [WEB]}, {"web": []}, {"web": [WEB]}, id="a removed block with defaults only stays"
        ),
        pytest.param(
            {"web": [{**WEB, "redirect_uris": ["https://a.example/"]}]},
            {"web": []},
            {"web": []},
            id="a removed block with other values goes",
        ),
        pytest.param(
            {"app_role": [OWN_ROLE], "app_role_ids": {}},
            {"app_role": [{**OWN_ROLE, "value": None}]},
            {"app_role": [OWN_ROLE], "app_role_ids": {}},
            id="null and empty are one in a set of blocks",
        ),
        pytest.param(
            {"app_role": [], "app_role_ids": {}},
            {"app_role": [{**OWN_ROLE, "value": None, "enabled": None}], "app_role_ids": {}},
            {"app_role": [OWN_ROLE], "app_role_ids": UNKNOWN},
            id="a new role fills in defaults and makes the IDs unknown",
        ),
        pytest.param(
            {"feature_tags": [{"hide": True}]},
            {"feature_tags": []},
            {"feature_tags": [{"hide": True}]},
            id="a computed block stays",
        ),
    ],
)
def test_a_change_is_planned_as_the_sdk_plans_it(prior: Json, proposed: Json, planned: Json) -> None:
    fixed = {"id": "/applications/a", "sign_in_audience": "AzureADMyOrg", "prevent_duplicate_names": False}
    before = application(description="old", **{**fixed, **prior})
    after = application(description="new", **{**fixed, **proposed})
    state, _ = plan_change(APPLICATION, before, after)
    assert {name: state[name] for name in planned} == planned
    assert state["description"] == "new"


def test_a_new_object_is_unknown_where_it_is_computed() -> None:
    planned, _ = plan_change(APPLICATION, None, application())
    unknown = {name for name, value in planned.items() if value is UNKNOWN}
    assert unknown == {
        *("app_role_ids", "client_id", "disabled_by_microsoft", "feature_tags", "id", "logo_url"),
        *("oauth2_permission_scope_ids", "object_id", "publisher_domain", "tags", "template_id"),
    }


@pytest.mark.parametrize("change", [{}, {"timeouts": {"create": "5m"}}, {"description": ""}])
def test_what_the_sdk_takes_for_equal_is_no_change(change: Json) -> None:
    before = application(id="a", sign_in_audience="AzureADMyOrg", prevent_duplicate_names=False)
    planned, _ = plan_change(APPLICATION, before, {**before, **change})
    assert planned is before


def test_only_what_forces_a_new_object_replaces_it() -> None:
    before = {**empty(PASSWORD), "id": "a/password/k", "rotate_when_changed": {"generation": "1"}}
    _, replace = plan_change(PASSWORD, before, {**before, "rotate_when_changed": {"generation": "2"}})
    assert replace == ["rotate_when_changed", "id"]
    _, replace = plan_change(APPLICATION, application(id="a"), application(id="a", notes="n"))
    assert replace == []


def test_a_destroyed_object_is_planned_as_nothing() -> None:
    assert plan_change(APPLICATION, application(id="a"), None) == (None, [])


def test_after_apply_sets_and_nulls_are_as_planned_and_unknowns_as_read() -> None:
    planned = application(owners=["b", "a"], identifier_uris=None, tags=UNKNOWN, notes=None)
    read = application(owners=["a", "b"], identifier_uris=[], tags=["t"], notes="")
    state = normalized(APPLICATION, read, planned, applied=True)
    assert [state[name] for name in ("owners", "identifier_uris", "tags", "notes")] == [
        ["b", "a"],
        None,
        ["t"],
        "",
    ]


def test_a_refresh_shows_what_was_read() -> None:
    state = application(owners=["a"], identifier_uris=None)
    read = application(owners=["b"], identifier_uris=[])
    refreshed = normalized(APPLICATION, read, state, applied=False)
    assert (refreshed["owners"], refreshed["identifier_uris"]) == (["b"], [])
