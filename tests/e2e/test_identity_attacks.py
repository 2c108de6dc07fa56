"""Nobody arrives as somebody else: every attack of docs/security.md, on one deployment."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.e2e.identity_attacks import ATTACKS, Attack, Attacked, StoppedError, attacked, forged

PAGE = Path(__file__).parents[2] / "docs" / "security.md"


@pytest.fixture(scope="module")
def deployed() -> Iterator[Attacked]:
    """One environment for all attacks."""
    with attacked() as world:
        yield world


def _run(world: Attacked, attack: Attack) -> str:
    """What has stopped an attack."""
    world.forget_everybody()
    try:
        attack.run(world)
    except (ClientError, StoppedError) as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nobody_arrives_as_somebody_else(deployed: Attacked, attack: Attack) -> None:
    stopped = _run(deployed, attack)
    assert attack.stopped in stopped
    assert bool(attack.stopped) == bool(stopped)
    assert deployed.received or attack.stopped
    assert forged(deployed.received) == []


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.before], ids=lambda attack: attack.name
)
def test_what_the_settings_refuse_now_let_somebody_arrive_as_somebody_else(
    deployed: Attacked, attack: Attack
) -> None:
    with deployed.web_as_before():
        assert _run(deployed, attack) == ""
        assert forged(deployed.received)


def test_the_page_names_every_attack() -> None:
    page = PAGE.read_text("utf-8")
    section = page[page.index("### The attacks") : page.index("## Open doors")]
    assert f"{len(ATTACKS)} attacks, each" in section
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    assert sorted(re.findall("`([^`]+)`", " ".join(rows))) == sorted(attack.name for attack in ATTACKS)
