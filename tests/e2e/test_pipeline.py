"""A team's way by the pipelines that `pipenv run pipeline` writes, each run as its file has it.

One deployed second stack serves them all: it names the subjects of every system.
"""

import copy
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from operate.pipeline.__main__ import main as pipeline
from sandbox.pipeline_issuer import PipelineIssuer
from sandbox.project import STACK
from tests.e2e import azure_devops as azure
from tests.e2e import gitlab
from tests.e2e.atlantis import SUBJECT as ATLANTIS
from tests.e2e.atlantis import Atlantis
from tests.e2e.azure_pipelines import Pipeline as AzurePipeline
from tests.e2e.deployment import Deployment, empty_bucket, in_environment, local_clouds
from tests.e2e.pipeline_jobs import Job
from tests.e2e.workflow import Workflow

BUCKET = "contoso-terraform-state"
GITHUB = "repo:contoso@123456/signin@456789"
GITLAB = f"project_path:{gitlab.PROJECT}:ref_type:branch"
# Of every system, at the one issuer here.
DEPLOY_SUBJECTS = [
    f"{GITHUB}:environment:{STACK}",
    f"{GITLAB}:ref_protected:true:environment_protected:true:deployment_tier:production",
    f"{azure.SUBJECT}/{azure.DEPLOY}",
    ATLANTIS,
]
PLAN_SUBJECTS = [
    *(f"{GITHUB}:pull_request", f"{GITHUB}:ref:refs/heads/main"),
    *(f"{GITLAB}:ref_protected:false", f"{GITLAB}:ref_protected:true"),
    f"{azure.SUBJECT}/{azure.PLAN}",
    ATLANTIS,
]
DAILY, WEEKLY = "17 5 * * *", "47 5 * * 1"
SETTINGS = """
[state]
bucket = "{bucket}"

[bootstrap]
prevent_destroy = false

[bootstrap.pipeline]
issuer = "{issuer}"
deploy_subjects = {deploy_subjects}
plan_subjects = {plan_subjects}
aws_audience = "{aws_audience}"
"""
ROTATES = "\n[entra.secret]\nrotate_every_days = 90\nrotates_from = {}\n"


