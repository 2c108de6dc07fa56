"""The app registration: what is refused, accepted, and warned of."""

from stacks.settings.facts import OPTIONAL_CLAIMS, Permission
from tests.stacks.settings.samples import SOMEBODY, SOMEBODY_ELSE, TENANT, accepted, case, refused, warned

test_refused = refused(
    case("entra.cloud", "germany", 'Write one of "public", "usgovernment", "dod", "china"'),
    case("entra.cloud", "usgovernmentl4", 'Did you mean "usgovernment"?'),
    ({"entra.cloud": "public", "entra.authority": "http://localhost:1"}, "entra.authority", "Both cloud and"),
    case("entra.authority", "http://localhost:8400/", 'Write "http://localhost:8400"'),
    case("entra.authority", "http://localhost:8400/v2.0", "an origin in lower case"),
    case("entra.authority", "http://localhost:8400?a=b", 'Write "http://localhost:8400"'),
    case("entra.authority", "http://Localhost:8400", 'Write "http://localhost:8400"'),
    case("entra.authority", "http://localhost:80", 'Write "http://localhost"'),
    case("entra.authority", "http://localhost:", 'Write "http://localhost"'),
    case("entra.authority", "http://a:b@localhost", "user name or password"),
    case("entra.authority", "https://sts.windows.net", "version 1.0 tokens"),
    case("entra.authority", f"https://sts.windows.net/{TENANT}/", "Remove authority"),
    case("entra.authority", "https://login.microsoftonline.us", "choose cloud"),
    case("entra.authority", f"https://login.microsoftonline.com/{TENANT}/v2.0", "choose cloud"),
    case("entra.authority", "https://contoso.b2clogin.com", "Azure AD B2C"),
    case("entra.authority", f"https://contoso.b2clogin.com/tfp/{TENANT}/B2C_1_in/v2.0/", "made by hand"),
    case("entra.authority", "https://contoso.ciamlogin.com", "external tenant"),
    *(
        case("entra.authority", authority, "another vendor")
        for authority in (
            "https://id.contoso.com",
            "https://dev-1.okta.com/oauth2/default",
            "https://accounts.google.com",
            "https://localhost.contoso.com",
            "http://0.0.0.0:8400",
        )
    ),
    case("entra.authority", "localhost:8400", "begins with http://"),
    case("entra.authority", "login.contoso.com", "begins with http://"),
    case("entra.authority", "https://", "no valid host"),
    case("entra.display_name", " ", "The name is empty"),
    case("entra.display_name", "n" * 121, "takes 120"),
    case("entra.owners", ["ada@contoso.com"], "an e-mail address", at="[0]"),
    case("entra.owners", [SOMEBODY, SOMEBODY.upper()], "twice", at="[1]"),
    case("entra.permissions", ["openid", "profil"], 'Did you mean "profile"?', at="[1]"),
    case("entra.permissions", ["openid", "profile", "openid"], "twice", at="[2]"),
    case("entra.permissions", ["email", "profile"], '"openid" is missing'),
    case("entra.permissions", ["openid", "email"], '"profile" is missing'),
    ({"entra.permissions": ["openid", "profile"]}, "entra.optional_claims[0]", 'the permission "email"'),
    (
        {"entra.permissions": ["openid", "profile"]},
        "cognito.attribute_mapping.email",
        'Add "email" to permissions',
    ),
    *(
        case("entra.optional_claims", [claim], "every ID token", at="[0]")
        for claim in ("sub", "oid", "tid", "name")
    ),
    case("entra.optional_claims", ["idtyp"], "access tokens only", at="[0]"),
    case("entra.optional_claims", ["groups"], "the 200 that it sends at most", at="[0]"),
    case("entra.optional_claims", ["groups"], 'groups_claim = "ids"', at="[0]"),
    case("entra.optional_claims", ["given name"], "not the name of a claim", at="[0]"),
    case("entra.optional_claims", ["email", "email"], "twice", at="[1]"),
    case("entra.consent_redirect_uri", "http://app.contoso.com/", "https://"),
    case("entra.consent_redirect_uri", "https://app.contoso.com", "wants a path"),
)

test_accepted = accepted(
    *({"entra.cloud": cloud} for cloud in ("public", "usgovernment", "china")),
    *(
        {"entra.authority": authority}
        for authority in ("http://localhost:8400", "http://127.0.0.1", "https://localhost:8400")
    ),
    {"entra.display_name": "Anmeldung für Contoso 🙂"},
    {"entra.display_name": "n" * 120},
    {"entra.owners": [SOMEBODY, SOMEBODY_ELSE]},
    {"entra.permissions": [permission.value for permission in Permission]},
    {
        "entra.permissions": ["openid", "profile"],
        "entra.optional_claims": ["family_name"],
        "cognito.attribute_mapping": {"family_name": "family_name"},
    },
    {"entra.optional_claims": list(OPTIONAL_CLAIMS)},
)

test_warned = warned(
    case("entra.permissions", ["openid", "email", "profile", "User.Read"], "userinfo", at="[3]"),
    case("entra.permissions", ["openid", "email", "profile", "offline_access"], "refresh token", at="[3]"),
    case(
        "entra.optional_claims",
        ["email", "family_name", "given_name", "emali"],
        'Did you mean "email"?',
        at="[3]",
    ),
    ({"entra.prevent_destroy": False}, "entra.prevent_destroy", "a new user in Cognito"),
)
