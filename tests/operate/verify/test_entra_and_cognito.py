"""What differs in Entra ID and in Cognito from what was deployed; most of it is in tests/e2e/faults.toml."""

import pytest

from operate.errors import Unavailable
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.entra import check_entra
from operate.verify.findings import Checked, Finding, only_causes
from tests.operate.samples import (
    DOMAIN,
    POOL,
    PROVIDER,
    application,
    client,
    cognito,
    entra,
    outputs,
    provider,
)


def findings_of(checks: list[Checked]) -> list[tuple[str, str]]:
    return [(finding.id, finding.where) for check in only_causes(checks) for finding in check.findings]


def test_a_registration_without_a_web_platform_has_no_redirect_uri() -> None:
    facts = entra(application=application(web=None))
    assert {id_ for id_, _ in findings_of(check_entra(outputs(), facts))} == {"redirect-uri"}


def test_each_optional_claim_is_named() -> None:
    facts = entra(application=application(optionalClaims=None))
    where = [place for id_, place in findings_of(check_entra(outputs(), facts)) if id_ == "optional-claim"]
    assert where == ["claim email", "claim family_name", "claim given_name"]


def test_where_no_admin_consent_was_deployed_its_absence_is_only_a_note() -> None:
    checks = check_entra(outputs(admin_consent=False), entra(granted=frozenset()))
    assert findings_of(checks) == []
    assert any("nobody has granted it" in check.note for check in checks)


def test_consent_given_by_somebody_else_must_still_cover_every_permission() -> None:
    checks = check_entra(outputs(admin_consent=False), entra(granted=frozenset({"openid", "profile"})))
    assert findings_of(checks) == [("consent", "email")]


def test_a_domain_that_is_not_active_is_the_only_finding() -> None:
    facts = cognito(domains={DOMAIN: {"UserPoolId": POOL, "Status": "FAILED"}})
    assert {id_ for id_, _ in findings_of(check_cognito(outputs(), facts))} == {"domain-inactive"}


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
