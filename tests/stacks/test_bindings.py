"""The provider packages load only what is used, and nothing else about them changes."""

import importlib
import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cdktf
import jsii
import pytest
from cdktf_cdktf_provider_aws.cognito_user_pool import CognitoUserPool, CognitoUserPoolPasswordPolicy

import stacks
from stacks import bindings
from stacks.tools import choose_node

ROOT = Path(stacks.__file__).parents[1]
NODE_HALF = ROOT / "stacks" / "bindings.js"

# Imports cdktf, and so starts Node, before this project: the order a formatter gives to any app.
APP = """
import json, sys
from cdktf import App, Fn, LocalBackend, TerraformOutput, TerraformStack
if "ordinary" not in sys.argv:
    import stacks
from cdktf_cdktf_provider_aws.cognito_identity_provider import CognitoIdentityProvider
from cdktf_cdktf_provider_aws.cognito_user_pool import CognitoUserPool, CognitoUserPoolSchema
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_azuread.application import Application, ApplicationWeb
from cdktf_cdktf_provider_azuread.application_password import ApplicationPasswordA
from cdktf_cdktf_provider_azuread.provider import AzureadProvider

app = App()
stack = TerraformStack(app, "sample")
LocalBackend(stack, path="sample.tfstate")  # by default it names the folder of the run
AwsProvider(stack, "aws", region="eu-west-1")
AzureadProvider(stack, "azuread", tenant_id="t")
account = DataAwsCallerIdentity(stack, "me").account_id
pool = CognitoUserPool(stack, "pool", name=f"pool-{account}", schema=[
    CognitoUserPoolSchema(name="groups", attribute_data_type="String", mutable=True)])
entra = Application(stack, "entra", display_name="sample", web=ApplicationWeb(
    redirect_uris=[f"https://example.org/{pool.id}"]))
password = ApplicationPasswordA(stack, "password", application_id=entra.id)
CognitoIdentityProvider(stack, "provider", user_pool_id=pool.id, provider_name="Entra", provider_type="OIDC",
    provider_details={"client_id": entra.client_id, "client_secret": password.value})
TerraformOutput(stack, "who", value=Fn.join("-", [pool.arn, entra.object_id]))
app.synth()
print(json.dumps([name for name in sys.modules if name.startswith("cdktf_cdktf_provider_")
    and not name.endswith("._private")]))
"""

# What a user may have in NODE_OPTIONS; this one tells which files Node has loaded by the end.
USERS_SCRIPT = """
process.on("exit", () => require("fs").appendFileSync(__dirname + "/loaded.txt",
    Object.keys(require("module")._cache).map((file) => file + "\\n").join("")));
"""


@dataclass
class Run:
    """What a run of APP synthesized and loaded."""

    json: bytes
    python_modules: set[str]
    node_files: list[str]


