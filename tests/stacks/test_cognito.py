"""The Cognito side, as Terraform reads it."""

from tests.conftest import Synthesize, TerraformJson

TENANT = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
ENTRA = f"https://login.microsoftonline.com/{TENANT}"
OWN_ATTRIBUTES = ["custom:entra_oid", "custom:entra_tid", "email", "family_name", "given_name"]


def _provider(document: TerraformJson) -> TerraformJson:
    provider: TerraformJson = document["resource"]["aws_cognito_identity_provider"]["entra"]
    return provider


def _client(document: TerraformJson, key: str = "web") -> TerraformJson:
    client: TerraformJson = document["resource"]["aws_cognito_user_pool_client"][key]
    return client


def _pool(document: TerraformJson) -> TerraformJson:
    pool: TerraformJson = document["resource"]["aws_cognito_user_pool"]["users"]
    return pool


def test_the_provider_is_fed_by_the_registration_and_states_every_endpoint(synthesize: Synthesize) -> None:
    provider = _provider(synthesize())
    assert provider["provider_name"] == "entra"
    assert provider["provider_type"] == "OIDC"
    assert provider["provider_details"] == {
        "client_id": "${azuread_application.sign_in.client_id}",
        "client_secret": "${azuread_application_password.sign_in_1.value}",
        "authorize_scopes": "openid profile email",
        "attributes_request_method": "POST",
        "oidc_issuer": f"{ENTRA}/v2.0",
        "authorize_url": f"{ENTRA}/oauth2/v2.0/authorize",
        "token_url": f"{ENTRA}/oauth2/v2.0/token",
        "attributes_url": "https://graph.microsoft.com/oidc/userinfo",
        "jwks_uri": f"{ENTRA}/discovery/v2.0/keys",
    }


def test_a_rotated_secret_is_the_one_cognito_gets(synthesize: Synthesize, minimal: str) -> None:
    provider = _provider(synthesize(minimal + "\n[entra.secret]\ngeneration = 7\n"))
    assert provider["provider_details"]["client_secret"] == "${azuread_application_password.sign_in_7.value}"


def test_of_the_providers_details_only_the_read_only_key_is_ignored(synthesize: Synthesize) -> None:
    assert _provider(synthesize())["lifecycle"]["ignore_changes"] == [
        'provider_details["attributes_url_add_attributes"]'
    ]


def test_attributes_are_mapped_with_the_stable_keys(synthesize: Synthesize) -> None:
    assert _provider(synthesize())["attribute_mapping"] == {
        "username": "sub",
        "email": "email",
        "family_name": "family_name",
        "given_name": "given_name",
        "custom:entra_oid": "oid",
        "custom:entra_tid": "tid",
    }


def test_every_custom_attribute_that_is_mapped_exists_and_can_be_written_again(
    synthesize: Synthesize, minimal: str
) -> None:
    settings = (
        minimal + '\n[cognito.attribute_mapping]\nemail = "email"\n"custom:nick" = "preferred_username"\n'
    )
    document = synthesize(settings)
    schema = _pool(document)["schema"]
    assert {entry["name"] for entry in schema} == {"entra_oid", "entra_tid", "nick"}
    assert all(entry["mutable"] is True and entry["required"] is False for entry in schema)
    assert all(
        entry["string_attribute_constraints"] == {"min_length": "0", "max_length": "2048"} for entry in schema
    )
    assert "custom:nick" in _client(document)["write_attributes"]
    assert "custom:nick" in _client(document)["read_attributes"]


def test_the_client_enables_the_provider_by_reference(synthesize: Synthesize) -> None:
    client = _client(synthesize())
    assert client["supported_identity_providers"] == ["${aws_cognito_identity_provider.entra.provider_name}"]
    assert client["user_pool_id"] == "${aws_cognito_user_pool.users.id}"


def test_local_accounts_sign_in_only_if_the_settings_ask_for_them(
    synthesize: Synthesize, minimal: str
) -> None:
    assert _client(synthesize())["explicit_auth_flows"] == ["ALLOW_REFRESH_TOKEN_AUTH"]
    client = _client(synthesize(minimal.replace("[cognito]", "[cognito]\nlocal_accounts = true")))
    assert client["supported_identity_providers"][1] == "COGNITO"
    assert "ALLOW_USER_SRP_AUTH" in client["explicit_auth_flows"]


