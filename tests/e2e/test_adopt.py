"""An integration made by hand is put under Terraform by `adopt`; each test continues the last."""

import json
import sys
from dataclasses import dataclass, field

import pytest

from sandbox.entra.users import ADA
from sandbox.local_clouds import LocalClouds
from sandbox.project import CHECKOUT, STACK, Outcome
from sandbox.sign_in import SignInResult
from stacks.addresses import instance
from stacks.adopted import Adopted, record_file
from tests.e2e import existing_objects
from tests.e2e.deployment import Deployment

IMPORTED = {
    "aws_cognito_identity_provider.entra",
    "aws_cognito_user_pool.users",
    "aws_cognito_user_pool_client.web",
    "aws_cognito_user_pool_domain.prefix",
    f"azuread_app_role_assignment.sign_in_{ADA.oid}",
    "azuread_application.sign_in",
    "azuread_service_principal.sign_in",
    "azuread_service_principal_delegated_permission_grant.microsoft_graph",
}


@dataclass
class Adoption(Deployment):
    """What was made by hand, and a project that adopts it.

    Attributes:
        made: what was made by hand; unset until it is.
        before: how Ada signed in before anything was adopted.
    """

    made: existing_objects.ManualSetup = field(init=False)
    before: SignInResult = field(init=False)

    def adopt(self, *more: str) -> Outcome:
        """`pipenv run adopt sandbox`."""
        command = [sys.executable, "-m", "operate.adopt", STACK, "--project", str(self.project.folder)]
        outcome = self.project.run([*command, *more], CHECKOUT, show=False)
        self.printed.append(outcome.text)
        return outcome

    def sign_in_as_before(self) -> SignInResult:
        """Ada signs in at the address that people have bookmarked."""
        return self.sign_in(self.made.sign_in_url, ADA)

    def passwords(self) -> list[str]:
        """The ids of the registration's client secrets."""
        with self.graph() as graph:
            registration = graph.get(f"/applications/{self.made.object_id}").json()
        return [credential["keyId"] for credential in registration["passwordCredentials"]]


@pytest.fixture(scope="module")
def adoption(local_clouds: LocalClouds) -> Adoption:
    adoption = Adoption(local_clouds, local_clouds.project())
    text = adoption.settings
    # One app, and no time to wait for: nothing here is eventually consistent.
    text = text[: text.index("[clients.spa]")] + text[text.index("[terraform]") :]
    adoption.settings = f"{text}\n[entra.secret]\nsettle_seconds = 1\n"
    return adoption


def _with(settings: str, fragment: str) -> str:
    """Settings with suggested lines in them, as a person would put them there."""
    for block in fragment.strip().split("\n\n"):
        header, *lines = block.splitlines()
        keys = {line.split(" = ")[0] for line in lines}
        before, found, after = settings.partition(f"{header}\n")
        assert found, block
        body, bracket, rest = after.partition("\n[")
        kept = [line for line in body.splitlines() if line.split(" = ")[0] not in keys]
        settings = "\n".join([f"{before}{header}", *lines, *kept]) + bracket + rest
    return settings


def test_where_nothing_exists_there_is_nothing_to_adopt(adoption: Adoption) -> None:
    outcome = adoption.adopt("--write")
    assert outcome.status == 1
    assert "Nothing of sandbox exists: deploy it." in outcome.text


def test_of_two_registrations_of_the_name_a_person_chooses(adoption: Adoption) -> None:
    with adoption.graph() as graph:
        two = [graph.post("/applications", json={"displayName": "sandbox sign-in"}).json() for _ in range(2)]
        outcome = adoption.adopt()
        chosen = adoption.adopt("--application-id", two[1]["appId"])
        for one in two:
            graph.delete(f"/applications/{one['id']}")
    assert outcome.status == 1
    assert '2 registrations are called "sandbox sign-in"' in outcome.text
    assert all(one["appId"] in outcome.text for one in two)
    assert "--application-id" in outcome.text
    assert f"/applications/{two[1]['id']}" in chosen.text


def test_what_was_made_by_hand_is_found_and_described(adoption: Adoption) -> None:
    adoption.made = existing_objects.build(adoption.clouds)
    adoption.before = adoption.sign_in_as_before()
    assert adoption.before.claims["email"] == ADA.mail
    outcome = adoption.adopt()
    assert outcome.status == 2
    assert f"/applications/{adoption.made.object_id}" in outcome.text
    assert f"{adoption.made.user_pool_id}/{adoption.made.client_id}" in outcome.text
    (password,) = adoption.passwords()
    assert (
        f"az ad app credential delete --id {adoption.made.application_id} --key-id {password}" in outcome.text
    )


def test_settings_that_would_make_everybody_somebody_else_are_refused(adoption: Adoption) -> None:
    outcome = adoption.adopt("--write")
    assert outcome.status == 1
    assert 'user_pool_name = "people"   # now "sandbox"' in outcome.text
    assert 'provider_name = "AzureAD"   # now "entra"' in outcome.text


