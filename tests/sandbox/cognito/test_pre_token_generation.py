"""The pre token generation trigger: a Python function that Cognito asks before it makes tokens."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.aws import LocalAws
from tests.sandbox.cognito.fixtures import MAPPED, REGION, App, MakeApp, at_callback, fill, refresh

Json = dict[str, Any]
Attach = Callable[..., App]

# Hands its event back as the claim `event`, and makes groups of an attribute.
ECHO = """
import json

def handler(event, context):
    roles = json.loads(event["request"]["userAttributes"].get("custom:roles", "[]"))
    change = {"claimsToAddOrOverride": {"event": json.dumps(event), "sub": "somebody", "dev:x": "y"}}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "idTokenGeneration": change | {"claimsToSuppress": ["email", "iss"]},
        "accessTokenGeneration": change | {"scopesToAdd": ["reports/read"], "scopesToSuppress": ["email"]},
        "groupOverrideDetails": {"groupsToOverride": roles},
    }
    return event
"""
FAIL = """
def handler(event, context):
    raise ValueError("no such role")
"""
FAIL_ON_REFRESH = """
def handler(event, context):
    if event["triggerSource"] == "TokenGeneration_RefreshTokens":
        raise ValueError("gone")
    return event
"""
NONSENSE = """
def handler(event, context):
    return "fine"
"""
GROUPS = """
def handler(event, context):
    event["response"]["claimsAndScopeOverrideDetails"] = {"groupOverrideDetails": %s}
    return event
"""
FIRST_VERSION = """
def handler(event, context):
    assert "scopes" not in event["request"]
    event["response"]["claimsOverrideDetails"] = {"claimsToAddOrOverride": {"seen": event["version"]}}
    return event
