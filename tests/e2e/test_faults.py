"""Proof by breaking: for every fault what people see, and that `verify` names its cause and no other."""

import json
import re
from contextlib import nullcontext

import pytest

from operate.cli import ExitStatus
from operate.known_errors import KNOWN_ERRORS, explain
from operate.verify.report import as_json
from tests.e2e.doors import DOORS
from tests.e2e.faults import DOCUMENT, FAULTS, Fault, document
from tests.e2e.shared_deployment import SharedDeployment

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore")


def test_a_right_deployment_has_no_findings(deployment: SharedDeployment) -> None:
    assert deployment.findings(deployment.outputs) == []
    assert deployment.sign_in_to(deployment.outputs).claims["email"]


def test_a_right_deployment_is_fine_for_as_long_as_its_secret(deployment: SharedDeployment) -> None:
    report = deployment.report(deployment.outputs)
    assert report.status is ExitStatus.OK
    assert report.days_left == 179


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_shows_and_is_named(deployment: SharedDeployment, fault: Fault) -> None:
    deployment.forget_everybody()
    with fault.break_(deployment) or nullcontext() as changed:
        outputs = changed or deployment.outputs
        result = deployment.sign_in_to(outputs, fault.who, fault.more)
        if fault.sees:
            assert result.claims == {}
            assert re.search(_pattern(fault.sees), result.text), result.text
            # What `signin` would say of the same page.
            explained = {known.id for known in explain(result.text)}
            assert fault.finds is None or fault.finds in explained
            assert explained
        else:
            assert result.status == 200, result.text
            assert result.claims
            assert not set(fault.lacks) & set(result.claims)
        found = deployment.findings(outputs)
    if fault.finds is None:
        assert found == []
    else:
        assert [id_ for id_, _ in found] == [id_ for id_ in (fault.finds, fault.opens) if id_]
        if fault.where:
            assert found[0] == (fault.finds, fault.where)


def test_after_all_that_nothing_is_left_of_it(deployment: SharedDeployment) -> None:
    assert deployment.findings(deployment.outputs) == []
    assert deployment.sign_in_to(deployment.outputs).claims["email"]


def test_a_report_never_shows_the_secret(deployment: SharedDeployment) -> None:
    details = deployment.cognito.describe_identity_provider(
        UserPoolId=deployment.outputs.user_pool_id, ProviderName="entra"
    )["IdentityProvider"]["ProviderDetails"]
    secret = details["client_secret"]
    with deployment.provider_with(
        {"client_secret": f"{secret}x", "oidc_issuer": "https://sts.windows.net/x/"}
    ):
        report = deployment.report(deployment.outputs)
    text = as_json(report)
    assert len(json.loads(text)["findings"]) == 2
    assert secret not in text
    assert "eyJ" not in text


def test_every_known_error_that_can_be_made_is_made() -> None:
    made = {fault.finds for fault in FAULTS} | {door.finds for door in DOORS}
    # Those need another Entra ID or another network than there is, or a customer; tests/operate has them, and
    # those of the state. Those of people who are gone are in test_people.py.
    elsewhere = {
        "tenant-consent",
        "entra-unreachable",
        "issuer-mismatch",
        "keys-unreachable",
        "domain-unreachable",
        "domain-inactive",
        "login-refused",
        "principal-gone",
        "principal-renamed",
    }
    verified = {id_ for id_, known in KNOWN_ERRORS.items() if known.verified and not id_.startswith("state-")}
    assert verified - made == elsewhere


def test_faults_that_end_sign_in_are_errors_and_others_are_what_they_lack() -> None:
    for fault in FAULTS:
        if fault.finds and not fault.sees and not fault.lacks:
            known = KNOWN_ERRORS[fault.finds]
            assert known.severity != "error" or known.id == "secret-ends-now"


def test_the_documented_faults_are_these() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run `python -m tests.e2e.faults`"


def _pattern(text: str) -> str:
    return ".*?".join(re.escape(part) for part in text.split("…"))
