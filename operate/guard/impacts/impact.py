"""What a planned change does to people: an impact, and the rules by which it follows from a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from operate.guard.plan import UNKNOWN, Kind, Plan, ResourceChange

POOL = "aws_cognito_user_pool"
PROVIDER = "aws_cognito_identity_provider"
SECRET = "provider_details.client_secret"  # noqa: S105 - where it is, not what it is


class Severity(StrEnum):
    """How bad it is; in the order in which people should read."""

    IRREVERSIBLE = "irreversible"
    OUTAGE = "outage"
    DOOR = "door"
    NOTICE = "notice"


@dataclass(frozen=True)
class ChangeContext:
    """One change and the plan it is part of.

    Attributes:
        inbound_federation: whether the pool has an inbound-federation trigger, which no plan shows; None if
            Cognito could not be asked.
    """

    change: ResourceChange
    plan: Plan
    inbound_federation: bool | None


# Whether a rule applies: a list does if it is not empty, and is shown to people as what is affected.
Condition = Callable[[ChangeContext], list[str] | bool]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The changes of a plan that have an impact.

    Attributes:
        attribute: which attribute has to change, for an update.
        when: the condition in words, for the documentation.
    """

    resource: str
    kind: Kind
    attribute: str
    when: str
    condition: Condition


class Impact(BaseModel):
    """Something that a deploy does to people: a row of one of the TOML files beside this one.

    Attributes:
        id: its name, in `--allow` and in the documentation.
        severity: irreversible if deploying the former settings again does not undo it; outage if people or
            apps are stopped; door if somebody else may come in afterwards, or be taken for somebody;
            notice if it does neither and concerns security.
        people: what happens to them; `{users}` and `{name}` stand for the pool's users and the object's name.
        instead: what to do about it, if anything.
        when: when it happens, as far as that does not follow from the rules.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    severity: Severity
    people: str
    instead: str = ""
    when: str = ""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """An impact of a plan, once for each change that leads to it.

    Attributes:
        address: of the changed resource; empty for the plan as a whole.
        name: the resource's name, which for an app client is its key in the settings.
        details: what is affected, and why; nothing sensitive.
    """

    impact: Impact
    address: str = ""
    name: str = ""
    details: tuple[str, ...] = ()


def from_to(path: str) -> Condition:
    """A value changes; the former and the later one are shown, where they may be."""

    def condition(context: ChangeContext) -> list[str]:
        change = context.change
        if not change.differs(path):
            return []
        before, after = (change.shown(path, {str(value(path))})[0] for value in (change.before, change.after))
        return [f"{before} -> {after}"]

    return condition


def unless(condition: Condition) -> Condition:
    """Another condition does not hold."""
    return lambda context: not condition(context)


def was_deleted(context: ChangeContext) -> bool:
    """Somebody deleted the object outside of Terraform, so that it is made anew."""
    return context.change.address in context.plan.deleted_by_others


def others_stay(context: ChangeContext) -> bool:
    """There are other objects of the type, and some of them stay."""
    change = context.change
    return any(
        one.kind not in {Kind.CREATE, Kind.DELETE, Kind.FORGET}
        for one in context.plan.of_type(change.type)
        if one.address != change.address
    )


def signs_in_already(context: ChangeContext) -> bool:
    """Unless all identity providers are new; a part of a plan may have none."""
    providers = context.plan.of_type(PROVIDER)
    gone = context.plan.deleted_by_others
    return not providers or any(one.kind is not Kind.CREATE or one.address in gone for one in providers)


def gets_another_secret(provider: ResourceChange) -> bool:
    """Whether an identity provider is given another client secret, as far as the plan can tell.

    With a secret that is yet to be made, the provider's whole map of details is unknown; so is it with a
    client id that is yet to be made, but then there is always a new secret too.
    """
    after = provider.after(SECRET)
    return after is UNKNOWN or bool(after != provider.before(SECRET))
