"""How the sign-in pages look: what is refused, accepted, and warned of."""

from tests.stacks.settings.samples import BRANDED, LOGO, accepted, case, refused, silent

test_refused = refused(
    case("cognito.managed_login_version", 1, "have no branding", also=BRANDED),
    case("cognito.branding", {}, "The table is empty", also=BRANDED),
    case("cognito.branding", {"assets": [LOGO]}, "go with a design", at=".settings_file", also=BRANDED),
    *(
        case("cognito.branding.settings_file", file, "lies in it or", also=BRANDED)
        for file in (
            "",
            "/etc/passwd",
            "~/a.json",
            "../a.json",
            "a/../../b.json",
            "a\\b.json",
            "a\x00b",
            "..",
        )
    ),
    case(
        "cognito.branding.assets", [LOGO | {"file": "logo.gif"}], "end with .ico", at="[0].file", also=BRANDED
    ),
    case(
        "cognito.branding.assets",
        [LOGO, LOGO | {"file": "b.png"}],
        "for this place and color_mode already",
        at="[1].category",
        also=BRANDED,
    ),
    case("cognito.branding.assets", [LOGO] * 41, "takes 40", also=BRANDED),
    case("cognito.branding.assets", [{}], "[[cognito.branding.assets]]", at="[0].file", also=BRANDED),
    case(
        "cognito.branding.assets",
        [LOGO | {"colour_mode": "DARK"}],
        'Did you mean "color_mode"?',
        at="[0].colour_mode",
        also=BRANDED,
    ),
)

test_accepted = accepted(
    BRANDED | {"cognito.branding.assets": [LOGO, LOGO | {"color_mode": "DARK", "file": "Logo.PNG"}]},
)

test_silent = silent(
    BRANDED,
)
