"""The user pool that the stack makes."""

from tests.conftest import Synthesize
from tests.stacks.terraform_json import APP_CLIENT, IDENTITY_PROVIDER, USER_POOL, element


def test_every_custom_attribute_that_is_mapped_exists_and_can_be_written_again(
    synthesize: Synthesize, minimal: str
) -> None:
    settings = (
        minimal + '\n[cognito.attribute_mapping]\nemail = "email"\n"custom:nick" = "preferred_username"\n'
    )
    document = synthesize(settings)
    schema = element(USER_POOL, document)["schema"]
    assert {entry["name"] for entry in schema} == {"entra_oid", "entra_tid", "nick"}
    assert all(entry["mutable"] is True and entry["required"] is False for entry in schema)
    assert all(
        entry["string_attribute_constraints"] == {"min_length": "0", "max_length": "2048"} for entry in schema
    )
    assert "custom:nick" in element(APP_CLIENT, document)["write_attributes"]
    assert "custom:nick" in element(APP_CLIENT, document)["read_attributes"]


def test_people_cannot_sign_themselves_up(synthesize: Synthesize) -> None:
    pool = element(USER_POOL, synthesize())
    assert pool["admin_create_user_config"] == {"allow_admin_create_user_only": True}
    assert pool["username_configuration"] == {"case_sensitive": False}
    assert pool["mfa_configuration"] == "OFF"
    assert pool["user_pool_tier"] == "ESSENTIALS"


def test_pool_and_provider_are_protected_unless_the_settings_say_otherwise(
    synthesize: Synthesize, minimal: str
) -> None:
    protected = synthesize()
    assert element(USER_POOL, protected)["deletion_protection"] == "ACTIVE"
    assert element(USER_POOL, protected)["lifecycle"]["prevent_destroy"] is True
    assert element(IDENTITY_PROVIDER, protected)["lifecycle"]["prevent_destroy"] is True
    open_ = synthesize(minimal.replace("[cognito]", "[cognito]\ndeletion_protection = false"))
    assert element(USER_POOL, open_)["deletion_protection"] == "INACTIVE"
    assert element(USER_POOL, open_)["lifecycle"]["prevent_destroy"] is False
    assert element(IDENTITY_PROVIDER, open_)["lifecycle"]["prevent_destroy"] is False
