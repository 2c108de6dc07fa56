"""The pages that browsers show: one layout and its forms, which work without JavaScript."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5b5b5b; --paper: #fff; --ground: #eef1f5;
  --line: #8a8a8a; --accent: #0b5cad; --red: #a80000; }
@media (prefers-color-scheme: dark) { :root { --ink: #f3f3f3; --soft: #bdbdbd; --paper: #1f2328;
  --ground: #14171a; --line: #7d858d; --accent: #6cb2ff; --red: #ff9a9a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1rem; gap: 1rem;
  grid-template-columns: minmax(0, 28rem); background: var(--ground); color: var(--ink);
  font: 1rem/1.45 "Segoe UI", system-ui, sans-serif; }
main, aside { background: var(--paper); padding: 2rem; border-radius: .25rem;
  box-shadow: 0 2px 8px rgb(0 0 0 / .18); overflow-wrap: anywhere; }
aside { padding: 1rem 2rem; font-size: .875rem; color: var(--soft); }
h1 { font-size: 1.5rem; font-weight: 600; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1rem; font-weight: 600; margin: 1.5rem 0 0; color: var(--soft); }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; font: inherit; padding: .5rem; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .125rem; }
button, a.button { display: inline-block; font: inherit; padding: .5rem 1.75rem; margin: 1.5rem .5rem 0 0;
  border: 1px solid var(--accent); border-radius: .125rem; background: var(--accent); color: var(--paper);
  cursor: pointer; text-decoration: none; }
button.second, a.button { background: transparent; color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.error { color: var(--red); }
ul { padding-left: 1.25rem; margin: .5rem 0; }
ul.choices { list-style: none; padding: 0; }
dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0; }
"""

# Never in a frame; no code but what a page brings itself.
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


def page(
    title: str, body: str, stand_in: str, *, status: int = 200, aside: str = "", script: str = ""
) -> HTMLResponse:
    """A page of the emulator that is a `stand_in` for something."""
    nonce = secrets.token_urlsafe(16)
    code = f'<script nonce="{nonce}">{script}</script>' if script else ""
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
{code}</body>
</html>
"""
    policy = f"{POLICY}; script-src 'nonce-{nonce}'" if script else POLICY
    headers = {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"}
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
