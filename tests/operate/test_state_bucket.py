"""Who else can get at the state's bucket, asked of the local AWS."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from operate.state_bucket import before_deploy, judge, remedy, weaknesses
from operate.verify.checks.state import check_state
from sandbox.aws import LocalAws
from stacks.settings.files import load

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, REGION, OWN, OTHER = "contoso-terraform", "eu-central-1", "000000000000", "999999999999"
STATE = f"arn:aws:s3:::{BUCKET}/entra-cognito/dev.tfstate"
SETTINGS = f"""
[aws]
region = "{REGION}"
[entra]
tenant_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
[cognito]
domain_prefix = "contoso-signin"
[clients.web]
callback_urls = ["https://app.contoso.com/callback"]
[state]
bucket = "{BUCKET}"
"""


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as aws, pytest.MonkeyPatch.context() as variables:
        for name, value in aws.environment().items():
            variables.setenv(name, value)
        # One that an earlier test of this process made keeps the credentials of that test.
        variables.setattr(boto3, "DEFAULT_SESSION", None)
        yield aws


@pytest.fixture
def bucket(aws: LocalAws) -> "Iterator[S3Client]":
    """The bucket as S3 makes it, with versions."""
    s3 = aws.s3(REGION)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield s3
    for stored in s3.list_object_versions(Bucket=BUCKET).get("Versions", []):
        s3.delete_object(Bucket=BUCKET, Key=stored["Key"], VersionId=stored["VersionId"])
    s3.delete_bucket(Bucket=BUCKET)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "environments").mkdir()
    file = tmp_path / "environments" / "dev.toml"
    file.write_text(SETTINGS)
    return file


def _allow(principal: object, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{BUCKET}/*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Principal": principal, **statement}]})


def _unblock(s3: "S3Client") -> None:
    s3.delete_public_access_block(Bucket=BUCKET)


def _public_policy(s3: "S3Client") -> None:
    _unblock(s3)
    s3.put_bucket_policy(Bucket=BUCKET, Policy=_allow("*"))


def _public_acl(s3: "S3Client") -> None:
    _unblock(s3)
    s3.put_bucket_ownership_controls(
        Bucket=BUCKET, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    )
    s3.put_bucket_acl(Bucket=BUCKET, ACL="public-read")


def _shared(s3: "S3Client") -> None:
    s3.put_bucket_policy(Bucket=BUCKET, Policy=_allow({"AWS": f"arn:aws:iam::{OTHER}:root"}))


def _suspended(s3: "S3Client") -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})


@pytest.mark.usefixtures("bucket")
def test_a_bucket_as_s3_makes_it_with_versions_has_no_weakness(file: Path) -> None:
    assert weaknesses(load(file)) == ([], "")
    checked = check_state("dev", file.parents[1])
    assert (checked.findings, checked.not_checked) == ((), "")


@pytest.mark.parametrize(
    ("weaken", "found"),
    [
        (_public_policy, {"state-bucket-public", "state-bucket-unblocked"}),
        (_public_acl, {"state-bucket-public", "state-bucket-unblocked"}),
        (_unblock, {"state-bucket-unblocked"}),
        (_shared, {"state-bucket-shared"}),
        (_suspended, {"state-bucket-unversioned"}),
    ],
)
def test_each_weakness_is_found_with_a_remedy_for_this_bucket(
    bucket: "S3Client", file: Path, weaken: Callable[["S3Client"], None], found: set[str]
) -> None:
    weaken(bucket)
    findings = check_state("dev", file.parents[1]).findings
    assert {finding.id for finding in findings} == found
    assert all(f"--bucket {BUCKET}" in finding.remedy for finding in findings)
    assert all(finding.where == f"bucket {BUCKET}" for finding in findings)


@pytest.mark.usefixtures("aws")
def test_the_command_of_the_remedy_ends_it(bucket: "S3Client", file: Path) -> None:
    _public_policy(bucket)
    command = remedy("state-bucket-public", load(file)).split("`")[1].split()
    flags = dict(pair.split("=") for pair in command[-1].split(","))
    closed: Any = {key: value == "true" for key, value in flags.items()}
    bucket.put_public_access_block(
        Bucket=command[command.index("--bucket") + 1], PublicAccessBlockConfiguration=closed
    )
    assert weaknesses(load(file))[0] == []


def test_an_account_that_the_settings_name_is_no_finding(bucket: "S3Client", file: Path) -> None:
    _shared(bucket)
    file.write_text(f'{SETTINGS}shared_with = ["{OTHER}"]\n')
    assert weaknesses(load(file)) == ([], "")


def test_no_first_state_goes_into_a_public_bucket(
    bucket: "S3Client", file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _public_policy(bucket)
    assert "Nothing was deployed" in before_deploy(load(file))
    assert "aws s3api put-public-access-block" in capsys.readouterr().err


def test_a_deploy_with_a_state_in_a_public_bucket_goes_on_to_rotate_the_secret(
    bucket: "S3Client", file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _public_policy(bucket)
    bucket.put_object(Bucket=BUCKET, Key="entra-cognito/dev.tfstate", Body=b"{}")
    assert before_deploy(load(file)) == ""
    assert "state-bucket-public" in capsys.readouterr().err


@pytest.mark.usefixtures("aws")
def test_a_bucket_that_is_not_there_is_terraforms_to_report(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert before_deploy(load(file)) == ""
    assert capsys.readouterr().err == ""
    assert check_state("dev", file.parents[1]).not_checked == f"there is no bucket {BUCKET}"


@pytest.mark.usefixtures("bucket")
def test_a_right_that_is_missing_is_named_and_stops_nothing(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deny(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetBucketPolicy")

    session = boto3.Session()
    session.events.register("before-call.s3.GetBucketPolicy", deny)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", session)
    assert before_deploy(load(file)) == ""
    checked = check_state("dev", file.parents[1])
    assert checked.findings == ()
    assert checked.not_checked == f"s3:GetBucketPolicy on {BUCKET}: AccessDenied"


@pytest.mark.parametrize(
    ("statement", "others"),
    [
        ({"Principal": {"AWS": OTHER}}, OTHER),
        (
            {"Principal": {"AWS": [f"arn:aws:iam::{OWN}:root", f"arn:aws-us-gov:iam::{OTHER}:role/x"]}},
            "role/x",
        ),
        ({"Principal": {"CanonicalUser": "79a59df9"}}, "79a59df9"),
        ({"Principal": {"AWS": "*"}, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, "*"),
        ({"Principal": {"AWS": OTHER}, "Action": ["s3:Get*"], "Resource": STATE}, OTHER),
        ({"Principal": {"AWS": OTHER}, "Action": "S3:putobject"}, OTHER),
        ({"NotPrincipal": {"AWS": OWN}}, "*"),
        ({"Principal": {"AWS": OWN}}, None),
        ({"Principal": {"Service": "cloudtrail.amazonaws.com"}}, None),
        ({"Principal": {"AWS": OTHER}, "Effect": "Deny"}, None),
        ({"Principal": {"AWS": OTHER}, "Action": "s3:ListBucket"}, None),
        ({"Principal": {"AWS": OTHER}, "Resource": f"arn:aws:s3:::{BUCKET}/another-team/*"}, None),
    ],
)
def test_a_policy_counts_where_it_lets_others_at_the_state(
    statement: dict[str, Any], others: str | None
) -> None:
    whole = {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **statement}
    answers = {"get_bucket_policy": {"Policy": json.dumps({"Statement": whole})}}
    found = list(judge(answers, STATE, {OWN}))
    assert [id_ for id_, _ in found] == (["state-bucket-shared"] if others else [])
    assert all(str(others) in detail for _, detail in found)
