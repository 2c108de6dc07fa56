"""What the documents point at is there, and every shape is shown where people look for it."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "environments" / "examples").glob("*.toml"))
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("document", ["README.md", "docs/shapes.md"])
def test_every_example_is_pointed_at(document: str) -> None:
    text = (ROOT / document).read_text("utf-8")
    assert [example.name for example in EXAMPLES if f"environments/examples/{example.name}" not in text] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_points_at_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def anchors(document: Path) -> set[str]:
    """The anchors of a document: those of its headings, as GitHub makes them, and its own."""
    text = re.sub(r"(?s)```.*?```", "", document.read_text("utf-8"))
    headings = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line) for line in re.findall(r"(?m)^#+ (.+)$", text)]
    made = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a (?:id|name)="([^"]+)"', text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_heading_that_a_document_points_at_is_there(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:\s]*)#([^)\s]+)\)", document.read_text("utf-8"))
    named = [(document.parent / file if file else document, anchor) for file, anchor in links]
    assert [anchor for file, anchor in named if file.suffix == ".md" and anchor not in anchors(file)] == []


def test_every_command_that_a_document_names_is_there() -> None:
    text = "\n".join(document.read_text("utf-8") for document in DOCUMENTS if document.name != "CHANGELOG.md")
    targets = " ".join(re.findall(r"(?m)^([a-z -]+):", (ROOT / "Makefile").read_text("utf-8"))).split()
    scripts = tomllib.loads((ROOT / "Pipfile").read_text("utf-8"))["scripts"]
    assert set(re.findall(r"(?m)(?:^|`)make ([a-z-]+)", text)) <= set(targets)
    assert set(re.findall(r"pipenv run ([a-z-]+)", text)) == set(scripts)


def test_what_the_readme_says_is_in_a_file_is_in_it() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    named = re.findall(r"`\w+\.(\w+)`(?: and its neighbours)? in \[[^\]]+\]\(([^)]+\.py)\)", text)
    assert named
    assert [
        (name, file) for name, file in named if f"def {name}(" not in (ROOT / file).read_text("utf-8")
    ] == []
