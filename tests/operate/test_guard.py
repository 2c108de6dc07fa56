"""The guard without Terraform: the format of plans, what is never shown, how it is said, and the table.

Impacts are tested on real plans, in tests/e2e/test_guard_plans.py; only branding is tested here, since the
AWS provider that the sandbox can have everywhere has no resource for it.
"""

import importlib
import json
import re
import sys
from collections import ChainMap
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from operate.errors import OperateError
from operate.guard import __main__ as guard
from operate.guard.digest import digest
from operate.guard.impacts import IMPACTS
from operate.guard.impacts.__main__ import DOCUMENT, document
from operate.guard.impacts.impact import Severity
from operate.guard.make_plan import make_plan
from operate.guard.plan import HIDDEN, Kind, parse
from operate.guard.report import Report, as_json, as_markdown, show, users
from operate.project import stack_folder
from stacks import addresses
from stacks.settings.facts import DEFAULT_ACCESS_ROLE
from tests.conftest import Synthesize
from tests.e2e.planned_shapes import SETTINGS
from tests.operate.samples import TENANT

Json = dict[str, Any]
CLIENT = "aws_cognito_user_pool_client"
BRANDING = "aws_cognito_managed_login_branding"
POOL = "aws_cognito_user_pool"
APPLICATION = "azuread_application"
PRINCIPAL = "azuread_service_principal"
ASSIGNMENT = "azuread_app_role_assignment"
GRANT = "azuread_service_principal_delegated_permission_grant"
PROVIDER = "aws_cognito_identity_provider"
DETAILS, MAPPING, PROVIDERS = "provider_details", "attribute_mapping", "supported_identity_providers"
SPA, ADMINS_ONLY = "single_page_application", "admin_create_user_config"
FLOWS, REFRESH = "explicit_auth_flows", "ALLOW_REFRESH_TOKEN_AUTH"
ROLE = {"id": "1", "value": "Admin", "allowed_member_types": ["User"]}
IMPLICIT_GRANT = [{"implicit_grant": [{"access_token_issuance_enabled": True}]}]
SECRET = "secret~value"

# Every type of resource that the stack can have.
TYPES = sorted(
    {
        value.partition(".")[0]
        for value in vars(addresses).values()
        if isinstance(value, str) and re.match("(aws|azuread|terraform)_", value)
    }
)
NOBODY_USES_IT_YET = "what is new is used by nobody yet"
WAITING_ONLY = "it is no object in either cloud: the deploy waits for it once"
# What happens to a whole object and needs no impact of its own, with the reason.
HARMLESS = {
    (POOL, "create"): NOBODY_USES_IT_YET,
    ("aws_cognito_user_pool_domain", "create"): NOBODY_USES_IT_YET,
    (BRANDING, "create"): NOBODY_USES_IT_YET,
    ("aws_cognito_resource_server", "create"): NOBODY_USES_IT_YET,
    ("aws_route53_record", "create"): NOBODY_USES_IT_YET,
    (APPLICATION, "create"): NOBODY_USES_IT_YET,
    ("azuread_service_principal", "create"): NOBODY_USES_IT_YET,
    ("terraform_data", "create"): WAITING_ONLY,
    ("terraform_data", "replace"): WAITING_ONLY,
    ("terraform_data", "delete"): WAITING_ONLY,
}


def _change(kind: str, *actions: str, **change: object) -> Json:
    return {
        "address": f"{kind}.web",
        "mode": "managed",
        "type": kind,
        "name": "web",
        "change": {"actions": list(actions), **change},
    }


def _plan(*changes: Json, **more: object) -> str:
    return json.dumps({"format_version": "1.2", "resource_changes": list(changes), **more})


def _report(*changes: Json, allowed: frozenset[str] = frozenset(), **more: object) -> Report:
    return guard.judge("dev", parse(_plan(*changes, **more)), allowed=allowed)


def _ids(report: Report) -> set[str]:
    return {one.impact.id for one in report.occurrences}


def _details(report: Report, id_: str) -> list[tuple[str, ...]]:
    return [one.details for one in report.occurrences if one.impact.id == id_]


