"""Configurations that the stand-in refuses."""

import pytest

from sandbox.azuread_plugin.schema import Node, data_source_type, empty, provider_schema, resource_type
from sandbox.azuread_plugin.validate import validate
from sandbox.azuread_plugin.wire import UNKNOWN
from tests.sandbox.azuread_plugin.fixtures import APPLICATION, Json, application


def test_the_recorded_schema_has_the_attributes_called_description() -> None:
    # They are easily lost with the descriptions that Terraform prints beside every attribute.
    assert APPLICATION.fields["description"].optional
    assert APPLICATION.fields["app_role"].items().fields["description"].required
    assert data_source_type("azuread_service_principal").fields["description"].computed


@pytest.mark.parametrize(
    ("kind", "config", "path"),
    [
        ("azuread_application", {"display_name": ""}, ("display_name",)),
        ("azuread_application", {"client_id": "x"}, ("client_id",)),
        ("azuread_application", {"sign_in_audience": "x"}, ("sign_in_audience",)),
        ("azuread_application", {"owners": ["x"]}, ("owners",)),
        ("azuread_application", {"web": [{"redirect_uris": ["https://a"]}]}, ("web", 0, "redirect_uris")),
        (
            "azuread_application",
            {"web": [{"redirect_uris": ["https://a/" + "b" * 247]}]},
            ("web", 0, "redirect_uris"),
        ),
        ("azuread_application_password", {"end_date": "2027-01-01"}, ("end_date",)),
        ("azuread_service_principal", {"client_id": "x"}, ("client_id",)),
        ("azuread_service_principal_delegated_permission_grant", {"claim_values": []}, ("claim_values",)),
    ],
)
def test_a_wrong_argument_is_refused_where_it_stands(kind: str, config: Json, path: Json) -> None:
    root = resource_type(kind)
    right = {"display_name": "Portal"} if kind == "azuread_application" else {}
    errors = validate(kind, root, {**empty(root), **right, **config})
    assert path in [error.path for error in errors]


def test_an_argument_not_known_yet_is_not_refused() -> None:
    config = application(display_name=UNKNOWN, owners=[UNKNOWN], group_membership_claims=UNKNOWN)
    assert not validate("azuread_application", APPLICATION, config)


def sample(node: Node) -> Json:
    """Some value for an attribute or block."""
    if node.kind == "object":
        return {name: sample(child) for name, child in node.fields.items()}
    if node.kind in ("list", "set"):
        return [sample(node.items())]
    return {"string": "x", "number": 1, "bool": True}.get(node.kind, {})


NOT_SERVED = [
    (kind, node)
    for kind in provider_schema()["resource_schemas"]
    for node in resource_type(kind).walk()
    if "not_served" in node.rules
]


@pytest.mark.parametrize(("kind", "node"), NOT_SERVED, ids=lambda value: getattr(value, "path", value))
def test_what_the_stack_never_sets_is_refused_with_one_error(kind: str, node: Node) -> None:
    root = resource_type(kind)
    config = {**empty(root), **({"display_name": "Portal"} if root is APPLICATION else {})}
    outer, _, name = node.path.rpartition(".")
    config[outer or name] = [{name: sample(node)}] if outer else sample(node)
    assert [error.summary for error in validate(kind, root, config)] == [
        f"The sandbox's stand-in does not serve {kind}.{node.path}"
    ]


@pytest.mark.parametrize(
    ("config", "errors"),
    [
        ({}, 6),
        ({"user_principal_names": ["ada@contoso.example"]}, 0),
        ({"object_ids": []}, 0),
        ({"mails": ["x"]}, 1),
    ],
)
def test_users_are_found_by_principal_names_and_object_ids_only(config: Json, errors: int) -> None:
    root = data_source_type("azuread_users")
    assert len(validate("azuread_users", root, {**empty(root), **config})) == errors
