"""What an app is told of its client."""

import shlex

import pytest

from operate.app import Values, as_variables, values_of
from operate.errors import OperateError
from tests.operate.samples import DOMAIN, POOL, PROVIDER, VALUES, outputs


def test_an_app_learns_its_endpoints_and_no_secret() -> None:
    values = values_of(outputs(), "web")
    assert values["metadata_url"] == f"{VALUES['issuer']}/.well-known/openid-configuration"
    assert values["token_endpoint"] == f"https://{DOMAIN}/oauth2/token"
    assert values["scopes"] == "openid profile email"
    assert values["identity_provider"] == PROVIDER
    # This client has neither a secret nor a logout URL.
    assert {"client_secret_command", "sign_out_url"}.isdisjoint(values)


def test_a_server_learns_where_its_secret_is() -> None:
    clients = {"web": {**outputs().expected.clients["web"].model_dump(), "has_secret": True}}
    command = str(values_of(outputs(clients=clients), "web")["client_secret_command"])
    assert f"--user-pool-id {POOL} --client-id client-of-web" in command


def test_variables_are_quoted_for_a_shell() -> None:
    values: Values = {
        "scopes": "openid profile",
        "client_secret_command": "aws 'x' $(y)",
        "callback_urls": ["a", "b"],
    }
    assert shlex.split(as_variables(values)) == [
        "COGNITO_SCOPES=openid profile",
        "COGNITO_CLIENT_SECRET_COMMAND=aws 'x' $(y)",
        "COGNITO_CALLBACK_URLS=a b",
    ]


def test_for_an_unknown_client_those_that_exist_are_named() -> None:
    with pytest.raises(OperateError, match=r"no client phone\. The clients are: web"):
        values_of(outputs(), "phone")
