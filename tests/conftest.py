"""What the tests share: a stack synthesized from settings, and a project deployed to local clouds."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from operate.outputs import parse
from sandbox import providers
from sandbox.local_clouds import LocalClouds
from sandbox.project import Project, missing_tools
from sandbox.providers import Origin
from stacks.cognito import branding
from stacks.entra_cognito import EntraCognitoStack
from stacks.settings.files import load
from tests.e2e.deployment import Deployment

TerraformJson = dict[str, Any]
Synthesize = Callable[..., TerraformJson]
SynthesizeExample = Callable[..., TerraformJson]

EXAMPLES = Path(__file__).parents[1] / "environments" / "examples"

TODAY = date(2027, 1, 4)
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

    def synthesize(text: str = MINIMAL, name: str = "dev", today: date = TODAY) -> TerraformJson:
        settings_file = tmp_path / f"{name}.toml"
        settings_file.write_text(text)
        app = App(outdir=str(tmp_path / "cdktf.out"))
        settings = load(settings_file)
        EntraCognitoStack(app, settings, today=today, branding=branding.load(tmp_path, settings))
        app.synth()
        document: TerraformJson = json.loads(
            (tmp_path / "cdktf.out" / "stacks" / name / "cdk.tf.json").read_text()
        )
        return document

    return synthesize


@pytest.fixture
def synthesize_example(synthesize: Synthesize, tmp_path: Path) -> SynthesizeExample:
    """Give the Terraform JSON of an example, as it is or with something in it replaced."""

    def synthesize_example(name: str, edits: Mapping[str, str] | None = None) -> TerraformJson:
        shutil.copytree(EXAMPLES / "branding", tmp_path / "branding", dirs_exist_ok=True)
        text = (EXAMPLES / f"{name}.toml").read_text()
        for written, instead in (edits or {}).items():
            assert written in text, written
            text = text.replace(written, instead)
        return synthesize(text, name)

    return synthesize_example


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
def local_clouds(request: pytest.FixtureRequest) -> Iterator[LocalClouds]:
    """Both clouds, running; Terraform drives Entra ID by the stand-in, then by the real plugin."""
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
        yield clouds
    finally:
        clouds.stop()


@pytest.fixture(scope="module")
def life(local_clouds: LocalClouds) -> Life:
    """Clouds, and a project folder with the settings of the sandbox; nothing is deployed yet."""
    printed: list[str] = []
    return Life(local_clouds, local_clouds.project(on_line=printed.append), printed)


@pytest.fixture(scope="session")
def deployed_sandbox() -> Iterator[Deployment]:
    """The sandbox's stack, deployed once for every test that only looks, or changes and changes back."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    clouds = LocalClouds(stand_in=True)
    try:
        clouds.start()
        project = clouds.project()
        project.deploy()
        yield Deployment(clouds, parse("sandbox", project.terraform("output", "-json").text))
    finally:
        clouds.stop()


@pytest.fixture
def world(deployed_sandbox: Deployment, monkeypatch: pytest.MonkeyPatch) -> Deployment:
    """The deployed stack, with its clouds in the environment, where `operate/` looks for them."""
    for name, value in deployed_sandbox.clouds.environment().items():
        monkeypatch.setenv(name, value)
    return deployed_sandbox
