"""A person signs in: browser, sample app, local Cognito and local Entra ID, without Terraform."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from sandbox.app import SampleApp
from sandbox.aws import LocalAws
from sandbox.entra import LocalEntra
from sandbox.entra.users import ADA, DIANA, NOOR, PASSWORD
from sandbox.sign_in import SignInResult, sign_in
from stacks import clouds
from tests.sandbox.cognito.fixtures import REGION
from tests.sandbox.entra.fixtures import TENANT, Registered, graph_client, register

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

PREFIX = "contoso-portal"
HOST = clouds.cognito_domain_host(PREFIX, REGION)
ATTRIBUTES = ["custom:entra_oid", "email", "family_name", "given_name"]


@dataclass
class Portal:
    """A pool whose provider is Entra ID, and an app that people sign in to."""

    aws: LocalAws
    entra: LocalEntra
    app: SampleApp
    registered: Registered
    cognito: "CognitoIdentityProviderClient"
    pool_id: str
    client_id: str

    @property
    def details(self) -> dict[str, str]:
        cloud = clouds.custom(self.entra.authority)
        return {
            "client_id": self.registered.client_id,
            "client_secret": self.registered.secret,
            "authorize_scopes": "openid profile email",
            "attributes_request_method": "POST",
            "oidc_issuer": cloud.issuer(TENANT),
            "authorize_url": cloud.authorize_url(TENANT),
            "token_url": cloud.token_url(TENANT),
            "attributes_url": cloud.userinfo_url(),
            "jwks_uri": cloud.jwks_uri(TENANT),
        }

    def configure(self, **changes: str) -> None:
        self.cognito.update_identity_provider(
            UserPoolId=self.pool_id, ProviderName="entra", ProviderDetails=self.details | changes
        )

    def sign_in(self, username: str) -> SignInResult:
        url = clouds.sign_in_url(HOST, self.client_id, self.app.callback_url, ["openid", "email", "profile"])
        return sign_in(url.replace(f"https://{HOST}", self.aws.domain_url), username, PASSWORD)


@pytest.fixture(scope="module")
def portal(aws: LocalAws, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    folder = tmp_path_factory.mktemp("entra")
    with (
        LocalEntra(tenant_id=TENANT, cognito_url=aws.domain_url, folder=folder) as entra,
        SampleApp(aws, REGION) as app,
        graph_client(entra) as graph,
    ):
        registered = register(
            graph,
            web={"redirectUris": [clouds.redirect_uri(HOST)]},
            optionalClaims={"idToken": [{"name": name} for name in ("email", "family_name", "given_name")]},
        )
        cognito = aws.cognito(REGION)
        pool_id = cognito.create_user_pool(
            PoolName="people", Schema=[{"Name": "entra_oid", "AttributeDataType": "String", "Mutable": True}]
        )["UserPool"]["Id"]
        cognito.create_user_pool_domain(Domain=PREFIX, UserPoolId=pool_id)
        portal = Portal(aws, entra, app, registered, cognito, pool_id, "")
        cognito.create_identity_provider(
            UserPoolId=pool_id,
            ProviderName="entra",
            ProviderType="OIDC",
            ProviderDetails=portal.details,
            AttributeMapping={
                "username": "sub",
                "custom:entra_oid": "oid",
                **{name: name for name in ("email", "family_name", "given_name")},
            },
        )
        portal.client_id = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName="web",
            GenerateSecret=True,
            SupportedIdentityProviders=["entra"],
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "email", "profile"],
            CallbackURLs=[app.callback_url],
            ReadAttributes=[*ATTRIBUTES, "email_verified"],
            WriteAttributes=ATTRIBUTES,
        )["UserPoolClient"]["ClientId"]
        yield portal


def test_app_gets_an_access_token_beside_the_id_token(portal: Portal) -> None:
    result = portal.sign_in(ADA.principal_name)
    assert result.access_claims["client_id"] == result.claims["aud"]
    assert result.access_claims["scope"] == "openid email profile"


def test_app_gets_all_claims(portal: Portal) -> None:
    result = portal.sign_in(ADA.principal_name)
    assert result.status == 200, result.text
    assert result.claims["custom:entra_oid"] == ADA.oid
    assert (result.claims["email"], result.claims["email_verified"]) == (ADA.mail, False)
    assert (result.claims["given_name"], result.claims["family_name"]) == (ADA.given_name, ADA.surname)
    assert {"oid", "tid", "preferred_username", "name"}.isdisjoint(result.claims)


def test_app_gets_no_address_of_a_person_without_a_mailbox(portal: Portal) -> None:
    result = portal.sign_in(NOOR.principal_name)
    assert result.status == 200, result.text
    assert {"email", "email_verified"}.isdisjoint(result.claims)


def test_sign_in_of_a_disabled_account_ends_at_microsoft(portal: Portal) -> None:
    result = portal.sign_in(DIANA.principal_name)
    assert "AADSTS50057" in result.text
    assert result.url.startswith(portal.entra.authority)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_secret": "expired"}, "entra Error - 401 invalid_client AADSTS7000215"),
        (
            {"oidc_issuer": "https://login.microsoftonline.com/common/v2.0"},
            "Bad id_token issuer http://localhost",
        ),
        ({"token_url": "http://localhost:1/token"}, "Connection reset"),
    ],
)
def test_wrong_provider_settings_end_at_the_app_with_cognitos_words(
    portal: Portal, changes: dict[str, str], reason: str
) -> None:
    portal.configure(**changes)
    try:
        result = portal.sign_in(ADA.principal_name)
    finally:
        portal.configure()
    assert result.status == 400
    assert reason in result.text
    assert result.url.startswith(portal.app.callback_url)


def test_endpoints_can_be_left_to_discovery(portal: Portal) -> None:
    stated = ("authorize_url", "token_url", "attributes_url", "jwks_uri")
    details = {name: value for name, value in portal.details.items() if name not in stated}
    portal.cognito.update_identity_provider(
        UserPoolId=portal.pool_id, ProviderName="entra", ProviderDetails=details
    )
    try:
        assert portal.sign_in(ADA.principal_name).claims["email"] == ADA.mail
    finally:
        portal.configure()
