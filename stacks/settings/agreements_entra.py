"""Rules between the settings of the Entra ID side."""

from collections.abc import Iterator
from datetime import date

from stacks.settings import rules, rules_web
from stacks.settings.findings import Finding, Key, Rulebook, error, warning
from stacks.settings.vocabulary import (
    OPTIONAL_CLAIMS,
    SCOPE_OF_CLAIM,
    EntraCloud,
    Permission,
)

RULES = Rulebook()


@RULES.reads("entra.cloud", "entra.authority")
def _one_authority(cloud: EntraCloud | None, authority: str | None) -> Iterator[Finding]:
    if cloud is not None and authority is not None:
        yield error(
            "entra",
            "authority",
            value=authority,
            sentence="Both cloud and authority say where people sign in.",
            instead="Keep cloud for Microsoft's own clouds, authority for anything else.",
        )


@RULES.reads("entra.permissions")
def _needless_permissions(permissions: list[Permission]) -> Iterator[Finding]:
    """Microsoft learn, "UserInfo endpoint" and "Scopes and permissions"."""
    because = {
        Permission.OFFLINE_ACCESS: "Cognito has no use for Microsoft's refresh token.",
        Permission.USER_READ: "The userinfo endpoint answers with openid, email and profile alone.",
    }
    for index, permission in enumerate(permissions):
        if permission in because:
            yield warning(
                "entra",
                "permissions",
                index,
                value=permission,
                sentence=because[permission],
                instead="Remove it unless something else needs it: ask people for no more than is used.",
            )


@RULES.reads("entra.permissions")
def _permissions_for_signing_in(permissions: list[Permission]) -> Iterator[Finding]:
    """Microsoft learn, "Scopes and permissions": what openid and profile let through."""
    for needed, because in (
        (Permission.OPENID, "without it Entra ID sends no ID token, and Cognito signs nobody in"),
        (Permission.PROFILE, "without it Entra ID leaves out `oid`, which the stack keeps for every user"),
    ):
        if needed not in permissions:
            yield error(
                "entra",
                "permissions",
                value=permissions,
                sentence=f'"{needed}" is missing; {because}.',
                instead=f'Add "{needed}".',
            )


@RULES.reads("entra.permissions", "entra.optional_claims", "cognito.attribute_mapping")
def _permission_for_email(
    permissions: list[Permission], optional_claims: list[str], mapping: dict[str, str]
) -> Iterator[Finding]:
    """Microsoft learn, "Scopes and permissions": what email lets through."""
    if Permission.EMAIL in permissions:
        return
    places: list[tuple[Key, str]] = [
        *((("entra", "optional_claims", index), claim) for index, claim in enumerate(optional_claims)),
        *((("cognito", "attribute_mapping", attribute), claim) for attribute, claim in mapping.items()),
    ]
    for key, claim in places:
        if SCOPE_OF_CLAIM.get(claim) is Permission.EMAIL:
            yield error(
                *key,
                value=claim,
                sentence=f'Entra ID leaves out the claim "{claim}" without the permission "email".',
                instead='Add "email" to permissions in [entra], or remove the claim.',
            )


@RULES.reads("entra.optional_claims")
def _known_optional_claims(optional_claims: list[str]) -> Iterator[Finding]:
    """Microsoft learn, "Optional claims reference"."""
    for index, claim in enumerate(optional_claims):
        if claim not in OPTIONAL_CLAIMS:
            yield warning(
                "entra",
                "optional_claims",
                index,
                value=claim,
                sentence="Microsoft's reference has no such optional claim for ID tokens, and nothing else"
                " checks the name: a mistyped claim is just never there.",
                instead=rules.did_you_mean(claim, OPTIONAL_CLAIMS),
            )


@RULES.reads("entra.secret.lifetime_days")
def _secret_lifetime(days: int) -> Iterator[Finding]:
    """Microsoft learn, "Add and manage application credentials": less than 12 months is recommended."""
    a_year = 365
    if days > a_year:
        yield warning(
            "entra",
            "secret",
            "lifetime_days",
            value=days,
            sentence="Microsoft recommends secrets that live less than 12 months, and a tenant's policy may"
            " refuse longer ones.",
            instead="Write 180, and rotate by raising generation.",
        )


