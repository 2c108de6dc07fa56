"""What is said of existing objects, and what of a state is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from operate.adopt.__main__ import main, new_record
from operate.adopt.differences import differences, fragment, other_clients, pool_attributes
from operate.adopt.existing import ExistingObjects
from operate.adopt.report import report, warnings
from operate.adopt.unrecorded import repair_command
from operate.errors import OperateError
from operate.state import Lock, Recorded, parse
from stacks.addresses import CUSTOM_DOMAIN
from stacks.adopted import NOTHING
from stacks.settings import Settings
from stacks.settings.files import load
from stacks.settings.tenants import HOME

PROVIDER = "aws_cognito_identity_provider.entra"
# As the API describes them.
_EXISTING: dict[str, Any] = json.loads(Path(__file__).with_name("existing.json").read_text())
POOL, CLIENT = _EXISTING["pool"], _EXISTING["client"]
PROVIDER_OF_POOL = {"ProviderName": "entra", "ProviderDetails": {}, "AttributeMapping": {"email": "email"}}


@pytest.fixture
def settings(tmp_path: Path, minimal: str) -> Settings:
    (tmp_path / "dev.toml").write_text(minimal)
    return load(tmp_path / "dev.toml")


def test_an_environment_that_is_not_there_is_said_with_those_that_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").touch()
    assert main(["dev-bootstrap", "--project", str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"There is no environments/dev-bootstrap.toml in {tmp_path}. Environments here: dev.\n"
    )


def test_the_settings_that_differ_are_written_as_toml(settings: Settings) -> None:
    existing = ExistingObjects(pool=POOL, providers={HOME: PROVIDER_OF_POOL}, clients={"web": CLIENT})
    differing = differences(existing, settings)
    assert fragment(differing, {}).splitlines() == [
        "[cognito.attribute_mapping]",
        'email = "email"',
        "",
        "[clients.web]",
        'type = "single_page"',
        "refresh_token_days = 12",
    ]
    assert [(one.table, one.key) for one in differing if one.replaces] == [("clients.web", "type")]


def test_the_order_of_claims_and_permissions_counts_and_that_of_urls_does_not(settings: Settings) -> None:
    names = ["given_name", "family_name", "email"]
    assert settings.entra.optional_claims == sorted(names)
    registration = {
        "displayName": settings.display_name,
        "signInAudience": settings.account_types,
        "optionalClaims": {"idToken": [{"name": name} for name in names]},
    }
    client = {**CLIENT, "AllowedOAuthScopes": sorted(settings.clients["web"].scopes, reverse=True)}
    differing = differences(ExistingObjects(application=registration, clients={"web": client}), settings)
    keys = {one.key for one in differing}
    assert "optional_claims" in keys
    assert "scopes" not in keys


def test_an_app_that_the_settings_do_not_have_is_offered_whole(settings: Settings) -> None:
    others = ({**CLIENT, "ClientName": "2nd App!", "ClientSecret": "the-secret"}, {"ClientName": "machine"})
    offered = other_clients(
        ExistingObjects(providers={HOME: PROVIDER_OF_POOL}, other_clients=others), settings
    )
    assert list(offered) == ["app-1"]
    lines = fragment([], offered).splitlines()
    assert lines[:2] == ["[clients.app-1]", 'name = "2nd App!"']
    assert "the-secret" not in " ".join(lines)


def test_what_would_fail_and_no_plan_shows_is_said(settings: Settings) -> None:
    said = " ".join(warnings(ExistingObjects(pool=POOL), settings))
    assert "custom:entra_oid is immutable" in said
    assert 'domain_prefix = "contoso-old"' in said


def test_only_attributes_with_a_rule_or_of_the_pools_own_are_declared() -> None:
    declared = {attribute.name: attribute for attribute in pool_attributes(POOL)}
    assert sorted(declared) == ["email", "entra_oid", "level"]
    assert declared["email"].string_attribute_constraints == {"min_length": "0", "max_length": "2048"}
    assert declared["level"].number_attribute_constraints == {"min_value": "1"}
    assert declared["level"].developer_only_attribute


def test_of_a_state_addresses_and_ids_are_read_and_no_value() -> None:
    state = {
        "resources": [
            {"mode": "data", "type": "azuread_client_config", "name": "deployer", "instances": [{}]},
            {
                "mode": "managed",
                "type": "azuread_application_password",
                "name": "sign_in_1",
                "instances": [{"attributes": {"id": "a/password/k", "key_id": "k", "value": "the-secret"}}],
            },
        ]
    }
    lock = {"ID": "1234", "Who": "ada@laptop", "Created": "2027-01-04T08:00:00Z"}
    recorded = parse(json.dumps(state), json.dumps(lock))
    assert recorded.resources == {"azuread_application_password.sign_in_1": "a/password/k"}
    assert recorded.secret_key_ids == {"k"}
    assert recorded.lock == Lock("1234", "ada@laptop", "2027-01-04T08:00:00Z")
    assert "the-secret" not in repr(recorded)


def test_a_state_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(OperateError) as refused:
        parse('{"resources": "the-secret"}')
    assert "the-secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_lock_that_nobody_released_is_named_with_the_way_out(settings: Settings) -> None:
    recorded = Recorded(lock=Lock("1234", "ada@laptop", "2027-01-04T08:00:00Z"))
    said = "\n".join(report(settings, ExistingObjects(), recorded, NOTHING))
    assert "ada@laptop" in said
    assert "terraform -chdir=cdktf.out/stacks/dev force-unlock 1234" in said


def test_a_provider_whose_secret_is_on_no_record_is_not_imported() -> None:
    import_id = "eu-central-1_aBcDeFgHi:entra"
    assert repair_command("dev", PROVIDER, import_id, Recorded()).startswith(
        "aws cognito-idp delete-identity-provider --user-pool-id eu-central-1_aBcDeFgHi --provider-name entra"
    )
    with_secret = Recorded(secret_key_ids=frozenset({"k"}))
    assert f"import '{PROVIDER}' '{import_id}'" in repair_command("dev", PROVIDER, import_id, with_secret)


OF_EVERY_SHAPE = """
[cognito.custom_domain]
host = "login.contoso.com"
certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"

