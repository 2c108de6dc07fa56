"""Regions, the state, provider versions and tags: what is refused, accepted, and warned of."""

import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.settings.aws import VersionConstraint, admits
from tests.stacks.settings.samples import (
    PLAIN_GOVERNMENT,
    QUIET,
    accepted,
    accepts,
    case,
    refused,
    settings_with,
    silent,
    unhurried,
    warned,
)

IAM = "arn:aws:iam::123456789012"
ARN = "arn:aws:kms:eu-central-1:123456789012:key/12345678-90ab-4cde-8f01-234567890abc"

test_refused = refused(
    case("aws.region", "cn-north-1", "no user pools in the AWS China regions"),
    case("aws.region", "eusc-de-east-1", "aws-eusc"),
    case("aws.region", "us-iso-east-1", "aws-iso"),
    case("aws.region", "eu-central-1a", 'Write its region, "eu-central-1"'),
    case("aws.region", "Frankfurt", "not the name of an AWS region"),
    case("aws.region", "eu-central-1\n", "not the name of an AWS region"),
    case("aws.account_id", "1234-5678-9012", "12 digits"),
    case("aws.account_id", 123456789012, "in quotes"),
    case("aws.permissions_boundary", "developer-boundary", "the ARN of a managed policy"),
    case("aws.permissions_boundary", f"{IAM}:role/boundary", "the ARN of a managed policy"),
    case("aws.role_path", "identity", "begins and ends with a slash"),
    case("aws.role_path", "/identity", "begins and ends with a slash"),
    case("state", {}, "missing", at=".bucket"),
    *(
        case("state.bucket", name, "3 to 63")
        for name in ("s3://state", "State", "ab", "a..b", "192.168.0.1", "xn--state", "state-s3alias")
    ),
    case("state.key", "/state", "without a slash", also=QUIET),
    case("state.key", "k" * 1025, "1024", also=QUIET),
    *(case("state.key", f"entra-cognito/{key}", "every other state", also=QUIET) for key in ("*", "pro?")),
    case("state.region", "europe", "AWS region", also=QUIET),
    case("state.kms_key_id", "alias/state", "no alias", also=QUIET),
    case("terraform.aws_provider_version", "latest", "version constraint"),
    case("terraform.azuread_provider_version", ">= 3,", "constraint"),
    case("tags", {"aws:x": "y"}, "belong to AWS", at='."aws:x"'),
    case("tags", {"AWS:x": "y"}, "belong to AWS", at='."AWS:x"'),
    case("tags", {"": "y"}, "1 to 128", at='.""'),
    case("tags", {"k" * 129: "y"}, "1 to 128", at=f".{'k' * 129}"),
    case("tags", {"x": "v" * 257}, "at most 256", at=".x"),
    case("tags", {"x": "a;b"}, "at most 256", at=".x"),
    case("tags", {f"k{n}": "" for n in range(51)}, "takes 50"),
    case("entra.cloud", "dod", "this AWS region is a commercial one"),
    (
        {"entra.cloud": "china", "aws.region": "us-gov-east-1"},
        "entra.cloud",
        "no rule of either allows for both",
    ),
)

test_accepted = accepted(
    *({"aws.region": region} for region in ("us-east-1", "ap-southeast-4", "us-gov-west-1", "il-central-1")),
    {"aws.account_id": "012345678901"},
    {"aws.permissions_boundary": "arn:aws:iam::aws:policy/PowerUserAccess", "aws.role_path": "/a/b/"},
    {**QUIET, "state.key": "a/b.tfstate", "state.region": "us-east-1", "state.kms_key_id": ARN},
    {**QUIET, "state.kms_key_id": "mrk-" + "0" * 32},
    *({"terraform.aws_provider_version": version} for version in ("6.25.0", "~> 6.0", ">= 5.100.0, < 7")),
    {"tags": {"cost-center": "identity", "Team/Name": "Ä ö_.:/=+-@", "empty": ""}},
    {"tags": {f"k{n}": "" for n in range(50)}},
    *({"entra.cloud": cloud, "aws.region": "us-gov-west-1"} for cloud in ("public", "usgovernment", "dod")),
    {"entra.authority": "http://localhost:8400", "aws.region": "us-gov-west-1"},
)

test_warned = warned(
    case("entra.cloud", "usgovernment", "in a commercial AWS region"),
    ({"aws.region": "us-gov-west-1"}, "entra.cloud", "would sign in to GovCloud"),
)

test_silent = silent(
    PLAIN_GOVERNMENT,
    PLAIN_GOVERNMENT | {"entra.cloud": "dod"},
    {"entra.cloud": "china"},
)


@pytest.mark.parametrize(
    "constraint",
    ["5.100.0", "= 5.100", ">= 5.100.0, < 7.0.0", "<= 5.100.0", "~> 5.0", "~> 5"],
)
def test_a_constraint_that_admits_a_version(constraint: str) -> None:
    assert accepts(VersionConstraint, constraint)
    assert admits(constraint, (5, 100, 0))


@pytest.mark.parametrize(
    "constraint",
    ["6.25.0", "!= 5.100.0", ">= 6", "> 5.100.0", "< 5", "~> 5.99.0", "~> 6.0"],
)
def test_a_constraint_that_does_not(constraint: str) -> None:
    assert accepts(VersionConstraint, constraint)
    assert not admits(constraint, (5, 100, 0))


@unhurried
@given(st.from_regex(re.compile(get_args(VersionConstraint)[1].pattern, re.ASCII), fullmatch=True))
def test_every_constraint_is_understood(constraint: str) -> None:
    admits(constraint, (5, 100, 0))


def test_a_state_on_this_machine_is_a_warning_unless_entra_id_is_local_too() -> None:
    (warning,) = settings_with().warnings
    assert warning.startswith("state: ")
    local = {"entra.authority": "http://localhost:8400", "entra.prevent_destroy": False}
    assert settings_with(local).warnings == []
