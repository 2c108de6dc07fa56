"""The secret is rotated while people sign in without pause; then the rotation is killed at every step.

`pytest -s tests/e2e/test_rotation.py` prints the figures.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.errors import SandboxError
from tests.e2e import rotating as deployments
from tests.e2e.rotating import DISPLAY_NAME, Rotating

# Every moment of a rotation after it has begun at which something outside is about to change, or just has.
STEPS = (
    "after addPassword",
    "before UpdateIdentityProvider",
    "after UpdateIdentityProvider",
    "before removePassword",
    "after removePassword",
)
SETTLE_SECONDS = 2


@pytest.fixture(scope="module")
def rotating(stand_in: bool) -> Iterator[Rotating]:  # noqa: FBT001 - a fixture is named, not passed
    """A stack that has its first secret."""
    with deployments.rotating(stand_in=stand_in) as deployment:
        yield deployment


def test_nobody_notices_a_rotation(rotating: Rotating) -> None:
    rotating.set(generation=2, settle_seconds=SETTLE_SECONDS)
    with rotating.unnoticed("A rotation"):
        rotating.rotate()
    assert rotating.calls.names == [
        "before addPassword",
        "after addPassword",
        "before UpdateIdentityProvider",
        "after UpdateIdentityProvider",
    ]
    made, given = map(rotating.calls.when, ("after addPassword", "before UpdateIdentityProvider"))
    assert given - made >= SETTLE_SECONDS
    rotating.values.append(rotating.in_cognito())


def test_a_cognito_that_has_not_heard_of_the_new_secret_yet_signs_people_in(rotating: Rotating) -> None:
    first, second = rotating.values
    assert first != second
    assert rotating.accepts(second)
    assert rotating.accepts(first)
    assert rotating.names() == [f"{DISPLAY_NAME} 1", f"{DISPLAY_NAME} 2"]
    assert rotating.unknown() == []


@pytest.mark.exhaustive
def test_nobody_notices_a_rotation_that_is_killed_at_every_step(rotating: Rotating) -> None:
    rotating.set(generation=3, settle_seconds=0)
    first, second = rotating.values
    with rotating.unnoticed(f"A rotation killed {len(STEPS)} times"):
        for step in STEPS:
            with rotating.calls.kill_at(step), pytest.raises(SandboxError):
                rotating.rotate()
            assert rotating.accepts(rotating.in_cognito()), step
            assert rotating.accepts(second), step
        rotating.rotate()
    rotating.values.append(rotating.in_cognito())
    assert rotating.values[-1] not in {first, second}
    assert not rotating.accepts(first)


@pytest.mark.exhaustive
def test_of_a_killed_rotation_at_most_a_secret_stays_that_nobody_knows(rotating: Rotating) -> None:
    """Killed between Graph's answer and the state: Entra ID has it, and its value is lost with the deploy."""
    (lost,) = rotating.unknown()
    assert lost.display_name == f"{DISPLAY_NAME} 3"
    assert not lost.matches(rotating.in_cognito())
    assert rotating.names() == [f"{DISPLAY_NAME} 2", f"{DISPLAY_NAME} 3", f"{DISPLAY_NAME} 3"]
    secrets = rotating.output("client_secrets")
    assert {role: secret["generation"] for role, secret in secrets.items()} == {"in_use": 3, "previous": 2}
    # As an administrator does in the Entra admin center.
    rotating.application.secrets.remove(lost)
    assert rotating.plan().changes == {}


def test_a_date_that_passes_rotates_and_a_leaked_secret_can_be_dropped(rotating: Rotating) -> None:
    rotating.calls.passed.clear()
    last_week = (datetime.now(UTC) - timedelta(days=8)).date()
    rotating.set(
        generation=3, settle_seconds=0, keep_previous=False, rotate_every_days=7, rotates_from=last_week
    )
    with rotating.unnoticed("A rotation by date that keeps no secret"):
        rotating.rotate()
    assert rotating.names() == [f"{DISPLAY_NAME} 4"]
    # The two before go when Cognito has the new one, not a moment earlier.
    assert rotating.calls.names[2:4] == ["before UpdateIdentityProvider", "after UpdateIdentityProvider"]
    assert rotating.calls.names.count("after removePassword") == 2
    assert rotating.output("next_rotation") == (last_week + timedelta(days=14)).isoformat()
    assert not any(rotating.accepts(value) for value in rotating.values)


def test_no_secret_was_printed(rotating: Rotating) -> None:
    printed = "\n".join(rotating.printed)
    assert len(printed) > 1000
    assert [value for value in rotating.values if value in printed] == []
