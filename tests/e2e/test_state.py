"""State shared in S3: where a team keeps it, encrypted, locked, and found again by a fresh checkout."""

import pytest

from sandbox.local_clouds import LocalClouds
from sandbox.project import Project, missing_tools

BUCKET = "contoso-terraform"


def _project(clouds: LocalClouds, name: str) -> Project:
    project = clouds.project(name=name)
    project.write_settings(f'{clouds.settings_text()}\n[state]\nbucket = "{BUCKET}"\n')
    return project


def test_a_second_checkout_finds_what_the_first_one_deployed() -> None:
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    with LocalClouds(stand_in=True) as clouds:
        bucket = clouds.aws.s3(clouds.region)
        bucket.create_bucket(Bucket=BUCKET)
        _project(clouds, "first").deploy()
        keys = [stored["Key"] for stored in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]]
        assert keys == ["entra-cognito/sandbox.tfstate"]  # and no lock left beside it
        second = _project(clouds, "second")
        assert second.diff() == {}
        assert list(second.folder.glob("*.tfstate*")) == []
