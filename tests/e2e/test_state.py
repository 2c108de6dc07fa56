"""State in S3, where a team shares it: encrypted, locked, and found by another checkout."""

import json

import pytest

from sandbox.errors import SandboxError
from sandbox.project import STACK
from tests.e2e import rotating as deployments
from tests.e2e.deployment import Deployment, local_clouds
from tests.e2e.rotating import DISPLAY_NAME

BUCKET = "contoso-terraform"


def test_a_second_checkout_finds_what_the_first_one_deployed() -> None:
    with local_clouds() as clouds:
        bucket = clouds.aws.s3(clouds.region)
        bucket.create_bucket(Bucket=BUCKET)
        first, second = (Deployment(clouds, clouds.project(name=name)) for name in ("first", "second"))
        for checkout in (first, second):
            checkout.settings += f'\n[state]\nbucket = "{BUCKET}"\n'
        first.deploy()
        keys = [stored["Key"] for stored in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert keys == ["entra-cognito/sandbox.tfstate"]  # and no lock left beside it
        assert second.plan().changes == {}
        assert list(second.project.folder.glob("*.tfstate*")) == []


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
            lock = bucket.get_object(Bucket=BUCKET, Key=f"entra-cognito/{STACK}.tfstate.tflock")
            held = json.loads(lock["Body"].read())["ID"]
            rotating.project.terraform("force-unlock", "-force", held)
            rotating.rotate()
        assert rotating.in_cognito() not in {unwritten, *rotating.values}
        assert rotating.accepts(unwritten)
        (lost,) = rotating.unknown()
        assert lost.display_name == f"{DISPLAY_NAME} 2"
        assert lost.matches(unwritten)
