"""What the tests of the stand-in for the azuread provider share."""

from typing import Any, TypeAlias

from sandbox.azuread_plugin.messages import MESSAGES
from sandbox.azuread_plugin.provider import Provider
from sandbox.azuread_plugin.schema import empty, provider_schema, resource_type
from sandbox.azuread_plugin.wire import dynamic

# What Terraform says is compared as it is, whatever its form.
Json: TypeAlias = Any

TENANT = "11111111-1111-4111-8111-111111111111"
ROLE = "22222222-2222-4222-8222-222222222222"
SECRET = "a-secret-that-must-never-be-shown"
APPLICATION = resource_type("azuread_application")


def configure(provider: Provider, **arguments: str) -> Json:
    names = provider_schema()["provider"]["block"]["attributes"]
    config = dynamic({name: arguments.get(name) for name in names})
    return provider.answer("Configure", MESSAGES["ConfigureRequest"](config=config))


def application(**attributes: Json) -> Json:
    return {**empty(APPLICATION), "display_name": "Portal", **attributes}
