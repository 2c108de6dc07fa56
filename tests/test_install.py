"""What `make setup` makes of .venv."""

import subprocess
from pathlib import Path

import pytest

import install


def test_where_the_environment_is_active_pipenv_gives_no_notice_at_each_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(install, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    install.make_venv()
    script = ". .venv/bin/activate && echo $PIPENV_VERBOSITY && command -v python"
    ran = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["-1", str(tmp_path / ".venv" / "bin" / "python")]
