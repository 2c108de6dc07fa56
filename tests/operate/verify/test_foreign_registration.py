"""A registration, or an app client, that belongs to somebody else: what is for its owner to do."""

from datetime import timedelta
from typing import Any

import pytest

from operate.errors import Unavailable
from operate.outputs import Outputs
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.entra import check_entra
from operate.verify.checks.secret import Presented, check_secret
from operate.verify.findings import Finding, with_remedies
from tests.operate.samples import (
    NOW,
    SECRET,
    VALUES,
    application,
    client,
    cognito,
    credential,
    entra,
    outputs,
)

GOOD = Presented("", SECRET[:3])


def of_another_team() -> Outputs:
    """The outputs of a stack whose registration is another team's: what is null in them is left out."""
    values = {name: value for name, value in VALUES.items() if not name.startswith("client_secret")}
    promised = {"admin_consent", "assignment_required"}
    expected = {name: value for name, value in VALUES["expected"].items() if name not in promised}
    return Outputs.model_validate({**values, "expected": expected})


def findings(facts: dict[str, Any]) -> list[Finding]:
    theirs = of_another_team()
    checks = with_remedies(theirs, check_entra(theirs, entra(**facts)))
    return [one for check in checks for one in check.findings]


@pytest.mark.parametrize(
    "facts",
    [
        {"service_principal": {"appRoleAssignmentRequired": True}, "assignments": ({"principalId": "a"},)},
        {"granted": frozenset()},
        {},
    ],
)
def test_what_its_owner_decides_is_no_finding(facts: dict[str, Any]) -> None:
    assert findings(facts) == []


def test_what_is_missing_there_is_for_its_owner_to_put_right() -> None:
    (finding,) = findings({"application": application(web={"redirectUris": []})})
    assert finding.id == "redirect-uri"
    assert finding.remedy.startswith("Have the registration's owner add each address")


@pytest.mark.parametrize(
    ("days", "expected"), [(100, []), (20, ["secret-ends-soon"]), (3, ["secret-ends-now"])]
)
def test_where_graph_may_be_read_the_end_of_its_secret_is_known(days: int, expected: list[str]) -> None:
    ends = (NOW + timedelta(days=days)).isoformat()
    facts = entra(application=application(passwordCredentials=[credential(ends)]))
    theirs = of_another_team()
    (check,) = with_remedies(theirs, [check_secret(theirs, facts, GOOD, NOW)])
    assert [one.id for one in check.findings] == expected
    assert check.days_left == days
    assert all("registration's owner" in one.remedy for one in check.findings)


def test_where_graph_may_not_be_read_its_end_is_for_the_owner_to_know() -> None:
    check = check_secret(of_another_team(), Unavailable("no"), GOOD, NOW)
    assert (check.findings, check.days_left) == ((), None)
    assert "for the registration's owner to know" in check.note


def test_a_secret_that_its_owner_replaced_is_handed_over_by_the_next_deploy() -> None:
    says = Presented("AADSTS7000215: Invalid client secret provided.", "zzz")
    theirs = of_another_team()
    (check,) = with_remedies(theirs, [check_secret(theirs, entra(), says, NOW)])
    assert [one.id for one in check.findings] == ["secret-wrong"]
    assert check.findings[0].remedy.startswith("Deploy again, which hands over the secret that is kept")


def test_an_app_client_of_somebody_else_is_for_its_owner_to_change() -> None:
    values = outputs().model_dump(mode="json")
    values["expected"]["clients"]["web"]["own"] = False
    facts = cognito(clients={"web": client(SupportedIdentityProviders=["COGNITO"])})
    theirs = Outputs.model_validate(values)
    checks = with_remedies(theirs, check_cognito(theirs, facts))
    ((finding,),) = (check.findings for check in checks if check.findings)
    assert finding.id == "client-provider"
    assert finding.remedy == "Have the app client's owner add it to its identity providers."
