"""The bucket of the state: private, encrypted, versioned, over TLS only."""

import json

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)
from constructs import Construct

from stacks import bootstrap_addresses
from stacks.settings.bootstrap import BootstrapSettings

# Long enough to notice that a state is wrong, and not for ever: an old one holds an old secret.
OLD_VERSIONS_DAYS = 90
ABORT_DAYS = 7


class StateBucket(Construct):
    """The bucket with its key, if the settings ask for one.

    Attributes:
        name: the bucket's name, as a Terraform reference.
        key_arn: the key that encrypts it; None where S3's own does.
    """

    def __init__(self, scope: Construct, name: str, settings: BootstrapSettings) -> None:
        super().__init__(scope, "bucket")
        kept = TerraformResourceLifecycle(prevent_destroy=settings.prevent_destroy)
        bucket = S3Bucket(self, bootstrap_addresses.STATE_BUCKET, bucket=name, lifecycle=kept)
        self.name = bucket.bucket
        self.key_arn: str | None = None
        if settings.encryption_key:
            # Without a policy of its own the key has AWS's: the account decides by IAM who may use it, so
            # nobody is locked out.
            key = KmsKey(
                self,
                bootstrap_addresses.STATE_KEY,
                description=f"Encrypts {name}.",
                enable_key_rotation=True,
                lifecycle=kept,
            )
            self.key_arn = key.arn
        S3BucketServerSideEncryptionConfigurationA(
            self,
            bootstrap_addresses.STATE_BUCKET_ENCRYPTION,
            bucket=bucket.bucket,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
                        sse_algorithm="aws:kms" if self.key_arn else "AES256",
                        kms_master_key_id=self.key_arn,
                    ),
                    bucket_key_enabled=True if self.key_arn else None,
                )
            ],
        )
        versions = S3BucketVersioningA(
            self,
            bootstrap_addresses.STATE_BUCKET_VERSIONS,
            bucket=bucket.bucket,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        S3BucketLifecycleConfiguration(
            self,
            bootstrap_addresses.STATE_BUCKET_OLD_VERSIONS,
            bucket=bucket.bucket,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="old-versions",
                    status="Enabled",
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=OLD_VERSIONS_DAYS
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=ABORT_DAYS
                        )
                    ],
                )
            ],
            depends_on=[versions],
        )
        private = S3BucketPublicAccessBlock(
            self,
            bootstrap_addresses.STATE_BUCKET_PRIVATE,
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        # It only denies, and nobody who comes over TLS: the account's root and its administrators stay in.
        over_tls = {
            "Sid": "OverTlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket.arn, f"{bucket.arn}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        S3BucketPolicy(
            self,
            bootstrap_addresses.STATE_BUCKET_POLICY,
            bucket=bucket.bucket,
            policy=json.dumps({"Version": "2012-10-17", "Statement": [over_tls]}),
            # S3 refuses two changes to a bucket's access at a time.
            depends_on=[private],
        )
