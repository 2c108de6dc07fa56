"""Several tenants: what the checks find for each, and who has consented."""

from collections.abc import Callable
from urllib.parse import parse_qs

import httpx
import pytest

from operate.cli import ExitStatus
from operate.errors import OperateError
from operate.http_client import ask_each
from operate.outputs import Outputs
from operate.signin.__main__ import choose_provider
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.sign_in import check_issuer, check_login
from operate.verify.checks.tenants import check_tenants
from operate.verify.findings import Checked, VerifyReport, only_causes
from tests.operate.samples import (
    CUSTOMERS,
    DOMAIN,
    DOMAIN_URL,
    LOGIN,
    POOL,
    PROVIDER,
    SECRET,
    TENANT,
    client,
    cognito,
    http,
    of_customers,
    outputs,
    provider,
)

Rows = list[tuple[str, str, str]]
Answer = Callable[[httpx.Request], httpx.Response]
UNKNOWN_THERE = "AADSTS7000229: The client application 'a' is missing service principal in the tenant 't'."


def findings_of(*checks: Checked) -> Rows:
    return [(one.id, one.where, one.provider) for check in only_causes(checks) for one in check.findings]


def refused(tenant: str, says: str) -> Answer:
    """An Entra ID that takes the secret at every token endpoint but one."""

    def answer(request: httpx.Request) -> httpx.Response:
        if tenant in request.url.path:
            return httpx.Response(400, json={"error_description": says})
        return httpx.Response(200, json={"access_token": "x"})

    return answer