def test_every_minor_version_of_the_first_format_is_read() -> None:
    assert parse('{"format_version": "1.99", "something": "new"}').changes == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"format_version": "2.0", "resource_changes": "other"}', "version 2.0 of Terraform's JSON format"),
        ("{}", "no plan in Terraform's JSON format (wrong: format_version)"),
        ("{", "no plan in Terraform's JSON format (wrong: the document)"),
        (_plan({"address": SECRET}), "(wrong: resource_changes.0.type)"),
    ],
)
def test_what_is_no_plan_is_refused_in_a_sentence_that_quotes_nothing(text: str, says: str) -> None:
    with pytest.raises(OperateError) as refused:
        parse(text)
    assert says in str(refused.value)
    assert SECRET not in str(refused.value)


def test_what_the_plan_marks_as_sensitive_is_compared_and_not_shown() -> None:
    change = _change(
        CLIENT,
        "update",
        before={"callback_urls": [f"https://{SECRET}"], "client_secret": "old"},
        after={"callback_urls": ["https://app.example.com"], "client_secret": SECRET},
        before_sensitive={"callback_urls": [True]},
        after_sensitive={},
    )
    report = _report(change)
    assert {"callback-removed", "callback-added"} <= _ids(report)
    for shown in (as_markdown(report), as_json(report), repr(report), repr(parse(_plan(change)))):
        assert SECRET not in shown
    assert HIDDEN in as_json(report)


def test_a_secret_is_never_shown_even_if_the_plan_does_not_mark_it() -> None:
    change = parse(_plan(_change(CLIENT, "update", before={"client_secret": SECRET}, after={}))).changes[0]
    assert change.shown("client_secret", {SECRET}) == [HIDDEN]
    details = _change(
        "aws_cognito_identity_provider",
        "update",
        before={"provider_details": {"client_secret": "old", "client_id": "a"}},
        after={"provider_details": {"client_secret": SECRET, "client_id": "a"}},
    )
    report = _report(details)
    assert _ids(report) == {"secret-rotated"}
    assert SECRET not in as_markdown(report) + as_json(report)


def test_changes_that_no_rule_speaks_of_are_named_once_for_each_resource() -> None:
    report = _report(
        _change("aws_cognito_risk_configuration", "create", before=None, after={}),
        _change("aws_cognito_risk_configuration", "delete", before={}, after=None),
        _change("aws_cognito_risk_configuration", "forget", before={}, after={}),
        _change(POOL, "create", before=None, after={}),
        _change(CLIENT, "create", "forget", before={}, after={}),
        _change(CLIENT, "update", before={"new": 1, "name": "a"}, after={"new": 2, "name": "b"}),
        _change(CLIENT, "update", before={"callback_urls": ["a"], "name": "a"}, after={"name": "b"}),
        _change(CLIENT, "no-op", before={}, after={}, importing={"id": "1"}),
        _change(CLIENT, "update", before={}, after={}, after_unknown={"name": True}),
        _change(CLIENT, "delete", before={}, after=None) | {"deposed": "00c0ffee"},
    )
    assert _details(report, "other-changes") == [
        ("forget",),
        ("create",),
        ("name",),
        ("name",),
        ("import",),
        ("delete of a deposed object",),
    ]
    assert _details(report, "unknown-effect") == [
        ("create",),
        ("delete",),
        ("create then forget",),
        ("new",),
        ("update",),
    ]
    assert _ids(report) == {"callback-removed", "other-changes", "unknown-effect"}
    assert report.status == 0
    assert report.verdict.endswith("What some changes do is not known: unknown-effect.")


@pytest.mark.parametrize(
    ("type_", "before", "after", "expected"),
    [
        (POOL, {"mfa_configuration": "ON"}, {"mfa_configuration": "OFF"}, "unknown-effect"),
        (POOL, {"password_policy": [{"minimum_length": 12}]}, {}, "unknown-effect"),
        (POOL, {"schema": []}, {"schema": [{"name": "nick"}]}, "attribute-added"),
        (APPLICATION, {"web": IMPLICIT_GRANT}, {}, "unknown-effect"),
        (
            "azuread_service_principal",
            {"account_enabled": True},
            {"account_enabled": False},
            "unknown-effect",
        ),
        (
            "aws_lambda_permission",
            {"principal": "cognito-idp.amazonaws.com"},
            {"principal": "*"},
            "unknown-effect",
        ),
        ("aws_iam_role", {}, {"managed_policy_arns": ["arn"]}, "unknown-effect"),
    ],
)
def test_what_decides_who_can_sign_in_or_how_is_never_called_harmless(
    type_: str, before: Json, after: Json, expected: str
) -> None:
    change = _change(type_, "update", before=before, after=after)
    assert _ids(_report(change)) - {"trigger-unknown"} == {expected}


