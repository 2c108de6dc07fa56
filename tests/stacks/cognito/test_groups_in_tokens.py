"""The Lambda function that puts roles or groups into `cognito:groups`."""

import ast
import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from stacks.cognito import groups_in_tokens
from stacks.cognito.groups_in_tokens import handler, values

SOURCE = Path(groups_in_tokens.__file__).read_text()
IAM_ROLES = ["arn:aws:iam::123456789012:role/admins", "arn:aws:iam::123456789012:role/users"]
# As Cognito sends it (developer guide, "Pre token generation Lambda trigger", version 2).
EVENT: dict[str, Any] = json.loads(Path(__file__).with_name("event.json").read_text())


@pytest.fixture(autouse=True)
def attribute(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the stack tells the function."""
    monkeypatch.setenv("ATTRIBUTE", "custom:roles")
    monkeypatch.setenv("HOME_PROVIDER", "entra")


def _event(roles: str | None, **configuration: object) -> dict[str, Any]:
    event: dict[str, Any] = copy.deepcopy(EVENT)
    if roles is not None:
        event["request"]["userAttributes"]["custom:roles"] = roles
    event["request"]["groupConfiguration"].update(configuration)
    return event


def _answer(roles: str | None, **configuration: object) -> dict[str, Any]:
    answer = handler(_event(roles, **configuration), None)
    details: dict[str, Any] = answer["response"]["claimsAndScopeOverrideDetails"]
    assert list(details) == ["groupOverrideDetails"]
    override: dict[str, Any] = details["groupOverrideDetails"]
    return override


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[Portal.Admin,user]", ["Portal.Admin", "user"]),
        ("[Portal.Admin, user]", ["Portal.Admin", "user"]),
        ("[user]", ["user"]),
        ("[App+Users,R%26D,Sales%2C+EMEA,%5BX%5D]", ["App Users", "R&D", "Sales, EMEA", "[X]"]),
        ("[B%C3%BCro]", ["Büro"]),
        ("[]", []),
        ("[,user,]", ["user"]),
        ("user", ["user"]),
        ("C++", ["C++"]),
        ("", []),
    ],
)
def test_the_values_of_an_attribute_are_those_of_the_claim(text: str, meant: list[str]) -> None:
    assert values(text) == meant


def test_what_entra_id_says_joins_the_groups_of_the_pool_itself() -> None:
    assert _answer("[Portal.Admin,user]") == {
        "groupsToOverride": ["eu-central-1_aB3dE5fG7_entra", "Portal.Admin", "user"]
    }


def test_a_group_that_is_in_both_is_there_once() -> None:
    override = _answer("[user,user,admins]", groupsToOverride=["admins", "staff"])
    assert override["groupsToOverride"] == ["admins", "staff", "user"]


@pytest.mark.parametrize("roles", [None, "", "[]"])
def test_somebody_without_a_role_keeps_the_groups_of_the_pool(roles: str | None) -> None:
    assert _answer(roles) == {"groupsToOverride": ["eu-central-1_aB3dE5fG7_entra"]}


def _groups_of(**attributes: object) -> list[str]:
    """The groups of an administrator, of whom these attributes say something else."""
    event = _event("[admin]")
    event["request"]["userAttributes"] |= {
        name.replace("status", "cognito:user_status"): value if isinstance(value, str) else json.dumps(value)
        for name, value in attributes.items()
    }
    override = handler(event, None)["response"]["claimsAndScopeOverrideDetails"]["groupOverrideDetails"]
    groups: list[str] = override["groupsToOverride"][1:]
    return groups


ENTRA, FABRIKAM = {"providerName": "entra"}, {"providerName": "fabrikam"}


@pytest.mark.parametrize(
    "attributes",
    [
        # Made by an administrator, or by signing up in another team's pool.
        {"status": "CONFIRMED", "identities": ""},
        {"status": "FORCE_CHANGE_PASSWORD", "identities": []},
        # Linked, or federated and given a password: a password opens it.
        {"status": "CONFIRMED"},
        # Two write the attribute, and Cognito keeps one's value where the other has none.
        {"identities": [ENTRA, FABRIKAM]},
        {"identities": []},
        {"status": ""},
    ],
)
def test_only_a_profile_that_one_provider_alone_opens_has_what_entra_id_says(
    attributes: dict[str, object],
) -> None:
    assert _groups_of(**attributes) == []
    assert _groups_of() == ["admin"]


def test_what_a_customers_administrators_assign_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _groups_of(identities=[FABRIKAM]) == ["fabrikam:admin"]
    # Where the home tenant's people do not sign in, its provider's name may be a customer's.
    monkeypatch.setenv("HOME_PROVIDER", "")
    assert _groups_of(identities=[ENTRA]) == ["entra:admin"]


@pytest.mark.parametrize("missing", [{"groupConfiguration": None}, {"groupConfiguration": {}}, {}])
def test_somebody_in_no_group_of_the_pool_has_the_roles_alone(missing: dict[str, Any]) -> None:
    event = _event("[user]")
    del event["request"]["groupConfiguration"]
    event["request"] |= missing
    details = handler(event, None)["response"]["claimsAndScopeOverrideDetails"]
    assert details == {"groupOverrideDetails": {"groupsToOverride": ["user"]}}


def test_the_iam_roles_of_an_identity_pool_stay_as_they_are() -> None:
    override = _answer("[user]", iamRolesToOverride=IAM_ROLES, preferredRole=IAM_ROLES[0])
    assert override["iamRolesToOverride"] == IAM_ROLES
    assert override["preferredRole"] == IAM_ROLES[0]


def test_the_answer_is_the_event_and_nothing_else_of_it_has_changed() -> None:
    event = _event("[user]")
    answer = handler(copy.deepcopy(event), None)
    assert {**answer, "response": event["response"]} == event


def test_only_the_attribute_of_the_settings_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    event = _event("[user]")
    event["request"]["userAttributes"]["custom:groups"] = "[Staff]"
    monkeypatch.setenv("ATTRIBUTE", "custom:groups")
    details = handler(event, None)["response"]["claimsAndScopeOverrideDetails"]
    assert details["groupOverrideDetails"]["groupsToOverride"][1:] == ["Staff"]


def test_it_needs_nothing_but_pythons_own_library() -> None:
    """Its file is deployed alone, without any package."""
    imports = [node for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {
        name
        for node in imports
        for name in (
            [str(node.module)] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
        )
    }
    assert all(isinstance(node, ast.Import) or node.level == 0 for node in imports)
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_any_python_of_this_project_reads_it() -> None:
    assert ast.parse(SOURCE, feature_version=(3, 11))
