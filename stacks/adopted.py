"""What was made by hand before this project took it over: `environments/<stack>.adopted.json`.

`pipenv run adopt` writes the file and people review it. It has the ids that Terraform imports, and the little
about the existing objects that can never be changed and that no setting describes. Import blocks of what is
in the state already do nothing (Terraform language, "Import"), so the file stays for as long as the
environment does.
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from stacks.settings.errors import SettingsError, at, error

APPLICATION = "azuread_application.sign_in"
SERVICE_PRINCIPAL = "azuread_service_principal.sign_in"
CONSENT = "azuread_service_principal_delegated_permission_grant.microsoft_graph"
ASSIGNMENT = "azuread_app_role_assignment.sign_in_"
POOL = "aws_cognito_user_pool.users"
DOMAIN = "aws_cognito_user_pool_domain.prefix"
CUSTOM_DOMAIN = "aws_cognito_user_pool_domain.custom"
PROVIDER = "aws_cognito_identity_provider."
API = "aws_cognito_resource_server."
CLIENT = "aws_cognito_user_pool_client."
BRANDING = "aws_cognito_managed_login_branding."

# What this project has no setting for: on an object that it made these stay at their defaults, and a change
# by hand is a difference; on one that it found they belong to whoever set them.
LEFT_ALONE: dict[str, tuple[str, ...]] = {
    APPLICATION: (
        # Asks for a name that is free; the object has its name already.
        "prevent_duplicate_names",
        "app_role",
        "description",
        "device_only_auth_enabled",
        "fallback_public_client_enabled",
        "group_membership_claims",
        "identifier_uris",
        "logo_image",
        "marketing_url",
        "notes",
        "privacy_statement_url",
        "public_client",
        "service_management_reference",
        "single_page_application",
        "support_url",
        "terms_of_service_url",
    ),
    SERVICE_PRINCIPAL: (
        "account_enabled",
        "alternative_names",
        "description",
        "login_url",
        "notes",
        "notification_email_addresses",
        "preferred_single_sign_on_mode",
    ),
    POOL: (
        # Decided when a pool is made, for ever: another value is another pool, without anybody in it.
        "alias_attributes",
        "username_attributes",
        "username_configuration",
        "account_recovery_setting",
        "auto_verified_attributes",
        "device_configuration",
        "email_configuration",
        "email_verification_message",
        "email_verification_subject",
        "lambda_config",
        "mfa_configuration",
        "password_policy",
        "sms_authentication_message",
        "sms_configuration",
        "sms_verification_message",
        "software_token_mfa_configuration",
        "user_attribute_update_settings",
        "user_pool_add_ons",
        "verification_message_template",
    ),
}


class Record(BaseModel):
    """A part of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class PoolAttribute(Record):
    """An attribute that the user pool has: it can be neither changed nor removed, so it is declared as it is.

    The names are those of the AWS provider's `schema` block.
    """

    name: str
    attribute_data_type: str
    mutable: bool
    required: bool
    developer_only_attribute: bool = False
    string_attribute_constraints: dict[str, str] | None = None
    number_attribute_constraints: dict[str, str] | None = None


class Adopted(Record):
    """What was there before the code.

    Attributes:
        about: what the file is, for whoever opens it.
        imports: Terraform address to the id that its provider imports by.
        clients_with_secret: the keys of the imported app clients that have a secret.
        pool_attributes: the imported pool's own attributes, and its standard ones with a rule.
    """

    about: str = ""
    imports: dict[str, str] = {}
    clients_with_secret: list[str] = []
    pool_attributes: list[PoolAttribute] = []

    def left_alone(self, address: str) -> list[str]:
        """What of a resource stays as it was found."""
        return list(LEFT_ALONE.get(address, ())) if address in self.imports else []

    def keeps_secret(self, key: str, *, secret: bool) -> bool:
        """Whether an imported app client has a secret, or has none, just as the settings want it.

        That was decided when it was made, and the AWS provider cannot read it: where a stack states it,
        Terraform replaces the client after an import, whatever is stated. So it is left out as long as the
        settings say what is the case, and a client whose `type` is changed is replaced as any other.
        """
        return f"{CLIENT}{key}" in self.imports and secret is (key in self.clients_with_secret)

    @property
    def in_service(self) -> bool:
        """Whether people sign in already, when the stack's first secret is made."""
        return APPLICATION in self.imports


NOTHING = Adopted()


def record_file(folder: Path, environment: str) -> Path:
    """Where the record of an environment is."""
    return folder / f"{environment}.adopted.json"


def load(folder: Path, environment: str) -> Adopted:
    """Read what was adopted for an environment; nothing where there is no file.

    Raises:
        SettingsError: the file is not as `pipenv run adopt` writes it.
    """
    path = record_file(folder, environment)
    if not path.is_file():
        return NOTHING
    try:
        return Adopted.model_validate_json(path.read_bytes())
    except ValidationError as refusal:
        places = sorted({".".join(map(str, wrong["loc"])) for wrong in refusal.errors()})
        where = ", ".join(places or ["file"])
        again = f"Write it again: `pipenv run adopt {environment} --write`."
        raise SettingsError(
            [error(at, f"This is not a record of adopted objects ({where}).", again, file=path)]
        ) from None