# Each door in a plan: what changes, and from what to what; after it, what the report says beside the id.
UPDATED_DOORS: list[tuple[str, Json, Json, str, str]] = [
    (APPLICATION, {}, {"web": [{"redirect_uris": ["https://a/"]}]}, "redirect-uri-added", "https://a/"),
    (APPLICATION, {}, {SPA: [{"redirect_uris": ["https://a/"]}]}, "redirect-uri-added", "https://a/"),
    (APPLICATION, {}, {"public_client": [{"redirect_uris": ["app://a"]}]}, "redirect-uri-added", "app://a"),
    (APPLICATION, {}, {"fallback_public_client_enabled": True}, "public-client-allowed", ""),
    (APPLICATION, {}, {"device_only_auth_enabled": True}, "public-client-allowed", ""),
    (APPLICATION, {}, {"web": IMPLICIT_GRANT}, "implicit-flow-enabled", "access_token_issuance_enabled"),
    (APPLICATION, {}, {"api": [{"mapped_claims_enabled": True}]}, "mapped-claims-accepted", ""),
    (APPLICATION, {"sign_in_audience": "AzureADMyOrg"}, {"sign_in_audience": "AzureADMultipleOrgs"},
     "audience-widened", "AzureADMyOrg -> AzureADMultipleOrgs"),
    (APPLICATION, {}, {"required_resource_access": [{"resource_access": [{"id": "mail"}]}]},
     "permissions-added", "mail"),
    (APPLICATION, {}, {"owners": ["eve"]}, "owner-added", "eve"),
    (APPLICATION, {"app_role": [ROLE]}, {"app_role": [ROLE | {"allowed_member_types": ["Application"]}]},
     "role-changed", "Admin: allowed_member_types"),
    (PRINCIPAL, {"app_role_assignment_required": True}, {"app_role_assignment_required": False},
     "open-to-everybody", ""),
    (PRINCIPAL, {"account_enabled": False}, {"account_enabled": True}, "sign-in-enabled", ""),
    (PRINCIPAL, {}, {"owners": ["eve"]}, "owner-added", "eve"),
    (GRANT, {"claim_values": ["openid"]}, {"claim_values": ["openid", "Mail.Read"]}, "consent-widened",
     "Mail.Read"),
    ("azuread_application_federated_identity_credential", {"subject": "a"}, {"subject": "b"},
     "credential-added", "subject"),
    (POOL, {ADMINS_ONLY: [{"allow_admin_create_user_only": True}]}, {}, "sign-up-opened", ""),
    (POOL, {"lambda_config": []}, {"lambda_config": [{"pre_sign_up": "arn:a"}]}, "function-asked",
     "pre_sign_up: arn:a"),
    (POOL, {"lambda_config": [{"pre_sign_up": "arn:a"}]}, {"lambda_config": [{"pre_sign_up": "arn:b"}]},
     "function-asked", "pre_sign_up: arn:b"),
    (PROVIDER, {MAPPING: {"email": "email"}}, {MAPPING: {"email": "upn"}}, "mapping-changed",
     "email from upn"),
    (PROVIDER, {DETAILS: {"token_url": "https://a"}}, {DETAILS: {"token_url": "https://b"}},
     "endpoint-changed", "token_url"),
    ("aws_cognito_user_group", {}, {"role_arn": "arn:a"}, "group-given", "role_arn"),
    (CLIENT, {"callback_urls": ["a"]}, {"callback_urls": ["a", "b"]}, "callback-added", "b"),
    (CLIENT, {PROVIDERS: ["entra"]}, {PROVIDERS: ["entra", "Google"]}, "microsoft-enabled", "Google"),
    (CLIENT, {PROVIDERS: ["entra"]}, {PROVIDERS: ["entra", "COGNITO"]}, "passwords-allowed", ""),
    (CLIENT, {}, {"write_attributes": ["custom:groups"]}, "attributes-writable", "custom:groups"),
    (CLIENT, {}, {"allowed_oauth_scopes": ["admin"]}, "client-scope-added", "admin"),
    (CLIENT, {"id_token_validity": 1}, {"id_token_validity": 2}, "tokens-live-longer",
     "id_token: 60 -> 120 minutes"),
    ("aws_iam_role", {"assume_role_policy": "{}"}, {"assume_role_policy": '{"a": 1}'},
     "function-rights-changed", "assume_role_policy"),
    ("aws_iam_role_policy", {"policy": "{}"}, {"policy": '{"a": 1}'}, "function-rights-changed", "policy"),
]  # fmt: skip
# As above, where a line of another kind stands beside the door.
DOORS_BESIDE: list[tuple[str, Json, Json, str, str]] = [
    (APPLICATION, {}, {"group_membership_claims": ["SecurityGroup"]}, "groups-of-others", "SecurityGroup"),
    (APPLICATION, {}, {"optional_claims": [{"id_token": [{"additional_properties": ["emit_as_roles"]}]}]},
     "groups-of-others", "emit_as_roles"),
    (PROVIDER, {DETAILS: {"oidc_issuer": "a"}}, {DETAILS: {"oidc_issuer": "b"}}, "issuer-trusted",
     "oidc_issuer"),
    (CLIENT, {FLOWS: [REFRESH]}, {FLOWS: [REFRESH, "ALLOW_USER_SRP_AUTH"]}, "auth-flow-added",
     "ALLOW_USER_SRP_AUTH"),
    (CLIENT, {FLOWS: [REFRESH]}, {}, "auth-flow-added", ""),
    (CLIENT, {"allowed_oauth_flows": ["code"]}, {"allowed_oauth_flows": ["code", "implicit"]},
     "grant-added", "implicit"),
    (CLIENT, {"enable_token_revocation": True}, {"enable_token_revocation": False}, "revocation-off", ""),
    (CLIENT, {}, {"prevent_user_existence_errors": "LEGACY"}, "user-names-shown", ""),
]  # fmt: skip
# The way back is another claim, address, issuer, trust or secret, too.
BOTH_WAYS = {
    *("credential-added", "endpoint-changed", "function-asked", "function-rights-changed", "group-given"),
    *("issuer-trusted", "mapping-changed", "role-changed"),
}
CREATED_DOORS = {
    "aws_cognito_identity_provider": "tenant-added",
    "aws_cognito_user": "user-made",
    "aws_cognito_user_group": "group-given",
    "aws_cognito_user_in_group": "group-given",
    CLIENT: "client-made",
    "aws_iam_role_policy_attachment": "function-rights-changed",
    "azuread_app_role_assignment": "assignment-added",
    "azuread_application_certificate": "credential-added",
    "azuread_application_federated_identity_credential": "credential-added",
    "azuread_service_principal_password": "credential-added",
    GRANT: "consent-widened",
}


