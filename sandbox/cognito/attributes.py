"""From a provider's claims to a user's attributes, and from attributes to claims: what may go where.

cognito-user-pools-specifying-attribute-mapping, "Things to know about mappings".
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from urllib.parse import quote_plus

from sandbox.cognito import errors
from sandbox.cognito.errors import FederationError
from sandbox.cognito.models import STANDARD_ATTRIBUTES, VERIFIED, Client, Json

USERNAME = "username"
SUBJECT = "sub"
LONGEST_USERNAME = 128  # API_UserType, Username
LONGEST_VALUE = 2048

# Made by Cognito for every federated user; no client has to be allowed to read it.
IDENTITIES = "identities"
# What comes with a scope besides profile.
SCOPE_ATTRIBUTES = {
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
}


def subject(mapping: Mapping[str, str], claims: Json) -> str:
    """The claim that user names are made of: `sub` for OIDC providers.

    Raises:
        FederationError: the provider did not send it.
    """
    value = claims.get(mapping.get(USERNAME, SUBJECT))
    if value is None:
        raise FederationError(errors.NO_SUBJECT)
    return as_text(value)


def username_of(provider: str, value: str) -> str:
    """A federated user's name: the provider's name goes before the subject.

    Raises:
        FederationError: both together are too long.
    """
    username = f"{provider}_{value}"
    if len(username) > LONGEST_USERNAME:
        raise FederationError(errors.username_too_long(LONGEST_USERNAME))
    return username


def mapped(mapping: Mapping[str, str], claims: Json) -> dict[str, str]:
    """The attributes that claims become.

    Nothing that is not mapped, and nothing that is not there: "a previously mapped claim" that "no longer
    exists in the incoming token [...] won't be deleted or changed".
    """
    attributes = {
        name: as_text(claims[claim])
        for name, claim in mapping.items()
        if name != USERNAME and claims.get(claim) is not None
    }
    # "By default, mapped email addresses are unverified."
    for name, flag in (("email", "email_verified"), ("phone_number", "phone_number_verified")):
        if name in attributes and flag not in mapping:
            attributes[flag] = "false"
    return attributes


def as_text(value: object) -> str:
    """A claim's value as an attribute's.

    "When IdP attributes contain multiple values", they become one text in square brackets with commas
    between, each "URL form encode[d]" but for letters, digits and `.-*_`.
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{','.join(quote_plus(as_text(item), safe='*') for item in value)}]"
    if isinstance(value, dict):
        return json.dumps(value)
    return str(value)


def check(attributes: Mapping[str, str], client: Client, current: Mapping[str, str] | None) -> None:
    """Whether Cognito can write what came from a provider, as the app client and within the pool's schema.

    `current` is what the user's profile holds, None for somebody who signs in for the first time.

    Raises:
        FederationError: it cannot.
    """
    schema = client.pool.attributes
    held = {**(current or {}), **attributes}
    if absent := [
        name for name, rule in schema.items() if rule.get("Required") and name != SUBJECT and name not in held
    ]:
        raise FederationError(errors.attributes_required(absent))
    if refused := list(_not_writable(attributes, client, first=current is None)):
        raise FederationError(errors.not_updated(refused))
    if wrong := list(_not_fitting(attributes, schema)):
        raise FederationError(errors.not_fitting(wrong))


def _not_writable(attributes: Iterable[str], client: Client, *, first: bool) -> Iterator[str]:
    """The attributes among these that Cognito cannot write: it writes each, also one that is the same."""
    for name in attributes:
        # No client can be given these; Cognito sets them itself.
        if name in VERIFIED:
            continue
        mutable = client.pool.attributes.get(name, {}).get("Mutable", False)
        if name not in client.writable or not (mutable or first):
            yield name


def _not_fitting(attributes: Mapping[str, str], schema: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name, value in attributes.items():
        rule = schema.get(name)
        if rule is None:
            yield name, "Attribute does not exist in the schema."
        elif rule["AttributeDataType"] == "Number":
            bounds = rule.get("NumberAttributeConstraints") or {}
            if not _is_number(value, bounds):
                yield name, "Attribute is not a number within its limits."
        elif rule["AttributeDataType"] == "String":
            bounds = rule.get("StringAttributeConstraints") or {}
            longest = int(bounds.get("MaxLength") or LONGEST_VALUE)
            shortest = int(bounds.get("MinLength") or 0)
            if len(value) > longest:
                yield name, f"String must be no longer than {longest} characters."
            elif len(value) < shortest:
                yield name, f"String must be no shorter than {shortest} characters."


def _is_number(value: str, bounds: Mapping[str, str]) -> bool:
    try:
        number = float(value)
    except ValueError:
        return False
    return float(bounds.get("MinValue") or "-inf") <= number <= float(bounds.get("MaxValue") or "inf")


def visible(attributes: Mapping[str, str], scopes: Collection[str], client: Client) -> dict[str, str]:
    """The attributes that ID token and userInfo carry (userinfo-endpoint, scopes and their effect).

    `openid` alone: all that the client may read. With `profile`: the profile attributes and the custom ones;
    with `email` or `phone`: those and whether they are verified. `identities` always.
    """
    asked = {"profile", "email", "phone"}.intersection(scopes)

    def covered(name: str) -> bool:
        scope = next((scope for scope, names in SCOPE_ATTRIBUTES.items() if name in names), "profile")
        return not asked or scope in asked

    return {
        name: value
        for name, value in attributes.items()
        if name == IDENTITIES
        or (
            name in client.readable
            and (name in STANDARD_ATTRIBUTES | VERIFIED or name.startswith("custom:"))
            and covered(name)
        )
    }
