"""The stand-in for the azuread provider by itself, and in the hands of Terraform."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import msgpack  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.azuread_plugin import graph_client
from sandbox.azuread_plugin import install as installation
from sandbox.azuread_plugin.errors import ProviderError
from sandbox.azuread_plugin.graph_client import LOCAL_ONLY, GraphClient, GraphError, Settings, is_loopback
from sandbox.azuread_plugin.messages import MESSAGES
from sandbox.azuread_plugin.plan import normalized, plan_change
from sandbox.azuread_plugin.provider import Provider
from sandbox.azuread_plugin.schema import Node, data_source_type, empty, provider_schema, resource_type
from sandbox.azuread_plugin.validate import validate
from sandbox.azuread_plugin.wire import UNKNOWN, decode, dynamic, encode
from sandbox.entra import LocalEntra
from sandbox.errors import SandboxError
from sandbox.plugin_process import PluginProcess, reattach_environment

# What Terraform says is compared as it is, whatever its form.
Json: TypeAlias = Any

TENANT = "11111111-1111-4111-8111-111111111111"
ROLE = "22222222-2222-4222-8222-222222222222"
SECRET = "a-secret-that-must-never-be-shown"
APPLICATION = resource_type("azuread_application")
PASSWORD = resource_type("azuread_application_password")


@pytest.fixture(scope="module")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEntra]:
    with LocalEntra(tenant_id=TENANT, folder=tmp_path_factory.mktemp("entra")) as local:
        yield local


@pytest.fixture
def provider(entra: LocalEntra, monkeypatch: pytest.MonkeyPatch) -> Provider:
    for name, value in entra.environment().items():
        monkeypatch.setenv(name, value)
    configured = Provider()
    assert not configure(configured).diagnostics
    return configured


def configure(provider: Provider, **arguments: str) -> Json:
    names = provider_schema()["provider"]["block"]["attributes"]
    config = dynamic({name: arguments.get(name) for name in names})
    return provider.answer("Configure", MESSAGES["ConfigureRequest"](config=config))


def imported(resource: str, object_id: str) -> Json:
    request = MESSAGES["ImportResourceStateRequest"](type_name=resource, id=object_id)
    return Provider().answer("ImportResourceState", request)


def application(**attributes: Json) -> Json:
    return {**empty(APPLICATION), "display_name": "Portal", **attributes}


def test_the_recorded_schema_has_the_attributes_called_description() -> None:
    # They are easily lost with the descriptions that Terraform prints beside every attribute.
    assert APPLICATION.fields["description"].optional
    assert APPLICATION.fields["app_role"].items().fields["description"].required
    assert data_source_type("azuread_group").fields["description"].computed


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.just(UNKNOWN),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(VALUES)
def test_a_value_survives_the_wire(value: Json) -> None:
    assert decode(encode(value)) == value


def test_an_unknown_value_with_refinements_is_unknown() -> None:
    # What Terraform sends for "api://${...}": the extension 12 with a map of what is known about the string.
    refined = msgpack.ExtType(12, msgpack.packb({1: False, 2: "api://"}))
    assert decode(msgpack.packb([refined])) == [UNKNOWN]


def test_an_undefined_extension_is_refused() -> None:
    with pytest.raises(ValueError, match="extension 5"):
        decode(b"\xd4\x05\x00")


WEB = {
    "homepage_url": "",
    "logout_url": "",
    "redirect_uris": [],
    "implicit_grant": [{"access_token_issuance_enabled": False, "id_token_issuance_enabled": False}],
}
OWN_ROLE = {
    "id": ROLE,
    "allowed_member_types": ["User"],
    "description": "d",
    "display_name": "n",
    "enabled": True,
    "value": "",
}


@pytest.mark.parametrize(
    ("prior", "proposed", "planned"),
    [
        pytest.param({"notes": "a"}, {"notes": None}, {"notes": None}, id="a removed text becomes null"),
        pytest.param({"notes": ""}, {"notes": None}, {"notes": ""}, id="an empty text stays"),
        pytest.param({}, {"sign_in_audience": None}, {"sign_in_audience": "AzureADMyOrg"}, id="a default"),
        pytest.param({"owners": ["a"]}, {"owners": None}, {"owners": []}, id="a removed set becomes empty"),
        pytest.param({"tags": ["a"]}, {"tags": ["a"]}, {"tags": ["a"]}, id="a computed set stays"),
        pytest.param(
            {"identifier_uris": ["a"]},
            {"identifier_uris": ["a", UNKNOWN]},
            {"identifier_uris": UNKNOWN},
            id="a set with an unknown element is unknown",
        ),
        pytest.param(
            {"web": [WEB]}, {"web": []}, {"web": [WEB]}, id="a removed block with defaults only stays"
        ),
        pytest.param(
            {"web": [{**WEB, "redirect_uris": ["https://a.example/"]}]},
            {"web": []},
            {"web": []},
            id="a removed block with other values goes",
        ),
        pytest.param(
            {"app_role": [OWN_ROLE], "app_role_ids": {}},
            {"app_role": [{**OWN_ROLE, "value": None}]},
            {"app_role": [OWN_ROLE], "app_role_ids": {}},
            id="null and empty are one in a set of blocks",
        ),
        pytest.param(
            {"app_role": [], "app_role_ids": {}},
            {"app_role": [{**OWN_ROLE, "value": None, "enabled": None}], "app_role_ids": {}},
            {"app_role": [OWN_ROLE], "app_role_ids": UNKNOWN},
            id="a new role fills in defaults and makes the IDs unknown",
        ),
        pytest.param(
            {"feature_tags": [{"hide": True}]},
            {"feature_tags": []},
            {"feature_tags": [{"hide": True}]},
            id="a computed block stays",
        ),
    ],
)
def test_a_change_is_planned_as_the_sdk_plans_it(prior: Json, proposed: Json, planned: Json) -> None:
    fixed = {"id": "/applications/a", "sign_in_audience": "AzureADMyOrg", "prevent_duplicate_names": False}
    before = application(description="old", **{**fixed, **prior})
    after = application(description="new", **{**fixed, **proposed})
    state, _ = plan_change(APPLICATION, before, after)
    assert {name: state[name] for name in planned} == planned
    assert state["description"] == "new"


def test_a_new_object_is_unknown_where_it_is_computed() -> None:
    planned, _ = plan_change(APPLICATION, None, application())
    unknown = {name for name, value in planned.items() if value is UNKNOWN}
    assert unknown == {
        *("app_role_ids", "client_id", "disabled_by_microsoft", "feature_tags", "id", "logo_url"),
        *("oauth2_permission_scope_ids", "object_id", "publisher_domain", "tags", "template_id"),
    }


@pytest.mark.parametrize("change", [{}, {"timeouts": {"create": "5m"}}, {"description": ""}])
def test_what_the_sdk_takes_for_equal_is_no_change(change: Json) -> None:
    before = application(id="a", sign_in_audience="AzureADMyOrg", prevent_duplicate_names=False)
    planned, _ = plan_change(APPLICATION, before, {**before, **change})
    assert planned is before


def test_only_what_forces_a_new_object_replaces_it() -> None:
    before = {**empty(PASSWORD), "id": "a/password/k", "rotate_when_changed": {"generation": "1"}}
    _, replace = plan_change(PASSWORD, before, {**before, "rotate_when_changed": {"generation": "2"}})
    assert replace == ["rotate_when_changed", "id"]
    _, replace = plan_change(APPLICATION, application(id="a"), application(id="a", notes="n"))
    assert replace == []


def test_a_destroyed_object_is_planned_as_nothing() -> None:
    assert plan_change(APPLICATION, application(id="a"), None) == (None, [])


def test_after_apply_sets_and_nulls_are_as_planned_and_unknowns_as_read() -> None:
    planned = application(owners=["b", "a"], identifier_uris=None, tags=UNKNOWN, notes=None)
    read = application(owners=["a", "b"], identifier_uris=[], tags=["t"], notes="")
    state = normalized(APPLICATION, read, planned, applied=True)
    assert [state[name] for name in ("owners", "identifier_uris", "tags", "notes")] == [
        ["b", "a"],
        None,
        ["t"],
        "",
    ]


def test_a_refresh_shows_what_was_read() -> None:
    state = application(owners=["a"], identifier_uris=None)
    read = application(owners=["b"], identifier_uris=[])
    refreshed = normalized(APPLICATION, read, state, applied=False)
    assert (refreshed["owners"], refreshed["identifier_uris"]) == (["b"], [])


@pytest.mark.parametrize(
    ("kind", "config", "path"),
    [
        ("azuread_application", {"display_name": ""}, ("display_name",)),
        ("azuread_application", {"client_id": "x"}, ("client_id",)),
        ("azuread_application", {"sign_in_audience": "x"}, ("sign_in_audience",)),
        ("azuread_application", {"owners": ["x"]}, ("owners",)),
        ("azuread_application", {"web": [{"redirect_uris": ["https://a"]}]}, ("web", 0, "redirect_uris")),
        (
            "azuread_application",
            {"web": [{"redirect_uris": ["https://a/" + "b" * 247]}]},
            ("web", 0, "redirect_uris"),
        ),
        ("azuread_application_password", {"end_date": "2027-01-01"}, ("end_date",)),
        ("azuread_service_principal", {"client_id": "x"}, ("client_id",)),
        ("azuread_service_principal_delegated_permission_grant", {"claim_values": []}, ("claim_values",)),
    ],
)
def test_a_wrong_argument_is_refused_where_it_stands(kind: str, config: Json, path: Json) -> None:
    root = resource_type(kind)
    right = {"display_name": "Portal"} if kind == "azuread_application" else {}
    errors = validate(kind, root, {**empty(root), **right, **config})
    assert path in [error.path for error in errors]


def test_an_argument_not_known_yet_is_not_refused() -> None:
    config = application(display_name=UNKNOWN, owners=[UNKNOWN], group_membership_claims=UNKNOWN)
    assert not validate("azuread_application", APPLICATION, config)


def sample(node: Node) -> Json:
    """Some value for an attribute or block."""
    if node.kind == "object":
        return {name: sample(child) for name, child in node.fields.items()}
    if node.kind in ("list", "set"):
        return [sample(node.items())]
    return {"string": "x", "number": 1, "bool": True}.get(node.kind, {})


NOT_SERVED = [
    (kind, node)
    for kind in provider_schema()["resource_schemas"]
    for node in resource_type(kind).walk()
    if "not_served" in node.rules
]


@pytest.mark.parametrize(("kind", "node"), NOT_SERVED, ids=lambda value: getattr(value, "path", value))
def test_what_the_stack_never_sets_is_refused_with_one_error(kind: str, node: Node) -> None:
    root = resource_type(kind)
    config = {**empty(root), **({"display_name": "Portal"} if root is APPLICATION else {})}
    outer, _, name = node.path.rpartition(".")
    config[outer or name] = [{name: sample(node)}] if outer else sample(node)
    assert [error.summary for error in validate(kind, root, config)] == [
        f"The sandbox's stand-in does not serve {kind}.{node.path}"
    ]


@pytest.mark.parametrize(
    ("config", "errors"), [({}, 5), ({"user_principal_name": "ada@contoso.example"}, 0), ({"mail": "x"}, 1)]
)
def test_a_user_is_found_by_the_principal_name_only(config: Json, errors: int) -> None:
    root = data_source_type("azuread_user")
    assert len(validate("azuread_user", root, {**empty(root), **config})) == errors


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_this_machine_is_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        None,
        "login.microsoftonline.com",
        "localhost.example.com",
        "10.0.0.1",
        "192.168.0.1",
        "127.0.0.1.nip.io",
    ],
)
def test_everything_else_is_not(host: str | None) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "management.azure.com",
        "localhost@management.azure.com",
        "169.254.169.254",
        "management.azure.com/localhost",
        "localhost.management.azure.com:443",
    ],
)
def test_a_metadata_host_elsewhere_is_refused_before_any_connection(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(*_arguments: object, **_options: object) -> None:
        pytest.fail("a connection was made")

    monkeypatch.setattr("socket.create_connection", connect)
    monkeypatch.delenv("ARM_METADATA_HOSTNAME", raising=False)
    answer = configure(Provider(), metadata_host=host, tenant_id=TENANT, client_id=ROLE, client_secret=SECRET)
    assert [error.summary for error in answer.diagnostics] == [LOCAL_ONLY]


@pytest.mark.parametrize(
    "login", ["https://login.microsoftonline.com", "http://localhost@login.microsoftonline.com"]
)
def test_a_local_metadata_document_that_names_microsoft_is_refused(
    login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"microsoftGraphResourceId": "http://localhost:1/", "authentication": {"loginEndpoint": login}}
    monkeypatch.setattr(GraphClient, "_metadata", lambda _self: document)
    with pytest.raises(ProviderError, match=LOCAL_ONLY):
        GraphClient(Settings("localhost:1", TENANT, ROLE, SECRET))


def test_a_graph_elsewhere_is_never_called(provider: Provider) -> None:
    provider.graph.base_url = "https://graph.microsoft.com"
    with pytest.raises(ProviderError, match=LOCAL_ONLY):
        provider.graph.list("/users")


def test_a_wrong_secret_is_not_shown(entra: LocalEntra, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**entra.environment(), "ARM_CLIENT_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)
    answer = configure(Provider())
    assert answer.diagnostics[0].summary == "Could not sign in to the local Entra ID"
    assert SECRET not in str(answer)


def test_a_secret_in_a_refusal_is_redacted(
    provider: Provider, entra: LocalEntra, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = entra.environment()["ARM_CLIENT_SECRET"]
    said = f'the secret {secret} is wrong, {{"secretText": "new\\"secret", "keyId": "k"}} is right'
    monkeypatch.setattr(graph_client, "_exchange", lambda *_: (400, said))
    with pytest.raises(GraphError) as raised:
        provider.graph.list("/users")
    shown = 'the secret (redacted) is wrong, {"secretText": "(redacted)", "keyId": "k"} is right'
    assert raised.value.detail.endswith(shown)


def test_a_provider_that_is_not_configured_says_so() -> None:
    state = dynamic(application(id=f"/applications/{ROLE}"))
    request = MESSAGES["ReadResourceRequest"](type_name="azuread_application", current_state=state)
    answer = Provider().answer("ReadResource", request)
    assert answer.diagnostics[0].summary == "The azuread provider is not configured"


@pytest.mark.parametrize("object_id", [ROLE, "/applications/", f"/servicePrincipals/{ROLE}"])
def test_an_import_by_another_kind_of_id_is_refused(object_id: str) -> None:
    answer = imported("azuread_application", object_id)
    assert "has the form /applications/" in answer.diagnostics[0].detail


@pytest.mark.parametrize(
    ("resource", "object_id"),
    [
        ("azuread_application", f"/applications/{ROLE}"),
        ("azuread_service_principal", f"/servicePrincipals/{ROLE}"),
        ("azuread_service_principal_delegated_permission_grant", "/oauth2PermissionGrants/a-B_c"),
        ("azuread_app_role_assignment", f"/servicePrincipals/{ROLE}/appRoleAssignedTo/a-B_c"),
    ],
)
def test_an_import_by_the_right_id_is_accepted(resource: str, object_id: str) -> None:
    (one,) = imported(resource, object_id).imported_resources
    assert decode(one.state.msgpack)["id"] == object_id


def test_what_was_made_before_a_failure_is_in_the_state(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = GraphClient.send

    def failing(self: GraphClient, method: str, path: str, body: Json = None) -> Json:
        if method == "DELETE":
            raise GraphError(f"DELETE {path}", 403, '{"error": {"code": "Denied", "message": "no"}}')
        return send(self, method, path, body)

    monkeypatch.setattr(GraphClient, "send", failing)
    planned, _ = plan_change(APPLICATION, None, application(display_name="Half made"))
    answer = provider.answer(
        "ApplyResourceChange",
        MESSAGES["ApplyResourceChangeRequest"](
            type_name="azuread_application", prior_state=dynamic(None), planned_state=dynamic(planned)
        ),
    )
    made = provider.graph.list("/applications", where="displayName eq 'Half made'")[0]
    assert decode(answer.new_state.msgpack)["id"] == f"/applications/{made['id']}"
    assert "Denied: no" in answer.diagnostics[0].detail


def test_a_taken_name_is_refused_when_planning(provider: Provider) -> None:
    provider.graph.send("POST", "/applications", {"displayName": "Taken"})
    proposed = application(display_name="Taken", prevent_duplicate_names=True)
    answer = provider.answer(
        "PlanResourceChange",
        MESSAGES["PlanResourceChangeRequest"](
            type_name="azuread_application", prior_state=dynamic(None), proposed_new_state=dynamic(proposed)
        ),
    )
    assert "was found and `prevent_duplicate_names` was specified" in answer.diagnostics[0].summary


def test_a_password_cannot_be_imported() -> None:
    answer = imported("azuread_application_password", "x")
    assert "doesn't support import" in answer.diagnostics[0].summary


def test_a_state_of_another_version_is_refused() -> None:
    request = MESSAGES["UpgradeResourceStateRequest"](type_name="azuread_application", version=1)
    answer = Provider().answer("UpgradeResourceState", request)
    assert "schema version 1" in answer.diagnostics[0].summary


def test_the_plugin_is_the_same_on_every_machine(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path)
    text = plugin.read_text()
    assert text == installation.WRAPPER
    assert os.access(plugin, os.X_OK)
    assert str(Path.cwd()) not in text
    assert plugin.relative_to(tmp_path).parts[:4] == (
        "registry.terraform.io",
        "hashicorp",
        "azuread",
        "3.7.0",
    )


def test_outside_the_sandbox_the_plugin_says_so(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path)
    ran = subprocess.run(
        [plugin], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert "runs only inside the sandbox" in ran.stderr


def test_the_plugin_started_by_hand_says_what_it_is(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path)
    ran = subprocess.run(
        [plugin],
        env={"PATH": os.environ["PATH"], **installation.environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "a plugin that Terraform starts" in ran.stderr


CONFIGURATION = """
terraform {
  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "3.7.0"
    }
  }
}

