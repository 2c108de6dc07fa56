"""People, groups and deployers come and go in Entra ID, and the settings stay as they are."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

import pytest

from sandbox.entra.built_in_applications import add_deployer, renew_secret
from sandbox.entra.directory import Directory
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.users import ADA, ADMINS, APP_USERS, DOMAIN, GRACE, NOOR, UDO
from sandbox.errors import SandboxError
from tests.conftest import EXAMPLES
from tests.e2e.deployment import Deployment, in_environment, local_clouds

ASSIGNED = f"""assignment_required = true
assigned_users = ["{NOOR.principal_name}", "{GRACE.principal_name}"]
assigned_groups = ["{APP_USERS.display_name}", "{ADMINS.display_name}"]
assigned_principals = ["{UDO.oid}", "{ADA.oid}"]

[entra.secret]
settle_seconds = 0
generation = 1

[cognito]"""
BRANDING = """
[entra.branding]
logo = "logo.png"
support_url = "https://b/help"
privacy_statement_url = "https://b/privacy"
home_page_url = "https://a/"
my_apps = true
"""
LOGO = (EXAMPLES / "branding" / "logo.png").read_bytes()
EVERYBODY = {one.oid for one in (NOOR, GRACE, APP_USERS, ADMINS, UDO, ADA)}
POLICY = '["employeeid", "sam"]'
NAMES = 'email = "email"\nfamily_name = "family_name"\ngiven_name = "given_name"'
NOOR_KEY, GRACE_KEY = f"user {NOOR.principal_name}", f"user {GRACE.principal_name.lower()}"


@dataclass
class People(Deployment):
    """The sandbox's stack, with people and groups who are assigned.

    Attributes:
        provider: what the azuread provider is configured with, where another than the first deployer deploys.
    """

    provider: dict[str, str] = field(default_factory=dict)

    @property
    def directory(self) -> Directory:
        return self.clouds.entra.directory

    def synthesize(self) -> None:
        """Synthesize, for whoever deploys: a plugin that stays up has the first one's variables."""
        super().synthesize()
        file = self.project.stack_folder / "cdk.tf.json"
        document = json.loads(file.read_text())
        document["provider"]["azuread"][0] |= self.provider
        file.write_text(json.dumps(document))

    @contextmanager
    def another_deployer(self) -> Iterator[str]:
        """Another application deploys; its object id."""
        deployer = add_deployer(self.directory)
        self.clouds.entra.allow_deployer(GRAPH_ROLES, deployer.app_id)
        self.provider = {"client_id": deployer.app_id, "client_secret": renew_secret(deployer)}
        service_principal = self.directory.service_principal_of(deployer.app_id)
        assert service_principal is not None
        try:
            yield service_principal.id
        finally:
            self.provider = {}

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Whatever happens to the tenant's people and to the settings is undone, and deployed, afterwards."""
        directory, settings = self.directory, self.settings
        people, groups = dict(directory.people), dict(directory.groups)
        try:
            yield
        finally:
            directory.people, directory.groups = people, groups
            self.settings = settings
            self.deploy()
            assert self.assigned() == EVERYBODY

    def assigned(self) -> set[str]:
        return {
            one.principal_id
            for one in self.directory.assignments.values()
            if one.resource_id == self.service_principal.id
        }

    def secrets(self) -> int:
        return len(self.application.secrets)

    def findings(self) -> set[tuple[str, str]]:
        report = self.report()
        assert report.complete, [check for check in report.checks if check.not_checked]
        return {(finding.id, finding.where) for finding in report.findings}


@pytest.fixture(scope="module")
def people(stand_in: bool) -> Iterator[People]:  # noqa: FBT001 - a fixture is named, not passed
    with local_clouds(stand_in=stand_in) as clouds, in_environment(clouds):
        deployment = People(clouds, clouds.project())
        deployment.edit({"[cognito]": ASSIGNED})
        deployment.deploy()
        yield deployment


