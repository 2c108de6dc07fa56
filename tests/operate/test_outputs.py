"""Reading the outputs of a stack: deployed here, deployed elsewhere, or not at all."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from operate.errors import OperateError
from operate.outputs import parse, read_outputs
from tests.operate.samples import VALUES, outputs

GOOD = json.dumps({name: {"value": value, "type": "string"} for name, value in VALUES.items()})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder, and a `terraform` that notes what it is asked and prints what is in a file."""
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "dev.toml").touch()
    (tmp_path / "cdktf.json").write_text(json.dumps({"app": "python synth.py"}))
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "terraform"
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\n[ "$1" = init ] || cat {tmp_path}/answer\n'
    )
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "answer").write_text(GOOD)
    return tmp_path


def synthesized(project: Path, backend: dict[str, Any]) -> str:
    """The source of an app that writes one stack."""
    folder = project / "cdktf.out" / "stacks" / "dev"
    document = json.dumps({"terraform": {"backend": backend}})
    return (
        f"import pathlib\nfolder = pathlib.Path({str(folder)!r})\nfolder.mkdir(parents=True)\n"
        f"(folder / 'cdk.tf.json').write_text({document!r})\n"
    )


def test_a_deployed_environment_is_read_without_anything_else(project: Path) -> None:
    (project / "cdktf.out" / "stacks" / "dev" / ".terraform").mkdir(parents=True)
    assert read_outputs("dev", project).user_pool_id == VALUES["user_pool_id"]
    assert (project / "asked").read_text() == "output -json\n"


def test_a_fresh_clone_with_shared_state_is_made_ready(project: Path) -> None:
    (project / "synth.py").write_text(synthesized(project, {"s3": {"bucket": "b"}}))
    assert read_outputs("dev", project).domain == VALUES["domain"]
    assert (project / "asked").read_text().splitlines()[0].startswith("init -input=false")


@pytest.mark.parametrize("is_empty", [False, True])
def test_a_fresh_clone_without_the_state_says_to_deploy(project: Path, *, is_empty: bool) -> None:
    state = project / "terraform.dev.tfstate"
    if is_empty:  # as main.py leaves it for the bare cdktf command
        state.touch()
    (project / "synth.py").write_text(synthesized(project, {"local": {"path": str(state)}}))
    with pytest.raises(OperateError, match=r"not deployed from this folder.*cdktf deploy dev"):
        read_outputs("dev", project)
    assert not (project / "asked").exists()


def test_an_error_in_the_settings_is_repeated(project: Path) -> None:
    (project / "synth.py").write_text("import sys\nsys.exit('aws.region: There is no such region.')\n")
    with pytest.raises(OperateError, match=r"Synthesis failed: aws\.region"):
        read_outputs("dev", project)


def test_for_an_unknown_environment_those_that_exist_are_named(project: Path) -> None:
    with pytest.raises(OperateError, match=r"no environments/prod\.toml .* Environments here: dev\."):
        read_outputs("prod", project)


def test_an_empty_state_says_to_deploy() -> None:
    with pytest.raises(OperateError, match=r"not deployed.*cdktf deploy dev"):
        parse("dev", "{}")


def test_outputs_of_an_older_version_say_to_deploy() -> None:
    older = {name: {"value": value} for name, value in VALUES.items() if name != "expected"}
    with pytest.raises(OperateError, match=r"another version.*lack expected\. Run .*cdktf deploy dev"):
        parse("dev", json.dumps(older))


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"a": 1}'])
def test_what_is_no_outputs_is_an_error(text: str) -> None:
    with pytest.raises(OperateError, match="printed no outputs"):
        parse("dev", text)


def test_of_terraforms_error_the_reason_is_repeated(project: Path) -> None:
    (project / "cdktf.out" / "stacks" / "dev" / ".terraform").mkdir(parents=True)
    framed = "╷\n│ Error: Failed to get existing workspaces\n│ \n│ no valid credential sources\n╵\n"
    (project / "frame").write_text(framed)
    (project / "bin" / "terraform").write_text(f"#!/bin/sh\ncat {project}/frame >&2\nexit 1\n")
    with pytest.raises(OperateError, match="`terraform output` of dev failed: Failed to get existing"):
        read_outputs("dev", project)


def test_without_terraform_the_error_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "cdktf.out" / "stacks" / "dev" / ".terraform").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(project / "nothing"))
    with pytest.raises(OperateError, match="terraform is not on the PATH"):
        read_outputs("dev", project)


@pytest.mark.parametrize(
    ("expected", "theirs"),
    [
        ({}, set()),
        ({"admin_consent": None}, {"registration"}),
        ({"access": {"own_pool": False, "adopted_pool": False}}, {"pool"}),
        ({"access": {"own_pool": True, "adopted_pool": False}}, set()),
    ],
)
def test_what_another_team_made_is_known(expected: dict[str, object], theirs: set[str]) -> None:
    assert outputs(**expected).existing("web") == theirs
