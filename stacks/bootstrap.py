"""The second stack of an environment: the bucket of its state, and whom both clouds trust to deploy."""

import json
from typing import Literal, TypeAlias

from cdktf_cdktf_provider_aws.data_aws_iam_openid_connect_provider import DataAwsIamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_openid_connect_provider import IamOpenidConnectProvider
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_azuread.app_role_assignment import AppRoleAssignment
from cdktf_cdktf_provider_azuread.application import (
    Application,
    ApplicationRequiredResourceAccess,
    ApplicationRequiredResourceAccessResourceAccess,
)
from cdktf_cdktf_provider_azuread.application_federated_identity_credential import (
    ApplicationFederatedIdentityCredential,
)
from cdktf_cdktf_provider_azuread.data_azuread_client_config import DataAzureadClientConfig
from cdktf_cdktf_provider_azuread.data_azuread_service_principal import DataAzureadServicePrincipal
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from constructs import Construct

from stacks import addresses
from stacks import bootstrap_addresses as own
from stacks.environment_stack import EnvironmentStack
from stacks.outputs import declare
from stacks.rights import Purpose, aws_policy, graph_permissions
from stacks.settings import Settings
from stacks.settings.bootstrap import PipelineSettings
from stacks.settings.facts import MICROSOFT_GRAPH
from stacks.state_bucket import StateBucket

Job: TypeAlias = Literal["deploy", "plan"]
PURPOSES: dict[Job, Purpose] = {"deploy": "deploy", "plan": "read"}


class BootstrapStack(EnvironmentStack):
    """What `cdktf deploy <name>-bootstrap` makes, once, by a person who administers both clouds."""

    def __init__(self, scope: Construct, settings: Settings) -> None:
        bootstrap = settings.bootstrap
        if bootstrap is None:
            raise ValueError(f"{settings.name} has no [bootstrap].")
        pipeline = bootstrap.pipeline
        in_entra = pipeline is not None and settings.entra.registration is None
        name = settings.bootstrap_name
        super().__init__(scope, name, settings, region=settings.state_region, azuread=in_entra)
        if bootstrap.keep_own_state_in_bucket:
            self.keep_state(settings, settings.bootstrap_state_key)
        declared: dict[str, tuple[str, object]] = {}
        if settings.state is not None and not bootstrap.existing_bucket:
            bucket = StateBucket(self, settings.state.bucket, bootstrap)
            declared["state_bucket"] = "The bucket of the state.", bucket.name
            if bucket.key_arn is not None:
                declared["state_kms_key_id"] = "Write it into [state] as kms_key_id.", bucket.key_arn
        if pipeline is not None:
            trust = AwsTrust(self, settings, pipeline)
            applications = EntraTrust(self, settings, pipeline).client_ids if in_entra else {}
            declared["pipeline"] = (
                "As whom the pipeline's jobs sign in to both clouds: none of it is secret.",
                {
                    job: {
                        "aws_role_arn": trust.role_arns[job],
                        "entra_client_id": applications.get(job),
                        "subjects": subjects_of(pipeline, job),
                    }
                    for job in PURPOSES
                },
            )
        declare(self, declared)


class AwsTrust(Construct):
    """A role for each kind of job, which only the tokens of its subjects may assume.

    Attributes:
        role_arns: the roles, as Terraform references.
    """

    def __init__(self, scope: Construct, settings: Settings, pipeline: PipelineSettings) -> None:
        super().__init__(scope, "aws_trust")
        provider = (
            DataAwsIamOpenidConnectProvider(self, own.EXISTING_OIDC_PROVIDER, url=pipeline.issuer)
            if pipeline.existing_oidc_provider
            else IamOpenidConnectProvider(
                self,
                own.OIDC_PROVIDER,
                url=pipeline.issuer,
                client_id_list=[pipeline.aws_audience],
            )
        )
        host = pipeline.issuer.removeprefix("https://")
        self.role_arns: dict[Job, str] = {}
        for job, purpose in PURPOSES.items():
            # Both are compared letter for letter (IAM user guide, "Create a role for OpenID Connect
            # federation"): with StringLike, a * in a subject would let in others.
            tokens = {
                f"{host}:aud": pipeline.aws_audience,
                f"{host}:sub": subjects_of(pipeline, job),
            }
            trust = {
                "Effect": "Allow",
                "Principal": {"Federated": provider.arn},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringEquals": tokens},
            }
            role = IamRole(
                self,
                own.PIPELINE_ROLE.format(job=job),
                name=f"{settings.name}-{job}",
                path=settings.aws.role_path if settings.aws.role_path != "/" else None,
                permissions_boundary=settings.aws.permissions_boundary,
                assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
            )
            IamRolePolicy(
                self,
                own.PIPELINE_POLICY.format(job=job),
                name="rights",
                role=role.name,
                policy=json.dumps(aws_policy(settings, purpose)),
            )
            self.role_arns[job] = role.arn


class EntraTrust(Construct):
    """An application for each kind of job, without a secret, with the permissions that it needs.

    Attributes:
        client_ids: the applications' client ids, as Terraform references.
    """

    def __init__(self, scope: Construct, settings: Settings, pipeline: PipelineSettings) -> None:
        super().__init__(scope, "entra_trust")
        self._settings = settings
        self._pipeline = pipeline
        self._owners = [DataAzureadClientConfig(self, addresses.DEPLOYER).object_id]
        self._graph = DataAzureadServicePrincipal(self, addresses.MICROSOFT_GRAPH, client_id=MICROSOFT_GRAPH)
        self.client_ids = {job: self._application(job) for job in PURPOSES}

    def _application(self, job: Job) -> str:
        permissions = graph_permissions(self._settings, PURPOSES[job])
        application = Application(
            self,
            own.PIPELINE_APPLICATION.format(job=job),
            display_name=f"{self._settings.name} pipeline: {job}",
            prevent_duplicate_names=True,
            owners=self._owners,
            required_resource_access=[
                ApplicationRequiredResourceAccess(
                    resource_app_id=MICROSOFT_GRAPH,
                    resource_access=[
                        ApplicationRequiredResourceAccessResourceAccess(id=one["id"], type="Role")
                        for one in permissions
                    ],
                )
            ],
        )
        service_principal = ServicePrincipal(
            self,
            own.PIPELINE_SERVICE_PRINCIPAL.format(job=job),
            client_id=application.client_id,
            owners=self._owners,
        )
        for one in permissions:
            address = own.PIPELINE_PERMISSION.format(
                job=job, permission=one["permission"].replace(".", "_").lower()
            )
            AppRoleAssignment(
                self,
                address,
                app_role_id=one["id"],
                principal_object_id=service_principal.object_id,
                resource_object_id=self._graph.object_id,
            )
        for subject in subjects_of(self._pipeline, job):
            part = addresses.principal_by_name("subject", subject)
            ApplicationFederatedIdentityCredential(
                self,
                own.PIPELINE_CREDENTIAL.format(job=job, subject=part),
                application_id=application.id,
                display_name=part,
                issuer=self._pipeline.issuer,
                subject=subject,
                audiences=[self._settings.cloud.token_exchange_audience],
            )
        return application.client_id


def subjects_of(pipeline: PipelineSettings, job: Job) -> list[str]:
    """Whose tokens a kind of job presents."""
    return pipeline.deploy_subjects if job == "deploy" else pipeline.plan_subjects
