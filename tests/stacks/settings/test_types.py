"""The rules of one text, whichever setting has it, against whatever chance writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stacks.settings.samples import Kind, accepts, case, refusal, refused, text_kinds, unhurried

KINDS = text_kinds()
FREE_TEXT = {
    "cognito.idp_identifiers",
    "cognito.user_pool_name",
    "entra.app_roles.description",
    "entra.app_roles.display_name",
    "entra.branding.notes",
    "entra.display_name",
    "resource_servers.name",
    "resource_servers.scopes (values)",
    "tags",
    "tags (values)",
}
GUID = "2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"
GOOD = (
    *("dev", "eu-central-1", "123456789012", GUID, "email", "custom:a", "6.25.0", "read", "orders/read"),
    *("arn:aws:iam::123456789012:role/a", "arn:aws:iam::123456789012:policy/a", "/a/"),
    *(
        "https://a",
        "https://a/",
        "http://localhost:1",
        "fabrikam",
        "fabrikam.com",
        "ada@fabrikam.com",
        "auth.contoso.com",
    ),
    *("Z0123", "a.json", "eu-central-1_a", f"arn:aws:acm:us-east-1:123456789012:certificate/{GUID}"),
)

each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@each_kind
@unhurried
@given(value=st.text())
def test_a_text_is_accepted_or_refused_in_words(kind: Kind, value: str) -> None:
    assert refusal(kind, value) is None or all(refusal(kind, value) or ())


# A line break at the end passes many a `$`.
@pytest.mark.parametrize("key", sorted(KINDS.keys() - FREE_TEXT))
def test_a_line_break_at_the_end_is_never_overlooked(key: str) -> None:
    assert [good for good in GOOD if accepts(KINDS[key], good)]
    assert [good for good in GOOD if accepts(KINDS[key], good + "\n")] == []


@pytest.mark.parametrize(
    "key", sorted(key for key in KINDS if not key.startswith(("cognito.branding.", "entra.branding.logo")))
)
@unhurried
@given(st.text(max_size=10), st.sampled_from(["${", "%{"]), st.text(max_size=10))
def test_what_terraform_would_evaluate_is_accepted_nowhere(
    key: str, before: str, begins: str, after: str
) -> None:
    # The files of a branding are read before Terraform is there.
    assert not accepts(KINDS[key], before + begins + after)


test_what_terraform_would_evaluate = refused(
    *(
        case(key, value, "Terraform reads", at=at)
        for key, value, at in (
            ("entra.display_name", "${path.cwd}", ""),
            ("entra.display_name", "%{ if true }a", ""),
            ("entra.assigned_groups", ["${x}"], "[0]"),
            ("entra.assigned_users", ["${x}@contoso.com"], "[0]"),
            ("entra.app_roles", {"a": {"value": "${x}"}}, ".a.value"),
            ("entra.app_roles", {"a": {"display_name": "${x}"}}, ".a.display_name"),
            ("entra.app_roles", {"a": {"description": "${x}"}}, ".a.description"),
            ("resource_servers.a", {"identifier": "${x}", "scopes": {"b": "c"}}, ".identifier"),
            ("resource_servers.a.scopes", {"${b}": "c"}, '."${b}"'),
            ("resource_servers.a.scopes", {"b": "${c}"}, ".b"),
            ("state", {"bucket": "contoso-state", "key": "${x}"}, ".key"),
        )
    )
)
