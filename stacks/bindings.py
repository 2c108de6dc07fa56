"""The prebuilt provider packages, loaded without the modules nobody asked for.

`cdktf_cdktf_provider_aws` imports its 1,500 resources as soon as one of them is imported, and jsii then
makes Node load them all a second time: 17 seconds and 650 MB for a stack of nine resources
(https://github.com/hashicorp/terraform-cdk/issues/3753). After `prepare`, which importing anything from
`stacks` has done, only what is named is loaded, on both sides:

- Python: a package's own file, which does nothing but import every resource, is not run. The resources are
  imported by their ordinary names, so editors and mypy see the ordinary types.
- Node: a script of this project (`bindings.js`) makes a package's index load each resource when it is first
  used. It reaches the Node process the way any jsii package does, through `jsii.load`, and not through
  NODE_OPTIONS: so it works even where Node has already started (any `import cdktf` starts it), and a user's
  own NODE_OPTIONS stay what they are, here and in every process started from here.

The first run on a machine takes a few seconds more, and leaves a process behind for some three seconds, while
jsii fills its cache: `bindings.js` says why.

The installed packages stay as they are, and so does what is synthesized, byte for byte. A package of any
other shape is loaded in the ordinary, slow way, with a warning; one already imported is left alone.

jsii is one process and one thread: after it has started, a forked child hangs, and threads mix up replies.
"""

import importlib
import io
import json
import os
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

PROVIDER_PACKAGE = re.compile(r"cdktf_cdktf_provider_[a-z0-9_]+")
NODE_HALF = Path(__file__).with_suffix(".js")


def prepare() -> None:
    """Have every provider package imported from now on loaded by what is used of it.

    Costs nothing until one is imported, and nothing when called again.
    """
    # jsii greets Node 20 with eleven lines that the cdktf command shows as [ERROR], at every command. The
    # value names the version kept quiet, so any other version past its end still says so; as does this one
    # for whoever sets the variable themselves.
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


class _ProviderPackages(MetaPathFinder):
    """Finds provider packages where Python would, and has them loaded by `_Lazy`."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the package's ordinary spec with a loader that runs no code, or None to stay out of it."""
        if not PROVIDER_PACKAGE.fullmatch(fullname):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None:
            return None  # not installed: Python's own error says so
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
    """Makes the package without running its file; its resources are then imported one by one."""

    def exec_module(self, module: ModuleType) -> None:
        """Prepare Node for the package, and let `package.resource` import the resource."""
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


def _only_imports_resources(spec: ModuleSpec) -> bool:
    """Tell whether the package's file can be left out: it imports modules and defines no class itself."""
    if not isinstance(spec.loader, SourceFileLoader) or not spec.submodule_search_locations:
        return False
    lines = (spec.loader.get_source(spec.name) or "").splitlines()
    return (
        "from ._jsii import *" in lines
        and any(line.startswith("from . import ") for line in lines)
        and not any(line.startswith("class ") for line in lines)
    )


def _load_node_half() -> None:
    """Run `bindings.js` in jsii's Node process, as the one file of a jsii package without types."""
    # Imported here, since reading settings or asking for help needs no jsii.
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