def test_the_suggested_settings_say_what_exists(adoption: Adoption) -> None:
    suggested = adoption.adopt().text.split("sandbox.toml:\n")[1].split("\n\nMade by hand?")[0]
    lines = [line.removeprefix("  ") for line in suggested.strip("\n").splitlines()]
    assert lines == [
        "[entra]",
        f'display_name = "{existing_objects.NAME}"',
        'permissions = ["email", "openid", "profile"]',
        'optional_claims = ["given_name", "family_name", "email"]',
        "assignment_required = true",
        f'assigned_principals = ["{ADA.oid}"]',
        "",
        "[cognito]",
        'user_pool_name = "people"',
        'provider_name = "AzureAD"',
        "",
        "[clients.web]",
        'name = "portal"',
        "logout_urls = []",
        "id_token_minutes = 480",
    ]
    project = adoption.project
    adoption.settings = _with(adoption.settings, "\n".join(lines))
    outcome = adoption.adopt("--write")
    assert outcome.status == 0
    assert "would change" not in outcome.text
    assert f"pipenv run guard {STACK}" in outcome.text
    record = Adopted.model_validate_json(record_file(project.folder / "environments", STACK).read_text())
    assert set(record.imports) == IMPORTED
    assert record.clients_with_secret == ["web"]
    assert [attribute.name for attribute in record.pool_attributes] == ["department"]


def test_the_plan_makes_a_secret_and_replaces_nothing(adoption: Adoption) -> None:
    adoption.synthesize()
    adoption.printed.append(adoption.terraform("plan", "-out=plan").text)
    plan = json.loads(adoption.project.terraform("show", "-json", "plan").text)["resource_changes"]
    changes = {
        change["address"]: change["change"]["actions"]
        for change in plan
        if change["change"]["actions"] not in (["no-op"], ["read"])
    }
    imported = {change["address"] for change in plan if "importing" in change["change"]}
    assert imported == {instance(address) for address in IMPORTED}
    assert changes == {
        "azuread_application_password.sign_in_1": ["create"],
        "terraform_data.sign_in_1_settled": ["create"],
        f'terraform_data.principals_by_id["{ADA.oid}"]': ["create"],
        "aws_cognito_identity_provider.entra": ["update"],
        "aws_cognito_user_pool.users": ["update"],
        "aws_cognito_user_pool_client.web": ["update"],
        "azuread_application.sign_in": ["update"],
    }
    changed = {
        change["address"]: {
            name
            for name, value in change["change"]["before"].items()
            if value != change["change"]["after"].get(name)
        }
        for change in plan
        if change["change"]["actions"] == ["update"]
    }
    assert changed == {
        # The new secret, and the claims by which people are told apart for good.
        "aws_cognito_identity_provider.entra": {"provider_details", "attribute_mapping"},
        "aws_cognito_user_pool.users": {"schema"},
        "aws_cognito_user_pool_client.web": {
            "access_token_validity",
            "allowed_oauth_flows",
            "explicit_auth_flows",
            "id_token_validity",
            "prevent_user_existence_errors",
            "read_attributes",
            "token_validity_units",
            "write_attributes",
        },
        # What signs in does not see the version. Owners stay who they are.
        "azuread_application.sign_in": {"api", "web"},
    }


def test_what_a_deploy_takes_from_it_the_guard_says(adoption: Adoption) -> None:
    project = adoption.project
    plan = project.stack_folder / "plan"
    command = [sys.executable, "-m", "operate.guard", STACK, "--plan", str(plan), "--json"]
    outcome = project.run([*command, "--project", str(project.folder)], CHECKOUT, show=False)
    said = json.loads(outcome.text)
    of = {one["id"]: one["severity"] for one in said["consequences"]}
    impacts = {one["id"]: one for one in said["consequences"] if one["severity"] not in {"notice", "door"}}
    assert said["refused"] == []
    assert set(impacts) == {"redirect-uri-removed"}
    assert {id_ for id_, severity in of.items() if severity == "door"} == {
        "attributes-writable",
        "endpoint-changed",
        "mapping-changed",
        "tokens-live-longer",
    }
    assert existing_objects.OTHER_REDIRECT_URI in json.dumps(impacts)
    switched = next(one for one in said["consequences"] if one["id"] == "client-switched")
    assert "allowed_oauth_flows" in json.dumps(switched)


def test_after_the_deploy_the_same_person_is_the_same_user(adoption: Adoption) -> None:
    adoption.printed.append(adoption.deploy().text)
    after = adoption.sign_in_as_before()
    for claim in ("sub", "cognito:username", "email"):
        assert after.claims[claim] == adoption.before.claims[claim]
    assert after.claims["custom:entra_oid"] == ADA.oid
    assert adoption.output("user_pool_id") == adoption.made.user_pool_id
    assert adoption.output("entra_application_id") == adoption.made.application_id
    assert len(adoption.cognito.list_users(UserPoolId=adoption.made.user_pool_id)["Users"]) == 1
    assert adoption.plan().changes == {}


def test_the_first_secret_is_removed_by_hand_and_nobody_notices(adoption: Adoption) -> None:
    assert len(adoption.passwords()) == 2
    said = adoption.adopt().text
    (by_hand,) = [key_id for key_id in adoption.passwords() if f"--key-id {key_id}" in said]
    with adoption.graph() as graph:
        graph.post(f"/applications/{adoption.made.object_id}/removePassword", json={"keyId": by_hand})
        notes = graph.get(f"/applications/{adoption.made.object_id}").json()["notes"]
    assert adoption.sign_in_as_before().claims["sub"] == adoption.before.claims["sub"]
    assert notes == "Ask the identity team before you touch this."
    outcome = adoption.adopt()
    assert outcome.status == 0
    assert "8 objects exist, 0 of them are not in the state." in outcome.text
    assert "Cannot be imported" not in outcome.text


def test_nobody_has_seen_the_secret_that_was_made_by_hand(adoption: Adoption) -> None:
    printed = "\n".join(adoption.printed)
    assert "provider_details" in printed
    assert adoption.made.secret not in printed


def test_what_was_adopted_can_be_taken_away(adoption: Adoption) -> None:
    adoption.destroy()
    assert set(adoption.clouds.holdings().values()) == {0}