provider "azuread" {}

data "azuread_client_config" "current" {}

resource "azuread_application" "portal" {
  display_name            = "Portal"
  prevent_duplicate_names = true
  owners                  = [data.azuread_client_config.current.object_id]
  web {
    redirect_uris = ["https://portal.example.com/oauth2/idpresponse"]
  }
}

resource "azuread_service_principal" "portal" {
  client_id = azuread_application.portal.client_id
}

resource "azuread_application_password" "portal" {
  application_id = azuread_application.portal.id
  display_name   = "portal"
}
"""


@pytest.fixture
def environment(entra: LocalEntra) -> dict[str, str]:
    """The variables of a Terraform, or of a plugin, for the local Entra ID."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "ARM_"))}
    return {
        **own,
        **installation.environment(),
        **entra.environment(),
        "CHECKPOINT_DISABLE": "1",
        "TF_INPUT": "0",
    }


def make_keep_and_destroy(folder: Path, environment: dict[str, str], name: str = "Portal") -> None:
    """Use the stand-in for all that Terraform does with it."""
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION.replace('"Portal"', f'"{name}"'))

    def terraform(*arguments: str) -> str:
        ran = subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    terraform("init")
    terraform("apply", "-auto-approve")
    terraform("plan", "-detailed-exitcode")
    resources = json.loads(terraform("show", "-json"))["values"]["root_module"]["resources"]
    assert any(resource["values"].get("value") for resource in resources)
    terraform("destroy", "-auto-approve")


