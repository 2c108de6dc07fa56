"""A changed Terraform address destroys and remakes the object behind it; these are the addresses for ever."""

from tests.conftest import Synthesize


def _addresses(document: dict[str, dict[str, dict[str, object]]]) -> list[str]:
    resources = [f"{kind}.{name}" for kind, found in document["resource"].items() for name in found]
    data = [f"data.{kind}.{name}" for kind, found in document["data"].items() for name in found]
    return sorted(resources + data)


def test_the_smallest_environment_has_these_addresses(synthesize: Synthesize) -> None:
    assert _addresses(synthesize()) == [
        "aws_cognito_identity_provider.entra",
        "aws_cognito_user_pool.users",
        "aws_cognito_user_pool_client.web",
        "aws_cognito_user_pool_domain.prefix",
        "azuread_application.sign_in",
        "azuread_application_password.sign_in_1",
        "azuread_service_principal.sign_in",
        "azuread_service_principal_delegated_permission_grant.microsoft_graph",
        "data.azuread_client_config.deployer",
        "data.azuread_service_principal.microsoft_graph",
    ]


def test_names_that_people_choose_do_not_enter_the_addresses(synthesize: Synthesize, minimal: str) -> None:
    named = minimal.replace("[cognito]", '[cognito]\nprovider_name = "contoso"\nuser_pool_name = "people"')
    named = named.replace("[entra]", '[entra]\ndisplay_name = "Contoso portal"')
    assert _addresses(synthesize(named)) == _addresses(synthesize())


def test_each_client_has_the_address_of_its_key_and_moves_no_other(
    synthesize: Synthesize, minimal: str
) -> None:
    before = _addresses(synthesize())
    after = _addresses(
        synthesize(
            '[clients.app]\ntype = "mobile"\ncallback_urls = ["myapp://callback"]\n' + minimal,
        )
    )
    assert sorted({*before, "aws_cognito_user_pool_client.app"}) == after


def test_each_assignment_has_the_address_of_its_principal(synthesize: Synthesize, minimal: str) -> None:
    principal = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    settings = minimal.replace(
        "[entra]", f'[entra]\nassignment_required = true\nassigned_principals = ["{principal}"]'
    )
    assert f"azuread_app_role_assignment.sign_in_{principal}" in _addresses(synthesize(settings))


def test_each_secret_generation_has_an_address_of_its_own_for_ever(
    synthesize: Synthesize, minimal: str
) -> None:
    first = set(_addresses(synthesize()))
    second = set(_addresses(synthesize(minimal + "\n[entra.secret]\ngeneration = 2\n")))
    third = set(_addresses(synthesize(minimal + "\n[entra.secret]\ngeneration = 3\n")))
    settled = "terraform_data.sign_in_{}_settled"
    assert second - first == {"azuread_application_password.sign_in_2", settled.format(2)}
    assert first - second == set()
    assert third - second == {"azuread_application_password.sign_in_3", settled.format(3)}
    assert second - third == {"azuread_application_password.sign_in_1", settled.format(2)}
