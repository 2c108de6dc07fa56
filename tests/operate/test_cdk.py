"""A checkout moves from CDKTF to CDK Terrain and back; tests/e2e/test_cdk_terrain.py deploys with both."""

import json
from pathlib import Path

import pytest

from operate import cdk
from tests.conftest import copy_of_checkout


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    return copy_of_checkout(tmp_path)


def content(checkout: Path) -> dict[str, bytes]:
    files = [*checkout.rglob("*.py"), checkout / "Pipfile", checkout / "package.json"]
    return {str(file.relative_to(checkout)): file.read_bytes() for file in files}


def test_moving_there_replaces_every_import_and_package(checkout: Path) -> None:
    cdk.move(checkout, "cdktn")
    code = [line for file in checkout.rglob("*.py") for line in file.read_text().splitlines()]
    imports = [line for line in code if line.lstrip().startswith(("from cdkt", "import cdkt"))]
    assert imports
    assert not [line for line in imports if "cdktf" in line]
    pipfile = (checkout / "Pipfile").read_text()
    assert 'cdktn-provider-aws = "==25.8.1"' in pipfile
    assert "cdktf-" not in pipfile
    assert 'cdktf = "python -m operate.cdktf"' in pipfile, "the command keeps its name"
    assert json.loads((checkout / "package.json").read_text())["dependencies"] == {"cdktn-cli": "0.24.0"}


def test_moving_back_restores_every_file(checkout: Path) -> None:
    before = content(checkout)
    cdk.move(checkout, "cdktn")
    assert content(checkout) != before
    cdk.move(checkout, "cdktf")
    assert content(checkout) == before


def test_moving_to_where_it_is_changes_nothing(checkout: Path) -> None:
    before = content(checkout)
    cdk.move(checkout, "cdktf")
    assert content(checkout) == before