def run_app(folder: Path, *arguments: str) -> Run:
    users_folder = folder / "scripts of the user"
    users_folder.mkdir(parents=True)
    (users_folder / "report.js").write_text(USERS_SCRIPT)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "NODE_OPTIONS": f'--require "{users_folder / "report.js"}"',
    }
    completed = subprocess.run(
        [sys.executable, "-c", APP, *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Run(
        json=(folder / "cdktf.out" / "stacks" / "sample" / "cdk.tf.json").read_bytes(),
        python_modules=set(json.loads(completed.stdout)),
        node_files=(users_folder / "loaded.txt").read_text().splitlines(),
    )


@pytest.fixture(scope="module")
def lazy(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_app(tmp_path_factory.mktemp("lazy"))


@pytest.mark.exhaustive  # ordinary imports load every resource there is
def test_what_is_synthesized_is_what_ordinary_imports_synthesize_byte_for_byte(
    lazy: Run, tmp_path: Path
) -> None:
    ordinary = run_app(tmp_path / "ordinary", "ordinary")
    assert len(ordinary.python_modules) > 1500, "the other run is the ordinary one"
    assert lazy.json == ordinary.json


def test_python_imports_only_the_resources_that_are_named(lazy: Run) -> None:
    aws, azuread = "cdktf_cdktf_provider_aws", "cdktf_cdktf_provider_azuread"
    assert lazy.python_modules == {
        aws,
        f"{aws}._jsii",
        f"{aws}.cognito_identity_provider",
        f"{aws}.cognito_user_pool",
        f"{aws}.data_aws_caller_identity",
        f"{aws}.provider",
        azuread,
        f"{azuread}._jsii",
        f"{azuread}.application",
        f"{azuread}.application_password",
        f"{azuread}.provider",
    }


def test_node_loads_only_the_resources_that_are_used_even_if_it_started_before(lazy: Run) -> None:
    loaded = {
        file.partition("/node_modules/@cdktf/")[2] for file in lazy.node_files if "/@cdktf/provider-" in file
    }
    assert loaded == {
        "provider-aws/lib/index.js",
        "provider-aws/lib/cognito-identity-provider/index.js",
        "provider-aws/lib/cognito-user-pool/index.js",
        "provider-aws/lib/data-aws-caller-identity/index.js",
        "provider-aws/lib/provider/index.js",
        "provider-azuread/lib/index.js",
        "provider-azuread/lib/application/index.js",
        "provider-azuread/lib/application-password/index.js",
        "provider-azuread/lib/provider/index.js",
    }


def test_node_options_and_the_rest_of_the_environment_stay_as_the_user_set_them(tmp_path: Path) -> None:
    (tmp_path / "a script.js").write_text("")
    users = {**os.environ, "PYTHONPATH": str(ROOT), "NODE_OPTIONS": f'--require "{tmp_path / "a script.js"}"'}
    program = (
        "import json, os, stacks, cdktf_cdktf_provider_azuread.provider; print(json.dumps(dict(os.environ)))"
    )
    completed = subprocess.run(
        [sys.executable, "-c", program], env=users, cwd=tmp_path, capture_output=True, check=True
    )
    after = json.loads(completed.stdout)
    changed = {name for name in {*users, *after} if users.get(name) != after.get(name)}
    pythons_own = {"LC_CTYPE"}
    assert changed - pythons_own <= {"JSII_NODE", "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION"}
    assert completed.stderr == b"", "the cdktf command would show each line as an error"


def test_importing_the_project_alone_does_not_start_node() -> None:
    program = "import sys, stacks; sys.exit('jsii' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True)


def test_preparing_again_changes_nothing() -> None:
    before = list(sys.meta_path)
    bindings.prepare()
    assert sys.meta_path == before


def test_resources_are_constructed_and_typed_as_ever_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "sample")
    policy = CognitoUserPoolPasswordPolicy(minimum_length=12, require_symbols=False)
    pool = CognitoUserPool(stack, "pool", name="people", password_policy=policy)

    assert pool.password_policy.minimum_length_input == 12, "what Node hands back has its Python class"
    assert json.loads(cdktf.Testing.synth(stack))["resource"]["aws_cognito_user_pool"]["pool"] == {
        "name": "people",
        "password_policy": {"minimum_length": 12, "require_symbols": False},
    }
    with pytest.raises(TypeError, match="minimum_length"):
        CognitoUserPoolPasswordPolicy(minimum_length="twelve")  # type: ignore[arg-type]


def test_a_resource_can_be_reached_through_its_package() -> None:
    aws = importlib.import_module("cdktf_cdktf_provider_aws")
    assert (
        aws.cognito_user_pool_domain.CognitoUserPoolDomain.TF_RESOURCE_TYPE == "aws_cognito_user_pool_domain"
    )
    with pytest.raises(AttributeError, match="no_such_resource"):
        _ = aws.no_such_resource


# A package as the generator writes it. The fallbacks are tried on changed copies of it.
PACKAGE = "loaded_in_full = True\nfrom ._jsii import *\nfrom . import thing\nfrom . import other\n"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "cdktf_cdktf_provider_sample"
    for name in ("_jsii", "thing", "other"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("")
    (folder / "__init__.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def imported(package: Path) -> set[str]:
    return {name.rpartition(".")[2] for name in sys.modules if name.startswith(f"{package.name}.")}


def test_a_package_as_expected_is_loaded_without_its_own_file(package: Path) -> None:
    with warnings.catch_warnings(action="error"):
        importlib.import_module(f"{package.name}.thing")
    assert imported(package) == {"thing"}


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(PACKAGE + "class Sample: ...\n", id="a class in the package's file"),
        pytest.param(PACKAGE.replace("from ._jsii import *", "from . import _jsii"), id="no assembly"),
        pytest.param(PACKAGE.replace("from . import ", "import cdktf_cdktf_provider_sample."), id="no list"),
    ],
)
def test_a_package_of_another_shape_is_loaded_in_full_with_one_warning(package: Path, source: str) -> None:
    (package / "__init__.py").write_text(source)
    with pytest.warns(UserWarning, match="cdktf_cdktf_provider_sample is not built as") as warned:
        importlib.import_module(f"{package.name}.thing")
    assert len(warned) == 1
    assert sys.modules[package.name].loaded_in_full
    assert imported(package) >= {"_jsii", "thing", "other"}


def test_a_package_of_cdk_terrain_is_lazy_by_itself_and_has_the_node_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "cdktn_provider_sample"
    (folder / "thing").mkdir(parents=True)
    (folder / "thing" / "__init__.py").write_text("")
    (folder / "__init__.py").write_text("def __getattr__(name):\n    raise AttributeError(name)\n")
    monkeypatch.syspath_prepend(tmp_path)
    loaded: list[str] = []
    monkeypatch.setattr(jsii, "load", lambda name, *_: loaded.append(name))
    with warnings.catch_warnings(action="error"):
        importlib.import_module("cdktn_provider_sample.thing")
    assert loaded == ["entra-cognito-bindings"]


def test_a_package_imported_before_is_left_alone(package: Path) -> None:
    sys.meta_path.remove(bindings._FINDER)  # noqa: SLF001
    ordinary = importlib.import_module(package.name)
    bindings.prepare()
    importlib.import_module(f"{package.name}.thing")
    assert sys.modules[package.name] is ordinary
    assert ordinary.loaded_in_full


def test_a_package_that_is_not_installed_is_reported_by_python_itself() -> None:
    with pytest.raises(ModuleNotFoundError, match="No module named 'cdktf_cdktf_provider_none'"):
        importlib.import_module("cdktf_cdktf_provider_none")


def test_where_jsii_refuses_the_node_half_the_package_still_loads_with_one_warning(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: str) -> None:
        message = "unknown schema"
        raise RuntimeError(message)

    monkeypatch.setattr(jsii, "load", refuse)
    with pytest.warns(UserWarning, match=r"jsii refused stacks/bindings.js.*unknown schema") as warned:
        importlib.import_module(f"{package.name}.thing")
    assert len(warned) == 1
    assert imported(package) == {"thing"}


def node(program: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [choose_node(), "--require", str(NODE_HALF), "--eval", program]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=True)


def write_node_package(folder: Path, index: str) -> None:
    for name in ("thing", "other"):
        (folder / "lib" / name).mkdir(parents=True)
        (folder / "lib" / name / "index.js").write_text(f'console.log("loads {name}"); exports.Thing = 1;')
    (folder / "lib" / "index.js").write_text(index)


INDEX = """"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.other = exports.thing = void 0;
exports.thing = require("./thing");
exports.other = require("./other");
"""

CDK_TERRAIN_INDEX = INDEX.replace('require("./thing")', '__importStar(require("./thing"))').replace(
    'require("./other")', '__importStar(require("./other"))'
)


@pytest.mark.parametrize(("owner", "index"), [("@cdktf", INDEX), ("@cdktn", CDK_TERRAIN_INDEX)])
def test_in_node_a_resource_is_loaded_when_first_used_and_listed_before(
    tmp_path: Path, owner: str, index: str
) -> None:
    write_node_package(tmp_path / "node_modules" / owner / "provider-sample", index)
    result = node(
        f'const p = require("{owner}/provider-sample/lib"); console.log(Object.keys(p), p.thing.Thing);',
        tmp_path,
    )
    assert result.stdout == "loads thing\n[ 'thing', 'other' ] 1\n"
    assert result.stderr == ""


@pytest.mark.parametrize(
    "index",
    [
        pytest.param(INDEX + 'exports.more = require("./thing").Thing;', id="one line differs"),
        pytest.param('exports.thing=require("./thing");exports.other=require("./other")', id="all differ"),
    ],
)
def test_in_node_an_index_of_another_shape_is_loaded_in_full_with_one_line_on_stderr(
    tmp_path: Path, index: str
) -> None:
    write_node_package(tmp_path / "node_modules" / "@cdktf" / "provider-sample", index)
    result = node('require("@cdktf/provider-sample/lib"); require("@cdktf/provider-sample/lib")', tmp_path)
    assert result.stdout == "loads thing\nloads other\n"
    assert result.stderr.count("\n") == 1
    assert "is not built as stacks/bindings.js expects" in result.stderr


@pytest.mark.parametrize("name", ["@cdktf/other-sample", "provider-sample", "@cdktf/provider-sample/more"])
def test_in_node_other_packages_are_loaded_as_ever(tmp_path: Path, name: str) -> None:
    write_node_package(tmp_path / "node_modules" / name, INDEX)
    assert node(f'require("{name}/lib")', tmp_path).stdout == "loads thing\nloads other\n"


def test_the_index_jsii_builds_for_later_runs_is_finished_after_a_short_app(tmp_path: Path) -> None:
    cached, seen = tmp_path / "cached", tmp_path / "seen"
    cached.mkdir()
    seen.symlink_to(cached)
    (tmp_path / "runtime-index-worker.js").write_text(
        'const { packageDir } = require("worker_threads").workerData, fs = require("fs");'
        'const build = () => fs.existsSync(packageDir + "/../seen") ? setTimeout(build, 100)'
        '  : fs.writeFileSync(packageDir + "/index", packageDir); build();'
    )
    node(
        """
        const worker = new (require("worker_threads").Worker)(
            process.cwd() + "/runtime-index-worker.js",
            { workerData: { packageDir: process.cwd() + "/seen" } });
        worker.on("error", () => {});
        setTimeout(() => process.exit(), 500);
        """,
        tmp_path,
    )
    index = cached / "index"
    assert not index.exists()
    # It is built when the app has ended, and its link is gone.
    seen.unlink()
    until = time.monotonic() + 60
    while not (index.exists() and index.read_text()) and time.monotonic() < until:
        time.sleep(0.1)
    assert index.read_text() == str(cached.resolve())
