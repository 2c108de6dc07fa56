"""The record of what was made by hand, as the stack uses it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from stacks.adopted import Adopted, load, record_file
from stacks.entra_cognito import EntraCognitoStack
from stacks.settings.errors import SettingsError
from stacks.settings.files import load as load_settings
from tests.conftest import Synthesize, TerraformJson

POOL_ID = "eu-central-1_aBcDeFgHi"
RECORD = Adopted(
    imports={
        "azuread_application.sign_in": "/applications/3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "aws_cognito_user_pool.users": POOL_ID,
        "aws_cognito_identity_provider.entra": f"{POOL_ID}:entra",
        "aws_cognito_user_pool_client.web": f"{POOL_ID}/2lgdno3hnr3ae17m0uaun8bvee",
    },
    clients_with_secret=["web"],
    pool_attributes=[
        {
            "name": "entra_oid",
            "attribute_data_type": "String",
            "mutable": True,
            "required": False,
            "string_attribute_constraints": {"max_length": "36"},
        },
        {
            "name": "level",
            "attribute_data_type": "Number",
            "mutable": False,
            "required": False,
            "number_attribute_constraints": {"min_value": "1", "max_value": "9"},
        },
    ],
)


def _synthesized(tmp_path: Path, text: str, record: Adopted = RECORD) -> TerraformJson:
    settings = tmp_path / "dev.toml"
    settings.write_text(text)
    app = App(outdir=str(tmp_path / "cdktf.out"))
    stack = EntraCognitoStack(app, load_settings(settings), today=date(2027, 1, 4), adopted=record)
    document: TerraformJson = stack.to_terraform()
    return document


def _lifecycle(document: TerraformJson, address: str) -> dict[str, Any]:
    kind, name = address.split(".")
    found: dict[str, Any] = document["resource"][kind][name].get("lifecycle", {})
    return found


def test_everything_in_the_record_is_imported(tmp_path: Path, minimal: str) -> None:
    document = _synthesized(tmp_path, minimal)
    assert document["import"] == [{"to": to, "id": id_} for to, id_ in RECORD.imports.items()]


def test_without_a_record_nothing_is_imported_and_nothing_ignored(synthesize: Synthesize) -> None:
    document = synthesize()
    assert "import" not in document
    for address in ("aws_cognito_user_pool.users", "azuread_application.sign_in"):
        # What lets people in is never left to others, of objects that the stack made.
        ignored = set(_lifecycle(document, address).get("ignore_changes", []))
        assert ignored & {"app_role", "identifier_uris", "public_client", "schema", "web"} == set()


def test_what_can_never_be_changed_stays_as_it_was_found(tmp_path: Path, minimal: str) -> None:
    ignored = _lifecycle(_synthesized(tmp_path, minimal), "aws_cognito_user_pool.users")["ignore_changes"]
    assert {"username_attributes", "alias_attributes", "username_configuration"} <= set(ignored)
    assert {"schema", "name", "deletion_protection", "user_pool_tier"}.isdisjoint(ignored)


def test_the_pools_attributes_are_declared_as_they_are(tmp_path: Path, minimal: str) -> None:
    schema = _synthesized(tmp_path, minimal)["resource"]["aws_cognito_user_pool"]["users"]["schema"]
    by_name = {entry["name"]: entry for entry in schema}
    assert sorted(by_name) == ["entra_oid", "entra_tid", "level"]
    assert by_name["entra_oid"]["string_attribute_constraints"] == {"max_length": "36"}
    assert by_name["level"]["number_attribute_constraints"] == {"min_value": "1", "max_value": "9"}
    assert by_name["level"]["mutable"] is False


def test_a_client_is_not_replaced_for_a_secret_it_has(tmp_path: Path, minimal: str) -> None:
    client = _synthesized(tmp_path, minimal)["resource"]["aws_cognito_user_pool_client"]["web"]
    assert "generate_secret" not in client


def test_a_client_whose_type_changes_is_replaced_as_any_other(tmp_path: Path, minimal: str) -> None:
    changed = minimal.replace("[clients.web]", '[clients.web]\ntype = "single_page"')
    client = _synthesized(tmp_path, changed)["resource"]["aws_cognito_user_pool_client"]["web"]
    assert client["generate_secret"] is False


def test_the_first_secret_rests_before_people_depend_on_it(tmp_path: Path, minimal: str) -> None:
    resources = _synthesized(tmp_path, minimal)["resource"]
    assert "sign_in_1_settled" in resources["terraform_data"]
    provider = resources["aws_cognito_identity_provider"]["entra"]
    assert provider["depends_on"] == ["terraform_data.sign_in_1_settled"]


def test_the_secret_that_is_replaced_is_not_printed(tmp_path: Path, minimal: str) -> None:
    resources = _synthesized(tmp_path, minimal)["resource"]
    provider = resources["aws_cognito_identity_provider"]["entra"]
    assert provider["provider_details"].startswith("${sensitive({")
    assert '"client_secret" = azuread_application_password.sign_in_1.value' in provider["provider_details"]


def test_a_record_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    record_file(tmp_path, "dev").write_text('{"imports": [], "more": 1}')
    with pytest.raises(SettingsError) as refused:
        load(tmp_path, "dev")
    assert "imports, more" in str(refused.value)
    assert "pipenv run adopt dev --write" in str(refused.value)
