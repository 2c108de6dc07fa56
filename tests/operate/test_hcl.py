"""Plain Terraform out of what is synthesized; that it plans nothing is in tests/e2e/test_examples.py."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from operate import hcl
from operate.errors import OperateError
from tests.conftest import SynthesizeExample
from tests.e2e.examples import EXAMPLES

ALL = sorted(file.stem for file in EXAMPLES.glob("*.toml"))


def resource(**body: Any) -> str:
    """The HCL of a resource's body, on one line."""
    text = hcl.document({"resource": {"x": {"y": body}}})
    return " ".join(text.removeprefix('resource "x" "y" {').strip().removesuffix("}").split())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", '"plain"'),
        ('a "quoted"\nline', r'"a \"quoted\"\nline"'),
        ("${a.b.c}", "a.b.c"),
        ("${a.b}-${c.d}", '"${a.b}-${c.d}"'),
        ('say "${join("-", ["}", "${a.b}"])}"', r'"say \"${join("-", ["}", "${a.b}"])}\""'),
        ("$${not.a.reference}", '"$${not.a.reference}"'),
        ("costs 5$", '"costs 5$"'),
        (True, "true"),
        (3, "3"),
        ([], "[]"),
        (["${a.b}", "c"], '[a.b, "c"]'),
    ],
)
def test_a_value_means_the_same(value: object, written: str) -> None:
    assert resource(argument=value) == f"argument = {written}"


def test_blocks_maps_and_references_are_told_apart() -> None:
    assert resource(web={"uris": ["u"]}) == 'web { uris = ["u"] }'
    assert resource(schema=[{"name": "a"}, {"name": "b"}]) == 'schema { name = "a" } schema { name = "b" }'
    assert resource(tags={"a b": "c"}) == 'tags = { "a b" = "c" }'
    assert resource(depends_on=["a.b"], lifecycle={"ignore_changes": ["end_date"]}) == (
        "depends_on = [a.b] lifecycle { ignore_changes = [end_date] }"
    )
    assert resource(provisioner=[{"local-exec": {"command": "sleep 30"}}]) == (
        'provisioner "local-exec" { command = "sleep 30" }'
    )


def test_an_import_names_its_address_without_quotes() -> None:
    assert "to = a.b" in hcl.document({"import": [{"to": "a.b", "id": "i"}]})


@pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not on the PATH.")
@pytest.mark.parametrize("name", ALL)
def test_terraform_reads_the_hcl_of_every_example(synthesize_example: SynthesizeExample, name: str) -> None:
    document = synthesize_example(name)
    text = hcl.document(document)
    subprocess.run(["terraform", "fmt", "-"], input=text, text=True, check=True, capture_output=True)
    for type_, resources in document["resource"].items():
        for key in resources:
            assert f'resource "{type_}" "{key}" {{' in text


def test_a_file_of_somebody_else_stays(tmp_path: Path) -> None:
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "cdk.tf.json").write_text(json.dumps({"output": {}}))
    (tmp_path / "main.tf").write_text("# mine\n")
    with pytest.raises(OperateError, match="Name another folder"):
        hcl.write("dev", tmp_path / "stack", tmp_path)
    assert (tmp_path / "main.tf").read_text() == "# mine\n"
