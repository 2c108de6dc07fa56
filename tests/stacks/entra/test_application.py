"""The Entra ID side, as Terraform reads it."""

from tests.conftest import Synthesize
from tests.stacks.terraform_json import APPLICATION, element


def test_the_redirect_uri_is_that_of_the_cognito_domain(synthesize: Synthesize) -> None:
    assert element(APPLICATION, synthesize())["web"]["redirect_uris"] == [
        "https://contoso-signin.auth.eu-central-1.amazoncognito.com/oauth2/idpresponse"
    ]


def test_only_the_own_directory_may_sign_in_unless_the_settings_say_more(
    synthesize: Synthesize, minimal: str
) -> None:
    assert element(APPLICATION, synthesize())["sign_in_audience"] == "AzureADMyOrg"
    wider = minimal.replace("[entra]", '[entra]\naccount_types = "AzureADMultipleOrgs"')
    assert element(APPLICATION, synthesize(wider))["sign_in_audience"] == "AzureADMultipleOrgs"


def test_the_id_token_carries_the_three_claims_of_the_guide(synthesize: Synthesize) -> None:
    assert element(APPLICATION, synthesize())["optional_claims"] == {
        "id_token": [{"name": "email"}, {"name": "family_name"}, {"name": "given_name"}]
    }


def test_a_directory_extension_is_asked_for_as_one(synthesize: Synthesize, minimal: str) -> None:
    name = "extension_0a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d_employeeType"
    claims = f'["email", "family_name", "given_name", "{name}"]'
    document = synthesize(minimal.replace("[entra]", f"[entra]\noptional_claims = {claims}"))
    assert element(APPLICATION, document)["optional_claims"]["id_token"][2:] == [
        {"name": "given_name"},
        {"name": name, "source": "user"},
    ]


def test_only_for_claims_of_a_policy_does_the_registration_accept_one(
    synthesize: Synthesize, minimal: str
) -> None:
    assert "mapped_claims_enabled" not in element(APPLICATION, synthesize())["api"]
    document = synthesize(minimal.replace("[entra]", '[entra]\npolicy_claims = ["employeeid"]'))
    assert element(APPLICATION, document)["api"]["mapped_claims_enabled"] is True


def test_graph_permissions_are_declared_by_microsofts_ids(synthesize: Synthesize) -> None:
    assert element(APPLICATION, synthesize())["required_resource_access"] == [
        {
            "resource_app_id": "00000003-0000-0000-c000-000000000000",
            "resource_access": [
                {"id": "37f7f235-527c-4136-accd-4a02d197296e", "type": "Scope"},
                {"id": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "type": "Scope"},
                {"id": "14dad69e-099b-42c9-810b-d002981feec1", "type": "Scope"},
            ],
        }
    ]


def test_tokens_are_version_2_and_never_in_the_front_channel(synthesize: Synthesize) -> None:
    application = element(APPLICATION, synthesize())
    assert application["api"] == {"requested_access_token_version": 2}
    assert application["web"]["implicit_grant"] == {
        "access_token_issuance_enabled": False,
        "id_token_issuance_enabled": False,
    }


def test_the_first_deployer_owns_the_registration_and_later_owners_are_left_alone(
    synthesize: Synthesize,
) -> None:
    document = synthesize()
    for address in (APPLICATION, "azuread_service_principal.sign_in"):
        resource = element(address, document)
        assert resource["owners"] == ["${data.azuread_client_config.deployer.object_id}"]
        assert "owners" in resource["lifecycle"]["ignore_changes"]


def test_owners_of_the_settings_are_all_as_long_as_they_exist(synthesize: Synthesize, minimal: str) -> None:
    owner = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    document = synthesize(minimal.replace("[entra]", f'[entra]\nowners = ["{owner}"]'))
    for address in (APPLICATION, "azuread_service_principal.sign_in"):
        resource = element(address, document)
        assert resource["owners"] == (
            f'${{[for id in ["{owner}"] : id if contains(local.principals_present, id)]}}'
        )
        assert "owners" not in resource.get("lifecycle", {}).get("ignore_changes", [])
    # Only who is no application is looked up among the people, which takes a right of its own.
    assert element("data.azuread_users.by_id", document)["object_ids"] == (
        f'${{distinct(concat([], [], tolist(setsubtract(["{owner}"],'
        " data.azuread_service_principals.by_id.object_ids))))}"
    )


