"""`python -m operate.app <environment> <client>`: what an app needs to sign people in.

Nothing of it is secret: a server's client secret stays in AWS, and the command that reads it is shown.
"""

import json
import shlex
import sys
from collections.abc import Mapping

from operate import cli
from operate.cli import ExitStatus
from operate.errors import OperateError
from operate.outputs import Outputs, read_outputs
from stacks import clouds

Values = dict[str, str | list[str]]


def values_of(outputs: Outputs, key: str) -> Values:
    """What the app of one client needs; docs/apps.md says where it goes.

    Raises:
        OperateError: there is no such client.
    """
    clients = outputs.expected.clients
    if key not in clients:
        raise OperateError(f"There is no client {key}. The clients are: {', '.join(clients)}.")
    client, client_id, region = clients[key], outputs.client_ids[key], outputs.expected.region
    values: Values = {
        "issuer": outputs.issuer,
        "metadata_url": f"{outputs.issuer}/.well-known/openid-configuration",
        "jwks_url": outputs.jwks_url,
        **clouds.oauth_endpoints(outputs.domain),
        "region": region,
        "user_pool_id": outputs.user_pool_id,
        "domain": outputs.domain,
        "client_id": client_id,
        "scopes": " ".join(client.scopes),
        "callback_url": client.callback_urls[0],
        "callback_urls": client.callback_urls,
    }
    if client.identity_providers:
        values |= {
            "identity_provider": client.identity_providers[0],
            "identity_providers": client.identity_providers,
        }
    if key in outputs.sign_out_urls:
        values["sign_out_url"] = outputs.sign_out_urls[key]
    if client.has_secret:
        values["client_secret_command"] = (
            f"aws cognito-idp describe-user-pool-client --region {region}"
            f" --user-pool-id {outputs.user_pool_id} --client-id {client_id}"
            " --query UserPoolClient.ClientSecret --output text"
        )
    return values


def as_variables(values: Mapping[str, str | list[str]]) -> str:
    """Lines for a shell or a `.env` file; a list is separated by spaces."""
    texts = {name: value if isinstance(value, str) else " ".join(value) for name, value in values.items()}
    return "".join(f"COGNITO_{name.upper()}={shlex.quote(text)}\n" for name, text in texts.items())


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = cli.parser("app", "What an app needs to sign people in; no secret is among it.")
    parser.add_argument("client", help="the app client, by its key in the settings")
    parser.add_argument("--env", action="store_true", help="variables instead of JSON")
    options = parser.parse_args(arguments)
    values = values_of(read_outputs(options.environment, options.project.resolve()), options.client)
    sys.stdout.write(as_variables(values) if options.env else f"{json.dumps(values, indent=2)}\n")
    return ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