def test_the_client_uses_the_code_grant_with_safe_defaults(synthesize: Synthesize) -> None:
    client = _client(synthesize())
    expected = {
        "name": "dev-web",
        "allowed_oauth_flows": ["code"],
        "allowed_oauth_flows_user_pool_client": True,
        "allowed_oauth_scopes": ["openid", "profile", "email"],
        "callback_urls": ["https://app.example.com/callback"],
        "prevent_user_existence_errors": "ENABLED",
        "enable_token_revocation": True,
        "access_token_validity": 60,
        "id_token_validity": 60,
        "refresh_token_validity": 30,
        "token_validity_units": [{"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}],
    }
    assert {key: client[key] for key in expected} == expected


def test_only_a_server_app_has_a_secret(synthesize: Synthesize, minimal: str) -> None:
    settings = minimal + (
        '[clients.spa]\ntype = "single_page"\ncallback_urls = ["https://spa.example.com/"]\n'
        '[clients.phone]\ntype = "mobile"\ncallback_urls = ["myapp://callback"]\n'
    )
    document = synthesize(settings)
    secrets = {key: _client(document, key)["generate_secret"] for key in ("web", "spa", "phone")}
    assert secrets == {"web": True, "spa": False, "phone": False}


def test_the_client_may_write_what_the_mapping_writes_and_nothing_cognito_refuses(
    synthesize: Synthesize,
) -> None:
    client = _client(synthesize())
    assert client["write_attributes"] == OWN_ATTRIBUTES
    assert client["read_attributes"] == sorted([*OWN_ATTRIBUTES, "email_verified"])


def test_people_cannot_sign_themselves_up(synthesize: Synthesize) -> None:
    pool = _pool(synthesize())
    assert pool["admin_create_user_config"] == {"allow_admin_create_user_only": True}
    assert pool["username_configuration"] == {"case_sensitive": False}
    assert pool["mfa_configuration"] == "OFF"
    assert pool["user_pool_tier"] == "ESSENTIALS"


def test_pool_and_provider_are_protected_unless_the_settings_say_otherwise(
    synthesize: Synthesize, minimal: str
) -> None:
    protected = synthesize()
    assert _pool(protected)["deletion_protection"] == "ACTIVE"
    assert _pool(protected)["lifecycle"]["prevent_destroy"] is True
    assert _provider(protected)["lifecycle"]["prevent_destroy"] is True
    open_ = synthesize(minimal.replace("[cognito]", "[cognito]\ndeletion_protection = false"))
    assert _pool(open_)["deletion_protection"] == "INACTIVE"
    assert _pool(open_)["lifecycle"]["prevent_destroy"] is False
    assert _provider(open_)["lifecycle"]["prevent_destroy"] is False


def test_the_domain_is_the_prefix_of_the_settings(synthesize: Synthesize) -> None:
    domain = synthesize()["resource"]["aws_cognito_user_pool_domain"]["prefix"]
    assert domain["domain"] == "contoso-signin"
    assert domain["user_pool_id"] == "${aws_cognito_user_pool.users.id}"


def test_identifiers_are_sorted_since_terraform_compares_a_list(synthesize: Synthesize, minimal: str) -> None:
    settings = minimal.replace("[cognito]", '[cognito]\nidp_identifiers = ["b.example", "a.example"]')
    assert _provider(synthesize(settings))["idp_identifiers"] == ["a.example", "b.example"]


def test_the_newer_sign_in_pages_come_with_a_branding_for_every_client(
    synthesize: Synthesize, minimal: str
) -> None:
    assert "aws_cognito_managed_login_branding" not in synthesize()["resource"]
    document = synthesize(minimal.replace("[cognito]", "[cognito]\nmanaged_login_version = 2"))
    assert document["resource"]["aws_cognito_user_pool_domain"]["prefix"]["managed_login_version"] == 2
    branding = document["resource"]["aws_cognito_managed_login_branding"]["web"]
    assert branding["client_id"] == "${aws_cognito_user_pool_client.web.id}"
    assert branding["use_cognito_provided_values"] is True
