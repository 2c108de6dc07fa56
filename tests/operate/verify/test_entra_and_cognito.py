"""What differs in Entra ID and in Cognito from what was deployed, one thing at a time."""

from typing import Any

import pytest

from operate.errors import Unavailable
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.entra import check_entra
from operate.verify.findings import Checked, Finding, only_causes
from tests.operate.samples import (
    DOMAIN,
    PROVIDER,
    REDIRECT_URI,
    application,
    client,
    cognito,
    entra,
    outputs,
    provider,
    schema,
)


def findings_of(checks: list[Checked]) -> list[tuple[str, str]]:
    return [(finding.id, finding.where) for check in only_causes(checks) for finding in check.findings]


def test_an_unchanged_deployment_has_no_findings() -> None:
    assert findings_of([*check_entra(outputs(), entra()), *check_cognito(outputs(), cognito())]) == []


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
def test_what_differs_in_entra_id_is_the_only_finding(facts: dict[str, Any], expected: str) -> None:
    assert {id_ for id_, _ in findings_of(check_entra(outputs(), entra(**facts)))} == {expected}


def test_each_optional_claim_is_named() -> None:
    facts = entra(application=application(optionalClaims=None))
    where = [place for id_, place in findings_of(check_entra(outputs(), facts)) if id_ == "optional-claim"]
    assert where == ["claim email", "claim family_name", "claim given_name"]


def test_an_assignment_requirement_that_was_removed_is_found() -> None:
    expected = outputs(assignment_required=True)
    assert findings_of(check_entra(expected, entra())) == [("assignment-off", "enterprise application")]


def test_where_no_admin_consent_was_deployed_its_absence_is_only_a_note() -> None:
    checks = check_entra(outputs(admin_consent=False), entra(granted=frozenset()))
    assert findings_of(checks) == []
    assert any("nobody has granted it" in check.note for check in checks)


def test_consent_given_by_somebody_else_must_still_cover_every_permission() -> None:
    checks = check_entra(outputs(admin_consent=False), entra(granted=frozenset({"openid", "profile"})))
    assert findings_of(checks) == [("consent", "email")]


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
        ({"domains": {DOMAIN: {"UserPoolId": "other", "Status": "ACTIVE"}}}, "domain-elsewhere"),
        ({"domains": {DOMAIN: {"UserPoolId": "eu-central-1_abc", "Status": "FAILED"}}}, "domain-inactive"),
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
def test_what_differs_in_cognito_is_the_only_finding(facts: dict[str, Any], expected: str) -> None:
    assert {id_ for id_, _ in findings_of(check_cognito(outputs(), cognito(**facts)))} == {expected}


def test_the_order_of_scopes_does_not_matter() -> None:
    facts = cognito(providers={PROVIDER: provider(authorize_scopes="email openid profile")})
    assert findings_of(check_cognito(outputs(), facts)) == []


def test_a_client_without_attribute_lists_may_write_standard_attributes_only() -> None:
    facts = cognito(clients={"web": client(WriteAttributes=[], ReadAttributes=[])})
    checks = check_cognito(outputs(), facts)
    assert {id_ for id_, _ in findings_of(checks)} == {"attribute-not-writable", "attribute-not-readable"}
    assert all("custom:entra_oid" in finding.detail for check in checks for finding in check.findings)


def test_a_client_with_the_scope_email_must_read_whether_the_address_is_verified() -> None:
    facts = cognito(
        clients={"web": client(ReadAttributes=["custom:entra_oid", "email", "family_name", "given_name"])}
    )
    assert findings_of(check_cognito(outputs(), facts)) == [("attribute-not-readable", "client web")]


@pytest.mark.parametrize(
    ("providers", "mapping", "hidden"),
    [
        # For local accounts alone: no ids.
        ([], {}, ["custom:entra_oid"]),
        # Of several tenants: no role without its tenant.
        ([PROVIDER, "fabrikam"], {"custom:entra_roles": "roles"}, ["custom:entra_roles"]),
    ],
)
def test_a_client_need_not_show_what_the_stack_hides_there(
    providers: list[str], mapping: dict[str, str], hidden: list[str]
) -> None:
    deployed = outputs()
    known = {**deployed.expected.attribute_mapping, **mapping}
    web = deployed.expected.clients["web"].model_copy(update={"identity_providers": providers})
    expected = deployed.expected.model_copy(update={"clients": {"web": web}, "attribute_mapping": known})
    readable = sorted({*known, "email_verified"} - {"username", *hidden})
    now = client(
        SupportedIdentityProviders=providers or ["COGNITO"],
        ReadAttributes=readable,
        WriteAttributes=sorted(known),
    )
    checks = check_cognito(deployed.model_copy(update={"expected": expected}), cognito(clients={"web": now}))
    assert "attribute-not-readable" not in {id_ for id_, _ in findings_of(checks)}


def test_a_client_must_read_what_its_scopes_need_though_nothing_is_mapped_to_it() -> None:
    scopes = ["openid", "profile", "phone"]
    web = outputs().expected.clients["web"].model_copy(update={"scopes": scopes})
    facts = cognito(clients={"web": client(AllowedOAuthScopes=scopes)})
    checks = check_cognito(outputs(clients={"web": web.model_dump()}), facts)
    assert [finding.detail for check in checks for finding in check.findings] == [
        "it may not read phone_number, phone_number_verified"
    ]


def test_a_mapped_attribute_outside_the_schema_is_named_once() -> None:
    mapping = {**outputs().expected.attribute_mapping, "custom:nowhere": "oid"}
    facts = cognito(providers={PROVIDER: provider(mapping=mapping)})
    assert findings_of(check_cognito(outputs(), facts)) == [("attribute-missing", "attribute custom:nowhere")]


def test_what_is_wrong_with_one_client_explains_nothing_of_another() -> None:
    facts = cognito(clients={"web": None})
    login = Checked(
        "login", (Finding("login-refused", "client other", candidates=frozenset({"login-refused"})),)
    )
    kept = findings_of([login, *check_cognito(outputs(), facts)])
    assert ("login-refused", "client other") in kept


def test_a_cloud_that_cannot_be_read_is_not_checked() -> None:
    for checks in (check_entra(outputs(), Unavailable("why")), check_cognito(outputs(), Unavailable("why"))):
        assert [check.not_checked for check in checks] == ["why"]
