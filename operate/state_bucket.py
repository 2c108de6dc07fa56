"""Who else can read or change the state in its bucket: it holds the client secret.

No bucket is found to be unencrypted: S3 has encrypted every object since 2023 (Amazon S3 user guide, "Using
server-side encryption with Amazon S3 managed keys").
"""

import fnmatch
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from operate.errors import Unavailable
from operate.known_errors import KNOWN_ERRORS, Detected
from stacks.settings import Settings

# What is read, and the right that each call needs (Service Authorization Reference, "Amazon S3").
READS = {
    "get_public_access_block": "s3:GetBucketPublicAccessBlock",
    "get_bucket_policy_status": "s3:GetBucketPolicyStatus",
    "get_bucket_policy": "s3:GetBucketPolicy",
    "get_bucket_acl": "s3:GetBucketAcl",
    "get_bucket_versioning": "s3:GetBucketVersioning",
}
ABSENT = {"NoSuchPublicAccessBlockConfiguration", "NoSuchBucketPolicy"}
# Amazon S3 user guide, "Access control list (ACL) overview": predefined groups.
EVERYBODY = ("/AllUsers", "/AuthenticatedUsers")
# What is dangerous to let somebody else do with the state, in small letters: AWS ignores the case of actions
# (IAM user guide, "IAM JSON policy elements: Action").
OBJECT_ACTIONS = ("s3:getobject", "s3:getobjectversion", "s3:putobject")
ACCOUNT = re.compile(r"(?:arn:aws[\w-]*:(?:iam|sts)::)?(\d{12})(?::|$)")

PUBLIC, SHARED = "state-bucket-public", "state-bucket-shared"
UNBLOCKED, UNVERSIONED = "state-bucket-unblocked", "state-bucket-unversioned"

Answer = dict[str, Any]


def weaknesses(settings: Settings) -> tuple[list[Detected], str]:
    """What is wrong with the bucket of `[state]`, and why anything could not be checked."""
    if settings.state is None:
        return [], ""
    import boto3  # noqa: PLC0415 - it takes a tenth of a second to load, and there may be no bucket

    bucket = settings.state.bucket
    try:
        s3 = boto3.client("s3", region_name=settings.state_region)
        account = boto3.client("sts", region_name=settings.aws.region).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        return [], f"AWS cannot be asked about the bucket {bucket}: {error}"
    answers = {call: _ask(s3, call, bucket) for call in READS}
    known = {call: answer for call, answer in answers.items() if not isinstance(answer, Unavailable)}
    reasons = {answer.why: None for answer in answers.values() if isinstance(answer, Unavailable)}
    accounts = {account, settings.aws.account_id, *settings.state.shared_with}
    # The partition is of no importance: a policy of one bucket names only its own.
    found = list(judge(known, f"arn:aws:s3:::{bucket}/{settings.state_key}", accounts))
    return found, "; ".join(reasons)


def before_deploy(settings: Settings, _project: Path = Path()) -> str:
    """Warn of what is wrong with the bucket, and refuse one that is public and has no state yet.

    What is in a public bucket already has leaked, and the deploy that rotates the secret must go on.
    """
    found, _ = weaknesses(settings)
    for id_, detail in found:
        sys.stderr.write(f"{settings.name}: {id_} ({detail})\n")
        sys.stderr.write(f"  Cause:  {KNOWN_ERRORS[id_].cause}\n  Remedy: {remedy(id_, settings)}\n")
    if any(id_ == PUBLIC for id_, _ in found) and not _has_state(settings):
        return "Nothing was deployed: the state, which holds the client secret, would be public."
    return ""


def remedy(id_: str, settings: Settings) -> str:
    """What to do about a known error, with the bucket's name in its command."""
    bucket = settings.state.bucket if settings.state else ""
    return KNOWN_ERRORS[id_].remedy.replace("BUCKET", bucket).replace("{environment}", settings.name)