@dataclass
class Team:
    """A team's repository, with both stacks.

    Attributes:
        issuer: of the tokens of its pipelines.
    """

    bootstrap: Deployment
    environment: Deployment
    issuer: PipelineIssuer

    def write_pipeline(self, system: str) -> None:
        """Have the command write the pipeline's file."""
        project = self.environment.project.folder
        with in_environment(self.environment.clouds):
            assert pipeline([system, STACK, "--project", str(project)]) == 0

    def secrets(self) -> int:
        """How many secrets the registration has."""
        (application,) = [
            one
            for one in self.environment.clouds.entra.directory.applications.values()
            if one.display_name == f"{STACK} sign-in"
        ]
        return len(application.secrets)

    def identity_provider(self) -> tuple[dict[str, str], Callable[[dict[str, str]], None]]:
        """What Cognito knows of Entra ID, and a function that changes it by hand."""
        self.environment.synthesize()
        pool_id = self.environment.output("user_pool_id")

        def by_hand(details: dict[str, str]) -> None:
            self.environment.cognito.update_identity_provider(
                UserPoolId=pool_id, ProviderName="entra", ProviderDetails=details
            )

        return dict(self.environment.identity_provider()["ProviderDetails"]), by_hand

    def client_secrets(self, former: dict[str, str]) -> list[str]:
        """The secret that Cognito had, and the one that it has now."""
        return [details["client_secret"] for details in (former, self.identity_provider()[0])]

    def make_rotation_due(self) -> None:
        """Have the secret rotate every 90 days, and today."""
        self.environment.settings += ROTATES.format(datetime.now(UTC).date() - timedelta(days=90))

    def roles_for(self, subject: str) -> list[str]:
        """Which of the roles AWS gives to a job."""
        clouds = self.environment.clouds
        sts: Any = boto3.client("sts", region_name=clouds.region, endpoint_url=clouds.aws.url)
        given = []
        for job, trusted in self.bootstrap.output("pipeline").items():
            with suppress(ClientError):
                sts.assume_role_with_web_identity(
                    RoleArn=trusted["aws_role_arn"],
                    RoleSessionName="job",
                    WebIdentityToken=self.issuer.token(subject, azure.AZURE_DEVOPS),
                )
                given.append(job)
        return given

    def objects(self) -> list[str]:
        """What is in the bucket."""
        bucket: Any = self.environment.clouds.aws.s3(self.environment.clouds.region)
        return sorted(one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", []))


def results(jobs: dict[str, Job]) -> dict[str, str]:
    """The jobs that ran, and their results."""
    return {name: job.result for name, job in jobs.items() if job.result != "skipped"}


def printed(jobs: dict[str, Job]) -> str:
    """All that the jobs printed."""
    return "\n".join(f"{name}: {job.printed}" for name, job in jobs.items())


@pytest.fixture(scope="module")
def bootstrapped() -> Iterator[Team]:
    """The second stack is deployed; nothing is left in the end."""
    with local_clouds(plugins_stay_up=False) as clouds, PipelineIssuer(clouds.entra.key_file) as issuer:
        before = clouds.holdings()
        project = clouds.project()
        second = copy.copy(project)
        second.stack = f"{STACK}-bootstrap"
        team = Team(Deployment(clouds, second), Deployment(clouds, project), issuer)
        team.environment.settings += SETTINGS.format(
            bucket=BUCKET,
            issuer=issuer.url,
            deploy_subjects=json.dumps(DEPLOY_SUBJECTS),
            plan_subjects=json.dumps(PLAN_SUBJECTS),
            # The one that is not for a pipeline to choose.
            aws_audience=azure.AZURE_DEVOPS,
        )
        team.bootstrap.deploy()
        yield team
        empty_bucket(clouds, BUCKET)
        team.bootstrap.destroy()
        assert clouds.holdings() == before


@pytest.fixture
def team(bootstrapped: Team) -> Iterator[Team]:
    """A team whose environment is not deployed yet."""
    settings = bootstrapped.environment.settings
    yield bootstrapped
    bootstrapped.environment.destroy()
    empty_bucket(bootstrapped.environment.clouds, BUCKET)
    bootstrapped.environment.settings = settings


@pytest.mark.exhaustive
def test_the_whole_way_at_github(team: Team) -> None:
    clouds = team.environment.clouds
    team.write_pipeline("github")
    file = team.environment.project.folder / ".github" / "workflows" / f"sign-in-{STACK}.yml"
    workflow = Workflow(file, team.environment, team.issuer, GITHUB, clouds.folder / "github")
    ours: dict[str, Any] = {
        "head": {"repo": {"full_name": "contoso/signin"}},
        "user": {"login": "ada"},
        "number": 1,
    }

    def proposed(**changes: Any) -> dict[str, Job]:
        return workflow.run("pull_request", pull_request=ours | changes)

    bootstrapped = clouds.holdings()

    # The first pull request: judged, with one comment that is kept up to date.
    for count in (1, 2):
        jobs = proposed()
        assert results(jobs) == {"plan": "success", "comment": "success"}, printed(jobs)
        (comment,) = workflow.comments
        assert comment["body"].startswith(f"## Sign-in guard: `{STACK}`\n"), count
    assert "provider-made" in comment["body"]
    assert clouds.holdings() == bootstrapped

    # A fork's gets nothing.
    assert results(proposed(head={"repo": {"full_name": "mallory/signin"}})) == {}

    # Merged and approved: deployed, and verified.
    jobs = workflow.run("push")
    ran = {"plan": "success", "deploy": "success", "verify": "success", "report": "success"}
    assert results(jobs) == ran, printed(jobs)
    assert jobs["plan"].outputs["plan"] in comment["body"]
    assert jobs["verify"].outputs["status"] == "0", jobs["verify"].printed
    assert workflow.issues == []
    assert team.objects() == [f"entra-cognito/{STACK}.tfstate"]

    # Nothing to do: nobody is asked to approve it.
    assert results(jobs := workflow.run("push")) == {"plan": "success"}, printed(jobs)

    # A change by hand is reported the next day, once.
    details, by_hand = team.identity_provider()
    wrong = details | {"token_url": details["token_url"].replace(clouds.entra.tenant_id, "common")}

    by_hand(wrong)
    for _ in range(2):
        jobs = workflow.run("schedule", schedule=DAILY)
        assert results(jobs) == {"verify": "success", "report": "success"}, printed(jobs)
        (issue,) = workflow.issues
        assert issue["open"]
    assert "token_url" in issue["body"]

    # What changes between the review and the deploy stops the deploy.
    began = team.secrets()
    jobs = workflow.run("schedule", schedule=WEEKLY, before={"deploy": lambda: by_hand(details)})
    assert results(jobs) == {"plan": "success", "deploy": "failure"}, printed(jobs)
    assert "not the plan that was reviewed" in jobs["deploy"].printed

    # A rotation by date: the schedule deploys it, and the issue closes.
    team.make_rotation_due()
    jobs = workflow.run("schedule", schedule=WEEKLY)
    assert results(jobs) == ran, printed(jobs)
    assert team.secrets() == began + 1
    (issue,) = workflow.issues
    assert not issue["open"]

    # No secret in what a pipeline shows.
    shown = printed(jobs) + str(workflow.comments) + str(workflow.issues)
    for secret in team.client_secrets(details):
        assert secret not in shown


@pytest.mark.exhaustive
def test_the_whole_way_at_gitlab(team: Team) -> None:
    clouds = team.environment.clouds
    bootstrapped = clouds.holdings()
    team.write_pipeline("gitlab")
    file = team.environment.project.folder / ".gitlab" / f"sign-in-{STACK}.yml"
    plan, deploy, verify = (f"sign-in-{STACK}-{job}" for job in ("plan", "deploy", "verify"))

    def pipeline_of(variables: dict[str, str]) -> gitlab.Pipeline:
        return gitlab.Pipeline(file, team.environment, team.issuer, variables)

    # A merge request: judged, and it shows what the guard says.
    run = pipeline_of(gitlab.MERGE_REQUEST)
    assert results(run.jobs) == {plan: "success"}, run.printed
    shown = run.exposed[f"Sign-in guard {STACK}"]
    assert shown.startswith(f"## Sign-in guard: `{STACK}`\n")
    assert "provider-made" in shown
    assert clouds.holdings() == bootstrapped

    # A fork gets nothing: neither there, nor when a member runs its pipeline here.
    fork = {"CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": "mallory/signin"}
    for here in ({}, {"CI_PROJECT_PATH": "mallory/signin"}):
        assert pipeline_of(gitlab.MERGE_REQUEST | fork | here).jobs == {}
    assert pipeline_of(gitlab.PUSH | {"CI_PROJECT_PATH": "mallory/signin"}).jobs == {}

    # Merged: nothing happens before the approval.
    run = pipeline_of(gitlab.PUSH)
    assert results(run.jobs) == {plan: "success", deploy: "manual"}, run.printed
    assert clouds.holdings() == bootstrapped
    run.approve(deploy)
    assert results(run.jobs) == dict.fromkeys((plan, deploy, verify), "success"), run.printed
    assert team.objects() == [f"entra-cognito/{STACK}.tfstate"]

    # Nothing to do: an approval does nothing.
    began = team.secrets()
    details, by_hand = team.identity_provider()
    run = pipeline_of(gitlab.PUSH)
    run.approve(deploy)
    assert run.jobs[deploy].printed.endswith("Nothing changes.\n"), run.printed

    # A change by hand: the daily pipeline fails, of which GitLab tells the owner of the schedule.
    wrong = details | {"token_url": details["token_url"].replace(clouds.entra.tenant_id, "common")}
    by_hand(wrong)
    run = pipeline_of(gitlab.scheduled("sign-in verify"))
    assert results(run.jobs) == {verify: "failure"}, run.printed
    assert f"## Sign-in verify: `{STACK}`" in run.printed
    assert "token_url" in run.printed

    # What changes between the review and the deploy stops the deploy.
    run = pipeline_of(gitlab.scheduled("sign-in rotation"))
    by_hand(details)
    run.approve(deploy)
    assert results(run.jobs) == {plan: "success", deploy: "failure"}, run.printed
    assert "not the plan that was reviewed" in run.printed

    # A rotation by date.
    team.make_rotation_due()
    run = pipeline_of(gitlab.scheduled("sign-in rotation"))
    run.approve(deploy)
    assert results(run.jobs) == dict.fromkeys((plan, deploy, verify), "success"), run.printed
    assert team.secrets() == began + 1

    # No secret is in what a pipeline shows.
    for secret in team.client_secrets(details):
        assert secret not in run.printed


@pytest.mark.exhaustive
def test_the_whole_way_at_azure_devops(team: Team) -> None:
    clouds = team.environment.clouds
    bootstrapped = clouds.holdings()
    team.write_pipeline("azure-devops")
    file = team.environment.project.folder / ".azure-pipelines" / f"sign-in-{STACK}.yml"
    with azure.AzureDevOps(team.issuer, clouds.entra.key_file) as devops:
        run = AzurePipeline(file, team.environment, devops, clouds.folder / "azure").run
        heading = f"## Sign-in guard: `{STACK}`\n"

        # The first pull request: judged, with one comment that is kept up to date; nobody else's is touched.
        devops.say("mallory", heading)
        for _ in range(2):
            jobs, shown = run("PullRequest")
            assert results(jobs) == {"plan": "success", "comment": "success"}, printed(jobs)
            forged, comment = (thread["comments"][0]["content"] for thread in devops.threads)
            assert forged == heading
            assert comment.startswith(heading)
            assert shown.approvals == []
        assert "provider-made" in comment
        assert clouds.holdings() == bootstrapped

        # A fork's gets nothing.
        assert results(run("PullRequest", System_PullRequest_IsFork="True")[0]) == {}

        # Merged and approved: deployed, and verified.
        jobs, shown = run("IndividualCI")
        ran = {"plan": "success", "deploy": "success", "verify": "success", "report": "success"}
        assert results(jobs) == ran, printed(jobs)
        assert jobs["plan"].outputs["guard.plan"] in comment
        assert shown.approvals == ["deploy"]
        assert shown.summaries[0] == comment
        assert jobs["verify"].outputs["verify.status"] == "0", shown.summaries
        assert devops.work_items == []
        assert team.objects() == [f"entra-cognito/{STACK}.tfstate"]

        # Nothing to do: nobody is asked to approve it.
        jobs, shown = run("IndividualCI")
        assert results(jobs) == {"plan": "success"}, printed(jobs)
        assert shown.approvals == []

        # A change by hand is reported the next day, once.
        details, by_hand = team.identity_provider()
        by_hand(details | {"token_url": details["token_url"].replace(clouds.entra.tenant_id, "common")})
        for _ in range(2):
            jobs, _ = run("Schedule", Build_CronSchedule_DisplayName="verify")
            assert results(jobs) == {"verify": "success", "report": "success"}, printed(jobs)
            (item,) = devops.work_items
            assert item["System.State"] == "To Do"
        assert "token_url" in item["System.Description"]

        # What changes between the review and the deploy stops the deploy.
        began = team.secrets()
        jobs, _ = run("Schedule", before={"deploy": lambda: by_hand(details)})
        assert results(jobs) == {"plan": "success", "deploy": "failure"}, printed(jobs)
        assert "not the plan that was reviewed" in jobs["deploy"].printed

        # A rotation by date: the schedule deploys it, and the work item is done.
        team.make_rotation_due()
        jobs, shown = run("Schedule", Build_CronSchedule_DisplayName="rotation")
        assert results(jobs) == ran, printed(jobs)
        assert team.secrets() == began + 1
        assert [item["System.State"] for item in devops.work_items] == ["Done"]

        # No secret is in what a pipeline shows.
        public = printed(jobs) + str(devops.threads) + str(devops.work_items) + str(shown.summaries)
        for secret in team.client_secrets(details):
            assert secret not in public


@pytest.mark.exhaustive
def test_the_whole_way_with_atlantis(team: Team) -> None:
    clouds = team.environment.clouds
    bootstrapped = clouds.holdings()
    team.write_pipeline("atlantis")
    project = team.environment.project.folder
    first, second = (
        Atlantis(project, team.environment, team.issuer, clouds.folder / name, azure.AZURE_DEVOPS)
        for name in ("first", "second")
    )

    # Two pull requests: each is judged, and nothing is made.
    for request in (first, second):
        well, comment = request.plan(STACK)
        assert well, comment
        assert "provider-made" in comment
    assert clouds.holdings() == bootstrapped

    # Approved: exactly that is deployed.
    well, shown = first.apply(STACK)
    assert well, shown
    assert team.objects() == [f"entra-cognito/{STACK}.tfstate"]

    # What was planned before that is refused.
    well, stale = second.apply(STACK)
    assert not well
    assert "not the plan that was reviewed" in stale, stale

    # A further commit takes the plan away.
    second.plan_file(STACK).unlink()
    assert second.apply(STACK)[0] is False

    # Nothing to do: an apply does nothing.
    well, comment = second.plan(STACK)
    assert well, comment
    assert second.apply(STACK) == (True, "Nothing changes.\n")
    secret = team.identity_provider()[0]["client_secret"]
    assert secret not in comment + shown + stale


@pytest.mark.exhaustive
@pytest.mark.parametrize(
    ("subject", "may"),
    [
        (f"{GITLAB}:ref_protected:true:environment_protected:true:deployment_tier:production", "deploy"),
        # A job of a branch that anybody may push, which names the environment.
        (f"{GITLAB}:ref_protected:false:environment_protected:true:deployment_tier:production", None),
        (f"{GITLAB}:ref_protected:true:environment_protected:false:deployment_tier:production", None),
        (f"{GITLAB}:ref_protected:true:environment_protected:true:deployment_tier:staging", None),
        (f"{GITLAB}:ref_protected:false", "plan"),
        (f"{GITLAB}:ref_protected:true", "plan"),
        ("project_path:mallory/signin:ref_type:branch:ref_protected:false", None),
        (f"project_path:{gitlab.PROJECT}:ref_type:tag:ref_protected:true", None),
    ],
)
def test_what_a_job_at_gitlab_may(bootstrapped: Team, subject: str, may: str | None) -> None:
    assert bootstrapped.roles_for(subject) == ([may] if may else [])