@RULES.reads("entra.secret.rotate_every_days", "entra.secret.rotates_from")
def _rotation_schedule(every: int | None, from_: date | None) -> Iterator[Finding]:
    last_year = 2099
    if every is not None and from_ is None:
        yield error(
            "entra",
            "secret",
            "rotate_every_days",
            value=every,
            sentence="It is not said from which day on these days count.",
            instead="Add the day of the first deploy, or today, such as rotates_from = 2027-01-04.",
        )
    if from_ is not None and every is None:
        yield error(
            "entra",
            "secret",
            "rotates_from",
            value=from_,
            sentence="It is not said how often to rotate from that day on.",
            instead="Add for instance rotate_every_days = 90, or remove the line.",
        )
    if from_ is not None and from_.year > last_year:
        yield error(
            "entra",
            "secret",
            "rotates_from",
            value=from_,
            sentence="That day is too far away to be meant.",
            instead="Write the day of the first deploy, or today.",
        )


@RULES.reads("entra.secret.rotate_every_days", "entra.secret.lifetime_days")
def _secret_outlives_its_turn(every: int | None, lifetime: int) -> Iterator[Finding]:
    """The deploy that rotates may come late: a pipeline is paused, or a holiday in the way."""
    spare = 30
    if every is not None and lifetime < every + spare:
        yield error(
            "entra",
            "secret",
            "rotate_every_days",
            value=every,
            sentence=f"A secret lives {lifetime} days: it has to outlive its {every} days by {spare}, so that"
            " sign-in goes on when the deploy that rotates comes late.",
            instead=f"Write lifetime_days = {every + spare} or more, or rotate more often.",
        )


@RULES.reads("entra.secret.rotate_every_days", "entra.secret.lifetime_days", "verify.warn_days")
def _not_warned_before_every_rotation(every: int | None, lifetime: int, warn_days: int) -> Iterator[Finding]:
    left = None if every is None else lifetime - every
    if left is not None and 0 < left < warn_days < lifetime:
        yield warning(
            "verify",
            "warn_days",
            value=warn_days,
            sentence=f"A secret has {left} days left when its rotation is due: every one of them would be"
            " reported first.",
            instead=f"Write {left} or fewer, or a longer lifetime_days under [entra.secret].",
        )


@RULES.reads("entra.prevent_destroy", "entra.authority")
def _registration_protected(protected: bool, authority: str | None) -> Iterator[Finding]:  # noqa: FBT001
    """Microsoft learn, "ID token claims reference": `sub` is pairwise, one for each app registration."""
    if not protected and not rules_web.is_local(authority):
        yield warning(
            "entra",
            "prevent_destroy",
            value=protected,
            sentence="A registration that is deleted or replaced comes back with another client id, and every"
            " user with another `sub`: a new user in Cognito.",
            instead="Write true, except just before the stack is taken away.",
        )


@RULES.reads("verify.warn_days", "verify.fail_days")
def _warn_before_failing(warn_days: int, fail_days: int) -> Iterator[Finding]:
    if fail_days >= warn_days:
        yield error(
            "verify",
            "fail_days",
            value=fail_days,
            sentence=f"The check would fail before it ever warns ({warn_days} days).",
            instead=f"Write fewer days than warn_days, such as fail_days = {min(7, warn_days - 1)}.",
        )


@RULES.reads("entra.secret.lifetime_days", "verify.warn_days")
def _not_warned_from_the_first_day(lifetime_days: int, warn_days: int) -> Iterator[Finding]:
    if warn_days >= lifetime_days:
        yield warning(
            "verify",
            "warn_days",
            value=warn_days,
            sentence=f"A secret of {lifetime_days} days would be reported from its first day on.",
            instead="Write fewer days, or a longer lifetime_days under [entra.secret].",
        )
