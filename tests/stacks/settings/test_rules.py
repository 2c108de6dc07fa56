"""Every rule, kept and broken: which setting is named, and what the person reads."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from stacks.settings.vocabulary import OPTIONAL_CLAIMS, STANDARD_ATTRIBUTES

from stacks.settings import AccountTypes, AppType, Permission, Tier
from tests.stacks.settings.samples import (
    PERSONAL_TENANT,
    QUIET,
    SOMEBODY,
    SOMEBODY_ELSE,
    TENANT,
    Changes,
    problems_with,
    settings_with,
)

ADMIN_SCOPE = "aws.cognito.signin.user.admin"
WEB = "clients.web"
EVERY, FROM = "entra.secret.rotate_every_days", "entra.secret.rotates_from"
ROTATED: dict[str, Any] = {EVERY: 90, FROM: date(2027, 1, 4)}
ARN = "arn:aws:kms:eu-central-1:123456789012:key/12345678-90ab-4cde-8f01-234567890abc"


def one(key: str, value: object) -> dict[str, Any]:
    return {key: value}


REFUSED: list[tuple[Changes, str, str]] = [
    # where in AWS
    (one("aws.region", "cn-north-1"), "aws.region", "no user pools in the AWS China regions"),
    (one("aws.region", "eusc-de-east-1"), "aws.region", "aws-eusc"),
    (one("aws.region", "us-iso-east-1"), "aws.region", "aws-iso"),
    (one("aws.region", "eu-central-1a"), "aws.region", 'Write its region, "eu-central-1"'),
    (one("aws.region", "Frankfurt"), "aws.region", "not the name of an AWS region"),
    (one("aws.region", "eu-central-1\n"), "aws.region", "not the name of an AWS region"),
    (one("aws.account_id", "1234-5678-9012"), "aws.account_id", "12 digits"),
    (one("aws.account_id", 123456789012), "aws.account_id", "in quotes"),
    # the tenant and the cloud
    (one("entra.tenant_id", "common"), "entra.tenant_id", "compares the issuer"),
    (one("entra.tenant_id", "Organizations"), "entra.tenant_id", "Entra admin center > Overview > Tenant ID"),
    (one("entra.tenant_id", "consumers"), "entra.tenant_id", PERSONAL_TENANT),
    (one("entra.tenant_id", "contoso.onmicrosoft.com"), "entra.tenant_id", "a domain name"),
    (one("entra.tenant_id", f"https://sts.windows.net/{TENANT}/"), "entra.tenant_id", f'Write "{TENANT}"'),
    (one("entra.tenant_id", "{" + TENANT + "}"), "entra.tenant_id", f'Write "{TENANT}"'),
    (one("entra.tenant_id", TENANT.replace("-", "")), "entra.tenant_id", "not a tenant id"),
    (one("entra.tenant_id", "00000000-0000-0000-0000-000000000000"), "entra.tenant_id", "no tenant at all"),
    (one("entra.cloud", "germany"), "entra.cloud", 'Write one of "public", "usgovernment", "dod", "china"'),
    (one("entra.cloud", "usgovernmentl4"), "entra.cloud", 'Did you mean "usgovernment"?'),
    ({"entra.cloud": "public", "entra.authority": "http://localhost:1"}, "entra.authority", "Both cloud and"),
    (one("entra.authority", "http://localhost:8400/"), "entra.authority", 'Write "http://localhost:8400"'),
    (one("entra.authority", "https://login.contoso.com/v2.0"), "entra.authority", "Only the origin"),
    (one("entra.authority", "https://login.contoso.com?a=b"), "entra.authority", "Only the origin"),
    (one("entra.authority", "https://login.contoso.com:8443"), "entra.authority", "ports 443 and 80"),
    (one("entra.authority", "http://login.contoso.com"), "entra.authority", "over https only"),
    (one("entra.authority", "https://Login.contoso.com"), "entra.authority", '"https://login.contoso.com"'),
    (one("entra.authority", "https://a:b@login.contoso.com"), "entra.authority", "user name or password"),
    (one("entra.authority", "https://sts.windows.net"), "entra.authority", "Remove authority"),
    (one("entra.authority", "https://login.microsoftonline.us"), "entra.authority", "choose cloud"),
    (one("entra.authority", "login.contoso.com"), "entra.authority", "begins with https://"),
    (one("entra.authority", "https://"), "entra.authority", "no valid host"),
    # whose accounts
    (one("entra.account_types", "AzureADMyorg"), "entra.account_types", 'Did you mean "AzureADMyOrg"?'),
    (
        one("entra.account_types", "PersonalMicrosoftAccount"),
        "entra.account_types",
        "leaves out the people of tenant_id",
    ),
    (one("entra.tenant_id", PERSONAL_TENANT), "entra.tenant_id", "[tenants.personal]"),
    (one("entra.tenant_id", PERSONAL_TENANT), "entra.tenant_id", "home_accounts = false"),
    *(
        (
            {"entra.cloud": cloud, "entra.account_types": "AzureADandPersonalMicrosoftAccount"},
            "entra.account_types",
            "in the public cloud only",
        )
        for cloud in ("usgovernment", "dod", "china")
    ),
    (
        {"entra.account_types": "AzureADandPersonalMicrosoftAccount", "entra.display_name": "n" * 91},
        "entra.display_name",
        "may have 90",
    ),
    # the registration
    (one("entra.display_name", " "), "entra.display_name", "The name is empty"),
    (one("entra.display_name", "n" * 121), "entra.display_name", "takes 120"),
    (one("entra.owners", ["ada@contoso.com"]), "entra.owners[0]", "an e-mail address"),
    (one("entra.owners", [SOMEBODY, SOMEBODY.upper()]), "entra.owners[1]", "twice"),
    (one("entra.permissions", ["openid", "profil"]), "entra.permissions[1]", 'Did you mean "profile"?'),
    (one("entra.permissions", ["openid", "profile", "openid"]), "entra.permissions[2]", "twice"),
    (one("entra.permissions", ["email", "profile"]), "entra.permissions", '"openid" is missing'),
    (one("entra.permissions", ["openid", "email"]), "entra.permissions", '"profile" is missing'),
    (one("entra.permissions", ["openid", "profile"]), "entra.optional_claims[0]", 'the permission "email"'),
    (
        one("entra.permissions", ["openid", "profile"]),
        "cognito.attribute_mapping.email",
        'Add "email" to permissions',
    ),
    *(
        (one("entra.optional_claims", [claim]), "entra.optional_claims[0]", "every ID token")
        for claim in ("sub", "oid", "tid", "name")
    ),
    (one("entra.optional_claims", ["idtyp"]), "entra.optional_claims[0]", "access tokens only"),
    (one("entra.optional_claims", ["groups"]), "entra.optional_claims[0]", "the 200 that it sends at most"),
    (one("entra.optional_claims", ["groups"]), "entra.optional_claims[0]", 'groups_claim = "ids"'),
    (one("entra.optional_claims", ["given name"]), "entra.optional_claims[0]", "not the name of a claim"),
    (one("entra.optional_claims", ["email", "email"]), "entra.optional_claims[1]", "twice"),
    (
        {
            "entra.assignment_required": True,
            "entra.admin_consent": False,
            "entra.assigned_principals": [SOMEBODY],
        },
        "entra.admin_consent",
        "nobody can sign in",
    ),
    ({"entra.assignment_required": True}, "entra.assigned_principals", "nobody is assigned"),
    (one("entra.assigned_principals", ["group"]), "entra.assigned_principals[0]", "object id"),
    (one("entra.secret.lifetime_days", 0), "entra.secret.lifetime_days", "from 1 to 730"),
    (one("entra.secret.lifetime_days", 731), "entra.secret.lifetime_days", "from 1 to 730"),
    (one("entra.secret.generation", 0), "entra.secret.generation", "at least 1"),
    (one("entra.secret.keep_previous", 1), "entra.secret.keep_previous", "true or false"),
    (one("entra.secret.settle_seconds", 601), "entra.secret.settle_seconds", "from 0 to 600"),
    (ROTATED | one(EVERY, 6), EVERY, "from 7 to 700"),
    (ROTATED | one(EVERY, 701), EVERY, "from 7 to 700"),
    (one(EVERY, 90), EVERY, "from which day on"),
    (one(FROM, date(2027, 1, 4)), FROM, "how often"),
    (ROTATED | one(FROM, "2027-01-04"), FROM, "without quotes"),
    (ROTATED | one(FROM, datetime(2027, 1, 4, tzinfo=UTC)), FROM, "rotates_from = 2027-01-04"),
    (ROTATED | one(FROM, date(2100, 1, 1)), FROM, "too far away"),
    (ROTATED | one(EVERY, 151), EVERY, "Write lifetime_days = 181"),
    # the user pool
    (one("cognito.domain_prefix", "my-aws-login"), "cognito.domain_prefix", "reserved word: aws"),
    (one("cognito.domain_prefix", "amazon"), "cognito.domain_prefix", "reserved word: amazon"),
    (one("cognito.domain_prefix", "x-cognito"), "cognito.domain_prefix", "reserved word: cognito"),
    (one("cognito.domain_prefix", "Contoso_Login"), "cognito.domain_prefix", '"contoso-login"'),
    (one("cognito.domain_prefix", "contoso-"), "cognito.domain_prefix", "no hyphen first or last"),
    (one("cognito.domain_prefix", "c" * 64), "cognito.domain_prefix", "1 to 63"),
    (one("cognito.domain_prefix", ""), "cognito.domain_prefix", "1 to 63"),
    (one("cognito.domain_prefix", "login.contoso.com"), "cognito.domain_prefix", "whole host"),
    (one("cognito.user_pool_name", "pool/1"), "cognito.user_pool_name", "1 to 128"),
    (one("cognito.user_pool_name", "p" * 129), "cognito.user_pool_name", "1 to 128"),
    (one("cognito.tier", "PREMIUM"), "cognito.tier", "Write one of"),
    (one("cognito.tier", "plus"), "cognito.tier", 'Did you mean "PLUS"?'),
    (one("cognito.managed_login_version", 3), "cognito.managed_login_version", "from 1 to 2"),
    (
        {"cognito.managed_login_version": 2, "cognito.tier": "LITE"},
        "cognito.managed_login_version",
        "LITE tier",
    ),
    (one("cognito.provider_name", "Entra ID"), "cognito.provider_name", "no spaces"),
    (one("cognito.provider_name", "Entra_ID"), "cognito.provider_name", "no underscores"),
    (one("cognito.provider_name", "ad"), "cognito.provider_name", "3 to 32"),
    (one("cognito.provider_name", "e" * 33), "cognito.provider_name", "3 to 32"),
    *(
        (one("cognito.provider_name", name), "cognito.provider_name", "a provider of its own")
        for name in ("COGNITO", "cognito", "facebook", "Google", "LoginWithAmazon", "signinwithapple")
    ),
    (one("cognito.idp_identifiers", ["a", "a"]), "cognito.idp_identifiers[1]", "twice"),
    (one("cognito.idp_identifiers", ["é"]), "cognito.idp_identifiers[0]", "1 to 40"),
    (one("cognito.idp_identifiers", ["i" * 41]), "cognito.idp_identifiers[0]", "1 to 40"),
    (one("cognito.idp_identifiers", [str(n) for n in range(51)]), "cognito.idp_identifiers", "takes 50"),
    # the attribute mapping
    (one("cognito.attribute_mapping", {"username": "oid"}), "cognito.attribute_mapping.username", "`sub`"),
    (
        one("cognito.attribute_mapping", {"custom:entra_oid": "sub"}),
        'cognito.attribute_mapping."custom:entra_oid"',
        "object id",
    ),
    (
        one("cognito.attribute_mapping", {"custom:entra_tid": "oid"}),
        'cognito.attribute_mapping."custom:entra_tid"',
        "tenant",
    ),
    (one("cognito.attribute_mapping", {"sub": "sub"}), "cognito.attribute_mapping.sub", "makes `sub` itself"),
    (one("cognito.attribute_mapping", {"emial": "email"}), "cognito.attribute_mapping.emial", '"email"?'),
    (one("cognito.attribute_mapping", {"team": "tid"}), "cognito.attribute_mapping.team", '"custom:team"'),
    (
        one("cognito.attribute_mapping", {"custom:" + "n" * 21: "tid"}),
        f'cognito.attribute_mapping."custom:{"n" * 21}"',
        "1 to 20",
    ),
    (one("cognito.attribute_mapping", {"custom:": "tid"}), 'cognito.attribute_mapping."custom:"', "1 to 20"),
    (one("cognito.attribute_mapping", {"email": ""}), "cognito.attribute_mapping.email", "name of a claim"),
    (
        one("cognito.attribute_mapping", {f"custom:a{n}": "tid" for n in range(49)}),
        "cognito.attribute_mapping",
        "takes 50",
    ),
    (
        {"cognito.attribute_mapping": {"name": "given_name"}, "entra.optional_claims": []},
        "cognito.attribute_mapping.name",
        'Add "given_name" to optional_claims',
    ),
    (
        one("cognito.attribute_mapping", {"custom:groups": "groups"}),
        'cognito.attribute_mapping."custom:groups"',
        'Add groups_claim = "ids" to [entra]',
    ),
    # an attribute that no sign-in would ever fill, and that no warning should let through
    (
        one("cognito.attribute_mapping", {"custom:roles": "roles"}),
        'cognito.attribute_mapping."custom:roles"',
        "no app roles",
    ),
    # the apps
    (one("clients", {}), "clients", "no app"),
    (one("clients.Web", {}), "clients.Web", "Terraform address"),
    (one(f"{WEB}.type", "spa"), f"{WEB}.type", '"single_page"'),
    (one(f"{WEB}.name", "a/b"), f"{WEB}.name", "1 to 128"),
    (one(f"{WEB}.callback_urls", []), f"{WEB}.callback_urls", "at least one"),
    (
        one(f"{WEB}.callback_urls", [f"https://a/{n}" for n in range(101)]),
        f"{WEB}.callback_urls",
        "takes 100",
    ),
    (one(f"{WEB}.logout_urls", [f"https://a/{n}" for n in range(101)]), f"{WEB}.logout_urls", "takes 100"),
    (one(f"{WEB}.callback_urls", ["https://a/", "https://a/"]), f"{WEB}.callback_urls[1]", "twice"),
    (one(f"{WEB}.logout_urls", ["http://contoso.com/"]), f"{WEB}.logout_urls[0]", "Write https://"),
    (
        one(f"{WEB}.default_redirect_uri", "https://app.contoso.com/callback/"),
        f"{WEB}.default_redirect_uri",
        "not one of the callback_urls",
    ),
    (one(f"{WEB}.scopes", []), f"{WEB}.scopes", "at least one"),
    (one(f"{WEB}.scopes", ["email"]), f"{WEB}.scopes[0]", "only together with openid"),
    (one(f"{WEB}.scopes", ["openid", "openid"]), f"{WEB}.scopes[1]", "twice"),
    (one(f"{WEB}.scopes", ["openid", "mail"]), f"{WEB}.scopes[1]", 'Did you mean "email"?'),
    (one(f"{WEB}.scopes", ["api/" + str(n) for n in range(51)]), f"{WEB}.scopes", "takes 50"),
    (
        {f"{WEB}.scopes": ["openid", ADMIN_SCOPE], "cognito.attribute_mapping": {"custom:roles": "roles"}},
        f"{WEB}.scopes[1]",
        "custom:roles",
    ),
    *(
        (one(f"{WEB}.{name}_token_minutes", minutes), f"{WEB}.{name}_token_minutes", "from 5 to 1440")
        for name in ("access", "id")
        for minutes in (4, 1441)
    ),
    (one(f"{WEB}.refresh_token_days", 0), f"{WEB}.refresh_token_days", "from 1 to 3650"),
    (one(f"{WEB}.refresh_token_days", 3651), f"{WEB}.refresh_token_days", "from 1 to 3650"),
    (one(f"{WEB}.auth_session_minutes", 2), f"{WEB}.auth_session_minutes", "from 3 to 15"),
    (one(f"{WEB}.auth_session_minutes", 16), f"{WEB}.auth_session_minutes", "from 3 to 15"),
    # the state, the providers, the tags
    (one("state", {}), "state.bucket", "missing"),
    *(
        (one("state.bucket", name), "state.bucket", "3 to 63")
        for name in ("s3://state", "State", "ab", "a..b", "192.168.0.1", "xn--state", "state-s3alias")
    ),
    (QUIET | one("state.key", "/state"), "state.key", "without a slash"),
    (QUIET | one("state.key", "k" * 1025), "state.key", "1024"),
    (QUIET | one("state.region", "europe"), "state.region", "AWS region"),
    (QUIET | one("state.kms_key_id", "alias/state"), "state.kms_key_id", "no alias"),
    (one("terraform.aws_provider_version", "latest"), "terraform.aws_provider_version", "version constraint"),
    (one("terraform.azuread_provider_version", ">= 3,"), "terraform.azuread_provider_version", "constraint"),
    (one("verify.fail_days", 30), "verify.fail_days", "before it ever warns"),
    (one("verify.warn_days", 0), "verify.warn_days", "from 1 to 729"),
    (one("tags", {"aws:x": "y"}), 'tags."aws:x"', "belong to AWS"),
    (one("tags", {"AWS:x": "y"}), 'tags."AWS:x"', "belong to AWS"),
    (one("tags", {"": "y"}), 'tags.""', "1 to 128"),
    (one("tags", {"k" * 129: "y"}), f"tags.{'k' * 129}", "1 to 128"),
    (one("tags", {"x": "v" * 257}), "tags.x", "at most 256"),
    (one("tags", {"x": "a;b"}), "tags.x", "at most 256"),
    (one("tags", {f"k{n}": "" for n in range(51)}), "tags", "takes 50"),
]


@pytest.mark.parametrize(("changes", "key", "telling"), REFUSED)
def test_a_broken_rule_is_named_where_it_is_broken(changes: Changes, key: str, telling: str) -> None:
    problems = {problem.key: problem for problem in problems_with(changes)}
    assert key in problems
    said = f"{problems[key].rule} {problems[key].instead}"
    assert telling in said


ACCEPTED: list[Changes] = [
    {},
    *(
        one("aws.region", region)
        for region in ("us-east-1", "ap-southeast-4", "us-gov-west-1", "il-central-1")
    ),
    one("aws.account_id", "012345678901"),
    *(one("entra.cloud", cloud) for cloud in ("public", "usgovernment", "china")),
    *({"entra.cloud": cloud, "aws.region": "us-gov-west-1"} for cloud in ("public", "usgovernment", "dod")),
    *(
        one("entra.authority", authority)
        for authority in (
            "http://localhost:8400",
            "http://127.0.0.1",
            "https://id.contoso.com",
            "https://a:443",
        )
    ),
    *(one("entra.account_types", kind) for kind in AccountTypes if kind is not AccountTypes.PERSONAL),
    {"entra.account_types": "AzureADandPersonalMicrosoftAccount", "entra.display_name": "n" * 90},
    one("entra.display_name", "Anmeldung für Contoso 🙂"),
    one("entra.display_name", "n" * 120),
    one("entra.owners", [SOMEBODY, SOMEBODY_ELSE]),
    one("entra.permissions", [permission.value for permission in Permission]),
    {
        "entra.permissions": ["openid", "profile"],
        "entra.optional_claims": ["family_name"],
        "cognito.attribute_mapping": {"family_name": "family_name"},
    },
    one("entra.optional_claims", list(OPTIONAL_CLAIMS)),
    {"entra.assignment_required": True, "entra.assigned_principals": [SOMEBODY]},
    one("entra.secret.lifetime_days", 1),
    one("entra.secret.lifetime_days", 730),
    one("entra.secret.generation", 99),
    ROTATED,
    ROTATED | one(EVERY, 150),
    ROTATED | {EVERY: 700, "entra.secret.lifetime_days": 730},
    ROTATED | one(FROM, date(2099, 12, 31)),
    *(one("cognito.domain_prefix", prefix) for prefix in ("a", "9", "a" * 63, "a--b", "my-awsome-login")),
    one("cognito.user_pool_name", "My pool, +=.@-_"),
    *(one("cognito.tier", tier) for tier in Tier),
    {"cognito.managed_login_version": 2, "cognito.tier": "ESSENTIALS"},
    *(one("cognito.provider_name", name) for name in ("abc", "Entra-ID", "login.contoso.com", "e" * 32)),
    one("cognito.idp_identifiers", ["contoso.com", "fabrikam.com"]),
    one("cognito.idp_identifiers", [str(n) for n in range(50)]),
    one("cognito.attribute_mapping", {}),
    one("cognito.attribute_mapping", dict.fromkeys(STANDARD_ATTRIBUTES, "sub")),
    one(
        "cognito.attribute_mapping", {"custom:entra_oid": "oid", "custom:entra_tid": "tid", "username": "sub"}
    ),
    one("cognito.attribute_mapping", {f"custom:a{n}": "tid" for n in range(48)}),
    one("cognito.attribute_mapping", {"custom:" + "n" * 20: "tid"}),
    *(one(f"{WEB}.type", kind) for kind in AppType),
    one(f"{WEB}.callback_urls", [f"https://a/{n}" for n in range(100)]),
    one(f"{WEB}.default_redirect_uri", "https://app.contoso.com/callback"),
    one(
        f"{WEB}.scopes", ["openid", "email", "phone", "profile", ADMIN_SCOPE, "https://api.contoso.com/read"]
    ),
    # The longest ID and access tokens are as long as the shortest refresh token, and never longer.
    {f"{WEB}.access_token_minutes": 1440, f"{WEB}.id_token_minutes": 1440, f"{WEB}.refresh_token_days": 1},
    {f"{WEB}.access_token_minutes": 5, f"{WEB}.id_token_minutes": 5, f"{WEB}.refresh_token_days": 3650},
    one(f"{WEB}.auth_session_minutes", 15),
    {**QUIET, "state.key": "a/b.tfstate", "state.region": "us-east-1", "state.kms_key_id": ARN},
    {**QUIET, "state.kms_key_id": "mrk-" + "0" * 32},
    *(one("terraform.aws_provider_version", version) for version in ("6.25.0", "~> 6.0", ">= 5.100.0, < 7")),
    one("tags", {"cost-center": "identity", "Team/Name": "Ä ö_.:/=+-@", "empty": ""}),
    one("tags", {f"k{n}": "" for n in range(50)}),
]


@pytest.mark.parametrize("changes", ACCEPTED)
def test_what_the_services_accept_is_accepted(changes: Changes) -> None:
    assert problems_with(changes) == []


LOCAL = {"entra.authority": "http://localhost:8400"}
WARNED: list[tuple[Changes, str, str]] = [
    (one("entra.account_types", "AzureADMultipleOrgs"), "entra.account_types", "customers' tenants get no"),
    (
        one("entra.account_types", "AzureADandPersonalMicrosoftAccount"),
        "entra.account_types",
        "customers' tenants and personal accounts get no further",
    ),
    (one("entra.assigned_principals", [SOMEBODY]), "entra.assigned_principals", "Everybody in the tenant"),
    (
        one("entra.permissions", ["openid", "email", "profile", "User.Read"]),
        "entra.permissions[3]",
        "userinfo",
    ),
    (
        one("entra.permissions", ["openid", "email", "profile", "offline_access"]),
        "entra.permissions[3]",
        "refresh token",
    ),
    (
        one("entra.optional_claims", ["email", "family_name", "given_name", "emali"]),
        "entra.optional_claims[3]",
        'Did you mean "email"?',
    ),
    (one("entra.secret.lifetime_days", 30), "verify.warn_days", "from its first day on"),
    (one("entra.secret.lifetime_days", 366), "entra.secret.lifetime_days", "12 months"),
    (ROTATED | one("verify.warn_days", 91), "verify.warn_days", "Write 90 or fewer"),
    ({"entra.prevent_destroy": False}, "entra.prevent_destroy", "a new user in Cognito"),
    (one("cognito.domain_prefix", "my-awsome-login"), "cognito.domain_prefix", '"aws"'),
    (
        {"cognito.managed_login_version": 2, "terraform.aws_provider_version": ">= 5.0"},
        "terraform.aws_provider_version",
        "branding",
    ),
    (
        one("cognito.attribute_mapping", {"email_verified": "xms_edov"})
        | one("entra.optional_claims", ["xms_edov"]),
        "cognito.attribute_mapping.email_verified",
        "unverified",
    ),
    (
        one("cognito.attribute_mapping", {"custom:checked": "email_verified"}),
        'cognito.attribute_mapping."custom:checked"',
        "unverified",
    ),
    (
        one("cognito.attribute_mapping", {"phone_number_verified": "tid"}),
        "cognito.attribute_mapping.phone_number_verified",
        "unverified",
    ),
    (
        one("cognito.attribute_mapping", {"email": "preferred_username"}),
        "cognito.attribute_mapping.email",
        "no mailbox",
    ),
    (
        one("cognito.attribute_mapping", {"custom:team": "department"}),
        'cognito.attribute_mapping."custom:team"',
        "no such claim",
    ),
    (one(f"{WEB}.callback_urls", ["myapp://callback"]), f"{WEB}.callback_urls[0]", '"server" app'),
    (
        {f"{WEB}.type": "single_page", f"{WEB}.logout_urls": ["com.contoso.app:/out"]},
        f"{WEB}.logout_urls[0]",
        '"single_page" app',
    ),
    (one(f"{WEB}.scopes", ["openid", ADMIN_SCOPE]), f"{WEB}.scopes[1]", "their own attributes"),
    (one(f"{WEB}.scopes", ["openid", "api/read"]), f"{WEB}.scopes[1]", "resource server"),
]


@pytest.mark.parametrize(("changes", "key", "telling"), WARNED)
def test_what_is_probably_not_meant_is_a_warning(changes: Changes, key: str, telling: str) -> None:
    (warning,) = settings_with({**QUIET, **changes}).warnings
    assert warning.startswith(f"{key}: ")
    assert telling in warning


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {f"{WEB}.type": "mobile", f"{WEB}.callback_urls": ["myapp://callback", "com.contoso.app:/x"]},
        {"cognito.managed_login_version": 2, "terraform.aws_provider_version": "~> 6.25"},
        {"cognito.managed_login_version": 2},
        {"entra.assignment_required": True, "entra.assigned_principals": [SOMEBODY]},
        {"cognito.attribute_mapping": {"custom:login": "preferred_username"}},
        {"entra.secret.lifetime_days": 365},
        ROTATED | {EVERY: 150},
    ],
)
def test_nothing_is_said_where_nothing_is_amiss(changes: Changes) -> None:
    assert settings_with({**QUIET, **changes}).warnings == []


def test_a_state_on_this_machine_is_a_warning_unless_entra_id_is_local_too() -> None:
    (warning,) = settings_with().warnings
    assert warning.startswith("state: ")
    assert settings_with({**LOCAL, "entra.prevent_destroy": False}).warnings == []
