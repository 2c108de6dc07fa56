"""A team's way by the pipeline that `pipenv run pipeline github` writes, run as the file has it."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from operate.pipeline.__main__ import main as pipeline
from sandbox.pipeline_issuer import PipelineIssuer
from sandbox.project import STACK
from tests.e2e.deployment import Deployment, in_environment, local_clouds
from tests.e2e.workflow import Job, Workflow

BUCKET = "contoso-terraform-state"
REPOSITORY = "repo:contoso@123456/signin@456789"
DAILY, WEEKLY = "17 5 * * *", "47 5 * * 1"
SETTINGS = """
[state]
bucket = "{bucket}"

[bootstrap]
prevent_destroy = false

[bootstrap.pipeline]
issuer = "{issuer}"
deploy_subjects = ["{repository}:environment:{stack}"]
plan_subjects = ["{repository}:pull_request", "{repository}:ref:refs/heads/main"]
"""
OURS: dict[str, Any] = {
    "head": {"repo": {"full_name": "contoso/signin"}},
    "user": {"login": "ada"},
    "number": 1,
}
ROTATES = "\n[entra.secret]\nrotate_every_days = 90\nrotates_from = {}\n"


@dataclass
class Team:
    """A team's repository, with both stacks and the workflow."""

    bootstrap: Deployment
    environment: Deployment
    workflow: Workflow

    def proposed(self, **changes: Any) -> dict[str, Job]:
        """What comes of a pull request."""
        return self.workflow.run("pull_request", pull_request=OURS | changes)

    def secrets(self) -> int:
        """How many secrets the registration has."""
        (application,) = [
            one
            for one in self.environment.clouds.entra.directory.applications.values()
            if one.display_name == f"{STACK} sign-in"
        ]
        return len(application.secrets)

    def objects(self) -> list[str]:
        """What is in the bucket."""
        bucket: Any = self.environment.clouds.aws.s3(self.environment.clouds.region)
        return sorted(one["Key"] for one in bucket.list_objects_v2(Bucket=BUCKET).get("Contents", []))

    def empty_bucket(self) -> None:
        """What an administrator does before the end: every version goes."""
        bucket: Any = self.environment.clouds.aws.s3(self.environment.clouds.region)
        versions = bucket.list_object_versions(Bucket=BUCKET)
        for one in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            bucket.delete_object(Bucket=BUCKET, Key=one["Key"], VersionId=one["VersionId"])


def results(jobs: dict[str, Job]) -> dict[str, str]:
    """The jobs that ran, and their results."""
    return {name: job.result for name, job in jobs.items() if job.result != "skipped"}


def printed(jobs: dict[str, Job]) -> str:
    """All that the jobs printed."""
    return "\n".join(f"{name}: {job.printed}" for name, job in jobs.items())


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    with local_clouds(plugins_stay_up=False) as clouds, PipelineIssuer(clouds.entra.key_file) as issuer:
        before = clouds.holdings()
        project = clouds.project()
        second = copy.copy(project)
        second.stack = f"{STACK}-bootstrap"
        bootstrap, environment = Deployment(clouds, second), Deployment(clouds, project)
        environment.settings += SETTINGS.format(
            bucket=BUCKET, issuer=issuer.url, repository=REPOSITORY, stack=STACK
        )
        bootstrap.deploy()
        with in_environment(clouds):
            assert pipeline(["github", STACK, "--project", str(project.folder)]) == 0
        file = project.folder / ".github" / "workflows" / f"sign-in-{STACK}.yml"
        workflow = Workflow(file, environment, issuer, REPOSITORY, clouds.folder / "github")
        yield Team(bootstrap, environment, workflow)
        environment.destroy()
        empty = Team(bootstrap, environment, workflow)
        empty.empty_bucket()
        bootstrap.destroy()
        assert clouds.holdings() == before


@pytest.mark.exhaustive
def test_the_whole_way(team: Team) -> None:
    clouds = team.environment.clouds
    bootstrapped = clouds.holdings()

    # The first pull request: judged, with one comment that is kept up to date.
    for count in (1, 2):
        jobs = team.proposed()
        assert results(jobs) == {"plan": "success", "comment": "success"}, printed(jobs)
        (comment,) = team.workflow.comments
        assert comment["body"].startswith(f"## Sign-in guard: `{STACK}`\n"), count
    assert "provider-made" in comment["body"]
    assert clouds.holdings() == bootstrapped

    # A fork's gets nothing.
    assert results(team.proposed(head={"repo": {"full_name": "mallory/signin"}})) == {}

    # Merged and approved: deployed, and verified.
    jobs = team.workflow.run("push")
    ran = {"plan": "success", "deploy": "success", "verify": "success", "report": "success"}
    assert results(jobs) == ran, printed(jobs)
    assert jobs["plan"].outputs["plan"] in comment["body"]
    assert jobs["verify"].outputs["status"] == "0", jobs["verify"].printed
    assert team.workflow.issues == []
    assert team.objects() == [f"entra-cognito/{STACK}.tfstate"]

    # Nothing to do: nobody is asked to approve it.
    assert results(jobs := team.workflow.run("push")) == {"plan": "success"}, printed(jobs)

    # A change by hand is reported the next day, once.
    team.environment.synthesize()
    pool_id = team.environment.output("user_pool_id")
    provider = team.environment.identity_provider()
    details = dict(provider["ProviderDetails"])
    wrong = details | {"token_url": details["token_url"].replace(clouds.entra.tenant_id, "common")}

    def by_hand(details: dict[str, str]) -> None:
        team.environment.cognito.update_identity_provider(
            UserPoolId=pool_id, ProviderName="entra", ProviderDetails=details
        )

    by_hand(wrong)
    for _ in range(2):
        jobs = team.workflow.run("schedule", schedule=DAILY)
        assert results(jobs) == {"verify": "success", "report": "success"}, printed(jobs)
        (issue,) = team.workflow.issues
        assert issue["open"]
    assert "token_url" in issue["body"]

    # What changes between the review and the deploy stops the deploy.
    began = team.secrets()
    jobs = team.workflow.run("schedule", schedule=WEEKLY, before={"deploy": lambda: by_hand(details)})
    assert results(jobs) == {"plan": "success", "deploy": "failure"}, printed(jobs)
    assert "not the plan that was reviewed" in jobs["deploy"].printed

    # A rotation by date: the schedule deploys it, and the issue closes.
    due = datetime.now(UTC).date() - timedelta(days=90)
    team.environment.settings += ROTATES.format(due)
    jobs = team.workflow.run("schedule", schedule=WEEKLY)
    assert results(jobs) == ran, printed(jobs)
    assert team.secrets() == began + 1
    (issue,) = team.workflow.issues
    assert not issue["open"]

    # No secret in what a pipeline shows.
    secret = team.environment.identity_provider()["ProviderDetails"]["client_secret"]
    shown = printed(jobs) + str(team.workflow.comments) + str(team.workflow.issues)
    assert secret not in shown
    assert provider["ProviderDetails"]["client_secret"] not in shown
