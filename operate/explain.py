"""`python -m operate.explain "<text>"`: what an error text means, whom it concerns, and what to do.

Reads standard input where no text is given, so that a page, an address or a log can be piped or pasted. Exit
status 0: it is known. 1: it is not. 2: the command line is wrong. The text is never printed again: an address
may hold a code, and a log a secret.
"""

import argparse
import re
import sys
from html import unescape
from urllib.parse import unquote_plus

from operate import cli
from operate.cli import ExitStatus
from operate.known_errors import AADSTS, SOURCES, STAGES, KnownError, explain, shown

LOOKUP = "https://login.microsoftonline.com/error?code="
# The frames that Terraform draws around its errors, and the quotes that pages and documents write.
_FRAMES = str.maketrans(dict.fromkeys("│╷╵", " ") | dict.fromkeys("\u2018\u2019`", "'"))
_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def readable(text: str) -> str:
    """A text as a person would read it, and as it stands: of an address, a page's source, a log or JSON."""
    decoded = _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), unescape(unquote_plus(text)))
    return f"{text}\n{decoded}".translate(_FRAMES)


def answer(text: str) -> tuple[list[str], bool]:
    """What to print about a text, line by line, and whether it is known."""
    text = readable(text)
    causes = explain(text)
    lines = [line for known in causes for line in _explained(known)]
    unknown = sorted(set(AADSTS.findall(text)) - {code for known in causes for code in known.codes})
    lines += [
        f"{code} itself is not among the known errors: {LOOKUP}{code.removeprefix('AADSTS')}"
        for code in unknown
    ]
    if len(causes) > 1:
        which = any(known.verified for known in causes)
        lines.append(
            f"{len(causes)} causes are possible"
            + (": `pipenv run verify <environment>` looks for them." if which else ".")
        )
    if not causes and not unknown:
        lines.append("No known error has these words. docs/troubleshooting.md lists all of them.")
    return lines, bool(causes)


def _explained(known: KnownError) -> list[str]:
    sources = "; ".join(SOURCES[key] for key in known.source)
    return [
        known.id,
        f"  Means:   {known.cause}",
        f"  Where:   {STAGES[known.stage]}; concerns {known.who}",
        f"  Do:      {shown(known.remedy)}",
        *(f"           (another team's {whose}) {shown(remedy)}" for whose, remedy in known.existing.items()),
        f"  Source:  {sources}",
        "",
    ]


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="explain", description="What does an error text mean?")
    parser.add_argument(
        "text", nargs="*", help="the error's text or code; without it, standard input is read"
    )
    words = parser.parse_args(arguments).text
    if not words and sys.stdin.isatty():
        sys.stderr.write("Paste the text, and end it with Ctrl-D on a line of its own.\n")
    lines, known = answer(" ".join(words) or sys.stdin.read())
    sys.stdout.write("\n".join(lines).rstrip() + "\n")
    return ExitStatus.OK if known else ExitStatus.FAILED


if __name__ == "__main__":
    sys.exit(main())
