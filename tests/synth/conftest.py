"""Synthesize a stack from the text of a settings file, and read what Terraform would read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cdktf import App

from stacks.entra_cognito import EntraCognitoStack
from stacks.settings_file import load

TerraformJson = dict[str, Any]
Synthesize = Callable[..., TerraformJson]

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

    def synthesize(text: str = MINIMAL, name: str = "dev") -> TerraformJson:
        settings_file = tmp_path / f"{name}.toml"
        settings_file.write_text(text)
        app = App(outdir=str(tmp_path / "cdktf.out"))
        EntraCognitoStack(app, load(settings_file))
        app.synth()
        document: TerraformJson = json.loads(
            (tmp_path / "cdktf.out" / "stacks" / name / "cdk.tf.json").read_text()
        )
        return document

    return synthesize


@pytest.fixture
def minimal() -> str:
    """The smallest settings file there can be, to add to."""
    return MINIMAL
