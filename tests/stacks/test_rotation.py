"""Which secrets a plan holds, by the settings and by the day."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.rotation import Rotation, rotation
from stacks.settings.entra_secret import SecretSettings
from tests.conftest import Synthesize, TerraformJson
from tests.stacks.settings.samples import unhurried
from tests.stacks.terraform_json import IDENTITY_PROVIDER, element

FROM = date(2027, 1, 4)
SCHEDULED = SecretSettings(rotate_every_days=90, rotates_from=FROM)


def _secrets(document: TerraformJson) -> set[str]:
    return set(document["resource"]["azuread_application_password"])


def _with(minimal: str, **secret: object) -> str:
    lines = "".join(f"{name} = {str(value).lower()}\n" for name, value in secret.items())
    return f"{minimal}\n[entra.secret]\n{lines}"


# --- by the settings


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (SecretSettings(), Rotation(1, None, None)),
        (SecretSettings(generation=2), Rotation(2, 1, None)),
        (SecretSettings(generation=7), Rotation(7, 6, None)),
        (SecretSettings(generation=7, keep_previous=False), Rotation(7, None, None)),
    ],
)
def test_cognito_presents_one_generation_and_the_one_before_stays_valid(
    settings: SecretSettings, expected: Rotation
) -> None:
    assert rotation(settings, FROM) == expected


def test_the_first_secret_is_alone_and_nothing_waits_for_it(synthesize: Synthesize) -> None:
    document = synthesize()
    assert _secrets(document) == {"sign_in_1"}
    assert "terraform_data" not in document["resource"]
    assert "depends_on" not in element(IDENTITY_PROVIDER, document)


def test_a_rotation_keeps_the_secret_that_was_in_use(synthesize: Synthesize, minimal: str) -> None:
    document = synthesize(_with(minimal, generation=3))
    assert _secrets(document) == {"sign_in_3", "sign_in_2"}
    secret = element(IDENTITY_PROVIDER, document)["provider_details"]["client_secret"]
    assert secret == "${azuread_application_password.sign_in_3.value}"


def test_the_provider_waits_for_the_new_secret_and_holds_on_to_the_previous_one(
    synthesize: Synthesize, minimal: str
) -> None:
    document = synthesize(_with(minimal, generation=3, settle_seconds=45))
    assert element(IDENTITY_PROVIDER, document)["depends_on"] == [
        "terraform_data.sign_in_3_settled",
        "azuread_application_password.sign_in_2",
    ]
    settled = element("terraform_data.sign_in_3_settled", document)
    assert settled["triggers_replace"] == {"key_id": "${azuread_application_password.sign_in_3.key_id}"}
    assert settled["provisioner"] == [{"local-exec": {"command": "exec sleep 45"}}]


def test_every_secret_is_removed_after_what_refers_to_it_has_changed(
    synthesize: Synthesize, minimal: str
) -> None:
    secrets = synthesize(_with(minimal, generation=3))["resource"]["azuread_application_password"]
    assert all(secret["lifecycle"]["create_before_destroy"] is True for secret in secrets.values())


def test_each_secret_is_named_for_its_generation(synthesize: Synthesize, minimal: str) -> None:
    secrets = synthesize(_with(minimal, generation=3))["resource"]["azuread_application_password"]
    names = {address: secret["display_name"] for address, secret in secrets.items()}
    assert names == {"sign_in_3": "dev sign-in 3", "sign_in_2": "dev sign-in 2"}


def test_a_leaked_secret_is_not_kept(synthesize: Synthesize, minimal: str) -> None:
    document = synthesize(_with(minimal, generation=3, keep_previous=False))
    assert _secrets(document) == {"sign_in_3"}
    assert element(IDENTITY_PROVIDER, document)["depends_on"] == ["terraform_data.sign_in_3_settled"]


def test_the_outputs_tell_the_secrets_apart_and_hold_no_value(synthesize: Synthesize, minimal: str) -> None:
    outputs = synthesize(_with(minimal, generation=3))["output"]
    assert outputs["client_secrets"]["value"] == {
        role: {
            "generation": generation,
            "key_id": f"${{azuread_application_password.sign_in_{generation}.key_id}}",
            "end_date": f"${{azuread_application_password.sign_in_{generation}.end_date}}",
        }
        for role, generation in (("in_use", 3), ("previous", 2))
    }
    in_use = "${azuread_application_password.sign_in_3.end_date}"
    assert outputs["client_secret_end_date"]["value"] == in_use
    assert "next_rotation" not in outputs


# --- by the day


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-1000, Rotation(1, None, FROM + timedelta(days=90))),
        (0, Rotation(1, None, FROM + timedelta(days=90))),
        (89, Rotation(1, None, FROM + timedelta(days=90))),
        (90, Rotation(2, 1, FROM + timedelta(days=180))),
        (179, Rotation(2, 1, FROM + timedelta(days=180))),
        (180, Rotation(3, 2, FROM + timedelta(days=270))),
    ],
)
def test_every_period_is_a_generation(days: int, expected: Rotation) -> None:
    assert rotation(SCHEDULED, FROM + timedelta(days=days)) == expected


def test_a_number_raised_by_hand_counts_beside_the_schedule() -> None:
    settings = SCHEDULED.model_copy(update={"generation": 4})
    assert rotation(settings, FROM + timedelta(days=90)).in_use == 5


@unhurried
@given(
    every=st.integers(7, 700),
    from_=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    first=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
)
def test_no_day_skips_a_generation_and_the_date_that_is_announced_is_kept(
    every: int, from_: date, first: date
) -> None:
    settings = SecretSettings(rotate_every_days=every, rotates_from=from_)
    days = [first + timedelta(days=day) for day in range(2 * every)]
    for (before, earlier), (day, later) in pairwise((day, rotation(settings, day)) for day in days):
        assert earlier.next_on is not None
        assert before < earlier.next_on
        assert later.in_use - earlier.in_use == (1 if day == earlier.next_on else 0)


def test_a_plan_follows_from_settings_and_day_alone(synthesize: Synthesize, minimal: str) -> None:
    scheduled = _with(minimal, rotate_every_days=90, rotates_from=FROM)
    before, after = (synthesize(scheduled, today=FROM + timedelta(days=days)) for days in (89, 90))
    assert (_secrets(before), _secrets(after)) == ({"sign_in_1"}, {"sign_in_1", "sign_in_2"})
    assert before["output"]["next_rotation"]["value"] == "2027-04-04"
    assert after["output"]["next_rotation"]["value"] == "2027-07-03"
    by_hand = synthesize(_with(minimal, generation=2))
    assert after["resource"] == by_hand["resource"]


def test_no_moment_of_evaluation_decides_which_secrets_there_are(
    synthesize: Synthesize, minimal: str
) -> None:
    """`timestamp()` is unknown until a plan is applied: it would replace the secret at every deploy."""
    scheduled = _with(minimal, rotate_every_days=90, rotates_from=FROM)
    assert "${timestamp(" not in str(synthesize(scheduled))
