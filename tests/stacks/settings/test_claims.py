"""Claims that Entra ID is asked for: what is refused, warned of and accepted."""

import pytest

from stacks.settings.facts import POLICY_CLAIMS, in_token
from tests.stacks.settings.samples import (
    CUSTOMERS_ONLY,
    FABRIKAM,
    REGISTRATION,
    accepted,
    case,
    refused,
    silent,
    warned,
)

EXTENSION = "extension_0a1b2c3d4e5f4a6b8c7d9e0f1a2b3c4d_employeeType"
MAPPING = "cognito.attribute_mapping"
KIND = {MAPPING: {"custom:kind": "extn.employeeType"}}
NUMBER = {MAPPING: {"custom:number": "employeeid"}}

test_refused = refused(
    case("entra.optional_claims", ["extn.employeeType"], "Write extension_<application id", at="[0]"),
    case("entra.optional_claims", ["extension_0a1b_x"], "by the application", at="[0]"),
    case("entra.optional_claims", ["EmployeeID"], "name the claim in policy_claims", at="[0]"),
    case("entra.policy_claims", ["upn"], "keeps the name for itself", at="[0]"),
    case("entra.policy_claims", ["oid"], "keeps the name for itself", at="[0]"),
    case("entra.policy_claims", ["xms_own"], "keeps the name for itself", at="[0]"),
    case("entra.policy_claims", ["employeeid"], "accounts of other tenants", also=FABRIKAM),
    case("entra.policy_claims", ["employeeid"], "accounts of other tenants", also=CUSTOMERS_ONLY),
)
test_warned = warned(
    *(
        case(MAPPING, {"custom:x": claim}, telling, at='."custom:x"')
        for claim, telling in {
            "extn.employeeType": "where the registration asks for it",
            EXTENSION: 'calls this directory extension "extn.employeeType"',
            "employeeid": 'add "employeeid" to policy_claims',
            "onpremisessamaccountname": "an administrator has made a policy",
        }.items()
    )
)
test_silent = silent(
    KIND | {"entra.optional_claims": [EXTENSION]},
    NUMBER | {"entra.policy_claims": ["employeeid"]},
    {MAPPING: {"custom:any": "a-name-of-ones-own"}, "entra.policy_claims": ["a-name-of-ones-own"]},
)
test_accepted = accepted(REGISTRATION | NUMBER | {"entra.policy_claims": ["employeeid"]})


@pytest.mark.parametrize(("asked", "sent"), [(EXTENSION, "extn.employeeType"), ("email", "email")])
def test_a_claim_is_called_in_the_token_as_microsoft_calls_it(asked: str, sent: str) -> None:
    assert in_token(asked) == sent


def test_no_name_of_a_policy_is_one_that_entra_id_keeps_for_itself() -> None:
    # What it does keep is known as such: none of its own names can come from a policy.
    assert {"upn", "email", "sid"} & POLICY_CLAIMS == set()
