"""What each check finds in what the clouds have, and which findings are causes."""

from datetime import timedelta
from typing import Any

import pytest

from operate.cli import ExitStatus
from operate.errors import Unavailable
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.entra import check_entra
from operate.verify.checks.secret import Presented, check_secret
from operate.verify.findings import Checked, Finding, VerifyReport, only_causes
from tests.operate.samples import (
    DOMAIN,
    NOW,
    PROVIDER,
    REDIRECT_URI,
    SECRET,
    application,
    client,
    cognito,
    credential,
    entra,
    outputs,
    provider,
    schema,
)

GOOD = Presented("", SECRET[:3])


def found(checks: list[Checked]) -> list[tuple[str, str]]:
    return [(finding.id, finding.where) for check in only_causes(checks) for finding in check.findings]


def test_a_right_deployment_has_no_findings() -> None:
    assert found([*check_entra(outputs(), entra()), *check_cognito(outputs(), cognito())]) == []


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"application": None, "service_principal": None, "granted": frozenset()}, "application-missing"),
        ({"service_principal": None, "granted": frozenset()}, "service-principal-missing"),
        ({"service_principal": {"accountEnabled": False}}, "service-principal-disabled"),
        ({"application": application(web={"redirectUris": [REDIRECT_URI.upper()]})}, "redirect-uri"),
        ({"application": application(web=None)}, "redirect-uri"),
        ({"application": application(requiredResourceAccess=[])}, "permission"),
        ({"granted": frozenset({"openid"})}, "consent"),
        ({"service_principal": {"appRoleAssignmentRequired": True}}, "nobody-assigned"),
        (
            {"service_principal": {"appRoleAssignmentRequired": True}, "assigned": frozenset("a")},
            "assignment-changed",
        ),
    ],
)
def test_what_entra_id_lacks_is_named_and_nothing_else(facts: dict[str, Any], expected: str) -> None:
    assert {id_ for id_, _ in found(check_entra(outputs(), entra(**facts)))} == {expected}


def test_each_optional_claim_is_named() -> None:
    facts = entra(application=application(optionalClaims=None))
    where = [place for id_, place in found(check_entra(outputs(), facts)) if id_ == "optional-claim"]
    assert where == ["claim email", "claim family_name", "claim given_name"]


def test_assignment_that_was_deployed_and_taken_away_is_found() -> None:
    expected = outputs(assignment_required=True)
    assert found(check_entra(expected, entra())) == [("assignment-changed", "enterprise application")]


def test_without_admin_consent_nobody_is_told_to_consent_but_it_is_said() -> None:
    checks = check_entra(outputs(admin_consent=False), entra(granted=frozenset()))
    assert found(checks) == []
    assert any("nobody has granted it" in check.note for check in checks)


def test_consent_given_by_somebody_else_must_still_be_whole() -> None:
    checks = check_entra(outputs(admin_consent=False), entra(granted=frozenset({"openid", "profile"})))
    assert found(checks) == [("consent", "email")]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (
            {
                "pool": None,
                "domains": {DOMAIN: None},
                "providers": {PROVIDER: None},
                "clients": {"web": None},
            },
            "pool-missing",
        ),
        ({"domains": {DOMAIN: None}}, "domain-missing"),
        ({"domains": {DOMAIN: {"UserPoolId": "other", "Status": "ACTIVE"}}}, "domain-missing"),
        ({"domains": {DOMAIN: {"UserPoolId": "eu-central-1_abc", "Status": "FAILED"}}}, "domain-missing"),
        ({"providers": {PROVIDER: None}}, "provider-missing"),
        ({"providers": {PROVIDER: provider(client_id="other")}}, "provider-client-id"),
        ({"providers": {PROVIDER: provider(oidc_issuer="https://sts.windows.net/x/")}}, "provider-issuer"),
        ({"providers": {PROVIDER: provider(token_url="https://elsewhere.example")}}, "provider-endpoint"),
        ({"providers": {PROVIDER: provider(authorize_scopes="openid")}}, "provider-scopes"),
        ({"providers": {PROVIDER: provider(attributes_request_method="GET")}}, "provider-method"),
        ({"clients": {"web": None}}, "client-missing"),
        ({"clients": {"web": client(SupportedIdentityProviders=["COGNITO"])}}, "client-provider"),
        ({"clients": {"web": client(AllowedOAuthFlows=["implicit"])}}, "client-flow"),
        ({"clients": {"web": client(AllowedOAuthFlowsUserPoolClient=False)}}, "client-flow"),
        ({"clients": {"web": client(AllowedOAuthScopes=["openid"])}}, "client-scopes"),
        ({"clients": {"web": client(CallbackURLs=[])}}, "client-callback"),
        ({"clients": {"web": client(WriteAttributes=["email"])}}, "attribute-not-writable"),
        ({"clients": {"web": client(ReadAttributes=["email"])}}, "attribute-not-readable"),
        ({"pool": {"SchemaAttributes": schema(nickname={"Required": True})}}, "attribute-required"),
        ({"pool": {"SchemaAttributes": schema(email={"Mutable": False})}}, "attribute-immutable"),
        ({"providers": {PROVIDER: provider(mapping={"username": "sub"})}}, "mapping"),
    ],
)
def test_what_cognito_lacks_is_named_and_nothing_else(facts: dict[str, Any], expected: str) -> None:
    assert {id_ for id_, _ in found(check_cognito(outputs(), cognito(**facts)))} == {expected}


