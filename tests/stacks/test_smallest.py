"""The smallest environment stays as it is, whatever other shapes there are."""

import json
from pathlib import Path
from typing import Any

from tests.conftest import Synthesize

# What the smallest settings made before there was any other shape. A line that changes here is a line in the
# next plan of everybody who has deployed.
SMALLEST = json.loads((Path(__file__).parent / "smallest.json").read_text())


def _without_comments(node: Any) -> Any:
    """The JSON without where in CDKTF's tree each element is, which no plan shows."""
    if isinstance(node, dict):
        return {key: _without_comments(value) for key, value in node.items() if key != "//"}
    return [_without_comments(item) for item in node] if isinstance(node, list) else node


def test_the_smallest_environment_is_the_same_for_ever(synthesize: Synthesize) -> None:
    document = _without_comments(synthesize())
    assert {part: document[part] for part in ("data", "resource")} == SMALLEST


def test_no_other_shape_leaves_anything_in_the_smallest_environment(synthesize: Synthesize) -> None:
    document = synthesize()
    assert set(document) == {"//", "data", "output", "provider", "resource", "terraform"}
    assert set(document["output"]) & {"tenants", "custom_domain_target", "next_rotation"} == set()
    assert list(document["terraform"]["required_providers"]) == ["aws", "azuread"]
