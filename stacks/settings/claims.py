"""The claims that Entra ID is asked for: optional claims, directory extensions, and those of a policy."""

from typing import Annotated

from pydantic import AfterValidator

from stacks.settings import facts
from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, did_you_mean, error, warning
from stacks.settings.types import Claim, refused

# A directory extension, as the registration asks for it.
NAMED = "extension_<application id without hyphens>_<name>"


def _optional_claim(value: str) -> str:
    """A claim to add to the ID token (Microsoft learn, "Optional claims reference")."""
    if value in {"sub", "oid", "tid", "name"}:
        raise refused(
            "Entra ID puts this claim into every ID token; it is not an optional one.",
            "Remove it here; it can be mapped all the same.",
        )
    if value == "idtyp":
        raise refused("This claim exists in access tokens only.", "Remove it.")
    if value.startswith("extn."):
        raise refused(
            "The token calls a directory extension so; the registration asks for it by another name.",
            f"Write {NAMED}.",
        )
    if value.startswith("extension_") and not facts.EXTENSION.fullmatch(value):
        raise refused(
            "A directory extension is named by the application on which it is registered.",
            f"Write {NAMED}.",
        )
    if value.lower() in facts.POLICY_CLAIMS:
        raise refused(
            "This is no optional claim: only a claims mapping policy, or Attributes & Claims in the admin"
            " center, can put it into the token.",
            "Have an administrator do that, and name the claim in policy_claims.",
        )
    if value == "groups":
        raise refused(
            "Which groups Entra ID sends is a setting of its own: all of a person's could be more than the"
            " 200 that it sends at most.",
            'Remove it, and write groups_claim = "ids" in [entra].',
        )
    return value


def _policy_claim(value: str) -> str:
    """A claim of a policy (Microsoft learn, "Claims customization using a policy": restricted claims)."""
    if (
        value in facts.BUILT_IN_CLAIMS
        or value in facts.OPTIONAL_CLAIMS
        or value.startswith(facts.RESTRICTED_PREFIXES)
    ):
        raise refused(
            "No policy can give this claim: Entra ID keeps the name for itself.",
            "Choose another name in the policy, or ask for it in optional_claims.",
        )
    return value


OptionalClaim = Annotated[Claim, AfterValidator(_optional_claim)]
PolicyClaim = Annotated[Claim, AfterValidator(_policy_claim)]


def only_on_demand(claim: str) -> tuple[str, str] | None:
    """Why a claim that nobody asked for is not in the token, and what to do; None where that is not known."""
    if extension := facts.EXTENSION.fullmatch(claim):
        because = f'The token calls this directory extension "extn.{extension[1]}".'
        return because, f'Write that here, and add "{claim}" to optional_claims in [entra].'
    if claim.startswith("extn."):
        because = "Entra ID sends a directory extension only where the registration asks for it."
        return because, f"Add {NAMED} to optional_claims in [entra], or remove the line."
    if claim.lower() in facts.POLICY_CLAIMS:
        because = "Entra ID sends this claim only where an administrator has made a policy for it."
        return because, f'Have one made, and add "{claim}" to policy_claims in [entra].'
    return None


@check
def _known_optional_claims(s: Settings) -> Messages:
    """Microsoft learn, "Optional claims reference"."""
    for index, claim in enumerate(s.entra.optional_claims):
        if claim not in facts.OPTIONAL_CLAIMS and not facts.EXTENSION.fullmatch(claim):
            yield warning(
                at.entra.optional_claims[index],
                "Microsoft's reference has no such optional claim for ID tokens, and nothing else checks the"
                " name: a mistyped claim is just never there.",
                did_you_mean(claim, list(facts.OPTIONAL_CLAIMS)),
            )


@check
def _policies_of_one_tenant(s: Settings) -> Messages:
    """Microsoft learn, "Customize claims": acceptMappedClaims in multitenant applications."""
    if s.entra.policy_claims and s.account_types is not facts.AccountTypes.ONE_TENANT:
        yield error(
            at.entra.policy_claims,
            "A registration that accepts accounts of other tenants must not accept policies: any of those"
            " tenants could make one, and write what it likes into the token.",
            "Remove the line, or let customers in by an environment of their own.",
        )
