"""The app registration, as the Cognito side uses it.

application.py makes one, and existing_registration.py reads one.
"""

from dataclasses import dataclass, field

from cdktf import ITerraformDependable


@dataclass(frozen=True, kw_only=True)
class Registration:
    """As whom Cognito presents itself at Entra ID; of an existing one only id and secret are known.

    Attributes:
        client_id: the application (client) id, or a Terraform reference to it.
        client_secret: the secret's value, as a Terraform reference; sensitive, for Cognito only.
        client_secret_end_date: when the secret expires, RFC 3339 in UTC, as a Terraform reference.
        client_secrets: generation, key id and end date of the secret `in_use` and, where there is one, of the
            `previous` one; no value.
        owners: its owners after the deploy, as a Terraform reference.
        before_use: what has to be done before an identity provider gets the secret.
        principals: whom the settings name, each with the recorded object id, as a Terraform reference.
        counted: the Terraform condition on which there is an object at an address, where there is one.
    """

    client_id: str
    client_secret: str
    client_secret_end_date: str | None = None
    client_secrets: dict[str, object] = field(default_factory=dict)
    owners: list[str] = field(default_factory=list)
    before_use: list[ITerraformDependable] = field(default_factory=list)
    principals: str | None = None
    counted: dict[str, str] = field(default_factory=dict)
