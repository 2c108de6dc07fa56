"""Proof by opening: `verify` finds every door, its remedy closes it, and then `verify` is silent."""

import re
from collections.abc import Iterator

import pytest

from operate.cli import ExitStatus
from operate.known_errors import KNOWN_ERRORS
from operate.verify.findings import VerifyReport
from tests.e2e.doors import DOORS, Door, DoorsDeployment, doors_deployment

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore")


@pytest.fixture(scope="module")
def deployment() -> Iterator[DoorsDeployment]:
    with doors_deployment() as deployment:
        yield deployment


def found(report: VerifyReport) -> dict[tuple[str, str, str], str]:
    """Id, place and detail of each finding, with its remedy."""
    return {(one.id, one.where, one.detail): one.remedy or one.known_error.remedy for one in report.findings}


def name(door: Door) -> str:
    return re.sub(r"[^a-z0-9]+", "-", door.what.lower())


def test_a_right_deployment_has_no_door(deployment: DoorsDeployment) -> None:
    report = deployment.report(deployment.outputs)
    assert found(report) == {}
    assert [check.not_checked for check in report.checks if check.not_checked] == []


@pytest.mark.parametrize("door", [door for door in DOORS if door.by_command], ids=name)
def test_what_no_plan_sees_is_found_and_closed_by_the_command(
    deployment: DoorsDeployment, door: Door
) -> None:
    before = found(deployment.report(deployment.outputs))
    door.open_(deployment)
    report = deployment.report(deployment.outputs)
    ((id_, _, _),) = new = found(report).keys() - before.keys()
    assert id_ == door.finds
    assert report.status is ExitStatus.OPEN
    deployment.carry_out(found(report)[next(iter(new))])
    assert found(deployment.report(deployment.outputs)) == before


@pytest.mark.parametrize("door", [door for door in DOORS if not door.by_command], ids=name)
def test_what_a_plan_sees_is_found(deployment: DoorsDeployment, door: Door) -> None:
    before = found(deployment.report(deployment.outputs))
    door.open_(deployment)
    report = deployment.report(deployment.outputs)
    assert {id_ for id_, _, _ in found(report).keys() - before.keys()} == {door.finds}
    assert report.status is ExitStatus.OPEN
    assert "pipenv run cdktf deploy" in KNOWN_ERRORS[door.finds].remedy


def test_the_next_deploy_closes_all_of_them(deployment: DoorsDeployment) -> None:
    deployment.deploy()
    assert found(deployment.report(deployment.outputs)) == {}
    assert deployment.plan().changes == {}


def test_every_door_is_opened() -> None:
    doors = {known.id for known in KNOWN_ERRORS.values() if known.severity == "door"}
    assert {door.finds for door in DOORS} == doors
