"""The digest of a plan: the same for two plans that make the same changes to the same objects.

It leaves out what differs between two such plans: attributes that do not change, since some change by
themselves, such as a pool's number of users; who plans; and when. Values that are secret are in it, long and
random as they are, and nothing leads back from the digest to them.
"""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Any

from operate.guard.plan import Kind, Plan, ResourceChange

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
HOUR = 3600


def digest(plan: Plan) -> str:
    """The digest; empty where nothing changes."""
    resources = [
        (
            *(one.address, one.deposed, one.before("id"), _values(one)),
            *(one.change.actions, one.change.after_unknown, one.change.importing),
        )
        for one in plan.changes
    ]
    outputs = {
        name: (one.actions, one.after)
        for name, one in plan.output_changes.items()
        if one.actions != ("no-op",)
    }
    if not resources and not outputs:
        return ""
    text = json.dumps([resources, outputs], sort_keys=True)
    # Whoever deploys owns what it creates.
    if planner := _planner(plan):
        text = text.replace(planner, "the deployer")
    if now := plan.timestamp:
        text = TIME.sub(lambda found: _since(now, found[0]), text)
    return hashlib.sha256(text.encode()).hexdigest()


def _values(one: ResourceChange) -> dict[str, Any]:
    """Each attribute that changes, before and after; of an object that is made, all of them."""
    before = {} if one.kind is Kind.REPLACE else one.change.before or {}
    return {
        name: (before.get(name), value)
        for name, value in (one.change.after or {}).items()
        if name not in before or value != before[name]
    }


def _planner(plan: Plan) -> str:
    """The object id, in Entra ID, of the application or person that makes the plan."""
    root = (plan.prior_state or {}).get("values", {}).get("root_module", {})
    return next(
        (
            str(one["values"]["object_id"])
            for one in root.get("resources", ())
            if one["type"] == "azuread_client_config"
        ),
        "",
    )


def _since(now: datetime, time: str) -> str:
    """A time that the plan has reckoned from its own, in hours; any other as it is."""
    seconds = (datetime.fromisoformat(time) - now.astimezone(UTC)).total_seconds()
    return time if seconds % HOUR else f"in {seconds / HOUR:.0f} hours"
