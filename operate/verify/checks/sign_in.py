"""Whether a sign-in would begin: what a browser and Cognito ask of Entra ID, asked without signing in."""

from urllib.parse import urlencode, urlsplit

import httpx

from operate import http_client
from operate.known_errors import explain
from operate.known_errors.entra import TENANT_CONSENT
from operate.known_errors.known_error import AADSTS
from operate.outputs import Outputs
from operate.verify.checks.tenants import lacks_consent, no_consent
from operate.verify.findings import CLIENT, Checked, Finding

# Where a finding is that Entra ID makes about Cognito's request: it is the same for every app client.
REQUEST = "Cognito's request to Entra ID"


def check_issuer(http: httpx.Client, outputs: Outputs) -> Checked:
    """Each tenant's discovery document is there and names the deployed issuer, byte for byte.

    Cognito compares the issuer of every ID token so (developer guide, "Using OIDC identity providers with a
    user pool"), and the document must name the issuer it was found by (OpenID Connect Discovery 1.0, 4.3).
    """

    def ask(provider: str) -> Finding | None:
        return _issuer(http, outputs, provider)

    found = http_client.side_by_side(ask, outputs.expected.identity_providers, hopeless=_timed_out)
    return Checked("Entra ID answers, and names the deployed issuer", tuple(one for one in found if one))


def _issuer(http: httpx.Client, outputs: Outputs, provider: str) -> Finding | None:
    issuer = outputs.expected.identity_providers[provider].details["oidc_issuer"]
    url = f"{issuer}/.well-known/openid-configuration"
    key = outputs.customers.get(provider)

    def finding(trouble_id: str, detail: str) -> Finding:
        remedy = f"Compare tenant_id under [tenants.{key}] with the customer's overview page." if key else ""
        return Finding(trouble_id, outputs.place(url, provider), detail, provider=provider, remedy=remedy)

    try:
        answer = http.get(url)
        document = answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError) as error:
        why = http_client.sentence(error) if isinstance(error, httpx.HTTPError) else "it is not JSON"
        return finding("entra-unreachable", why)
    if not isinstance(document, dict):
        return finding("entra-unreachable", f"status {answer.status_code}")
    if document.get("issuer") != issuer:
        return finding("issuer-mismatch", f"it names {document.get('issuer')} instead of {issuer}")
    return None


def check_keys(http: httpx.Client, outputs: Outputs) -> Checked:
    """Each tenant's signing keys are there (RFC 7517)."""

    def ask(provider: str) -> Finding | None:
        return _keys(http, outputs, provider)

    found = http_client.side_by_side(ask, outputs.expected.identity_providers, hopeless=_timed_out)
    return Checked("Entra ID's signing keys", tuple(one for one in found if one))


def _keys(http: httpx.Client, outputs: Outputs, provider: str) -> Finding | None:
    url = outputs.expected.identity_providers[provider].details["jwks_uri"]
    try:
        answer = http.get(url)
        keys = answer.json().get("keys") if answer.is_success else None
        why = f"status {answer.status_code}, no keys"
    except httpx.HTTPError as error:
        keys, why = None, http_client.sentence(error)
    except (ValueError, AttributeError):
        keys, why = None, f"status {answer.status_code}, no keys"
    place = outputs.place(url, provider)
    return None if keys else Finding("keys-unreachable", place, why, provider=provider)


def check_login(http: httpx.Client, outputs: Outputs, domain_url: str) -> Checked:
    """Cognito sends each app's people on to Entra ID, to their own tenant, and Entra ID takes them.

    The first callback URL of each client stands for all: the others are compared by the check of the client.
    With `identity_provider` Cognito redirects at once (developer guide, "Authorize endpoint"), so the request
    that Entra ID sees here is Cognito's own.
    """

    def ask(way: tuple[str, str]) -> Finding | None:
        return _way(http, outputs, domain_url, *way)

    ways = [
        (key, provider)
        for key, client in outputs.expected.clients.items()
        for provider in client.identity_providers
    ]
    found = [finding for finding in http_client.side_by_side(ask, ways, hopeless=_is_unreachable) if finding]
    title = "Cognito sends people on, and Entra ID takes its request"
    return Checked(title, tuple([finding for finding in found if _is_unreachable(finding)] or found))


def _way(http: httpx.Client, outputs: Outputs, domain_url: str, key: str, provider: str) -> Finding | None:
    """The way of one app's people to one tenant."""
    client = outputs.expected.clients[key]
    request = {
        "identity_provider": provider,
        "response_type": "code",
        "client_id": outputs.client_ids[key],
        "redirect_uri": client.callback_urls[0],
        "scope": " ".join(client.scopes),
    }
    url = f"{domain_url}/oauth2/authorize?{urlencode(request)}"
    try:
        journey = http_client.travel(http, url, until=client.callback_urls[0])
    except httpx.HTTPError as error:
        return Finding("domain-unreachable", domain_url, http_client.sentence(error))
    return problem_of(journey, outputs, key, provider)


def _timed_out(found: Finding | None) -> bool:
    return found is not None and http_client.TIMED_OUT in found.detail


def _is_unreachable(found: Finding | None) -> bool:
    return found is not None and found.trouble_id == "domain-unreachable"


def problem_of(
    journey: http_client.RedirectChain, outputs: Outputs, key: str, provider: str
) -> Finding | None:
    """What a browser's way towards Entra ID's form shows to be wrong, if anything."""
    text = journey.text
    left_cognito = urlsplit(journey.urls[-1])[:2] != urlsplit(journey.urls[0])[:2]
    if code := AADSTS.search(text):
        where = outputs.place(REQUEST, provider)
        text = text[code.start() :]
        if provider in outputs.customers and lacks_consent(text):
            return no_consent(provider, outputs.customers[provider], text)
    elif left_cognito and httpx.codes.is_success(journey.status):
        # Entra ID's own form: its text is nobody's error.
        return None
    else:
        where = f"{CLIENT}{key}"
    known = [trouble.id for trouble in explain(text) if trouble.verified and trouble.id != TENANT_CONSENT]
    ids = known or ["login-refused"]
    detail = f"the answer is {http_client.excerpt(text) or journey.status}"
    return Finding(ids[0], where, detail, instead=frozenset(ids), provider=provider)
