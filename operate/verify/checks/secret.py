"""Whether Entra ID takes the secret that Cognito has, and for how long it will."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import httpx

from operate import http_client
from operate.cognito_api import CognitoFacts
from operate.graph_api import EntraFacts, Secret
from operate.known_errors import VERIFIED, explain
from operate.known_errors.entra import TENANT_CONSENT
from operate.outputs import Outputs
from operate.verify.findings import Checked, Finding, NotChecked

DAY = timedelta(days=1)
TITLE = "The secret between Cognito and Entra ID"
UNKNOWN_END = "Entra ID takes it; until when is for the registration's owner to know"
OWNER = (
    "Deploy again, which hands over the secret that is kept for it now: `pipenv run cdktf deploy"
    " {environment}`. If that is the same one still, have the registration's owner make another and keep it"
    " there."
)


@dataclass(frozen=True)
class Presented:
    """What Entra ID said when it was shown the secret that Cognito has.

    Attributes:
        refusal: the error; empty when the secret is good.
        hint: the secret's first three characters, by which Graph tells secrets apart.
    """

    refusal: str
    hint: str


def present_secret(
    http: httpx.Client, outputs: Outputs, facts: CognitoFacts | NotChecked
) -> Presented | NotChecked | None:
    """Show Entra ID the secret that Cognito has, at the tenant of the registration.

    Returns:
        What Entra ID said; None if Cognito has no secret, for want of a provider.
    """
    if isinstance(facts, NotChecked):
        return NotChecked(f"whether Entra ID takes it, because {facts.why}")
    name = presenting(outputs, facts)
    if name is None:
        return None
    secret = facts.client_secret(name)
    if not secret:
        return NotChecked("whether Entra ID takes it, because Cognito does not show it")
    refusal = refusal_of(http, outputs, secret, outputs.expected.token_url)
    if isinstance(refusal, NotChecked):
        return NotChecked(f"whether Entra ID takes it, because of {refusal.why}")
    return Presented(refusal, secret[:3])


def presenting(outputs: Outputs, facts: CognitoFacts) -> str | None:
    """The identity provider whose secret counts: that of the registration's own tenant, or else the first."""
    names = [outputs.expected.home_provider, *facts.providers]
    return next((name for name in names if name is not None and facts.providers.get(name)), None)


def refusal_of(http: httpx.Client, outputs: Outputs, secret: str, token_url: str) -> str | NotChecked:
    """Show Entra ID a secret as Cognito does: in the body, at the token endpoint.

    With the client credentials grant (learn.microsoft.com/entra/identity-platform/
    v2-oauth2-client-creds-grant-flow): it needs no person and no permission. The token that comes
    is not kept.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": outputs.entra_application_id,
        "client_secret": secret,
        "scope": f"{outputs.expected.graph_origin}/.default",
    }
    try:
        answer = http.post(token_url, data=form)
    except httpx.HTTPError as error:
        return NotChecked(http_client.sentence(error))
    if answer.is_success:
        return ""
    try:
        refusal = str(answer.json()["error_description"])
    except (ValueError, KeyError, TypeError):
        refusal = f"status {answer.status_code}"
    return http_client.excerpt(refusal.partition(" Trace ID")[0])


def check_secret(
    outputs: Outputs,
    facts: EntraFacts | NotChecked,
    presented: Presented | NotChecked | None,
    now: datetime,
) -> tuple[Checked, int | None]:
    """Whether Entra ID takes Cognito's secret, and for how long.

    Args:
        presented: what Entra ID said to the secret; None if Cognito has none, for want of a provider.
    """
    check, left = _check(outputs, facts, presented, now)
    if not outputs.expected.own_registration:
        check = replace(check, findings=tuple(replace(found, remedy=OWNER) for found in check.findings))
    return check, left


def _check(
    outputs: Outputs,
    facts: EntraFacts | NotChecked,
    presented: Presented | NotChecked | None,
    now: datetime,
) -> tuple[Checked, int | None]:
    secrets = facts.secrets if isinstance(facts, EntraFacts) and facts.application else None
    deployed = next((one for one in secrets or [] if one.key_id == outputs.secret_key_id), None)
    # Of a secret that others keep, the stack does not know which it is.
    removed = secrets is not None and deployed is None and outputs.secret_key_id is not None
    if isinstance(presented, Presented) and presented.refusal:
        return _refused(presented.refusal, secrets if removed else None), None
    untried = presented if isinstance(presented, NotChecked) else None
    if untried and removed:
        return Checked(TITLE, (Finding("secret-removed", "registration"),), untried), None

    hint = presented.hint if isinstance(presented, Presented) else ""
    # The deployed one, unless Cognito presents another: then that one, by its first characters.
    others = [secret for secret in secrets or [] if hint and secret.hint == hint]
    used = [deployed] if deployed and (deployed in others or not others) else others
    ends = max((secret.ends for secret in used), default=outputs.client_secret_end_date)
    if ends is None:
        return Checked(TITLE, not_checked=untried, note="" if untried else UNKNOWN_END), None
    found, until, left = _until(outputs, ends, now)
    return Checked(TITLE, tuple(found), untried, "" if found else until), left


def _until(outputs: Outputs, ends: datetime, now: datetime) -> tuple[list[Finding], str, int]:
    """What a day on which the secret ends leads to, that day in words, and the days left."""
    left = math.floor((ends - now) / DAY)
    until = f"it ends on {ends:%Y-%m-%d}, in {left} days"
    if ends <= now:
        return [Finding("secret-expired", "registration", f"it ended on {ends:%Y-%m-%d}")], until, left
    if left <= outputs.expected.fail_days:
        return [Finding("secret-ends-now", "registration", until)], until, left
    if left <= outputs.expected.warn_days:
        return [Finding("secret-ends-soon", "registration", until)], until, left
    return [], until, left


def _refused(refusal: str, without_it: list[Secret] | None) -> Checked:
    """What a refusal means; the registration's secrets are given where the deployed one is not among them."""
    ids = {trouble.id for trouble in explain(refusal)}
    if "secret-expired" in ids:
        return Checked(TITLE, (Finding("secret-expired", "registration"),))
    if "secret-wrong" not in ids:
        instead = frozenset(ids & VERIFIED - {TENANT_CONSENT})
        if not instead:
            return Checked(TITLE, not_checked=NotChecked(f"Entra ID answers: {refusal}"))
        return Checked(TITLE, (Finding(min(instead), "registration", refusal, instead),))
    if without_it is not None:
        plural = "" if len(without_it) == 1 else "s"
        count = f"the registration has {len(without_it) or 'no'} other secret{plural}"
        return Checked(TITLE, (Finding("secret-removed", "registration", count),))
    return Checked(TITLE, (Finding("secret-wrong", "identity provider"),))
