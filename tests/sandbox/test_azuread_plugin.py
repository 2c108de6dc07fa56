"""The stand-in of the azuread provider by itself, and in the hands of Terraform."""

import base64
import json
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeAlias

import grpc
import msgpack  # type: ignore[import-untyped]
import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st

from sandbox.azuread_plugin import install as installation
from sandbox.azuread_plugin.graph_client import Graph, GraphError, Settings, is_loopback
from sandbox.azuread_plugin.messages import MESSAGES
from sandbox.azuread_plugin.plan import applied_state, plan_change, refreshed_state
from sandbox.azuread_plugin.problems import ProblemError
from sandbox.azuread_plugin.provider import Provider
from sandbox.azuread_plugin.schema import data_source_type, empty, provider_schema, resource_type
from sandbox.azuread_plugin.serve import COOKIE_KEY, COOKIE_VALUE
from sandbox.azuread_plugin.validate import validate
from sandbox.azuread_plugin.wire import UNKNOWN, decode, dynamic, encode
from sandbox.entra import LocalEntra

# What Terraform says is compared as it is, whatever its form.
Json: TypeAlias = Any

TENANT = "11111111-1111-4111-8111-111111111111"
ROLE = "22222222-2222-4222-8222-222222222222"
SECRET = "a-secret-that-must-never-be-shown"
APPLICATION = resource_type("azuread_application")
PASSWORD = resource_type("azuread_application_password")


@pytest.fixture
def entra(tmp_path: Path) -> Iterator[LocalEntra]:
    folder = tmp_path / "entra"
    folder.mkdir()
    with LocalEntra(tenant_id=TENANT, folder=folder) as local:
        yield local


@pytest.fixture
def provider(entra: LocalEntra, monkeypatch: pytest.MonkeyPatch) -> Provider:
    for name, value in entra.environment().items():
        monkeypatch.setenv(name, value)
    configured = Provider()
    answer = configured.configure(MESSAGES["ConfigureRequest"](config=no_arguments()))
    assert not answer.diagnostics
    return configured


def no_arguments(**given_arguments: str) -> Json:
    names = provider_schema()["provider"]["block"]["attributes"]
    return dynamic({name: given_arguments.get(name) for name in names})


def application(**attributes: Json) -> Json:
    return {**empty(APPLICATION), "display_name": "Portal", **attributes}


