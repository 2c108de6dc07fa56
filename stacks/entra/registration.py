"""The app registration, as the Cognito side uses it.

application.py makes one, and existing_registration.py reads one.
"""

from typing import Protocol

from cdktf import ITerraformDependable


class Registration(Protocol):
    """As whom Cognito presents itself at Entra ID.

    Attributes:
        client_id: the application (client) id, or a Terraform reference to it.
        client_secret: the secret's value, as a Terraform reference; sensitive, for Cognito only.
        client_secret_end_date: when the secret expires, RFC 3339 in UTC, as a Terraform reference; None for
            an existing registration.
        client_secrets: generation, key id and end date of the secret `in_use` and, where there is one, of the
            `previous` one; no value; empty for an existing registration.
        owners: its owners after the deploy, as a Terraform reference; empty for an existing registration.
        before_use: what has to be done before an identity provider gets the secret.
        principals: whom the settings name, each with the recorded object id, as a Terraform reference.
        counted: the Terraform condition on which there is an object at an address, where there is one.
    """

    client_id: str
    client_secret: str
    client_secret_end_date: str | None
    client_secrets: dict[str, object]
    owners: list[str]
    before_use: list[ITerraformDependable]
    principals: str | None
    counted: dict[str, str]
