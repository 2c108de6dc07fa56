"""`python -m operate.signin <environment>`: sign in as an app would, in your own browser.

Shows each claim as Entra ID sent it, as Cognito stores it, and as the app receives it. Exit status 0: every
mapped claim arrived. 1: the sign-in failed, or a claim is missing.
"""

import sys
import webbrowser
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import httpx
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.text import Text

from operate import cli, http_client
from operate.cli import ExitStatus
from operate.cognito_api import cognito_client, read_cognito
from operate.errors import OperateError, Unavailable
from operate.graph_api import Graph, GraphError, connect, read_entra
from operate.known_errors import explain
from operate.outputs import Outputs, read_outputs
from operate.signin.claim_trace import COGNITO_USERNAME, PROPERTIES, ClaimTrace
from operate.signin.code_flow import Claims, CodeFlow, RefusedError
from operate.signin.listener import Listener, is_loopback
from operate.verify.checks.sign_in import login_finding

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SECONDS = 180.0
# Of each, what Microsoft documents (Microsoft learn, "OpenID Connect on the Microsoft identity platform").
PROMPTS = ("login", "select_account", "consent")
# Developer guide, "Authorize endpoint", prompt.
NOT_SENT_ON = (
    "Cognito does not send {name} on to Entra ID: prompt takes managed_login_version = 2 in \\[cognito]."
)
EXAMPLE = "http://localhost:8976/callback"


def choose_client(outputs: Outputs, key: str | None) -> tuple[str, str]:
    """The app client to sign in at, and its callback URL on this machine.

    Args:
        key: the client's key in the settings; None for the first that has such a callback URL.

    Raises:
        OperateError: there is none; says which setting to add.
    """
    clients = outputs.expected.clients
    if key is not None and key not in clients:
        raise OperateError(f"There is no client {key}. The clients are: {', '.join(clients)}.")
    for name in [key] if key else clients:
        for url in clients[name].callback_urls:
            if is_loopback(url):
                return name, url
    name = key or next(iter(clients))
    raise OperateError(
        f"{f'Client {key} has no' if key else 'No client has a'} callback URL on this machine. Add for"
        f' instance "{EXAMPLE}" to callback_urls under [clients.{name}], and deploy.'
    )


def choose_provider(outputs: Outputs, key: str, name: str | None) -> str:
    """The identity provider to sign in by.

    Args:
        name: the provider's; None for that of the registration's tenant, or else the client's first.

    Raises:
        OperateError: the client does not have it, or none.
    """
    known = outputs.expected.clients[key].identity_providers
    if not known:
        raise OperateError(f"Nobody signs in with Microsoft at client {key}: choose another with --client.")
    if name is not None and name not in known:
        raise OperateError(f"Client {key} lets nobody in by {name}. The providers are: {', '.join(known)}.")
    home = outputs.expected.home_provider
    return name or (home if home in known else known[0])


def sign_in(flow: CodeFlow, out: Console, open_browser: Callable[[str], None], seconds: float) -> ClaimTrace:
    """Sign in.

    Args:
        seconds: how long to wait for the browser.

    Raises:
        OperateError: it did not work; says why.
        RefusedError: Cognito or Entra ID refused; says what they said.
    """
    outputs = flow.outputs
    with http_client.client() as http, ThreadPoolExecutor() as threads:
        aws, graph = cognito_client(outputs.expected.region), connect(http, outputs.expected)
        # Both are read while the person types.
        cognito = threads.submit(read_cognito, outputs)
        entra = threads.submit(read_entra, graph, outputs)
        secret = _client_secret(flow, aws)
        with Listener(flow.callback_url, flow.state) as listener:
            for name in _check_redirects(http, flow):
                out.print(NOT_SENT_ON.format(name=name))
            open_browser(flow.url)
            out.print(f"Waiting for the browser at {flow.callback_url}, up to {seconds:.0f} s ...")
            answer = listener.wait(seconds)
        if answer is None:
            raise OperateError(
                f"Nobody came back within {seconds:.0f} s: the browser was closed, or shows an error."
                + (
                    " What did come belonged to another sign-in, and was left alone."
                    if listener.ignored
                    else ""
                )
                + " docs/troubleshooting.md explains every error by its text."
            )
        if "code" not in answer:
            raise RefusedError(
                " ".join(answer.get(key, "") for key in ("error", "error_description")).strip()
            )
        id_token = flow.exchange(http, answer["code"], secret)
        claims = flow.verify(http, id_token, _jwks_url(outputs, aws))
        return ClaimTrace(
            outputs=outputs,
            client_key=flow.client_key,
            provider=flow.provider,
            claims=claims,
            person=_person(claims, graph),
            attributes=_attributes(outputs, claims, aws),
            cognito=cognito.result(),
            entra=entra.result(),
        )