def test_the_served_schema_equals_the_recorded_one() -> None:
    served = Provider().get_provider_schema(None)

    def block(message: Json) -> Json:
        flags = ("required", "optional", "computed", "sensitive", "deprecated")
        nesting = {1: "single", 2: "list", 3: "set"}
        shown: dict[str, Json] = {}
        if message.attributes:
            shown["attributes"] = {
                item.name: {
                    "type": json.loads(item.type),
                    **{flag: True for flag in flags if getattr(item, flag)},
                }
                for item in message.attributes
            }
        if message.block_types:
            shown["block_types"] = {
                item.type_name: {
                    "nesting_mode": nesting[item.nesting],
                    **{
                        name: getattr(item, name)
                        for name in ("min_items", "max_items")
                        if getattr(item, name)
                    },
                    "block": block(item.block),
                }
                for item in message.block_types
            }
        return {**shown, "deprecated": True} if message.deprecated else shown

    def schema(message: Json) -> Json:
        return {"version": message.version, "block": block(message.block)}

    assert provider_schema() == {
        "provider": schema(served.provider),
        "resource_schemas": {item.key: schema(item.value) for item in served.resource_schemas},
        "data_source_schemas": {item.key: schema(item.value) for item in served.data_source_schemas},
    }


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
            {"web": [WEB]}, {"web": []}, {"web": [WEB]}, id="a removed block that says nothing stays"
        ),
        pytest.param(
            {"web": [{**WEB, "redirect_uris": ["https://a.example/"]}]},
            {"web": []},
            {"web": []},
            id="a removed block that says something goes",
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
    found = plan_change(APPLICATION, before, after)
    assert {name: found.state[name] for name in planned} == planned
    assert found.state["description"] == "new"


def test_a_new_object_is_unknown_where_it_is_computed() -> None:
    planned = plan_change(APPLICATION, None, application()).state
    unknown = {name for name, value in planned.items() if value is UNKNOWN}
    assert unknown == {
        *("app_role_ids", "client_id", "disabled_by_microsoft", "feature_tags", "id", "logo_url"),
        *("oauth2_permission_scope_ids", "object_id", "publisher_domain", "tags", "template_id"),
    }


@pytest.mark.parametrize("change", [{}, {"timeouts": {"create": "5m"}}, {"description": ""}])
def test_a_difference_that_says_nothing_is_no_change(change: Json) -> None:
    before = application(id="a", sign_in_audience="AzureADMyOrg", prevent_duplicate_names=False)
    assert plan_change(APPLICATION, before, {**before, **change}).state is before


def test_only_what_forces_a_new_object_replaces_it() -> None:
    before = {**empty(PASSWORD), "id": "a/password/k", "rotate_when_changed": {"generation": "1"}}
    rotated = plan_change(PASSWORD, before, {**before, "rotate_when_changed": {"generation": "2"}})
    assert rotated.replace == ["rotate_when_changed", "id"]
    changed = plan_change(APPLICATION, application(id="a"), application(id="a", notes="n"))
    assert changed.replace == []


def test_a_destroyed_object_is_planned_as_nothing() -> None:
    assert plan_change(APPLICATION, application(id="a"), None).state is None


def test_after_apply_sets_and_nulls_are_as_planned_and_unknowns_as_read() -> None:
    planned = application(owners=["b", "a"], identifier_uris=None, tags=UNKNOWN, notes=None)
    read = application(owners=["a", "b"], identifier_uris=[], tags=["t"], notes="")
    state = applied_state(APPLICATION, planned, read)
    assert [state[name] for name in ("owners", "identifier_uris", "tags", "notes")] == [
        ["b", "a"],
        None,
        ["t"],
        "",
    ]


def test_a_refresh_shows_what_was_read() -> None:
    state = application(owners=["a"], identifier_uris=None)
    read = application(owners=["b"], identifier_uris=[])
    refreshed = refreshed_state(APPLICATION, state, read)
    assert (refreshed["owners"], refreshed["identifier_uris"]) == (["b"], [])


@pytest.mark.parametrize(
    ("kind", "config", "path"),
    [
        ("azuread_application", {"display_name": ""}, ("display_name",)),
        ("azuread_application", {"client_id": "x"}, ("client_id",)),
        ("azuread_application", {"logo_image": "x"}, ("logo_image",)),
        ("azuread_application", {"sign_in_audience": "x"}, ("sign_in_audience",)),
        ("azuread_application", {"tags": ["x"], "feature_tags": [{"hide": True}]}, ("tags",)),
        ("azuread_application", {"owners": ["x"]}, ("owners",)),
        ("azuread_application", {"web": [{"redirect_uris": ["https://a"]}]}, ("web", 0, "redirect_uris")),
        (
            "azuread_application",
            {"web": [{"redirect_uris": ["https://a/" + "b" * 247]}]},
            ("web", 0, "redirect_uris"),
        ),
        ("azuread_application_password", {"application_id": ROLE}, ("application_id",)),
        ("azuread_application_password", {"end_date": "2027-01-01"}, ("end_date",)),
        ("azuread_service_principal", {"client_id": "x"}, ("client_id",)),
        ("azuread_service_principal_delegated_permission_grant", {"claim_values": []}, ("claim_values",)),
    ],
)
def test_a_wrong_argument_is_refused_where_it_stands(kind: str, config: Json, path: Json) -> None:
    root = resource_type(kind)
    right = {"display_name": "Portal"} if kind == "azuread_application" else {}
    problems = validate(root, {**empty(root), **right, **config})
    assert path in [problem.path for problem in problems]


def test_an_argument_not_known_yet_is_not_refused() -> None:
    assert not validate(APPLICATION, application(display_name=UNKNOWN, owners=[UNKNOWN], tags=UNKNOWN))


def test_exactly_one_way_to_find_a_user_is_needed() -> None:
    root = data_source_type("azuread_user")
    none = validate(root, empty(root))
    two = validate(root, {**empty(root), "object_id": ROLE, "mail": "a@example.com"})
    one = validate(root, {**empty(root), "object_id": ROLE})
    assert "must be specified" in none[0].detail
    assert "only one of" in two[0].detail
    assert not one


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
    config = no_arguments(metadata_host=host, tenant_id=TENANT, client_id=ROLE, client_secret=SECRET)
    provider = Provider()
    answer = provider.configure(MESSAGES["ConfigureRequest"](config=config))
    assert [found.summary for found in answer.diagnostics] == [
        "The sandbox's azuread provider works with a local Entra ID only"
    ]
    with pytest.raises(ProblemError, match="not configured"):
        _ = provider.graph


@pytest.fixture
def metadata_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, dict[str, Json]]]:
    """An HTTPS server on loopback whose metadata document the test writes."""
    document: dict[str, Json] = {"name": "Test", "resourceManager": "http://localhost:1/"}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    bundle = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"localhost:{server.server_address[1]}", document
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("login", "graph"),
    [
        ("https://login.microsoftonline.com", "http://localhost:1/"),
        ("http://localhost:1", "https://graph.microsoft.com/"),
        ("http://localhost@login.microsoftonline.com", "http://localhost:1/"),
    ],
)
def test_a_local_metadata_document_that_names_microsoft_is_refused(
    metadata_server: tuple[str, dict[str, Json]], login: str, graph: str
) -> None:
    host, document = metadata_server
    document.update({"microsoftGraphResourceId": graph, "authentication": {"loginEndpoint": login}})
    with pytest.raises(ProblemError, match="works with a local Entra ID only"):
        Graph(Settings(host, TENANT, ROLE, SECRET))


