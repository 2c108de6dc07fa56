"""Everything that makes one stack, and every rule asked at once.

What each setting means is in `tables.py`; rules for one value are in `rules.py` and `rules_web.py`, rules
between settings in `agreements_entra.py` and `agreements_cognito.py`.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Annotated, Any, Self, get_args, get_origin

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, InitErrorDetails

from stacks import clouds
from stacks.settings import agreements_cognito, agreements_entra, rules
from stacks.settings.findings import Finding, Severity, dotted
from stacks.settings.tables import (
    AwsSettings,
    ClientKey,
    ClientSettings,
    CognitoSettings,
    EntraSettings,
    SecretSettings,
    StackName,
    StateSettings,
    Table,
    TerraformSettings,
    VerifySettings,
)
from stacks.settings.vocabulary import (
    OWN_ATTRIBUTE_MAPPING,
    AccountTypes,
    AppType,
    EntraCloud,
    Permission,
    Tier,
)

__all__ = [
    "AccountTypes",
    "AppType",
    "AwsSettings",
    "ClientSettings",
    "CognitoSettings",
    "EntraCloud",
    "EntraSettings",
    "Permission",
    "SecretSettings",
    "Settings",
    "StateSettings",
    "TerraformSettings",
    "Tier",
    "VerifySettings",
]


def _at_most_50_tags(tags: dict[str, str]) -> dict[str, str]:
    rules.between(0, 50, "tags", "AWS")(list(tags))
    return tags


def _at_least_one_client(clients: dict[str, ClientSettings]) -> dict[str, ClientSettings]:
    if not clients:
        raise rules.refused(
            "There is no app that people could sign in to.",
            'Add for instance:\n[clients.web]\ntype = "server"\n'
            'callback_urls = ["https://app.contoso.com/callback"]',
        )
    return clients


class Settings(Table):
    """One environment: everything that makes one stack."""

    name: StackName = Field(description="The stack's name: the file's name, without `.toml`.")
    aws: AwsSettings = Field(description="Where in AWS.")
    entra: EntraSettings = Field(description="The app registration in Microsoft Entra ID.")
    cognito: CognitoSettings = Field(description="The user pool in Amazon Cognito.")
    clients: Annotated[dict[ClientKey, ClientSettings], AfterValidator(_at_least_one_client)] = Field(
        description="The apps that sign people in, each by a key that becomes part of its Terraform address:"
        " another key means another client."
    )
    state: StateSettings | None = Field(
        default=None,
        description="Where Terraform keeps the state; left out, in a file on the machine that deploys.",
    )
    terraform: TerraformSettings = Field(
        default=TerraformSettings(), description="Which versions of the Terraform providers to use."
    )
    verify: VerifySettings = Field(
        default=VerifySettings(), description="When the daily check speaks up about the client secret's end."
    )
    tags: Annotated[
        dict[
            Annotated[str, AfterValidator(rules.tag_key)],
            Annotated[str, AfterValidator(rules.tag_value)],
        ],
        AfterValidator(_at_most_50_tags),
    ] = Field(
        default={},
        description="Tags on everything in AWS that can have them.",
        examples=[{"cost-center": "identity"}],
    )

    @model_validator(mode="wrap")
    @classmethod
    def _agree(cls, given: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Ask the rules between settings too, where some settings are wrong by themselves too."""
        try:
            settings = handler(given)
        except ValidationError as error:
            wrong = error.errors(include_url=False)
            found = _findings(_usable_of(cls, given, wrong), Severity.ERROR)
        else:
            wrong, found = [], _findings(settings, Severity.ERROR)
            if not found:
                return settings
        raise ValidationError.from_exception_data(
            cls.__name__, [*map(_again, wrong), *map(_refusal, found)], hide_input=True
        )

    @property
    def cloud(self) -> clouds.Cloud:
        """The Microsoft cloud, or the service in its place, that signs people in."""
        if self.entra.authority is not None:
            return clouds.custom(self.entra.authority)
        return clouds.named(self.entra.cloud or EntraCloud.PUBLIC)

    @property
    def display_name(self) -> str:
        """The name people see on Microsoft's sign-in and consent pages."""
        return self.entra.display_name or f"{self.name} sign-in"

    @property
    def authorize_scopes(self) -> str:
        """What Cognito asks Entra ID for at each sign-in, separated by spaces."""
        for_signing_in = (Permission.OPENID, Permission.PROFILE, Permission.EMAIL)
        return " ".join(scope for scope in for_signing_in if scope in self.entra.permissions)

    @property
    def user_pool_name(self) -> str:
        """The name of the user pool."""
        return self.cognito.user_pool_name or self.name

    @property
    def domain_host(self) -> str:
        """The host of the user pool's domain, where apps and Entra ID send the browser."""
        return clouds.cognito_domain_host(self.cognito.domain_prefix, self.aws.region)

    @property
    def provider_details(self) -> dict[str, str]:
        """What Cognito is told of Entra ID, except as whom it presents itself there.

        Every key stated: what Cognito would discover by itself comes back on the next read, and would be a
        difference for ever. All values are strings.
        """
        cloud, tenant_id = self.cloud, self.entra.tenant_id
        return {
            "authorize_scopes": self.authorize_scopes,
            "attributes_request_method": "POST",
            "oidc_issuer": cloud.issuer(tenant_id),
            "authorize_url": cloud.authorize_url(tenant_id),
            "token_url": cloud.token_url(tenant_id),
            "attributes_url": cloud.userinfo_url(),
            "jwks_uri": cloud.jwks_uri(tenant_id),
        }

    @property
    def full_attribute_mapping(self) -> dict[str, str]:
        """The attribute mapping, with what the stack always maps."""
        return {**self.cognito.attribute_mapping, **OWN_ATTRIBUTE_MAPPING}

    @property
    def state_key(self) -> str:
        """The state's path in its bucket."""
        key = self.state.key if self.state else None
        return key or f"entra-cognito/{self.name}.tfstate"

    @property
    def state_region(self) -> str:
        """The region of the state's bucket."""
        region = self.state.region if self.state else None
        return region or self.aws.region

    def client_name(self, key: str) -> str:
        """The name of an app client in Cognito."""
        return self.clients[key].name or f"{self.name}-{key}"

    @property
    def warnings(self) -> list[str]:
        """What is allowed and probably not meant: the dotted key, why, and what to write instead."""
        found = _findings(self, Severity.WARNING)
        return [f"{dotted(finding.key)}: {finding.sentence} {finding.instead}" for finding in found]


