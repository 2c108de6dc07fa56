"""What MiniStack's IAM does not see of a request and AWS does: a policy allows here what it allows there.

Source: the Service Authorization Reference of each service: which resource an action is about, and which
condition keys it has. MiniStack evaluates policies, boundaries and trust policies by itself (`AUTH=true`). It
does not ask for `iam:PassRole`, which is no call.
"""

# ruff: noqa: SLF001 - MiniStack's version is pinned, and tests/sandbox/test_local_aws.py goes through all of it

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ministack.core import iam_actions  # type: ignore[import-untyped]
from ministack.services import iam, sts  # type: ignore[import-untyped]

from sandbox.web.issuer_tokens import FORGED, MALFORMED, OVER, TokenError, audiences, unverified, verify

BOUNDARY = "iam:PermissionsBoundary"
REFUSED = {
    MALFORMED: ("InvalidIdentityToken", "The ID Token provided is not a valid JWT."),
    FORGED: ("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider"),
    OVER: ("ExpiredTokenException", "Token expired"),
}


def see_all_of_a_request() -> None:
    """Have MiniStack see the resources and condition keys that it leaves out."""
    resource_arn, condition_keys = iam_actions.extract_resource_arn, iam_actions.request_tag_context

    def with_more_resources(*request: Any) -> str:
        service, _, _, _, body, params, region, account = request
        return _named(service, body, params, region, account) or str(resource_arn(*request))

    def with_boundary(service: str, action: str, body: bytes, params: dict[str, Any]) -> dict[str, Any]:
        keys: dict[str, Any] = condition_keys(service, action, body, params)
        if service != "iam":
            return keys
        # Of a role that exists already, its own boundary counts.
        boundary = _first(params, "PermissionsBoundary") or _role(params).get("PermissionsBoundary")
        return {**keys, BOUNDARY: boundary} if boundary else keys

    iam_actions.extract_resource_arn = with_more_resources
    iam_actions.request_tag_context = with_boundary


def check_web_identities(trusted_roots: Path) -> None:
    """Have AssumeRoleWithWebIdentity check a token itself, of which MiniStack only reads what it says.

    Source: STS API reference, AssumeRoleWithWebIdentity, errors; IAM user guide, "Create a role for OpenID
    Connect federation", and "Available keys for AWS OIDC federation": `aud` is `azp` where a token has that.
    """
    by_trust_policy, principal = sts._web_identity_trust_denied, sts._web_identity_principal

    def with_authorized_party(token: str, provider_id: str, role_arn: str) -> tuple[str, dict[str, Any]]:
        provider, keys = principal(token, provider_id, role_arn)
        party = unverified(token).get("azp")
        return provider, {key: party if party and key.endswith(":aud") else keys[key] for key in keys}

    def denied(role_arn: str, params: dict[str, Any], use_json: bool) -> Any:  # noqa: FBT001 - MiniStack's own
        code, why = _wrong_with(_first(params, "WebIdentityToken") or "", trusted_roots)
        return sts._error(400, code, why, ns="sts") if why else by_trust_policy(role_arn, params, use_json)

    sts._web_identity_trust_denied = denied
    sts._web_identity_principal = with_authorized_party


def _wrong_with(token: str, trusted_roots: Path) -> tuple[str, str]:
    try:
        claims = unverified(token)
        issuer = str(claims.get("iss"))
        host = issuer.removeprefix("https://")
        known = next((one for one in iam._oidc_providers.values() if one["Arn"].endswith(f"/{host}")), None)
        if known is None:
            return "InvalidIdentityToken", f"No OpenIDConnect provider found in your account for {issuer}"
        compared = {claims["azp"]} if "azp" in claims else audiences(claims)
        if not compared & set(known["ClientIDList"]):
            return "InvalidIdentityToken", "Incorrect token audience"
        verify(token, trusted_roots)
    except TokenError as error:
        return REFUSED[str(error)]
    return "", ""


def _named(service: str, body: bytes, params: dict[str, Any], region: str, account: str) -> str | None:
    """The resource of a request, where MiniStack would see none or another."""
    if service == "iam":
        name = _first(params, "RoleName")
        if name:
            path = _first(params, "Path") or "/"
            return str(_role(params).get("Arn") or f"arn:aws:iam::{account}:role{path}{name}")
        if url := _first(params, "Url"):
            address = urlsplit(url)
            return f"arn:aws:iam::{account}:oidc-provider/{address.netloc}{address.path}"
        return _first(params, "OpenIDConnectProviderArn")
    if service == "lambda" and body[:1] == b"{":
        # CreateFunction: of any other action the path names the function.
        function = json.loads(body).get("FunctionName")
        return f"arn:aws:lambda:{region}:{account}:function:{function}" if function else None
    if service == "cognito-idp" and body[:1] == b"{":
        arn = json.loads(body).get("ResourceArn")
        return str(arn) if arn else None
    return None


def _role(params: dict[str, Any]) -> dict[str, Any]:
    role: dict[str, Any] = iam._roles.get(_first(params, "RoleName") or "") or {}
    return role


def _first(params: dict[str, Any], name: str) -> str | None:
    value = params.get(name)
    return value[0] if isinstance(value, list) and value else value or None
