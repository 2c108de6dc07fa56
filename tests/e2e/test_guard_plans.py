"""What the guard says of real plans: one environment, with plans for every impact that there is a rule for.

Each plan has many changes, and each change its own impact. The tests follow each other; what somebody
does behind the stack's back comes last.
"""

from collections.abc import Iterator

import pytest

from operate.guard import __main__ as guard
from operate.guard.impacts import HARMLESS, IMPACTS, REPLACING_SETTINGS
from operate.guard.impacts.impact import Severity
from operate.guard.make_plan import make_plan
from operate.guard.report import as_markdown
from sandbox.entra.users import ADA
from sandbox.project import STACK
from tests.e2e.deployment import Json, with_edits
from tests.e2e.planned_changes import (
    ADDED,
    APPLICATION,
    DOMAIN,
    PASSWORD,
    POOL,
    PROVIDER,
    TAKEN_AWAY,
    careless_code,
    change_by_hand,
    delete_by_hand,
    delete_first,
    ignored_details,
    set_trigger,
)
from tests.e2e.planned_deployment import (
    SETTINGS,
    PlannedDeployment,
    depose,
    ids,
    planned_deployment,
)
from tests.e2e.planned_shapes import OF_SHAPES, TYPES_OF_SHAPES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore")

APPLICATION_TYPE = "azuread_application"
# Branding needs version 6 of the AWS provider; tests/operate has its rules. test_guard_shapes.py has those
# of tenants, roles, groups, own domains and APIs.
ELSEWHERE = {"branding-removed", "credential-added", "public-client-allowed", "states-deleted"}
# Neither the stack nor the stand-in for azuread has these; tests/operate has their rules.
NOT_PLANNED = {
    *((APPLICATION_TYPE, name) for name in ("device_only_auth_enabled", "fallback_public_client_enabled")),
    *((APPLICATION_TYPE, name) for name in ("public_client", "single_page_application")),
    *(("aws_cognito_user_group", name) for name in ("precedence", "role_arn")),
}
BRANDING = "aws_cognito_managed_login_branding"


@pytest.fixture(scope="module")
def deployment() -> Iterator[PlannedDeployment]:
    """An environment that is not deployed yet."""
    with planned_deployment(SETTINGS) as deployment:
        yield deployment


def test_a_first_deploy_harms_nobody(deployment: PlannedDeployment) -> None:
    # As the command plans it: synthesized and initialized in a folder where neither has been done.
    planned = make_plan(STACK, deployment.project.folder)
    assert deployment.judged(planned) == ids("consent-granted other-changes provider-made secret-made")
    deployment.deploy()


def test_nothing_to_do(deployment: PlannedDeployment, capsys: pytest.CaptureFixture[str]) -> None:
    assert deployment.judged(deployment.plan_with()) == set()
    saved = [
        "--project",
        str(deployment.project.folder),
        "--plan",
        str(deployment.clouds.folder / "saved.plan"),
    ]
    assert guard.main([STACK, *saved]) == 0
    assert capsys.readouterr().out.strip() == f"{STACK}: No changes: nothing happens to anybody."


