"""`python -m operate.signin <environment>`: sign in as an app would, in your own browser; see what arrives.

Exit status 0: every mapped claim arrived. 1: it failed, or a claim is missing.
"""

import argparse
import sys
import webbrowser
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
from rich.console import Console
from rich.text import Text

from operate import http_client
from operate.cognito_api import CognitoFacts, read_cognito, sdk
from operate.errors import OperateError
from operate.graph_api import EntraFacts, Graph, GraphError, connect, read_entra
from operate.known_errors import explain
from operate.outputs import Outputs, read_outputs
from operate.signin.claim_trace import OF_COGNITO, ClaimTrace
from operate.signin.code_flow import Claims, CodeFlow, RefusedError
from operate.signin.listener import Listener, is_loopback
from operate.verify.__main__ import INTERRUPTED, address_of, arguments_of
from operate.verify.checks.sign_in import problem_of
from operate.verify.findings import NotChecked
from operate.verify.report import console

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SECONDS = 180.0
EXAMPLE = "http://localhost:8976/callback"
PERSON = "id,mail,givenName,surname,displayName,userPrincipalName"

Open = Callable[[str], None]


@dataclass(frozen=True)
class Surroundings:
    """What is read of both clouds while the person types."""

    aws: "CognitoIdentityProviderClient | NotChecked"
    graph: Graph | NotChecked
    cognito: Future[CognitoFacts | NotChecked]
    entra: Future[EntraFacts | NotChecked]


def choose(outputs: Outputs, key: str | None) -> tuple[str, str]:
    """The app client to sign in at, and its callback URL on this machine.

    Args:
        key: the client's key in the settings; None for the first that has such a callback URL.

    Raises:
        OperateError: there is none; says which setting to add.
    """
    clients = outputs.expected.clients
    if key is not None and key not in clients:
        raise OperateError(f"There is no client {key}. There are {', '.join(clients)}.")
    for name in [key] if key else clients:
        for url in clients[name].callback_urls:
            if is_loopback(url):
                return name, url
    name = key or next(iter(clients))
    raise OperateError(
        f"{f'Client {key} has no' if key else 'No client has a'} callback URL on this machine. Add for"
        f" instance"
        f' "{EXAMPLE}" to callback_urls under [clients.{name}], and deploy.'
    )


def choose_provider(outputs: Outputs, key: str, name: str | None) -> str:
    """The identity provider to sign in by.

    Args:
        name: the provider's name; None for that of the registration's own tenant, or else the client's first.

    Raises:
        OperateError: the client does not have it, or none.
    """
    known = outputs.expected.clients[key].identity_providers
    if not known:
        raise OperateError(f"Nobody signs in with Microsoft at client {key}: choose another with --client.")
    if name is not None and name not in known:
        raise OperateError(f"Client {key} lets nobody in by {name}. There are {', '.join(known)}.")
    home = outputs.expected.home_provider
    return name or (home if home in known else known[0])


def sign_in(flow: CodeFlow, out: Console, browser: Open, seconds: float) -> ClaimTrace:
    """Sign in.

    Raises:
        OperateError: it did not work; says why.
        RefusedError: Cognito or Entra ID refused; says what they said.
    """
    with http_client.client() as http, ThreadPoolExecutor() as threads:
        aws, graph = sdk(flow.outputs.expected.region), connect(http, flow.outputs)
        around = Surroundings(
            aws,
            graph,
            threads.submit(read_cognito, flow.outputs),
            threads.submit(_entra, graph, flow.outputs),
        )
        secret = _client_secret(flow, aws)
        with Listener(flow.callback_url, flow.state) as listener:
            _try_the_way(http, flow)
            browser(flow.url)
            out.print(f"Waiting for the browser at {flow.callback_url}, up to {seconds:.0f} s ...")
            answer = listener.wait(seconds)
            if answer is None:
                raise OperateError(_nobody_came(listener, seconds))
        if "code" not in answer:
            raise RefusedError(
                " ".join(answer.get(key, "") for key in ("error", "error_description")).strip()
            )
        id_token = flow.exchange(http, answer["code"], secret)
        claims = flow.verified(http, id_token, _keys_url(flow.outputs, aws))
        return _arrival(flow, claims, around)


def _entra(graph: Graph | NotChecked, outputs: Outputs) -> EntraFacts | NotChecked:
    return graph if isinstance(graph, NotChecked) else read_entra(graph, outputs)


def _try_the_way(http: httpx.Client, flow: CodeFlow) -> None:
    """Ask for the first pages: an error on one would be shown to the person, and never come back here."""
    try:
        journey = http_client.travel(http, flow.url, until=flow.callback_url)
    except httpx.HTTPError as error:
        raise OperateError(
            f"The sign-in domain {flow.domain_url} does not answer: {http_client.sentence(error)}."
            " Where it answers at another address, say so with --domain-url."
        ) from None
    finding = problem_of(journey, flow.outputs, flow.client_key, flow.provider)
    if finding is not None:
        raise RefusedError(finding.detail)
    http.cookies.clear()


