"""The part of OData that Graph's clients use here: `$filter` with `eq` and `and`, and `$select`.

Anything else is refused rather than ignored: an ignored filter would answer with too much.
"""

import re
from collections.abc import Mapping

from sandbox.entra.directory import Json
from sandbox.entra.errors import GraphError

CLAUSE = re.compile(r"(?P<field>\w+) eq (?:'(?P<text>(?:[^']|'')*)'|(?P<flag>true|false))")

FILTERABLE = {
    "applications": {"appId", "displayName"},
    "servicePrincipals": {"appId", "displayName"},
    "users": {"userPrincipalName", "mail", "mailNickname", "employeeId", "displayName"},
    "groups": {"displayName", "mailEnabled", "securityEnabled", "mailNickname"},
    "oauth2PermissionGrants": {"clientId", "resourceId", "consentType", "principalId"},
}
OPTIONS = {"$filter", "$select", "$top"}


def parse_filter(text: str, collection: str) -> dict[str, str | bool]:
    """Read a filter (learn.microsoft.com/graph/filter-query-parameter).

    Args:
        text: the filter, decoded, such as `appId eq '...' and displayName eq '...'`.
    """
    clauses: dict[str, str | bool] = {}
    position = 0
    while True:
        clause = CLAUSE.match(text, position)
        if clause is None:
            break
        if clause["field"] not in FILTERABLE[collection]:
            raise GraphError(
                400,
                "Request_UnsupportedQuery",
                f"Unsupported or invalid query filter clause specified for property '{clause['field']}'.",
            )
        flag = clause["flag"]
        clauses[clause["field"]] = clause["text"].replace("''", "'") if flag is None else flag == "true"
        position = clause.end()
        if position == len(text):
            return clauses
        if not text.startswith(" and ", position):
            break
        position += len(" and ")
    raise GraphError(
        400,
        "BadRequest",
        f'Invalid filter clause: syntax error at position {position} in "{text}".'
        " An apostrophe within a value must be doubled.",
    )


def select(document: Json, query: Mapping[str, str]) -> Json:
    """Keep only what `$select` asks for, and the id."""
    if "$select" not in query:
        return document
    selected = {name.strip() for name in query["$select"].split(",")} | {"id"}
    return {name: value for name, value in document.items() if name in selected}


def collection_of(documents: list[Json], query: Mapping[str, str], collection: str) -> Json:
    """A collection's answer to a query."""
    for option in query:
        if option.startswith("$") and option not in OPTIONS:
            raise GraphError(
                400, "Request_UnsupportedQuery", f"Query option '{option}' is not supported here."
            )
    clauses = parse_filter(query["$filter"], collection) if "$filter" in query else {}
    return {
        "value": [
            select(document, query)
            for document in documents
            if all(_equal(document.get(name), value) for name, value in clauses.items())
        ]
    }


def _equal(actual: object, expected: object) -> bool:
    if isinstance(actual, str) and isinstance(expected, str):
        return actual.casefold() == expected.casefold()  # Graph compares text without regard to case
    return actual == expected
