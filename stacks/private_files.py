"""The files of a deployment that hold the client secret: readable by their owner alone.

Terraform writes a local state, its backup and a saved plan in place, so an existing file keeps its mode
(Terraform, internal/states/statemgr/filesystem.go).
"""

from pathlib import Path

OWNER_ALONE = 0o077  # the umask, and the bits of a mode that let somebody else in
OUTPUT = "cdktf.out"  # holds saved plans, and a state that could not be written


def open_to_others(project: Path, environment: str) -> list[Path]:
    """The output folder, the local state and its backups, where somebody else may read them."""
    paths = [project / OUTPUT, *sorted(project.glob(f"terraform.{environment}.tfstate*"))]
    return [path for path in paths if path.exists() and path.stat().st_mode & OWNER_ALONE]


def close(project: Path, environment: str) -> None:
    """Make them their owner's alone."""
    for path in open_to_others(project, environment):
        path.chmod(path.stat().st_mode & ~OWNER_ALONE)


def prepare(project: Path, environment: str) -> None:
    """Create what Terraform would create with a wider mode; it takes an empty state for none."""
    (project / OUTPUT).mkdir(0o700, exist_ok=True)
    for suffix in ("", ".backup"):
        (project / f"terraform.{environment}.tfstate{suffix}").touch(0o600)
