"""What changes of the function that puts roles or groups into `cognito:groups` do to people.

Sources: Amazon Cognito developer guide, "Pre token generation Lambda trigger" and "Customizing user pool
workflows with Lambda triggers" (a trigger that fails, or may not be called, ends the sign-in); Terraform's
aws_lambda_function, aws_lambda_permission, aws_iam_role and aws_iam_role_policy.
"""

from collections.abc import Iterable

from operate.guard.impacts.impact import (
    FUNCTION,
    FUNCTION_RIGHTS,
    FUNCTION_ROLE,
    LOGS,
    MAY_CALL,
    POOL,
    ChangeContext,
    Impact,
    Severity,
    created,
    deleted,
    differs,
    from_to,
    replaced,
    unless,
    updated,
)
from operate.guard.plan import UNKNOWN

TRIGGERS = "lambda_config"
# What a function works with. Of its file and description people notice nothing that its hash does not say.
WORKS_WITH = (
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


def _called(config: object) -> bool:
    """Whether a pool's configuration of triggers names one for tokens."""
    first = config[0] if isinstance(config, list) and config else None
    return isinstance(first, dict) and bool(
        first.get("pre_token_generation") or first.get("pre_token_generation_config")
    )


def _still_called(seen: ChangeContext) -> Iterable[str] | None:
    """The pool asks the function after the deploy, too."""
    later = [pool.after(TRIGGERS) for pool in seen.plan.of_type(POOL)]
    return () if any(config is UNKNOWN or _called(config) for config in later) else None


def _no_longer_asked(seen: ChangeContext) -> Iterable[str] | None:
    after = seen.change.after(TRIGGERS)
    goes = _called(seen.change.before(TRIGGERS)) and after is not UNKNOWN and not _called(after)
    return () if goes else None


def _asked_from_now_on(seen: ChangeContext) -> Iterable[str] | None:
    after = seen.change.after(TRIGGERS)
    comes = not _called(seen.change.before(TRIGGERS)) and (after is UNKNOWN or _called(after))
    return () if comes else None


def _asks_another(seen: ChangeContext) -> Iterable[str] | None:
    before, after = seen.change.before(TRIGGERS), seen.change.after(TRIGGERS)
    return () if _called(before) and (after is UNKNOWN or (_called(after) and before != after)) else None


FUNCTIONS: tuple[Impact, ...] = (
    Impact(
        id="function-cut-off",
        severity=Severity.OUTAGE,
        people="Cognito goes on asking the function whenever it makes tokens, and is refused: nobody can sign"
        " in, and sessions end when they would be renewed (PreTokenGeneration failed).",
        instead="Take the function away as a whole, by removing cognito.groups_from.",
        rules=tuple(
            deleted(resource, "the pool still asks the function", _still_called)
            for resource in (FUNCTION, MAY_CALL, FUNCTION_ROLE)
        ),
    ),
    Impact(
        id="function-replaced",
        severity=Severity.OUTAGE,
        people="The function is out of reach for a moment: whoever signs in then is refused"
        " (PreTokenGeneration failed).",
        instead="Deploy when few people sign in.",
        rules=(replaced(FUNCTION), replaced(MAY_CALL), replaced(FUNCTION_ROLE)),
    ),
    Impact(
        id="groups-vanish",
        severity=Severity.OUTAGE,
        people="Roles or groups from Entra ID vanish from cognito:groups: from each person's next token on,"
        " apps that look for them turn people away.",
        instead="Keep cognito.groups_from until no app reads cognito:groups.",
        rules=(
            updated(POOL, TRIGGERS, "the pool no longer asks a function about tokens", _no_longer_asked),
            *(
                deleted(resource, "the pool no longer asks it", unless(_still_called))
                for resource in (FUNCTION, MAY_CALL, FUNCTION_ROLE)
            ),
        ),
    ),
    Impact(
        id="groups-in-tokens",
        severity=Severity.NOTICE,
        people="Roles or groups from Entra ID come into cognito:groups: from each person's next token on,"
        " apps can go by them. Should the function fail, nobody could sign in.",
        instead="Check afterwards, with pipenv run signin, that they arrive.",
        rules=(
            updated(POOL, TRIGGERS, "the pool asks a function about tokens", _asked_from_now_on),
            *map(created, (FUNCTION, MAY_CALL, FUNCTION_ROLE, FUNCTION_RIGHTS, LOGS)),
        ),
    ),
    Impact(
        id="groups-from-elsewhere",
        severity=Severity.NOTICE,
        people="cognito:groups is made of another attribute: from each person's next token on, it may hold"
        " something else.",
        instead="Check that apps know the new values before.",
        rules=(updated(FUNCTION, "environment", "", differs("environment")),),
    ),
    Impact(
        id="function-changed",
        severity=Severity.NOTICE,
        people="The function that Cognito asks whenever it makes tokens changes. Should it fail, nobody could"
        " sign in.",
        instead="Check afterwards, with pipenv run signin, that groups arrive.",
        rules=(
            updated(POOL, TRIGGERS, "the pool asks another function", _asks_another),
            *(updated(FUNCTION, name, "", differs(name)) for name in WORKS_WITH),
            updated(FUNCTION_ROLE, "assume_role_policy", "", differs("assume_role_policy")),
            updated(FUNCTION_RIGHTS, "policy", "", differs("policy")),
        ),
    ),
    Impact(
        id="function-silent",
        severity=Severity.NOTICE,
        people="What the function wrote, or may write, to its log is gone: nobody can look up why a sign-in"
        " failed there.",
        rules=(
            *(deleted(resource) for resource in (FUNCTION_RIGHTS, LOGS)),
            *(replaced(resource) for resource in (FUNCTION_RIGHTS, LOGS)),
        ),
    ),
    Impact(
        id="logs-kept-otherwise",
        severity=Severity.NOTICE,
        people="The function's log, which says who signed in when, is kept for another time.",
        rules=(updated(LOGS, "retention_in_days", "", from_to("retention_in_days")),),
    ),
)
