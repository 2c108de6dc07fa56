"""Whether Entra ID accepts the secret that Cognito has, and for how long it will."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from operate import http_client
from operate.cognito_api import CognitoFacts
from operate.errors import Unavailable
from operate.graph_api import EntraFacts, PasswordCredential
from operate.known_errors import explain
from operate.outputs import Outputs
from operate.verify.findings import Checked, Finding, candidates_for

DAY = timedelta(days=1)
TITLE = "The secret between Cognito and Entra ID"
REGISTRATION = "registration"
UNKNOWN_END = "Entra ID takes it; until when is for the registration's owner to know"


@dataclass(frozen=True)
class Presented:
    """What Entra ID answered when it was shown Cognito's secret.

    Attributes:
        refusal: the error; empty when the secret is good.
        hint: the secret's first three characters, by which Graph tells secrets apart.
    """

    refusal: str
    hint: str


def present_secret(
    http: httpx.Client, outputs: Outputs, facts: CognitoFacts | Unavailable
) -> Presented | Unavailable | None:
    """Show Entra ID the secret that Cognito has, at the registration's tenant; None if Cognito has none."""
    if isinstance(facts, Unavailable):
        return Unavailable(f"whether Entra ID takes it, because {facts.why}")
    name = presenting_provider(outputs, facts)
    if name is None:
        return None
    secret = facts.client_secret(name)
    if not secret:
        return Unavailable("whether Entra ID takes it, because Cognito does not show it")
    refusal = refusal_of(http, outputs, secret, outputs.expected.token_url)
    if isinstance(refusal, Unavailable):
        return Unavailable(f"whether Entra ID takes it, because of {refusal.why}")
    return Presented(refusal, secret[:3])


def presenting_provider(outputs: Outputs, facts: CognitoFacts) -> str | None:
    """The identity provider whose secret counts: that of the registration's tenant, or else the first."""
    names = [outputs.expected.home_provider, *facts.providers]
    return next((name for name in names if name is not None and facts.providers.get(name)), None)


def refusal_of(http: httpx.Client, outputs: Outputs, secret: str, token_url: str) -> str | Unavailable:
    """Show Entra ID a secret as Cognito does, in the body; an empty refusal means that it is good.

    With the client credentials grant (learn.microsoft.com/entra/identity-platform/
    v2-oauth2-client-creds-grant-flow), which needs no person and no permission. The token is not kept.
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
        return Unavailable(http_client.reason(error))
    if answer.is_success:
        return ""
    try:
        refusal = str(answer.json()["error_description"])
    except (ValueError, KeyError, TypeError):
        refusal = f"status {answer.status_code}"
    return http_client.excerpt(refusal.partition(" Trace ID")[0])


def check_secret(
    outputs: Outputs,
    facts: EntraFacts | Unavailable,
    presented: Presented | Unavailable | None,
    now: datetime,
) -> Checked:
    """Whether Entra ID accepts Cognito's secret, and for how long."""
    secrets = facts.secrets if isinstance(facts, EntraFacts) and facts.application else None
    deployed = next((one for one in secrets or [] if one.key_id == outputs.secret_key_id), None)
    # Of a secret that others keep, the stack does not know which it is.
    removed = secrets is not None and deployed is None and outputs.secret_key_id is not None
    if isinstance(presented, Presented) and presented.refusal:
        return _refused(presented.refusal, secrets if removed else None)
    not_checked = presented.why if isinstance(presented, Unavailable) else ""
    if not_checked and removed:
        return Checked(TITLE, (Finding("secret-removed", REGISTRATION),), not_checked)

    hint = presented.hint if isinstance(presented, Presented) else ""
    # The deployed one, unless Cognito presents another: then that one, by its first characters.
    others = [secret for secret in secrets or [] if hint and secret.hint == hint]
    used = [deployed] if deployed and (deployed in others or not others) else others
    ends = max((secret.ends for secret in used), default=outputs.client_secret_end_date)
    if ends is None:
        return Checked(TITLE, not_checked=not_checked, note="" if not_checked else UNKNOWN_END)
    days_left = math.floor((ends - now) / DAY)
    until = f"it ends on {ends:%Y-%m-%d}, in {days_left} days"
    if ends <= now:
        findings = [Finding("secret-expired", REGISTRATION, f"it ended on {ends:%Y-%m-%d}")]
    elif days_left <= outputs.expected.fail_days:
        findings = [Finding("secret-ends-now", REGISTRATION, until)]
    elif days_left <= outputs.expected.warn_days:
        findings = [Finding("secret-ends-soon", REGISTRATION, until)]
    else:
        findings = []
    return Checked(TITLE, tuple(findings), not_checked, "" if findings else until, days_left)


def _refused(refusal: str, without_it: list[PasswordCredential] | None) -> Checked:
    """What a refusal means.

    Args:
        without_it: the registration's secrets, if the deployed one is not among them.
    """
    ids = {known.id for known in explain(refusal)}
    if "secret-expired" in ids:
        return Checked(TITLE, (Finding("secret-expired", REGISTRATION),))
    if "secret-wrong" not in ids:
        candidates = candidates_for(refusal)
        if not candidates:
            return Checked(TITLE, not_checked=f"Entra ID answers: {refusal}")
        return Checked(TITLE, (Finding(candidates[0], REGISTRATION, refusal, frozenset(candidates)),))
    if without_it is not None:
        plural = "" if len(without_it) == 1 else "s"
        count = f"the registration has {len(without_it) or 'no'} other secret{plural}"
        return Checked(TITLE, (Finding("secret-removed", REGISTRATION, count),))
    return Checked(TITLE, (Finding("secret-wrong", "identity provider"),))