def _findings(settings: BaseModel | Mapping[str, object], severity: Severity) -> list[Finding]:
    rulebooks = (agreements_entra.RULES, agreements_cognito.RULES)
    return [
        finding
        for rulebook in rulebooks
        for finding in rulebook.check(settings)
        if finding.severity is severity
    ]


def _again(wrong: ErrorDetails) -> InitErrorDetails:
    """What a rule for one value raised, as it was."""
    context = wrong.get("ctx", {})
    if wrong["type"] == rules.RULE:
        return InitErrorDetails(type=rules.refused(**context), loc=wrong["loc"], input=wrong["input"])
    return InitErrorDetails(type=wrong["type"], loc=wrong["loc"], input=wrong["input"], ctx=context)


def _refusal(found: Finding) -> InitErrorDetails:
    return InitErrorDetails(
        type=rules.refused(found.sentence, found.instead), loc=found.key, input=found.value
    )


def _usable(table: type[BaseModel], given: object) -> BaseModel | Mapping[str, object]:
    """A table, or what of it is right by itself: enough for the rules that need only that."""
    try:
        return table.model_validate(given)
    except ValidationError as error:
        return _usable_of(table, given, error.errors(include_url=False))


def _usable_of(table: type[BaseModel], given: object, wrong: list[ErrorDetails]) -> Mapping[str, object]:
    if not isinstance(given, Mapping):
        return {}
    broken = {where["loc"][0] for where in wrong if where["loc"]}
    usable: dict[str, object] = {}
    for name, field in table.model_fields.items():
        if name not in given:
            if not field.is_required():
                usable[name] = field.get_default()
        elif name not in broken:
            usable[name] = _adapter(table, name).validate_python(given[name])
        elif inner := next(_tables_in(field.annotation), None):
            inside = given[name]
            if name == "clients" and isinstance(inside, Mapping):
                usable[name] = {key: _usable(inner, client) for key, client in inside.items()}
            else:
                usable[name] = _usable(inner, inside)
        elif get_origin(field.annotation) is dict and isinstance(given[name], Mapping):
            wrong_entries = {
                where["loc"][1] for where in wrong if where["loc"][0] == name and where["loc"][1:]
            }
            entries = {key: value for key, value in given[name].items() if key not in wrong_entries}
            with suppress(ValidationError):
                usable[name] = _adapter(table, name).validate_python(entries)
    return usable


@cache
def _adapter(table: type[BaseModel], name: str) -> TypeAdapter[Any]:
    field = table.model_fields[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[kind, *field.metadata] if field.metadata else kind)


def _tables_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _tables_in(part)
