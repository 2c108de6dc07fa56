"""Every example of the job, as its example has it: deployed, signed in to, taken away."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sandbox.entra.tenants import ALMA, ANTON, FABRIKAM, FIONA, FRIDA, PAULA
from sandbox.entra.users import ADA, GRACE, NOOR, PASSWORD, UDO
from sandbox.local_clouds import LocalClouds
from sandbox.project import STACK
from sandbox.sign_in import browser, sign_in
from stacks import clouds as addresses
from tests.e2e.examples import Example, another_app, consent, deployed

BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
PROVIDER = "aws_cognito_identity_provider"
CLIENT = "aws_cognito_user_pool_client"


@pytest.fixture(scope="module")
def customers(local_clouds: LocalClouds) -> Iterator[Example]:
    """Customers' tenants, with an app of Adatum's own and one for the home tenant alone."""
    with ExitStack() as open_:
        adatum, backoffice = (open_.enter_context(another_app(local_clouds)) for _ in range(2))
        edits = {
            "https://adatum.contoso.example": adatum.url,
            "https://backoffice.contoso.example": backoffice.url,
        }
        yield open_.enter_context(deployed(local_clouds, "customers", edits))


# Customers' tenants


def test_a_second_plan_of_several_tenants_has_nothing_to_do(customers: Example) -> None:
    assert customers.plan().changes == {}


def test_the_people_of_a_customer_get_in_once_their_administrator_has_consented(customers: Example) -> None:
    fabrikam = customers.output("tenants")["fabrikam"]
    url = fabrikam["sign_in_urls"]["web"]
    assert "idp_identifier=fabrikam-labs.example" in url
    assert "AADSTS65001" in customers.sign_in(url, FRIDA).text

    ended = consent(customers, fabrikam["admin_consent_url"], FIONA)
    assert ended.url.startswith(f"{customers.app.url}/welcome?admin_consent=True&tenant=")

    claims = customers.sign_in(url, FRIDA).claims
    assert str(claims["cognito:username"]).startswith("fabrikam_")
    assert claims["custom:entra_tid"] == FABRIKAM.tenant_id
    assert claims["email"] == FRIDA.mail


def test_the_sign_in_page_finds_the_tenant_by_the_email_address(customers: Example) -> None:
    url = customers.output("sign_in_urls")["web"]
    for person, tenant in ((ADA, "11111111-1111-4111-8111-111111111111"), (FRIDA, FABRIKAM.tenant_id)):
        assert customers.sign_in(url, person).claims["custom:entra_tid"] == tenant


def test_an_app_of_one_customer_lets_nobody_else_in(customers: Example) -> None:
    outputs = customers.project.outputs()
    consent(customers, outputs["tenants"]["adatum"]["admin_consent_url"], ALMA)
    own = outputs["sign_in_urls"]["adatum"]
    assert customers.sign_in(own, ANTON).claims["cognito:username"]
    assert "AADSTS50020" in customers.sign_in(own, FRIDA).text
    by_name = own.replace("/login?", "/oauth2/authorize?") + "&identity_provider=fabrikam"
    assert "Login option is not available" in customers.sign_in(by_name, FRIDA).text
    assert set(outputs["tenants"]["fabrikam"]["sign_in_urls"]) == {"web"}


def test_an_app_of_the_home_tenant_lets_no_customer_in(customers: Example) -> None:
    url = customers.output("sign_in_urls")["backoffice"]
    assert customers.sign_in(url, ADA).claims["email"] == ADA.mail
    assert "AADSTS50020" in customers.sign_in(url, FRIDA).text


def test_a_customer_more_or_less_touches_nothing_of_the_others(customers: Example) -> None:
    before = customers.settings
    litware = '[tenants.litware]\ntenant_id = "44444444-4444-4444-8444-444444444444"\n\n[tenants.adatum]'
    customers.edit({"[tenants.adatum]": litware})
    assert customers.plan().changes == {f"{PROVIDER}.tenant_litware": "create", f"{CLIENT}.web": "update"}
    customers.settings = before.replace("[tenants.fabrikam]", "[tenants.fabrikam-gone]").replace(
        '"fabrikam.example", "fabrikam-labs.example"', '"gone.example"'
    )
    assert customers.plan().changes == {
        f"{PROVIDER}.tenant_fabrikam": "delete",
        f"{PROVIDER}.tenant_fabrikam-gone": "create",
        f"{CLIENT}.web": "update",
    }
    customers.settings = before


def test_a_customer_that_leaves_is_gone_and_the_others_stay_signed_in(customers: Example) -> None:
    before = customers.settings
    own = customers.output("tenants")["fabrikam"]["sign_in_urls"]["web"]
    start, end = before.index("[tenants.fabrikam]"), before.index("[tenants.adatum]")
    customers.settings = before[:start] + before[end:]
    customers.deploy()
    url = customers.output("sign_in_urls")["web"]
    assert customers.sign_in(url, ADA).claims["email"] == ADA.mail
    assert customers.sign_in(url, ANTON).claims["email"] == ANTON.mail
    assert "Login option is not available" in customers.sign_in(own, FRIDA).text
    customers.settings = before
    customers.deploy()
    assert customers.sign_in(own, FRIDA).claims["email"] == FRIDA.mail


# Personal accounts


@pytest.mark.exhaustive
def test_people_with_personal_accounts_get_in_and_nobody_else(local_clouds: LocalClouds) -> None:
    with deployed(local_clouds, "personal-accounts") as example:
        assert example.plan().changes == {}
        url = example.output("sign_in_urls")["web"]
        claims = example.sign_in(url, PAULA).claims
        assert claims["custom:entra_tid"] == "9188040d-6c67-4c5b-b112-36a304b66dad"
        assert str(claims["cognito:username"]).startswith("Microsoft_")
        assert example.sign_in(url, ADA).claims == {}
        # Two secrets at most: the next one is made, handed over, and the first is gone.
        second = "[entra.secret]\ngeneration = 2\nsettle_seconds = 0\n\n"
        example.edit({"[tenants.personal]": f"{second}[tenants.personal]"})
        example.deploy()
        assert list(example.output("client_secrets")) == ["in_use"]
        assert example.sign_in(url, PAULA).claims["email"] == PAULA.mail


# Who may sign in, and what they may do


def test_only_those_who_are_assigned_get_in(local_clouds: LocalClouds) -> None:
    with deployed(local_clouds, "assigned") as example:
        assert example.plan().changes == {}
        url = example.output("sign_in_urls")["web"]
        for person in (ADA, NOOR, GRACE):
            assert example.sign_in(url, person).claims["custom:entra_oid"] == person.oid
        assert "AADSTS50105" in example.sign_in(url, UDO).text
        example.edit({'"App Users"': '"App Usres"'})
        assert "Entra ID has no group app usres" in example.refusal()
        example.edit({'"App Usres"': '"App Users"'})


def test_roles_arrive_as_an_attribute_and_as_groups_of_both_tokens(local_clouds: LocalClouds) -> None:
    # In an account that demands a boundary: the deployer's rights allow no role without it.
    demanded = f'permissions_boundary = "{BOUNDARY}"\nrole_path = "/identity/"\n'
    with deployed(local_clouds, "roles", {"[aws]\n": f"[aws]\n{demanded}"}) as example:
        assert example.plan().changes == {}
        roles = local_clouds.aws.client("iam", local_clouds.region)
        role = roles.get_role(RoleName=f"{STACK}-groups-in-tokens")["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == BOUNDARY
        assert role["Path"] == "/identity/"
        url = example.output("sign_in_urls")["web"]
        for person, roles in ((ADA, {"Portal.Admin", "user"}), (NOOR, {"user"}), (GRACE, {"user"})):
            result = example.sign_in(url, person)
            for claims in (result.claims, result.access_claims):
                groups = claims["cognito:groups"]
                assert isinstance(groups, list)
                assert {group for group in groups if not group.endswith("_entra")} == roles
        assert "AADSTS50105" in example.sign_in(url, UDO).text

        # A role that is taken away is gone with the next sign-in.
        example.edit({'groups = ["Admins"]': "groups = []"})
        example.deploy()
        claims = example.sign_in(url, ADA).claims
        assert claims["custom:roles"] == "[user]"
        # And one that nobody has any more can go itself.
        start, end = (
            example.settings.index("[entra.app_roles.admin]"),
            example.settings.index("[entra.app_roles.user]"),
        )
        example.settings = example.settings[:start] + example.settings[end:]
        example.deploy()
        assert example.plan().changes == {}


@pytest.mark.exhaustive
def test_groups_arrive_by_their_names(local_clouds: LocalClouds) -> None:
    with deployed(local_clouds, "groups") as example:
        assert example.plan().changes == {}
        url = example.output("sign_in_urls")["web"]
        assert example.sign_in(url, ADA).claims["custom:groups"] == "[App+Users,Admins]"
        assert example.sign_in(url, NOOR).claims["custom:groups"] == "[App+Users]"


# Apps


def test_an_app_gets_the_scopes_of_its_api_and_a_sign_out_that_ends_both_sessions(
    local_clouds: LocalClouds,
) -> None:
    with deployed(local_clouds, "apps") as example:
        assert example.plan().changes == {}
        outputs = example.project.outputs()
        url = local_clouds.local_url(outputs["sign_in_urls"]["web"])
        with browser() as used:
            result = sign_in(url, ADA.principal_name, PASSWORD, used=used)
            assert "https://orders.contoso.example/read" in str(result.access_claims["scope"]).split()
            # Nothing to type the second time: both sessions are there.
            assert used.get(url).json()["email"] == ADA.mail
            signed_out = used.get(local_clouds.local_url(outputs["sign_out_urls"]["web"]))
            assert str(signed_out.url) == f"{example.app.url}/"
            assert "password" in used.get(url).text
            # Signed out of Cognito alone, Microsoft's session would have brought them back.
            sign_in(url, ADA.principal_name, PASSWORD, used=used)
            cognito_only = addresses.sign_out_url(
                outputs["domain"], outputs["client_ids"]["web"], f"{example.app.url}/"
            )
            used.get(local_clouds.local_url(cognito_only))
            assert used.get(url).json()["email"] == ADA.mail


@pytest.mark.exhaustive
def test_people_without_a_mailbox_have_the_name_they_sign_in_with_for_an_address(
    local_clouds: LocalClouds,
) -> None:
    with deployed(local_clouds, "without-mailbox") as example:
        url = example.output("sign_in_urls")["web"]
        for person in (NOOR, GRACE):
            assert example.sign_in(url, person).claims["email"] == person.principal_name