@pytest.mark.parametrize(("type_", "before", "after", "id_", "detail"), [*UPDATED_DOORS, *DOORS_BESIDE])
def test_a_plan_that_opens_a_door_says_so(
    type_: str, before: Json, after: Json, id_: str, detail: str
) -> None:
    report = _report(_change(type_, "update", before=before, after=after))
    assert report.ids(Severity.DOOR) == [id_]
    assert _details(report, id_) == [(detail,) if detail else ()]
    assert not set(report.ids(Severity.NOTICE)) & {"unknown-effect", "other-changes"}
    # Back again it opens nothing, but for what is another door that way.
    back = _report(_change(type_, "update", before=after, after=before)).ids(Severity.DOOR)
    assert back == [] or id_ in BOTH_WAYS


@pytest.mark.parametrize(("type_", "id_"), CREATED_DOORS.items())
def test_what_is_made_beside_what_lets_people_in_is_a_door(type_: str, id_: str) -> None:
    there = {"address": f"{PROVIDER}.entra"}
    made = _change(type_, "create", before=None, after={"app_role_id": DEFAULT_ACCESS_ROLE})
    assert _report(_change(PROVIDER, "no-op") | there, made).ids(Severity.DOOR) == [id_]


def test_a_door_is_unmistakable_and_not_refused() -> None:
    report = _report(_change(CLIENT, "update", before={}, after={"callback_urls": ["https://evil.example"]}))
    said = "Afterwards somebody else may come in, or be taken for somebody: callback-added."
    assert (report.status, report.refused) == (0, [])
    assert report.verdict == f"Nothing irreversible, and nobody is stopped. {said}"
    assert "### Open doors\n\n- `callback-added`: " in as_markdown(report)
    document = json.loads(as_json(report))
    assert document["doors"] == ["callback-added"]
    assert document["consequences"][0]["severity"] == "door"
    out = Console(width=200)
    with out.capture() as printed:
        show(report, out)
    assert printed.get().startswith("Open doors\n  callback-added\n")


