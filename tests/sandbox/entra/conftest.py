"""One local Entra ID for all its tests, the deployer's Graph, and a browser for each test."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.entra.server import LocalEntra
from tests.sandbox.entra.fixtures import (
    CLAIMS,
    REDIRECT_URI,
    TENANT,
    Browser,
    Registered,
    graph_client,
    register,
)


@pytest.fixture(scope="session")
def entra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalEntra]:
    with LocalEntra(tenant_id=TENANT, folder=tmp_path_factory.mktemp("entra")) as entra:
        yield entra


@pytest.fixture(scope="session")
def graph(entra: LocalEntra) -> Iterator[httpx.Client]:
    with graph_client(entra) as client:
        yield client


@pytest.fixture
def browser(entra: LocalEntra) -> Iterator[Browser]:
    with Browser(entra) as browser:
        yield browser


@pytest.fixture(scope="session")
def app(graph: httpx.Client) -> Registered:
    """An application as the stack registers it; tests that change theirs register another."""
    web = {
        "redirectUris": [REDIRECT_URI, "http://localhost/cb"],
        "logoutUrl": "https://portal.example/out",
    }
    return register(graph, optionalClaims=CLAIMS, web=web)
