"""The known errors: complete, consistent, and the same as the document."""

import re

import pytest
from botocore.session import get_session

from operate.known_errors import (
    AADSTS,
    CODES_DOCUMENT,
    DOCUMENT,
    FAMILIES,
    KNOWN_ERRORS,
    SOURCES,
    STAGES,
    KnownError,
    codes_document,
    document,
    documented_codes,
    explain,
)
from stacks.settings import Settings

EACH = pytest.mark.parametrize("known", KNOWN_ERRORS.values(), ids=KNOWN_ERRORS)


@pytest.mark.parametrize(
    "text",
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
def test_what_people_read_is_explained(text: str) -> None:
    assert explain(text)


def test_microsofts_code_decides_whatever_the_language_and_cognitos_words_around_it() -> None:
    known = explain("entra Error - 401 invalid_client AADSTS7000222: Les clés secrètes ont expiré.")
    assert [one.id for one in known] == ["secret-expired"]


def test_codes_that_begin_alike_are_not_confused() -> None:
    assert "redirect-uri" in {known.id for known in explain("AADSTS500113: No reply address")}
    assert explain("AADSTS5001: something else") == []


def test_an_unknown_code_does_not_hide_words_that_are_known() -> None:
    text = "AADSTS700998: The redirect URI 'x' specified in the request does not match the redirect URIs"
    assert [known.id for known in explain(text)] == ["redirect-uri"]


@pytest.mark.parametrize("error", ["invalid_client", "invalid_grant", "invalid_scope", "unauthorized_client"])
def test_cognitos_wrapper_around_an_unknown_code_is_not_taken_for_an_error_of_the_app(error: str) -> None:
    assert explain(error)
    assert explain(f"entra Error - 401 {error} AADSTS700998: Something new.") == []


def test_ordinary_text_is_no_error() -> None:
    assert explain("Sign in to continue. Email, phone or Skype. Can't access your account?") == []


@EACH
def test_every_error_text_leads_to_its_known_error(known: KnownError) -> None:
    for error in known.errors:
        assert known in explain(error.replace("…", "something"))


@EACH
def test_every_known_error_names_its_sources_stage_and_family(known: KnownError) -> None:
    assert known.source
    assert set(known.source) <= set(SOURCES)
    assert known.stage in STAGES
    assert known.family in FAMILIES


def test_every_source_is_named() -> None:
    assert {key for known in KNOWN_ERRORS.values() for key in known.source} == set(SOURCES)


@EACH
def test_what_it_explains_is_known_too(known: KnownError) -> None:
    assert known.explains <= set(KNOWN_ERRORS) - {known.id}


@EACH
def test_cause_and_remedy_are_one_line_each(known: KnownError) -> None:
    assert known.cause.endswith(".")
    assert "\n" not in known.cause + known.remedy


@EACH
def test_every_setting_that_a_cause_or_remedy_names_exists(known: KnownError) -> None:
    tables = {name: field.annotation for name, field in Settings.model_fields.items()}
    text = " ".join([known.cause, known.remedy, *known.existing.values()])
    for table, key in re.findall(r"(?<![\w-])(aws|entra|cognito|verify)\.([a-z_]+)", text):
        assert key in getattr(tables[table], "model_fields", {})


@EACH
def test_what_happens_during_a_deploy_is_not_verified(known: KnownError) -> None:
    assert not (known.verified and known.stage == "deploy")


def test_the_document_is_written_from_the_file() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run `python -m operate.known_errors`"


@EACH
def test_the_document_explains_each_where_its_error_texts_lead(known: KnownError) -> None:
    text = document()
    assert text.count(f"### {known.id}\n") == 1
    links = [line for line in text.splitlines() if f"(#{known.id})" in line]
    errors = sorted(known.codes) + [error for error in known.errors if not AADSTS.match(error)]
    for error in errors if known.stage != "silent" else ():
        assert any(f"`{error}`" in line.split("|")[1] for line in links)


# Coverage of what Microsoft and AWS document


def test_every_documented_code_is_explained_or_has_a_reason() -> None:
    microsoft, aws = documented_codes()["microsoft"], documented_codes()["aws"]
    for table in (microsoft, aws):
        listed = [*table["explained"], *(code for one in table["without"].values() for code in one["codes"])]
        assert len(listed) == len(set(listed))
    assert all(explain(f"AADSTS{code}: …") for code in microsoft["explained"])
    assert all(explain(words) for words in aws["explained"])
    for table, form in ((microsoft, "AADSTS{}"), (aws, "{}")):
        for one in table["without"].values():
            assert one["why"]
            assert not [code for code in one["codes"] if explain(form.format(code))]


def test_every_error_of_cognitos_api_that_a_deploy_can_meet_is_listed() -> None:
    model = get_session().get_service_model("cognito-idp")
    operations = [
        name
        for name in model.operation_names
        if re.fullmatch(
            "(Create|Update|Delete)(UserPool|UserPoolDomain|UserPoolClient|IdentityProvider|ResourceServer"
            "|ManagedLoginBranding)|AddCustomAttributes|SetUserPoolMfaConfig",
            name,
        )
    ]
    assert len(operations) == 20
    errors = {shape.name for name in operations for shape in model.operation_model(name).error_shapes}
    aws = documented_codes()["aws"]
    listed = {*aws["explained"], *(code for one in aws["without"].values() for code in one["codes"])}
    assert errors <= listed


def test_the_document_of_codes_is_written_from_the_file() -> None:
    assert CODES_DOCUMENT.read_text("utf-8") == codes_document(), "run `python -m operate.known_errors`"