def test_what_people_see_is_what_the_settings_say_and_the_rest_is_left_alone(
    synthesize: Synthesize, minimal: str
) -> None:
    pages = {"home_page_url": '"https://a/login"', "support_url": '"https://a/help"', "my_apps": "false"}
    lines = "\n".join(f"{name} = {value}" for name, value in pages.items())
    document = synthesize(minimal.replace("[cognito]", f"[entra.branding]\n{lines}\n\n[cognito]"))
    application = element(APPLICATION, document)
    assert (application["web"]["homepage_url"], application["support_url"]) == (
        "https://a/login",
        "https://a/help",
    )
    ignored = application["lifecycle"]["ignore_changes"]
    assert {"support_url", "web[0].homepage_url"} & set(ignored) == set()
    assert {"logo_image", "marketing_url", "web[0].logout_url"} <= set(ignored)
    principal = element("azuread_service_principal.sign_in", document)
    assert principal["feature_tags"] == [{"enterprise": True, "hide": True}]
    assert "feature_tags" not in element("azuread_service_principal.sign_in", synthesize())


def test_nothing_that_lets_people_in_is_left_to_others(synthesize: Synthesize) -> None:
    for address in (APPLICATION, "azuread_service_principal.sign_in"):
        ignored = set(element(address, synthesize())["lifecycle"]["ignore_changes"])
        assert (
            ignored & {"web", "api", "sign_in_audience", "public_client", "account_enabled", "app_role"}
            == set()
        )


def test_a_second_registration_of_the_same_name_is_refused(synthesize: Synthesize) -> None:
    assert element(APPLICATION, synthesize())["prevent_duplicate_names"] is True


def test_the_secret_has_a_stated_end_that_later_plans_leave_alone(synthesize: Synthesize) -> None:
    secret = synthesize()["resource"]["azuread_application_password"]["sign_in_1"]
    assert secret["application_id"] == "${azuread_application.sign_in.id}"
    assert secret["end_date"] == '${timeadd(plantimestamp(), "4320h")}'  # 180 days
    assert secret["lifecycle"] == {
        "create_before_destroy": True,
        "ignore_changes": ["end_date", "display_name"],
    }
    assert "end_date_relative" not in secret  # silently ignored by the provider: two years


def test_the_secrets_lifetime_is_that_of_the_settings(synthesize: Synthesize, minimal: str) -> None:
    document = synthesize(minimal + "\n[entra.secret]\nlifetime_days = 90\n")
    secret = document["resource"]["azuread_application_password"]["sign_in_1"]
    assert secret["end_date"] == '${timeadd(plantimestamp(), "2160h")}'


def test_admin_consent_covers_what_is_declared_and_only_reads_graph(synthesize: Synthesize) -> None:
    document = synthesize()
    grant = document["resource"]["azuread_service_principal_delegated_permission_grant"]["microsoft_graph"]
    assert grant["claim_values"] == ["openid", "email", "profile"]
    assert "user_object_id" not in grant  # for everyone in the tenant
    assert grant["service_principal_object_id"] == "${azuread_service_principal.sign_in.object_id}"
    assert (
        grant["resource_service_principal_object_id"]
        == "${data.azuread_service_principal.microsoft_graph.object_id}"
    )
    assert list(document["resource"]["azuread_service_principal"]) == ["sign_in"]


def test_without_admin_consent_nothing_needs_the_right_to_read_other_applications(
    synthesize: Synthesize, minimal: str
) -> None:
    document = synthesize(minimal.replace("[entra]", "[entra]\nadmin_consent = false"))
    assert "azuread_service_principal_delegated_permission_grant" not in document["resource"]
    assert list(document["data"]) == ["azuread_client_config"]


def test_assignment_is_required_and_given_on_request(synthesize: Synthesize, minimal: str) -> None:
    principal = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
    settings = minimal.replace(
        "[entra]", f'[entra]\nassignment_required = true\nassigned_principals = ["{principal}"]'
    )
    resources = synthesize(settings)["resource"]
    assert resources["azuread_service_principal"]["sign_in"]["app_role_assignment_required"] is True
    assignment = resources["azuread_app_role_assignment"][f"sign_in_{principal}"]
    assert assignment["principal_object_id"] == principal
    assert assignment["app_role_id"] == "00000000-0000-0000-0000-000000000000"
    assert assignment["resource_object_id"] == "${azuread_service_principal.sign_in.object_id}"


def test_the_registration_is_protected_unless_the_settings_say_otherwise(
    synthesize: Synthesize, minimal: str
) -> None:
    assert element(APPLICATION, synthesize())["lifecycle"]["prevent_destroy"] is True
    unprotected = synthesize(minimal.replace("[entra]", "[entra]\nprevent_destroy = false"))
    assert element(APPLICATION, unprotected)["lifecycle"]["prevent_destroy"] is False
