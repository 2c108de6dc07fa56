"""The pages that a browser shows: signing in, consent, errors, signed out."""

from collections.abc import Iterable
from html import escape

from starlette.responses import HTMLResponse

from sandbox.entra.directory import Application
from sandbox.entra.errors import SignInError
from sandbox.entra.users import PASSWORD, Person
from sandbox.web.pages import Form, error_text, page, text_field

STAND_IN = "Microsoft Entra ID"


def sign_in_page(
    form: Form, application: str, username: str, error: SignInError | None, people: Iterable[Person]
) -> HTMLResponse:
    """The sign-in form."""
    invalid, named = error is not None, bool(username)
    fields = [
        text_field(
            "username", "Email, or user name", "text", "username", username, invalid=invalid, focus=not named
        ),
        text_field("password", "Password", "password", "current-password", invalid=invalid, focus=named),
        '<button type="submit">Sign in</button>\n',
    ]
    body = f"""<p>to continue to <strong>{escape(application)}</strong></p>
{error_text(str(error) if error else None)}{form.html("".join(fields))}"""
    sample = "".join(
        f"<li><code>{escape(person.principal_name)}</code>: {escape(person.note)}</li>" for person in people
    )
    aside = f"<p>Sample people, all with the password <code>{escape(PASSWORD)}</code>:</p><ul>{sample}</ul>"
    return page("Sign in", body, STAND_IN, status=400 if invalid else 200, aside=aside)


def consent_page(
    form: Form, application: Application, username: str, scopes: Iterable[str], organization: str = ""
) -> HTMLResponse:
    """The question whether the application may have its permissions.

    It links to the terms and the privacy statement (entra/identity-platform/application-consent-experience).
    """
    info = application.body["info"]
    links = {"Terms of service": info["termsOfServiceUrl"], "Privacy statement": info["privacyStatementUrl"]}
    about = "".join(f'<p><a href="{escape(url)}">{name}</a></p>' for name, url in links.items() if url)
    permissions = "".join(f"<li>{escape(scope)}</li>" for scope in sorted(scopes))
    review = (
        "<p>Review for your organization: if you accept, this app may do it for all users in"
        f" <strong>{escape(organization)}</strong>.</p>"
        if organization
        else ""
    )
    buttons = """<button type="submit" name="decision" value="accept">Accept</button>
<button type="submit" name="decision" value="cancel" class="second">Cancel</button>
"""
    body = f"""<p>{escape(username)}</p>
{review}
<p><strong>{escape(application.display_name)}</strong> would like to:</p>
<ul>{permissions}</ul>
{about}
{form.html(buttons)}"""
    return page("Permissions requested", body, STAND_IN)


def error_page(error: SignInError) -> HTMLResponse:
    """What Entra ID shows instead of going on, with the ids that its support would ask for."""
    body = f"""<p>Sorry, but we're having trouble signing you in.</p>
{error_text(str(error))}<dl>
<dt>Request Id</dt><dd>{error.trace_id}</dd>
<dt>Correlation Id</dt><dd>{error.correlation_id}</dd>
<dt>Timestamp</dt><dd>{error.timestamp}</dd>
</dl>"""
    return page("Sign in", body, STAND_IN, status=error.status)


def signed_out_page() -> HTMLResponse:
    """The end of a session, when there is no address to go back to."""
    text = "<p>It's a good idea to close all browser windows.</p>"
    return page("You signed out of your account", text, STAND_IN)
