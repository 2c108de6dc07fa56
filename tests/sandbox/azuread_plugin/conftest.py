"""A local Entra ID for each file of tests, and the stand-in configured for it."""

import os
from collections.abc import Iterator

import pytest

from sandbox.azuread_plugin import install as installation
from sandbox.azuread_plugin.provider import Provider
from sandbox.entra.server import LocalEntra
from tests.sandbox.azuread_plugin.fixtures import TENANT, configure


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
