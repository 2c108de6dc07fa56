"""What changes of the user pool and its domain do to people.

Sources: Amazon Cognito developer guide, "Deletion protection", "Configuring a user pool domain", "User pool
feature plans", "Custom attributes"; API reference, UpdateUserPool (what a request leaves out is reset) and
LambdaConfigType; hashicorp/terraform-provider-aws issues 46216 and 49707 (the inbound-federation trigger).
"""

from collections.abc import Iterable

from operate.guard.impacts.impact import (
    DNS,
    DOMAIN,
    POOL,
    ChangeContext,
    Impact,
    Severity,
    added,
    becomes,
    created,
    deleted,
    differs,
    from_to,
    others_stay,
    replaced,
    unless,
    updated,
    was_gone,
)
from operate.guard.plan import UNKNOWN

SCHEMA = "schema.*.name"
PROTECTION = "deletion_protection"
TRIGGER = "inbound-federation trigger"


def _is_protected(seen: ChangeContext) -> Iterable[str] | None:
    return () if seen.change.before(PROTECTION) == "ACTIVE" else None


def _schema_changed(seen: ChangeContext) -> Iterable[str] | None:
    """The attributes that go or become others, which the service refuses."""
    if seen.change.after("schema") is UNKNOWN:
        return None
    before, after = (
        {entry["name"]: entry for entry in entries or ()}
        for entries in (seen.change.before("schema"), seen.change.after("schema"))
    )
    return sorted(name for name, entry in before.items() if after.get(name) != entry) or None


def _has_trigger(seen: ChangeContext) -> Iterable[str] | None:
    return () if seen.facts.trigger is True else None


def _may_have_trigger(seen: ChangeContext) -> Iterable[str] | None:
    return () if seen.facts.trigger is None else None


