"""The pages that a browser shows: signing in, choosing a password, errors. They work without JavaScript."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from sandbox.cognito.models import Client

STYLE = """
:root { color-scheme: light dark; --ink: #16191f; --soft: #545b64; --paper: #fff; --ground: #f2f3f3;
  --line: #687078; --accent: #0a5fb4; --red: #b00020; }
@media (prefers-color-scheme: dark) { :root { --ink: #f2f3f3; --soft: #b6bec9; --paper: #1d242e;
  --ground: #10151c; --line: #7d8998; --accent: #7cc0ff; --red: #ff9d9d; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1rem; gap: 1rem;
  grid-template-columns: minmax(0, 26rem); background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
main { background: var(--paper); padding: 2rem; border-radius: .5rem; border: 1px solid var(--line);
  overflow-wrap: anywhere; }
footer { padding: 0 2rem; font-size: .875rem; color: var(--soft); }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1rem; margin: 1.5rem 0 0; color: var(--soft); font-weight: 600; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; font: inherit; padding: .5rem; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .25rem; }
button, a.button { display: block; width: 100%; font: inherit; text-align: center; padding: .625rem;
  margin-top: 1rem; border: 1px solid var(--accent); border-radius: .25rem; cursor: pointer;
  background: var(--accent); color: var(--paper); text-decoration: none; }
a.button { background: transparent; color: var(--accent); }
ul { list-style: none; padding: 0; margin: 0; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.problem { color: var(--red); }
"""

STAND_IN = (
    "This is a local stand-in for the sign-in pages of Amazon Cognito. Nothing here leaves this machine."
)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

EMAIL_FIELD = "corporate_email"


@dataclass(frozen=True)
class Form:
    """Where a form goes, and what it carries besides what a person types."""

    action: str
    hidden: Mapping[str, str]


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
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
<footer><p>{STAND_IN}</p></footer>
</body>
</html>
"""
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff"}
    return HTMLResponse(text, status, headers)


def _hidden(form: Form) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in form.hidden.items()
    )


def _alert(problem: str | None) -> str:
    return "" if problem is None else f'<p class="problem" role="alert">{escape(problem)}</p>\n'


@dataclass(frozen=True)
class Problem:
    """What was wrong with the last attempt.

    Attributes:
        text: what the person reads.
        email: the email address that finds no provider; None where it is about user name and password.
    """

    text: str
    email: str | None = None


def sign_in_page(
    client: Client, fields: Mapping[str, str], form: Form, problem: Problem | None = None
) -> HTMLResponse:
    """The ways to sign in: email address, choice of identity providers, the pool's own accounts."""
    offered = "".join(
        f'<li><a class="button" href="/oauth2/authorize?{escape(_with(fields, provider.name))}">'
        f"Continue with {escape(provider.name)}</a></li>\n"
        for provider in client.providers
    )
    sections = [
        f"<p>to continue to <strong>{escape(str(client.raw.get('ClientName') or client.id))}</strong></p>",
        _alert(None if problem is None else problem.text),
        _email_form(form, None if problem is None else problem.email) if client.asks_for_email else "",
        f"<ul>\n{offered}</ul>" if offered else "",
    ]
    if client.local_accounts:
        invalid = problem is not None and problem.email is None
        sections += [
            "<h2>Or with your user name and password</h2>" if offered else "",
            _password_form(form, fields.get("login_hint", ""), invalid=invalid),
        ]
    return _page("Sign in", "\n".join(filter(None, sections)))


def _with(fields: Mapping[str, str], provider: str) -> str:
    return urlencode({**fields, "identity_provider": provider})


def _email_form(form: Form, refused: str | None) -> str:
    marked = "" if refused is None else ' aria-invalid="true"'
    return f"""<form method="post" action="{escape(form.action)}">
{_hidden(form)}<label for="{EMAIL_FIELD}">Enter your email address</label>
<input id="{EMAIL_FIELD}" name="{EMAIL_FIELD}" type="email" autocomplete="email" required
  value="{escape(refused or "")}"{marked}>
<button type="submit">Continue</button>
</form>"""


def _password_form(form: Form, username: str, *, invalid: bool) -> str:
    marked = ' aria-invalid="true"' if invalid else ""
    return f"""<form method="post" action="{escape(form.action)}">
{_hidden(form)}<label for="username">User name</label>
<input id="username" name="username" autocomplete="username" autocapitalize="none" spellcheck="false"
  required value="{escape(username)}"{marked}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{marked}>
<button type="submit">Sign in</button>
</form>"""


def new_password_page(form: Form, problem: str | None = None) -> HTMLResponse:
    """The form for somebody who signed in with a temporary password."""
    body = f"""{_alert(problem)}<form method="post" action="{escape(form.action)}">
{_hidden(form)}<label for="new_password">New password</label>
<input id="new_password" name="new_password" type="password" autocomplete="new-password" required>
<label for="confirm_password">Enter the new password again</label>
<input id="confirm_password" name="confirm_password" type="password" autocomplete="new-password" required>
<button type="submit">Change password</button>
</form>"""
    return _page("Change your password", body)


def error_page(error: str) -> HTMLResponse:
    """What Cognito shows when it may not tell the app."""
    body = f"""<p>An error was encountered with the requested page.</p>
<p class="problem" role="alert">{escape(error)}</p>"""
    return _page("Error", body, 400)
