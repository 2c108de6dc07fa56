"""What the guard says of real plans for tenants, roles, groups, own domains and APIs.

As in test_guard_plans.py: one environment, with plans for every impact that there is a rule for.
"""

from collections.abc import Iterator

import pytest

from operate.guard.impacts import HARMLESS, IMPACTS, REPLACING_SETTINGS
from operate.guard.make_plan import make_plan
from sandbox.project import STACK
from tests.e2e.planned_deployment import PlannedDeployment, ids, planned_deployment
from tests.e2e.planned_shapes import (
    ADDED,
    OF_SHAPES,
    REPLACED,
    SETTINGS,
    TAKEN_AWAY,
    TYPES_OF_SHAPES,
    another_function,
    cut_off,
    everything_else,
    more_in_tokens,
    prepare,
    take_trigger,
)

pytestmark = [pytest.mark.exhaustive, pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore")]


@pytest.fixture(scope="module")
def deployment() -> Iterator[PlannedDeployment]:
    """An environment that is not deployed yet."""
    with planned_deployment(SETTINGS, prepare) as deployment:
        yield deployment


def test_a_first_deploy_harms_nobody(deployment: PlannedDeployment) -> None:
    planned = make_plan(STACK, deployment.project.folder)
    assert deployment.judged(planned) == ids(
        "consent-granted groups-in-tokens other-changes provider-made secret-made"
    )
    deployment.deploy()


def test_nothing_to_do(deployment: PlannedDeployment) -> None:
    assert deployment.judged(deployment.plan_with()) == set()


def test_what_is_taken_away_touches_those_whose_it_was(deployment: PlannedDeployment) -> None:
    zone = deployment.base.partition('hosted_zone_id = "')[2].partition('"')[0]
    planned = deployment.plan_with(
        edits={text.replace("ZONE", zone): gone for text, gone in TAKEN_AWAY.items()}
    )
    assert deployment.judged(planned) == ids(
        "api-scope-removed assignment-removed claims-removed dns-removed "
        "function-silent groups-claim-removed groups-named-otherwise groups-vanish mapping-removed "
        "microsoft-disabled other-changes redirect-uri-removed removes-one-domain removes-tenant "
        "role-removed role-taken role-value-changed schema-change-will-fail"
    )


def test_what_is_added_and_who_loses_a_role(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(edits=ADDED, override=more_in_tokens)
    assert deployment.judged(planned) == ids(
        "assignment-added assignment-removed attribute-added attributes-writable groups-claim-added "
        "groups-from-elsewhere groups-named-otherwise "
        "groups-of-others mapping-changed mapping-removed microsoft-enabled other-changes role-added "
        "role-changed role-given role-taken schema-change-will-fail tenant-added"
    )


def test_what_cannot_change_is_replaced(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(edits=REPLACED, override=everything_else)
    assert deployment.judged(planned) == ids(
        "api-replaced client-scope-added client-scope-removed dns-removed domain-replaced "
        "function-changed function-replaced function-silent new-users-tenant other-changes "
        "redirect-uri-added redirect-uri-removed sign-in-gap"
    )


def test_a_function_that_works_otherwise(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(override=another_function)
    assert deployment.judged(planned) == ids(
        "dns-leads-elsewhere function-changed function-rights-changed other-changes"
    )


def test_a_function_that_is_cut_off(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(override=cut_off)
    assert deployment.judged(planned) == ids("function-cut-off function-silent")


def test_a_trigger_that_was_taken_away_by_hand_is_set_again(deployment: PlannedDeployment) -> None:
    take_trigger(deployment)
    assert deployment.judged(deployment.plan_with()) == ids("groups-in-tokens manual-change-undone")


def test_everything_deleted(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with("-destroy")
    assert deployment.judged(planned) == ids(
        "api-removed assignment-removed client-removed deletes-pool dns-removed function-silent "
        "groups-vanish old-secret-removed other-changes removes-consent removes-domain removes-provider "
        "removes-registration removes-service-principal role-taken"
    )


def test_every_setting_that_is_said_to_replace_an_object_does(deployment: PlannedDeployment) -> None:
    assert {one for one in REPLACING_SETTINGS if one[0] in TYPES_OF_SHAPES} <= deployment.forced


def test_every_rule_has_fired_on_a_real_plan(deployment: PlannedDeployment) -> None:
    rules = {
        (impact.id, rule.resource, rule.kind, rule.attribute)
        for impact in IMPACTS.values()
        for rule in impact.rules
        if impact.id in OF_SHAPES or (rule.resource in TYPES_OF_SHAPES and impact.id != HARMLESS)
    }
    assert rules - deployment.fired == set()
