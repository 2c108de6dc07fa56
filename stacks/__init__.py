"""The stacks of this project, and what they are made of."""

from stacks import bindings

# Here, because this runs before any module of the package: no order of imports in them can undo it.
bindings.prepare()
