"""What MiniStack does otherwise than AWS, changed in its own functions, which are private: it is pinned."""

# ruff: noqa: SLF001 - see above

from socket import socket
from typing import Any

from hypercorn.config import Config
from ministack.services import cloudwatch_logs  # type: ignore[import-untyped]
from ministack.services import lambda_svc as functions
from ministack.services import s3 as service

DAY = 24 * 60 * 60
STATUS = (
    '<PolicyStatus xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsPublic>{}</IsPublic></PolicyStatus>'
)


def keep_connections() -> None:
    """Leave it to clients to close an idle connection.

    Hypercorn closes one also when a request has just come, and serves that request all the same: the client
    repeats what was done already, and a CreateUserPool then makes a second pool.
    """
    # MiniStack gives its server another time, of 75 seconds.
    Config.keep_alive_timeout = property(lambda _: DAY, lambda *_: None)  # type: ignore[assignment]


def listen_at(taken: socket) -> None:
    """Have MiniStack listen at a port that is taken already, where it would bind the one it is told."""
    bind = [f"fd://{taken.detach()}"]
    Config.bind = property(lambda _: bind, lambda *_: None)  # type: ignore[assignment]


def make_no_log_groups() -> None:
    """Keep no log of a function without a log group: its role would need logs:CreateLogGroup to make one.

    Lambda developer guide, "Sending Lambda function logs to CloudWatch Logs". MiniStack makes the group, also
    for a function that ends after its teardown.
    """
    emit = functions._emit_lambda_logs

    def emit_where_there_is_a_group(function: Any, *rest: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup")
        if (group or f"/aws/lambda/{config['FunctionName']}") in cloudwatch_logs._log_groups:
            emit(function, *rest, **named)

    functions._emit_lambda_logs = emit_where_there_is_a_group


def serve_policy_status() -> None:
    """Serve GetBucketPolicyStatus, which MiniStack answers with a list of the bucket's objects.

    Amazon S3 API, "GetBucketPolicyStatus"; a bucket without a policy has no status.
    """
    dispatch = service._dispatch

    def with_status(*request: Any) -> Any:
        method, bucket, key, _, _, query = request
        if method != "GET" or key or "policyStatus" not in query:
            return dispatch(*request)
        status, said, policy = service._get_bucket_policy(bucket)
        if status != 200:  # noqa: PLR2004 - HTTP's OK
            return status, said, policy
        is_public = str(service._policy_is_public(policy.decode())).lower()
        return 200, {"Content-Type": "application/xml"}, STATUS.format(is_public).encode()

    service._dispatch = with_status