def test_everybody_is_assigned_and_the_next_plan_is_empty(people: People) -> None:
    assert people.assigned() == EVERYBODY
    plan = people.plan()
    assert (plan.changes, plan.messages) == ({}, "")
    assert people.findings() == set()


@pytest.mark.parametrize(
    "wrong",
    [
        {NOOR.principal_name: "nour@contoso.example"},
        {APP_USERS.display_name: "App User's"},
        {UDO.oid: "a0a00000-0000-4000-8000-00000000dead"},
    ],
    ids=["a person", "a group", "an object id"],
)
def test_whoever_was_never_found_is_a_typing_error(people: People, wrong: dict[str, str]) -> None:
    settings = people.settings
    people.edit(wrong)
    try:
        assert "correct the settings" in people.refusal()
        # Whoever takes everything away is not held up by it.
        people.terraform("plan", "-destroy")
    finally:
        people.settings = settings


@pytest.mark.parametrize("assignments", ["gone", "still shown"])
def test_a_rotation_goes_on_without_those_who_left(people: People, assignments: str) -> None:
    with people.restored():
        before = dict(people.directory.assignments)
        for one in (NOOR, ADMINS, ADA):
            people.directory.remove_principal(one.oid)
        if assignments == "still shown":
            people.directory.assignments = before
        secrets = people.secrets()
        people.edit({f"generation = {secrets}": f"generation = {secrets + 1}"})
        said = " ".join(people.deploy().text.split())
        assert f"Gone from Entra ID, and no longer assigned: group admins, {NOOR_KEY}, {ADA.oid}." in said
        assert people.secrets() == secrets + 1
        assert people.assigned() == EVERYBODY - {NOOR.oid, ADMINS.oid, ADA.oid}
        assert people.plan().changes == {}
        assert people.findings() == {
            ("principal-gone", "group admins"),
            ("principal-gone", NOOR_KEY),
            ("principal-gone", ADA.oid),
        }
        # `restored` writes generation 1 again, which would be a step back.
        people.edit({f"generation = {secrets + 1}": "generation = 1"})


def test_somebody_else_of_the_same_name_is_not_let_in_by_it(people: People) -> None:
    other = replace(NOOR, oid="a0a00000-0000-4000-8000-0000000000ff", mail=f"noor.newcomer@{DOMAIN}")
    with people.restored():
        people.directory.remove_principal(NOOR.oid)
        people.directory.people[other.oid] = other
        people.deploy()
        assert people.assigned() == EVERYBODY - {NOOR.oid}
        assert people.findings() == {("principal-gone", NOOR_KEY)}
        # Who is meant to be let in is removed and added again.
        settings = people.settings
        people.edit({f'"{NOOR.principal_name}", ': ""})
        people.deploy()
        people.settings = settings
        people.deploy()
        assert people.assigned() == EVERYBODY - {NOOR.oid} | {other.oid}
        assert people.findings() == set()
        people.directory.remove_principal(other.oid)
        people.edit({f'"{NOOR.principal_name}", ': ""})
        people.deploy()


def test_who_is_renamed_stays_and_is_named(people: People) -> None:
    with people.restored():
        people.directory.people[NOOR.oid] = replace(NOOR, principal_name=f"noor.wed@{DOMAIN}")
        plan = people.plan()
        assert plan.changes == {}
        assert f"No longer of this name in Entra ID, and assigned all the same: {NOOR_KEY}." in plan.messages
        assert people.findings() == {("principal-renamed", NOOR_KEY)}
        people.edit({NOOR.principal_name: f"noor.wed@{DOMAIN}"})
        # The former assignment is removed in the same deploy, and may still be there.
        with suppress(SandboxError):
            people.deploy()
        people.deploy()
        assert people.assigned() == EVERYBODY
        assert people.findings() == set()


