"""What the documents point at is there, and every shape is shown where people look for it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "environments" / "examples").glob("*.toml"))
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("document", ["README.md", "docs/shapes.md"])
def test_every_example_is_pointed_at(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert [example.name for example in EXAMPLES if f"environments/examples/{example.name}" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_points_at_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_what_the_readme_says_is_in_a_file_is_in_it() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r"`\w+\.(\w+)`(?: and its neighbours)? in \[[^\]]+\]\(([^)]+\.py)\)", text)
    assert named
    assert [
        (name, file) for name, file in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")
    ] == []
