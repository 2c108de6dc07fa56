"""What a planned change does to people: an impact, and the rules by which it follows from a plan."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from operate.guard.plan import UNKNOWN, Kind, Plan, ResourceChange

POOL = "aws_cognito_user_pool"
DOMAIN = "aws_cognito_user_pool_domain"
PROVIDER = "aws_cognito_identity_provider"
CLIENT = "aws_cognito_user_pool_client"
BRANDING = "aws_cognito_managed_login_branding"
API = "aws_cognito_resource_server"
DNS = "aws_route53_record"
FUNCTION = "aws_lambda_function"
FUNCTION_PERMISSION = "aws_lambda_permission"
FUNCTION_ROLE = "aws_iam_role"
FUNCTION_POLICY = "aws_iam_role_policy"
FUNCTION_LOG = "aws_cloudwatch_log_group"
APPLICATION = "azuread_application"
PASSWORD = "azuread_application_password"  # noqa: S105 - a resource type
PRINCIPAL = "azuread_service_principal"
GRANT = "azuread_service_principal_delegated_permission_grant"
ASSIGNMENT = "azuread_app_role_assignment"


class Severity(StrEnum):
    """How bad it is; in the order in which people should read."""

    IRREVERSIBLE = "irreversible"
    OUTAGE = "outage"
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


def always(_: ChangeContext) -> bool:
    """Apply whatever the attributes are."""
    return True


@dataclass(frozen=True, kw_only=True)
class Rule:
    """The changes of a plan that have an impact.

    Attributes:
        attribute: which attribute has to change, for an update.
        when: the condition in words, for the documentation.
    """

    resource: str
    kind: Kind
    attribute: str = ""
    when: str = ""
    condition: Condition = always


@dataclass(frozen=True, kw_only=True)
class Impact:
    """Something that a deploy does to people.

    Attributes:
        id: its name, in `--allow` and in the documentation.
        severity: irreversible if deploying the former settings again does not undo it; outage if people or
            apps are stopped; notice otherwise.
        people: what happens to them; `{users}` and `{name}` stand for the pool's users and the object's name.
        instead: what to do about it, if anything.
    """

    id: str
    severity: Severity
    people: str
    instead: str = ""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Occurrence:
    """An impact that a plan has, once for each change that leads to it.

    Attributes:
        address: of the changed resource; empty for the plan as a whole.
        name: the resource's name, which for an app client is its key in the settings.
        details: what is affected, and why; nothing sensitive.
    """

    impact: Impact
    address: str = ""
    name: str = ""
    details: tuple[str, ...] = ()


def irreversible(id_: str, people: str, *rules: Rule, instead: str) -> Impact:
    """A row of the table: deploying the former settings again does not undo it."""
    return Impact(id=id_, severity=Severity.IRREVERSIBLE, people=people, instead=instead, rules=rules)


def outage(id_: str, people: str, *rules: Rule, instead: str = "") -> Impact:
    """A row of the table: people or apps are stopped."""
    return Impact(id=id_, severity=Severity.OUTAGE, people=people, instead=instead, rules=rules)


def notice(id_: str, people: str, *rules: Rule, instead: str = "") -> Impact:
    """A row of the table: it stops nobody, and concerns security."""
    return Impact(id=id_, severity=Severity.NOTICE, people=people, instead=instead, rules=rules)


def creates(resource: str, when: str = "", condition: Condition = always) -> Rule:
    """The resource is made."""
    return Rule(resource=resource, kind=Kind.CREATE, when=when, condition=condition)


def replaces(resource: str, when: str = "", condition: Condition = always) -> Rule:
    """The resource is replaced by another."""
    return Rule(resource=resource, kind=Kind.REPLACE, when=when, condition=condition)


def deletes(resource: str, when: str = "", condition: Condition = always) -> Rule:
    """The resource is deleted."""
    return Rule(resource=resource, kind=Kind.DELETE, when=when, condition=condition)


def updates(resource: str, attribute: str, when: str, condition: Condition) -> Rule:
    """An attribute of the resource changes in place, in a way that only a condition of its own can tell."""
    return Rule(resource=resource, kind=Kind.UPDATE, attribute=attribute, when=when, condition=condition)


def changes(resource: str, attribute: str) -> Rule:
    """An attribute changes in place; its name is shown, never its values."""

    def condition(context: ChangeContext) -> list[str]:
        return [attribute] if context.change.differs(attribute) else []

    return updates(resource, attribute, "", condition)


def becomes(resource: str, attribute: str, value: object) -> Rule:
    """An attribute changes in place, to this value."""

    def condition(context: ChangeContext) -> bool:
        return context.change.differs(attribute) and context.change.after(attribute) == value

    shown = str(value).lower() if isinstance(value, bool) else value
    return updates(resource, attribute, f"becomes {shown}", condition)


def adds(resource: str, path: str) -> Rule:
    """Values are new in a list, at a path in which `*` stands for each item; they are shown."""

    def condition(context: ChangeContext) -> list[str]:
        before, after = context.change.items(path)
        return context.change.shown(path, after - before)

    return updates(resource, path.partition(".")[0], _in_words(path, "added"), condition)


def removes(resource: str, path: str) -> Rule:
    """Values are no longer in a list, at a path in which `*` stands for each item; they are shown."""

    def condition(context: ChangeContext) -> list[str]:
        before, after = context.change.items(path)
        return context.change.shown(path, before - after)

    return updates(resource, path.partition(".")[0], _in_words(path, "removed"), condition)


def _in_words(path: str, done: str) -> str:
    names = [part for part in path.split(".")[1:] if part != "*"]
    return f"one of `{'.'.join(names)}` {done}" if names else f"one {done}"


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


def gets_another_secret(provider: ResourceChange) -> bool:
    """Whether an identity provider is given another client secret, as far as the plan can tell.

    With a secret that is yet to be made, the provider's whole map of details is unknown; so is it with a
    client id that is yet to be made, but then there is always a new secret too.
    """
    after = provider.after("provider_details.client_secret")
    return after is UNKNOWN or bool(after != provider.before("provider_details.client_secret"))
