"""A user pool and an app client of other teams: read, checked before anything is made, never changed."""

from tests.conftest import SynthesizeExample
from tests.stacks.terraform_json import APP_CLIENT, APPLICATION, IDENTITY_PROVIDER, element


def test_an_existing_pool_is_read_and_not_made(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-user-pool")
    made = set(document["resource"])
    assert not {"aws_cognito_user_pool", "aws_cognito_user_pool_domain", "aws_lambda_function"} & made
    assert element("data.aws_cognito_user_pool.users", document)["user_pool_id"] == "us-east-1_aB3dE5fG7"
    # By reference to what is read: so everything waits for its checks.
    reference = "${data.aws_cognito_user_pool.users.user_pool_id}"
    for address in (IDENTITY_PROVIDER, APP_CLIENT):
        assert element(address, document)["user_pool_id"] == reference


def test_the_existing_domain_is_the_one_that_people_and_entra_id_use(
    synthesize_example: SynthesizeExample,
) -> None:
    document = synthesize_example("existing-user-pool")
    host = "contoso-shared.auth.us-east-1.amazoncognito.com"
    assert document["output"]["domain"]["value"] == host
    assert element(APPLICATION, document)["web"]["redirect_uris"] == [f"https://{host}/oauth2/idpresponse"]


def test_a_pool_that_does_not_fit_the_mapping_stops_the_plan(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-user-pool")
    conditions = element("data.aws_cognito_user_pool.users", document)["lifecycle"]["postcondition"]
    mapped = '["custom:entra_oid", "custom:entra_tid", "email", "family_name", "given_name"]'
    immutable = "[for one in self.schema_attributes : one.name if !one.mutable]"
    required = '[for one in self.schema_attributes : one.name if one.required && one.name != "sub"]'
    assert [condition["condition"] for condition in conditions] == [
        f"${{length(setsubtract({mapped}, self.schema_attributes[*].name)) == 0}}",
        f"${{length(setintersection({mapped}, {immutable})) == 0}}",
        f"${{length(setsubtract({required}, {mapped})) == 0}}",
    ]
    messages = [condition["error_message"] for condition in conditions]
    for message, says, instead in zip(
        messages,
        (
            "lacks attributes of the mapping: ",
            "never changes these attributes: ",
            "requires attributes that are",
        ),
        (
            "add-custom-attributes --user-pool-id us-east-1_aB3dE5fG7",
            "map another attribute.",
            "Add each to [",
        ),
        strict=True,
    ):
        assert message.startswith("The user pool us-east-1_aB3dE5fG7 ")
        assert says in message
        assert instead in message


def test_an_existing_client_is_read_and_not_made(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("existing-user-pool")
    assert list(document["resource"]["aws_cognito_user_pool_client"]) == ["web"]
    portal = element("data.aws_cognito_user_pool_client.portal", document)
    assert portal["client_id"] == "1h57kf5cpq17m0eml12v2b6k8s"
    ids = document["output"]["client_ids"]["value"]
    assert ids["portal"] == "${data.aws_cognito_user_pool_client.portal.client_id}"
    assert "aws_cognito_managed_login_branding" not in document["resource"]


def test_a_client_that_cannot_be_signed_in_at_stops_the_plan(synthesize_example: SynthesizeExample) -> None:
    portal = element("data.aws_cognito_user_pool_client.portal", synthesize_example("existing-user-pool"))
    conditions = portal["lifecycle"]["postcondition"]
    has = {
        "callback_urls": '["https://portal.contoso.example/callback"]',
        "allowed_oauth_scopes": '["openid", "profile", "email"]',
        "allowed_oauth_flows": '["code"]',
        "write_attributes": '["custom:entra_oid", "custom:entra_tid"]',
    }
    conditions, people = conditions[:5], conditions[5:]
    *stated, readable = [condition["condition"] for condition in conditions]
    assert stated == [
        f"${{length(setsubtract({values}, self.{attribute})) == 0}}" for attribute, values in has.items()
    ]
    # A client that says nothing of what it may read may read both.
    assert readable == (
        "${length(self.read_attributes) == 0 || "
        'length(setsubtract(["email", "email_verified"], self.read_attributes)) == 0}'
    )
    for condition in conditions:
        assert condition["error_message"].startswith(
            "The app client 1h57kf5cpq17m0eml12v2b6k8s ([clients.portal]) "
        )
        assert "Have its owner add them" in condition["error_message"]
    flows = "self.explicit_auth_flows"
    others = f'setsubtract({flows}, ["ALLOW_REFRESH_TOKEN_AUTH"])'
    left_out = f'length({flows}) == 0 ? toset(["left out, so passwords"])'
    assert [condition["condition"] for condition in people] == [
        '${length(setintersection(self.supported_identity_providers, ["COGNITO"])) == 0}',
        f"${{length({left_out} : {others}) == 0}}",
        '${length(setintersection(self.allowed_oauth_scopes, ["aws.cognito.signin.user.admin"])) == 0}',
    ]
    for condition in people:
        assert "write the ids of others. Have its owner remove that" in condition["error_message"]


def test_a_client_must_read_all_that_each_of_its_scopes_needs(synthesize_example: SynthesizeExample) -> None:
    callback = 'callback_urls = ["https://portal.contoso.example/callback"]'
    edits = {callback: f'{callback}\nscopes = ["openid", "profile", "phone"]'}
    portal = element(
        "data.aws_cognito_user_pool_client.portal", synthesize_example("existing-user-pool", edits)
    )
    readable = portal["lifecycle"]["postcondition"][-4]
    needed = '["phone_number", "phone_number_verified"]'
    assert f"setsubtract({needed}, self.read_attributes)" in readable["condition"]


def test_a_client_that_lets_nobody_in_yet_is_a_warning_since_only_its_owner_can_change_that(
    synthesize_example: SynthesizeExample,
) -> None:
    (check,) = synthesize_example("existing-user-pool")["check"].items()
    assert check[0] == "app_client_portal"
    enabled = "data.aws_cognito_user_pool_client.portal.supported_identity_providers"
    missing = f'setsubtract(["contoso-entra"], {enabled})'
    assert check[1]["assert"]["condition"] == f"${{length({missing}) == 0}}"
    assert "after this deploy" in check[1]["assert"]["error_message"]
