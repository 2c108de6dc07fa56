"""State in S3, where a team shares it: encrypted, locked, and found by another checkout."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws import LocalAws
from sandbox.errors import SandboxError
from sandbox.project import CHECKOUT, STACK, clean_environment
from stacks.tools import missing_tools
from tests.e2e import rotating as deployments
from tests.e2e.deployment import Deployment, local_clouds
from tests.e2e.interruptions import WatchedCalls, watched_aws
from tests.e2e.rotating import DISPLAY_NAME

BUCKET = "contoso-terraform"
KEY = f"entra-cognito/{STACK}.tfstate"
IN_BUCKET = f'\n[state]\nbucket = "{BUCKET}"\n'
LOCK = {
    "ID": "0f0e0d0c-0b0a-4908-8706-050403020100",
    "Operation": "OperationTypeApply",
    "Who": "ada@build-7",
    "Version": "1.11.4",
    "Created": "2027-01-04T05:47:00Z",
    "Path": f"{BUCKET}/{KEY}",
}


def test_a_second_checkout_finds_what_the_first_one_deployed() -> None:
    with local_clouds() as clouds:
        bucket: Any = clouds.aws.s3(clouds.region)
        bucket.create_bucket(Bucket=BUCKET)
        bucket.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

        def on_line(line: str) -> None:
            if "Acquiring state lock" in line:
                bucket.delete_object(Bucket=BUCKET, Key=f"{KEY}.tflock")

        first, second = (
            Deployment(clouds, clouds.project(name=name, on_line=on_line)) for name in ("first", "second")
        )
        for checkout in (first, second):
            checkout.settings += IN_BUCKET
        first.deploy()
        keys = [stored["Key"] for stored in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert keys == [KEY]  # and no lock left beside it
        assert second.plan().changes == {}
        assert list(second.project.folder.glob("*.tfstate*")) == []

        # While another deploy runs, a second one says whose; with a timeout it waits.
        bucket.put_object(Bucket=BUCKET, Key=f"{KEY}.tflock", Body=json.dumps(LOCK).encode())
        with pytest.raises(SandboxError, match=r"ada@build-7"):
            second.deploy()
        second.project.environment["TF_CLI_ARGS_apply"] = "-lock-timeout=300s"
        apply = ["terraform", "apply", "-input=false", "-no-color", "-auto-approve"]
        assert second.project.run(apply, second.project.stack_folder).status == 0

        # A lost state is an earlier version of its object.
        bucket.delete_object(Bucket=BUCKET, Key=KEY)
        assert "prevent_duplicate_names" in second.refusal()
        versions = bucket.list_object_versions(Bucket=BUCKET, Prefix=KEY)["Versions"]
        version = max((one for one in versions if one["Key"] == KEY), key=lambda one: one["LastModified"])
        source = {"Bucket": BUCKET, "Key": KEY, "VersionId": version["VersionId"]}
        bucket.copy_object(Bucket=BUCKET, Key=KEY, CopySource=source)
        assert second.plan().changes == {}


def test_a_state_that_moves_is_never_lost_even_if_the_move_is_killed(  # noqa: PLR0915 - one state on its way
    tmp_path: Path,
) -> None:
    """A stack without a cloud: where its state is, is all that counts."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    project, calls, region = tmp_path / "project", WatchedCalls(tmp_path / "project"), "eu-central-1"
    folder, file = project / "cdktf.out" / "stacks" / "dev", project / "terraform.dev.tfstate"
    folder.mkdir(parents=True)
    (project / "cdktf.json").write_text('{"app": "true"}')
    (project / "environments").mkdir()
    (project / "environments" / "dev.toml").touch()
    in_bucket = {"bucket": BUCKET, "key": KEY, "region": region, "use_lockfile": True}
    aws = LocalAws(tmp_path)

    def settings(**backend: object) -> None:
        resource = {"terraform_data": {"one": {"input": "x"}}}
        document = {"terraform": {"backend": backend}, "resource": resource}
        (folder / "cdk.tf.json").write_text(json.dumps(document))

    with ExitStack() as stack:
        stack.callback(aws.stop)
        aws.start()
        url = stack.enter_context(watched_aws(calls, aws.url))
        variables = clean_environment() | aws.environment() | {"AWS_ENDPOINT_URL": url}
        variables |= {"AWS_REGION": region, "PYTHONPATH": str(CHECKOUT)}
        bucket: Any = aws.s3(region)
        bucket.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": region})

        def run(command: list[str], where: Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                command, cwd=where, env=variables, capture_output=True, text=True, check=False
            )

        def move() -> subprocess.CompletedProcess[str]:
            return run([sys.executable, "-m", "operate.move_state", "dev"], project)

        def terraform(*arguments: str) -> int:
            return run(["terraform", *arguments], folder).returncode

        def has_everything() -> bool:
            return terraform("plan", "-input=false", "-detailed-exitcode") == 0

        settings(local={"path": str(file)})
        assert terraform("init", "-input=false") == 0
        assert terraform("apply", "-input=false", "-auto-approve") == 0
        for moment in ("before PUT state", "after PUT state"):
            settings(s3=in_bucket)
            with calls.kill_at(moment):
                assert move().returncode != 0
            assert move().returncode == 0
            assert has_everything()
            # And back, to an empty place.
            file.unlink()
            settings(local={"path": str(file)})
            assert move().returncode == 0
            assert has_everything()
            assert file.stat().st_mode & 0o077 == 0
            bucket.delete_object(Bucket=BUCKET, Key=KEY)

        # What the bucket has is somebody else's, and is not overwritten.
        another = json.loads(file.read_text())
        another["resources"][0]["name"] = "another"
        bucket.put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(another).encode())
        settings(s3=in_bucket)
        refused = move()
        assert refused.returncode == 1
        assert "is not overwritten" in refused.stderr
        assert json.loads(bucket.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()) == another
        settings(local={"path": str(file)})
        assert has_everything()

        # Any other backend of Terraform's, by its override file.
        elsewhere = {"terraform": {"backend": {"s3": in_bucket | {"key": "elsewhere.tfstate"}}}}
        (folder / "backend_override.tf.json").write_text(json.dumps(elsewhere))
        assert terraform("init", "-input=false", "-migrate-state", "-force-copy") == 0
        file.unlink()
        assert has_everything()


@pytest.mark.exhaustive
def test_shared_state_that_has_heard_of_nothing_ends_no_sign_in() -> None:
    """Killed at the worst moment: Cognito has a secret that no state knows, for Terraform had no time."""
    with deployments.rotating(bucket=BUCKET) as rotating:
        bucket = rotating.clouds.aws.s3(rotating.clouds.region)
        rotating.set(generation=2, settle_seconds=0)
        with rotating.unnoticed("A rotation killed with its state in S3"):
            with rotating.calls.kill_at("after UpdateIdentityProvider"), pytest.raises(SandboxError):
                rotating.rotate()
            unwritten = rotating.in_cognito()
            with pytest.raises(SandboxError, match="Error acquiring the state lock"):
                rotating.rotate()
            lock = bucket.get_object(Bucket=BUCKET, Key=f"{KEY}.tflock")
            held = json.loads(lock["Body"].read())["ID"]
            rotating.project.terraform("force-unlock", "-force", held)
            rotating.rotate()
        assert rotating.in_cognito() not in {unwritten, *rotating.values}
        assert rotating.accepts(unwritten)
        (lost,) = rotating.unknown()
        assert lost.display_name == f"{DISPLAY_NAME} 2"
        assert lost.matches(unwritten)
