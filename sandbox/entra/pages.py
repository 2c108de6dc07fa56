"""The pages that a browser shows: signing in, consent, errors, signed out. They work without JavaScript."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from sandbox.entra.errors import SignInError
from sandbox.entra.users import PASSWORD, Person

STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5b5b5b; --paper: #fff; --ground: #eef1f5;
  --line: #8a8a8a; --blue: #0b5cad; --red: #a80000; }
@media (prefers-color-scheme: dark) { :root { --ink: #f3f3f3; --soft: #bdbdbd; --paper: #1f2328;
  --ground: #14171a; --line: #7d858d; --blue: #6cb2ff; --red: #ff9a9a; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1rem; gap: 1rem;
  grid-template-columns: minmax(0, 28rem); background: var(--ground); color: var(--ink);
  font: 1rem/1.45 "Segoe UI", system-ui, sans-serif; }
main, aside { background: var(--paper); padding: 2rem; border-radius: .25rem;
  box-shadow: 0 2px 8px rgb(0 0 0 / .18); overflow-wrap: anywhere; }
aside { padding: 1rem 2rem; font-size: .875rem; color: var(--soft); }
h1 { font-size: 1.5rem; font-weight: 600; line-height: 1.2; margin: 0 0 1rem; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { width: 100%; font: inherit; padding: .5rem; color: inherit; background: transparent;
  border: 1px solid var(--line); border-radius: .125rem; }
button { font: inherit; padding: .5rem 1.75rem; margin: 1.5rem .5rem 0 0; border: 1px solid var(--blue);
  border-radius: .125rem; background: var(--blue); color: var(--paper); cursor: pointer; }
button.second { background: transparent; color: var(--blue); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
.problem { color: var(--red); }
ul { padding-left: 1.25rem; margin: .5rem 0; }
dt { font-weight: 600; margin-top: .5rem; } dd { margin: 0; }
"""

STAND_IN = "This is a local stand-in for Microsoft Entra ID. Nothing here leaves this machine."

# Never in a cache or a frame; no code but what a page brings itself.
HEADERS = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Form:
    """Where a form goes, and the name of the open request that it answers."""

    action: str
    ticket: str


def _page(title: str, body: str, *, status: int = 200, aside: str = "", script: str = "") -> HTMLResponse:
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
<aside>{aside}<p>{STAND_IN}</p></aside>
{code}</body>
</html>
"""
    policy = f"{POLICY}; script-src 'nonce-{nonce}'" if script else POLICY
    return HTMLResponse(text, status, HEADERS | {"Content-Security-Policy": policy})


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">\n'
        for name, value in fields.items()
    )


def sign_in_page(
    form: Form, application: str, username: str, problem: SignInError | None, people: Iterable[Person]
) -> HTMLResponse:
    """The sign-in form."""
    sample = "".join(
        f"<li><code>{escape(person.principal_name)}</code>: {escape(person.note)}</li>" for person in people
    )
    alert = (
        "" if problem is None else f'<p class="problem" role="alert" id="problem">{escape(str(problem))}</p>'
    )
    described = "" if problem is None else ' aria-invalid="true" aria-describedby="problem"'
    focus_name, focus_password = ("", " autofocus") if username else (" autofocus", "")
    body = f"""<p>to continue to <strong>{escape(application)}</strong></p>
{alert}
<form method="post" action="{escape(form.action)}">
{_hidden({"ticket": form.ticket})}<label for="username">Email, or user name</label>
<input id="username" name="username" type="text" inputmode="email" autocomplete="username"
  autocapitalize="none" spellcheck="false" required value="{escape(username)}"{described}{focus_name}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required{described}
  {focus_password}>
<button type="submit">Sign in</button>
</form>"""
    aside = f"<p>Sample people, all with the password <code>{escape(PASSWORD)}</code>:</p><ul>{sample}</ul>"
    return _page("Sign in", body, status=200 if problem is None else 400, aside=aside)


def consent_page(
    form: Form, application: str, username: str, scopes: Iterable[str], organization: str = ""
) -> HTMLResponse:
    """The question whether the application may have its permissions."""
    wanted = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(scopes))
    review = (
        f"<p>Review for your organization: if you accept, this app may do it for all users in"
        f" <strong>{escape(organization)}</strong>.</p>"
        if organization
        else ""
    )
    body = f"""<p>{escape(username)}</p>
{review}
<p><strong>{escape(application)}</strong> would like to:</p>
<ul>{wanted}</ul>
<form method="post" action="{escape(form.action)}">
{_hidden({"ticket": form.ticket})}<button type="submit" name="decision" value="accept">Accept</button>
<button type="submit" name="decision" value="cancel" class="second">Cancel</button>
</form>"""
    return _page("Permissions requested", body)


def error_page(problem: SignInError) -> HTMLResponse:
    """What Entra ID shows instead of going on, with the ids that its support would ask for."""
    body = f"""<p>Sorry, but we're having trouble signing you in.</p>
<p class="problem" role="alert">{escape(str(problem))}</p>
<dl>
<dt>Request Id</dt><dd>{problem.trace_id}</dd>
<dt>Correlation Id</dt><dd>{problem.correlation_id}</dd>
<dt>Timestamp</dt><dd>{problem.timestamp}</dd>
</dl>"""
    return _page("Sign in", body, status=problem.status)


def signed_out_page() -> HTMLResponse:
    """The end of a session, when there is no address to go back to."""
    return _page("You signed out of your account", "<p>It's a good idea to close all browser windows.</p>")


def post_page(url: str, fields: Mapping[str, str]) -> HTMLResponse:
    """The answer as a form that sends itself (OAuth 2.0 Form Post Response Mode)."""
    body = f"""<form method="post" action="{escape(url)}">
{_hidden(fields)}<button type="submit">Continue</button>
</form>"""
    return _page("Working...", body, script="document.forms[0].submit()")
