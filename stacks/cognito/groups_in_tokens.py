"""The pre-token-generation trigger: puts what Entra ID said of a person into `cognito:groups`.

Runs in AWS Lambda, by itself: nothing but Python's own library. Cognito calls it whenever it makes tokens, at
a sign-in and at a refresh, and waits no longer than 5 seconds. What it returns is the event with its answer
in it (Cognito developer guide, "Pre token generation Lambda trigger", event version 2).
"""

import json
import os
from typing import Any
from urllib.parse import unquote_plus

ATTRIBUTE = "ATTRIBUTE"
"""The environment variable that names the user's attribute with the roles or groups."""

HOME_PROVIDER = "HOME_PROVIDER"
"""The environment variable that names the identity provider of the registration's own tenant."""

Event = dict[str, Any]


def handler(event: Event, _context: object) -> Event:
    """Add the values of the attribute to the groups that the person has in the user pool itself.

    Args:
        event: what Cognito says of the person, with an empty answer.
        _context: what Lambda says of the call.

    Returns:
        The event with its answer.
    """
    request = event["request"]
    has = request.get("groupConfiguration") or {}
    groups = [*(has.get("groupsToOverride") or []), *from_entra_id(request["userAttributes"])]
    # What goes with the groups in an identity pool stays as it is.
    kept = {name: has[name] for name in ("iamRolesToOverride", "preferredRole") if has.get(name)}
    event["response"]["claimsAndScopeOverrideDetails"] = {
        "groupOverrideDetails": {"groupsToOverride": list(dict.fromkeys(groups)), **kept}
    }
    return event


def from_entra_id(attributes: dict[str, str]) -> list[str]:
    """What Entra ID says of the person; those of a customer's tenant begin with its provider's name.

    Nothing for a profile that a password opens, or that two identities write: of a local account an
    administrator wrote the attribute, a federated one that got a password is CONFIRMED (API reference,
    AdminSetUserPassword), and where Entra ID leaves the claim out, Cognito keeps what the other identity
    brought.

    Args:
        attributes: the user's, with `identities` as JSON.
    """
    identities = json.loads(attributes.get("identities") or "[]")
    if attributes.get("cognito:user_status") != "EXTERNAL_PROVIDER" or len(identities) != 1:
        return []
    provider = identities[0]["providerName"]
    prefix = "" if provider == os.environ[HOME_PROVIDER] else f"{provider}:"
    return [prefix + value for value in values(attributes.get(os.environ[ATTRIBUTE], ""))]


def values(attribute: str) -> list[str]:
    """The values of a claim that Cognito has made one attribute of.

    Several become one text, in square brackets and with commas between, each URL-encoded (developer guide,
    "Specifying identity provider attribute mappings").

    Args:
        attribute: the attribute's text.
    """
    if not (attribute.startswith("[") and attribute.endswith("]")):
        return [attribute] if attribute else []
    return [unquote_plus(value.strip()) for value in attribute[1:-1].split(",") if value.strip()]
