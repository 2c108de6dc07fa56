"""Every combination of scopes and mapped attributes that the settings accept signs in."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import example, given, reject, settings
from hypothesis import strategies as st

from sandbox.aws import LocalAws
from sandbox.cognito.attributes import SCOPE_ATTRIBUTES
from stacks.settings.errors import SettingsError
from stacks.settings.facts import STANDARD_ATTRIBUTES
from stacks.settings.files import settings_of
from tests.conftest import TODAY
from tests.e2e.deployment import synthesize
from tests.sandbox.cognito.fixtures import App, FakeProvider, make_app
from tests.stacks.settings.samples import ORDERS, unhurried, with_changes
from tests.stacks.terraform_json import APP_CLIENT, IDENTITY_PROVIDER, USER_POOL, element

# A value that fits every standard attribute: a number, and as long as a date.
VALUE = "0123456789"
CLAIMS = ("name", "preferred_username", "oid", "email", "given_name", "family_name", "phone", "employeeid")
ATTRIBUTES = (*STANDARD_ATTRIBUTES, "custom:department", "custom:x")
SCOPES = ("openid", "email", "phone", "profile", "orders/read")

mappings = st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(CLAIMS), max_size=6)
scope_lists = st.lists(st.sampled_from(SCOPES), min_size=1, unique=True)


@given(mapping=mappings, scopes=scope_lists)
@example(mapping={"name": "name"}, scopes=["openid", "profile", "email"])
@example(mapping={}, scopes=["openid", "phone"])
@settings(unhurried, max_examples=12)  # each deploys
def test_whatever_the_settings_accept_signs_in(
    aws: LocalAws, fake_provider: FakeProvider, mapping: dict[str, str], scopes: list[str]
) -> None:
    app = _deployed(aws, fake_provider, mapping, scopes)
    fake_provider.reset().claims |= dict.fromkeys([*mapping.values(), "oid", "tid"], VALUE)
    tokens = app.tokens(scope=" ".join(scopes))
    if "profile" in scopes:
        claims = app.claims(tokens["id_token"])
        told = {name for name in mapping if name not in set().union(*SCOPE_ATTRIBUTES.values())}
        assert {"custom:entra_oid", "custom:entra_tid", *told} <= claims.keys()


def _deployed(aws: LocalAws, provider: FakeProvider, mapping: dict[str, str], scopes: list[str]) -> App:
    """A pool, provider and client with what the stack makes of the settings."""
    changes = {"cognito.attribute_mapping": mapping, "clients.web.scopes": scopes, **ORDERS}
    try:
        accepted = settings_of(with_changes(changes), Path("dev.toml"))
    except SettingsError:
        reject()
    with tempfile.TemporaryDirectory() as folder:
        synthesize(Path(folder), Path(folder) / "out", [accepted], TODAY)
        document = json.loads((Path(folder) / "out/stacks/dev/cdk.tf.json").read_text())
    client = element(APP_CLIENT, document)
    return make_app(
        aws,
        provider,
        schema=[_attribute(block) for block in element(USER_POOL, document)["schema"]],
        mapping=element(IDENTITY_PROVIDER, document)["attribute_mapping"],
        AllowedOAuthScopes=client["allowed_oauth_scopes"],
        ReadAttributes=client["read_attributes"],
        WriteAttributes=client["write_attributes"],
    )


def _attribute(block: dict[str, Any]) -> dict[str, Any]:
    """An attribute of the pool's schema as the API takes it."""
    limits = block["string_attribute_constraints"]
    return {
        "Name": block["name"],
        "AttributeDataType": block["attribute_data_type"],
        "Mutable": block["mutable"],
        "StringAttributeConstraints": {"MaxLength": limits["max_length"], "MinLength": limits["min_length"]},
    }
