"""Stacks deployed to the local clouds."""

import pytest

# What a helper asserts is explained as in a test.
pytest.register_assert_rewrite(
    *(f"tests.e2e.{name}" for name in ("deployment", "examples", "interruptions", "rotating"))
)
