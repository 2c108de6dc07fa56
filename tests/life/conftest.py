"""A project deployed to local clouds, once with the stand-in for azuread and once with the real plugin."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from sandbox import providers
from sandbox.local_clouds import LocalClouds
from sandbox.project import Project, missing_tools
from sandbox.providers import Origin


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
