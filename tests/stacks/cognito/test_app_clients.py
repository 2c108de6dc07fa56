"""App clients: what is right for each type, resource servers, signing out, and branding."""

import base64
import json
from urllib.parse import parse_qs, unquote, urlsplit

from tests.conftest import EXAMPLES, Synthesize, SynthesizeExample, TerraformJson
from tests.stacks.terraform_json import APP_CLIENT, APPLICATION, element

OWN_ATTRIBUTES = ["custom:entra_oid", "custom:entra_tid", "email", "family_name", "given_name"]


def test_the_client_enables_the_provider_by_reference(synthesize: Synthesize) -> None:
    client = element(APP_CLIENT, synthesize())
    assert client["supported_identity_providers"] == ["${aws_cognito_identity_provider.entra.provider_name}"]
    assert client["user_pool_id"] == "${aws_cognito_user_pool.users.id}"


SUPPORT = """
[clients.support]
local_accounts = true
callback_urls = ["https://support.example.com/callback"]
"""


def test_local_accounts_have_a_client_of_their_own_that_neither_writes_nor_shows_ids(
    synthesize: Synthesize, minimal: str
) -> None:
    document = synthesize(minimal + SUPPORT)
    assert element(APP_CLIENT, document) == element(APP_CLIENT, synthesize())
    client = element("aws_cognito_user_pool_client.support", document)
    assert client["supported_identity_providers"] == ["COGNITO"]
    assert client["explicit_auth_flows"] == ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"]
    assert client["write_attributes"] == [
        *("address", "birthdate", "gender", "locale", "middle_name", "name", "nickname", "picture"),
        *("profile", "updated_at", "website", "zoneinfo"),
    ]
    shown = {*client["write_attributes"], "email", "email_verified", "family_name", "given_name"}
    shown |= {"phone_number", "phone_number_verified", "preferred_username"}
    assert client["read_attributes"] == sorted(shown)
    assert document["output"]["expected"]["value"]["clients"]["support"]["identity_providers"] == []


def test_microsofts_people_sign_in_at_a_client_without_passwords(
    synthesize_example: SynthesizeExample,
) -> None:
    for example in sorted(path.stem for path in EXAMPLES.glob("*.toml")):
        for client in _clients(synthesize_example(example)).values():
            if client["supported_identity_providers"] == ["COGNITO"]:
                continue
            assert client["explicit_auth_flows"] == ["ALLOW_REFRESH_TOKEN_AUTH"], example
            assert "COGNITO" not in client["supported_identity_providers"]
            assert "aws.cognito.signin.user.admin" not in client["allowed_oauth_scopes"]


def test_an_app_of_several_tenants_reads_roles_where_they_name_the_tenant(
    synthesize_example: SynthesizeExample,
) -> None:
    of_many = {
        "[entra]": "[entra]\nassignment_required = true",
        "[cognito]": '[entra.app_roles.admin]\ngroups = ["Admins"]\n\n[cognito]\ngroups_from = "roles"',
    }
    clients = _clients(synthesize_example("customers", of_many))
    reads = {key: "custom:entra_roles" in client["read_attributes"] for key, client in clients.items()}
    assert reads == {"web": False, "adatum": True, "backoffice": True}
    assert all("custom:entra_roles" in client["write_attributes"] for client in clients.values())


def test_the_client_uses_the_code_grant_with_safe_defaults(synthesize: Synthesize) -> None:
    client = element(APP_CLIENT, synthesize())
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


def test_the_client_may_write_what_the_mapping_writes_and_nothing_cognito_refuses(
    synthesize: Synthesize,
) -> None:
    client = element(APP_CLIENT, synthesize())
    assert client["write_attributes"] == OWN_ATTRIBUTES
    assert client["read_attributes"] == sorted([*OWN_ATTRIBUTES, "email_verified"])


def test_the_client_may_read_all_that_its_scopes_need_be_it_mapped_or_not(
    synthesize: Synthesize, minimal: str
) -> None:
    scopes = 'scopes = ["openid", "profile", "email", "phone"]'
    mapping = '\n[cognito.attribute_mapping]\nname = "name"\n'
    client = element(APP_CLIENT, synthesize(f"{minimal}{scopes}\n{mapping}"))
    own = ["custom:entra_oid", "custom:entra_tid", "name"]
    needed = ["email", "email_verified", "phone_number", "phone_number_verified"]
    assert client["read_attributes"] == sorted([*own, *needed])
    assert client["write_attributes"] == own


def test_the_newer_sign_in_pages_come_with_a_branding_for_every_client(
    synthesize: Synthesize, minimal: str
) -> None:
    assert "aws_cognito_managed_login_branding" not in synthesize()["resource"]
    document = synthesize(minimal.replace("[cognito]", "[cognito]\nmanaged_login_version = 2"))
    assert document["resource"]["aws_cognito_user_pool_domain"]["prefix"]["managed_login_version"] == 2
    branding = document["resource"]["aws_cognito_managed_login_branding"]["web"]
    assert branding["client_id"] == "${aws_cognito_user_pool_client.web.id}"
    assert branding["use_cognito_provided_values"] is True


BRANDING = "aws_cognito_managed_login_branding"

MICROSOFT_SIGN_OUT = (
    "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/oauth2/v2.0/logout"
    "?post_logout_redirect_uri=https%3A%2F%2Fapp.contoso.example%2F"
)


def _clients(document: TerraformJson) -> TerraformJson:
    clients: TerraformJson = document["resource"]["aws_cognito_user_pool_client"]
    return clients


