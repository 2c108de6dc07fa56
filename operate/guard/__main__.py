"""`python -m operate.guard <environment>`: a plan in words, before anybody deploys it.

Says what the plan does to people, and refuses what cannot be undone unless it is named in `--allow`. Exit
status 0: nothing irreversible, or all of it allowed. 1: refused, or there is no plan to judge. 2: the command
line is wrong.
"""

import argparse
import difflib
import sys
from pathlib import Path

from operate.cli import console
from operate.cognito_api import cognito_client
from operate.errors import OperateError, Unavailable
from operate.guard import planning
from operate.guard.impacts import IMPACTS, assess
from operate.guard.impacts.impact import POOL, Facts, users_of
from operate.guard.plan import Kind, Plan
from operate.guard.report import Report, as_json, as_markdown, show

FAILED = 1
INTERRUPTED = 130


def judge(
    environment: str, planned: planning.Planned, facts: Facts, allowed: frozenset[str] = frozenset()
) -> Report:
    """Say what a plan leads to."""
    plan = planned.plan
    return Report(
        environment=environment,
        findings=tuple(assess(plan, facts)),
        changes=tuple((change.address, " then ".join(change.change.actions)) for change in plan.changes),
        allowed=allowed,
        refusals=planned.refusals,
        users=users_of(plan),
        outputs=any(change.actions != ("no-op",) for change in plan.output_changes.values()),
    )


def ask_cognito(plan: Plan) -> Facts:
    """Ask for what the plan cannot say, if the plan makes it matter.

    The inbound-federation trigger is not in the AWS provider's schema, so no plan shows that it goes
    (hashicorp/terraform-provider-aws issues 46216 and 49707).
    """
    pool = next((one for one in plan.of_type(POOL) if one.kind is Kind.UPDATE), None)
    if pool is None:
        return Facts()
    pool_id, arn = str(pool.before("id")), str(pool.before("arn"))
    # The region is in the ARN: arn:<partition>:cognito-idp:<region>:<account>:userpool/<id>
    cognito = cognito_client(arn.split(":")[3] if arn.startswith("arn:") else pool_id.partition("_")[0])
    if isinstance(cognito, Unavailable):
        return Facts()
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow, and seldom needed

    try:
        described = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except (BotoCoreError, ClientError):
        return Facts()
    return Facts(trigger=bool(described.get("LambdaConfig", {}).get("InboundFederation")))


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    for name in chosen.allow:
        if name not in IMPACTS:
            near = difflib.get_close_matches(name, IMPACTS, n=1)
            parser.error(
                f"--allow: there is no consequence {name}"
                + (f": {near[0]} is meant?" if near else ": docs/guard.md lists them.")
            )
    project = chosen.project.resolve()
    try:
        planned = (
            planning.make(chosen.environment, project)
            if chosen.plan is None
            else planning.read(chosen.environment, project, chosen.plan)
        )
        report = judge(
            chosen.environment, planned, ask_cognito(planned.plan), allowed=frozenset(chosen.allow)
        )
    except OperateError as error:
        sys.stderr.write(f"{error}\n")
        if not (chosen.markdown or chosen.json):
            return FAILED
        # A pipeline posts whatever is printed: it should not be nothing.
        report = Report(environment=chosen.environment, failure=str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    if chosen.markdown:
        sys.stdout.write(as_markdown(report))
    elif chosen.json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        show(report, console())
    return report.status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="guard", description="What will a deploy do to people?")
    parser.add_argument("environment", help="the stack's name: its file in environments/ without .toml")
    parser.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="a saved plan (of cdktf diff: cdktf.out/stacks/<environment>/plan), instead of a new one",
    )
    parser.add_argument(
        "--allow",
        nargs="+",
        action="extend",
        default=[],
        metavar="CONSEQUENCE",
        help="what is irreversible and meant all the same, by its name in the output",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print a comment for a pull request")
    form.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument(
        "--project", type=Path, default=Path(), metavar="FOLDER", help="the folder with cdktf.json"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