def _nobody_came(listener: Listener, seconds: float) -> str:
    strangers = (
        " What did come belonged to another sign-in, and was left alone." if listener.strangers else ""
    )
    return (
        f"Nobody came back within {seconds:.0f} s: the browser was closed, or shows an error."
        f"{strangers} docs/troubleshooting.md explains every error by its text."
    )


def _client_secret(flow: CodeFlow, aws: "CognitoIdentityProviderClient | NotChecked") -> str | None:
    if not flow.outputs.expected.clients[flow.client_key].has_secret:
        return None
    why = aws.why if isinstance(aws, NotChecked) else ""
    if not isinstance(aws, NotChecked):
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

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


def _keys_url(outputs: Outputs, aws: "CognitoIdentityProviderClient | NotChecked") -> str:
    """The pool's keys are at the Cognito API's own address, wherever the AWS SDK is told that this is."""
    if isinstance(aws, NotChecked):
        return outputs.jwks_url
    return f"{aws.meta.endpoint_url}/{outputs.user_pool_id}/.well-known/jwks.json"


def _arrival(flow: CodeFlow, claims: Claims, around: Surroundings) -> ClaimTrace:
    return ClaimTrace(
        outputs=flow.outputs,
        client_key=flow.client_key,
        provider=flow.provider,
        claims=claims,
        person=_person(claims, around.graph),
        stored=_stored(flow.outputs, claims, around.aws),
        cognito=around.cognito.result(),
        entra=around.entra.result(),
    )


def _person(claims: Claims, graph: Graph | NotChecked) -> dict[str, object] | None:
    oid = claims.get("custom:entra_oid")
    if isinstance(graph, NotChecked) or not oid:
        return None
    try:
        return graph.get(f"/users/{oid}", **{"$select": PERSON})
    except GraphError:
        return None


def _stored(
    outputs: Outputs, claims: Claims, aws: "CognitoIdentityProviderClient | NotChecked"
) -> dict[str, str] | None:
    if isinstance(aws, NotChecked):
        return None
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        user = aws.admin_get_user(UserPoolId=outputs.user_pool_id, Username=str(claims[OF_COGNITO]))
    except (BotoCoreError, ClientError):
        return None
    return {attribute["Name"]: attribute.get("Value", "") for attribute in user["UserAttributes"]}


def explained(environment: str, said: str) -> str:
    """What was said, and the causes that it can have."""
    lines = [f"Sign-in failed: {http_client.excerpt(said, 400)}"]
    troubles = explain(said)
    for trouble in troubles:
        remedy = trouble.remedy.replace("{environment}", environment)
        lines += ["", f"Cause:  {trouble.cause}", f"Remedy: {remedy}"]
    if len(troubles) != 1:
        lines += ["", f"`pipenv run verify {environment}` says what it is."]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = arguments_of(
        argparse.ArgumentParser(prog="signin", description="Sign in, and see what arrives.")
    )
    parser.add_argument("--client", metavar="NAME", help="the app client, by its key in the settings")
    parser.add_argument(
        "--provider",
        metavar="NAME",
        help="the identity provider, by its name in Cognito: whose people sign in",
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address instead of opening it")
    parser.add_argument(
        "--timeout", type=float, default=SECONDS, metavar="SECONDS", help="how long to wait for the browser"
    )
    chosen = parser.parse_args(arguments)
    out = console()

    def browser(url: str) -> None:
        opened = not chosen.no_browser and webbrowser.open(url)
        out.print("Opened in your browser:" if opened else "Open in a browser:")
        # As it is, on one line, to be copied.
        sys.stdout.write(f"\n{url}\n\n")
        sys.stdout.flush()

    try:
        outputs = read_outputs(chosen.environment, chosen.project.resolve())
        key, callback_url = choose(outputs, chosen.client)
        provider = choose_provider(outputs, key, chosen.provider)
        flow = CodeFlow(outputs, key, provider, callback_url, address_of(outputs, chosen.domain_url))
        arrival = sign_in(flow, out, browser, chosen.timeout)
    except OperateError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except RefusedError as refusal:
        sys.stderr.write(f"{explained(chosen.environment, str(refusal))}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return INTERRUPTED
    out.print(arrival.table())
    for reason in arrival.reasons():
        out.print(Text(f"\n{reason.replace('{environment}', chosen.environment)}", style="bold red"))
    return 1 if arrival.missing else 0


if __name__ == "__main__":
    sys.exit(main())
