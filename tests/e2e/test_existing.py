"""What exists already and belongs to somebody else: checked before anything is made, and never changed."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.entra.users import ADA
from sandbox.errors import SandboxError
from sandbox.local_clouds import LocalClouds
from tests.e2e.deployment import Json, administrator
from tests.e2e.examples import another_app, deployed, prepared

PROVIDER = "aws_cognito_identity_provider.entra"
ENTRA_IDS: list[Json] = [
    {"Name": name, "AttributeDataType": "String", "Mutable": True} for name in ("entra_oid", "entra_tid")
]
EXAMPLE_POOL, EXAMPLE_CLIENT = "us-east-1_aB3dE5fG7", "1h57kf5cpq17m0eml12v2b6k8s"
EXAMPLE_HOST = "contoso-shared.auth.us-east-1.amazoncognito.com"
SECRET = "entra/contoso-signin"
CLIENT: Json = {
    "AllowedOAuthScopes": ["openid", "profile", "email"],
    "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
}
READ_ONLY = {"CreationDate", "LastModifiedDate", "ClientSecret"}


@dataclass(frozen=True)
class Theirs:
    """Another team's user pool with a domain and an app client, made by their own tools."""

    clouds: LocalClouds
    pool_id: str
    client_id: str

    @property
    def edits(self) -> dict[str, str]:
        """What an example names, and what there is here."""
        return {EXAMPLE_POOL: self.pool_id, EXAMPLE_CLIENT: self.client_id}

    def seen(self) -> Json:
        """All that a change would show in: pool, domain and client as the API describes them."""
        cognito = self.clouds.aws.cognito(self.clouds.region)
        described: Json = {
            "pool": cognito.describe_user_pool(UserPoolId=self.pool_id)["UserPool"],
            "domain": cognito.describe_user_pool_domain(Domain="contoso-shared")["DomainDescription"],
            "client": self.client(),
        }
        return described

    def client(self) -> Json:
        """The app client as the API describes it."""
        cognito = self.clouds.aws.cognito(self.clouds.region)
        described = cognito.describe_user_pool_client(UserPoolId=self.pool_id, ClientId=self.client_id)
        return dict(described["UserPoolClient"])

    def let_in(self, provider: str) -> None:
        """What the client's owner does after the first deploy."""
        kept = {name: value for name, value in self.client().items() if value and name not in READ_ONLY}
        kept["SupportedIdentityProviders"] = [*kept.get("SupportedIdentityProviders", []), provider]
        self.clouds.aws.cognito(self.clouds.region).update_user_pool_client(**kept)


@contextmanager
def their_pool(
    clouds: LocalClouds,
    callback_url: str,
    attributes: list[Json] = ENTRA_IDS,
    readable: tuple[str, ...] = ("email", "email_verified"),
    more: Json | None = None,
) -> Iterator[Theirs]:
    """Their pool, and nothing of it afterwards."""
    cognito: Any = clouds.aws.cognito(clouds.region)
    pool_id = cognito.create_user_pool(PoolName="theirs", Schema=attributes)["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain="contoso-shared", UserPoolId=pool_id)
    required = [attribute["Name"] for attribute in attributes if attribute.get("Required")]
    custom = [attribute["Name"] for attribute in attributes if not attribute.get("Required")]
    names = [f"custom:{name}" for name in custom]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="portal",
        GenerateSecret=True,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=["code"],
        CallbackURLs=[callback_url],
        ReadAttributes=[*readable, "family_name", "given_name", *names],
        WriteAttributes=["email", "family_name", "given_name", *required, *names],
        **{**CLIENT, **(more or {})},
    )["UserPoolClient"]
    try:
        yield Theirs(clouds, pool_id, client["ClientId"])
    finally:
        cognito.delete_user_pool_domain(Domain="contoso-shared", UserPoolId=pool_id)
        cognito.delete_user_pool(UserPoolId=pool_id)


