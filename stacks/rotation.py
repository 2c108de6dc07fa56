"""Which generations of the client secret there are on a given day.

Every generation has a Terraform address of its own, so a rotation replaces nothing: it adds one secret, and
removes the one before the last. The day is an argument, so that a plan follows from the settings and the day
alone, and not from the moment at which an expression is evaluated.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from stacks.settings.entra_secret import SecretSettings


@dataclass(frozen=True)
class Rotation:
    """The client secrets of one day.

    Attributes:
        in_use: the generation that Cognito presents.
        previous: the generation it presented before, still valid; None where there is none.
        next_on: the day on which the next one is due; None where nothing is scheduled.
    """

    in_use: int
    previous: int | None
    next_on: date | None


def rotation(settings: SecretSettings, today: date, *, room_for_previous: bool = True) -> Rotation:
    """The generations that the settings ask for on a day.

    Args:
        today: the day, in UTC.
        room_for_previous: whether the registration can have the previous secret too when the next is made.
    """
    keep_previous = room_for_previous if settings.keep_previous is None else settings.keep_previous
    in_use, next_on = settings.generation, None
    if settings.rotate_every_days is not None and settings.rotates_from is not None:
        periods = max(0, (today - settings.rotates_from).days // settings.rotate_every_days)
        in_use += periods
        next_on = settings.rotates_from + timedelta(days=settings.rotate_every_days * (periods + 1))
    previous = in_use - 1 if keep_previous and in_use > 1 else None
    return Rotation(in_use, previous, next_on)