def test_the_order_of_scopes_means_nothing() -> None:
    facts = cognito(providers={PROVIDER: provider(authorize_scopes="email openid profile")})
    assert found(check_cognito(outputs(), facts)) == []


def test_a_client_that_says_nothing_may_write_standard_attributes_only() -> None:
    facts = cognito(clients={"web": client(WriteAttributes=[], ReadAttributes=[])})
    checks = check_cognito(outputs(), facts)
    assert {id_ for id_, _ in found(checks)} == {"attribute-not-writable", "attribute-not-readable"}
    assert all("custom:entra_oid" in finding.detail for check in checks for finding in check.findings)


def test_a_client_that_asks_for_the_address_must_read_whether_it_is_verified() -> None:
    facts = cognito(
        clients={"web": client(ReadAttributes=["custom:entra_oid", "email", "family_name", "given_name"])}
    )
    assert found(check_cognito(outputs(), facts)) == [("attribute-not-readable", "client web")]


def test_a_mapped_attribute_outside_the_schema_is_named_once() -> None:
    mapping = {**outputs().expected.attribute_mapping, "custom:nowhere": "oid"}
    facts = cognito(providers={PROVIDER: provider(mapping=mapping)})
    assert found(check_cognito(outputs(), facts)) == [("attribute-missing", "attribute custom:nowhere")]


def test_what_is_wrong_with_one_client_says_nothing_about_another() -> None:
    facts = cognito(clients={"web": None})
    login = Checked(
        "login", (Finding("login-refused", "client other", candidates=frozenset({"login-refused"})),)
    )
    kept = found([login, *check_cognito(outputs(), facts)])
    assert ("login-refused", "client other") in kept


# The secret


def secret_of(days: float, presented: Presented | Unavailable | None = GOOD) -> Checked:
    ends = (NOW + timedelta(days=days)).isoformat()
    facts = entra(application=application(passwordCredentials=[credential(ends)]))
    return check_secret(outputs(), facts, presented, NOW)


@pytest.mark.parametrize(
    ("days", "expected", "left"),
    [
        (31.5, [], 31),
        (31, [], 31),
        (30.9, ["secret-ends-soon"], 30),
        (8, ["secret-ends-soon"], 8),
        (7.9, ["secret-ends-now"], 7),
        (0.1, ["secret-ends-now"], 0),
        (-0.1, ["secret-expired"], -1),
    ],
)
def test_the_secrets_days_are_counted_against_the_settings(
    days: float, expected: list[str], left: int
) -> None:
    check = secret_of(days)
    assert [finding.id for finding in check.findings] == expected
    assert check.days_left == left


def test_the_secret_in_use_counts_and_not_another_one() -> None:
    soon, late = (NOW + timedelta(days=days) for days in (3, 100))
    credentials = [
        credential(soon.isoformat(), hint="zzz"),
        credential(late.isoformat(), key_id="another"),
    ]
    facts = entra(application=application(passwordCredentials=credentials))
    check = check_secret(outputs(), facts, GOOD, NOW)
    assert check.findings == ()
    assert check.days_left == 100