def _has_state(settings: Settings) -> bool:
    if settings.state is None:
        return False
    import boto3  # noqa: PLC0415 - as above

    try:
        s3 = boto3.client("s3", region_name=settings.state_region)
        s3.head_object(Bucket=settings.state.bucket, Key=settings.state_key)
    except ClientError as error:
        return error.response["Error"]["Code"] != "404"
    return True


def judge(answers: Mapping[str, Answer], state: str, accounts: set[str | None]) -> Iterator[Detected]:
    """What is wrong, by what S3 answered to each call of READS that could be made.

    Args:
        state: the ARN of the state's object, in the partition aws.
        accounts: those that may have rights.
    """
    block = answers.get("get_public_access_block", {}).get("PublicAccessBlockConfiguration", {})
    policy = answers.get("get_bucket_policy", {}).get("Policy", '{"Statement": []}')
    acl = answers.get("get_bucket_acl", {"Grants": [], "Owner": {}})
    # Amazon S3 user guide, "Blocking public access to your Amazon S3 storage": these two end what exists.
    is_public = answers.get("get_bucket_policy_status", {}).get("PolicyStatus", {}).get("IsPublic", False)
    if is_public and not block.get("RestrictPublicBuckets"):
        yield PUBLIC, "by its policy"
    for grant in acl["Grants"]:
        grantee, permission = grant["Grantee"], grant["Permission"]
        if grantee.get("URI", "").endswith(EVERYBODY) and not block.get("IgnorePublicAcls"):
            yield PUBLIC, f"{permission} by its access control list"
        if grantee.get("ID", acl["Owner"].get("ID")) != acl["Owner"].get("ID"):
            yield SHARED, f"{permission} for another account by its access control list"
    others = sorted({one for statement in _statements(policy, state) for one in _others(statement, accounts)})
    if others and not is_public:
        yield SHARED, f"by its policy: {', '.join(others)}"
    if "get_public_access_block" in answers and not (block and all(block.values())):
        yield UNBLOCKED, f"on: {', '.join(key for key, on in block.items() if on) or 'none of four'}"
    if "get_bucket_versioning" in answers and answers["get_bucket_versioning"].get("Status") != "Enabled":
        yield UNVERSIONED, answers["get_bucket_versioning"].get("Status", "never switched on")


def _ask(s3: Any, call: str, bucket: str) -> Answer | Unavailable:
    try:
        return dict(getattr(s3, call)(Bucket=bucket))
    except ClientError as error:
        if (code := error.response["Error"]["Code"]) in ABSENT:
            return {}
        if code == "NoSuchBucket":
            return Unavailable(f"there is no bucket {bucket}")
        # 405 where the bucket is another account's (Amazon S3 API, "GetBucketPolicy").
        return Unavailable(f"{READS[call]} on {bucket}: {code}")
    except BotoCoreError as error:
        return Unavailable(f"the bucket {bucket}: {error}")


def _statements(policy: str, state: str) -> Iterator[Answer]:
    """The statements that allow to read or write the state; a Deny is not set against them."""
    for statement in _list(json.loads(policy)["Statement"]):
        resources = [
            re.sub("^arn:aws[^:]*:", "arn:aws:", one) for one in _list(statement.get("Resource", "*"))
        ]
        actions = _list(statement.get("Action", "*"))
        if (
            statement["Effect"] == "Allow"
            and any(fnmatch.fnmatchcase(state, one) for one in resources)
            and any(fnmatch.fnmatchcase(one, action.lower()) for one in OBJECT_ACTIONS for action in actions)
        ):
            yield statement


def _others(statement: Answer, accounts: set[str | None]) -> Iterator[str]:
    """The principals of a statement that belong to none of the accounts; AWS's own services are not meant."""
    principal = statement.get("Principal", "*")
    names = (
        ["*"]
        if principal == "*"
        else [name for kind in ("AWS", "CanonicalUser") for name in _list(principal.get(kind, []))]
    )
    for name in names:
        account = ACCOUNT.match(name)
        if account is None or account[1] not in accounts:
            yield name


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
