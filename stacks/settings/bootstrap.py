"""What an environment's pipeline stands on: the bucket of its state, and whom both clouds trust to deploy."""

from typing import Annotated

from pydantic import Field

from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error
from stacks.settings.types import Matches, Table, YesOrNo, between, unique

# Of one application (Microsoft learn, "Important considerations ... for federated identity credentials").
MOST_SUBJECTS = 20

# IAM API reference, CreateOpenIDConnectProvider, Url; Microsoft Graph, federatedIdentityCredential, issuer.
IssuerUrl = Annotated[
    str,
    Matches(
        r"https://[A-Za-z0-9][A-Za-z0-9.-]*(:\d+)?(/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-])?",
        "An issuer is an https address without a slash at its end.",
        'Write for instance "https://token.actions.githubusercontent.com".',
    ),
]
Subject = Annotated[
    str,
    Matches(
        r"[!-)+->@-~][ -)+->@-~]{0,599}",
        "A subject is the whole `sub` of a job's token: at most 600 characters, and no * or ?, which would"
        " let in others.",
        'Write for instance "repo:contoso@123456/signin@456789:environment:prod".',
    ),
]
Subjects = Annotated[list[Subject], unique, between(1, MOST_SUBJECTS, "subjects", "Entra ID")]
Audience = Annotated[
    str,
    Matches(r"[\w.:/@-]{1,255}", "This is no audience.", 'Write for instance "sts.amazonaws.com".'),
]


class PipelineSettings(Table):
    """A pipeline that plans and deploys without a stored secret: both clouds take its tokens."""

    issuer: IssuerUrl = Field(examples=["https://token.actions.githubusercontent.com"])
    """The `iss` of its tokens."""
    deploy_subjects: Subjects = Field(examples=[["repo:contoso@123456/signin@456789:environment:prod"]])
    """The `sub` of the jobs that may deploy, letter for letter."""
    plan_subjects: Subjects = Field(examples=[["repo:contoso@123456/signin@456789:pull_request"]])
    """The `sub` of the jobs that may plan and verify, letter for letter."""
    aws_audience: Audience = "sts.amazonaws.com"
    """The `aud` of the tokens that a job shows to AWS."""
    existing_oidc_provider: YesOrNo = False
    """Use the identity provider that the AWS account has for this issuer already: it can have only one. Write
    true in every environment of an account but the first."""


class BootstrapSettings(Table):
    """A second stack, `<environment>-bootstrap`: the bucket of [state], and a pipeline's trust."""

    existing_bucket: YesOrNo = False
    """The bucket of [state] exists already. Write true in every environment of a bucket but the first."""
    encryption_key: YesOrNo = False
    """Make a KMS key for the bucket; its ARN, the output `state_kms_key_id`, goes into [state]."""
    prevent_destroy: YesOrNo = True
    """Refuse plans that destroy the bucket or its key, and with them every state."""
    keep_own_state_in_bucket: YesOrNo = False
    """Keep the state of this second stack in the bucket, too, once it is there; run `pipenv run move-state
    <environment>-bootstrap` when it changes."""
    pipeline: PipelineSettings | None = None
    """Whom both clouds trust; left out, no pipeline."""


@check
def _bucket_to_make(s: Settings) -> Messages:
    if s.bootstrap is None:
        return
    if s.state is None:
        yield error(
            at.bootstrap,
            "It makes the bucket of [state], and there is no [state].",
            'Add [state] with for instance bucket = "contoso-terraform-state".',
        )
    if s.bootstrap.encryption_key and s.bootstrap.existing_bucket:
        yield error(
            at.bootstrap.encryption_key,
            "A bucket that exists has its own encryption.",
            "Remove the line, or existing_bucket.",
        )


@check
def _same_subject(s: Settings) -> Messages:
    pipeline = s.bootstrap.pipeline if s.bootstrap else None
    for index, subject in enumerate(pipeline.plan_subjects if pipeline else ()):
        # A server in Kubernetes, such as Atlantis, plans and deploys as one service account.
        is_server = subject.startswith("system:serviceaccount:")
        if pipeline is not None and subject in pipeline.deploy_subjects and not is_server:
            yield error(
                at.bootstrap.pipeline.plan_subjects[index],
                "This subject may deploy, and so need not plan with fewer rights.",
                "Remove it from one of the two lists.",
            )
