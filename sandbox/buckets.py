"""What MiniStack's buckets lack of S3's, added to its functions, which are private: the version is pinned."""

# ruff: noqa: SLF001 - see above

from typing import Any

from ministack.services import s3 as service  # type: ignore[import-untyped]

STATUS = (
    '<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>{}</IsPublic></PolicyStatus>'
)


def block_public_access() -> None:
    """Make a new bucket block all public access, as on AWS since April 2023.

    Amazon S3 user guide, "Default settings for new S3 buckets FAQ". MiniStack does so only where it checks
    credentials.
    """
    block = service._NEW_BUCKET_PUBLIC_ACCESS_BLOCK
    service._new_bucket_public_access_block = lambda: {"_public_access_block": block}


def serve_policy_status() -> None:
    """Serve GetBucketPolicyStatus, which MiniStack answers with a list of the bucket's objects.

    Amazon S3 API, "GetBucketPolicyStatus"; a bucket without a policy has no status.
    """
    dispatch = service._dispatch

    def with_status(*request: Any) -> Any:
        method, bucket, key, _, _, query = request
        if method != "GET" or key or "policyStatus" not in query:
            return dispatch(*request)
        status, said, policy = service._get_bucket_policy(bucket)
        if status != 200:  # noqa: PLR2004 - HTTP's OK
            return status, said, policy
        is_public = str(service._policy_is_public(policy.decode())).lower()
        return 200, {"Content-Type": "application/xml"}, STATUS.format(is_public).encode()

    service._dispatch = with_status