def test_an_existing_pool_is_added_to_and_never_changed(local_clouds: LocalClouds) -> None:
    with another_app(local_clouds) as portal, their_pool(local_clouds, portal.callback_url) as theirs:
        before = theirs.seen()
        edits = {**theirs.edits, "https://portal.contoso.example": portal.url}
        with deployed(local_clouds, "existing-user-pool", edits) as example:
            assert theirs.seen() == before
            outputs = example.project.outputs()
            assert example.sign_in(outputs["sign_in_urls"]["web"], ADA).claims["email"] == ADA.mail

            # Their client lets the provider in once its owner says so; every plan says it until then.
            assert "does not let these in yet: contoso-entra" in example.plan().messages
            theirs.let_in("contoso-entra")
            plan = example.plan()
            assert plan.changes == {}
            assert "does not let these in yet" not in plan.messages
            url = outputs["sign_in_urls"]["portal"].replace("/login?", "/oauth2/authorize?")
            url += "&identity_provider=contoso-entra"
            result = example.sign_in(url, ADA)
            assert result.claims.get("email") == ADA.mail, result.text
            before = theirs.seen()
        after = theirs.seen()
        # MiniStack counts people there.
        for one in (before, after):
            one["pool"].pop("EstimatedNumberOfUsers", None)
        assert after == before


@pytest.mark.exhaustive
def test_several_stacks_share_a_pool(local_clouds: LocalClouds) -> None:
    with another_app(local_clouds) as portal, their_pool(local_clouds, portal.callback_url) as theirs:
        edits = {**theirs.edits, "https://portal.contoso.example": portal.url}
        second = edits | {'"contoso-entra"\n': '"fabrikam-entra"\n'}
        with (
            deployed(local_clouds, "existing-user-pool", edits, folder="first-on-it") as one,
            deployed(local_clouds, "existing-user-pool", second, folder="second-on-it") as other,
        ):
            assert one.plan().changes == other.plan().changes == {}
            for example, name in ((one, "contoso-entra_"), (other, "fabrikam-entra_")):
                claims = example.sign_in(example.output("sign_in_urls")["web"], ADA).claims
                assert str(claims["cognito:username"]).startswith(name)


CALLBACK = "https://portal.contoso.example/callback"
READABLE = ("email", "email_verified")


@pytest.mark.parametrize(
    ("attributes", "callback_url", "readable", "refusal"),
    [
        pytest.param(
            [{"Name": "badge", "AttributeDataType": "String", "Mutable": True}],
            CALLBACK,
            READABLE,
            "lacks attributes of the mapping: custom:entra_oid, custom:entra_tid.",
            id="missing attributes",
        ),
        pytest.param(
            [{**ENTRA_IDS[0], "Mutable": False}, ENTRA_IDS[1]],
            CALLBACK,
            READABLE,
            "never changes these attributes: custom:entra_oid.",
            id="immutable attribute",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            [*ENTRA_IDS, {"Name": "phone_number", "AttributeDataType": "String", "Required": True}],
            CALLBACK,
            READABLE,
            "requires attributes that are not mapped: phone_number.",
            id="required attribute",
            marks=pytest.mark.exhaustive,
        ),
        pytest.param(
            ENTRA_IDS,
            "https://elsewhere.example/callback",
            READABLE,
            "does not have all of these callback_urls: https://portal.contoso.example",
            id="another callback URL",
        ),
        pytest.param(
            ENTRA_IDS,
            CALLBACK,
            ("email",),
            "may not read all that comes with it: email, email_verified.",
            id="unreadable claim",
            marks=pytest.mark.exhaustive,
        ),
    ],
)
def test_a_pool_or_client_that_does_not_fit_the_settings_stops_the_plan(
    local_clouds: LocalClouds,
    attributes: list[Json],
    callback_url: str,
    readable: tuple[str, ...],
    refusal: str,
) -> None:
    folder = f"unfit-{len(attributes)}-{len(refusal)}"
    with (
        their_pool(local_clouds, callback_url, attributes, readable) as theirs,
        prepared(local_clouds, "existing-user-pool", theirs.edits, folder=folder) as example,
    ):
        before = local_clouds.holdings()
        assert refusal in example.refusal()
        with pytest.raises(SandboxError):
            example.terraform("apply", "-auto-approve")
        assert local_clouds.holdings() == before


def test_a_client_at_which_people_can_write_what_they_are_stops_the_plan(local_clouds: LocalClouds) -> None:
    open_to_all: Json = {
        "SupportedIdentityProviders": ["COGNITO"],
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"],
        "AllowedOAuthScopes": ["openid", "profile", "email", "aws.cognito.signin.user.admin"],
    }
    with (
        their_pool(local_clouds, CALLBACK, more=open_to_all) as theirs,
        prepared(local_clouds, "existing-user-pool", theirs.edits, folder="people-write") as example,
    ):
        refusal = example.refusal()
        assert "lets in local accounts: COGNITO." in refusal
        assert "besides ALLOW_REFRESH_TOKEN_AUTH: ALLOW_USER_PASSWORD_AUTH." in refusal
        assert "change their attributes: aws.cognito.signin.user.admin." in refusal
        kept = {name: value for name, value in theirs.client().items() if value and name not in READ_ONLY}
        theirs.clouds.aws.cognito(local_clouds.region).update_user_pool_client(
            **kept | CLIENT | {"SupportedIdentityProviders": [], "ExplicitAuthFlows": []}
        )
        assert "besides ALLOW_REFRESH_TOKEN_AUTH: left out, so passwords." in example.refusal()


