"""Reading both clouds, and the reason given where they cannot be read."""

from pathlib import Path

import httpx
import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

from operate import http_client
from operate.cognito_api import read_cognito
from operate.errors import Unavailable
from operate.graph_api import Graph, GraphError, connect, read_entra
from operate.outputs import Outputs
from tests.operate.samples import APPLICATION, TENANT, application, http, outputs

Variables = dict[str, str]
LOCAL = "http://localhost:8400"


def local_outputs() -> Outputs:
    """Outputs of a sandbox, whose Entra ID has no HTTPS."""
    return outputs(login_origin=LOCAL)


def token(request: httpx.Request) -> httpx.Response:
    assert str(request.url) == outputs().expected.token_url
    return httpx.Response(200, json={"access_token": "the-token"})


# Entra ID


@pytest.mark.parametrize(
    "variables",
    [
        {"ARM_CLIENT_ID": "id", "ARM_CLIENT_SECRET": "secret"},
        {"ARM_CLIENT_ID": "id", "ARM_OIDC_TOKEN": "assertion"},
    ],
)
def test_terraforms_variables_are_enough(variables: Variables) -> None:
    assert isinstance(connect(http(token), outputs().expected, variables), Graph)


def test_a_pipelines_token_file_is_presented_as_an_assertion(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("assertion\n")
    forms = []

    def answer(request: httpx.Request) -> httpx.Response:
        forms.append(request.content.decode())
        return token(request)

    variables = {"ARM_CLIENT_ID": "id", "ARM_OIDC_TOKEN_FILE_PATH": str(file)}
    assert isinstance(connect(http(answer), outputs().expected, variables), Graph)
    assert "client_assertion=assertion" in forms[0]
    assert "client_secret" not in forms[0]


def test_refused_credentials_are_reported_without_the_secret() -> None:
    refusal = httpx.Response(
        401, json={"error": "invalid_client", "error_description": "AADSTS7000215: Invalid"}
    )
    graph = connect(
        http(lambda _: refusal), outputs().expected, {"ARM_CLIENT_ID": "id", "ARM_CLIENT_SECRET": "s3cret"}
    )
    assert isinstance(graph, Unavailable)
    assert "AADSTS7000215" in graph.why
    assert "s3cret" not in graph.why


def test_without_credentials_a_sandbox_names_those_it_needs() -> None:
    graph = connect(http(token), local_outputs().expected, {})
    assert isinstance(graph, Unavailable)
    assert "ARM_CLIENT_ID" in graph.why


@pytest.mark.parametrize("fails", [False, True])
def test_otherwise_azure_identity_is_asked_for_this_tenant_and_cloud(
    monkeypatch: pytest.MonkeyPatch,
    fails: bool,  # noqa: FBT001
) -> None:
    asked = []

    def get_token(_: object, *scopes: str, **options: str) -> AccessToken:
        asked.append((scopes, options))
        if fails:
            raise ClientAuthenticationError("every credential, over a page")
        return AccessToken("the-token", 0)

    monkeypatch.setattr(DefaultAzureCredential, "get_token", get_token)
    graph = connect(http(token), outputs().expected, {"ARM_USE_CLI": "false"})
    assert asked == [(("https://graph.example/.default",), {"tenant_id": TENANT})]
    if fails:
        assert isinstance(graph, Unavailable)
        assert "az login" in graph.why
        assert "over a page" not in graph.why
    else:
        assert isinstance(graph, Graph)


def graph_answering(answer: object) -> Graph:
    return Graph(http(answer), outputs().expected, "the-token")


def test_graph_is_asked_with_the_token_and_page_by_page() -> None:
    pages = {"": "next", "next": None}

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["Authorization"] == "Bearer the-token"
        page = request.url.params.get("$skiptoken", "")
        following = (
            {"@odata.nextLink": f"{request.url.copy_with(query=None)}?$skiptoken=next"} if pages[page] else {}
        )
        return httpx.Response(200, json={"value": [{"page": page}], **following})

    assert graph_answering(answer).all("/applications") == [{"page": ""}, {"page": "next"}]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (httpx.Response(403, json={"error": {"message": "No rights"}}), "grant Directory.Read.All$"),
        (httpx.Response(429, json={"error": {"message": "Too many"}}), "answers 429: Too many"),
        (httpx.Response(502, text="<html>bad"), "answers 502"),
        (httpx.Response(200, text="<html>sign in to the proxy"), "not JSON"),
    ],
)
def test_a_refusal_of_graph_is_one_sentence(answer: httpx.Response, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        graph_answering(lambda _: answer).get("/applications")
    assert isinstance(read_entra(graph_answering(lambda _: answer), outputs()), Unavailable)


def test_only_the_deployed_application_is_read() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        path, wanted = request.url.path, request.url.params.get("$filter", "")
        if path.endswith("/applications"):
            assert wanted == f"appId eq '{APPLICATION}'"
            return httpx.Response(200, json={"value": [application()]})
        if path.endswith("/servicePrincipals"):
            id_ = "mine" if APPLICATION in wanted else "graph"
            return httpx.Response(200, json={"value": [{"id": id_}]})
        if path.endswith("/oauth2PermissionGrants"):
            grants = [
                {"consentType": "AllPrincipals", "resourceId": "graph", "scope": " openid email"},
                {"consentType": "Principal", "resourceId": "graph", "scope": "profile"},
                {"consentType": "AllPrincipals", "resourceId": "other", "scope": "User.Read"},
            ]
            return httpx.Response(200, json={"value": grants})
        return httpx.Response(200, json={"value": [{"principalId": "ada"}]})

    facts = read_entra(graph_answering(answer), outputs())
    assert not isinstance(facts, Unavailable)
    assert facts.granted == {"openid", "email"}
    assert [one["principalId"] for one in facts.assignments] == ["ada"]
    assert [secret.hint for secret in facts.secrets] == ["Abc"]


# AWS


def test_without_aws_credentials_cognito_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    facts = read_cognito(outputs())
    assert isinstance(facts, Unavailable)
    assert "no AWS credentials" in facts.why


def test_an_aws_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
    facts = read_cognito(outputs())
    assert isinstance(facts, Unavailable)
    assert "127.0.0.1:9" in facts.why


# HTTP


def test_tokens_are_never_quoted() -> None:
    assert http_client.excerpt("before eyJhbGciOi.eyJzdWIiOi.c2lnbmF0 after") == "before … after"


def test_long_texts_are_cut() -> None:
    assert len(http_client.excerpt("word " * 100)) <= 200
