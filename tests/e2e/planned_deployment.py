"""An environment for the tests of the guard, planned with every change that has an impact."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from operate.guard import __main__ as guard
from operate.guard.impacts import rules_of
from operate.guard.impacts.impact import ChangeContext
from operate.guard.make_plan import read_plan
from operate.guard.plan import Plan
from operate.guard.report import Report, as_json, as_markdown
from sandbox.local_clouds import LocalClouds
from sandbox.project import STACK
from tests.conftest import EXAMPLES
from tests.e2e.deployment import (
    Deployment,
    Json,
    environment,
    in_environment,
    local_clouds,
    located,
    with_edits,
)

# Something to lose everywhere.
SETTINGS = environment("planned_deployment")


@dataclass
class PlannedDeployment(Deployment):
    """A deployed environment, and all that any plan has led to so far.

    Attributes:
        base: the settings that are deployed.
        found: the ids of every impact so far.
        fired: every rule that led to one.
        forced: every attribute that has forced a replacement, by the type of resource.
        secrets: every secret that the state has held.
    """

    base: str
    found: set[str] = field(default_factory=set)
    fired: set[tuple[str, str, str, str]] = field(default_factory=set)
    forced: set[tuple[str, str]] = field(default_factory=set)
    secrets: set[str] = field(default_factory=set, repr=False)

    def plan_with(
        self,
        *arguments: str,
        edits: dict[str, str] | None = None,
        override: Callable[[Json], None] | None = None,
    ) -> Plan:
        """Plan with changed settings, and with changes to the Terraform JSON that no setting makes."""
        self.settings = with_edits(self.base, edits or {})
        self.synthesize()
        if override is not None:
            document = self.project.stack_folder / "cdk.tf.json"
            resources = json.loads(document.read_text())
            override(resources)
            document.write_text(json.dumps(resources, indent=2))
        file = self.clouds.folder / "saved.plan"
        self.terraform("plan", f"-out={file}", *arguments)
        return read_plan(STACK, self.project.folder, file)

    def judged(self, plan: Plan) -> set[str]:
        """The ids of the impacts of a plan; remembers which rules led to them."""
        federation = guard.has_inbound_federation(plan)
        for change in plan.changes:
            self.forced |= {(change.type, name) for name in change.forced_by}
            for impact, rule in rules_of(change):
                if rule.condition(ChangeContext(change, plan, federation)):
                    self.fired.add((impact.id, rule.resource, rule.kind, rule.attribute))
        report = guard.judge(STACK, plan, inbound_federation=federation)
        _shows_no_secret(self, report)
        ids = {one.impact.id for one in report.occurrences}
        self.found |= ids
        return ids

    @property
    def state(self) -> Path:
        return self.project.folder / f"terraform.{STACK}.tfstate"

    def attribute(self, address: str, name: str) -> str:
        """What an object has in the state."""
        kind, _, resource = address.partition(".")
        for one in json.loads(self.state.read_text())["resources"]:
            if (one["type"], one["name"], one["mode"]) == (kind, resource, "managed"):
                return str(one["instances"][0]["attributes"][name])
        raise AssertionError(address)


def ids(words: str) -> set[str]:
    """Impacts by their ids."""
    return set(words.split())


@contextmanager
def planned_deployment(
    settings: str, prepare: Callable[[LocalClouds], dict[str, str]] = lambda _: {}
) -> Iterator[PlannedDeployment]:
    """An environment that is not deployed yet, in local clouds of its own."""
    with local_clouds() as clouds, in_environment(clouds):
        known = {}
        if "DEPLOYER" in settings:
            deployer = clouds.entra.directory.service_principal_of(
                clouds.entra.environment()["ARM_CLIENT_ID"]
            )
            known["DEPLOYER"] = deployer.id if deployer else ""
        base = with_edits(located(settings, clouds), known | prepare(clouds))
        deployment = PlannedDeployment(clouds, clouds.project(), base)
        deployment.settings = base
        logo = (EXAMPLES / "branding" / "logo.png").read_bytes()
        (deployment.project.folder / "environments" / "logo.png").write_bytes(logo)
        yield deployment


def depose(state: Path, address: str) -> None:
    """What a deploy leaves in the state that was interrupted after making the new one of a resource."""
    document = json.loads(state.read_text())
    kind, _, name = address.partition(".")
    for resource in document["resources"]:
        if (resource["type"], resource["name"]) == (kind, name):
            resource["instances"].append({**resource["instances"][0], "deposed": "00c0ffee"})
    document["serial"] += 1
    state.write_text(json.dumps(document))


def _shows_no_secret(deployment: PlannedDeployment, report: Report) -> None:
    shown = as_markdown(report) + as_json(report) + repr(report)
    # Before the first deploy it is there and empty: its owner's alone from the first byte.
    text = deployment.state.read_text() if deployment.state.is_file() else ""
    for resource in json.loads(text)["resources"] if text else ():
        for instance in resource["instances"]:
            for name in ("value", "client_secret"):
                secret = instance["attributes"].get(name)
                assert not secret or secret not in shown
                deployment.secrets |= {secret} if secret else set()
