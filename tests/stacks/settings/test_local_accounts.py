"""Users with a password in Cognito: what is refused beside Microsoft's sign-in, and what remains for them."""

import pytest

from stacks.settings import local_accounts
from stacks.settings.facts import STANDARD_ATTRIBUTES
from tests.stacks.settings.samples import (
    ADMIN_SCOPE,
    CLIENT,
    GROUPS_KEPT,
    PASSWORDS,
    POOL,
    ROLES,
    ROLES_KEPT,
    accepted,
    case,
    refused,
    settings_with,
    silent,
)

BESIDE_MICROSOFT = {"cognito.local_accounts": True}
ONLY_PASSWORDS = {"clients.web.local_accounts": True}
EVERYTHING = {name: "upn" for name in STANDARD_ATTRIBUTES if name != "username"}

test_refused = refused(
    (BESIDE_MICROSOFT, "cognito.local_accounts", "could write the ids and roles of anybody else"),
    (BESIDE_MICROSOFT, "cognito.local_accounts", "[clients.support]\nlocal_accounts = true\ncallback_urls"),
    case("clients.web.scopes", ["openid", ADMIN_SCOPE], "pass for somebody else", at="[1]"),
    case("clients.web.scopes", ["openid", ADMIN_SCOPE], "/oauth2/userInfo shows", at="[1]"),
    case("clients.web.scopes", [ADMIN_SCOPE], "pass for", at="[0]", also=POOL | CLIENT),
    (POOL | CLIENT | ONLY_PASSWORDS, "clients.web.local_accounts", "The client has its own"),
    case("clients.web.tenants", ["home"], "and no tenant's", also=ONLY_PASSWORDS),
    case("clients.web.tenants", [], "and no tenant's", also=ONLY_PASSWORDS),
    (
        {
            "clients.web.local_accounts": True,
            "clients.web.end_microsoft_session": True,
            "clients.web.logout_urls": ["https://app.contoso.com/"],
        },
        "clients.web.end_microsoft_session",
        "no session at Microsoft",
    ),
    (
        {"clients.web.local_accounts": True, "cognito.attribute_mapping": EVERYTHING},
        "clients.web.local_accounts",
        "such as zoneinfo",
    ),
)

test_accepted = accepted(
    {"cognito.local_accounts": False},
    {"clients.support": PASSWORDS | {"scopes": ["openid", ADMIN_SCOPE]}},
)

test_silent = silent(
    {"clients.support": PASSWORDS},
    ROLES_KEPT | {"clients.support": PASSWORDS},
    ROLES | {"cognito.groups_from": "roles", "clients.support": PASSWORDS},
    GROUPS_KEPT | {"clients.support": PASSWORDS},
)


@pytest.mark.parametrize(
    "mapping",
    [
        {},
        {"email": "email", "family_name": "family_name", "given_name": "given_name"},
        {"email": "preferred_username", "nickname": "oid", "profile": "roles", "custom:tenant": "tid"},
        {"email_verified": "xms_edov", "preferred_username": "upn"},
    ],
)
def test_what_microsoft_writes_is_neither_written_nor_shown_but_for_names_and_addresses(
    mapping: dict[str, str],
) -> None:
    settings = settings_with(
        ROLES
        | {
            "cognito.attribute_mapping": mapping,
            "entra.optional_claims": ["email", "family_name", "given_name", "xms_edov", "upn"],
        }
    )
    mapped = settings.full_attribute_mapping
    written, shown = local_accounts.writable(settings), local_accounts.readable(settings)
    assert written
    assert not set(written) & {*mapped, "email", "phone_number", "preferred_username", "username"}
    assert not any(name.startswith("custom:") for name in shown)
    renamed = {name for name, claim in mapped.items() if name != claim}
    assert set(shown) & renamed <= {"email", "email_verified"}
    # The scopes email and phone need both of each.
    assert {"email", "email_verified", "phone_number", "phone_number_verified"} <= set(shown)
