"""The conditions of groups_trigger.toml."""

from operate.guard.impacts.impact import POOL, ChangeContext, Condition, unless
from operate.guard.plan import UNKNOWN

TRIGGERS = "lambda_config"
FUNCTION = "aws_lambda_function"
# API reference, LambdaConfigType: the functions that Cognito asks for tokens, and for anything else.
TOKENS = ("pre_token_generation", "pre_token_generation_config.0.lambda_arn")
ASKED = (
    *TOKENS,
    *("custom_email_sender.0.lambda_arn", "custom_message", "custom_sms_sender.0.lambda_arn"),
    *("create_auth_challenge", "define_auth_challenge", "verify_auth_challenge_response"),
    *("pre_authentication", "post_authentication", "pre_sign_up", "post_confirmation", "user_migration"),
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


def _called(context: ChangeContext) -> tuple[bool, bool]:
    """Whether the pool calls a function for tokens, before and after."""
    change = context.change
    return _calls(change.before(TRIGGERS)), _calls(change.after(TRIGGERS))


def _asks_others(context: ChangeContext) -> list[str]:
    """The triggers that get a function, but for the stack's own, which makes tokens."""
    change = context.change
    own = {one.after("arn") for one in context.plan.of_type(FUNCTION)}
    found = []
    for name in ASKED:
        path = f"{TRIGGERS}.0.{name}"
        after = change.after(path)
        if after and after != change.before(path) and not (name in TOKENS and after in own):
            found.append(f"{name.partition('.')[0]}: {change.shown(path, {str(after)})[0]}")
    return found


CONDITIONS: dict[str, Condition] = {
    "the pool still calls the function": _still_called,
    "the pool no longer calls it": unless(_still_called),
    "the pool no longer calls a function for tokens": lambda context: _called(context) == (True, False),
    "the pool calls a function for tokens": lambda context: _called(context) == (False, True),
    "the pool calls another function": lambda context: (
        _called(context) == (True, True) and context.change.before(TRIGGERS) != context.change.after(TRIGGERS)
    ),
    "a function is added that is not the stack's": _asks_others,
}
