"""What changes of the function that puts roles or groups into `cognito:groups` do to people.

Sources: Amazon Cognito developer guide, "Pre token generation Lambda trigger" and "Customizing user pool
workflows with Lambda triggers" (a trigger that fails, or may not be called, ends the sign-in).
"""

from operate.guard.impacts.impact import (
    FUNCTION,
    FUNCTION_LOG,
    FUNCTION_PERMISSION,
    FUNCTION_POLICY,
    FUNCTION_ROLE,
    POOL,
    ChangeContext,
    Impact,
    changes,
    creates,
    deletes,
    notice,
    outage,
    replaces,
    unless,
    updates,
)
from operate.guard.plan import UNKNOWN

TRIGGERS = "lambda_config"
# Without one of these Cognito cannot call the function.
NEEDED = (FUNCTION, FUNCTION_PERMISSION, FUNCTION_ROLE)
# What can change what the function does; of its file, its hash says that.
BEHAVIOR = (
    "architectures",
    "handler",
    "layers",
    "logging_config",
    "memory_size",
    "role",
    "runtime",
    "source_code_hash",
    "timeout",
    "vpc_config",
)


def _calls(config: object) -> bool:
    """Whether a pool's configuration of triggers names a function for tokens; it may if not known yet."""
    if config is UNKNOWN:
        return True
    first = config[0] if isinstance(config, list) and config else None
    return isinstance(first, dict) and bool(
        first.get("pre_token_generation") or first.get("pre_token_generation_config")
    )


def _still_called(context: ChangeContext) -> bool:
    """The pool calls the function after the deploy, too."""
    return any(_calls(pool.after(TRIGGERS)) for pool in context.plan.of_type(POOL))


def _no_longer_called(context: ChangeContext) -> bool:
    return _calls(context.change.before(TRIGGERS)) and not _calls(context.change.after(TRIGGERS))


def _newly_called(context: ChangeContext) -> bool:
    return not _calls(context.change.before(TRIGGERS)) and _calls(context.change.after(TRIGGERS))


def _another_called(context: ChangeContext) -> bool:
    before, after = context.change.before(TRIGGERS), context.change.after(TRIGGERS)
    return _calls(before) and _calls(after) and before != after


GROUPS_TRIGGER: tuple[Impact, ...] = (
    outage(
        "function-cut-off",
        "Cognito goes on asking the function whenever it makes tokens, and is refused: nobody can sign in,"
        " and sessions end when they would be renewed (PreTokenGeneration failed).",
        *(deletes(resource, "the pool still calls the function", _still_called) for resource in NEEDED),
        instead="Take the function away as a whole, by removing cognito.groups_from.",
    ),
    outage(
        "function-replaced",
        "The function is out of reach for a moment: whoever signs in then is refused (PreTokenGeneration"
        " failed).",
        *map(replaces, NEEDED),
        instead="Deploy when few people sign in.",
    ),
    outage(
        "groups-vanish",
        "Roles or groups from Entra ID vanish from cognito:groups: from each person's next token on, apps"
        " that look for them turn people away.",
        updates(POOL, TRIGGERS, "the pool no longer calls a function for tokens", _no_longer_called),
        *(deletes(resource, "the pool no longer calls it", unless(_still_called)) for resource in NEEDED),
        instead="Keep cognito.groups_from until no app reads cognito:groups.",
    ),
    notice(
        "groups-in-tokens",
        "Roles or groups from Entra ID come into cognito:groups: from each person's next token on, apps can"
        " go by them. Should the function fail, nobody could sign in.",
        updates(POOL, TRIGGERS, "the pool calls a function for tokens", _newly_called),
        *map(creates, (*NEEDED, FUNCTION_POLICY, FUNCTION_LOG)),
        instead="Check afterwards, with pipenv run signin, that they arrive.",
    ),
    notice(
        "groups-from-elsewhere",
        "cognito:groups is made of another attribute: from each person's next token on, it may hold something"
        " else.",
        changes(FUNCTION, "environment"),
        instead="Check that apps know the new values before.",
    ),
    notice(
        "function-changed",
        "The function that Cognito asks whenever it makes tokens changes. Should it fail, nobody could sign"
        " in.",
        updates(POOL, TRIGGERS, "the pool calls another function", _another_called),
        *(changes(FUNCTION, name) for name in BEHAVIOR),
        changes(FUNCTION_ROLE, "assume_role_policy"),
        changes(FUNCTION_POLICY, "policy"),
        instead="Check afterwards, with pipenv run signin, that groups arrive.",
    ),
)
