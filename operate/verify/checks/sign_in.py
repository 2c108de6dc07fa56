"""Whether a sign-in would begin: what a browser and Cognito ask of Entra ID, asked without signing in."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import httpx

from operate import http_client
from operate.http_client import RedirectChain
from operate.known_errors import AADSTS
from operate.outputs import Outputs
from operate.verify.checks.tenants import lacks_consent, no_consent
from operate.verify.findings import CLIENT, Checked, Finding, candidates_for

# Where a finding is that Entra ID makes about Cognito's request: it is the same for every app client.
REQUEST = "Cognito's request to Entra ID"


def check_issuer(http: httpx.Client, outputs: Outputs) -> Checked:
    """Each tenant's discovery document is there and names the deployed issuer, byte for byte.

    Cognito compares the issuer of every ID token so (developer guide, "Using OIDC identity providers with a
    user pool"), and the document must name the issuer it was found by (OpenID Connect Discovery 1.0, 4.3).
    """
    return _each_provider("Entra ID answers, and names the deployed issuer", http, outputs, _issuer)


def check_keys(http: httpx.Client, outputs: Outputs) -> Checked:
    """Each tenant's signing keys are there (RFC 7517)."""
    return _each_provider("Entra ID's signing keys", http, outputs, _keys)


def _each_provider(
    title: str,
    http: httpx.Client,
    outputs: Outputs,
    check: Callable[[httpx.Client, Outputs, str], Finding | None],
) -> Checked:
    def ask(provider: str) -> Finding | None:
        return check(http, outputs, provider)

    def timed_out(finding: Finding | None) -> bool:
        return finding is not None and http_client.TIMED_OUT in finding.detail

    findings = http_client.ask_each(ask, outputs.expected.identity_providers, unreachable=timed_out)
    return Checked(title, tuple(finding for finding in findings if finding))


def _issuer(http: httpx.Client, outputs: Outputs, provider: str) -> Finding | None:
    issuer = outputs.expected.identity_providers[provider].details["oidc_issuer"]
    url = f"{issuer}/.well-known/openid-configuration"
    key = outputs.customers.get(provider)

    def finding(id_: str, detail: str) -> Finding:
        remedy = f"Compare tenant_id under [tenants.{key}] with the customer's overview page." if key else ""
        return Finding(id_, outputs.place(url, provider), detail, provider=provider, remedy=remedy)

    try:
        answer = http.get(url)
        document = answer.json() if answer.is_success else None
    except httpx.HTTPError as error:
        return finding("entra-unreachable", http_client.reason(error))
    except ValueError:
        return finding("entra-unreachable", "it is not JSON")
    if not isinstance(document, dict):
        return finding("entra-unreachable", f"status {answer.status_code}")
    if document.get("issuer") != issuer:
        return finding("issuer-mismatch", f"it names {document.get('issuer')} instead of {issuer}")
    return None


def _keys(http: httpx.Client, outputs: Outputs, provider: str) -> Finding | None:
    url = outputs.expected.identity_providers[provider].details["jwks_uri"]
    try:
        answer = http.get(url)
        if answer.is_success and answer.json().get("keys"):
            return None
        why = f"status {answer.status_code}, no keys"
    except httpx.HTTPError as error:
        why = http_client.reason(error)
    except (ValueError, AttributeError):
        why = f"status {answer.status_code}, no keys"
    return Finding("keys-unreachable", outputs.place(url, provider), why, provider=provider)


def check_login(http: httpx.Client, outputs: Outputs, domain_url: str) -> Checked:
    """Cognito redirects each app's users to Entra ID, to their own tenant, and Entra ID shows its form.

    The first callback URL of each client stands for all: the others are compared by the check of the client.
    With `identity_provider` Cognito redirects at once (developer guide, "Authorize endpoint"), so the request
    that Entra ID sees here is Cognito's own.
    """

    def ask(sign_in: tuple[str, str]) -> Finding | None:
        return _login(http, outputs, domain_url, *sign_in)

    def unreachable(finding: Finding | None) -> bool:
        return finding is not None and finding.id == "domain-unreachable"

    sign_ins = [
        (key, provider)
        for key, client in outputs.expected.clients.items()
        for provider in client.identity_providers
    ]
    findings = [
        finding for finding in http_client.ask_each(ask, sign_ins, unreachable=unreachable) if finding
    ]
    title = "Cognito sends people on, and Entra ID takes its request"
    return Checked(title, tuple([one for one in findings if unreachable(one)] or findings))


def _login(http: httpx.Client, outputs: Outputs, domain_url: str, key: str, provider: str) -> Finding | None:
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
        chain = http_client.follow_redirects(http, url, until=client.callback_urls[0])
    except httpx.HTTPError as error:
        return Finding("domain-unreachable", domain_url, http_client.reason(error))
    return login_finding(chain, outputs, key, provider)


def login_finding(chain: RedirectChain, outputs: Outputs, key: str, provider: str) -> Finding | None:
    """What is wrong with the redirects towards Entra ID's form, if anything.

    Args:
        key: the app client's, in the settings.
    """
    text = chain.text
    left_cognito = urlsplit(chain.urls[-1])[:2] != urlsplit(chain.urls[0])[:2]
    if code := AADSTS.search(text):
        where = outputs.place(REQUEST, provider)
        text = text[code.start() :]
        if provider in outputs.customers and lacks_consent(text):
            return no_consent(provider, outputs.customers[provider], text)
    elif left_cognito and httpx.codes.is_success(chain.status):
        # Entra ID's own form, whose words are no error.
        return None
    else:
        where = f"{CLIENT}{key}"
    candidates = candidates_for(text) or ["login-refused"]
    detail = f"the answer is {http_client.excerpt(text) or chain.status}"
    return Finding(candidates[0], where, detail, candidates=frozenset(candidates), provider=provider)
