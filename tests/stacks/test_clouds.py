"""Hosts and URLs, each written out once more: they are contracts with Microsoft, Amazon and the apps."""

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import clouds
from tests.stacks.settings.samples import unhurried

TENANT = "2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"
TOKEN = "${TfToken[TOKEN.42]}"  # what CDKTF has for an id that is known only during a deploy
HOST = "contoso.auth.eu-central-1.amazoncognito.com"


@pytest.mark.parametrize(
    ("name", "login", "graph"),
    [
        ("public", "https://login.microsoftonline.com", "https://graph.microsoft.com"),
        ("usgovernment", "https://login.microsoftonline.us", "https://graph.microsoft.us"),
        ("dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us"),
        ("china", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn"),
    ],
)
def test_the_urls_of_a_microsoft_cloud(name: str, login: str, graph: str) -> None:
    cloud = clouds.CLOUDS[name]
    assert cloud.azuread_environment == name
    assert cloud.issuer(TENANT) == f"{login}/{TENANT}/v2.0"
    assert cloud.authorize_url(TENANT) == f"{login}/{TENANT}/oauth2/v2.0/authorize"
    assert cloud.token_url(TENANT) == f"{login}/{TENANT}/oauth2/v2.0/token"
    assert cloud.jwks_uri(TENANT) == f"{login}/{TENANT}/discovery/v2.0/keys"
    assert cloud.logout_url(TENANT) == f"{login}/{TENANT}/oauth2/v2.0/logout"
    assert cloud.userinfo_url() == f"{graph}/oidc/userinfo"
    assert cloud.admin_consent_url(TENANT, TOKEN) == f"{login}/{TENANT}/adminconsent?client_id={TOKEN}"


def test_a_service_in_entra_ids_place_has_one_origin() -> None:
    cloud = clouds.custom("http://localhost:8400")
    assert cloud.issuer(TENANT) == f"http://localhost:8400/{TENANT}/v2.0"
    assert cloud.userinfo_url() == "http://localhost:8400/oidc/userinfo"
    assert cloud.azuread_environment == "public"


def test_admin_consent_can_end_elsewhere() -> None:
    url = clouds.CLOUDS["public"].admin_consent_url(TENANT, TOKEN, "https://app.contoso.com/?a=b&c")
    assert url.endswith(f"?client_id={TOKEN}&redirect_uri=https%3A%2F%2Fapp.contoso.com%2F%3Fa%3Db%26c")


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("eu-central-1", "aws"),
        ("us-gov-west-1", "aws-us-gov"),
        ("cn-north-1", "aws-cn"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_the_partition_of_a_region(region: str, partition: str) -> None:
    assert clouds.partition(region).name == partition


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-central-1", "contoso.auth.eu-central-1.amazoncognito.com"),
        ("us-gov-west-1", "contoso.auth-fips.us-gov-west-1.amazoncognito.com"),
    ],
)
def test_the_host_of_a_prefix_domain(region: str, host: str) -> None:
    assert clouds.cognito_domain_host("contoso", region) == host


@pytest.mark.parametrize("region", ["cn-north-1", "eusc-de-east-1", "us-iso-east-1"])
def test_there_is_no_host_where_none_is_documented(region: str) -> None:
    with pytest.raises(ValueError, match=region):
        clouds.cognito_domain_host("contoso", region)


def test_the_urls_of_a_user_pool() -> None:
    assert clouds.redirect_uri(HOST) == f"https://{HOST}/oauth2/idpresponse"
    issuer = "https://cognito-idp.eu-central-1.amazonaws.com/" + TOKEN
    assert clouds.user_pool_issuer("eu-central-1", TOKEN) == issuer
    assert clouds.user_pool_jwks_url("eu-central-1", TOKEN) == issuer + "/.well-known/jwks.json"


def test_the_sign_in_url_leaves_references_alone() -> None:
    url = clouds.sign_in_url(HOST, TOKEN, "https://app.contoso.com/callback", ["openid", "email"])
    assert url == (
        f"https://{HOST}/login?response_type=code&client_id={TOKEN}"
        "&redirect_uri=https%3A%2F%2Fapp.contoso.com%2Fcallback&scope=openid+email"
    )


def test_the_sign_out_url_leaves_references_alone() -> None:
    url = clouds.sign_out_url(HOST, TOKEN, "http://localhost:3000/")
    assert url == f"https://{HOST}/logout?client_id={TOKEN}&logout_uri=http%3A%2F%2Flocalhost%3A3000%2F"


@unhurried
@given(
    redirect=st.text(min_size=1),
    scopes=st.lists(st.text(st.characters(codec="ascii"), min_size=1), min_size=1),
)
def test_whatever_is_known_arrives_as_it_was(redirect: str, scopes: list[str]) -> None:
    query = parse_qs(urlsplit(clouds.sign_in_url(HOST, "id", redirect, scopes)).query)
    assert query == {
        "response_type": ["code"],
        "client_id": ["id"],
        "redirect_uri": [redirect],
        "scope": [" ".join(scopes)],
    }
    query = parse_qs(urlsplit(clouds.sign_out_url(HOST, "id", redirect)).query)
    assert query == {"client_id": ["id"], "logout_uri": [redirect]}
