"""The secret is rotated while people sign in without pause; then the rotation is killed at every step.

`pytest -s tests/e2e/test_rotation.py` prints the figures.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.errors import SandboxError
from sandbox.local_clouds import LocalClouds
from sandbox.project import STACK, missing_tools
from tests.e2e.interruptions import Moments, graph_calls_pass
from tests.e2e.rotating import DISPLAY_NAME, Rotating, deployed

# Every moment of a rotation after it has begun at which something outside is about to change, or just has.
STEPS = (
    "after addPassword",
    "before UpdateIdentityProvider",
    "after UpdateIdentityProvider",
    "before removePassword",
    "after removePassword",
)
SETTLE_SECONDS = 2
BUCKET = "contoso-terraform"


@pytest.fixture(scope="module", autouse=True)
def moments() -> Iterator[Moments]:
    """The calls for secrets pass by at every Entra ID that is started from now on."""
    passing = Moments()
    with graph_calls_pass(passing):
        yield passing


@pytest.fixture(scope="module")
def rotating(local_clouds: LocalClouds, moments: Moments) -> Iterator[Rotating]:
    """A project that has its first secret."""
    with deployed(local_clouds, moments) as project:
        yield project


def test_nobody_notices_a_rotation(rotating: Rotating) -> None:
    rotating.set(generation=2, settle_seconds=SETTLE_SECONDS)
    with rotating.unnoticed("A rotation"):
        rotating.project.deploy()
    assert rotating.moments.names == [
        "before addPassword",
        "after addPassword",
        "before UpdateIdentityProvider",
        "after UpdateIdentityProvider",
    ]
    made, given = map(rotating.moments.when, ("after addPassword", "before UpdateIdentityProvider"))
    assert given - made >= SETTLE_SECONDS
    rotating.values.append(rotating.in_cognito())


def test_a_cognito_that_has_not_heard_of_the_new_secret_yet_signs_people_in(rotating: Rotating) -> None:
    first, second = rotating.values
    assert first != second
    assert rotating.accepts(second)
    assert rotating.accepts(first)
    assert rotating.names() == [f"{DISPLAY_NAME} 1", f"{DISPLAY_NAME} 2"]
    assert rotating.foreign() == []


def test_nobody_notices_a_rotation_that_is_killed_at_every_step(rotating: Rotating) -> None:
    rotating.set(generation=3, settle_seconds=0)
    first, second = rotating.values
    with rotating.unnoticed(f"A rotation killed {len(STEPS)} times"):
        for step in STEPS:
            with rotating.moments.deadly(step), pytest.raises(SandboxError):
                rotating.project.deploy()
            assert rotating.accepts(rotating.in_cognito()), step
            assert rotating.accepts(second), step
        rotating.project.deploy()
    rotating.values.append(rotating.in_cognito())
    assert rotating.values[-1] not in {first, second}
    assert not rotating.accepts(first)


def test_of_a_killed_rotation_at_most_a_secret_stays_that_nobody_knows(rotating: Rotating) -> None:
    """Killed between Graph's answer and the state: Entra ID has it, and its value is lost with the deploy."""
    (lost,) = rotating.foreign()
    assert lost.display_name == f"{DISPLAY_NAME} 3"
    assert not lost.matches(rotating.in_cognito())
    assert rotating.names() == [f"{DISPLAY_NAME} 2", f"{DISPLAY_NAME} 3", f"{DISPLAY_NAME} 3"]
    secrets = rotating.outputs["client_secrets"]
    assert {role: secret["generation"] for role, secret in secrets.items()} == {"in_use": 3, "previous": 2}
    # As an administrator does in the Entra admin center.
    rotating.application.secrets.remove(lost)
    assert rotating.project.diff() == {}


def test_a_date_that_passes_rotates_and_a_leaked_secret_can_be_dropped(rotating: Rotating) -> None:
    rotating.moments.passed.clear()
    last_week = (datetime.now(UTC) - timedelta(days=8)).date()
    rotating.set(
        generation=3, settle_seconds=0, keep_previous=False, rotate_every_days=7, rotates_from=last_week
    )
    with rotating.unnoticed("A rotation by date that keeps no secret"):
        rotating.project.deploy()
    assert rotating.names() == [f"{DISPLAY_NAME} 4"]
    # The two before go when Cognito has the new one, not a moment earlier.
    assert rotating.moments.names[2:4] == ["before UpdateIdentityProvider", "after UpdateIdentityProvider"]
    assert rotating.moments.names.count("after removePassword") == 2
    assert rotating.outputs["next_rotation"] == (last_week + timedelta(days=14)).isoformat()
    assert not any(rotating.accepts(value) for value in rotating.values)


def test_no_secret_was_printed(rotating: Rotating) -> None:
    printed = "\n".join(rotating.printed)
    assert len(printed) > 1000
    assert [value for value in rotating.values if value in printed] == []


def test_shared_state_that_has_heard_of_nothing_ends_no_sign_in(moments: Moments) -> None:
    """Killed at the worst moment: Cognito has a secret that no state knows, for Terraform had no time."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    with LocalClouds(stand_in=True) as clouds:
        bucket = clouds.aws.s3(clouds.region)
        bucket.create_bucket(Bucket=BUCKET)
        with deployed(clouds, moments, f'\n[state]\nbucket = "{BUCKET}"\n') as rotating:
            rotating.set(generation=2, settle_seconds=0)
            with rotating.unnoticed("A rotation killed with its state in S3"):
                with moments.deadly("after UpdateIdentityProvider"), pytest.raises(SandboxError):
                    rotating.project.deploy()
                unwritten = rotating.in_cognito()
                with pytest.raises(SandboxError, match="Error acquiring the state lock"):
                    rotating.project.deploy()
                lock = bucket.get_object(Bucket=BUCKET, Key=f"entra-cognito/{STACK}.tfstate.tflock")
                held = json.loads(lock["Body"].read())["ID"]
                rotating.project.terraform("force-unlock", "-force", held)
                rotating.project.deploy()
            assert rotating.in_cognito() not in {unwritten, *rotating.values}
            assert rotating.accepts(unwritten)
            (lost,) = rotating.foreign()
            assert lost.display_name == f"{DISPLAY_NAME} 2"
            assert lost.matches(unwritten)