def test_a_registration_of_somebody_else_needs_nothing_of_the_azuread_provider(
    local_clouds: LocalClouds,
) -> None:
    host = "contoso-handed-over.auth.us-east-1.amazoncognito.com"
    secrets = local_clouds.aws.client("secretsmanager", local_clouds.region)
    with administrator(local_clouds.entra) as graph:
        registered = graph.post(
            "/applications",
            json={
                "displayName": "Theirs",
                "signInAudience": "AzureADMyOrg",
                "api": {"requestedAccessTokenVersion": 2},
                "web": {"redirectUris": [f"https://{host}/oauth2/idpresponse"]},
                "optionalClaims": {
                    "idToken": [{"name": name} for name in ("email", "family_name", "given_name")]
                },
            },
        ).json()
        principal = graph.post("/servicePrincipals", json={"appId": registered["appId"]}).json()
        resource = graph.get(
            "/servicePrincipals", params={"$filter": "appId eq '00000003-0000-0000-c000-000000000000'"}
        ).json()["value"][0]
        graph.post(
            "/oauth2PermissionGrants",
            json={
                "clientId": principal["id"],
                "consentType": "AllPrincipals",
                "resourceId": resource["id"],
                "scope": "openid profile email",
            },
        )

        def new_secret() -> str:
            end = datetime.now(UTC) + timedelta(days=30)
            answer = graph.post(
                f"/applications/{registered['id']}/addPassword",
                json={"passwordCredential": {"endDateTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")}},
            ).json()
            return json.dumps({"client_secret": answer["secretText"]})

        first = new_secret()
        secrets.create_secret(Name=SECRET, SecretString=first)
        try:
            edits = {"3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f": registered["appId"]}
            with deployed(local_clouds, "existing-registration", edits) as example:
                document = (example.project.stack_folder / "cdk.tf.json").read_text()
                assert "azuread" not in document.replace("azuread_provider_version", "")
                assert example.plan().changes == {}
                outputs = example.project.outputs()
                assert example.sign_in(outputs["sign_in_urls"]["web"], ADA).claims["email"] == ADA.mail
                assert "client_secret_end_date" not in outputs
                assert outputs["redirect_uris"] == [f"https://{host}/oauth2/idpresponse"]

                # Its owner rotates: the next plan hands over the new secret, and shows neither.
                second = new_secret()
                secrets.put_secret_value(SecretId=SECRET, SecretString=second)
                assert example.plan().changes == {PROVIDER: "update"}
                printed = example.terraform("plan").text + example.deploy().text
                for secret in (first, second):
                    assert json.loads(secret)["client_secret"] not in printed
                    assert json.loads(secret)["client_secret"] not in json.dumps(example.project.outputs())
                assert example.sign_in(outputs["sign_in_urls"]["web"], ADA).claims["email"] == ADA.mail
        finally:
            secrets.delete_secret(SecretId=SECRET, ForceDeleteWithoutRecovery=True)
            graph.delete(f"/applications/{registered['id']}")


def test_both_domains_lead_to_the_same_pool(local_clouds: LocalClouds) -> None:
    """Without the DNS record, which tests/synth has: the provider waits half a minute for each step."""
    certificate = local_clouds.aws.client("acm", "us-east-1").request_certificate(
        DomainName="auth.contoso.example"
    )["CertificateArn"]
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"
    edits = {arn: certificate, 'hosted_zone_id = "Z0123456789ABCDEFGHIJ"': ""}
    with deployed(local_clouds, "custom-domain", edits) as example:
        assert example.plan().changes == {}
        outputs = example.project.outputs()
        assert outputs["domain"] == "auth.contoso.example"
        assert outputs["custom_domain_target"]
        prefix = "contoso-domains.auth.us-east-1.amazoncognito.com"
        assert set(outputs["redirect_uris"]) == {
            f"https://{host}/oauth2/idpresponse" for host in ("auth.contoso.example", prefix)
        }
        url = outputs["sign_in_urls"]["web"]
        for address in (url, url.replace("auth.contoso.example", prefix)):
            assert example.sign_in(address, ADA).claims["email"] == ADA.mail
