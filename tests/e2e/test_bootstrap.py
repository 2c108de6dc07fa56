"""A pipeline without a stored secret: what `<environment>-bootstrap` makes, and whom both clouds take."""

import copy
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from operate.adopt.__main__ import main as adopt
from operate.verify.verification import verify
from sandbox.errors import SandboxError
from sandbox.pipeline_issuer import PipelineIssuer
from sandbox.project import CHECKOUT, STACK, Project
from stacks import clouds as addresses
from tests.e2e.deployment import Deployment, Json, empty_bucket, local_clouds, with_edits

BUCKET = "contoso-terraform-state"
REPOSITORY = "repo:contoso@123456/signin@456789"
DEPLOY, PLAN = f"{REPOSITORY}:environment:prod", f"{REPOSITORY}:pull_request"
ENTRA, AWS = "api://AzureADTokenExchange", "sts.amazonaws.com"
OF_OTHERS = (
    "repo:contoso@123456/other@456790:environment:prod",
    f"{REPOSITORY}:environment:dev",
    f"{REPOSITORY}:ref:refs/heads/main",
    DEPLOY.upper(),
    f"{DEPLOY}2",
)


@dataclass
class Bootstrapped(Deployment):
    """The second stack, deployed by an administrator, and the environment's, by its pipeline."""

    issuer: PipelineIssuer
    environment: Deployment

    def pipeline(self, job: str) -> Json:
        """As whom a kind of job signs in."""
        return dict(self.output("pipeline")[job])

    def entra_token(self, job: str, assertion: str) -> httpx.Response:
        """What Entra ID answers to a job that presents a token."""
        entra = self.clouds.entra
        return httpx.post(
            addresses.custom(entra.authority).token_url(entra.tenant_id),
            data={
                "grant_type": "client_credentials",
                "client_id": self.pipeline(job)["entra_client_id"],
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": assertion,
                "scope": f"{entra.authority}/.default",
            },
        )

    def aws_credentials(self, job: str, token: str) -> Json:
        """The credentials that AWS gives a job for a token."""
        sts = boto3.client("sts", region_name=self.clouds.region, endpoint_url=self.clouds.aws.url)
        role = self.pipeline(job)["aws_role_arn"]
        return dict(
            sts.assume_role_with_web_identity(RoleArn=role, RoleSessionName="job", WebIdentityToken=token)[
                "Credentials"
            ]
        )

    def as_job(self, job: str, subject: str) -> None:
        """Have the environment's commands run as a job of the pipeline, with nothing else."""
        aws = self.aws_credentials(job, self.issuer.token(subject, AWS))
        variables = self.environment.project.environment
        variables.update(
            {
                "AWS_ACCESS_KEY_ID": aws["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": aws["SecretAccessKey"],
                "AWS_SESSION_TOKEN": aws["SessionToken"],
                "ARM_CLIENT_ID": self.pipeline(job)["entra_client_id"],
                "ARM_USE_OIDC": "true",
                "ARM_OIDC_TOKEN": self.issuer.token(subject, ENTRA),
            }
        )
        variables.pop("ARM_CLIENT_SECRET", None)


def bootstrap_settings(issuer: str) -> str:
    return f"""
[state]
bucket = "{BUCKET}"

[bootstrap]
prevent_destroy = false

[bootstrap.pipeline]
issuer = "{issuer}"
deploy_subjects = ["{DEPLOY}"]
plan_subjects = ["{PLAN}"]
"""


@pytest.fixture(scope="module")
def bootstrapped() -> Iterator[Bootstrapped]:
    with local_clouds(plugins_stay_up=False) as clouds, PipelineIssuer(clouds.entra.key_file) as issuer:
        before = clouds.holdings()
        project = clouds.project()
        second: Project = copy.copy(project)
        second.stack, second.environment = f"{STACK}-bootstrap", dict(project.environment)
        deployment = Bootstrapped(clouds, second, issuer, Deployment(clouds, project))
        deployment.settings += bootstrap_settings(issuer.url)
        deployment.deploy()
        yield deployment
        empty_bucket(clouds, BUCKET)
        deployment.destroy()
        assert clouds.holdings() == before


def refusal(answer: httpx.Response) -> str:
    assert answer.status_code >= 400, answer.text
    return str(answer.json()["error_description"]).partition(":")[0]


def test_it_is_planned_like_everything_else(bootstrapped: Bootstrapped) -> None:
    assert bootstrapped.plan().changes == {}
    project = bootstrapped.project
    guard = [sys.executable, "-m", "operate.guard", project.stack, "--project", str(project.folder)]
    judged = project.run(guard, CHECKOUT)
    assert judged.status == 0, judged.text
    bootstrapped.terraform("plan", "-destroy", "-out=gone")
    judged = project.run([*guard, "--plan", str(project.stack_folder / "gone"), "--json"], CHECKOUT)
    assert judged.status == 1
    assert "states-deleted" in judged.text
    assert "removes-registration" not in judged.text


def test_the_bucket_is_private_encrypted_and_versioned(bootstrapped: Bootstrapped) -> None:
    s3: Any = bootstrapped.clouds.aws.s3(bootstrapped.clouds.region)
    assert set(s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"].values()) == {True}
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    (rule,) = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 90}


def test_nobody_comes_in_without_tls(bootstrapped: Bootstrapped) -> None:
    keys = bootstrapped.clouds.aws.environment()
    s3 = boto3.client(
        "s3",
        region_name=bootstrapped.clouds.region,
        endpoint_url=bootstrapped.clouds.aws.url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    assert s3.list_objects_v2(Bucket=BUCKET)["KeyCount"] == 0
    s3.meta.events.register(
        "before-send.s3.*", lambda request, **_: request.headers.__setitem__("X-Forwarded-Proto", "http")
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.list_objects_v2(Bucket=BUCKET)


def test_entra_id_takes_the_jobs_token_and_gives_what_the_job_needs(bootstrapped: Bootstrapped) -> None:
    for job, subject, roles in (
        (
            "deploy",
            DEPLOY,
            {
                "Application.Read.All",
                "Application.ReadWrite.OwnedBy",
                "DelegatedPermissionGrant.ReadWrite.All",
            },
        ),
        ("plan", PLAN, {"Directory.Read.All"}),
    ):
        answer = bootstrapped.entra_token(job, bootstrapped.issuer.token(subject, ENTRA))
        claims = bootstrapped.clouds.entra.sign_in.tokens.graph_claims(answer.json()["access_token"])
        assert claims is not None
        assert set(claims["roles"]) == roles


def test_entra_id_refuses_every_other_token(bootstrapped: Bootstrapped) -> None:
    issuer = bootstrapped.issuer
    for subject in (*OF_OTHERS, PLAN):
        assert refusal(bootstrapped.entra_token("deploy", issuer.token(subject, ENTRA))) == "AADSTS700213"
    wrong = {
        "AADSTS700212": issuer.token(DEPLOY, AWS),
        "AADSTS700211": issuer.token(DEPLOY, ENTRA, iss="https://token.actions.githubusercontent.com"),
        "AADSTS700024": issuer.token(DEPLOY, ENTRA, exp=1),
        "AADSTS50027": "a.b.c",
    }
    for code, token in wrong.items():
        assert refusal(bootstrapped.entra_token("deploy", token)) == code
    with PipelineIssuer(bootstrapped.clouds.entra.key_file) as another:
        forged = another.token(DEPLOY, ENTRA, iss=issuer.url)
        assert refusal(bootstrapped.entra_token("deploy", forged)) == "AADSTS700027"


def test_aws_refuses_every_other_token(bootstrapped: Bootstrapped) -> None:
    issuer = bootstrapped.issuer
    wrong = [
        *(issuer.token(subject, AWS) for subject in (*OF_OTHERS, PLAN)),
        issuer.token(DEPLOY, ENTRA),
        issuer.token(DEPLOY, AWS, iss="https://token.actions.githubusercontent.com"),
        issuer.token(DEPLOY, AWS, exp=1),
        issuer.token(DEPLOY, AWS)[:-8] + "AAAAAAAA",
    ]
    for token in wrong:
        with pytest.raises(ClientError, match=r"AccessDenied|InvalidIdentityToken|ExpiredToken"):
            bootstrapped.aws_credentials("deploy", token)


def test_the_pipeline_deploys_plans_and_destroys_with_nothing_else(
    bootstrapped: Bootstrapped, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = bootstrapped.environment
    bootstrapped.as_job("deploy", DEPLOY)
    environment.deploy()
    s3 = bootstrapped.clouds.aws.s3(bootstrapped.clouds.region)
    keys = [stored["Key"] for stored in s3.list_objects_v2(Bucket=BUCKET)["Contents"]]
    assert keys == [f"entra-cognito/{STACK}.tfstate"]

    # Whoever may plan reads everything, and changes nothing.
    bootstrapped.as_job("plan", PLAN)
    renamed = '[clients.spa]\nname = "renamed"'
    environment.edit({"[clients.spa]": renamed})
    environment.synthesize()
    environment.terraform("plan")
    with monkeypatch.context() as variables:
        for name, value in environment.project.environment.items():
            variables.setenv(name, value)
        variables.delenv("ARM_CLIENT_SECRET", raising=False)
        outputs = environment.parsed_outputs()
        clouds = environment.clouds
        report = verify(STACK, outputs, domain_url=clouds.aws.domain_url, project=environment.project.folder)
        assert [one for one in report.checks if one.not_checked] == []
        assert adopt(["sandbox", "--project", str(environment.project.folder)]) == 0
    with pytest.raises(SandboxError, match="AccessDenied"):
        environment.terraform("apply", "-auto-approve")
    environment.edit({renamed: "[clients.spa]"})

    bootstrapped.as_job("deploy", DEPLOY)
    environment.destroy()


def test_a_second_environment_shares_the_bucket_and_the_issuer(bootstrapped: Bootstrapped) -> None:
    of_second = f"{REPOSITORY}:environment:second"
    settings = with_edits(
        bootstrapped.settings,
        {
            DEPLOY: of_second,
            "[bootstrap]\n": "[bootstrap]\nexisting_bucket = true\n",
            'domain_prefix = "': 'domain_prefix = "second-',
        },
    )
    file = bootstrapped.project.folder / "environments" / "second.toml"
    project = copy.copy(bootstrapped.project)
    project.stack = "second-bootstrap"
    second = Bootstrapped(bootstrapped.clouds, project, bootstrapped.issuer, bootstrapped.environment)
    before = bootstrapped.clouds.holdings()
    try:
        # An account has one identity provider for an issuer.
        file.write_text(settings)
        with pytest.raises(SandboxError, match="EntityAlreadyExists"):
            second.deploy()
        file.write_text(
            settings.replace(
                "[bootstrap.pipeline]\n", "[bootstrap.pipeline]\nexisting_oidc_provider = true\n"
            )
        )
        second.deploy()
        assert second.plan().changes == {}
        # Neither stack lets in the other's jobs, and the bucket keeps their states apart.
        refused = "AccessDenied"
        with pytest.raises(ClientError, match=refused):
            second.aws_credentials("deploy", second.issuer.token(DEPLOY, AWS))
        with pytest.raises(ClientError, match=refused):
            bootstrapped.aws_credentials("deploy", second.issuer.token(of_second, AWS))
        given = second.aws_credentials("deploy", second.issuer.token(of_second, AWS))
        s3 = boto3.client(
            "s3",
            region_name=second.clouds.region,
            endpoint_url=second.clouds.aws.url,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )
        s3.put_object(Bucket=BUCKET, Key="entra-cognito/second.tfstate", Body=b"{}")
        with pytest.raises(ClientError, match=refused):
            s3.get_object(Bucket=BUCKET, Key=f"entra-cognito/{STACK}.tfstate")
    finally:
        second.destroy()
        file.unlink()
    # What both share stays.
    assert bootstrapped.clouds.holdings() == before
    assert bootstrapped.plan().changes == {}


def test_a_key_of_its_own_encrypts_the_state(bootstrapped: Bootstrapped) -> None:
    bootstrapped.edit({"[bootstrap]\n": "[bootstrap]\nencryption_key = true\n"})
    bootstrapped.deploy()
    key = bootstrapped.output("state_kms_key_id")
    bootstrapped.edit({"[state]\n": f'[state]\nkms_key_id = "{key}"\n'})
    bootstrapped.deploy()
    s3: Any = bootstrapped.clouds.aws.s3(bootstrapped.clouds.region)
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    bootstrapped.as_job("deploy", DEPLOY)
    environment = bootstrapped.environment
    # Its backend is another one now, which Terraform has to open anew.
    environment.synthesize()
    environment.terraform("init", "-reconfigure")
    environment.deploy()
    state = s3.head_object(Bucket=BUCKET, Key=f"entra-cognito/{STACK}.tfstate")
    assert (state["ServerSideEncryption"], state["SSEKMSKeyId"]) == ("aws:kms", key)
    environment.destroy()
    bootstrapped.edit({f'kms_key_id = "{key}"\n': "", "encryption_key = true\n": ""})
    empty_bucket(bootstrapped.clouds, BUCKET)
    bootstrapped.deploy()


def test_its_own_state_moves_into_the_bucket_and_back(bootstrapped: Bootstrapped) -> None:
    recorded = bootstrapped.project.terraform("state", "list").text
    for edit in (
        {"[bootstrap]\n": "[bootstrap]\nkeep_own_state_in_bucket = true\n"},
        {"keep_own_state_in_bucket = true\n": ""},
    ):
        bootstrapped.edit(edit)
        bootstrapped.synthesize()
        bootstrapped.terraform("init", "-migrate-state", "-force-copy")
        assert bootstrapped.project.terraform("state", "list").text == recorded
        assert bootstrapped.plan().changes == {}
