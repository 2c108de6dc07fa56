"""Where the provider plugins come from, with folders laid out as Terraform lays them out."""

import shutil
import zipfile
from pathlib import Path

import pytest

from sandbox import providers
from sandbox.azuread_plugin.install import target
from sandbox.errors import SandboxError
from sandbox.providers import Origin, Plugin

TARGET = target()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder of its own, and no other place of this machine."""
    for name in (
        "TF_CLI_CONFIG_FILE",
        "TERRAFORM_CONFIG",
        "TF_PLUGIN_CACHE_DIR",
        "XDG_DATA_HOME",
        providers.MIRROR_VARIABLE,
    ):
        monkeypatch.delenv(name, raising=False)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "share"))
    monkeypatch.setattr(providers, "MIRROR_ROOTS", (str(tmp_path / "opt"),))
    monkeypatch.setattr(providers, "registry_answers", lambda: False)
    return home


def _unpacked(mirror: Path, name: str, version: str, content: bytes = b"\x7fELF") -> None:
    folder = mirror / "registry.terraform.io" / "hashicorp" / name / version / TARGET
    folder.mkdir(parents=True)
    (folder / f"terraform-provider-{name}_v{version}_x5").write_bytes(content)


def _packed(mirror: Path, name: str, version: str) -> None:
    folder = mirror / "registry.terraform.io" / "hashicorp" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"terraform-provider-{name}_{version}_{TARGET}.zip").write_bytes(b"PK")


def test_nothing_is_found_where_there_is_no_mirror() -> None:
    assert providers.find_plugin("aws") is None


@pytest.mark.parametrize(
    "place",
    [
        "home/.terraform.d/plugins",
        "home/.terraform.d/plugin-cache",
        "home/.local/share/terraform/plugins",
        "share/terraform/plugins",
        "opt/anything",
    ],
)
def test_the_usual_places_are_searched(tmp_path: Path, place: str) -> None:
    _unpacked(tmp_path / place, "aws", "5.100.0")
    assert providers.find_plugin("aws") == Plugin("aws", Origin.MIRROR, "5.100.0", tmp_path / place)


def test_mirrors_and_cache_of_the_persons_own_configuration_are_searched(home: Path, tmp_path: Path) -> None:
    _unpacked(tmp_path / "mirror", "aws", "5.100.0")
    _unpacked(tmp_path / "cache", "azuread", "3.7.0")
    (home / ".terraformrc").write_text(
        f'plugin_cache_dir = "{tmp_path / "cache"}"\nprovider_installation {{\n'
        '  # filesystem_mirror { path = "/nowhere" }\n'
        f'  filesystem_mirror {{\n    path = "{tmp_path / "mirror"}"\n  }}\n}}\n'
    )
    assert providers.mirrors() == [tmp_path / "cache", tmp_path / "mirror"]


def test_archives_count_as_well_as_unpacked_plugins(home: Path) -> None:
    _packed(home / ".terraform.d" / "plugins", "aws", "6.25.0")
    found = providers.find_plugin("aws")
    assert found is not None
    assert found.version == "6.25.0"


def test_the_newest_version_that_the_sandbox_can_use_wins(home: Path, tmp_path: Path) -> None:
    for version in ("5.99.0", "5.100.0", "6.25.0", "7.0.0"):
        _unpacked(home / ".terraform.d" / "plugins", "aws", version)
    _unpacked(tmp_path / "opt" / "mirror", "aws", "6.3.0")
    found = providers.find_plugin("aws")
    assert found is not None
    assert found.version == "6.25.0"


def test_a_plugin_for_another_machine_is_not_found(home: Path) -> None:
    folder = home / ".terraform.d/plugins/registry.terraform.io/hashicorp/aws/5.100.0/plan9_mips"
    folder.mkdir(parents=True)
    (folder / "terraform-provider-aws_v5.100.0_x5").write_bytes(b"\x7fELF")
    assert providers.find_plugin("aws") is None


def test_a_stand_in_left_in_a_mirror_is_not_taken_for_the_real_plugin(home: Path) -> None:
    _unpacked(home / ".terraform.d" / "plugins", "azuread", "3.7.0", b"#!/bin/sh\n")
    assert providers.find_plugin("azuread") is None


def test_without_an_aws_plugin_the_message_names_the_folders_searched(home: Path, tmp_path: Path) -> None:
    with pytest.raises(SandboxError) as missing:
        providers.choose(tmp_path)
    assert str(home / ".terraform.d" / "plugins") in str(missing.value)
    assert "terraform providers mirror" in str(missing.value)


def test_the_real_azuread_plugin_is_preferred_to_the_stand_in(home: Path, tmp_path: Path) -> None:
    _unpacked(home / ".terraform.d" / "plugins", "aws", "5.100.0")
    assert providers.choose(tmp_path)[1].origin is Origin.STAND_IN
    _unpacked(home / ".terraform.d" / "plugins", "azuread", "3.7.0")
    assert providers.choose(tmp_path)[1].origin is Origin.MIRROR
    assert providers.choose(tmp_path, stand_in=True)[1].origin is Origin.STAND_IN


def test_the_registry_comes_before_every_mirror(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unpacked(home / ".terraform.d" / "plugins", "aws", "5.100.0")
    monkeypatch.setattr(providers, "registry_answers", lambda: True)
    plugins = providers.choose(tmp_path)
    assert [plugin.origin for plugin in plugins] == [Origin.REGISTRY, Origin.REGISTRY]
    assert providers.environment(plugins, tmp_path) == {}  # the person's own configuration stays in force


def test_terraform_is_told_one_place_for_each_provider(tmp_path: Path) -> None:
    plugins = [
        Plugin("aws", Origin.REGISTRY),
        Plugin("azuread", Origin.STAND_IN, "3.7.0", tmp_path / "stand-in"),
    ]
    variables = providers.environment(plugins, tmp_path)
    assert Path(variables["TF_CLI_CONFIG_FILE"]).read_text() == (
        "provider_installation {\n"
        "  direct {\n"
        '    include = ["registry.terraform.io/hashicorp/aws"]\n'
        "  }\n"
        "  filesystem_mirror {\n"
        f'    path    = "{tmp_path / "stand-in"}"\n'
        '    include = ["registry.terraform.io/hashicorp/azuread"]\n'
        "  }\n"
        "}\n"
    )


def test_a_mirror_for_the_run_comes_before_the_registry(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _unpacked(home / ".terraform.d" / "plugins", "aws", "5.100.0")
    _unpacked(tmp_path / "mirror", "aws", "5.100.0")
    monkeypatch.setattr(providers, "registry_answers", lambda: pytest.fail("the registry was asked"))
    monkeypatch.setenv(providers.MIRROR_VARIABLE, str(tmp_path / "mirror"))
    assert providers.choose(tmp_path)[0] == Plugin("aws", Origin.MIRROR, "5.100.0", tmp_path / "mirror")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed")
def test_packed_plugins_are_unpacked_once_for_the_run(home: Path, tmp_path: Path) -> None:
    packed = home / ".terraform.d/plugins/registry.terraform.io/hashicorp/aws"
    packed.mkdir(parents=True)
    with zipfile.ZipFile(packed / f"terraform-provider-aws_5.100.0_{TARGET}.zip", "w") as archive:
        archive.writestr("terraform-provider-aws_v5.100.0_x5", "\x7fELF")
    before = providers.find_plugin("aws")
    assert before is not None
    assert before.executable is None
    run = tmp_path / "run"
    run.mkdir()
    mirror = providers.fill_mirror(run)
    plugin = (
        mirror / f"registry.terraform.io/hashicorp/aws/5.100.0/{TARGET}/terraform-provider-aws_v5.100.0_x5"
    )
    assert plugin.read_bytes() == b"\x7fELF"


def test_unpacked_plugins_stay_where_they_are(home: Path, tmp_path: Path) -> None:
    _unpacked(home / ".terraform.d" / "plugins", "aws", "5.100.0")
    assert not providers.fill_mirror(tmp_path).exists()
    found = providers.find_plugin("aws")
    assert found is not None
    assert found.executable is not None
    assert found.executable.name == "terraform-provider-aws_v5.100.0_x5"