def test_everything_that_can_be_taken_away_in_place(
    deployment: PlannedDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_trigger(deployment)
    planned = deployment.plan_with(edits=TAKEN_AWAY)
    gone = ids(
        "assignment-dropped attributes-hidden attributes-shown attributes-writable "
        "audience-narrowed auth-flows-changed callback-added callback-removed claims-removed "
        "client-scope-added client-scope-removed consent-narrowed default-callback-changed "
        "identifier-removed logout-url-added logout-url-removed mapping-changed mapping-removed "
        "microsoft-enabled open-to-everybody other-changes owner-removed "
        "passwords-refused permissions-removed protection-on schema-change-will-fail secret-made "
        "secret-removed-at-once secret-rotated tokens-live-longer tokens-live-shorter"
    )
    assert deployment.judged(planned) == gone | {"trigger-dropped"}
    for name in deployment.clouds.aws.environment():
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert deployment.judged(planned) == gone | {"trigger-unknown"}


@pytest.mark.exhaustive
def test_everything_that_can_be_added_and_clients_that_go(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(edits=ADDED)
    assert deployment.judged(planned) == ids(
        "app-shown-otherwise assignment-added assignment-removed attribute-added audience-widened "
        "claims-added client-made client-removed client-replaced consent-widened mapping-changed "
        "other-changes owner-added permissions-added sign-in-gap trigger-dropped"
    )


@pytest.mark.exhaustive
def test_the_registration_replaced_and_with_it_all_that_hangs_on_it(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(
        f"-replace={APPLICATION}",
        edits={'"Contoso"': '"Fabrikam"'},
        override=delete_first,
    )
    assert deployment.judged(planned) == ids(
        "assignment-replaced client-replaced consent-replaced deletes-pool domain-replaced "
        "new-users-registration other-changes provider-replaced secret-made service-principal-replaced "
        "sign-in-gap"
    )
    assert "because -replace asks for it" in as_markdown(guard.judge(STACK, planned))


@pytest.mark.exhaustive
def test_what_only_a_change_of_the_code_could_do(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(edits={"generation = 2": "generation = 3"}, override=careless_code)
    doors = ids(
        "auth-flow-added function-asked grant-added group-given implicit-flow-enabled "
        "mapped-claims-accepted mapping-changed passwords-allowed revocation-off sign-up-opened user-made "
        "user-names-shown"
    )
    assert deployment.judged(planned) == doors | ids(
        "attribute-not-writable auth-flows-changed client-switched groups-in-tokens microsoft-disabled "
        "new-users-mapping other-changes secret-in-use-removed secret-made trigger-dropped unknown-effect"
    )
    assert set(guard.judge(STACK, planned).ids(Severity.DOOR)) == doors


def test_a_secret_replaced_behind_cognitos_back(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(f"-replace={PASSWORD}", override=ignored_details)
    assert deployment.judged(planned) == {"other-changes", "secret-in-use-removed", "secret-made"}


@pytest.mark.exhaustive
def test_another_tenant_shows_even_next_to_a_new_secret(deployment: PlannedDeployment) -> None:
    authority = deployment.clouds.entra.authority
    planned = deployment.plan_with(
        edits={
            f'authority = "{authority}"': 'authority = "http://localhost:1"',
            "generation = 2": "generation = 3",
            'name = "spa"': 'name = "single page"',
        }
    )
    assert deployment.judged(planned) == ids(
        "endpoint-changed issuer-changed issuer-trusted other-changes secret-made "
        "secret-removed-at-once secret-rotated"
    )


@pytest.mark.exhaustive
def test_a_plan_of_a_part_says_so(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with(f"-replace={PROVIDER}", f"-target={PROVIDER}")
    assert deployment.judged(planned) == {"plan-incomplete", "provider-replaced", "sign-in-gap"}


def test_what_terraform_refuses_is_said_in_words(
    deployment: PlannedDeployment, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = deployment.project.folder
    edits = {
        "prevent_destroy = false": "prevent_destroy = true",
        "deletion_protection = false": "deletion_protection = true",
        '"people"': '"everybody"',
    }
    deployment.settings = with_edits(deployment.base, edits)
    assert guard.main([STACK, "--project", str(folder), "--allow", "deletes-pool"]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert f"Terraform refuses this plan: {POOL} is protected (prevent_destroy)" in printed
    assert "deletes-pool (allowed)" in printed


def test_settings_that_are_wrong_are_no_plan(
    deployment: PlannedDeployment, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment.settings = with_edits(deployment.base, {'"server"': '"nowhere"'})
    assert guard.main([STACK, "--project", str(deployment.project.folder), "--markdown"]) == 1
    printed = capsys.readouterr()
    assert "clients.web.type" in printed.err
    assert "**There is no plan to judge: Synthesis failed:" in printed.out
    assert "Traceback" not in printed.out


def test_pool_domain_and_provider_replaced(deployment: PlannedDeployment) -> None:
    deployment.cognito.update_user_pool(
        UserPoolId=deployment.attribute(POOL, "id"),
        DeletionProtection="ACTIVE",
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )
    deployment.cognito.admin_create_user(
        UserPoolId=deployment.attribute(POOL, "id"), Username="ada", MessageAction="SUPPRESS"
    )

    planned = deployment.plan_with(
        edits={
            "assignment_required = true": "assignment_required = false\nadmin_consent = false",
            f'assigned_principals = ["{ADA.oid}"]': "assigned_principals = []",
            '"contoso-signin"': '"fabrikam-signin"',
            '"people"': '"everybody"',
            'provider_name = "entra"': 'provider_name = "microsoft"',
            'type = "server"': 'type = "mobile"',
        },
    )
    assert deployment.judged(planned) == ids(
        "assignment-dropped client-replaced deletes-pool domain-replaced new-users-provider "
        "open-to-everybody other-changes protection-stops-deploy redirect-uri-added redirect-uri-removed "
        "removes-consent sign-in-gap"
    )
    report = guard.judge(STACK, planned)
    assert report.status == 1
    assert report.refused == ["new-users-provider", "deletes-pool", "client-replaced"]
    assert guard.judge(STACK, planned, allowed=frozenset(report.refused)).status == 0
    assert guard.judge(STACK, planned, allowed=frozenset({"deletes-pool"})).status == 1
    assert "Deletes the pool and its users: all users (one so far) are gone" in as_markdown(report)


def test_everything_deleted(deployment: PlannedDeployment) -> None:
    planned = deployment.plan_with("-destroy")
    assert deployment.judged(planned) == ids(
        "assignment-removed client-removed deletes-pool old-secret-removed other-changes "
        "protection-stops-deploy removes-consent removes-domain removes-provider removes-registration "
        "removes-service-principal"
    )


@pytest.mark.exhaustive
def test_what_others_have_changed_is_changed_again(deployment: PlannedDeployment) -> None:
    set_trigger(deployment)
    change_by_hand(deployment)
    deployment.project.terraform("state", "rm", DOMAIN)
    depose(deployment.state, PASSWORD)

    def override(document: Json) -> None:
        document["import"] = [{"to": DOMAIN, "id": "contoso-signin"}]

    assert deployment.judged(deployment.plan_with(override=override)) == ids(
        "assignment-newly-required client-made-anew consent-widened endpoint-changed issuer-changed "
        "issuer-trusted manual-change-undone microsoft-enabled other-changes protection-off "
        "provider-scopes-changed registration-switched secret-rotated sign-in-enabled trigger-dropped"
    )


@pytest.mark.exhaustive
def test_what_others_have_deleted_is_made_anew(deployment: PlannedDeployment) -> None:
    delete_by_hand(deployment)
    assert deployment.judged(deployment.plan_with()) == ids(
        "assignment-added client-made-anew consent-widened new-users-registration other-changes "
        "pool-made-anew provider-made secret-made"
    )


@pytest.mark.exhaustive
def test_every_setting_that_is_said_to_replace_an_object_does(deployment: PlannedDeployment) -> None:
    assert {one for one in REPLACING_SETTINGS if one[0] not in TYPES_OF_SHAPES} <= deployment.forced


@pytest.mark.exhaustive
def test_every_rule_has_fired_on_a_real_plan(deployment: PlannedDeployment) -> None:
    elsewhere = {HARMLESS, *ELSEWHERE, *OF_SHAPES}
    rules = {
        (impact.id, rule.resource, rule.kind, rule.attribute)
        for impact in IMPACTS.values()
        for rule in impact.rules
        if rule.resource not in {BRANDING, *TYPES_OF_SHAPES} and impact.id not in elsewhere
        if (rule.resource, rule.attribute) not in NOT_PLANNED
    }
    assert rules - deployment.fired == set()
    assert set(IMPACTS) - deployment.found - OF_SHAPES == ELSEWHERE
    # That none was shown is checked with every plan: Entra ID's, and that of the app client `web`.
    assert len(deployment.secrets) == 2
