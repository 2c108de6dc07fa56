"""The API's records: what they show of themselves."""

import pytest
from pydantic import ValidationError

from sandbox.cognito.models import Client, Provider

SECRET = "a-secret-that-must-never-be-shown"
PROVIDER = {"ProviderName": "entra", "ProviderType": "OIDC", "ProviderDetails": {"client_secret": SECRET}}
POOL = {"Id": "eu-central-1_a", "SchemaAttributes": [], "_identity_providers": {"entra": PROVIDER}}
CLIENT = {"ClientId": "c", "ClientSecret": SECRET, "pool": POOL}


def test_records_show_no_secret() -> None:
    client = Client.model_validate(CLIENT)
    assert (client.secret, client.pool.providers["entra"].details["client_secret"]) == (SECRET, SECRET)
    assert SECRET not in repr(client)


@pytest.mark.parametrize(
    ("model", "record"),
    [
        (Client, CLIENT | {"ClientSecret": [SECRET]}),
        (Provider, PROVIDER | {"ProviderDetails": {"client_secret": [SECRET]}}),
    ],
)
def test_error_in_a_record_shows_no_secret(model: type[Client | Provider], record: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as error:
        model.model_validate(record)
    assert SECRET not in str(error.value)
