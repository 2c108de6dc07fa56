"""What a planned change does to people, in one shape, and the questions that rules ask of a plan."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from operate.guard.plan import UNKNOWN, Kind, Plan, ResourceChange

POOL = "aws_cognito_user_pool"
DOMAIN = "aws_cognito_user_pool_domain"
PROVIDER = "aws_cognito_identity_provider"
CLIENT = "aws_cognito_user_pool_client"
BRANDING = "aws_cognito_managed_login_branding"
APPLICATION = "azuread_application"
PRINCIPAL = "azuread_service_principal"
PASSWORD = "azuread_application_password"  # noqa: S105 - a resource type
GRANT = "azuread_service_principal_delegated_permission_grant"
ASSIGNMENT = "azuread_app_role_assignment"
PAUSE = "terraform_data"
API = "aws_cognito_resource_server"
DNS = "aws_route53_record"
FUNCTION = "aws_lambda_function"
MAY_CALL = "aws_lambda_permission"
FUNCTION_ROLE = "aws_iam_role"
FUNCTION_RIGHTS = "aws_iam_role_policy"
LOGS = "aws_cloudwatch_log_group"


class Severity(StrEnum):
    """How bad it is; in the order in which people should read."""

    IRREVERSIBLE = "irreversible"
    OUTAGE = "outage"
    NOTICE = "notice"


@dataclass(frozen=True)
class Facts:
    """What the plan does not say and Cognito does.

    Attributes:
        trigger: whether the pool has an inbound-federation trigger; None if it could not be asked.
    """

    trigger: bool | None = None


@dataclass(frozen=True)
class ChangeContext:
    """One change, where it stands.

    Attributes:
        change: what happens to the resource.
        plan: all of the plan.
        facts: what Cognito said.
    """

    change: ResourceChange
    plan: Plan
    facts: Facts


# None: the rule does not fire. Otherwise what is affected, for people to read; often nothing to add.
Test = Callable[[ChangeContext], Iterable[str] | None]


def always(_: ChangeContext) -> Iterable[str]:
    """Fires whatever the attributes are."""
    return ()


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What in a plan leads to a consequence.

    Attributes:
        resource: the resource's type.
        kind: what has to happen to the resource.
        attribute: which attribute the rule is about, for an update.
        when: what else has to be so, for the documentation.
        test: tells whether it is, and what is affected.
    """

    resource: str
    kind: Kind
    attribute: str = ""
    when: str = ""
    test: Test = always


@dataclass(frozen=True, kw_only=True)
class Impact:
    """Something that happens to people.

    Attributes:
        id: its name, in `--allow` and in the documentation.
        severity: irreversible if deploying the former settings again does not undo it; outage if people or
            apps are stopped; notice otherwise.
        people: what happens to them; `{users}` and `{name}` stand for the pool's users and the object's name.
        instead: what to do about it, if anything.
        rules: from which changes it follows.
    """

    id: str
    severity: Severity
    people: str
    instead: str = ""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A consequence of this plan.

    Attributes:
        consequence: what follows.
        address: of which resource's change; empty for the plan as a whole.
        name: the resource's name, which for an app client is its key in the settings.
        details: what is affected, and why; nothing sensitive.
    """

    consequence: Impact
    address: str = ""
    name: str = ""
    details: tuple[str, ...] = ()


def created(resource: str, when: str = "", test: Test = always) -> Rule:
    """Follows from making a resource."""
    return Rule(resource=resource, kind=Kind.CREATE, when=when, test=test)


def updated(resource: str, attribute: str, when: str, test: Test) -> Rule:
    """Follows from changing an attribute of a resource in place."""
    return Rule(resource=resource, kind=Kind.UPDATE, attribute=attribute, when=when, test=test)


def replaced(resource: str, when: str = "", test: Test = always) -> Rule:
    """Follows from replacing a resource."""
    return Rule(resource=resource, kind=Kind.REPLACE, when=when, test=test)


def deleted(resource: str, when: str = "", test: Test = always) -> Rule:
    """Follows from deleting a resource."""
    return Rule(resource=resource, kind=Kind.DELETE, when=when, test=test)


def removed(path: str) -> Test:
    """Fires if values are no longer in a list; shows them."""

    def test(seen: ChangeContext) -> Iterable[str] | None:
        before, after = seen.change.items(path)
        return seen.change.shown(path, before - after) or None

    return test


def added(path: str) -> Test:
    """Fires if values are new in a list; shows them."""

    def test(seen: ChangeContext) -> Iterable[str] | None:
        before, after = seen.change.items(path)
        return seen.change.shown(path, after - before) or None

    return test


def differs(*paths: str) -> Test:
    """Fires if any of the values changes; shows which, never the values."""

    def test(seen: ChangeContext) -> Iterable[str] | None:
        return [path for path in paths if seen.change.differs(path)] or None

    return test


def becomes(path: str, *, value: object) -> Test:
    """Fires if a value changes to this one."""

    def test(seen: ChangeContext) -> Iterable[str] | None:
        return () if seen.change.differs(path) and seen.change.after(path) == value else None

    return test


def from_to(path: str) -> Test:
    """Fires if a value changes; shows both, where they may be shown."""

    def test(seen: ChangeContext) -> Iterable[str] | None:
        if not seen.change.differs(path):
            return None
        before, after = ({str(value(path))} for value in (seen.change.before, seen.change.after))
        return [" -> ".join(seen.change.shown(path, value)[0] for value in (before, after))]

    return test


def unless(test: Test) -> Test:
    """Fires where another test does not."""
    return lambda seen: () if test(seen) is None else None


def was_gone(seen: ChangeContext) -> Iterable[str] | None:
    """Fires if somebody deleted the object outside of Terraform, so that it is made anew."""
    return () if seen.change.address in seen.plan.gone else None


def others_stay(seen: ChangeContext) -> Iterable[str] | None:
    """Fires if there are other objects of the type, and some of them stay."""
    others = (one for one in seen.plan.of_type(seen.change.type) if one.address != seen.change.address)
    return () if any(one.kind not in {Kind.CREATE, Kind.DELETE, Kind.FORGET} for one in others) else None


def users_of(plan: Plan) -> int | None:
    """How many users the pool has, as Cognito estimated when the plan read it; None if there is no pool."""
    for pool in plan.of_type(POOL):
        count = pool.before("estimated_number_of_users")
        if isinstance(count, int):
            return count
    return None


def gets_another_secret(provider: ResourceChange) -> bool:
    """Whether an identity provider is given another client secret, as far as the plan can tell.

    With a secret that is yet to be made, the provider's whole map of details is unknown; so is it with a
    client id that is yet to be made, but then there is always a new secret too.
    """
    after = provider.after("provider_details.client_secret")
    return after is UNKNOWN or bool(after != provider.before("provider_details.client_secret"))
