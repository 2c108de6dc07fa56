"""Who else may come in: what tests/e2e/doors.py does not open, and what is not ours to judge."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from operate import pool_contents
from operate.errors import Unavailable
from operate.outputs import Outputs
from operate.pool_contents import USERS_READ, FunctionFacts, Link, PoolContents, read_pool_contents
from operate.verify.checks.cognito_doors import ADOPTED as ADOPTED_POOL
from operate.verify.checks.cognito_doors import check_cognito_doors
from operate.verify.checks.entra_doors import ADOPTED, NEEDS_DEPLOY, NOT_OURS, check_entra_doors
from operate.verify.findings import Checked
from stacks.settings.facts import DEFAULT_ACCESS_ROLE
from tests.operate.samples import (
    ATTRIBUTES,
    NOW,
    POOL,
    PROVIDER,
    REDIRECT_URI,
    VALUES,
    Json,
    application,
    client,
    cognito,
    credential,
    entra,
    provider,
)

ROLE, NAME, ARN = "role-admin", "dev-groups-in-tokens", f"arn:aws:cognito-idp:eu-central-1:1:userpool/{POOL}"
FUNCTION_ARN = f"arn:aws:lambda:eu-central-1:1:function:{NAME}"
REFRESH = "ALLOW_REFRESH_TOKEN_AUTH"
LATER, EARLIER = "2099-01-01T00:00:00Z", "2020-01-01T00:00:00Z"
GRAPH = "https://graph.example/v1.0"
APP_URL, PRINCIPAL_URL = f"{GRAPH}/applications/application-object", f"{GRAPH}/servicePrincipals/principal"
GROUPS_FUNCTION = {"name": NAME, "code_hash": "hash", "environment": {"ATTRIBUTE": "custom:roles"}}
ACCESS: Json = {
    "registration": {
        "adopted": False,
        "sign_in_audience": "AzureADMyOrg",
        "groups_claims": ["ApplicationGroup"],
        "app_roles": {ROLE: "Admin"},
        "assigned": {DEFAULT_ACCESS_ROLE: ["users ada"], ROLE: ["groups admins"]},
    },
    "own_pool": True,
    "adopted_pool": False,
    "groups_function": GROUPS_FUNCTION,
}
LIMITS: Json = {
    "local_accounts": False,
    "auth_flows": [REFRESH],
    "write_attributes": ATTRIBUTES,
    "access_token_minutes": 60,
    "id_token_minutes": 60,
    "refresh_token_days": 30,
}
ADMIN_ROLE = {"id": ROLE, "value": "Admin", "allowedMemberTypes": ["User"]}
TRIGGERS = {"PreTokenGenerationConfig": {"LambdaArn": FUNCTION_ARN, "LambdaVersion": "V2_0"}, "KMSKeyID": "k"}
STATEMENT = {
    "Sid": "cognito",
    "Principal": {"Service": "cognito-idp.amazonaws.com"},
    "Action": "lambda:InvokeFunction",
    "Condition": {"ArnLike": {"AWS:SourceArn": ARN}},
}
TRUST = {"Statement": [{"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
LOGS = {"logs": {"Statement": [{"Action": ["logs:CreateLogStream", "logs:PutLogEvents"]}]}}
CONFIGURATION = {
    "CodeSha256": "hash",
    "Handler": "groups_in_tokens.handler",
    "Environment": {"Variables": GROUPS_FUNCTION["environment"]},
    "Role": f"arn:aws:iam::1:role/{NAME}",
}
NO_RIGHT = Unavailable("the AWS credentials may not call it")


def deployed(limits: Json | None = LIMITS, *, own_client: bool = True, **access: Any) -> Outputs:
    """The outputs of a deployment that says who may come in, with something else allowed."""
    values = deepcopy(VALUES) | {"entra_owners": ["owner"], "principals": {"users ada": "ada"}}
    values["expected"] |= {"assignment_required": True, "access": ACCESS | access}
    values["expected"]["clients"]["web"] |= {"limits": limits, "own": own_client, "has_secret": True}
    return Outputs.model_validate(values)


def earlier() -> Outputs:
    """The outputs of a deployment by a version that did not say who may come in."""
    return Outputs.model_validate(deepcopy(VALUES))


def of_registration(**changes: Any) -> Outputs:
    return deployed(registration=ACCESS["registration"] | changes)


def entra_has(registered: Json | None = None, principal: Json | None = None, **facts: Any) -> Any:
    """What Entra ID has, all of it as deployed but for the changes."""
    registered = {"signInAudience": "AzureADMyOrg", "appRoles": [ADMIN_ROLE]} | (registered or {})
    enterprise = {"id": "principal", "appRoleAssignmentRequired": True} | (principal or {})
    owners = {f"/applications/{application()['id']}": ({"id": "owner"},)}
    known = {"application": application(**registered), "service_principal": enterprise, "owners": owners}
    return entra(**known | {"graph_id": "graph", **facts})


def cognito_has(pool: Json | None = None, web: Json | None = None, **facts: Any) -> Any:
    own = {"Arn": ARN, "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}, "LambdaConfig": TRIGGERS}
    web = client(**{"ExplicitAuthFlows": [REFRESH], **(web or {})})
    return cognito(**{"pool": own | (pool or {}), "clients": {"web": web}, **facts})


def function_has(**changes: Any) -> FunctionFacts:
    known: Json = {
        "configuration": CONFIGURATION,
        "statements": [STATEMENT],
        "trust": TRUST,
        "attached": {},
        "inline": LOGS,
    }
    return FunctionFacts(**known | changes)


def contents_of(**changes: Any) -> PoolContents:
    known: Json = {
        "clients": {"client-of-web": "web"},
        "providers": [PROVIDER],
        "groups": {f"{POOL}_{PROVIDER}": ""},
        "links": [],
        "users_read": 1,
        "client_secrets": {"web": ["first"]},
        "function": function_has(),
    }
    return PoolContents(**known | changes)


def entra_checks(facts: Any, outputs: Outputs | None = None) -> list[Checked]:
    return check_entra_doors(outputs or deployed(), facts, NOW)


def cognito_checks(facts: Any = None, contents: Any = None, outputs: Outputs | None = None) -> list[Checked]:
    return check_cognito_doors(outputs or deployed(), facts or cognito_has(), contents or contents_of())


def found(checks: list[Checked]) -> list[tuple[str, str, str]]:
    return [(one.id, one.where, one.detail) for check in checks for one in check.findings]


def ids(checks: list[Checked]) -> list[str]:
    return [id_ for id_, _, _ in found(checks)]


def titles(checks: list[Checked], not_checked: str) -> list[str]:
    return [check.title for check in checks if check.not_checked == not_checked]


def test_a_deployment_as_deployed_has_no_door_and_all_of_it_was_checked() -> None:
    checks = [*entra_checks(entra_has()), *cognito_checks()]
    assert found(checks) == []
    assert {check.not_checked for check in checks} == {""}
    assert len(checks) == 7


def assigned(principal: str, role: str) -> Json:
    return {
        "assignments": (
            {
                "id": "a",
                "principalId": principal,
                "principalType": "User",
                "appRoleId": role,
                "resourceId": "p",
            },
        )
    }


def grant(scope: str, resource: str = "graph", principal: str | None = None) -> Json:
    return {"grants": ({"id": "g", "resourceId": resource, "scope": scope, "principalId": principal},)}


KEY = {"keyId": "k", "endDateTime": LATER, "displayName": "evil"}
DEPLOYED_SECRET = credential(VALUES["client_secret_end_date"])


@pytest.mark.parametrize(
    ("registered", "facts", "finding", "place"),
    [
        ({"signInAudience": "PersonalMicrosoftAccount"}, {}, "registration-audience", "registration"),
        ({"spa": {"redirectUris": ["https://e/"]}}, {}, "registration-redirect-uri", "https://e/"),
        ({"isDeviceOnlyAuthSupported": True}, {}, "registration-public-client", "registration"),
        ({"nativeAuthenticationApisEnabled": "all"}, {}, "registration-public-client", "registration"),
        (
            {"optionalClaims": {"idToken": [{"name": "groups", "additionalProperties": ["emit_as_roles"]}]}},
            {},
            "registration-groups",
            "registration",
        ),
        (
            {"appRoles": [ADMIN_ROLE, {"id": "x", "value": "Owner"}]},
            {},
            "registration-role",
            "app role Owner",
        ),
        ({"appRoles": [ADMIN_ROLE | {"value": "User"}]}, {}, "registration-role", "app role User"),
        (
            {"appRoles": [ADMIN_ROLE | {"allowedMemberTypes": ["User", "Application"]}]},
            {},
            "registration-role",
            "app role Admin",
        ),
        (
            {"passwordCredentials": [DEPLOYED_SECRET, KEY]},
            {},
            "registration-secret",
            "registration, secret k",
        ),
        ({"keyCredentials": [KEY]}, {}, "registration-certificate", "registration, certificate k"),
        (
            {},
            {"federated": ({"id": "f", "name": "ci", "issuer": "https://i", "subject": "s"},)},
            "registration-federated-credential",
            "credential ci",
        ),
        (
            {},
            {"owners": {"/servicePrincipals/principal": ({"id": "eve"},)}},
            "registration-owner",
            "enterprise application, owner eve",
        ),
        (
            {},
            {"app_permissions": ({"id": "a", "principalId": "p", "appRoleId": "r", "resourceId": "graph"},)},
            "application-permission",
            "app role r of graph",
        ),
        ({}, grant("openid Mail.Read"), "consent-wider", "Mail.Read"),
        ({}, grant("openid", resource="other"), "consent-wider", "openid"),
        ({}, grant("Mail.Read", principal="ada"), "consent-wider", "Mail.Read"),
        ({}, assigned("eve", DEFAULT_ACCESS_ROLE), "assigned-by-hand", "eve, default access"),
        ({}, assigned("ada", ROLE), "assigned-by-hand", "ada, Admin"),
    ],
)
def test_each_door_in_entra_id_is_the_only_finding(
    registered: Json, facts: Json, finding: str, place: str
) -> None:
    ((id_, where, _),) = found(entra_checks(entra_has(registered, **facts)))
    assert (id_, where) == (finding, place)


@pytest.mark.parametrize(
    ("registered", "facts"),
    [
        ({"web": {"redirectUris": [REDIRECT_URI.upper()]}}, {}),
        ({"nativeAuthenticationApisEnabled": "none", "groupMembershipClaims": "ApplicationGroup"}, {}),
        ({"passwordCredentials": [DEPLOYED_SECRET, KEY | {"endDateTime": EARLIER}]}, {}),
        ({"keyCredentials": [KEY | {"endDateTime": EARLIER}]}, {}),
        ({}, grant("openid profile email offline_access User.Read")),
        ({}, assigned("ada", DEFAULT_ACCESS_ROLE)),
        ({}, assigned("eve", "a role that the settings give to nobody")),
    ],
)
def test_what_lets_nobody_in_is_no_door(registered: Json, facts: Json) -> None:
    assert found(entra_checks(entra_has(registered, **facts))) == []


def test_an_adopted_registration_keeps_what_no_setting_describes() -> None:
    adopted = of_registration(adopted=True, groups_claims=[], app_roles=None)
    others = {
        "spa": {"redirectUris": ["https://e/"]},
        "isFallbackPublicClient": True,
        "groupMembershipClaims": "All",
        "appRoles": [{"id": "x", "value": "Owner"}],
    }
    checks = entra_checks(entra_has(others), adopted)
    assert found(checks) == []
    assert checks[0].note == ADOPTED
    described = {"web": {"redirectUris": ["https://e/"]}, "signInAudience": "AzureADMultipleOrgs"}
    found_ = ids(entra_checks(entra_has(described), adopted))
    assert found_ == ["registration-audience", "registration-redirect-uri"]


@pytest.mark.parametrize(
    ("registered", "facts", "command"),
    [
        ({"passwordCredentials": [DEPLOYED_SECRET, KEY]}, {}, f"post --url {APP_URL}/removePassword"),
        (
            {},
            {"federated": ({"id": "f", "name": "ci"},)},
            f"delete --url {APP_URL}/federatedIdentityCredentials/f",
        ),
        ({}, grant("openid Mail.Read"), f"patch --url {GRAPH}/oauth2PermissionGrants/g"),
        ({}, assigned("ada", ROLE), f"delete --url {GRAPH}/servicePrincipals/p/appRoleAssignedTo/a"),
    ],
)
def test_the_remedy_is_the_command_that_closes_it(registered: Json, facts: Json, command: str) -> None:
    ((finding,),) = [
        check.findings for check in entra_checks(entra_has(registered, **facts)) if check.findings
    ]
    assert f"`az rest --method {command}" in finding.remedy
    assert "{url}" not in finding.remedy
    assert "{scope}" not in finding.remedy


@pytest.mark.parametrize(
    ("web", "finding", "detail"),
    [
        ({"SupportedIdentityProviders": [PROVIDER, "evil"]}, "client-lets-in", "evil"),
        ({"SupportedIdentityProviders": [PROVIDER, "COGNITO"]}, "client-lets-in", "COGNITO"),
        ({"ExplicitAuthFlows": [REFRESH, "ALLOW_USER_SRP_AUTH"]}, "client-lets-in", "ALLOW_USER_SRP_AUTH"),
        ({"ExplicitAuthFlows": []}, "client-lets-in", "ALLOW_CUSTOM_AUTH, ALLOW_USER_SRP_AUTH"),
        ({"AllowedOAuthFlows": ["code", "implicit"]}, "client-grants", "implicit"),
        ({"AllowedOAuthScopes": ["openid", "orders/read"]}, "client-grants", "orders/read"),
        ({"CallbackURLs": ["https://e/"]}, "client-callback-foreign", "https://e/"),
        ({"WriteAttributes": [*ATTRIBUTES, "custom:roles"]}, "client-writes", "custom:roles"),
        (
            {"IdTokenValidity": 1, "TokenValidityUnits": {"IdToken": "days"}},
            "client-tokens",
            "IdTokenValidity: 1440 instead of 60 minutes",
        ),
        ({"AccessTokenValidity": 2}, "client-tokens", "AccessTokenValidity: 120 instead of 60 minutes"),
        (
            {"RefreshTokenValidity": 60},
            "client-tokens",
            "RefreshTokenValidity: 86400 instead of 43200 minutes",
        ),
        ({"EnableTokenRevocation": False}, "client-tokens", "EnableTokenRevocation is off"),
        ({"PreventUserExistenceErrors": "LEGACY"}, "client-user-names", "LEGACY"),
    ],
)
def test_each_door_of_an_app_client_is_the_only_finding(web: Json, finding: str, detail: str) -> None:
    assert found(cognito_checks(cognito_has(web=web))) == [(finding, "client web", detail)]


def test_a_client_for_local_accounts_lets_them_in() -> None:
    theirs = deployed(LIMITS | {"local_accounts": True, "auth_flows": [REFRESH, "ALLOW_USER_SRP_AUTH"]})
    web = {
        "SupportedIdentityProviders": [PROVIDER, "COGNITO"],
        "ExplicitAuthFlows": [REFRESH, "ALLOW_USER_SRP_AUTH"],
    }
    assert found(cognito_checks(cognito_has(web=web), outputs=theirs)) == []


@pytest.mark.parametrize(
    ("pool", "contents", "finding", "place"),
    [
        ({"AdminCreateUserConfig": {}}, {}, "pool-sign-up", "user pool"),
        ({"LambdaConfig": TRIGGERS | {"PreSignUp": "arn:evil"}}, {}, "pool-trigger", "trigger PreSignUp"),
        ({"LambdaConfig": {"PreSignUp": FUNCTION_ARN}}, {}, "pool-trigger", "trigger PreSignUp"),
        (
            {"LambdaConfig": {"PreTokenGeneration": FUNCTION_ARN.replace(":1:", ":2:")}},
            {},
            "pool-trigger",
            "trigger PreTokenGeneration",
        ),
        (
            {"LambdaConfig": {"InboundFederation": {"LambdaArn": "arn:evil", "LambdaVersion": "V1_0"}}},
            {},
            "pool-trigger",
            "trigger InboundFederation",
        ),
        ({}, {"clients": {"client-of-web": "web", "c": "evil"}}, "pool-client", "app client c"),
        ({}, {"providers": [PROVIDER, "evil"]}, "pool-identity-provider", "identity provider evil"),
        ({}, {"groups": {"Admin": ""}}, "pool-group", "group Admin"),
        ({}, {"groups": {f"{POOL}_{PROVIDER}": "arn:role"}}, "pool-group", f"group {POOL}_{PROVIDER}"),
        ({}, {"links": [Link("ada", PROVIDER, "udo")]}, "user-linked", "user ada"),
        ({}, {"client_secrets": {"web": ["first", "second"]}}, "client-second-secret", "client web"),
    ],
)
def test_each_door_of_the_pool_is_the_only_finding(
    pool: Json, contents: Json, finding: str, place: str
) -> None:
    ((id_, where, _),) = found(cognito_checks(cognito_has(pool), contents_of(**contents)))
    assert (id_, where) == (finding, place)


def test_without_groups_from_entra_id_the_pools_groups_are_for_the_apps() -> None:
    plain, facts = deployed(groups_function=None), cognito_has({"LambdaConfig": {}})
    groups = {"groups": {"staff": "", "operators": "arn:role"}, "function": None}
    checks = cognito_checks(facts, contents_of(**groups), plain)
    assert found(checks) == [("pool-group", "group operators", "arn:role")]


@pytest.mark.parametrize(
    ("details", "moved"),
    [
        ({"token_url": "https://evil/token"}, "token_url is https://evil/token"),
        ({"jwks_uri": "https://evil/keys"}, "jwks_uri is https://evil/keys"),
        ({"oidc_issuer": "https://login.example/other/v2.0", "jwks_uri": "https://login.example/o"},
         "jwks_uri is https://login.example/o"),
        ({"oidc_issuer": "https://login.example/other/v2.0"}, ""),
        ({"token_url": "https://login.example/other/token"}, ""),
    ],
)  # fmt: skip
def test_a_provider_elsewhere_and_what_only_ends_sign_in(details: Any, moved: str) -> None:
    checks = cognito_checks(cognito_has(providers={PROVIDER: provider(**details)}))
    place = f"identity provider {PROVIDER}"
    assert found(checks) == ([("provider-elsewhere", place, moved)] if moved else [])


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        ({"configuration": CONFIGURATION | {"Handler": "evil.handler"}}, "function-configuration"),
        ({"configuration": CONFIGURATION | {"Layers": [{"Arn": "arn:evil"}]}}, "function-configuration"),
        ({"configuration": CONFIGURATION | {"Role": "arn:aws:iam::1:role/evil"}}, "function-configuration"),
        ({"statements": [STATEMENT, STATEMENT | {"Principal": "*"}]}, "function-policy"),
        ({"statements": [STATEMENT | {"Action": "lambda:*"}]}, "function-policy"),
        ({"statements": [STATEMENT | {"Condition": {}}]}, "function-policy"),
        ({"inline": {"logs": {"Statement": [{"Action": "s3:*"}]}}}, "function-role"),
        ({"configuration": None}, None),
    ],
)
def test_each_door_of_the_function_is_the_only_finding(change: Json, finding: str | None) -> None:
    contents = contents_of(function=function_has(**change))
    assert ids(cognito_checks(contents=contents)) == ([finding] if finding else [])


@pytest.mark.parametrize(("role", "findings"), [("theirs", []), (NAME, ["function-configuration"])])
def test_a_role_of_the_settings_is_the_one_that_the_function_has(role: str, findings: list[str]) -> None:
    outputs = deployed(groups_function=GROUPS_FUNCTION | {"role_arn": "arn:aws:iam::1:role/theirs"})
    configuration = CONFIGURATION | {"Role": f"arn:aws:iam::1:role/{role}"}
    contents = contents_of(function=function_has(configuration=configuration, inline={}, trust={}))
    assert ids(cognito_checks(contents=contents, outputs=outputs)) == findings


def test_an_adopted_pool_keeps_its_triggers_groups_and_links() -> None:
    adopted = deployed(adopted_pool=True, groups_function=None)
    facts = cognito_has({"LambdaConfig": {"PreSignUp": "arn:own"}})
    contents = contents_of(
        groups={"staff": "arn:role"},
        links=[Link("ada", PROVIDER, "udo")],
        clients={"c": "evil"},
        function=None,
    )
    checks = cognito_checks(facts, contents, adopted)
    assert ids(checks) == ["pool-client"]
    assert checks[-1].note == ADOPTED_POOL


def test_what_another_team_owns_is_not_ours_to_judge() -> None:
    values = deepcopy(VALUES)
    del values["expected"]["admin_consent"]
    (registration,) = entra_checks(
        entra_has({"isFallbackPublicClient": True}), Outputs.model_validate(values)
    )
    assert (registration.findings, registration.note) == ((), NOT_OURS)
    theirs = deployed(None, own_client=False, own_pool=False)
    checks = check_cognito_doors(theirs, cognito_has(web={"CallbackURLs": ["https://e/"]}), None)
    assert found(checks) == []
    assert [check.note for check in checks if check.note] == [f"user pool: {NOT_OURS}", NOT_OURS]
    assert [check.not_checked for check in checks if check.not_checked] == []


def test_of_an_older_deployment_it_is_said_what_needs_a_deploy_first() -> None:
    facts = entra_has({"web": {"redirectUris": [REDIRECT_URI, "https://e/"]}, "keyCredentials": [KEY]})
    of_entra = entra_checks(facts, earlier())
    assert titles(of_entra, NEEDS_DEPLOY) == [
        "Who else may come in by the registration",
        "Credentials and owners of the registration",
        "Rights, consent and assignments beyond the settings",
    ]
    # What needs no word of the deploy is found all the same.
    assert ids(of_entra) == ["registration-redirect-uri", "registration-certificate"]
    of_cognito = check_cognito_doors(earlier(), cognito_has(web={"CallbackURLs": ["https://e/"]}), None)
    assert titles(of_cognito, NEEDS_DEPLOY) == [
        "Who else may come in by Cognito",
        "App client web: what else it lets in",
    ]
    assert ids(of_cognito) == ["client-callback-foreign"]


@pytest.mark.parametrize(
    ("missing", "title", "why"),
    [
        ("clients", "User pool: who else may come in", NO_RIGHT.why),
        ("providers", "User pool: who else may come in", NO_RIGHT.why),
        ("groups", "User pool: who else may come in", NO_RIGHT.why),
        ("links", "User pool: who else may come in", NO_RIGHT.why),
        ("client_secrets", "App client web: what else it lets in", f"its secrets: {NO_RIGHT.why}"),
        ("function", "The function that puts roles or groups into tokens", NO_RIGHT.why),
    ],
)
def test_without_a_right_that_part_is_not_checked_and_the_others_are(
    missing: str, title: str, why: str
) -> None:
    opened = contents_of(
        clients={"c": "evil"},
        providers=["evil"],
        groups={"Admin": ""},
        links=[Link("ada", PROVIDER, "udo")],
        client_secrets={"web": ["first", "second"]},
        function=function_has(attached={"arn:evil": "evil"}),
    )
    all_of_it = set(ids(cognito_checks(contents=opened)))
    denied: Any = {missing: NO_RIGHT}
    checks = cognito_checks(contents=replace(opened, **denied))
    assert titles(checks, why) == [title]
    assert len(all_of_it - set(ids(checks))) == 1


def test_without_any_answer_nothing_is_called_right() -> None:
    assert titles(entra_checks(NO_RIGHT), NO_RIGHT.why) == ["Who else may come in by the registration"]
    assert titles(check_cognito_doors(deployed(), NO_RIGHT, None), NO_RIGHT.why) == [
        "Who else may come in by Cognito"
    ]
    checks = check_cognito_doors(deployed(), cognito_has(), NO_RIGHT)
    assert titles(checks, NO_RIGHT.why) == ["Who else may come in by Cognito"]


def test_it_is_said_where_a_pool_has_more_users_than_were_looked_through() -> None:
    notes = [check.note for check in cognito_checks(contents=contents_of(users_read=USERS_READ))]
    assert "of its users 3000 were looked through for links" in notes


class Cognito:
    """The answers of a pool, but for an operation that the credentials may not call."""

    def __init__(self, refused: str) -> None:
        self.refused = refused

    def get_paginator(self, operation: str) -> Any:
        self.operation = operation
        return type("Paginator", (), {"paginate": lambda _, **__: self.pages(operation)})()

    def pages(self, operation: str) -> list[Json]:
        self.refuse(operation)
        identities = '[{"userId": "UDO", "providerName": "entra"}]'
        users = [
            {"Username": name, "Attributes": [{"Name": "identities", "Value": identities}]}
            for name in ("entra_udo", "ada")
        ]
        page: Json = {
            "UserPoolClients": [{"ClientId": "c", "ClientName": "web"}],
            "Providers": [{"ProviderName": PROVIDER}],
            "Groups": [{"GroupName": "staff"}],
            "Users": users,
        }
        return [page]

    def list_user_pool_client_secrets(self, **_: str) -> Json:
        self.refuse("list_user_pool_client_secrets")
        secrets = [("second", "2026-02-01"), ("first", "2026-01-01")]
        return {
            "ClientSecrets": [
                {"ClientSecretId": id_, "ClientSecretCreateDate": made} for id_, made in secrets
            ]
        }

    def refuse(self, operation: str) -> None:
        if operation == self.refused:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, operation)


@pytest.mark.parametrize(
    ("refused", "part", "answer"),
    [
        ("list_user_pool_clients", "clients", {"c": "web"}),
        ("list_identity_providers", "providers", [PROVIDER]),
        ("list_groups", "groups", {"staff": ""}),
        # A federated user's own identity is its name, in whatever case.
        ("list_users", "links", [Link("ada", PROVIDER, "UDO")]),
        ("list_user_pool_client_secrets", "client_secrets", {"web": ["first", "second"]}),
    ],
)
def test_each_part_of_a_pool_is_read_by_itself(
    monkeypatch: pytest.MonkeyPatch, refused: str, part: str, answer: object
) -> None:
    monkeypatch.setattr(pool_contents, "aws_client", lambda *_: Cognito(""))
    contents = read_pool_contents(deployed(groups_function=None))
    assert isinstance(contents, PoolContents)
    assert getattr(contents, part) == answer
    monkeypatch.setattr(pool_contents, "aws_client", lambda *_: Cognito(refused))
    denied = read_pool_contents(deployed(groups_function=None))
    assert isinstance(denied, PoolContents)
    unread = {name for name, value in vars(denied).items() if isinstance(value, Unavailable)}
    assert unread == {part}


def test_a_pool_of_another_team_is_not_read() -> None:
    assert read_pool_contents(deployed(own_pool=False)) is None
    assert read_pool_contents(earlier()) is None
