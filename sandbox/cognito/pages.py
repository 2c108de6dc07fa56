"""The pages that a browser shows: signing in, choosing a password, errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from starlette.responses import HTMLResponse

from sandbox.cognito.models import Client
from sandbox.web.endpoints import with_parameters
from sandbox.web.pages import Form, error_text, page, text_field

STAND_IN = "the sign-in pages of Amazon Cognito"
EMAIL_FIELD = "corporate_email"


@dataclass(frozen=True)
class Mistake:
    """What was wrong with the last attempt: with an email address, or with user name and password."""

    text: str
    email: str | None = None


def sign_in_page(
    client: Client, fields: Mapping[str, str], form: Form, mistake: Mistake | None = None
) -> HTMLResponse:
    """The ways to sign in: email address, choice of identity providers, the pool's own accounts."""
    choices = "".join(_choice(fields, provider.name) for provider in client.providers)
    email = None if mistake is None else mistake.email
    sections = [
        f"<p>to continue to <strong>{escape(client.name or client.id)}</strong></p>",
        error_text(None if mistake is None else mistake.text),
        _email_form(form, email) if client.asks_for_email else "",
        f'<ul class="choices">\n{choices}</ul>' if choices else "",
    ]
    if client.local_accounts:
        invalid = mistake is not None and email is None
        sections += [
            "<h2>Or with your user name and password</h2>" if choices else "",
            _password_form(form, fields.get("login_hint", ""), invalid=invalid),
        ]
    return page("Sign in", "\n".join(filter(None, sections)), STAND_IN)


def _choice(fields: Mapping[str, str], provider: str) -> str:
    url = with_parameters("/oauth2/authorize", {**fields, "identity_provider": provider})
    return f'<li><a class="button" href="{escape(url)}">Continue with {escape(provider)}</a></li>\n'


def _email_form(form: Form, refused: str | None) -> str:
    field = text_field(
        EMAIL_FIELD,
        "Enter your email address",
        "email",
        "email",
        refused or "",
        invalid=refused is not None,
    )
    return form.html(f'{field}<button type="submit">Continue</button>\n')


def _password_form(form: Form, username: str, *, invalid: bool) -> str:
    fields = [
        text_field("username", "User name", "text", "username", username, invalid=invalid),
        text_field("password", "Password", "password", "current-password", invalid=invalid),
        '<button type="submit">Sign in</button>\n',
    ]
    return form.html("".join(fields))


def new_password_page(form: Form, mistake: str | None = None) -> HTMLResponse:
    """The form for somebody who signed in with a temporary password."""
    invalid = mistake is not None
    fields = [
        text_field("new_password", "New password", "password", "new-password", invalid=invalid),
        text_field(
            "confirm_password",
            "Enter the new password again",
            "password",
            "new-password",
            invalid=invalid,
        ),
        '<button type="submit">Change password</button>\n',
    ]
    return page("Change your password", error_text(mistake) + form.html("".join(fields)), STAND_IN)


def error_page(error: str) -> HTMLResponse:
    """What Cognito shows when it may not tell the app."""
    body = f"<p>An error was encountered with the requested page.</p>\n{error_text(error)}"
    return page("Error", body, STAND_IN, status=400)
