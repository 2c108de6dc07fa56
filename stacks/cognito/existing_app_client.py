"""An app client of another team: read with every plan, and compared with what the settings say of it."""

from collections.abc import Sequence

from cdktf import Postcondition, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.data_aws_cognito_user_pool_client import DataAwsCognitoUserPoolClient
from constructs import Construct

from stacks import addresses
from stacks.postconditions import is_empty, joined, terraform_list
from stacks.settings import ClientSettings
from stacks.settings.facts import ATTRIBUTES_OF_SCOPE
from stacks.settings.local_accounts import SELF_SERVICE_SCOPE


class ExistingAppClient(Construct):
    """An app client that the stack does not make.

    Attributes:
        id: the client's id, as a Terraform reference.
    """

    def __init__(
        self,
        scope: Construct,
        key: str,
        settings: ClientSettings,
        *,
        user_pool_id: str,
        provider_names: Sequence[str],
        writable: Sequence[str],
    ) -> None:
        """Declare what is read and checked.

        Args:
            provider_names: the identity providers whose people are to sign in here.
            writable: the attributes that a client may write only if its `WriteAttributes` name them.
        """
        super().__init__(scope, f"existing_app_client_{key}")
        self._name = f"The app client {settings.client_id} ([clients.{key}])"
        self._key = key
        wanted = (
            ("callback_urls", settings.callback_urls, "does not have all of these callback_urls"),
            ("allowed_oauth_scopes", settings.scopes, "does not allow all of these scopes"),
            ("allowed_oauth_flows", ["code"], "does not allow the authorization code grant"),
            ("write_attributes", writable, "may not write all of the mapped attributes"),
        )
        checks = [
            self._has_all(attribute, values, otherwise) for attribute, values, otherwise in wanted if values
        ]
        checks += [
            # A client that says nothing of what it may read may read them all (API reference,
            # CreateUserPoolClient, ReadAttributes).
            self._has_all(
                "read_attributes",
                needed,
                f"asks for the scope {scope} and may not read all that comes with it",
                unless="length(self.read_attributes) == 0",
            )
            for scope, needed in ATTRIBUTES_OF_SCOPE.items()
            if scope in settings.scopes
        ]
        checks += self._people_write_nothing()
        client = DataAwsCognitoUserPoolClient(
            self,
            addresses.EXISTING_APP_CLIENT.format(client=key),
            user_pool_id=user_pool_id,
            client_id=str(settings.client_id),
            lifecycle=TerraformResourceLifecycle(postcondition=checks),
        )
        self._warn_of_missing(provider_names)
        self.id = client.client_id

    def _has_all(
        self, attribute: str, values: Sequence[str], otherwise: str, *, unless: str | None = None
    ) -> Postcondition:
        return is_empty(
            f"setsubtract({terraform_list(values)}, self.{attribute})",
            f"{self._name} {otherwise}: {', '.join(values)}."
            " Have its owner add them, or change the settings.",
            unless=unless,
        )

    def _people_write_nothing(self) -> list[Postcondition]:
        """Refuse what would let people write the mapped attributes: see stacks/settings/local_accounts.py."""
        # One that says nothing of them allows passwords (API reference, CreateUserPoolClient).
        stated = 'setsubtract(self.explicit_auth_flows, ["ALLOW_REFRESH_TOKEN_AUTH"])'
        flows = f'length(self.explicit_auth_flows) == 0 ? toset(["left out, so passwords"]) : {stated}'
        wrong = (
            ("lets in local accounts", 'setintersection(self.supported_identity_providers, ["COGNITO"])'),
            ("allows authentication flows besides ALLOW_REFRESH_TOKEN_AUTH", flows),
            (
                "lets people change their attributes",
                f'setintersection(self.allowed_oauth_scopes, ["{SELF_SERVICE_SCOPE}"])',
            ),
        )
        return [
            is_empty(
                found,
                f"{self._name} {what}: {joined(found)}. At a client with Microsoft's sign-in people could"
                " then write the ids of others. Have its owner remove that, or make a second client for it.",
            )
            for what, found in wrong
        ]

    def _warn_of_missing(self, provider_names: Sequence[str]) -> None:
        """Warn, at every plan, of identity providers whose people the client does not let in yet.

        It is a warning because the owner can enable them only once they exist.
        """
        client = addresses.EXISTING_APP_CLIENT.format(client=self._key)
        missing = f"setsubtract({terraform_list(provider_names)}, {client}.supported_identity_providers)"
        TerraformStack.of(self).add_override(
            f"check.app_client_{self._key}",
            {
                "assert": {
                    "condition": f"${{length({missing}) == 0}}",
                    "error_message": f"{self._name} does not let these in yet: {joined(missing)}. Have"
                    " its owner add them to its identity providers, after this deploy.",
                }
            },
        )
