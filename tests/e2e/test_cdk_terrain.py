"""CDKTF and CDK Terrain deploy the same: a state of the one is an empty plan for the other."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.local_clouds import LocalClouds
from sandbox.project import CHECKOUT, STACK, Project
from tests.conftest import copy_of_checkout
from tests.e2e.examples import EXAMPLES

pytestmark = pytest.mark.exhaustive


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this checkout that `make cdktn` has moved."""
    checkout = copy_of_checkout(tmp_path_factory.mktemp("moved"))
    done = subprocess.run(["make", "cdktn"], cwd=checkout, capture_output=True, text=True, check=False)
    if "pypi.org" in done.stderr or "registry.npmjs.org" in done.stderr:
        pytest.skip(f"PyPI and npm are needed to install CDK Terrain: {done.stderr[-500:]}")
    assert done.returncode == 0, done.stderr
    return checkout


@pytest.fixture
def project(local_clouds: LocalClouds) -> Iterator[Project]:
    project = local_clouds.project(name="cdk-terrain")
    yield project
    project.destroy()


def run(checkout: Path, project: Project, *arguments: str) -> None:
    """Run the command of a moved checkout in a project's folder."""
    app = {"app": f'"{checkout}/.venv/bin/python" "{checkout}/main.py"'}
    configuration = project.folder / "cdktf.json"
    before = configuration.read_text()
    configuration.write_text(json.dumps(json.loads(before) | app))
    try:
        path = f"{checkout}/.venv/bin:{project.environment['PATH']}"
        command = [f"{checkout}/node_modules/.bin/cdktn", *arguments]
        outcome = project.run(["env", f"PATH={path}", *command], project.folder)
        assert outcome.status == 0, outcome.text
    finally:
        configuration.write_text(before)


def changes(project: Project) -> list[str]:
    """What the plan in the stack's folder would change."""
    plan = json.loads(project.terraform("show", "-json", "plan").text)
    return [one["address"] for one in plan["resource_changes"] if one["change"]["actions"] != ["no-op"]]


def synthesized(checkout: Path, folder: Path) -> dict[str, Any]:
    """What a checkout makes of every example, without the tool's, folder's and source's names."""
    shutil.copytree(EXAMPLES, folder / "environments")
    subprocess.run([checkout / ".venv" / "bin" / "python", checkout / "main.py"], cwd=folder, check=True)
    documents = {}
    for file in folder.glob("cdktf.out/stacks/*/cdk.tf.json"):
        document = json.loads(file.read_text().replace(str(folder), ""))
        del document["//"]
        for provider in document["terraform"]["required_providers"].values():
            provider["source"] = provider["source"].removeprefix("hashicorp/")
        documents[file.parent.name] = document
    return documents


def test_each_plans_nothing_on_what_the_other_has_deployed(moved: Path, project: Project) -> None:
    project.deploy()
    run(moved, project, "diff", STACK)
    assert changes(project) == []

    run(moved, project, "destroy", STACK, "--auto-approve")
    run(moved, project, "deploy", STACK, "--auto-approve")
    assert project.diff() == {}


def test_the_newest_bindings_know_every_argument_and_make_the_same_of_every_example(
    moved: Path, tmp_path: Path
) -> None:
    (tmp_path / "moved").mkdir()
    (tmp_path / "here").mkdir()
    made = synthesized(moved, tmp_path / "moved")
    assert set(made) >= {file.stem for file in EXAMPLES.glob("*.toml")}
    assert made == synthesized(CHECKOUT, tmp_path / "here")