[tenants.fabrikam]
tenant_id = "8d7e6f5a-4b3c-4d2e-9f1a-0b9c8d7e6f5a"

[resource_servers.orders]
identifier = "https://orders.contoso.com"
scopes = { read = "Read orders" }
"""


def _existing(**more: object) -> ExistingObjects:
    details: dict[str, Any] = {"ProviderDetails": {}, "AttributeMapping": {}}
    described: dict[str, Any] = {
        "pool": POOL,
        "domains": {CUSTOM_DOMAIN: {"UserPoolId": POOL["Id"]}},
        "providers": {"fabrikam": {"ProviderName": "fabrikam", **details}, HOME: PROVIDER_OF_POOL},
        "resource_servers": ("orders",),
    }
    return ExistingObjects(**described | more)


def test_tenants_own_domain_and_apis_are_imported_at_their_addresses(tmp_path: Path, minimal: str) -> None:
    file = tmp_path / "dev.toml"
    file.write_text(minimal + OF_EVERY_SHAPE)
    assert _existing().imports(load(file)) == {
        "aws_cognito_user_pool.users": POOL["Id"],
        "aws_cognito_user_pool_domain.custom": "login.contoso.com",
        "aws_cognito_identity_provider.entra": f"{POOL['Id']}:entra",
        "aws_cognito_identity_provider.tenant_fabrikam": f"{POOL['Id']}:fabrikam",
        "aws_cognito_resource_server.orders": f"{POOL['Id']}|https://orders.contoso.com",
    }


def test_a_tenants_provider_of_another_name_would_make_its_people_new_users(
    tmp_path: Path, minimal: str
) -> None:
    file = tmp_path / "dev.toml"
    file.write_text(minimal + OF_EVERY_SHAPE)
    other = {"ProviderName": "Fabrikam-Inc", "ProviderDetails": {}, "AttributeMapping": {}}
    differing = differences(_existing(providers={"fabrikam": other}), load(file))
    assert [(one.table, one.key, one.existing) for one in differing if one.replaces] == [
        ("tenants.fabrikam", "provider_name", "Fabrikam-Inc")
    ]


def test_of_somebody_elses_pool_nothing_is_adopted_but_the_provider(tmp_path: Path, minimal: str) -> None:
    file = tmp_path / "dev.toml"
    pool = f'user_pool_id = "{POOL["Id"]}"\nexisting_domain = "login.contoso.com"'
    file.write_text(minimal.replace('domain_prefix = "contoso-signin"', pool))
    settings = load(file)
    existing = ExistingObjects(pool=POOL, providers={HOME: PROVIDER_OF_POOL})
    assert existing.imports(settings) == {"aws_cognito_identity_provider.entra": f"{POOL['Id']}:entra"}
    said = "\n".join(report(settings, existing, Recorded(), NOTHING))
    assert f"The user pool {POOL['Id']} is somebody else's and stays as it is" in said
    assert "user_pool_name" not in said
    assert new_record(existing, settings).pool_attributes == []
