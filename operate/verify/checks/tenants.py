"""Whether the administrators of customers' tenants have consented to the application.

A customer's tenant knows an application of another only by a service principal of its own, which comes into
being with the first consent there (learn.microsoft.com/entra/identity-platform/
app-objects-and-service-principals).
"""

import httpx

from operate import http_client
from operate.cognito_api import CognitoFacts
from operate.errors import Unavailable
from operate.known_errors import AADSTS, KNOWN_ERRORS, explain
from operate.outputs import Outputs
from operate.verify.checks.secret import presenting_provider, refusal_of
from operate.verify.findings import TENANT_CONSENT, Checked, Finding
from stacks.settings.facts import PERSONAL_TENANT_ID

TITLE = "Consent of the customers' administrators"


def lacks_consent(answer: str) -> bool:
    """Whether an answer of a customer's tenant says that nobody there has consented."""
    return bool(KNOWN_ERRORS[TENANT_CONSENT].codes & set(AADSTS.findall(answer)))


def no_consent(provider: str, key: str, answer: str) -> Finding:
    """The finding about a customer's tenant whose administrator has not consented."""
    return Finding(
        TENANT_CONSENT,
        f"tenant {key}",
        f"identity provider {provider}: {http_client.excerpt(answer)}",
        provider=provider,
        remedy=f"Send its administrator the output tenants.{key}.admin_consent_url.",
    )


def check_tenants(http: httpx.Client, outputs: Outputs, facts: CognitoFacts | Unavailable) -> list[Checked]:
    """Ask each customer's tenant whether it knows the application, by showing it Cognito's secret there.

    The redirects do not tell: Entra ID's form comes before it looks for a consent.
    """
    providers = outputs.expected.identity_providers
    customers = {
        name: key
        for name, key in outputs.customers.items()
        # Personal accounts have no administrator: their owners consent by themselves.
        if name in providers and providers[name].tenant_id != PERSONAL_TENANT_ID
    }
    if not customers:
        return []
    if isinstance(facts, Unavailable):
        return [Checked(TITLE, not_checked=facts.why)]

    def ask(name: str) -> Finding | Unavailable | None:
        return _tenant(http, outputs, facts, name, customers[name])

    def timed_out(answer: Finding | Unavailable | None) -> bool:
        return isinstance(answer, Unavailable) and http_client.TIMED_OUT in answer.why

    answers = http_client.ask_each(ask, customers, unreachable=timed_out)
    findings = tuple(answer for answer in answers if isinstance(answer, Finding))
    unavailable = [answer.why for answer in answers if isinstance(answer, Unavailable)]
    more = f"; and so on, {len(unavailable)} tenants in all" if len(unavailable) > 1 else ""
    return [Checked(TITLE, findings, unavailable[0] + more if unavailable else "")]


def _tenant(
    http: httpx.Client, outputs: Outputs, facts: CognitoFacts, name: str, key: str
) -> Finding | Unavailable | None:
    secret = facts.client_secret(name)
    if not secret:
        # Its provider is gone, or Cognito does not show it: other checks say so.
        return None
    token_url = outputs.expected.identity_providers[name].details["token_url"]
    refusal = refusal_of(http, outputs, secret, token_url)
    if isinstance(refusal, Unavailable):
        return Unavailable(f"tenant {key}: {refusal.why}")
    if not refusal:
        return None
    if lacks_consent(refusal):
        return no_consent(name, key, refusal)
    ids = {known.id for known in explain(refusal)}
    for id_ in ("secret-expired", "secret-wrong"):
        if id_ in ids:
            # The secret that all have is reported once, where it is shown to the registration's own tenant.
            same = secret == facts.client_secret(presenting_provider(outputs, facts) or "")
            return None if same else Finding(id_, f"identity provider {name}", provider=name)
    return Unavailable(f"tenant {key}: Entra ID answers: {refusal}")
