"""`verify` and `signin` with customers: before and after their administrators have consented."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from operate.adopt import __main__ as adopt
from operate.cli import ExitStatus
from operate.outputs import Outputs
from operate.signin import __main__ as signin
from sandbox.entra.clients import client_of
from sandbox.entra.tenants import ADATUM, FABRIKAM, FRIDA, Tenant
from sandbox.entra.users import ADA, APP_USERS, Person
from sandbox.project import STACK
from stacks.addresses import principal_by_name
from tests.e2e.deployment import Deployment, free_port, in_environment, local_clouds
from tests.e2e.shared_deployment import SPA_CALLBACK

ASSIGNED = f'assigned_groups = ["{APP_USERS.display_name}"]\n\n[cognito]'
TENANTS = f"""
[tenants.fabrikam]
tenant_id = "{FABRIKAM.tenant_id}"
email_domains = ["{FABRIKAM.domain}"]

[tenants.adatum]
tenant_id = "{ADATUM.tenant_id}"
provider_name = "Adatum-Corp"
"""


@dataclass
class Customers(Deployment):
    """A deployed stack with customers."""

    outputs: Outputs

    def consent(self, tenant: Tenant) -> None:
        """An administrator of a customer consents for everybody there."""
        directory = self.clouds.entra.tenants[tenant.tenant_id]
        client = client_of(self.outputs.entra_application_id, directory, may_be_new=True)
        directory.consent(client, ["openid", "email", "profile"], None)

    def run_signin(self, monkeypatch: pytest.MonkeyPatch, person: Person, *more: str) -> int:
        """Run the command with a browser in which somebody signs in."""

        def browser(url: str) -> bool:
            threading.Thread(target=self.sign_in, args=(url, person), daemon=True).start()
            return True

        monkeypatch.setattr("webbrowser.open", browser)
        folder, domain = str(self.project.folder), self.clouds.aws.domain_url
        known = [STACK, "--project", folder, "--domain-url", domain, "--client", "spa", "--timeout", "120"]
        return signin.main([*known, *more])


@pytest.fixture(scope="module")
def customers() -> Iterator[Customers]:
    """The sandbox's stack, with two customers."""
    with local_clouds() as clouds, in_environment(clouds):
        deployment = Deployment(clouds, clouds.project())
        deployment.edit({SPA_CALLBACK: f"http://localhost:{free_port()}", "[cognito]": ASSIGNED})
        deployment.settings += TENANTS
        deployment.deploy()
        yield Customers(clouds, deployment.project, deployment.parsed_outputs())


def test_customers_who_have_not_consented_are_told_apart_from_a_broken_deployment(
    customers: Customers,
) -> None:
    report = customers.report(customers.outputs)
    assert report.complete, [check for check in report.checks if check.not_checked]
    assert report.status is ExitStatus.ATTENTION
    assert [(one.id, one.where, one.provider) for one in report.findings] == [
        ("tenant-consent", "tenant adatum", "Adatum-Corp"),
        ("tenant-consent", "tenant fabrikam", "fabrikam"),
    ]
    assert report.findings[0].remedy == "Send its administrator the output tenants.adatum.admin_consent_url."


def test_whoever_has_consented_is_no_longer_named(customers: Customers) -> None:
    customers.consent(FABRIKAM)
    assert [one.where for one in customers.report(customers.outputs).findings] == ["tenant adatum"]
    customers.consent(ADATUM)
    report = customers.report(customers.outputs)
    assert (report.status, report.findings) == (ExitStatus.OK, [])


def test_people_of_a_customer_sign_in_by_the_name_of_its_provider(
    customers: Customers, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert customers.run_signin(monkeypatch, FRIDA, "--provider", "fabrikam") == 0
    text = capsys.readouterr().out
    assert text.count(f"email: {FRIDA.mail}") == 3
    assert "missing" not in text
    assert customers.run_signin(monkeypatch, ADA) == 0
    assert f"email: {ADA.mail}" in capsys.readouterr().out


def test_a_tenant_and_a_named_group_that_no_state_has_are_adopted_at_their_own_addresses(
    customers: Customers, capsys: pytest.CaptureFixture[str]
) -> None:
    provider = "aws_cognito_identity_provider.tenant_adatum"
    assignment = f"azuread_app_role_assignment.sign_in_{principal_by_name('group', APP_USERS.display_name)}"
    customers.project.terraform("state", "rm", provider, assignment)
    assert adopt.main([STACK, "--project", str(customers.project.folder)]) == ExitStatus.ATTENTION
    said = capsys.readouterr().out
    command = f"terraform -chdir=cdktf.out/stacks/{STACK} import"
    assert f"{command} '{provider}' '{customers.outputs.user_pool_id}:Adatum-Corp'" in said
    assert f"{command} '{assignment}[0]' '/servicePrincipals/" in said
    assert "assigned_principals" not in said


def test_a_provider_that_is_gone_is_named_and_the_others_are_not(customers: Customers) -> None:
    cognito = customers.clouds.aws.cognito(customers.clouds.region)
    cognito.delete_identity_provider(UserPoolId=customers.outputs.user_pool_id, ProviderName="Adatum-Corp")
    report = customers.report(customers.outputs)
    assert report.status is ExitStatus.FAILED
    assert [(one.id, one.where) for one in report.findings] == [
        ("provider-missing", "identity provider Adatum-Corp")
    ]