def test_only_a_server_has_a_secret_and_each_type_its_own_refresh_tokens(
    synthesize_example: SynthesizeExample,
) -> None:
    clients = _clients(synthesize_example("apps"))
    assert {key: client["generate_secret"] for key, client in clients.items()} == {
        "web": True,
        "spa": False,
        "phone": False,
    }
    assert {key: client["refresh_token_validity"] for key, client in clients.items()} == {
        "web": 30,
        "spa": 1,
        "phone": 90,
    }
    assert all(client["allowed_oauth_flows"] == ["code"] for client in clients.values())


def test_the_lifetimes_of_the_settings_are_those_of_the_tokens(synthesize_example: SynthesizeExample) -> None:
    for key, minutes in (("web", 60), ("spa", 15), ("phone", 60)):
        client = _clients(synthesize_example("apps"))[key]
        assert (client["access_token_validity"], client["id_token_validity"]) == (minutes, minutes)
        assert client["token_validity_units"] == [
            {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}
        ]
    longer = synthesize_example(
        "apps", {'type = "single_page"': 'type = "single_page"\nrefresh_token_days = 7'}
    )
    assert _clients(longer)["spa"]["refresh_token_validity"] == 7


def test_an_api_has_its_scopes_in_the_pool(synthesize_example: SynthesizeExample) -> None:
    assert element("aws_cognito_resource_server.orders", synthesize_example("apps")) == {
        "user_pool_id": "${aws_cognito_user_pool.users.id}",
        "identifier": "https://orders.contoso.example",
        "name": "orders",
        "scope": [
            {"scope_name": "read", "scope_description": "Read orders"},
            {"scope_name": "write", "scope_description": "Change orders"},
        ],
    }


def test_a_client_comes_after_the_apis_whose_scopes_it_asks_for(
    synthesize_example: SynthesizeExample,
) -> None:
    """Cognito refuses a client with a scope that is not there yet."""
    clients = _clients(synthesize_example("apps"))
    assert "https://orders.contoso.example/read" in clients["web"]["allowed_oauth_scopes"]
    orders = ["aws_cognito_resource_server.orders"]
    assert {key: client.get("depends_on") for key, client in clients.items()} == {
        "web": orders,
        "phone": orders,
        "spa": None,
    }


def test_the_way_out_by_microsoft_is_registered_on_both_sides(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("apps")
    # Cognito sends the browser only where the client says, and so does Entra ID.
    assert _clients(document)["web"]["logout_urls"] == ["https://app.contoso.example/", MICROSOFT_SIGN_OUT]
    web = element(APPLICATION, document)["web"]
    assert web["redirect_uris"] == [
        "https://contoso-apps.auth.us-east-1.amazoncognito.com/oauth2/idpresponse",
        "https://app.contoso.example/",
    ]


def test_the_sign_out_url_goes_by_cognito_and_microsoft_back_to_the_app(
    synthesize_example: SynthesizeExample,
) -> None:
    url = synthesize_example("apps")["output"]["sign_out_urls"]["value"]["web"]
    asked = parse_qs(urlsplit(url).query)
    assert asked["logout_uri"] == [MICROSOFT_SIGN_OUT]
    assert unquote(asked["logout_uri"][0]).endswith("=https://app.contoso.example/")


def test_an_app_that_only_ends_cognitos_session_registers_nothing_more(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("apps", {"end_microsoft_session = true\n": ""})
    assert _clients(document)["web"]["logout_urls"] == ["https://app.contoso.example/"]
    assert len(element(APPLICATION, document)["web"]["redirect_uris"]) == 1


def test_an_app_of_several_tenants_signs_out_of_whichever_it_was(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example(
        "customers",
        {
            '["https://app.contoso.example/callback"]': '["https://app.contoso.example/callback"]\n'
            'logout_urls = ["https://app.contoso.example/"]\nend_microsoft_session = true',
        },
    )
    assert [urlsplit(url).path for url in _clients(document)["web"]["logout_urls"]] == [
        "/",
        "/common/oauth2/v2.0/logout",
    ]


def test_a_design_of_ones_own_is_given_to_each_client_of_the_stack(
    synthesize_example: SynthesizeExample,
) -> None:
    more = {
        "[clients.web]": '[clients.spa]\ntype = "single_page"\n'
        'callback_urls = ["https://spa.contoso.example/"]\n\n[clients.web]'
    }
    document = synthesize_example("branding", more)
    assert document["resource"]["aws_cognito_user_pool_domain"]["prefix"]["managed_login_version"] == 2
    assert set(document["resource"][BRANDING]) == {"web", "spa"}
    for key, branding in document["resource"][BRANDING].items():
        assert branding["client_id"] == f"${{aws_cognito_user_pool_client.{key}.id}}"
        assert json.loads(branding["settings"]) == json.loads(
            (EXAMPLES / "branding" / "settings.json").read_text()
        )
        (asset,) = branding["asset"]
        assert base64.b64decode(asset.pop("bytes")) == (EXAMPLES / "branding" / "logo.svg").read_bytes()
        assert asset == {"category": "FORM_LOGO", "color_mode": "DYNAMIC", "extension": "SVG"}
        # Cognito takes either a design or its own, never both.
        assert "use_cognito_provided_values" not in branding


def test_without_a_design_the_pages_are_as_cognito_made_them(synthesize_example: SynthesizeExample) -> None:
    text = (EXAMPLES / "branding.toml").read_text()
    start, end = text.index("[cognito.branding]"), text.index("[clients.web]")
    branding = synthesize_example("branding", {text[start:end]: ""})["resource"][BRANDING]["web"]
    assert branding["use_cognito_provided_values"] is True
    assert not {"settings", "asset"} & set(branding)
