"""The client secret, its rotation, and the warning before its end: what is refused, accepted, warned of."""

from datetime import UTC, date, datetime

from tests.stacks.settings.samples import ROTATED, accepted, case, refused, silent, warned

test_refused = refused(
    case("entra.secret.lifetime_days", 0, "from 1 to 730"),
    case("entra.secret.lifetime_days", 731, "from 1 to 730"),
    case("entra.secret.generation", 0, "at least 1"),
    case("entra.secret.keep_previous", 1, "true or false"),
    case("entra.secret.settle_seconds", 601, "from 0 to 600"),
    case("entra.secret.rotate_every_days", 6, "from 7 to 700", also=ROTATED),
    case("entra.secret.rotate_every_days", 701, "from 7 to 700", also=ROTATED),
    case("entra.secret.rotate_every_days", 90, "from which day"),
    case("entra.secret.rotates_from", date(2027, 1, 4), "how often"),
    case("entra.secret.rotates_from", "2027-01-04", "without quotes", also=ROTATED),
    case(
        "entra.secret.rotates_from",
        datetime(2027, 1, 4, tzinfo=UTC),
        "rotates_from = 2027-01-04",
        also=ROTATED,
    ),
    case("entra.secret.rotates_from", date(2100, 1, 1), "too far away", also=ROTATED),
    case("entra.secret.rotate_every_days", 151, "Write lifetime_days = 181", also=ROTATED),
    case("verify.fail_days", 30, "before it ever warns"),
    case("verify.warn_days", 0, "from 1 to 729"),
)

test_accepted = accepted(
    {"entra.secret.lifetime_days": 1},
    {"entra.secret.lifetime_days": 730},
    {"entra.secret.generation": 99},
    ROTATED,
    ROTATED | {"entra.secret.rotate_every_days": 700, "entra.secret.lifetime_days": 730},
    ROTATED | {"entra.secret.rotates_from": date(2099, 12, 31)},
)

test_warned = warned(
    ({"entra.secret.lifetime_days": 30}, "verify.warn_days", "from its first day on"),
    case("entra.secret.lifetime_days", 366, "12 months"),
    case("verify.warn_days", 91, "Write 90 or fewer", also=ROTATED),
)

test_silent = silent(
    {"entra.secret.lifetime_days": 365},
    ROTATED | {"entra.secret.rotate_every_days": 150},
)
