"""One environment from its first deploy to its teardown; the tests follow each other in one story."""

import json
import re
import urllib.parse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.entra.users import ADA, NOOR, PASSWORD
from sandbox.errors import SandboxError
from sandbox.local_clouds import APP_CLIENT
from sandbox.sign_in import SignInResult, sign_in
from tests.conftest import Life
from tests.e2e.graph import administrator

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import IdentityProviderTypeTypeDef

Json = dict[str, Any]
IDENTITY_PROVIDER = "aws_cognito_identity_provider.entra"
APPLICATION = "azuread_application.sign_in"


def _outputs(life: Life) -> Json:
    return dict(life.project.outputs())


def _sign_in(life: Life, username: str) -> SignInResult:
    url = _outputs(life)["sign_in_urls"][APP_CLIENT]
    return sign_in(life.clouds.local_url(url), username, PASSWORD)


def _identity_provider(life: Life) -> "IdentityProviderTypeTypeDef":
    return life.clouds.aws.cognito(life.clouds.region).describe_identity_provider(
        UserPoolId=_outputs(life)["user_pool_id"], ProviderName="entra"
    )["IdentityProvider"]


def _secret(life: Life) -> str:
    return _identity_provider(life)["ProviderDetails"]["client_secret"]


def _registration(life: Life) -> Json:
    client_id = _outputs(life)["entra_application_id"]
    with administrator(life.clouds.entra) as graph:
        found = graph.get("/applications", params={"$filter": f"appId eq '{client_id}'"}).json()["value"]
    assert len(found) == 1
    registration: Json = found[0]
    return registration


def test_deploy_makes_both_sides_in_one_go(life: Life) -> None:
    life.project.deploy()
    assert life.clouds.holdings() == {
        "applications": 1,
        "service principals": 1,
        "grants": 1,
        "assignments": 0,
        "user pools": 1,
        "domains": 1,
        "identity providers": 1,
        "app clients": 2,
        "resource servers": 0,
        "functions": 0,
        "log groups": 0,
        "roles": 0,
    }


def test_cognito_holds_what_entra_issued(life: Life) -> None:
    details = _identity_provider(life)["ProviderDetails"]
    outputs = _outputs(life)
    assert details["client_id"] == outputs["entra_application_id"]
    assert details["oidc_issuer"] == outputs["entra_issuer"]
    assert details["attributes_request_method"] == "POST"
    assert _registration(life)["web"]["redirectUris"] == [outputs["redirect_uri"]]


def test_the_secret_ends_180_days_from_now_and_the_output_says_so(life: Life) -> None:
    end_date = datetime.fromisoformat(_outputs(life)["client_secret_end_date"])
    assert abs(end_date - (datetime.now(UTC) + timedelta(days=180))) < timedelta(minutes=10)
    (credential,) = _registration(life)["passwordCredentials"]
    assert datetime.fromisoformat(credential["endDateTime"]) == end_date


def test_a_second_plan_has_nothing_to_do(life: Life) -> None:
    assert life.project.diff() == {}


def test_a_person_signs_in_and_all_claims_arrive(life: Life) -> None:
    arrival = _sign_in(life, ADA.principal_name)
    assert arrival.status == 200, arrival.text
    expected = {"email": ADA.mail, "given_name": ADA.given_name, "family_name": ADA.surname}
    assert {claim: arrival.claims.get(claim) for claim in expected} == expected
    assert arrival.claims["custom:entra_oid"] == ADA.oid
    assert arrival.claims["custom:entra_tid"] == life.clouds.entra.environment()["ARM_TENANT_ID"]
    assert str(arrival.claims["cognito:username"]).startswith("entra_")


def test_the_same_person_is_the_same_user_the_next_time(life: Life) -> None:
    first, second = _sign_in(life, ADA.principal_name), _sign_in(life, ADA.principal_name)
    assert first.claims["sub"] == second.claims["sub"]


def test_a_person_without_a_mailbox_signs_in_without_an_email_claim(life: Life) -> None:
    arrival = _sign_in(life, NOOR.principal_name)
    assert arrival.status == 200, arrival.text
    assert "email" not in arrival.claims
    assert arrival.claims["family_name"] == NOOR.surname