needs_terraform = pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")


@needs_terraform
def test_terraform_makes_keeps_and_destroys_with_it(
    entra: LocalEntra, environment: dict[str, str], tmp_path: Path
) -> None:
    installation.install(tmp_path / "mirror")
    rc = tmp_path / "terraform.rc"
    rc.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{tmp_path / "mirror"}"\n  }}\n}}\n'
    )
    before = entra.holdings()
    sockets = tmp_path / "t"
    sockets.mkdir()
    variables = environment | {"TF_CLI_CONFIG_FILE": str(rc), "TMPDIR": str(sockets)}
    make_keep_and_destroy(tmp_path / "project", variables)
    assert entra.holdings() == before
    assert not list(sockets.glob("azuread-*"))


@needs_terraform
def test_one_plugin_serves_several_terraforms_at_once(
    entra: LocalEntra, environment: dict[str, str], tmp_path: Path
) -> None:
    executable = installation.install(tmp_path / "mirror")
    before = entra.holdings()
    with PluginProcess(executable, environment, tmp_path / "plugin.log") as plugin:
        variables = environment | reattach_environment([plugin])
        with ThreadPoolExecutor(3) as pool:
            runs = [
                pool.submit(make_keep_and_destroy, tmp_path / name, variables, name)
                for name in ("One", "Two", "Three")
            ]
        for run in runs:
            run.result()
    assert entra.holdings() == before


def test_a_plugin_that_ends_at_once_says_why(tmp_path: Path) -> None:
    executable = tmp_path / "plugin"
    executable.write_text("#!/bin/sh\necho no such flag: $1 >&2\nexit 3\n")
    executable.chmod(0o755)
    with pytest.raises(SandboxError, match="ended with status 3: no such flag: -debug"):
        PluginProcess(executable, {}, tmp_path / "plugin.log").start()


def test_a_plugin_that_is_stopped_leaves_nothing(environment: dict[str, str], tmp_path: Path) -> None:
    sockets = tmp_path / "t"
    sockets.mkdir()
    executable = installation.install(tmp_path / "mirror")
    plugin = PluginProcess(executable, environment | {"TMPDIR": str(sockets)}, tmp_path / "plugin.log")
    with plugin:
        assert len(list(sockets.iterdir())) == 1
    assert not list(sockets.iterdir())
    assert plugin.reattach == {}
