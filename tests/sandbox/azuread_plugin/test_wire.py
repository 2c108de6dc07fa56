"""Values as Terraform and the stand-in send them to each other."""

import msgpack  # type: ignore[import-untyped]
import pytest

from sandbox.azuread_plugin.wire import UNKNOWN, decode


def test_an_unknown_value_with_refinements_is_unknown() -> None:
    # What Terraform sends for "api://${...}": the extension 12 with a map of what is known about the string.
    refined = msgpack.ExtType(12, msgpack.packb({1: False, 2: "api://"}))
    assert decode(msgpack.packb([refined])) == [UNKNOWN]


def test_an_undefined_extension_is_refused() -> None:
    with pytest.raises(ValueError, match="extension 5"):
        decode(b"\xd4\x05\x00")