def test_an_unregistered_callback_url_is_refused(life: Life) -> None:
    url = _outputs(life)["sign_in_urls"][APP_CLIENT]
    elsewhere = urllib.parse.quote("http://localhost:1/elsewhere", safe="")
    arrival = sign_in(
        life.clouds.local_url(re.sub(r"redirect_uri=[^&]+", f"redirect_uri={elsewhere}", url)),
        ADA.principal_name,
        PASSWORD,
    )
    assert arrival.status == 400
    assert arrival.claims == {}


def test_what_is_changed_by_hand_on_either_side_is_seen(life: Life) -> None:
    registration = _registration(life)
    details = _identity_provider(life)["ProviderDetails"]
    with administrator(life.clouds.entra) as graph:
        graph.patch(
            f"/applications/{registration['id']}",
            json={"web": {"redirectUris": ["https://elsewhere.example/oauth2/idpresponse"]}},
        ).raise_for_status()
    life.clouds.aws.cognito(life.clouds.region).update_identity_provider(
        UserPoolId=_outputs(life)["user_pool_id"],
        ProviderName="entra",
        ProviderDetails={**details, "authorize_scopes": "openid"},
    )
    assert life.project.diff() == {APPLICATION: ["update"], IDENTITY_PROVIDER: ["update"]}


def test_a_redirect_uri_that_is_not_registered_ends_on_microsofts_error_page(life: Life) -> None:
    arrival = _sign_in(life, ADA.principal_name)
    assert "AADSTS50011" in arrival.text
    assert arrival.claims == {}


def test_a_new_secret_reaches_cognito_and_the_same_deploy_heals_what_was_changed_by_hand(life: Life) -> None:
    before = _secret(life)
    settings = life.project.settings()
    life.project.write_settings(settings + "\n[entra.secret]\ngeneration = 2\nsettle_seconds = 0\n")
    life.project.deploy()
    after = _secret(life)
    assert after != before
    registration = _registration(life)
    assert {one["keyId"] for one in registration["passwordCredentials"]} == {
        secret["key_id"] for secret in _outputs(life)["client_secrets"].values()
    }
    assert registration["web"]["redirectUris"] == [_outputs(life)["redirect_uri"]]
    assert _sign_in(life, ADA.principal_name).claims["email"] == ADA.mail
    _no_secret_is_seen(life, before, after)


def test_a_changed_client_changes_nothing_else(life: Life) -> None:
    settings = life.project.settings()
    life.project.write_settings(settings.replace("[clients.web]", "[clients.web]\nid_token_minutes = 30"))
    assert life.project.diff() == {"aws_cognito_user_pool_client.web": ["update"]}


def test_wrong_settings_stop_every_command_before_it_does_anything(life: Life) -> None:
    settings = life.project.settings()
    life.project.write_settings(settings.replace('region = "', 'region = "nowhere-'))
    with pytest.raises(SandboxError) as refused:
        life.project.diff()
    life.project.write_settings(settings)
    assert "aws.region" in str(refused.value)
    assert "Traceback" not in str(refused.value)


def test_destroy_leaves_nothing_on_either_side(life: Life) -> None:
    secret = _secret(life)
    life.project.destroy()
    assert set(life.clouds.holdings().values()) == {0}
    _no_secret_is_seen(life, secret)


def _no_secret_is_seen(life: Life, *secrets: str) -> None:
    """A secret is in the state, which is where Terraform keeps it, and nowhere a person or a log reads it."""
    printed = "\n".join(life.printed)
    assert len(printed) > 1000
    state = {"terraform.sandbox.tfstate", "terraform.sandbox.tfstate.backup", "plan"}
    for secret in secrets:
        assert secret not in printed
        assert secret not in json.dumps(_outputs(life))
        holders = [
            file.name
            for file in life.project.folder.rglob("*")
            if file.is_file() and ".terraform" not in file.parts and secret.encode() in file.read_bytes()
        ]
        assert set(holders) <= state
        assert secret not in life.clouds.aws.log.read_text(errors="replace")