def test_who_comes_in_by_a_first_deploy_is_nobody_else() -> None:
    made = [
        _change(CLIENT, "create", after={}),
        _change(ASSIGNMENT, "create", after={"app_role_id": DEFAULT_ACCESS_ROLE}),
        _change(ASSIGNMENT, "create", after={"app_role_id": "admin"}),
    ]
    first = _change(PROVIDER, "create", after={"provider_name": "entra"})
    assert _report(*made, first).ids(Severity.DOOR) == []
    # A part of a plan has no provider, and one that somebody has deleted was there before.
    doors = {"client-made", "assignment-added", "role-given"}
    assert set(_report(*made).ids(Severity.DOOR)) == doors
    gone = [_change(PROVIDER, "delete", before={})]
    assert set(_report(*made, first, resource_drift=gone).ids(Severity.DOOR)) == doors


@pytest.mark.parametrize(
    ("own", "doors"), [("arn:own", []), ("arn:other", ["function-asked"]), (None, ["function-asked"])]
)
def test_the_stacks_own_function_for_tokens_is_no_door(own: str | None, doors: list[str]) -> None:
    config = {"lambda_config": [{"pre_token_generation_config": [{"lambda_arn": "arn:own"}]}]}
    function = (
        [_change("aws_lambda_function", "no-op", before={"arn": own}, after={"arn": own})] if own else []
    )
    report = _report(_change(POOL, "update", before={}, after=config), *function)
    assert report.ids(Severity.DOOR) == doors


def test_self_sign_up_that_somebody_opened_is_named_although_the_plan_closes_it() -> None:
    opened = {"admin_create_user_config": [{"allow_admin_create_user_only": False}]}
    closed = {"admin_create_user_config": [{"allow_admin_create_user_only": True}]}
    report = _report(
        _change(POOL, "update", before=opened, after=closed),
        resource_drift=[_change(POOL, "update", before=closed, after=opened)],
    )
    assert _ids(report) == {"manual-change-undone", "trigger-unknown", "unknown-effect"}


@pytest.mark.parametrize(
    ("type_", "before", "after"),
    [
        (POOL, {"tags": {"team": "a"}}, {"tags": {"team": "b"}}),
        (APPLICATION, {"display_name": "a"}, {"display_name": "b"}),
        (
            APPLICATION,
            {"app_role": [{"id": "1", "value": "Admin", "display_name": "a"}]},
            {"app_role": [{"id": "1", "value": "Admin", "display_name": "b"}]},
        ),
        (CLIENT, {"write_attributes": ["email", "custom:old"]}, {"write_attributes": ["email"]}),
        ("aws_cloudwatch_log_group", {"retention_in_days": 30}, {"retention_in_days": 90}),
    ],
)
def test_what_is_listed_as_harmless_is_no_more_than_that(type_: str, before: Json, after: Json) -> None:
    change = _change(type_, "update", before=before, after=after)
    assert _ids(_report(change)) - {"trigger-unknown"} == {"other-changes"}


def test_what_a_deploy_takes_from_adopted_objects_is_said() -> None:
    role = {"id": "1", "value": "Admin"}
    report = _report(
        _change(
            "azuread_application",
            "update",
            before={
                "web": [{"redirect_uris": ["https://other.example.com/"]}],
                "app_role": [role],
                "required_resource_access": [{"resource_access": [{"id": "sharepoint", "type": "Role"}]}],
            },
            after={"app_role": [role | {"id": "2", "value": "Reader"}]},
            importing={"id": "/applications/1"},
        ),
        _change(
            CLIENT,
            "update",
            before={
                "supported_identity_providers": ["entra", "Google"],
                "allowed_oauth_flows": ["code", "implicit"],
                "explicit_auth_flows": ["ALLOW_USER_PASSWORD_AUTH"],
                "read_attributes": ["email", "phone_number"],
            },
            after={"supported_identity_providers": ["entra"], "read_attributes": ["email"]},
            importing={"id": "1"},
        ),
    )
    assert _ids(report) == {
        *(
            "attributes-hidden",
            "auth-flow-added",
            "auth-flows-changed",
            "client-switched",
            "microsoft-disabled",
        ),
        *("other-changes", "permissions-removed", "redirect-uri-removed", "role-added", "role-removed"),
    }
    said = as_markdown(report)
    for lost in ("https://other.example.com/", "Admin", "sharepoint", "Google", "phone_number"):
        assert f"`{lost}`" in said


