"""Whether a sign-in would begin: what a browser and Cognito ask of Entra ID, asked without signing in."""

from urllib.parse import urlencode, urlsplit

import httpx

from operate import web
from operate.checks.entra import Presented
from operate.cognito import CognitoFacts
from operate.findings import CLIENT, Checked, Finding, NotChecked
from operate.outputs import Outputs
from operate.troubles import explain
from operate.troubles.trouble import AADSTS

# Where a finding is that Entra ID makes about Cognito's request: it is the same for every app client.
REQUEST = "Cognito's request to Entra ID"


def check_issuer(http: httpx.Client, outputs: Outputs) -> Checked:
    """The discovery document is there and names the deployed issuer, byte for byte.

    Cognito compares the issuer of every ID token so (developer guide, "Using OIDC identity providers with a
    user pool"), and the document must name the issuer it was found by (OpenID Connect Discovery 1.0, 4.3).
    """
    title = "Entra ID answers, and names the deployed issuer"
    issuer = outputs.expected.provider_details["oidc_issuer"]
    url = f"{issuer}/.well-known/openid-configuration"
    try:
        answer = http.get(url)
        document = answer.json() if answer.is_success else None
    except (httpx.HTTPError, ValueError) as error:
        why = web.sentence(error) if isinstance(error, httpx.HTTPError) else "it is not JSON"
        return Checked(title, (Finding("entra-unreachable", url, why),))
    if not isinstance(document, dict):
        return Checked(title, (Finding("entra-unreachable", url, f"status {answer.status_code}"),))
    if document.get("issuer") != issuer:
        detail = f"it names {document.get('issuer')} instead of {issuer}"
        return Checked(title, (Finding("issuer-mismatch", url, detail),))
    return Checked(title)


def check_keys(http: httpx.Client, outputs: Outputs) -> Checked:
    """The signing keys are there (RFC 7517)."""
    title = "Entra ID's signing keys"
    url = outputs.expected.provider_details["jwks_uri"]
    try:
        answer = http.get(url)
        keys = answer.json().get("keys") if answer.is_success else None
    except httpx.HTTPError as error:
        return Checked(title, (Finding("keys-unreachable", url, web.sentence(error)),))
    except (ValueError, AttributeError):
        keys = None
    if not keys:
        return Checked(title, (Finding("keys-unreachable", url, f"status {answer.status_code}, no keys"),))
    return Checked(title)


def check_login(http: httpx.Client, outputs: Outputs, domain_url: str) -> Checked:
    """Cognito sends each app's people on to Entra ID, and Entra ID takes them.

    The first callback URL of each client stands for all: the others are compared by the check of the client.
    With `identity_provider` Cognito redirects at once (developer guide, "Authorize endpoint"), so the request
    that Entra ID sees here is Cognito's own.
    """
    title = "Cognito sends people on, and Entra ID takes its request"
    found = []
    for key, client in outputs.expected.clients.items():
        request = {
            "identity_provider": outputs.expected.provider_name,
            "response_type": "code",
            "client_id": outputs.client_ids[key],
            "redirect_uri": client.callback_urls[0],
            "scope": " ".join(client.scopes),
        }
        url = f"{domain_url}/oauth2/authorize?{urlencode(request)}"
        try:
            journey = web.travel(http, url, until=client.callback_urls[0])
        except httpx.HTTPError as error:
            unreachable = Finding("domain-unreachable", domain_url, web.sentence(error))
            return Checked(title, (unreachable,))
        found += problems_of(journey, key)
    return Checked(title, tuple(found))


def problems_of(journey: web.Journey, key: str) -> list[Finding]:
    """What a browser's way towards Entra ID's form shows.

    Args:
        journey: the way.
        key: the app client's key in the settings.

    Returns:
        Nothing, or one finding.
    """
    text = journey.text
    left_cognito = urlsplit(journey.urls[-1])[:2] != urlsplit(journey.urls[0])[:2]
    if AADSTS.search(text):
        where = REQUEST
        text = text[AADSTS.search(text).start() :]  # type: ignore[union-attr]
    elif left_cognito and httpx.codes.is_success(journey.status):
        # Entra ID's own form: its text is nobody's error.
        return []
    else:
        where = f"{CLIENT}{key}"
    ids = [trouble.id for trouble in explain(text) if trouble.verified] or ["login-refused"]
    detail = f"the answer is {web.excerpt(text) or journey.status}"
    return [Finding(ids[0], where, detail, instead=frozenset(ids))]


def present_secret(
    http: httpx.Client, outputs: Outputs, facts: CognitoFacts | NotChecked
) -> Presented | NotChecked | None:
    """Show Entra ID the secret that Cognito has, as Cognito does: in the body, at the token endpoint.

    With the client credentials grant (learn.microsoft.com/entra/identity-platform/
    v2-oauth2-client-creds-grant-flow): it needs no person and no permission. The token that comes
    is not kept.
    """
    if isinstance(facts, NotChecked):
        return NotChecked(f"whether Entra ID takes it, because {facts.why}")
    if facts.provider is None:
        return None
    secret = facts.client_secret
    if not secret:
        return NotChecked("whether Entra ID takes it, because Cognito does not show it")
    form = {
        "grant_type": "client_credentials",
        "client_id": outputs.entra_application_id,
        "client_secret": secret,
        "scope": f"{outputs.expected.graph_origin}/.default",
    }
    try:
        answer = http.post(outputs.token_url, data=form)
    except httpx.HTTPError as error:
        return NotChecked(f"whether Entra ID takes it, because of {web.sentence(error)}")
    if answer.is_success:
        return Presented("", secret[:3])
    try:
        refusal = str(answer.json()["error_description"])
    except (ValueError, KeyError, TypeError):
        refusal = f"status {answer.status_code}"
    return Presented(web.excerpt(refusal.partition(" Trace ID")[0]), secret[:3])