def test_what_an_administrator_shows_people_stays_where_no_setting_speaks_of_it(people: People) -> None:
    application, service_principal = people.application, people.service_principal
    by_hand = {
        "web": {"homePageUrl": "https://a/"},
        "info": {"supportUrl": "https://a/help"},
        "notes": "By hand",
    }
    tags = ["HideApp", "team-a"]
    with people.restored(), people.graph() as graph:
        graph.patch(f"/applications/{application.id}", json=by_hand)
        graph.patch(
            f"/servicePrincipals/{service_principal.id}", json={"loginUrl": "https://a/login", "tags": tags}
        )
        assert people.plan().changes == {}
        (people.project.folder / "environments" / "logo.png").write_bytes(LOGO)
        people.edit({"[cognito]": f"{BRANDING}\n[cognito]"})
        people.deploy()
        assert application.body["web"]["homePageUrl"] == "https://a/"
        assert application.body["info"]["supportUrl"] == "https://b/help"
        assert application.body["info"]["privacyStatementUrl"] == "https://b/privacy"
        assert application.body["notes"] == "By hand"
        assert application.logo == LOGO
        assert service_principal.body["loginUrl"] == "https://a/login"
        assert service_principal.body["tags"] == ["WindowsAzureActiveDirectoryIntegratedApp"]
        assert people.plan().changes == {}


def test_whoever_plans_has_an_empty_plan_and_the_owners_stay(people: People) -> None:
    owners = list(people.application.owners)
    with people.another_deployer():
        assert people.plan().changes == {}
        people.deploy()
    assert people.application.owners == owners
    assert people.plan().changes == {}


def test_owners_of_the_settings_are_all_and_one_who_left_stops_nothing(people: People) -> None:
    (first,) = people.application.owners
    with people.another_deployer() as second:
        settings = people.settings
        people.edit({"[entra]": f'[entra]\nowners = ["{GRACE.oid}", "{first}"]'})
        refusal = people.refusal()
        assert "is not among entra.owners" in refusal
        assert f"Add its object id: {second}." in refusal
        people.edit({f'"{first}"]': f'"{first}", "{second}"]'})
        people.deploy()
        assert set(people.application.owners) == {GRACE.oid, first, second}
        provider, people.provider = people.provider, {}
        assert people.plan().changes == {}
        people.provider = provider
        gone = people.directory.service_principals[second]
        people.provider = {}
        people.directory.remove(gone)
        plan = people.plan()
        assert plan.changes == {}
        assert f"Gone from Entra ID, and no longer assigned: {second}." in plan.messages
        assert people.findings() == {("principal-gone", second)}
        people.settings = settings
        people.deploy()


def test_claims_beyond_the_standard_ones_arrive_at_the_app(people: People) -> None:
    """The last test, since a user pool keeps its attributes for good."""
    url = people.output("sign_in_urls")["web"]
    people.service_principal.policy = {"employeeid": "employeeid", "sam": "onpremisessamaccountname"}
    assert "AADSTS50146" in str(people.sign_in(url, ADA).text)
    extension = f"extension_{people.application.app_id.replace('-', '')}_employeeType"
    claims = ["email", "family_name", "given_name", "acct", "ctry", "onprem_sid", "xms_pl", extension]
    mapped = {
        "custom:kind": "extn.employeeType",
        "custom:number": "employeeid",
        "custom:sam": "sam",
        "custom:country": "ctry",
        "custom:sid": "onprem_sid",
        "custom:guest": "acct",
    }
    lines = "\n".join(f'"{attribute}" = "{claim}"' for attribute, claim in mapped.items())
    people.edit(
        {
            "[entra]": f"[entra]\noptional_claims = {json.dumps(claims)}\npolicy_claims = {POLICY}",
            "[clients.web]": f"[cognito.attribute_mapping]\n{NAMES}\n{lines}\n\n[clients.web]",
        }
    )
    people.deploy()
    arrived = people.sign_in(url, ADA).claims
    assert {attribute: arrived.get(attribute) for attribute in mapped} == {
        "custom:kind": "Analyst",
        "custom:number": "E1815",
        "custom:sam": "ada",
        "custom:country": "GB",
        "custom:sid": "S-1-5-21-1815-1852-1",
        "custom:guest": "0",
    }
    assert people.plan().changes == {}
    assert people.findings() == set()