def test_of_two_secrets_that_begin_alike_the_deployed_one_counts() -> None:
    soon, late = (NOW + timedelta(days=days) for days in (3, 100))
    credentials = [credential(soon.isoformat()), credential(late.isoformat(), key_id="another")]
    facts = entra(application=application(passwordCredentials=credentials))
    check = check_secret(outputs(), facts, GOOD, NOW)
    assert [finding.id for finding in check.findings] == ["secret-ends-now"]
    assert check.days_left == 3


def test_without_microsoft_graph_the_end_is_the_deployed_one() -> None:
    check = check_secret(outputs(), Unavailable("no credentials"), GOOD, NOW)
    assert check.findings == ()
    assert check.days_left == 100


@pytest.mark.parametrize(
    ("refusal", "credentials", "expected"),
    [
        ("AADSTS7000222: expired", None, "secret-expired"),
        ("AADSTS7000215: Invalid client secret", None, "secret-wrong"),
        ("AADSTS7000215: Invalid client secret", [], "secret-removed"),
        ("AADSTS7000112: Application is disabled", None, "service-principal-disabled"),
    ],
)
def test_a_refused_secret_is_told_apart(refusal: str, credentials: list[Any] | None, expected: str) -> None:
    changes = {} if credentials is None else {"passwordCredentials": credentials}
    facts = entra(application=application(**changes))
    check = check_secret(outputs(), facts, Presented(refusal, "zzz"), NOW)
    assert [finding.id for finding in check.findings] == [expected]
    assert check.days_left is None


def test_a_refusal_for_another_reason_is_said_and_no_finding() -> None:
    check = check_secret(outputs(), entra(), Presented("AADSTS53003: Conditional Access", "zzz"), NOW)
    assert check.findings == ()
    assert "AADSTS53003" in check.not_checked


def test_without_aws_a_removed_secret_is_still_found() -> None:
    facts = entra(application=application(passwordCredentials=[]))
    check = check_secret(outputs(), facts, Unavailable("no AWS credentials"), NOW)
    assert [finding.id for finding in check.findings] == ["secret-removed"]


# All together


def test_a_cause_hides_what_follows_from_it_and_a_second_sight_of_itself() -> None:
    seen = Finding("redirect-uri", "request", candidates=frozenset({"redirect-uri"}))
    sure = Finding("redirect-uri", REDIRECT_URI)
    assert found([Checked("a", (seen,)), Checked("b", (sure,))]) == [("redirect-uri", REDIRECT_URI)]
    assert found([Checked("a", (seen,)), Checked("b", (Finding("application-missing", "x"),))]) == [
        ("application-missing", "x")
    ]
    assert found([Checked("a", (seen, seen))]) == [("redirect-uri", "request")]


def test_what_is_only_suspected_explains_nothing() -> None:
    suspected = Finding(
        "provider-missing", "client web", candidates=frozenset({"provider-missing", "client-provider"})
    )
    sure = Finding("client-provider", "client web")
    assert found([Checked("a", (suspected,)), Checked("b", (sure,))]) == [("client-provider", "client web")]


def test_sides_that_cannot_be_read_are_said() -> None:
    for checks in (check_entra(outputs(), Unavailable("why")), check_cognito(outputs(), Unavailable("why"))):
        assert [check.not_checked for check in checks] == ["why"]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((), ExitStatus.OK),
        ((Finding("secret-ends-soon", "x"),), ExitStatus.ATTENTION),
        ((Finding("secret-ends-soon", "x"), Finding("consent", "x")), ExitStatus.FAILED),
    ],
)
def test_the_exit_status_says_how_bad_it_is(findings: tuple[Finding, ...], expected: ExitStatus) -> None:
    assert VerifyReport("dev", (Checked("a", findings),)).status is expected


def test_not_checked_is_not_broken() -> None:
    report = VerifyReport("dev", (Checked("a", not_checked="why"),))
    assert report.status is ExitStatus.OK
    assert not report.complete