@pytest.mark.parametrize(
    ("actions", "expected"),
    [
        (("create",), {"other-changes"}),
        (("update",), {"other-changes"}),
        (("delete",), {"branding-removed"}),
        (("create", "delete"), {"branding-removed"}),
        (("delete", "create"), {"branding-removed", "sign-in-gap"}),
    ],
)
def test_branding(actions: tuple[str, ...], expected: set[str]) -> None:
    change = _change(BRANDING, *actions, before={"settings": "{}"}, after={"settings": '{"a": 1}'})
    assert _ids(_report(change)) == expected


def test_what_is_irreversible_is_refused_unless_it_is_named() -> None:
    change = _change(CLIENT, "delete", before={}, after=None)
    refused = _report(change)
    assert (refused.status, refused.refused) == (1, ["client-removed"])
    assert "--allow client-removed" in refused.verdict
    allowed = _report(change, allowed=frozenset({"client-removed"}))
    assert (allowed.status, allowed.refused) == (0, [])
    assert allowed.verdict == "Allowed, and cannot be undone: client-removed."
    assert "`client-removed` (allowed)" in as_markdown(allowed)


def test_the_comment_is_plain_markdown_and_nothing_in_a_plan_can_leave_its_place() -> None:
    nasty = "https://app.example.com/`@everybody`<script>\n## Allowed"
    report = _report(_change(CLIENT, "update", before={"callback_urls": [nasty]}, after={}))
    text = as_markdown(report)
    assert text == as_markdown(report)
    assert text.splitlines()[:3] == [
        "## Sign-in guard: `dev`",
        "",
        "**Nothing irreversible, but some people or apps are stopped: callback-removed.**",
    ]
    assert "`https://app.example.com/'@everybody'<script> ## Allowed`" in text
    assert "\x1b" not in text
    assert "\n- `aws_cognito_user_pool_client.web`: update\n" in text[text.index("<details>") :]


def test_nothing_and_only_outputs_and_what_is_allowed_in_vain() -> None:
    nothing = _report(output_changes={"domain": {"actions": ["no-op"]}})
    assert (nothing.status, nothing.verdict) == (0, "No changes: nothing happens to anybody.")
    outputs = _report(output_changes={"domain": {"actions": ["update"]}}, allowed=frozenset({"deletes-pool"}))
    assert (outputs.status, outputs.verdict) == (0, "Only outputs change: nothing happens to anybody.")
    assert "--allow names what this plan does not do: deletes-pool." in as_markdown(outputs)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (None, "all users"),
        (0, "all users (none yet)"),
        (1, "all users (one so far)"),
        (1200, "all 1,200 users"),
    ],
)
def test_users_are_counted_if_cognito_counts_them(count: int | None, words: str) -> None:
    pool = _change("aws_cognito_user_pool", "delete", before={"estimated_number_of_users": count})
    assert users(count) == words
    assert f"its users: {words} are gone" in as_markdown(_report(pool))


def test_a_saved_plan_may_be_json_already(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "plan.json"
    file.write_text(_plan(_change(CLIENT, "delete", before={}), errored=True))
    assert guard.main(["dev", "--plan", str(file), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["refusals"] == ["Terraform could not finish this plan."]
    assert said["consequences"][0]["id"] == "client-removed"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "There is no environments/nowhere.toml"),
        (["dev", "--plan", "missing"], "The plan missing cannot be read: No such file"),
    ],
)
def test_without_a_plan_the_guard_fails_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    assert guard.main([*arguments, "--project", str(tmp_path)]) == 1
    assert says in capsys.readouterr().err
    assert guard.main([*arguments, "--project", str(tmp_path), "--markdown"]) == 1
    assert "There is no plan to judge" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["--plan", "saved.plan"]])