"""


def zipped(code: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("trigger.py", code)
    return archive.getvalue()


@pytest.fixture
def attach(aws: LocalAws, make_app: MakeApp) -> Iterator[Attach]:
    """Makes an app whose pool has a trigger with the given code."""
    functions, roles = aws.client("lambda", REGION), aws.client("iam", REGION)
    made: list[str] = []
    role = roles.create_role(RoleName="trigger", AssumeRolePolicyDocument=json.dumps({"Statement": []}))

    def attach(code: str, *, permission: Json | None = None, version: str = "V2_0") -> App:
        attributes = ["custom:roles", "email", "family_name", "given_name"]
        app = make_app(
            schema=[{"Name": "roles", "AttributeDataType": "String", "Mutable": True}],
            mapping=MAPPED | {"custom:roles": "roles"},
            ReadAttributes=[*attributes, "email_verified"],
            WriteAttributes=attributes,
        )
        name = f"trigger-{len(made)}"
        arn = functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Handler="trigger.handler",
            Role=role["Role"]["Arn"],
            Code={"ZipFile": zipped(code)},
        )["FunctionArn"]
        made.append(name)
        allowed = {"Principal": "cognito-idp.amazonaws.com", "SourceArn": pool_arn(app)} | (permission or {})
        functions.add_permission(
            FunctionName=name, StatementId="cognito", Action="lambda:InvokeFunction", **allowed
        )
        if version == "V1_0":
            app.cognito.update_user_pool(UserPoolId=app.pool_id, LambdaConfig={"PreTokenGeneration": arn})
        else:
            trigger(app, arn)
        return app

    yield attach
    for name in made:
        functions.delete_function(FunctionName=name)
    roles.delete_role(RoleName="trigger")


def trigger(app: App, arn: str) -> None:
    app.cognito.update_user_pool(
        UserPoolId=app.pool_id,
        LambdaConfig={"PreTokenGenerationConfig": {"LambdaArn": arn, "LambdaVersion": "V2_0"}},
    )


def pool_arn(app: App) -> str:
    return app.cognito.describe_user_pool(UserPoolId=app.pool_id)["UserPool"]["Arn"]


def both(app: App, tokens: Json) -> tuple[Json, Json]:
    return app.claims(tokens["id_token"]), app.claims(tokens["access_token"])


def test_function_gives_groups_to_both_tokens_when_somebody_signs_in_and_when_they_refresh(
    attach: Attach,
) -> None:
    app = attach(ECHO)
    app.provider.claims["roles"] = json.dumps(["Approver", "Reader"])
    tokens = app.tokens()
    for answer in (tokens, refresh(app, tokens["refresh_token"]).json()):
        for claims in both(app, answer):
            assert claims["cognito:groups"] == ["Approver", "Reader"]


def test_function_is_told_what_cognito_tells(attach: Attach) -> None:
    app = attach(ECHO)
    app.provider.claims["roles"] = "[]"
    tokens = app.tokens()
    event = json.loads(app.claims(tokens["id_token"])["event"])
    attributes = event["request"].pop("userAttributes")
    assert json.loads(attributes.pop("identities"))[0]["providerName"] == "entra"
    assert attributes.pop("sub") == app.user()["attributes"]["sub"]
    assert attributes == {
        "cognito:user_status": "EXTERNAL_PROVIDER",
        "email": "ada@contoso.example",
        "email_verified": "false",
        "family_name": "Lovelace",
        "custom:roles": "[]",
    }
    assert event == {
        "version": "2",
        "triggerSource": "TokenGeneration_HostedAuth",
        "region": REGION,
        "userPoolId": app.pool_id,
        "userName": "entra_ada",
        "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": app.client_id},
        "request": {
            "groupConfiguration": {
                "groupsToOverride": [f"{app.pool_id}_entra"],
                "iamRolesToOverride": [],
                "preferredRole": None,
            },
            "scopes": ["openid", "email", "profile"],
        },
        "response": {"claimsAndScopeOverrideDetails": None},
    }
    again = json.loads(app.claims(refresh(app, tokens["refresh_token"]).json()["access_token"])["event"])
    assert again["triggerSource"] == "TokenGeneration_RefreshTokens"


def test_function_is_told_that_a_changed_password_is_confirmed(attach: Attach) -> None:
    app = attach(ECHO)
    app.cognito.admin_create_user(UserPoolId=app.pool_id, Username="tom", TemporaryPassword="Temp0rary!")
    app.change(SupportedIdentityProviders=["COGNITO"])
    page = fill(app, app.login(), username="tom", password="Temp0rary!")
    answer = fill(app, page, new_password="Passw0rd!", confirm_password="Passw0rd!")
    tokens = app.redeem(at_callback(answer)["code"]).json()
    event = json.loads(app.claims(tokens["id_token"])["event"])
    assert event["request"]["userAttributes"]["cognito:user_status"] == "CONFIRMED"


def test_function_changes_claims_and_scopes_but_not_what_makes_a_token_one(attach: Attach) -> None:
    app = attach(ECHO)
    identity, access = both(app, app.tokens())
    assert access["scope"] == "openid profile reports/read"
    assert "email" not in identity
    for claims in (identity, access):
        assert claims["sub"] == app.user()["attributes"]["sub"]
        assert claims["iss"].endswith(app.pool_id)
        assert "dev:x" not in claims


@pytest.mark.parametrize("details", ["None", "{}", '{"groupsToOverride": []}'])
def test_empty_group_override_suppresses_the_groups(attach: Attach, details: str) -> None:
    app = attach(GROUPS % details)
    for claims in both(app, app.tokens()):
        assert "cognito:groups" not in claims


def test_first_version_of_the_event_changes_the_id_token_alone(attach: Attach) -> None:
    app = attach(FIRST_VERSION, version="V1_0")
    identity, access = both(app, app.tokens())
    assert identity["seen"] == "1"
    assert "seen" not in access


def test_failing_function_ends_the_sign_in_at_the_callback_url(attach: Attach) -> None:
    app = attach(FAIL)
    answer = app.federated()
    assert at_callback(answer) == {
        "error": "invalid_request",
        "error_description": "PreTokenGeneration failed with error no such role.",
    }
    assert "cognito" not in app.browser.cookies


def test_function_that_fails_on_refresh_ends_the_refresh(attach: Attach) -> None:
    app = attach(FAIL_ON_REFRESH)
    answer = refresh(app, app.tokens()["refresh_token"])
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "PreTokenGeneration failed with error gone."},
    )


def test_answer_that_is_no_event_ends_the_sign_in(attach: Attach) -> None:
    assert at_callback(attach(NONSENSE).federated())["error_description"] == "Unrecognizable lambda output"


@pytest.mark.parametrize(
    "permission",
    [
        {"Principal": "apigateway.amazonaws.com"},
        {"SourceArn": f"arn:aws:cognito-idp:{REGION}:000000000000:userpool/{REGION}_another"},
        {"SourceAccount": "111111111111"},
    ],
)
def test_function_that_does_not_let_the_pool_in_ends_the_sign_in(attach: Attach, permission: Json) -> None:
    reason = at_callback(attach(ECHO, permission=permission).federated())["error_description"]
    assert reason == "PreTokenGeneration invocation failed due to error AccessDeniedException."


def test_function_that_is_gone_ends_the_sign_in(attach: Attach) -> None:
    app = attach(ECHO)
    trigger(app, f"arn:aws:lambda:{REGION}:000000000000:function:gone")
    reason = at_callback(app.federated())["error_description"]
    assert reason == "PreTokenGeneration invocation failed due to error ResourceNotFoundException."


def test_update_of_the_pool_that_does_not_name_the_trigger_takes_it_away(attach: Attach) -> None:
    app = attach(FAIL)
    app.cognito.update_user_pool(UserPoolId=app.pool_id)
    assert at_callback(app.federated()).keys() == {"code"}


def test_function_runs_without_this_projects_code(attach: Attach) -> None:
    app = attach("import sandbox\n")
    assert "No module named 'sandbox'" in at_callback(app.federated())["error_description"]


def test_function_logs_only_to_a_group_that_somebody_made(aws: LocalAws, attach: Attach) -> None:
    logs, group = aws.client("logs", REGION), "/aws/lambda/trigger-0"
    app = attach(FIRST_VERSION, version="V1_0")
    app.tokens()
    assert logs.describe_log_groups()["logGroups"] == []
    logs.create_log_group(logGroupName=group)
    app.tokens()
    assert logs.describe_log_streams(logGroupName=group)["logStreams"]
    logs.delete_log_group(logGroupName=group)