def _check_redirects(http: httpx.Client, flow: CodeFlow) -> list[str]:
    """Ask for the first pages: an error there is shown to the person and never comes back to the listener.

    Returns:
        The hints that Cognito does not send on.
    """
    try:
        chain = http_client.follow_redirects(http, flow.url, until=flow.callback_url)
    except httpx.HTTPError as error:
        raise OperateError(
            f"The sign-in domain {flow.domain_url} does not answer: {http_client.reason(error)}."
            " Where it answers at another address, say so with --domain-url."
        ) from None
    finding = login_finding(chain, flow.outputs, flow.client_key, flow.provider)
    if finding is not None:
        raise RefusedError(finding.detail)
    http.cookies.clear()
    sent_on = dict(parse_qsl("&".join(urlsplit(url).query for url in chain.urls[1:])))
    return [name for name, value in flow.hints.items() if sent_on.get(name) != value]


def _client_secret(flow: CodeFlow, aws: "CognitoIdentityProviderClient | Unavailable") -> str | None:
    if not flow.outputs.expected.clients[flow.client_key].has_secret:
        return None
    if isinstance(aws, Unavailable):
        why = aws.why
    else:
        try:
            described = aws.describe_user_pool_client(
                UserPoolId=flow.outputs.user_pool_id, ClientId=flow.client_id
            )
            return described["UserPoolClient"].get("ClientSecret")
        except (BotoCoreError, ClientError) as error:
            why = str(error)
    raise OperateError(
        f"Client {flow.client_key} has a secret, which only AWS knows: {why}. Choose a client without one, or"
        " see to the AWS credentials."
    )


def _jwks_url(outputs: Outputs, aws: "CognitoIdentityProviderClient | Unavailable") -> str:
    """The pool's keys are at the Cognito API's own address, wherever the AWS SDK is told that this is."""
    if isinstance(aws, Unavailable):
        return outputs.jwks_url
    return f"{aws.meta.endpoint_url}/{outputs.user_pool_id}/.well-known/jwks.json"


def _person(claims: Claims, graph: Graph | Unavailable) -> dict[str, object] | None:
    """The person in Entra ID's directory; None where it may not be read."""
    oid = claims.get("custom:entra_oid")
    if isinstance(graph, Unavailable) or not oid:
        return None
    try:
        return graph.get(f"/users/{oid}", **{"$select": ",".join(set(PROPERTIES.values()))})
    except GraphError:
        return None


def _attributes(
    outputs: Outputs, claims: Claims, aws: "CognitoIdentityProviderClient | Unavailable"
) -> dict[str, str] | None:
    """The user's attributes in Cognito; None where they may not be read."""
    if isinstance(aws, Unavailable):
        return None
    try:
        user = aws.admin_get_user(UserPoolId=outputs.user_pool_id, Username=str(claims[COGNITO_USERNAME]))
    except (BotoCoreError, ClientError):
        return None
    return {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}


def explanation(environment: str, answer: str, existing: Collection[str] = ()) -> str:
    """What Cognito or Entra ID answered, and the causes that it can have.

    Args:
        existing: which of registration and app client are another team's.
    """
    lines = [f"Sign-in failed: {http_client.excerpt(answer, 400)}"]
    causes = explain(answer)
    for known in causes:
        remedy = known.remedy_where(existing).replace("{environment}", environment)
        lines += ["", f"Cause:  {known.cause}", f"Remedy: {remedy}"]
    if len(causes) != 1:
        lines += ["", f"`pipenv run verify {environment}` says what it is."]
    return "\n".join(lines)


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = cli.parser("signin", "Sign in, and see what arrives.")
    cli.add_domain_url(parser)
    parser.add_argument("--client", metavar="NAME", help="the app client, by its key in the settings")
    parser.add_argument(
        "--provider",
        metavar="NAME",
        help="the identity provider, by its name in Cognito: whose people sign in",
    )
    parser.add_argument("--login-hint", metavar="NAME", help="who is to sign in, by user principal name")
    parser.add_argument(
        "--prompt", choices=PROMPTS, help="ask even somebody who is signed in, for instance which account"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    parser.add_argument(
        "--timeout", type=float, default=SECONDS, metavar="SECONDS", help="how long to wait for the browser"
    )
    options = parser.parse_args(arguments)
    out = cli.console()

    def open_browser(url: str) -> None:
        opened = not options.no_browser and webbrowser.open(url)
        out.print("Opened in your browser:" if opened else "Open in a browser:")
        # On one line, whatever the console's width, to be copied.
        sys.stdout.write(f"\n{url}\n\n")
        sys.stdout.flush()

    outputs = read_outputs(options.environment, options.project.resolve())
    key, callback_url = choose_client(outputs, options.client)
    provider = choose_provider(outputs, key, options.provider)
    hints = {"login_hint": options.login_hint, "prompt": options.prompt}
    flow = CodeFlow(
        outputs,
        key,
        provider,
        callback_url,
        options.domain_url or outputs.domain_url,
        {name: value for name, value in hints.items() if value},
    )
    try:
        trace = sign_in(flow, out, open_browser, options.timeout)
    except RefusedError as refusal:
        said = explanation(options.environment, str(refusal), outputs.existing(key))
        raise OperateError(said) from None
    out.print(trace.table())
    for reason in trace.reasons():
        out.print(Text(f"\n{reason.replace('{environment}', options.environment)}", style="bold red"))
    return ExitStatus.FAILED if trace.missing else ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
