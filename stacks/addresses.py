"""Terraform addresses that stay the same however the Python around them is arranged.

CDKTF derives a resource's address from its place in the tree of constructs, so moving one line into
another class renames the resource, and Terraform destroys it and makes a new one. For an app
registration that is the worst thing that can happen here: Entra ID's `sub` is pairwise per application,
Cognito's user name is `<provider>_<sub>`, and so every user would come back as a new user.
"""

import hashlib
import re
from typing import TypeVar

from cdktf import TerraformElement

Element = TypeVar("Element", bound=TerraformElement)


def pinned(element: Element, name: str) -> Element:
    """Fix the last part of an element's Terraform address."""
    element.override_logical_id(name)
    return element


def readable(name: str) -> str:
    """A name that people chose, as a part of a Terraform address: still to be recognized, and no other's."""
    words = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:40]
    return f"{words}_{hashlib.sha256(name.lower().encode()).hexdigest()[:8]}"
