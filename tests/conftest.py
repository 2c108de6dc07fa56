"""What the tests share: how a run is divided, a stack synthesized from settings, and deployed stacks."""

import json
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import botocore.session
import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from operate.cli import DOMAIN_URL
from sandbox import providers
from sandbox.errors import SandboxError
from sandbox.local_clouds import LocalClouds
from sandbox.project import CHECKOUT, personal_variables
from stacks.settings.files import load
from stacks.tools import missing_tools
from tests.e2e import deployment as e2e
from tests.e2e.shared_deployment import SharedDeployment, shared_deployment

TerraformJson = dict[str, Any]
Synthesize = Callable[..., TerraformJson]
SynthesizeExample = Callable[..., TerraformJson]

EXAMPLES = Path(__file__).parents[1] / "environments" / "examples"

TODAY = date(2027, 1, 4)
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

REAL = "real azuread plugin"

FOR_THE_EYE = ("COLUMNS", "FORCE_COLOR", "NO_COLOR")
NO_AWS = {
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

# Each session would read the models of AWS's services anew, which takes longer than what is asked of them.
botocore.session.create_loader = cache(botocore.session.create_loader)

# These share one deployment.
SHARED = (
    "tests/e2e/test_faults.py",
    "tests/e2e/test_remedies.py",
    "tests/e2e/test_signin.py",
    "tests/e2e/test_apps.py",
    "tests/browser/test_browser.py",
    "tests/browser/test_browser_app.py",
)
# What takes longest begins first, so that all workers end at about the same time.
LONGEST_FIRST = (
    "tests/e2e/test_pipeline.py",
    "tests/e2e/test_killed.py",
    "tests/e2e/test_rotation.py",
    "tests/e2e/test_bootstrap.py",
    "tests/e2e/test_people.py",
    "tests/e2e/test_examples.py",
    "tests/e2e/test_existing.py",
    "tests/e2e/test_guard_plans.py",
    "tests/e2e/test_guard_shapes.py",
    "tests/e2e/test_deploy_to_destroy.py",
    SHARED[0],
    "tests/e2e/test_doors.py",
    "tests/e2e/test_state.py",
    "tests/e2e/test_interrupted.py",
    "tests/e2e/test_adopt.py",
    "tests/e2e/test_command.py",
    "tests/e2e/test_tenants.py",
)


class OneWorkerPerDeployment(LoadScopeScheduling):  # type: ignore[misc]
    """Gives all tests of a deployment to the same worker: those of a module, or of several that share one.

    The marker `xdist_group` would do it, but xdist 3.8 does not see it with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid)


def _group(nodeid: str) -> str:
    module = nodeid.partition("::")[0]
    plugin = " real" if REAL in nodeid else ""
    return (SHARED[0] if module in SHARED else module) + plugin


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> OneWorkerPerDeployment:
    """Serve whatever `--dist` says, and begin with what takes longest instead of what has most tests."""
    config.option.loadscopereorder = False
    return OneWorkerPerDeployment(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In each worker, put the groups that take longest first."""
    if hasattr(config, "workerinput"):
        rank = {group: number for number, group in enumerate(LONGEST_FIRST)}
        items.sort(key=lambda item: rank.get(_group(item.nodeid), len(rank)))


def pytest_configure(config: pytest.Config) -> None:
    """Ask the registry once for all workers, and install there what the sandboxes of this run share.

    What the person has set is theirs, and changes nothing of what a test sees.
    """
    for name in {*personal_variables(), *FOR_THE_EYE, DOMAIN_URL} - {"TF_PLUGIN_CACHE_DIR"}:
        os.environ.pop(name, None)
    os.environ |= NO_AWS
    # A shell starts what goes on in the background deaf to Ctrl-C, and so would all be that is started here.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(config, "workerinput") or providers.MIRROR_VARIABLE in os.environ:
        return
    # Terraform and its plugins are short of processors here, not of memory.
    os.environ.setdefault("GOGC", "200")
    folder = tempfile.TemporaryDirectory(prefix="entra-cognito-plugins-")
    config.add_cleanup(folder.cleanup)
    mirror = Path(folder.name)
    if not missing_tools():
        # Without an AWS provider, each test that needs one says so.
        with suppress(SandboxError):
            mirror = providers.fill_mirror(mirror)
    os.environ[providers.MIRROR_VARIABLE] = str(mirror)


def copy_of_checkout(folder: Path) -> Path:
    """This checkout without what is installed and made in it."""
    made = (".git", ".venv", "node_modules", "cdktf.out", "__pycache__", ".*_cache")
    return shutil.copytree(CHECKOUT, folder / "checkout", ignore=shutil.ignore_patterns(*made), symlinks=True)


@pytest.fixture(autouse=True)
def _own_aws_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test's clients find the credentials that its environment has, not those of an earlier test."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


@pytest.fixture
def synthesize(tmp_path: Path) -> Synthesize:
    """Give the Terraform JSON of one environment; by default the smallest one there can be."""

    def synthesize(text: str = MINIMAL, name: str = "dev", today: date = TODAY) -> TerraformJson:
        settings_file = tmp_path / f"{name}.toml"
        settings_file.write_text(text)
        e2e.synthesize(tmp_path, tmp_path / "cdktf.out", [load(settings_file)], today)
        document: TerraformJson = json.loads(
            (tmp_path / "cdktf.out" / "stacks" / name / "cdk.tf.json").read_text()
        )
        return document

    return synthesize


@pytest.fixture
def synthesize_example(synthesize: Synthesize, tmp_path: Path) -> SynthesizeExample:
    """Give the Terraform JSON of an example, as it is or with something in it replaced."""

    def synthesize_example(name: str, edits: Mapping[str, str] | None = None) -> TerraformJson:
        shutil.copytree(EXAMPLES / "branding", tmp_path / "branding", dirs_exist_ok=True)
        text = (EXAMPLES / f"{name}.toml").read_text()
        for written, instead in (edits or {}).items():
            assert written in text, written
            text = text.replace(written, instead)
        return synthesize(text, name)

    return synthesize_example


@pytest.fixture
def minimal() -> str:
    """The smallest settings file there can be, to add to."""
    return MINIMAL


@pytest.fixture(scope="module", params=["stand-in", pytest.param(REAL, marks=pytest.mark.exhaustive)])
def stand_in(request: pytest.FixtureRequest) -> bool:
    """Whether the stand-in or the real plugin manages Entra ID: a test that asks runs with both."""
    if request.param == REAL and providers.find_plugin("azuread") is None:
        searched = ", ".join(str(mirror) for mirror in providers.mirrors()) or "there is no mirror"
        pytest.skip(
            f"no real azuread plugin {providers.USABLE_VERSIONS['azuread']}: "
            f"the registry is out of reach, and no mirror holds one ({searched})"
        )
    return bool(request.param != REAL)


@pytest.fixture(scope="module")
def local_clouds(stand_in: bool) -> Iterator[LocalClouds]:  # noqa: FBT001 - a fixture is named, not passed
    """Both clouds with plugins that stay up: for tests of neither their installation nor their end."""
    with e2e.local_clouds(stand_in=stand_in) as running:
        yield running


@pytest.fixture(scope="session")
def _shared_deployment() -> Iterator[SharedDeployment]:
    with shared_deployment() as deployment:
        yield deployment


@pytest.fixture
def deployment(_shared_deployment: SharedDeployment) -> Iterator[SharedDeployment]:
    """The sandbox's stack, deployed once, with its clouds in the environment, where `operate/` looks."""
    with e2e.in_environment(_shared_deployment.clouds):
        yield _shared_deployment
