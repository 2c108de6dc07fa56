"""The Lambda functions as MiniStack holds them, invoked the way a user pool invokes them.

MiniStack's own trigger calls ask for no permission and go on after a failure; AWS does neither.
"""

# ruff: noqa: SLF001 - as in `user_pools`: private functions of a pinned version

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from fnmatch import fnmatchcase

from ministack.services import lambda_svc as service  # type: ignore[import-untyped]

from sandbox.cognito.models import Json

PRINCIPAL = "cognito-idp.amazonaws.com"
INVOKE = "lambda:InvokeFunction"
# cognito-user-pools-working-with-lambda-triggers: "it must respond within 5 seconds", and Cognito "retries
# the call" twice.
SECONDS = 5
ATTEMPTS = 3


class TriggerError(Exception):
    """A trigger that failed; the text is what Cognito says of it, in words that apps have received."""


def invoke(trigger: str, function_arn: str, pool_arn: str, event: Json) -> Json:
    """What a trigger's function answers to a user pool, which its policy must allow (API_AddPermission).

    Raises:
        TriggerError: the function is not there, does not allow the pool, failed, took too long, or
            answered with something else.
    """
    record, config, _ = service._get_func_record_for_ref(function_arn)
    if record is None or config is None:
        raise TriggerError(f"{trigger} invocation failed due to error ResourceNotFoundException.")
    if not any(_allows(statement, pool_arn) for statement in record["policy"]["Statement"]):
        raise TriggerError(f"{trigger} invocation failed due to error AccessDeniedException.")
    result = _executed(trigger, service._execution_record_for_config(record, config), event)
    if result.get("error"):
        body = result.get("body")
        message = body.get("errorMessage") if isinstance(body, dict) else body
        raise TriggerError(f"{trigger} failed with error {message}.")
    answer = result.get("body")
    if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
        raise TriggerError("Unrecognizable lambda output")
    return answer


def _executed(trigger: str, function: Json, event: Json) -> Json:
    threads = ThreadPoolExecutor(ATTEMPTS)
    try:
        for _ in range(ATTEMPTS):
            running = threads.submit(service._execute_function_with_config_scope, function, event)
            try:
                return dict(running.result(SECONDS))
            except TooLate:
                continue
    finally:
        # Nobody waits for a function that nobody listens to any more.
        threads.shutdown(wait=False)
    raise TriggerError(f"{trigger} failed with error Socket timeout while invoking Lambda function.")


def _allows(statement: Json, pool_arn: str) -> bool:
    """Whether a statement of the function's policy allows the pool to invoke it."""
    principal, condition = statement["Principal"], statement.get("Condition", {})
    source = condition.get("ArnLike", {}).get("AWS:SourceArn", "*")
    account = condition.get("StringEquals", {}).get("AWS:SourceAccount", pool_arn.split(":")[4])
    return bool(
        (principal == "*" or principal.get("Service") == PRINCIPAL)
        and statement["Action"] in (INVOKE, "lambda:*")
        and fnmatchcase(pool_arn, source)
        and account == pool_arn.split(":")[4]
    )
