"""What changes of the resource servers, which are APIs with scopes of their own, do to people.

Sources: Amazon Cognito developer guide, "Scopes, M2M, and resource servers" (a scope's name begins with the
resource server's identifier); API reference, UpdateResourceServer.
"""

from operate.guard.impacts.impact import (
    API,
    Impact,
    Severity,
    added,
    created,
    deleted,
    removed,
    replaced,
    updated,
)

SCOPES = "scope.*.scope_name"

APIS: tuple[Impact, ...] = (
    Impact(
        id="api-replaced",
        severity=Severity.OUTAGE,
        people="Replaces the API `{name}` in the user pool: its scopes are gone in between, and with another"
        " identifier they have other names. Apps that ask for the former ones are refused (invalid_scope),"
        " and the API refuses the tokens of those that ask for the new ones until it knows them.",
        instead="Add a second [resource_servers.<key>], move the apps and the API there, then remove this"
        " one.",
        rules=(replaced(API),),
    ),
    Impact(
        id="api-removed",
        severity=Severity.OUTAGE,
        people="Removes the API `{name}` from the user pool: apps that ask for its scopes are refused"
        " (invalid_scope), and tokens carry them no longer.",
        instead="Check that no app asks for them any more.",
        rules=(deleted(API),),
    ),
    Impact(
        id="api-scope-removed",
        severity=Severity.OUTAGE,
        people="These scopes of the API `{name}` are gone: apps that ask for them are refused"
        " (invalid_scope), and the API refuses what needs them.",
        instead="Have the apps ask for less first; a scope under another name is another scope.",
        rules=(updated(API, "scope", "a scope goes", removed(SCOPES)),),
    ),
    Impact(
        id="api-scope-added",
        severity=Severity.NOTICE,
        people="The API `{name}` has these scopes too: apps get them whose client may ask for them.",
        rules=(updated(API, "scope", "a scope comes", added(SCOPES)),),
    ),
    Impact(
        id="api-made",
        severity=Severity.NOTICE,
        people="Makes the API `{name}` in the user pool: apps get its scopes whose client may ask for them.",
        rules=(created(API),),
    ),
)
