"""State in S3, where a team shares it: encrypted, locked, and found by another checkout."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.errors import SandboxError
from sandbox.project import CHECKOUT, STACK, Outcome
from tests.e2e import rotating as deployments
from tests.e2e.deployment import Deployment, local_clouds
from tests.e2e.interruptions import watched_project
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
        second.project.environment["TF_CLI_ARGS_apply"] = "-lock-timeout=60s"
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


@pytest.mark.exhaustive
def test_a_state_that_moves_is_never_lost_even_if_the_move_is_killed(tmp_path: Path) -> None:
    with watched_project() as (clouds, project, calls):
        bucket: Any = clouds.aws.s3(clouds.region)
        bucket.create_bucket(Bucket=BUCKET)
        deployment = Deployment(clouds, project)
        project.environment["PYTHONPATH"] = str(CHECKOUT)
        file = project.folder / f"terraform.{STACK}.tfstate"

        def move() -> Outcome:
            return project.run(
                [sys.executable, "-m", "operate.move_state", STACK], project.folder, show=False
            )

        deployment.deploy()
        in_file = deployment.settings
        for moment in ("before PUT state", "after PUT state"):
            deployment.settings += IN_BUCKET
            with calls.kill_at(moment):
                assert move().status != 0
            assert move().status == 0
            assert deployment.plan().changes == {}
            assert list(project.stack_folder.glob("*.tflock")) == []
            # And back, to an empty place.
            file.rename(tmp_path / "former")
            deployment.settings = in_file
            assert move().status == 0
            assert deployment.plan().changes == {}
            bucket.delete_object(Bucket=BUCKET, Key=KEY)

        # What the bucket has is somebody's, and is not overwritten.
        another = json.loads(file.read_text())
        another["resources"] = another["resources"][:1]
        bucket.put_object(Bucket=BUCKET, Key=KEY, Body=json.dumps(another).encode())
        deployment.settings += IN_BUCKET
        refused = move()
        assert refused.status == 1
        assert "is not overwritten" in refused.text
        assert json.loads(bucket.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()) == another
        deployment.settings = in_file
        assert deployment.plan().changes == {}

        # Any other backend of Terraform's, by its override file: synthesis leaves that alone.
        elsewhere = {
            "bucket": BUCKET,
            "key": "elsewhere.tfstate",
            "region": clouds.region,
            "use_lockfile": True,
        }
        override = project.stack_folder / "backend_override.tf.json"
        override.write_text(json.dumps({"terraform": {"backend": {"s3": elsewhere}}}))
        deployment.terraform("init", "-migrate-state", "-force-copy")
        file.unlink()
        assert deployment.plan().changes == {}
        assert json.loads(bucket.get_object(Bucket=BUCKET, Key=elsewhere["key"])["Body"].read())["resources"]
        deployment.destroy()


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
