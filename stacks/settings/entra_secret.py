"""The client secret, its rotation, and the warnings before its end: settings, rules and checks."""

from datetime import date
from typing import Annotated

from pydantic import Field

from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.types import Table, Within, YesOrNo

A_YEAR = 365
# The fewest days for which a secret stays valid after its rotation is due: the deploy that rotates may be
# late, because a pipeline is paused or a holiday is in the way.
SPARE_DAYS = 30
LAST_YEAR = 2099


class SecretSettings(Table):
    """The client secret between Cognito and Entra ID. Entra ID makes it, and nobody needs to see it."""

    lifetime_days: Annotated[
        int, Within(1, 730, "A client secret is valid for a number of days from 1 to 730: two years at most.")
    ] = 180
    """For how long the secret is valid, from the day it is made. Without an end date Entra ID grants two
    years, and then sign-in stops from one minute to the next."""
    generation: Annotated[int, Within(1)] = 1
    """Raise it by one to rotate: the next deploy makes a new secret and gives it to Cognito; the one before
    stays valid until the next rotation. Never raise it by more at a time."""
    keep_previous: YesOrNo | None = Field(default=None, examples=[True])
    """Keep the secret before the one in use: Cognito takes up to a minute to change over, and a sign-in under
    way may still present it. Write false to be rid of one that has leaked. Left out, true, but for a
    registration that lets in personal accounts, which can have two secrets at most."""
    settle_seconds: Annotated[int, Within(0, 600)] = 30
    """For how long a new secret rests, from the second generation on, before Cognito gets it: Entra ID shows
    a secret some seconds before all of its servers accept it."""
    rotate_every_days: Annotated[int, Within(7, 700)] | None = Field(default=None, examples=[90])
    """Rotate with the first deploy after every so many days, the generation counting up by itself; left out,
    rotate by raising generation. Nothing happens without a deploy, so have one scheduled. Needs
    rotates_from."""
    rotates_from: Annotated[date, Field(strict=True)] | None = Field(
        default=None, examples=[date(2027, 1, 4)]
    )
    """The day from which rotate_every_days counts, such as that of the first deploy; left out, there is no
    such schedule."""


class VerifySettings(Table):
    """When `pipenv run verify` speaks up about the end of the client secret between Cognito and Entra ID."""

    warn_days: Annotated[int, Within(1, 729)] = 30
    """With this many days left, or fewer, the check ends with exit status 2: it works, and will not for
    long."""
    fail_days: Annotated[int, Within(0, 728)] = 7
    """With this many days left, or fewer, it ends with exit status 1, as if sign-in were broken already."""


@check
def _secret_lifetime(s: Settings) -> Messages:
    """Microsoft learn, "Add and manage application credentials": less than 12 months is recommended."""
    if s.entra.secret.lifetime_days > A_YEAR:
        yield warning(
            at.entra.secret.lifetime_days,
            "Microsoft recommends secrets that live less than 12 months, and a tenant's policy may refuse"
            " longer ones.",
            "Write 180, and rotate by raising generation.",
        )


@check
def _rotation_schedule(s: Settings) -> Messages:
    every, first_day = s.entra.secret.rotate_every_days, s.entra.secret.rotates_from
    if every is not None and first_day is None:
        yield error(
            at.entra.secret.rotate_every_days,
            "rotates_from is missing: from which day these days count is unknown.",
            "Add the day of the first deploy, or today, such as rotates_from = 2027-01-04.",
        )
    if first_day is not None and every is None:
        yield error(
            at.entra.secret.rotates_from,
            "rotate_every_days is missing: how often to rotate from that day on is unknown.",
            "Add for instance rotate_every_days = 90, or remove the line.",
        )
    if first_day is not None and first_day.year > LAST_YEAR:
        yield error(
            at.entra.secret.rotates_from,
            "That day is too far away to be meant.",
            "Write the day of the first deploy, or today.",
        )


@check
def _secret_outlives_its_rotation(s: Settings) -> Messages:
    every, lifetime = s.entra.secret.rotate_every_days, s.entra.secret.lifetime_days
    if every is not None and lifetime < every + SPARE_DAYS:
        yield error(
            at.entra.secret.rotate_every_days,
            f"A secret is valid for {lifetime} days. It has to be valid {SPARE_DAYS} days longer than the"
            f" {every} days between rotations, so that a late deploy stops nobody's sign-in.",
            f"Write lifetime_days = {every + SPARE_DAYS} or more, or rotate more often.",
        )


@check
def _no_warning_before_every_rotation(s: Settings) -> Messages:
    secret, warn_days = s.entra.secret, s.verify.warn_days
    every, lifetime = secret.rotate_every_days, secret.lifetime_days
    if every is not None and 0 < lifetime - every < warn_days < lifetime:
        yield warning(
            at.verify.warn_days,
            f"A secret has {lifetime - every} days left when its rotation is due: `verify` would warn before"
            " every rotation.",
            f"Write {lifetime - every} or fewer, or a longer lifetime_days under [entra.secret].",
        )


@check
def _warning_before_failure(s: Settings) -> Messages:
    warn_days = s.verify.warn_days
    if s.verify.fail_days >= warn_days:
        yield error(
            at.verify.fail_days,
            f"The check would fail before it ever warns ({warn_days} days).",
            f"Write fewer days than warn_days, such as fail_days = {min(7, warn_days - 1)}.",
        )


@check
def _no_warning_from_the_first_day(s: Settings) -> Messages:
    lifetime = s.entra.secret.lifetime_days
    if s.verify.warn_days >= lifetime:
        yield warning(
            at.verify.warn_days,
            f"A secret of {lifetime} days would be reported from its first day on.",
            "Write fewer days, or a longer lifetime_days under [entra.secret].",
        )
