"""State in S3, where a team shares it: encrypted, locked, and found by another checkout."""

from tests.e2e.deployment import Deployment, local_clouds

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
