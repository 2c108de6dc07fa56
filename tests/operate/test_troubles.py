"""The table of troubles: complete, consistent, and the same as the document."""

import re

import pytest

from operate.known_errors import DOCUMENT, KNOWN_ERRORS, TABLE, document, explain
from operate.known_errors.known_error import Stage
from stacks.settings import Settings


@pytest.mark.parametrize(
    "said",
    [
        "AADSTS50011: The redirect URI 'https://x' specified in the request does not match",
        "AADSTS50105: Your administrator has configured the application",
        "AADSTS65001: The user or administrator has not consented",
        "AADSTS700016: Application with identifier 'x' was not found",
        "entra Error - 401 invalid_client AADSTS7000215: Invalid client secret provided.",
        "entra Error - 401 invalid_client AADSTS7000222: The provided client secret keys are expired.",
        "Invalid user attributes: email: The attribute is required.",
        "attributes required: [email]",
        "user.email: Attribute cannot be updated.\n ",
        "Bad id_token issuer https://sts.windows.net/x/",
        "InvalidParameterException: Invalid ProviderDetails",
        "InvalidParameterException: The provider entra does not exist for User Pool eu-central-1_x.",
        "redirect_mismatch",
        "invalid_client",
        "invalid_grant",
        "invalid_request unauthorized_client",
        "invalid_request invalid_scope",
        "AADSTS50020: User account 'frida@x.example' from identity provider 'x' does not exist in tenant",
        "AADSTS90094: An administrator of Fabrikam has set a policy",
        "AADSTS650052: The app is trying to access a service 'x' that your organization lacks",
        "AADSTS7000229: The client application 'x' is missing service principal in the tenant 'y'.",
        "invalid_request PreTokenGeneration failed with error boom.",
        "invalid_request user.custom:entra_groups: String must be no longer than 2048 characters.",
        "Login option is not available. Please try another one",
    ],
)
def test_what_people_meet_is_explained(said: str) -> None:
    assert explain(said)


def test_microsofts_code_decides_whatever_cognito_puts_around_it() -> None:
    found = explain("entra Error - 401 invalid_client AADSTS7000222: Les clés secrètes ont expiré.")
    assert [trouble.id for trouble in found] == ["secret-expired"]


def test_codes_that_begin_alike_are_not_confused() -> None:
    assert "redirect-uri" in {trouble.id for trouble in explain("AADSTS500113: No reply address")}
    assert explain("AADSTS5001: something else") == []


def test_ordinary_text_is_no_error() -> None:
    assert explain("Sign in to continue. Email, phone or Skype. Can't access your account?") == []


@pytest.mark.parametrize("trouble", TABLE, ids=lambda trouble: trouble.id)
def test_every_error_leads_back_to_its_trouble(trouble: object) -> None:
    known = KNOWN_ERRORS[getattr(trouble, "id", "")]
    for error in known.errors:
        assert known in explain(error.replace("…", "something"))


def test_names_are_unique_and_consequences_known() -> None:
    assert len(KNOWN_ERRORS) == len(TABLE)
    for trouble in TABLE:
        assert trouble.explains <= set(KNOWN_ERRORS)
        assert trouble.id not in trouble.explains


def test_cause_and_remedy_are_one_line_each() -> None:
    for trouble in TABLE:
        assert trouble.cause.endswith(".")
        assert "\n" not in trouble.cause + trouble.remedy


def test_every_setting_that_a_remedy_names_exists() -> None:
    tables = {name: field.annotation for name, field in Settings.model_fields.items()}
    for trouble in TABLE:
        for table, key in re.findall(
            r"\b(aws|entra|cognito|verify)\.([a-z_]+)", trouble.remedy + trouble.cause
        ):
            nested = getattr(tables[table], "model_fields", {})
            assert key in nested, f"{trouble.id} names {table}.{key}"


def test_every_stage_has_troubles_and_those_of_deploys_are_not_verified() -> None:
    assert {trouble.stage for trouble in TABLE} == set(Stage)
    assert not any(trouble.verified for trouble in TABLE if trouble.stage is Stage.DEPLOY)


def test_the_document_is_the_table() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run `python -m operate.known_errors`"
