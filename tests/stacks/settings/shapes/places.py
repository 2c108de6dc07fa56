"""Domains, looks, sign-out addresses and national clouds: what is refused, accepted, and warned of."""

from tests.stacks.settings.samples import REMOVED, Changes
from tests.stacks.settings.shapes.samples import (
    BRANDED,
    CERTIFICATE,
    LOGO,
    OWN_DOMAIN,
    PERSONAL,
    POOL,
    REGISTRATION,
    WEB,
    one,
    signs_out_at,
    signs_out_by_microsoft,
)

REFUSED: list[tuple[Changes, str, str]] = [
    # domains
    (one("cognito.domain_prefix", REMOVED), "cognito.domain_prefix", "There is no sign-in domain"),
    (
        {"cognito.user_pool_id": "eu-central-1_aB3dE5fG7", "cognito.domain_prefix": REMOVED},
        "cognito.domain_prefix",
        "as existing_domain",
    ),
    *(
        (OWN_DOMAIN | one("cognito.custom_domain.host", host), "cognito.custom_domain.host", telling)
        for host, telling in (
            ("https://auth.contoso.com", "without https://"),
            ("auth.contoso.com:443", "Only the host"),
            ("Auth.contoso.com", 'Write "auth.contoso.com"'),
            ("contoso.com", 'Write for instance "auth.contoso.com"'),
            ("contoso", "not the name of a host"),
            ("auth.contoso.com\n", "not the name of a host"),
            ("auth..com", "not the name of a host"),
            ("a" * 52 + ".contoso.com", "64 characters long"),
            ("x.auth.eu-central-1.amazoncognito.com", "Amazon's own"),
        )
    ),
    *(
        (
            OWN_DOMAIN | one("cognito.custom_domain.certificate_arn", arn),
            "cognito.custom_domain.certificate_arn",
            telling,
        )
        for arn, telling in (
            (CERTIFICATE.replace("us-east-1", "eu-central-1"), "The certificate is in eu-central-1"),
            (CERTIFICATE.replace(":acm:", ":iam:"), "not the ARN of a certificate"),
            ("12345678-90ab-4cde-8f01-234567890abc", "not the ARN of a certificate"),
        )
    ),
    (
        OWN_DOMAIN | one("cognito.custom_domain.hosted_zone_id", "contoso.com"),
        "cognito.custom_domain.hosted_zone_id",
        "not the id of a hosted zone",
    ),
    (OWN_DOMAIN | one("aws.region", "us-gov-west-1"), "cognito.custom_domain.host", "no custom domains"),
    (POOL | one("cognito.domain_prefix", "other"), "cognito.domain_prefix", "has a prefix domain already"),
    (
        POOL | OWN_DOMAIN | one("cognito.existing_domain", "login.contoso.com"),
        "cognito.custom_domain.host",
        "has a custom domain already",
    ),
    # which clouds go together
    (one("entra.cloud", "dod"), "entra.cloud", "this AWS region is a commercial one"),
    (
        {"entra.cloud": "china", "aws.region": "us-gov-east-1"},
        "entra.cloud",
        "no rule of either allows for both",
    ),
    # the looks
    (BRANDED | one("cognito.managed_login_version", 1), "cognito.managed_login_version", "have no branding"),
    (BRANDED | one("cognito.branding", {}), "cognito.branding", "The table is empty"),
    (
        BRANDED | one("cognito.branding", {"assets": [LOGO]}),
        "cognito.branding.settings_file",
        "go with a design",
    ),
    *(
        (
            BRANDED | one("cognito.branding.settings_file", file),
            "cognito.branding.settings_file",
            "lies in it or",
        )
        for file in (
            "",
            "/etc/passwd",
            "~/a.json",
            "../a.json",
            "a/../../b.json",
            "a\\b.json",
            "a\u0000b",
            "..",
        )
    ),
    (
        BRANDED | one("cognito.branding.assets", [LOGO | {"file": "logo.gif"}]),
        "cognito.branding.assets[0].file",
        "end with .ico",
    ),
    (
        BRANDED | one("cognito.branding.assets", [LOGO, LOGO | {"file": "b.png"}]),
        "cognito.branding.assets[1].category",
        "for this place and color_mode already",
    ),
    (BRANDED | one("cognito.branding.assets", [LOGO] * 41), "cognito.branding.assets", "takes 40"),
    (
        BRANDED | one("cognito.branding.assets", [{}]),
        "cognito.branding.assets[0].file",
        "[[cognito.branding.assets]]",
    ),
    (
        BRANDED | one("cognito.branding.assets", [LOGO | {"colour_mode": "DARK"}]),
        "cognito.branding.assets[0].colour_mode",
        'Did you mean "color_mode"?',
    ),
    # ending both sessions
    (signs_out_by_microsoft(), f"{WEB}.logout_urls", "no address at which a sign-out ends"),
    (signs_out_by_microsoft(*(f"https://a/{n}" for n in range(51))), f"{WEB}.logout_urls", "Leave 50"),
    (signs_out_by_microsoft("myapp://out"), f"{WEB}.logout_urls[0]", "no address of an installed app"),
    (signs_out_by_microsoft("https://a/" + "b" * 247), f"{WEB}.logout_urls[0]", "257 characters long"),
    (signs_out_by_microsoft("https://a/b(c)"), f"{WEB}.logout_urls[0]", "Entra ID takes no ("),
    (signs_out_by_microsoft("https://a"), f"{WEB}.logout_urls[0]", 'Write "https://a/"'),
    (signs_out_by_microsoft("https://a?b=c"), f"{WEB}.logout_urls[0]", 'Write "https://a/?b=c"'),
    (signs_out_by_microsoft("http://[::1]:3000/"), f"{WEB}.logout_urls[0]", "Write localhost"),
    (signs_out_at(254), "clients", "more than 256 redirect URIs: 254 of them"),
    (PERSONAL | signs_out_at(98), "clients", "more than 100 redirect URIs: 98 of them"),
    (one("entra.consent_redirect_uri", "http://app.contoso.com/"), "entra.consent_redirect_uri", "https://"),
    (
        one("entra.consent_redirect_uri", "https://app.contoso.com"),
        "entra.consent_redirect_uri",
        "wants a path",
    ),
]

ACCEPTED: list[Changes] = [
    signs_out_at(253),
    PERSONAL | signs_out_at(97),
    REGISTRATION | signs_out_at(254),
    OWN_DOMAIN,
    OWN_DOMAIN
    | {"cognito.domain_prefix": REMOVED, "cognito.custom_domain.hosted_zone_id": "/hostedzone/Z0123"},
    OWN_DOMAIN | {"cognito.custom_domain.host": "a" * 51 + ".contoso.com"},
    {"entra.authority": "http://localhost:8400", "aws.region": "us-gov-west-1"},
    BRANDED,
    BRANDED | {"cognito.branding.assets": [LOGO, LOGO | {"color_mode": "DARK", "file": "Logo.PNG"}]},
]

WARNED: list[tuple[Changes, str, str]] = [
    (one("entra.cloud", "usgovernment"), "entra.cloud", "in a commercial AWS region"),
    (one("aws.region", "us-gov-west-1"), "entra.cloud", "would sign in to GovCloud"),
]
