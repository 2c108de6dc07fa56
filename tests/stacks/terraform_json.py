"""What the tests read in a stack's Terraform JSON."""

from tests.conftest import TerraformJson

APPLICATION = "azuread_application.sign_in"
USER_POOL = "aws_cognito_user_pool.users"
IDENTITY_PROVIDER = "aws_cognito_identity_provider.entra"
APP_CLIENT = "aws_cognito_user_pool_client.web"


def element(address: str, document: TerraformJson) -> TerraformJson:
    """The arguments of the resource or data source with an address."""
    *data, kind, name = address.split(".")
    found: TerraformJson = document["data" if data else "resource"][kind][name]
    return {argument: value for argument, value in found.items() if argument != "//"}


def addresses(document: TerraformJson) -> set[str]:
    """The addresses of all resources and data sources."""
    return {
        f"{prefix}{kind}.{name}"
        for part, prefix in (("resource", ""), ("data", "data."))
        for kind, elements in document.get(part, {}).items()
        for name in elements
    }