def test_what_terraform_printed_before_it_failed_is_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    terraform = tmp_path / "terraform"
    printed = json.dumps({"client_secret": SECRET})
    terraform.write_text(f"#!/bin/sh\n[ $1 = init ] && exit 0\necho '{printed}'\nexit 3\n")
    terraform.chmod(0o700)
    (tmp_path / "cdktf.out" / "stacks" / "dev").mkdir(parents=True)
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").touch()
    (tmp_path / "saved.plan").write_bytes(b"PK")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    (tmp_path / "cdktf.json").write_text('{"app": "true"}')
    (tmp_path / "cdktf.out" / "manifest.json").write_text('{"stacks": {"dev": {}}}')
    monkeypatch.chdir(tmp_path)
    assert guard.main(["dev", *arguments]) == 1
    shown = capsys.readouterr()
    assert "failed: exit status 3." in shown.err
    assert SECRET not in shown.out + shown.err


def test_of_the_second_stack_the_bucket_is_irreversible_and_the_pipeline_stops_no_sign_in() -> None:
    report = _report(
        _change("aws_s3_bucket", "delete"),
        _change("azuread_application", "delete") | {"name": "pipeline_deploy"},
        _change("aws_iam_role", "delete", "create") | {"name": "pipeline_plan"},
    )
    assert _ids(report) == {"states-deleted", "unknown-effect"}
    assert report.refused == ["states-deleted"]


def test_a_misspelled_impact_is_a_wrong_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        guard.main(["dev", "--allow", "delete-pool"])
    assert ended.value.code == 2
    assert "no impact delete-pool: deletes-pool is meant?" in capsys.readouterr().err


@pytest.fixture
def resources(synthesize: Synthesize) -> Json:
    """Every type of resource that the stack has, with all that it declares of any of them."""
    words = {
        "REGION": "eu-central-1",
        "TENANT": TENANT,
        "AUTHORITY": "http://localhost:8400",
        "ZONE": "Z0AAAA",
    }
    settings = SETTINGS.replace("[cognito]", "[cognito]\nmanaged_login_version = 2")
    for word, instead in words.items():
        settings = settings.replace(word, instead)
    declared = synthesize(settings + "\n[entra.secret]\ngeneration = 2\n")["resource"]
    return {type_: ChainMap(*resources.values()) for type_, resources in declared.items()}


def _attributes(type_: str) -> set[str]:
    """The attributes that the provider has for a type of resource, as its bindings name them."""
    provider, _, name = type_.partition("_")
    module = "cdktf" if provider == "terraform" else f"cdktf_cdktf_provider_{provider}.{name}"
    known = vars(importlib.import_module(module)).values()
    (binding,) = (one for one in known if getattr(one, "TF_RESOURCE_TYPE", None) == type_)
    return {name.removesuffix("_input") for name in dir(binding) if name.endswith("_input")}


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize(
    ("kind", "actions"),
    [
        ("create", ["create"]),
        ("delete", ["delete"]),
        ("replace", ["create", "delete"]),
        ("replace", ["delete", "create"]),
    ],
)
def test_every_object_made_replaced_or_deleted_has_an_impact_of_its_own(
    type_: str, kind: str, actions: list[str]
) -> None:
    own = _ids(_report(_change(type_, *actions, before={}, after={}))) - {"sign-in-gap"}
    if (type_, kind) in HARMLESS:
        assert own == {"other-changes"}
    else:
        assert own - {"other-changes", "unknown-effect"}


def test_the_types_of_the_stack_are_all_synthesized(resources: Json) -> None:
    assert sorted(resources) == TYPES


def test_no_change_of_any_attribute_passes_without_a_line(resources: Json) -> None:
    for type_, declared in resources.items():
        for attribute in _attributes(type_):
            value = declared.get(attribute) or "something"
            for before, after in (({attribute: value}, {}), ({}, {attribute: value})):
                report = _report(_change(type_, "update", before=before, after=after))
                named = {name for one in report.occurrences for name in one.details}
                named |= {
                    rule.attribute
                    for one in report.occurrences
                    for rule in one.impact.rules
                    if rule.resource == type_ and rule.kind is Kind.UPDATE
                }
                assert attribute in named, (type_, attribute)


def test_ids_are_words_and_sentences_end() -> None:
    for one in IMPACTS.values():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", one.id)
        assert one.people.endswith(".")
        assert not one.instead or one.instead.endswith(".")
        assert one.rules or one.when
        assert one.severity is not Severity.IRREVERSIBLE or one.instead


def test_the_documented_impacts_are_these() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert document(text) == text, "run `python -m operate.guard.impacts`"
    assert all(f"| `{name}` |" in text for name in IMPACTS)


