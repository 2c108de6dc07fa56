"""The servers of the local Entra ID: metadata, certificates, ports, discovery, tenants."""

import errno
import socket
import ssl
import threading
from pathlib import Path

import httpx
import pytest

from sandbox.entra.server import LocalEntra
from sandbox.errors import SandboxError
from tests.sandbox.entra.fixtures import (
    OTHER_TENANT,
    TENANT,
    Browser,
    fails,
    graph_client,
    shows,
)


def test_metadata_document_is_served_over_trusted_https_and_points_to_plain_http(entra: LocalEntra) -> None:
    trust = ssl.create_default_context(cafile=entra.ca_file)
    found = httpx.get(
        f"https://{entra.metadata_host}/metadata/endpoints?api-version=2022-09-01", verify=trust
    )
    assert found.json()["authentication"]["loginEndpoint"] == entra.authority
    assert found.json()["microsoftGraphResourceId"].rstrip("/") == entra.authority
    assert entra.authority.startswith("http://localhost:")


def test_metadata_certificate_is_good_for_the_loopback_address_too(entra: LocalEntra) -> None:
    trust = ssl.create_default_context(cafile=entra.ca_file)
    port = entra.metadata_host.split(":")[1]
    assert httpx.get(f"https://127.0.0.1:{port}/metadata/endpoints", verify=trust).is_success


def test_public_roots_survive_in_the_ca_file(entra: LocalEntra) -> None:
    assert len(ssl.create_default_context(cafile=entra.ca_file).get_ca_certs()) > 10


def test_environment_names_this_entra_id_and_keeps_the_azure_cli_out(entra: LocalEntra) -> None:
    environment = entra.environment()
    assert environment["ARM_METADATA_HOSTNAME"] == entra.metadata_host
    assert environment["ARM_TENANT_ID"] == TENANT
    assert environment["ARM_USE_CLI"] == "false"
    assert environment["SSL_CERT_FILE"] == str(entra.ca_file)


def test_taken_port_is_one_clear_sentence(tmp_path: Path, entra: LocalEntra) -> None:
    port = int(entra.authority.rsplit(":", 1)[1])
    with pytest.raises(SandboxError, match=str(port)):
        LocalEntra(tenant_id=TENANT, port=port, folder=tmp_path).start()


def test_stop_frees_ports_and_threads_and_start_works_again(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    local = LocalEntra(tenant_id=TENANT, folder=tmp_path)
    secrets = []
    for _ in range(2):
        with local:
            port = int(local.authority.rsplit(":", 1)[1])
            secrets.append(local.environment()["ARM_CLIENT_SECRET"])
            graph_client(local).get("/applications").raise_for_status()
        assert set(threading.enumerate()) <= before
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) == errno.ECONNREFUSED
    assert secrets[0] != secrets[1]


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux lists its sockets there")
def test_only_loopback_is_listened_on(entra: LocalEntra) -> None:
    ports = {int(entra.authority.rsplit(":", 1)[1]), int(entra.metadata_host.rsplit(":", 1)[1])}
    listening = [line.split()[1].split(":") for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    assert {address for address, port in listening if int(port, 16) in ports} == {"0100007F"}


def test_private_key_is_readable_by_its_owner_only(entra: LocalEntra) -> None:
    keys = [path for path in entra.ca_file.parent.iterdir() if "PRIVATE KEY" in path.read_text()]
    assert [path.stat().st_mode & 0o077 for path in keys] == [0]


def test_tenant_id_must_be_a_guid(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="UUID"):
        LocalEntra(tenant_id="contoso.example", folder=tmp_path)


def test_request_log_has_method_path_and_status_and_no_secrets(
    entra: LocalEntra, graph: httpx.Client
) -> None:
    graph.get("/applications", params={"$filter": "displayName eq 'x'"})
    assert entra.requests[-1] == ("GET", "/v1.0/applications", 200)
    assert entra.environment()["ARM_CLIENT_SECRET"] not in repr(entra.requests) + repr(
        entra.directory.applications
    )


def test_discovery_document_names_endpoints_that_exist(entra: LocalEntra, browser: Browser) -> None:
    document = browser.http.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").json()
    tenant = f"{entra.authority}/{TENANT}"
    assert document["issuer"] == f"{tenant}/v2.0"
    assert document["authorization_endpoint"] == f"{tenant}/oauth2/v2.0/authorize"
    assert document["token_endpoint"] == f"{tenant}/oauth2/v2.0/token"
    assert document["end_session_endpoint"] == f"{tenant}/oauth2/v2.0/logout"
    assert document["userinfo_endpoint"] == f"{entra.authority}/oidc/userinfo"
    keys = browser.http.get(document["jwks_uri"]).json()["keys"]
    assert [(key["kty"], key["use"]) for key in keys] == [("RSA", "sig")]
    assert "d" not in keys[0]


@pytest.mark.parametrize(
    ("tenant", "number"),
    [
        (OTHER_TENANT, 90002),
        ("contoso.example", 90002),
        *((name, 50194) for name in ("common", "organizations")),
    ],
)
def test_unknown_tenants_and_the_shared_endpoints_are_refused(
    browser: Browser, tenant: str, number: int
) -> None:
    document = browser.http.get(f"/{tenant}/v2.0/.well-known/openid-configuration")
    assert (document.status_code, document.json()["error_codes"]) == (400, [number])
    fails(browser.http.post(f"/{tenant}/oauth2/v2.0/token", data={}), 400, "invalid_request", number)
    shows(browser.http.get(f"/{tenant}/oauth2/v2.0/authorize"), f"AADSTS{number}")
    shows(browser.http.get(f"/{tenant}/adminconsent"), f"AADSTS{number}")
