"""The name of the second stack, and its Terraform addresses; addresses.py says what for.

In braces: `job` is "deploy" or "plan", `permission` one of Microsoft Graph's, and `subject` what
`principal_by_name` gives.
"""

STACK = "{environment}-bootstrap"

STATE_BUCKET = "aws_s3_bucket.state"
STATE_BUCKET_PRIVATE = "aws_s3_bucket_public_access_block.state"
STATE_BUCKET_POLICY = "aws_s3_bucket_policy.state"
STATE_BUCKET_VERSIONS = "aws_s3_bucket_versioning.state"
STATE_BUCKET_OLD_VERSIONS = "aws_s3_bucket_lifecycle_configuration.state"
STATE_BUCKET_ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration.state"
STATE_KEY = "aws_kms_key.state"
OIDC_PROVIDER = "aws_iam_openid_connect_provider.pipeline"
EXISTING_OIDC_PROVIDER = "data.aws_iam_openid_connect_provider.pipeline"
PIPELINE_ROLE = "aws_iam_role.pipeline_{job}"
PIPELINE_POLICY = "aws_iam_role_policy.pipeline_{job}"
PIPELINE_APPLICATION = "azuread_application.pipeline_{job}"
PIPELINE_SERVICE_PRINCIPAL = "azuread_service_principal.pipeline_{job}"
PIPELINE_CREDENTIAL = "azuread_application_federated_identity_credential.pipeline_{job}_{subject}"
PIPELINE_PERMISSION = "azuread_app_role_assignment.pipeline_{job}_{permission}"