def test_a_page_elsewhere_is_not_followed(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    exchange = Graph._exchange  # noqa: SLF001 - every request passes here

    def redirecting(self: Graph, method: str, url: str, headers: Json, data: Json) -> Json:
        response, _ = exchange(self, method, url, headers, data)
        seen.append(url)
        return response, json.dumps(
            {"value": [], "@odata.nextLink": "https://graph.microsoft.com/v1.0/users"}
        )

    monkeypatch.setattr(Graph, "_exchange", redirecting)
    with pytest.raises(ProblemError, match="works with a local Entra ID only"):
        provider.graph.list("/users")
    assert len(seen) == 1


@pytest.mark.parametrize(("status", "tries"), [(429, 3), (503, 3), (403, 1), (501, 1)])
def test_only_what_may_pass_is_tried_again(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, status: int, tries: int
) -> None:
    exchange = Graph._exchange  # noqa: SLF001 - every request passes here
    seen: list[str] = []

    def busy_twice(self: Graph, method: str, url: str, headers: Json, data: Json) -> Json:
        seen.append(url)
        if len(seen) <= 2:
            refusal = SimpleNamespace(status=status, reason="No", headers={"Retry-After": "0"})
            return refusal, '{"error": {"code": "Busy", "message": "later"}}'
        return exchange(self, method, url, headers, data)

    graph = provider.graph
    monkeypatch.setattr(Graph, "_exchange", busy_twice)
    if tries == 1:
        with pytest.raises(GraphError, match="Busy: later"):
            graph.list("/users")
    else:
        assert graph.list("/users")
    assert len(seen) == tries


def test_a_wrong_secret_is_not_shown(entra: LocalEntra, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**entra.environment(), "ARM_CLIENT_SECRET": SECRET}.items():
        monkeypatch.setenv(name, value)
    answer = Provider().configure(MESSAGES["ConfigureRequest"](config=no_arguments()))
    assert answer.diagnostics[0].summary == "Could not sign in to the local Entra ID"
    assert SECRET not in str(answer)


def test_a_secret_in_a_refusal_is_redacted(provider: Provider) -> None:
    secret = os.environ["ARM_CLIENT_SECRET"]
    assert provider.redacted(f"a {secret} b") == "a (redacted) b"


def test_what_was_made_before_a_failure_is_in_the_state(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Graph.send

    def failing(self: Graph, method: str, *arguments: Json, **options: Json) -> Json:
        if method == "PATCH":
            raise GraphError(403, "Forbidden", "Authorization_RequestDenied: no")
        return send(self, method, *arguments, **options)

    monkeypatch.setattr(Graph, "send", failing)
    planned = plan_change(APPLICATION, None, application()).state
    answer = provider.apply_resource_change(
        MESSAGES["ApplyResourceChangeRequest"](
            type_name="azuread_application",
            prior_state=dynamic(None),
            planned_state=dynamic(planned),
            config=dynamic(application()),
        )
    )
    made = provider.graph.list("/applications", where="displayName eq 'Portal'")[0]
    assert decode(answer.new_state.msgpack)["id"] == f"/applications/{made['id']}"
    assert "Authorization_RequestDenied" in answer.diagnostics[0].detail


def test_a_taken_name_is_refused_when_planning(provider: Provider) -> None:
    provider.graph.send("POST", "/applications", {"displayName": "Portal"})
    answer = provider.plan_resource_change(
        MESSAGES["PlanResourceChangeRequest"](
            type_name="azuread_application",
            prior_state=dynamic(None),
            proposed_new_state=dynamic(application(prevent_duplicate_names=True)),
        )
    )
    assert "was found and `prevent_duplicate_names` was specified" in answer.diagnostics[0].summary


@pytest.mark.parametrize(
    "planned",
    [
        {"app_role": [OWN_ROLE | {"value": "a"}, OWN_ROLE | {"value": "b"}]},
        {"sign_in_audience": "AzureADandPersonalMicrosoftAccount"},
    ],
    ids=["one ID for two roles", "personal accounts with tokens of version 1"],
)
def test_what_graph_would_refuse_is_refused_when_planning(provider: Provider, planned: Json) -> None:
    answer = provider.plan_resource_change(
        MESSAGES["PlanResourceChangeRequest"](
            type_name="azuread_application",
            prior_state=dynamic(None),
            proposed_new_state=dynamic(application(**planned)),
        )
    )
    assert len(answer.diagnostics) == 1


@pytest.mark.parametrize("object_id", [ROLE, "/applications/", f"/servicePrincipals/{ROLE}"])
def test_an_import_by_another_kind_of_id_is_refused(object_id: str) -> None:
    request = MESSAGES["ImportResourceStateRequest"](type_name="azuread_application", id=object_id)
    answer = Provider().import_resource_state(request)
    assert "An ID has the form /applications/" in answer.diagnostics[0].detail


def test_a_state_of_another_version_is_refused() -> None:
    request = MESSAGES["UpgradeResourceStateRequest"](type_name="azuread_application", version=1)
    answer = Provider().upgrade_resource_state(request)
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


def test_the_plugin_shakes_hands_serves_and_ends_without_a_trace(tmp_path: Path) -> None:
    plugin = installation.install(tmp_path / "mirror")
    temporary = tmp_path / "t"
    temporary.mkdir()
    with subprocess.Popen(
        [plugin],
        env={**os.environ, **installation.environment(), COOKIE_KEY: COOKIE_VALUE, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        core, protocol, network, address, kind, certificate = process.stdout.readline().strip().split("|")
        assert (core, protocol, network, kind) == ("1", "5", "unix", "grpc")
        der = base64.b64decode(certificate + "=" * (-len(certificate) % 4))
        credentials = grpc.ssl_channel_credentials(ssl.DER_cert_to_PEM_cert(der).encode())
        options = [("grpc.ssl_target_name_override", "localhost")]
        with grpc.secure_channel(f"unix:{address}", credentials, options=options) as channel:
            empty_message = MESSAGES["Empty"]()
            schema = channel.unary_unary(
                "/tfplugin5.Provider/GetSchema",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=MESSAGES["GetProviderSchemaResponse"].FromString,
            )(empty_message, timeout=10)
            assert len(schema.resource_schemas) == 5
            channel.unary_unary(
                "/plugin.GRPCController/Shutdown",
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=MESSAGES["Empty"].FromString,
            )(empty_message, timeout=10)
        assert process.wait(10) == 0
    assert not list(temporary.iterdir())


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


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_terraform_makes_keeps_and_destroys_with_it(entra: LocalEntra, tmp_path: Path) -> None:
    mirror, folder = tmp_path / "mirror", tmp_path / "project"
    installation.install(mirror)
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    rc = folder / "terraform.rc"
    rc.write_text(f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
    untouched = entra.holdings()

    def terraform(*arguments: str) -> str:
        ran = subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "ARM_"))},
                **installation.environment(),
                **entra.environment(),
                "TF_CLI_CONFIG_FILE": str(rc),
                "CHECKPOINT_DISABLE": "1",
                "TF_INPUT": "0",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    terraform("init")
    terraform("apply", "-auto-approve")
    assert entra.holdings() != untouched
    terraform("plan", "-detailed-exitcode")
    secret = json.loads(terraform("show", "-json"))["values"]["root_module"]["resources"]
    assert any(item["values"].get("value") for item in secret)
    terraform("destroy", "-auto-approve")
    assert entra.holdings() == untouched