def digest_of(**changes: Any) -> str:
    """The digest of a plan with one update of an app client, told otherwise in some of it."""
    before = {"id": "1", "name": "web", "callback_urls": ["a"], "estimated": 4}
    after = before | {"callback_urls": ["a", "b"]} | changes.pop("after", {})
    change = {"actions": ["update"], "before": before | changes.pop("before", {}), "after": after}
    resource = {"address": "aws_cognito_user_pool_client.web", "mode": "managed", "name": "web"}
    resource |= {"type": "aws_cognito_user_pool_client", "change": change} | changes
    document = {"format_version": "1.2", "resource_changes": [resource]}
    return digest(parse(json.dumps(document)))


def test_the_digest_tells_plans_apart_by_what_they_change() -> None:
    assert digest_of() == digest_of()
    other_values = {"estimated": 5}
    assert digest_of() == digest_of(before=other_values, after=other_values)
    others: list[dict[str, Any]] = [
        {"after": {"callback_urls": ["a", "https://mallory.example"]}},
        {"before": {"callback_urls": []}},
        {"before": {"id": "2"}, "after": {"id": "2"}},
        {"address": "aws_cognito_user_pool_client.spa"},
        {"after": {"name": "other"}},
    ]
    for different in others:
        assert digest_of(**different) != digest_of()


def test_the_digest_is_the_same_whoever_plans_and_whenever() -> None:
    def planned(by: str, at: str, until: str) -> str:
        values = {"owners": [by], "end_date": until, "other": "2027-01-04T05:47:11Z"}
        made = {"actions": ["create"], "before": None, "after": values}
        address = {"address": "azuread_application.sign_in", "type": "azuread_application", "name": "sign_in"}
        deployer = {"type": "azuread_client_config", "values": {"object_id": by}}
        document = {
            "format_version": "1.2",
            "timestamp": at,
            "resource_changes": [address | {"change": made}],
            "prior_state": {"values": {"root_module": {"resources": [deployer]}}},
        }
        return digest(parse(json.dumps(document)))

    first = planned("a-planner", "2027-01-04T05:00:01Z", "2027-07-03T05:00:01Z")
    assert first == planned("a-deployer", "2027-01-05T09:30:02Z", "2027-07-04T09:30:02Z")
    assert first != planned("a-deployer", "2027-01-05T09:30:02Z", "2027-07-05T09:30:02Z")


def test_nothing_to_change_has_no_digest_and_another_plan_is_refused() -> None:
    assert digest(parse('{"format_version": "1.2"}')) == ""
    plan = parse('{"format_version": "1.2"}')
    assert guard.judge("dev", plan, expected="").status == 0
    refused = guard.judge("dev", plan, expected="0" * 64)
    assert refused.status == 1
    assert "not the plan that was reviewed" in refused.verdict


# What OpenTofu 1.10 and 1.12 say in other words than Terraform (its source: internal/command/meta_backend.go,
# internal/tofu/node_resource_abstract_instance.go).
TOFU = """#!{python}
import json, pathlib, sys
match sys.argv[1]:
    case "init":
        pathlib.Path("initialized").touch()
    case "plan" if pathlib.Path("initialized").exists():
        pathlib.Path(sys.argv[-1].removeprefix("-out=")).touch()
        detail = "Resource {said} set, but the plan calls for it to be destroyed."
        print(json.dumps({{"@level": "error", "diagnostic": {{"summary": "", "detail": detail}}}}))
        sys.exit(1)
    case "plan":
        sys.exit('Backend initialization required, please run "tofu init"')
    case "show":
        print('{{"format_version": "1.2"}}')
"""


@pytest.mark.parametrize(
    "said", [f"{POOL}.users has lifecycle.prevent_destroy", f"instance {POOL}.users has prevent_destroy"]
)
def test_opentofu_in_terraforms_place_is_understood(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: str
) -> None:
    (stack_folder("dev", tmp_path) / ".terraform").mkdir(parents=True)
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").touch()
    (tofu := tmp_path / "tofu").write_text(TOFU.format(python=sys.executable, said=said))
    tofu.chmod(0o755)
    monkeypatch.setenv("TERRAFORM_BINARY_NAME", str(tofu))
    monkeypatch.setattr("operate.guard.make_plan.synthesize_and_check", lambda *_: None)
    (error,) = make_plan("dev", tmp_path).terraform_errors
    assert error.startswith(f"{POOL}.users is protected (prevent_destroy)")
