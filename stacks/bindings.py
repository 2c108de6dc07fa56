"""Loads of the prebuilt provider packages only the resources that are used.

`cdktf_cdktf_provider_aws` imports its 1,500 resources as soon as one of them is imported, and jsii then
makes Node load them all a second time: 17 seconds and 650 MB for a stack of nine resources
(https://github.com/hashicorp/terraform-cdk/issues/3753). `prepare`, which importing `stacks` runs, changes
that in both processes:

- Python: the package's `__init__.py`, which only imports every resource, is not run. Resources are imported
  by their ordinary names, so editors and mypy see the ordinary types.
- Node: `bindings.js` makes the package's index load each resource at its first use. It reaches the Node
  process as any jsii package does, through `jsii.load`. NODE_OPTIONS would be too late where Node has started
  already (any `import cdktf` starts it), and would reach every process started from here.

The first run on a machine takes a few seconds more, and leaves a process behind for some three seconds, while
jsii fills its cache: `bindings.js` says why.

The installed packages and the synthesized JSON stay the same, byte for byte. A package of another shape is
loaded in the ordinary, slow way, with a warning; so is one that was imported before, without a warning.

jsii is one process and one thread: after it has started, a forked child hangs, and threads mix up replies.
"""

import importlib
import io
import json
import re
import sys
import tarfile
import tempfile
import warnings
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

from stacks.tools import choose_node

PROVIDER_PACKAGE = re.compile(r"(cdktf_cdktf|cdktn)_provider_[a-z0-9_]+")
NODE_HALF = Path(__file__).with_suffix(".js")


def prepare() -> None:
    """Load every provider package that is imported from now on by its used resources; may be called again."""
    choose_node()
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


class _ProviderPackages(MetaPathFinder):
    """Finds provider packages where Python does, and lets `_Lazy` load them."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """The package's ordinary spec with the loader `_Lazy`, or None for Python's ordinary way."""
        if not PROVIDER_PACKAGE.fullmatch(fullname):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None:
            return None  # not installed: Python raises its own error
        if _is_lazy(spec):
            _load_node_half()
            return None
        if not _only_imports_resources(spec):
            warnings.warn(
                f"{fullname} is not built as stacks/bindings.py expects: loading all of it, which is slow.",
                stacklevel=2,
            )
            return None
        spec.loader = _Lazy(fullname, str(spec.origin))
        return spec


_FINDER = _ProviderPackages()


class _Lazy(SourceFileLoader):
    """Makes the package without running its `__init__.py`; resources are imported one by one."""

    def exec_module(self, module: ModuleType) -> None:
        """Prepare Node, and let the attribute `package.resource` import the resource."""
        _load_node_half()

        def resource(name: str) -> ModuleType:
            resource_name = f"{module.__name__}.{name}"
            try:
                return importlib.import_module(resource_name)
            except ModuleNotFoundError as error:
                if error.name != resource_name:
                    raise
                raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}") from None

        module.__dict__["__getattr__"] = resource


def _lines(spec: ModuleSpec) -> list[str]:
    """The package's `__init__.py`; nothing, if it is no such package."""
    if not isinstance(spec.loader, SourceFileLoader) or not spec.submodule_search_locations:
        return []
    return (spec.loader.get_source(spec.name) or "").splitlines()


def _is_lazy(spec: ModuleSpec) -> bool:
    """Whether the package imports a resource at its first use by itself, as those of CDK Terrain do."""
    return any(line.startswith("def __getattr__(") for line in _lines(spec))


def _only_imports_resources(spec: ModuleSpec) -> bool:
    """Whether `__init__.py` can be left out: it only imports modules, and defines no class."""
    lines = _lines(spec)
    return (
        "from ._jsii import *" in lines
        and any(line.startswith("from . import ") for line in lines)
        and not any(line.startswith("class ") for line in lines)
    )


def _load_node_half() -> None:
    """Run `bindings.js` in jsii's Node process, as the one file of a jsii package without types."""
    # Not at the top: reading settings needs no jsii, and importing it starts Node.
    import jsii  # noqa: PLC0415
    from jsii.errors import JSIIError  # noqa: PLC0415

    name, version = "entra-cognito-bindings", "1.0.0"
    files = {
        "package.json": json.dumps({"name": name, "version": version, "main": NODE_HALF.name}),
        ".jsii": json.dumps(
            {
                "schema": "jsii/0.10.0",
                "name": name,
                "version": version,
                "jsiiVersion": jsii.__version__,
                "fingerprint": "",
                "types": {},
            }
        ),
        NODE_HALF.name: NODE_HALF.read_text("utf-8"),
    }
    with tempfile.TemporaryDirectory() as folder:
        tarball = Path(folder, "bindings.tar")
        # Not compressed, since gzip writes the time, and jsii keeps a copy of every tarball that differs.
        with tarfile.open(tarball, "w") as archive:
            for path, text in files.items():
                content = text.encode()
                member = tarfile.TarInfo(f"package/{path}")
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
        try:
            jsii.load(name, version, str(tarball))
        except (JSIIError, RuntimeError) as error:
            warnings.warn(
                f"jsii refused stacks/bindings.js, so Node loads all of a package, which is slow: {error}",
                stacklevel=3,
            )