POOL_AND_DOMAIN: tuple[Impact, ...] = (
    Impact(
        id="deletes-pool",
        severity=Severity.IRREVERSIBLE,
        people="Deletes the pool and its users: {users} are gone, with their attributes and groups, and the"
        " passwords of those who had one here. Apps need the ids of whatever comes after it.",
        instead="Leave the pool as it is; its name too, since another name is another pool.",
        rules=(deleted(POOL), replaced(POOL)),
    ),
    Impact(
        id="protection-stops-deploy",
        severity=Severity.OUTAGE,
        people="The pool is protected against deletion, so the deploy stops half-way, after it has deleted"
        " what stands before the pool.",
        instead="If it is to go, write cognito.deletion_protection = false and deploy that alone first.",
        rules=(
            deleted(POOL, "it is protected in AWS", _is_protected),
            replaced(POOL, "it is protected in AWS", _is_protected),
        ),
    ),
    Impact(
        id="schema-change-will-fail",
        severity=Severity.OUTAGE,
        people="The deploy stops half-way: attributes of a user pool can be added, never changed or removed.",
        instead="Leave the custom attribute in cognito.attribute_mapping; for cognito.groups_from that is"
        " custom:entra_roles or custom:entra_groups.",
        rules=(updated(POOL, "schema", "an attribute goes or becomes another", _schema_changed),),
    ),
    Impact(
        id="trigger-dropped",
        severity=Severity.OUTAGE,
        people=f"The pool's {TRIGGER} will be dropped: the AWS provider does not know it, and every update of"
        " the pool resets it. Whatever it did for people's attributes ends.",
        instead="Set it again right after the deploy: aws cognito-idp update-user-pool --lambda-config.",
        rules=(updated(POOL, "", f"the pool has an {TRIGGER}", _has_trigger),),
    ),
    Impact(
        id="pool-made-anew",
        severity=Severity.OUTAGE,
        people="Somebody has deleted the pool, and everybody in it: this makes an empty one. Apps need its"
        " ids, and everybody who signs in is a new user.",
        instead="Look for a backup of the users first.",
        rules=(created(POOL, "somebody deleted the former one", was_gone),),
    ),
    Impact(
        id="domain-replaced",
        severity=Severity.OUTAGE,
        people="The sign-in domain changes: apps that send people to the former address stop working until"
        " they know the new one, and somebody else can take the former.",
        instead="Tell the apps' owners the new domain before.",
        rules=(replaced(DOMAIN),),
    ),
    Impact(
        id="removes-domain",
        severity=Severity.OUTAGE,
        people="Removes the sign-in domain: nobody can sign in, and somebody else can take the prefix.",
        rules=(deleted(DOMAIN, "no other stays", unless(others_stay)),),
    ),
    Impact(
        id="removes-one-domain",
        severity=Severity.OUTAGE,
        people="Removes one of the sign-in domains: apps that send people there stop working, and somebody"
        " else can take a prefix. At the other domain people sign in as before.",
        instead="Check that every app knows the other domain.",
        rules=(deleted(DOMAIN, "another stays", others_stay),),
    ),
    Impact(
        id="dns-removed",
        severity=Severity.OUTAGE,
        people="The name of the sign-in domain leads nowhere: whoever is sent there gets no page at all.",
        instead="Have another DNS record lead to the output custom_domain_target.",
        rules=(deleted(DNS), replaced(DNS)),
    ),
    Impact(
        id="protection-off",
        severity=Severity.NOTICE,
        people="The pool can be deleted from now on, by a plan or by hand.",
        instead="Keep cognito.deletion_protection = true, unless it is to go.",
        rules=(updated(POOL, PROTECTION, "becomes INACTIVE", becomes(PROTECTION, value="INACTIVE")),),
    ),
    Impact(
        id="protection-on",
        severity=Severity.NOTICE,
        people="The pool cannot be deleted from now on, neither by a plan nor by hand.",
        rules=(updated(POOL, PROTECTION, "becomes ACTIVE", becomes(PROTECTION, value="ACTIVE")),),
    ),
    Impact(
        id="attribute-added",
        severity=Severity.NOTICE,
        people="The pool gets these custom attributes, for good: none can be removed or changed later.",
        rules=(updated(POOL, "schema", "an attribute comes", added(SCHEMA)),),
    ),
    Impact(
        id="tier-changed",
        severity=Severity.NOTICE,
        people="Another feature plan: another price for each active user, and other features.",
        instead="Compare them in the developer guide, User pool feature plans.",
        rules=(updated(POOL, "user_pool_tier", "", from_to("user_pool_tier")),),
    ),
    Impact(
        id="trigger-unknown",
        severity=Severity.NOTICE,
        people=f"If the pool has an {TRIGGER}, this update drops it; Cognito could not be asked from here.",
        instead="Sign in to AWS as for the AWS CLI, and run the guard again.",
        rules=(updated(POOL, "", "Cognito cannot be asked", _may_have_trigger),),
    ),
    Impact(
        id="login-pages-changed",
        severity=Severity.NOTICE,
        people="People see other sign-in pages.",
        rules=(updated(DOMAIN, "managed_login_version", "", from_to("managed_login_version")),),
    ),
    Impact(
        id="pool-made",
        severity=Severity.NOTICE,
        people="Makes the user pool, without users.",
        rules=(created(POOL, "there was none", unless(was_gone)),),
    ),
    Impact(
        id="domain-made",
        severity=Severity.NOTICE,
        people="Makes a sign-in domain, if nobody else has its prefix or its name.",
        rules=(created(DOMAIN),),
    ),
    Impact(
        id="certificate-changed",
        severity=Severity.NOTICE,
        people="The sign-in domain shows another certificate.",
        instead="Check that it is for the domain's name, and not about to expire.",
        rules=(updated(DOMAIN, "certificate_arn", "", from_to("certificate_arn")),),
    ),
    Impact(
        id="dns-leads-elsewhere",
        severity=Severity.NOTICE,
        people="The name of the sign-in domain leads somewhere else; until caches have expired, some people"
        " still go where it led before.",
        rules=tuple(updated(DNS, name, "", differs(name)) for name in ("alias", "records", "type")),
    ),
    Impact(
        id="dns-made",
        severity=Severity.NOTICE,
        people="Makes the DNS record by which people reach the sign-in domain.",
        rules=(created(DNS),),
    ),
)
