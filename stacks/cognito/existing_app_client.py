"""An app client of another team: read with every plan, and compared with what the settings say of it."""

from collections.abc import Sequence

from cdktf import Postcondition, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_cognito_user_pool_client import DataAwsCognitoUserPoolClient
from constructs import Construct

from stacks import addresses
from stacks.postconditions import is_empty, joined, terraform_list
from stacks.settings.clients import ClientSettings
from stacks.settings.facts import ATTRIBUTES_OF_SCOPE, LOCAL_ACCOUNTS
from stacks.settings.local_accounts import SELF_SERVICE_SCOPE


def existing_app_client(
    scope: Construct,
    key: str,
    settings: ClientSettings,
    *,
    user_pool_id: str,
    provider_names: Sequence[str],
    writable: Sequence[str],
) -> str:
    """Read an app client that the stack does not make, and check it; its id, as a Terraform reference.

    Args:
        provider_names: the identity providers whose people are to sign in here.
        writable: the attributes that a client may write only if its `WriteAttributes` name them.
    """
    name = f"The app client {settings.client_id} ([clients.{key}])"
    wanted = (
        ("callback_urls", settings.callback_urls, "does not have all of these callback_urls"),
        ("allowed_oauth_scopes", settings.scopes, "does not allow all of these scopes"),
        ("allowed_oauth_flows", ["code"], "does not allow the authorization code grant"),
        ("write_attributes", writable, "may not write all of the mapped attributes"),
    )
    checks = [
        _has_all(name, attribute, values, otherwise) for attribute, values, otherwise in wanted if values
    ]
    checks += [
        # A client that says nothing of what it may read may read them all (API reference,
        # CreateUserPoolClient, ReadAttributes).
        _has_all(
            name,
            "read_attributes",
            needed,
            f"asks for the scope {of} and may not read all that comes with it",
            unless="length(self.read_attributes) == 0",
        )
        for of, needed in ATTRIBUTES_OF_SCOPE.items()
        if of in settings.scopes
    ]
    checks += _people_write_nothing(name)
    address = addresses.EXISTING_APP_CLIENT.format(client=key)
    client = DataAwsCognitoUserPoolClient(
        scope,
        address,
        user_pool_id=user_pool_id,
        client_id=str(settings.client_id),
        lifecycle=TerraformResourceLifecycle(postcondition=checks),
    )
    # A warning at every plan, because the owner can enable an identity provider only once it exists.
    missing = f"setsubtract({terraform_list(provider_names)}, {address}.supported_identity_providers)"
    TerraformStack.of(scope).add_override(
        f"check.app_client_{key}",
        {
            "assert": {
                "condition": f"${{length({missing}) == 0}}",
                "error_message": f"{name} does not let these in yet: {joined(missing)}. Have"
                " its owner add them to its identity providers, after this deploy.",
            }
        },
    )
    return client.client_id


def _has_all(
    name: str, attribute: str, values: Sequence[str], otherwise: str, *, unless: str | None = None
) -> Postcondition:
    return is_empty(
        f"setsubtract({terraform_list(values)}, self.{attribute})",
        f"{name} {otherwise}: {', '.join(values)}. Have its owner add them, or change the settings.",
        unless=unless,
    )


def _people_write_nothing(name: str) -> list[Postcondition]:
    """Refuse what would let people write the mapped attributes: see stacks/settings/local_accounts.py."""
    # One that says nothing of them allows passwords (API reference, CreateUserPoolClient).
    stated = 'setsubtract(self.explicit_auth_flows, ["ALLOW_REFRESH_TOKEN_AUTH"])'
    flows = f'length(self.explicit_auth_flows) == 0 ? toset(["left out, so passwords"]) : {stated}'
    wrong = (
        (
            "lets in local accounts",
            f'setintersection(self.supported_identity_providers, ["{LOCAL_ACCOUNTS}"])',
        ),
        ("allows authentication flows besides ALLOW_REFRESH_TOKEN_AUTH", flows),
        (
            "lets people change their attributes",
            f'setintersection(self.allowed_oauth_scopes, ["{SELF_SERVICE_SCOPE}"])',
        ),
    )
    return [
        is_empty(
            found,
            f"{name} {what}: {joined(found)}. At a client with Microsoft's sign-in people could"
            " then write the ids of others. Have its owner remove that, or make a second client for it.",
        )
        for what, found in wrong
    ]
