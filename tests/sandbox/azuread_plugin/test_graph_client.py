"""The connection to Microsoft Graph: to this machine only, and without a secret in any error."""

import pytest

from sandbox.azuread_plugin import graph_client
from sandbox.azuread_plugin.errors import ProviderError
from sandbox.azuread_plugin.graph_client import LOCAL_ONLY, GraphClient, GraphError, Settings, is_loopback
from sandbox.azuread_plugin.provider import Provider
from sandbox.entra.server import LocalEntra
from tests.sandbox.azuread_plugin.fixtures import ROLE, SECRET, TENANT, configure


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
