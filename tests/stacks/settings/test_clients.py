"""Apps, their URLs and scopes: what is refused, accepted, and warned of."""

import pytest

from stacks.settings.clients import Scope
from stacks.settings.facts import AppType
from tests.stacks.settings.samples import (
    CLIENT,
    PERSONAL,
    POOL,
    REGISTRATION,
    accepted,
    accepts,
    case,
    refused,
    signs_out_at,
    signs_out_by_microsoft,
    silent,
    warned,
)

test_refused = refused(
    case("clients", {}, "no app"),
    case("clients.Web", {}, "Terraform address"),
    case("clients.web.type", "spa", '"single_page"'),
    case("clients.web.name", "a/b", "1 to 128"),
    case("clients.web.callback_urls", [], "at least one"),
    case("clients.web.callback_urls", [f"https://a/{n}" for n in range(101)], "takes 100"),
    case("clients.web.logout_urls", [f"https://a/{n}" for n in range(101)], "takes 100"),
    case("clients.web.callback_urls", ["https://a/", "https://a/"], "twice", at="[1]"),
    case("clients.web.logout_urls", ["http://contoso.com/"], "Write https://", at="[0]"),
    case(
        "clients.web.default_redirect_uri",
        "https://app.contoso.com/callback/",
        "not one of the callback_urls",
    ),
    case(
        "clients.web.callback_urls",
        ["https://contoso-signin.auth.eu-central-1.amazoncognito.com/oauth2/idpresponse"],
        "sign-in domain itself",
        at="[0]",
    ),
    case("clients.web.scopes", [], "at least one"),
    case("clients.web.scopes", ["email"], "only together with openid", at="[0]"),
    case("clients.web.scopes", ["openid", "openid"], "twice", at="[1]"),
    case("clients.web.scopes", ["openid", "mail"], 'Did you mean "email"?', at="[1]"),
    case("clients.web.scopes", ["api/" + str(n) for n in range(51)], "takes 50"),
    *(
        case(f"clients.web.{name}_token_minutes", minutes, "from 5 to 1440")
        for name in ("access", "id")
        for minutes in (4, 1441)
    ),
    case("clients.web.refresh_token_days", 0, "from 1 to 3650"),
    case("clients.web.refresh_token_days", 3651, "from 1 to 3650"),
    case("clients.web.auth_session_minutes", 2, "from 3 to 15"),
    case("clients.web.auth_session_minutes", 16, "from 3 to 15"),
    case(
        "entra.consent_redirect_uri",
        "https://app.contoso.com/?a=b",
        "takes no address with a ?",
        also=PERSONAL,
    ),
    (
        PERSONAL | signs_out_by_microsoft("https://a/", "https://a/?b=c"),
        "clients.web.logout_urls[1]",
        "takes no address with a ?",
    ),
    (signs_out_by_microsoft(), "clients.web.logout_urls", "no address at which a sign-out ends"),
    (signs_out_by_microsoft(*(f"https://a/{n}" for n in range(51))), "clients.web.logout_urls", "Leave 50"),
    (signs_out_by_microsoft("myapp://out"), "clients.web.logout_urls[0]", "no address of an installed app"),
    (signs_out_by_microsoft("https://a/" + "b" * 247), "clients.web.logout_urls[0]", "257 characters long"),
    (signs_out_by_microsoft("https://a/b(c)"), "clients.web.logout_urls[0]", "Entra ID takes no ("),
    (signs_out_by_microsoft("https://a"), "clients.web.logout_urls[0]", 'Write "https://a/"'),
    (signs_out_by_microsoft("https://a?b=c"), "clients.web.logout_urls[0]", 'Write "https://a/?b=c"'),
    (signs_out_by_microsoft("http://[::1]:3000/"), "clients.web.logout_urls[0]", "Write localhost"),
    (signs_out_at(254), "clients", "more than 256 redirect URIs: 254 of them"),
    (PERSONAL | signs_out_at(98), "clients", "more than 100 redirect URIs: 98 of them"),
)

test_accepted = accepted(
    *({"clients.web.type": kind} for kind in AppType),
    {"clients.web.callback_urls": [f"https://a/{n}" for n in range(100)]},
    {"clients.web.default_redirect_uri": "https://app.contoso.com/callback"},
    {
        "clients.web.scopes": [
            "openid",
            "email",
            "phone",
            "profile",
            "https://api.contoso.com/read",
        ]
    },
    {
        "clients.web.access_token_minutes": 1440,
        "clients.web.id_token_minutes": 1440,
        "clients.web.refresh_token_days": 1,
    },
    {
        "clients.web.access_token_minutes": 5,
        "clients.web.id_token_minutes": 5,
        "clients.web.refresh_token_days": 3650,
    },
    {"clients.web.auth_session_minutes": 15},
    PERSONAL | {"clients.web.logout_urls": ["https://a/?b=c"]},
    signs_out_by_microsoft("https://a/?b=c", "http://localhost:3000/", "https://a/" + "b" * 246),
    signs_out_by_microsoft(*(f"https://a/{n}" for n in range(50))),
    signs_out_at(253),
    PERSONAL | signs_out_at(97),
    REGISTRATION | signs_out_at(254),
)

test_warned = warned(
    case("clients.web.callback_urls", ["myapp://callback"], '"server" app', at="[0]"),
    (
        {"clients.web.type": "single_page", "clients.web.logout_urls": ["com.contoso.app:/out"]},
        "clients.web.logout_urls[0]",
        '"single_page" app',
    ),
    case("clients.web.scopes", ["openid", "api/read"], "resource server", at="[1]"),
    case(
        "clients.web.callback_urls",
        ["https://a/", "https://App.contoso.com/c"],
        "app.contoso.com/c",
        at="[1]",
    ),
    case(
        "clients.web.logout_urls",
        ["https://app.contoso.com:443/"],
        'Write "https://app.contoso.com/"',
        at="[0]",
    ),
    case("entra.consent_redirect_uri", "https://APP.contoso.com/", 'Write "https://app.contoso.com/"'),
    case("clients.web.scopes", ["openid", "email"], 'neither "custom:entra_oid"'),
    case("clients.web.scopes", ["openid", "phone"], 'Add "profile"'),
)

test_silent = silent(
    {"clients.web.type": "mobile", "clients.web.callback_urls": ["myapp://callback", "com.contoso.app:/x"]},
    signs_out_by_microsoft("https://app.contoso.com/"),
    {"clients.web.scopes": ["openid"]},
    {"clients.web.callback_urls": ["https://app.contoso.com:8443/Callback", "http://localhost:5173"]},
    CLIENT | POOL | {"clients.web.callback_urls": ["https://App.contoso.com/"]},
)


@pytest.mark.parametrize(
    "scope",
    ["openid", "email", "phone", "profile", "aws.cognito.signin.user.admin", "api/read", "https://api/x"],
)
def test_a_scope_that_cognito_knows(scope: str) -> None:
    assert accepts(Scope, scope)


@pytest.mark.parametrize(
    "scope", ["", "read", "api/", "/read", "api/re ad", 'api/"x"', "offline_access", "User.Read"]
)
def test_a_scope_that_cognito_does_not_know(scope: str) -> None:
    assert not accepts(Scope, scope)
