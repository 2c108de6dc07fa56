"""`python -m operate.guard <environment>`: a plan in words, before anybody deploys it.

Says what the plan does to people, and refuses what cannot be undone unless it is named in `--allow`. Exit
status 0: nothing irreversible, or all of it allowed. 1: refused, or there is no plan to judge. 2: the command
line is wrong.
"""

import argparse
import difflib
import sys
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operate import cli, reviewed_plan
from operate.cli import ExitStatus
from operate.cognito_api import cognito_client
from operate.errors import OperateError, Unavailable
from operate.guard.impacts import IMPACTS, assess
from operate.guard.impacts.impact import POOL
from operate.guard.make_plan import make_plan, read_plan
from operate.guard.plan import Kind, Plan
from operate.guard.report import Report, as_json, as_markdown, show


def judge(
    environment: str,
    plan: Plan,
    *,
    inbound_federation: bool | None = None,
    allowed: frozenset[str] = frozenset(),
    expected: str | None = None,
) -> Report:
    """What the guard says of a plan."""
    occurrences = tuple(assess(plan, inbound_federation=inbound_federation))
    return Report(
        environment=environment, plan=plan, occurrences=occurrences, allowed=allowed, expected=expected
    )


def has_inbound_federation(plan: Plan) -> bool | None:
    """Whether a pool that the plan updates has an inbound-federation trigger; None if that is not known.

    The trigger is not in the AWS provider's schema, so no plan shows that it goes
    (hashicorp/terraform-provider-aws issues 46216 and 49707).
    """
    pool = next((one for one in plan.of_type(POOL) if one.kind is Kind.UPDATE), None)
    if pool is None:
        return None
    pool_id, arn = str(pool.before("id")), str(pool.before("arn"))
    # The region is in the ARN: arn:<partition>:cognito-idp:<region>:<account>:userpool/<id>
    cognito = cognito_client(arn.split(":")[3] if arn.startswith("arn:") else pool_id.partition("_")[0])
    if isinstance(cognito, Unavailable):
        return None
    try:
        described = cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    except (BotoCoreError, ClientError):
        return None
    return bool(described.get("LambdaConfig", {}).get("InboundFederation"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's own arguments."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument(
        "--save",
        action="store_true",
        help="keep the plan, unless it is refused: `cdktf deploy <environment> --reviewed` applies it",
    )
    source.add_argument(
        "--plan",
        type=Path,
        metavar="FILE",
        help="a saved plan (of cdktf diff: cdktf.out/stacks/<environment>/plan), instead of a new one",
    )
    add_allow(parser)
    parser.add_argument(
        "--expect",
        metavar="DIGEST",
        help="refuse any other plan than this one, by the digest in --markdown and --json",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print a comment for a pull request")
    form.add_argument("--json", action="store_true", help="print JSON")


def add_allow(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names what may be irreversible."""
    parser.add_argument(
        "--allow",
        nargs="+",
        action="extend",
        default=[],
        type=_known_impact,
        metavar="IMPACT",
        help="what is irreversible and meant all the same, by its name in the output",
    )


def _known_impact(name: str) -> str:
    if name not in IMPACTS:
        near = difflib.get_close_matches(name, IMPACTS, n=1)
        meant = f"{near[0]} is meant?" if near else "docs/guard.md lists them."
        raise argparse.ArgumentTypeError(f"there is no impact {name}: {meant}")
    return name


def run(chosen: argparse.Namespace) -> int:
    """Judge a plan and print the report; keep the plan if that is asked for and nothing is refused."""
    status: int = ExitStatus.FAILED
    try:
        status = _judge_and_print(chosen)
    finally:
        if chosen.save and status != ExitStatus.OK:
            reviewed_plan.remove(chosen.environment, chosen.project)
    if chosen.save and status == ExitStatus.OK:
        sys.stderr.write(f"To deploy exactly this: pipenv run cdktf deploy {chosen.environment} --reviewed\n")
    return status


def _plan(chosen: argparse.Namespace, project: Path) -> Plan:
    if chosen.plan is not None:
        return read_plan(chosen.environment, project, chosen.plan)
    return make_plan(chosen.environment, project, keep=chosen.save)


def _judge_and_print(chosen: argparse.Namespace) -> int:
    project = chosen.project.resolve()
    try:
        plan = _plan(chosen, project)
        federation = has_inbound_federation(plan)
        report = judge(
            chosen.environment,
            plan,
            inbound_federation=federation,
            allowed=frozenset(chosen.allow),
            expected=chosen.expect,
        )
    except OperateError as error:
        if not (chosen.markdown or chosen.json):
            raise
        # A pipeline posts whatever is printed: it should not be nothing.
        sys.stderr.write(f"{error}\n")
        report = Report(environment=chosen.environment, failure=str(error))
    if chosen.markdown:
        sys.stdout.write(as_markdown(report))
    elif chosen.json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        show(report, cli.console())
    return report.status


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = cli.parser("guard", "What will a deploy do to people?")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


if __name__ == "__main__":
    sys.exit(main())
