"""Whether the administrators of customers' tenants have let the application in.

A customer's tenant knows an application of another only by a service principal of its own, which comes into
being with the first consent there (learn.microsoft.com/entra/identity-platform/
app-objects-and-service-principals).
"""

import httpx

from operate import http_client
from operate.cognito_api import CognitoFacts
from operate.known_errors import KNOWN_ERRORS, explain
from operate.known_errors.entra import TENANT_CONSENT
from operate.known_errors.known_error import AADSTS
from operate.outputs import Outputs
from operate.verify.checks.secret import presenting, refusal_of
from operate.verify.findings import Checked, Finding, NotChecked

# The tenant of all personal accounts, which has no administrator: its people consent by themselves
# (learn.microsoft.com/entra/identity-platform/id-token-claims-reference, `tid`).
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"


def lacks_consent(text: str) -> bool:
    """Whether an answer at a customer's tenant says that nobody there has consented."""
    return bool(KNOWN_ERRORS[TENANT_CONSENT].codes & set(AADSTS.findall(text)))


def no_consent(provider: str, key: str, said: str) -> Finding:
    """The finding about a customer's tenant whose administrator has not consented."""
    return Finding(
        TENANT_CONSENT,
        f"tenant {key}",
        f"identity provider {provider}: {http_client.excerpt(said)}",
        provider=provider,
        remedy=f"Send its administrator the output tenants.{key}.admin_consent_url.",
    )


def check_tenants(http: httpx.Client, outputs: Outputs, facts: CognitoFacts | NotChecked) -> list[Checked]:
    """Ask each customer's tenant whether it knows the application, by showing it Cognito's secret there.

    A browser does not see that before somebody has signed in.
    """
    title = "Consent of the customers' administrators"
    providers = outputs.expected.identity_providers
    customers = {
        name: key
        for name, key in outputs.customers.items()
        if name in providers and providers[name].tenant_id != PERSONAL
    }
    if not customers:
        return []
    if isinstance(facts, NotChecked):
        return [Checked(title, not_checked=facts)]

    def ask(name: str) -> Finding | NotChecked | None:
        return _tenant(http, outputs, facts, name, customers[name])

    def silent(answer: Finding | NotChecked | None) -> bool:
        return isinstance(answer, NotChecked) and http_client.TIMED_OUT in answer.why

    answers = http_client.side_by_side(ask, customers, hopeless=silent)
    untold = [one.why for one in answers if isinstance(one, NotChecked)]
    more = f"; and so on, {len(untold)} tenants in all" if len(untold) > 1 else ""
    return [
        Checked(
            title,
            tuple(one for one in answers if isinstance(one, Finding)),
            NotChecked(untold[0] + more) if untold else None,
        )
    ]


def _tenant(
    http: httpx.Client, outputs: Outputs, facts: CognitoFacts, name: str, key: str
) -> Finding | NotChecked | None:
    secret = facts.client_secret(name)
    if not secret:
        # Its provider is gone, or Cognito does not show it: other checks say so.
        return None
    refusal = refusal_of(
        http, outputs, secret, outputs.expected.identity_providers[name].details["token_url"]
    )
    if isinstance(refusal, NotChecked):
        return NotChecked(f"tenant {key}: {refusal.why}")
    if lacks_consent(refusal):
        return no_consent(name, key, refusal)
    ids = {trouble.id for trouble in explain(refusal)}
    if not refusal:
        return None
    for trouble_id in ("secret-expired", "secret-wrong"):
        if trouble_id in ids:
            # That of all of them is said once, where it is shown to the registration's own tenant.
            same = secret == facts.client_secret(presenting(outputs, facts) or "")
            return None if same else Finding(trouble_id, f"identity provider {name}", provider=name)
    return NotChecked(f"tenant {key}: Entra ID answers: {refusal}")
