"""The tables about apps: those that sign people in, and the APIs that their tokens are for.

The descriptions are the reference: the schema that editors use and docs/settings.md are made from them.
"""

from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings import rules, rules_aws, rules_web
from stacks.settings.values import (
    AppClientId,
    AppUrl,
    CognitoName,
    Scope,
    ScopeDescription,
    ScopeName,
    Table,
    TenantWord,
    WholeNumber,
    YesOrNo,
)
from stacks.settings.vocabulary import AppType


def _between_1_and_100_scopes(scopes: dict[str, str]) -> dict[str, str]:
    """API reference, CreateResourceServer, Scopes."""
    if not scopes:
        raise rules.refused("The table is empty.", 'Add a scope, for instance read = "Read orders".')
    rules.between(0, 100, "scopes", "Cognito")(list(scopes))
    return scopes


class ClientSettings(Table):
    """An app that signs people in."""

    type: AppType = Field(
        default=AppType.SERVER,
        description="What kind of app it is: server can keep a secret, single_page and mobile cannot,"
        " and prove themselves by PKCE. Changing it makes a new client with a new id.",
        examples=["server"],
    )
    client_id: AppClientId | None = Field(
        default=None,
        description="The id of an app client that exists in an existing pool and belongs to somebody else;"
        " left out, the stack makes one. The stack never changes it, and checks with every plan that it has"
        " these callback_urls and scopes.",
        examples=["1h57kf5cpq17m0eml12v2b6k8s"],
    )
    tenants: Annotated[list[TenantWord], AfterValidator(rules.unique)] | None = Field(
        default=None,
        description='Whose people sign in here: keys of [tenants.*], and "home" for the tenant in [entra];'
        " left out, all of them.",
        examples=[["home", "fabrikam"]],
    )
    name: CognitoName | None = Field(
        default=None, description='The name in Cognito; left out, "<stack>-<key>".', examples=["Contoso web"]
    )
    callback_urls: Annotated[
        list[AppUrl],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(1, 100, "callback URLs", "Cognito")),
    ] = Field(
        description="Where people may be sent after signing in, letter for letter. Plain http on localhost"
        " only; mobile apps may have a scheme of their own.",
        examples=[["https://app.contoso.com/callback"]],
        json_schema_extra={"minItems": 1},
    )
    logout_urls: Annotated[
        list[AppUrl],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(0, 100, "logout URLs", "Cognito")),
    ] = Field(
        default=[],
        description="Where people may be sent after signing out, letter for letter.",
        examples=[["https://app.contoso.com/"]],
    )
    end_microsoft_session: YesOrNo = Field(
        default=False,
        description="Let signing out here end the session at Microsoft, too: by way of Entra ID's sign-out"
        " the browser comes to the logout URL. Otherwise the next sign-in may ask for no password.",
    )
    default_redirect_uri: str | None = Field(
        default=None,
        description="Which of the callback URLs is meant when the app names none; left out, the app has to"
        " name one.",
        examples=["https://app.contoso.com/callback"],
    )
    scopes: Annotated[
        list[Scope],
        AfterValidator(rules.unique),
        AfterValidator(rules.between(1, 50, "scopes", "Cognito")),
        AfterValidator(rules_web.scopes),
    ] = Field(
        default=["openid", "profile", "email"],
        description="What the app may ask Cognito for.",
        examples=[["openid", "profile", "email"]],
    )
    access_token_minutes: Annotated[WholeNumber, Field(ge=5, le=1440)] = Field(
        default=60, description="For how long an access token is valid."
    )
    id_token_minutes: Annotated[WholeNumber, Field(ge=5, le=1440)] = Field(
        default=60, description="For how long an ID token is valid."
    )
    refresh_token_days: WholeNumber | None = Field(
        default=None,
        ge=1,
        le=3650,
        description="For how long a refresh token is valid: until then an app gets new tokens without asking"
        " Entra ID, even for somebody who has left. Left out, 30 for a server, 1 for a single_page app and 90"
        " for a mobile one, as with Microsoft's own tokens.",
        examples=[30],
    )
    auth_session_minutes: Annotated[WholeNumber, Field(ge=3, le=15)] = Field(
        default=3, description="For how long one attempt to sign in may take."
    )


class ResourceServerSettings(Table):
    """An API that access tokens are for: its scopes are what apps may ask for."""

    identifier: Annotated[str, AfterValidator(rules_aws.resource_server_identifier)] | None = Field(
        default=None,
        description='What its scopes begin with, "<identifier>/<scope>"; left out, the key.',
        examples=["https://orders.contoso.com"],
    )
    name: Annotated[str, AfterValidator(rules_aws.resource_server_name)] | None = Field(
        default=None, description="Its name in Cognito; left out, the key.", examples=["Orders"]
    )
    scopes: Annotated[dict[ScopeName, ScopeDescription], AfterValidator(_between_1_and_100_scopes)] = Field(
        description="Its scopes, each with what it is for.",
        examples=[{"read": "Read orders"}],
        json_schema_extra={"minProperties": 1},
    )
