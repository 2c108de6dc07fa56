"""The pages that browsers show: one layout and its forms, which work without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path

from starlette.responses import HTMLResponse

STYLE = Path(__file__).with_name("style.css").read_text()

# Never in a frame, and no code.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Form:
    """Where a form goes, and what it carries besides what a person types."""

    action: str
    hidden: Mapping[str, str]

    def html(self, fields: str) -> str:
        """The form with its fields and buttons."""
        hidden = "".join(
            f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
            for name, value in self.hidden.items()
        )
        return f'<form method="post" action="{escape(self.action)}">\n{hidden}{fields}</form>'


def page(title: str, body: str, stand_in: str, *, status: int = 200, aside: str = "") -> HTMLResponse:
    """A page of the emulator that is a `stand_in` for something."""
    text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{body}
</main>
<aside>{aside}<p>This is a local stand-in for {stand_in}. Nothing here leaves this machine.</p></aside>
</body>
</html>
"""
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(text, status, headers)


def error_text(text: str | None) -> str:
    """What is wrong, read out by screen readers; nothing when nothing is."""
    return "" if text is None else f'<p class="error" role="alert" id="error">{escape(text)}</p>\n'


def text_field(
    name: str,
    label: str,
    kind: str,
    autocomplete: str,
    value: str = "",
    *,
    invalid: bool,
    focus: bool = False,
) -> str:
    """A labelled input; one that is `invalid` points to the error text of the page."""
    more = ' autocapitalize="none" spellcheck="false"' if kind == "text" else ""
    more += ' aria-invalid="true" aria-describedby="error"' if invalid else ""
    more += " autofocus" if focus else ""
    return f"""<label for="{name}">{label}</label>
<input id="{name}" name="{name}" type="{kind}" autocomplete="{autocomplete}" required
  value="{escape(value)}"{more}>
"""
