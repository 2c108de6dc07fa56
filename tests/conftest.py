"""What the tests share: a stack synthesized from settings, and a project deployed to local clouds."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from sandbox import providers
from sandbox.local_clouds import LocalClouds
from sandbox.project import Project, missing_tools
from sandbox.providers import Origin
from stacks.entra_cognito import EntraCognitoStack
from stacks.settings_file import load

TerraformJson = dict[str, Any]
Synthesize = Callable[..., TerraformJson]

MINIMAL = """
[aws]
region = "eu-central-1"

[entra]
tenant_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

[cognito]
domain_prefix = "contoso-signin"

[clients.web]
callback_urls = ["https://app.example.com/callback"]
"""


@pytest.fixture
def synthesize(tmp_path: Path) -> Synthesize:
    """Give the Terraform JSON of one environment; by default the smallest one there can be."""

    def synthesize(text: str = MINIMAL, name: str = "dev") -> TerraformJson:
        settings_file = tmp_path / f"{name}.toml"
        settings_file.write_text(text)
        app = App(outdir=str(tmp_path / "cdktf.out"))
        EntraCognitoStack(app, load(settings_file))
        app.synth()
        document: TerraformJson = json.loads(
            (tmp_path / "cdktf.out" / "stacks" / name / "cdk.tf.json").read_text()
        )
        return document

    return synthesize


@pytest.fixture
def minimal() -> str:
    """The smallest settings file there can be, to add to."""
    return MINIMAL


@dataclass
class Life:
    """A project and the clouds that it is deployed to.

    Attributes:
        clouds: the local clouds.
        project: the project's folder and commands.
        printed: every line that any command has printed so far.
    """

    clouds: LocalClouds
    project: Project
    printed: list[str] = field(default_factory=list)


@pytest.fixture(scope="module", params=["stand-in", "real azuread plugin"])
def life(request: pytest.FixtureRequest) -> Iterator[Life]:
    """Clouds, and a project folder with the settings of the sandbox; nothing is deployed yet."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    clouds = LocalClouds(stand_in=request.param == "stand-in")
    try:
        azuread = clouds.plugins[1]
        if request.param != "stand-in" and azuread.origin is Origin.STAND_IN:
            looked = ", ".join(str(mirror) for mirror in providers.mirrors()) or "no mirror at all"
            pytest.skip(
                f"no real azuread plugin {providers.USABLE_VERSIONS['azuread']}: "
                f"the registry is out of reach, and the mirrors hold none ({looked})"
            )
        clouds.start()
        folder = clouds.folder / "project"
        folder.mkdir()
        printed: list[str] = []
        project = Project(folder, clouds.environment(), on_line=printed.append)
        project.write_settings(clouds.settings_text())
        yield Life(clouds, project, printed)
    finally:
        clouds.stop()
