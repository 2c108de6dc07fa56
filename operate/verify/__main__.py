"""`python -m operate.verify <environment>`: does sign-in work, will it last, and who else may come in?

Exit status 0: nothing found. 1: people cannot sign in, or will not be able to within days. 2: it works, but
not for long, or not for everybody yet. 3: it works, and somebody may come in whom the settings do not let in.
What cannot be checked, for want of credentials, is said and counts for nothing. With `--strict` that is 1,
and so is 3.
"""

import sys
import time
from dataclasses import replace

from operate import cli
from operate.adopt.unrecorded import left_behind
from operate.cli import ExitStatus
from operate.errors import OperateError
from operate.outputs import read_outputs
from operate.verify.findings import VerifyReport
from operate.verify.report import as_json, as_markdown, show
from operate.verify.verification import verify


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = cli.parser("verify", "Is sign-in right, will it last, who else may come in?")
    cli.add_domain_url(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="print the text of an issue instead of a table")
    form.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument(
        "--strict",
        action="store_true",
        help="exit with 1 if anything could not be checked, or somebody else may come in",
    )
    options = parser.parse_args(arguments)
    began = time.monotonic()
    project = options.project.resolve()
    try:
        outputs = read_outputs(options.environment, project)
    except OperateError as error:
        # An interrupted first deploy has no outputs: the settings say which objects it would have made.
        failure = "\n".join([str(error), *left_behind(options.environment, project)])
        sys.stderr.write(f"{failure}\n")
        if options.markdown:
            # A pipeline posts whatever is printed: it should not be nothing.
            sys.stdout.write(as_markdown(VerifyReport(options.environment, failure=failure)))
        return ExitStatus.FAILED
    report = verify(options.environment, outputs, domain_url=options.domain_url, project=project)
    report = replace(report, seconds=time.monotonic() - began)
    if options.markdown:
        sys.stdout.write(as_markdown(report))
    elif options.json:
        sys.stdout.write(as_json(report) + "\n")
    else:
        show(report, cli.console())
    failed = not report.complete or report.status is ExitStatus.OPEN
    return ExitStatus.FAILED if options.strict and failed else report.status


if __name__ == "__main__":
    sys.exit(main())