def both_clouds(deployed: Outputs, tenant: str, says: str) -> Answer:
    """Both clouds as a browser gets redirected, where Entra ID refuses at one tenant."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.host == DOMAIN:
            asked = deployed.expected.identity_providers[request.url.params["identity_provider"]]
            url = f"{LOGIN}/{asked.tenant_id}/oauth2/v2.0/authorize"
            return httpx.Response(302, headers={"Location": url})
        refuses = tenant in request.url.path
        return httpx.Response(400 if refuses else 200, text=says if refuses else "Sign in")

    return answer


# Consent of customers


def test_a_customer_who_has_not_consented_is_a_warning_with_the_address_to_send() -> None:
    deployed, facts = of_customers("fabrikam", "adatum")
    checks = check_tenants(http(refused(CUSTOMERS["adatum"], UNKNOWN_THERE)), deployed, facts)
    assert findings_of(*checks) == [("tenant-consent", "tenant adatum", "Of-adatum")]
    ((finding,),) = (check.findings for check in checks)
    assert "tenants.adatum.admin_consent_url" in finding.remedy
    assert "Of-adatum" in finding.detail
    assert VerifyReport("dev", tuple(checks)).status is ExitStatus.ATTENTION


def test_each_customer_is_asked_with_the_secret_of_its_own_provider() -> None:
    deployed, facts = of_customers("fabrikam")
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append((str(request.url), parse_qs(request.content.decode())["client_secret"]))
        return httpx.Response(200, json={"access_token": "x"})

    assert findings_of(*check_tenants(http(answer), deployed, facts)) == []
    assert asked == [(f"{LOGIN}/{CUSTOMERS['fabrikam']}/oauth2/v2.0/token", [SECRET])]


def test_personal_accounts_have_no_administrator_to_ask() -> None:
    deployed, facts = of_customers("personal")
    assert check_tenants(http(refused(CUSTOMERS["personal"], UNKNOWN_THERE)), deployed, facts) == []


def test_without_customers_there_is_no_check() -> None:
    assert check_tenants(http(refused("x", "")), outputs(), cognito()) == []


@pytest.mark.parametrize(
    ("secret", "expected"),
    [(SECRET, []), ("another", [("secret-wrong", "identity provider Of-fabrikam", "Of-fabrikam")])],
)
def test_the_secret_that_all_providers_have_is_reported_once(secret: str, expected: Rows) -> None:
    deployed, facts = of_customers("fabrikam")
    one = provider(tenant=CUSTOMERS["fabrikam"], client_secret=secret)
    facts = cognito(providers={**facts.providers, "Of-fabrikam": one})
    says = refused(CUSTOMERS["fabrikam"], "AADSTS7000215: Invalid client secret provided.")
    assert findings_of(*check_tenants(http(says), deployed, facts)) == expected


def test_a_refusal_for_another_reason_is_not_a_finding() -> None:
    deployed, facts = of_customers("fabrikam", "adatum")
    answer = refused(CUSTOMERS["fabrikam"], "AADSTS53003: blocked")
    (check,) = check_tenants(http(answer), deployed, facts)
    assert check.findings == ()
    assert check.not_checked == "tenant fabrikam: Entra ID answers: AADSTS53003: blocked"


@pytest.mark.parametrize("code", ["AADSTS700016", "AADSTS65001", "AADSTS650052", "AADSTS90094"])
def test_a_lack_of_consent_in_a_customers_tenant_does_not_break_the_deployment(code: str) -> None:
    deployed, _ = of_customers("fabrikam")
    check = check_login(
        http(both_clouds(deployed, CUSTOMERS["fabrikam"], f"{code}: x")), deployed, DOMAIN_URL
    )
    assert findings_of(check) == [("tenant-consent", "tenant fabrikam", "Of-fabrikam")]


def test_the_same_code_in_the_home_tenant_breaks_the_deployment() -> None:
    deployed, _ = of_customers("fabrikam")
    check = check_login(http(both_clouds(deployed, TENANT, "AADSTS700016: none")), deployed, DOMAIN_URL)
    assert [(one, name) for one, _, name in findings_of(check)] == [("application-missing", PROVIDER)]
    assert VerifyReport("dev", (check,)).status is ExitStatus.FAILED


# Each tenant for itself


def test_what_is_wrong_with_one_tenant_explains_nothing_of_another() -> None:
    deployed, facts = of_customers("fabrikam", "adatum")
    wrong = provider(tenant=CUSTOMERS["adatum"], token_url="https://elsewhere.example")
    providers = {**facts.providers, "Of-fabrikam": None, "Of-adatum": wrong}
    assert findings_of(*check_cognito(deployed, cognito(providers=providers, clients=facts.clients))) == [
        ("provider-missing", "identity provider Of-fabrikam", "Of-fabrikam"),
        ("provider-endpoint", "token_url of Of-adatum", "Of-adatum"),
    ]


def test_a_wrong_tenant_id_of_a_customer_names_the_setting() -> None:
    deployed, _ = of_customers("fabrikam")

    def answer(request: httpx.Request) -> httpx.Response:
        tenant = request.url.path.split("/")[1]
        if tenant == CUSTOMERS["fabrikam"]:
            return httpx.Response(400, json={"error": "invalid_tenant"})
        return httpx.Response(200, json={"issuer": f"{LOGIN}/{tenant}/v2.0"})

    check = check_issuer(http(answer), deployed)
    ((id_, where, name),) = findings_of(check)
    assert (id_, name) == ("entra-unreachable", "Of-fabrikam")
    assert where.endswith("of Of-fabrikam")
    assert "[tenants.fabrikam]" in check.findings[0].remedy


def test_a_client_that_lacks_one_of_the_tenants_is_named_with_it() -> None:
    deployed, facts = of_customers("fabrikam", "adatum")
    clients = {"web": client(SupportedIdentityProviders=[PROVIDER, "Of-adatum"])}
    checks = check_cognito(deployed, cognito(providers=facts.providers, clients=clients))
    assert findings_of(*checks) == [("client-provider", "client web", "Of-fabrikam")]


@pytest.mark.parametrize(
    ("described", "id_"),
    [
        ({"UserPoolId": POOL, "Status": "ACTIVE"}, None),
        ({"UserPoolId": POOL, "Status": "CREATING"}, "domain-inactive"),
        ({"UserPoolId": "other", "Status": "ACTIVE"}, "domain-elsewhere"),
        (None, "domain-missing"),
    ],
)
def test_each_domain_has_to_be_the_pools_and_active(
    described: dict[str, str] | None, id_: str | None
) -> None:
    domains = {**cognito().domains, "login.contoso.example": described}
    expected = [(id_, "login.contoso.example", "")] if id_ else []
    assert findings_of(*check_cognito(outputs(), cognito(domains=domains))) == expected


def test_after_a_first_item_that_shows_the_service_unreachable_no_other_is_asked_about() -> None:
    asked: list[int] = []

    def ask(number: int) -> int:
        asked.append(number)
        return number

    assert ask_each(ask, range(9), unreachable=lambda _: False) == list(range(9))
    asked.clear()
    assert ask_each(ask, range(9), unreachable=lambda answer: answer == 0) == [0]
    assert asked == [0]
    assert ask_each(ask, [], unreachable=lambda _: True) == []


# Signing in


def test_somebody_signs_in_at_the_home_tenant_unless_another_is_named() -> None:
    deployed, _ = of_customers("fabrikam")
    assert choose_provider(deployed, "web", None) == PROVIDER
    assert choose_provider(deployed, "web", "Of-fabrikam") == "Of-fabrikam"
    with pytest.raises(OperateError, match=r"by Of-adatum\. The providers are: entra, Of-fabrikam"):
        choose_provider(deployed, "web", "Of-adatum")


@pytest.mark.parametrize("names", [["Of-fabrikam"], []])
def test_where_the_home_tenant_stays_out_the_first_customer_signs_in(names: list[str]) -> None:
    values = of_customers("fabrikam")[0].model_dump(mode="json")
    del values["expected"]["identity_providers"][PROVIDER]
    values["expected"]["clients"]["web"]["identity_providers"] = names
    deployed = Outputs.model_validate(values)
    if names:
        assert choose_provider(deployed, "web", None) == "Of-fabrikam"
    else:
        with pytest.raises(OperateError, match="Nobody signs in with Microsoft at client web"):
            choose_provider(deployed, "web", None)
