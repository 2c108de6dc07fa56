"""APIs with scopes of their own, as Cognito's resource servers: settings, rules and checks."""

from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error
from stacks.settings.types import Matches, Table, between, refused

# Cognito API reference, ResourceServerScopeNameType and ResourceServerIdentifierType.
SCOPE_NAME = r"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]{1,256}"
IDENTIFIER = r"[\x21\x23-\x5B\x5D-\x7E]{1,256}"


def _some_scopes(scopes: dict[str, str]) -> dict[str, str]:
    """API reference, CreateResourceServer, Scopes."""
    if not scopes:
        raise refused("The table is empty.", 'Add a scope, for instance read = "Read orders".')
    return scopes


ResourceServerKey = Annotated[
    str,
    Matches(
        r"[a-z][a-z0-9_-]{0,30}",
        "The word after `resource_servers.` is part of a Terraform address: lower-case letters, digits,"
        " hyphens and underscores, a letter first, at most 31.",
        "Write for instance [resource_servers.orders].",
    ),
]
ResourceServerIdentifier = Annotated[
    str,
    Matches(
        IDENTIFIER,
        "An identifier has 1 to 256 characters, no spaces, quotes and backslashes.",
        'Write for instance "https://orders.contoso.com" or "orders".',
    ),
]
# Cognito API reference, CreateResourceServer, Name.
ResourceServerName = Annotated[
    str,
    Matches(
        r"[\w\s+=,.@-]{1,256}",
        "A resource server's name has 1 to 256 letters (a to z), digits, spaces and the characters"
        " _ + = , . @ -",
        "Leave out what is not among them.",
    ),
]
ScopeName = Annotated[
    str,
    Matches(
        SCOPE_NAME,
        "A scope's name has 1 to 256 characters, no spaces, slashes, quotes and backslashes.",
        'Write for instance "read".',
    ),
]
# Cognito API reference, ResourceServerScopeDescriptionType.
ScopeDescription = Annotated[
    str,
    Matches(
        r"[\s\S]{1,256}",
        "A scope's description has 1 to 256 characters.",
        'Write for instance "Read orders".',
    ),
]


class ResourceServerSettings(Table):
    """An API that access tokens are for: its scopes are what apps may ask for."""

    identifier: ResourceServerIdentifier | None = Field(default=None, examples=["https://orders.contoso.com"])
    """What its scopes begin with, "<identifier>/<scope>"; left out, the key."""
    name: ResourceServerName | None = Field(default=None, examples=["Orders"])
    """Its name in Cognito; left out, the key."""
    scopes: Annotated[
        dict[ScopeName, ScopeDescription], AfterValidator(_some_scopes), between(0, 100, "scopes", "Cognito")
    ] = Field(examples=[{"read": "Read orders"}], json_schema_extra={"minProperties": 1})
    """Its scopes, each with what it is for."""


@check
def _each_identifier_once(s: Settings) -> Messages:
    """API reference, CreateResourceServer, Identifier: unique in a user pool."""
    first: dict[str, str] = {}
    for key, server in s.resource_servers.items():
        identifier = server.identifier or key
        if first.setdefault(identifier, key) != key:
            yield error(
                at.resource_servers[key].identifier,
                f"[resource_servers.{first[identifier]}] has this identifier already.",
                "Put the scopes of both into one.",
                value=identifier,
            )
