"""What the tests of the local Cognito share: a user pool with an app client, and a provider that can lie."""

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlsplit

import httpx
from bs4 import BeautifulSoup
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.aws import LocalAws
from sandbox.web.loopback import LoopbackServer

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

SECONDS = 60
REGION = "eu-central-1"
TRUST = ssl.create_default_context()  # read once: every client would read it again
CALLBACK = "https://app.example/callback"
OTHER_CALLBACK = "https://app.example/other"
LOGOUT = "https://app.example/bye"
PREFIX = "portal"
SCOPES = ["openid", "email", "profile"]
MAPPED = {"username": "sub", "email": "email", "family_name": "family_name", "given_name": "given_name"}
CUSTOM = {"Name": "entra_oid", "AttributeDataType": "String", "Mutable": True}
ADMIN_SCOPE = "aws.cognito.signin.user.admin"
# RFC 7636, appendix B
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
Json = dict[str, Any]


class FakeProvider(LoopbackServer):
    """An OpenID Connect provider that says whatever a test wants it to say.

    Attributes:
        claims: what goes into the ID token besides the usual; None leaves a claim out.
        user_info: what userinfo answers.
        token_answer: what the token endpoint answers instead of tokens, with its status.
        key: the key that signs; the key set always shows the first one.
        calls: method and path of every call, and its form.
    """

    def __init__(self) -> None:
        self.shown = RSAKey.generate_key(2048, auto_kid=True)
        routes = [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/token", self._token, methods=["POST"]),
            Route("/userinfo", self._user_info, methods=["GET", "POST"]),
            Route("/keys", self._keys),
            Route("/slow", self._slow, methods=["GET", "POST"]),
        ]
        super().__init__(Starlette(routes=routes), purpose="a provider of the tests")
        self.url = f"http://localhost:{self.port}"
        self.reset()

    def reset(self) -> Self:
        self.claims: Json = {"sub": "ada", "email": "ada@contoso.example", "family_name": "Lovelace"}
        self.user_info: Json = {"sub": "ada"}
        self.token_answer: tuple[int, object] | None = None
        self.key = self.shown
        self.nonce = ""
        self.calls: list[tuple[str, str, Json]] = []
        return self

    def details(self, **changes: str) -> dict[str, str]:
        """ProviderDetails with every endpoint stated."""
        return {
            "client_id": "cognito-at-provider",
            "client_secret": "s3cret+/=",
            "authorize_scopes": "openid profile",
            "attributes_request_method": "GET",
            "oidc_issuer": self.url,
            "authorize_url": f"{self.url}/authorize",
            "token_url": f"{self.url}/token",
            "attributes_url": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
        } | changes

    def id_token(self) -> str:
        now = int(time.time())
        usual = {"iss": self.url, "aud": "cognito-at-provider", "exp": now + 300, "nonce": self.nonce}
        claims = {name: value for name, value in (usual | self.claims).items() if value is not None}
        return jwt.encode({"alg": "RS256", "kid": self.shown.kid}, claims, self.key)

    async def _configuration(self, request: Request) -> Response:
        self.calls.append((request.method, request.url.path, {}))
        return JSONResponse(
            {
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def _token(self, request: Request) -> Response:
        self.calls.append((request.method, request.url.path, dict(await request.form())))
        if self.token_answer is not None:
            status, body = self.token_answer
            return JSONResponse(body, status)
        return JSONResponse({"id_token": self.id_token(), "access_token": "at", "token_type": "Bearer"})

    async def _user_info(self, request: Request) -> Response:
        self.calls.append((request.method, request.url.path, {"bearer": request.headers["authorization"]}))
        return JSONResponse(self.user_info)

    async def _slow(self, _: Request) -> Response:
        await asyncio.sleep(SECONDS)
        return JSONResponse({})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(KeySet([self.shown]).as_dict(private=False))


@dataclass
class App:
    """An app client of a user pool, and a browser without JavaScript that does not follow redirects."""

    aws: LocalAws
    provider: FakeProvider
    pool_id: str
    client_id: str
    secret: str | None
    browser: httpx.Client = field(init=False)
    server: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.browser = self.new_browser()
        self.server = httpx.Client(base_url=self.aws.domain_url, timeout=SECONDS, verify=TRUST)

    def new_browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.aws.domain_url, timeout=SECONDS, verify=TRUST)

    @property
    def cognito(self) -> "CognitoIdentityProviderClient":
        """The API."""
        return self.aws.cognito(REGION)

    def fields(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; one changed to None is left out."""
        usual = {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": CALLBACK,
            "scope": "openid email profile",
            "state": "st/ate&",
        }
        return {name: value for name, value in (usual | changes).items() if value is not None}

    def login(self, **changes: str | None) -> httpx.Response:
        return self.browser.get("/login", params=self.fields(**changes))

    def authorize(self, **changes: str | None) -> httpx.Response:
        return self.browser.get("/oauth2/authorize", params=self.fields(**changes))

    def back(self, sent: httpx.Response, **changes: str | None) -> httpx.Response:
        """The provider sends the browser back, after it was `sent` there."""
        asked = query(sent)
        self.provider.nonce = asked["nonce"]
        answer = {"code": "from-provider", "state": asked["state"]} | changes
        return self.browser.get(
            "/oauth2/idpresponse", params={name: value for name, value in answer.items() if value is not None}
        )

    def federated(self, **changes: str | None) -> httpx.Response:
        """A whole sign-in at the provider, up to the redirect to the app."""
        self.browser.cookies.clear()
        return self.back(self.authorize(identity_provider="entra", **changes))

    def code(self, **changes: str | None) -> str:
        return query(self.federated(**changes))["code"]

    def token(self, form: Json, *, auth: bool = True) -> httpx.Response:
        by_header = auth and self.secret is not None
        more = {} if by_header else {"client_id": self.client_id}
        basic = httpx.BasicAuth(self.client_id, self.secret or "") if by_header else httpx.USE_CLIENT_DEFAULT
        return self.server.post("/oauth2/token", data={**more, **form}, auth=basic)

    def redeem(self, code: str, **more: str) -> httpx.Response:
        return self.token({"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK} | more)

    def tokens(self, **changes: str | None) -> Json:
        answer = self.redeem(self.code(**changes))
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def claims(self, token: str) -> Json:
        """A token's claims, verified with the pool's key set."""
        keys = self.server.get(f"{self.aws.url}/{self.pool_id}/.well-known/jwks.json").json()
        return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims)

    def user(self, subject: str = "ada") -> Json:
        """The user's record, by the API."""
        record = self.cognito.admin_get_user(UserPoolId=self.pool_id, Username=f"entra_{subject}")
        return dict(record) | {"attributes": {a["Name"]: a["Value"] for a in record["UserAttributes"]}}

    def change(self, **settings: Any) -> None:
        """Change the app client."""
        self.cognito.update_user_pool_client(UserPoolId=self.pool_id, ClientId=self.client_id, **settings)


MakeApp = Callable[..., App]


def make_app(aws: LocalAws, provider: FakeProvider, **more: Any) -> App:
    """A user pool with a domain, the provider `entra` and an app client."""
    cognito = aws.cognito(REGION)
    pool_id = _make_pool(aws, provider, more)
    settings: Json = {
        "GenerateSecret": not more.pop("public", False),
        "SupportedIdentityProviders": ["entra"],
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": SCOPES,
        "CallbackURLs": [CALLBACK, OTHER_CALLBACK],
        "LogoutURLs": [LOGOUT],
    } | more
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="web", **settings)
    made = client["UserPoolClient"]
    return App(aws, provider, pool_id, made["ClientId"], made.get("ClientSecret"))


def _make_pool(aws: LocalAws, provider: FakeProvider, more: Json) -> str:
    cognito = aws.cognito(REGION)
    schema = {"Schema": more.pop("schema")} if "schema" in more else {}
    pool_id = cognito.create_user_pool(PoolName="people", **schema)["UserPool"]["Id"]
    cognito.create_user_pool_domain(
        Domain=f"{PREFIX}-{pool_id[-9:].lower()}",
        UserPoolId=pool_id,
        ManagedLoginVersion=more.pop("managed_login_version", 2),
    )
    cognito.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="entra",
        ProviderType="OIDC",
        ProviderDetails=more.pop("details", provider.details()),
        AttributeMapping=more.pop("mapping", MAPPED),
        IdpIdentifiers=["contoso.example"],
    )
    return pool_id


def query(answer: httpx.Response) -> dict[str, str]:
    """The parameters of the address that an answer sends the browser to."""
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return dict(parse_qsl(parts.query or parts.fragment, keep_blank_values=True))


def at_callback(answer: httpx.Response) -> dict[str, str]:
    """The parameters at the app's callback URL, which the browser must be sent to, but for its own state."""
    assert answer.headers["Location"].startswith(f"{CALLBACK}?"), answer.headers["Location"]
    parameters = query(answer)
    assert parameters.pop("state") == "st/ate&"
    return parameters


def on_error_page(answer: httpx.Response) -> str:
    """What the error page says, which the browser must be sent to."""
    assert answer.status_code == 302, answer.text
    assert answer.headers["Location"].startswith("/error?"), answer.headers["Location"]
    return query(answer)["error"]


def fill(app: App, page: httpx.Response, **typed: str) -> httpx.Response:
    """Send a page's form with some fields filled in."""
    form: Any = BeautifulSoup(page.text, "html.parser").find("form")
    fields = {field["name"]: field.get("value", "") for field in form.find_all("input")}
    return app.browser.post(form["action"], data=fields | typed)


def failed(app: App) -> str:
    """The error_description of a sign-in at the provider that failed."""
    parameters = at_callback(app.federated())
    assert parameters.pop("error") == "invalid_request"
    assert parameters.keys() == {"error_description"}
    return parameters["error_description"]


def users(app: App) -> int:
    return len(app.cognito.list_users(UserPoolId=app.pool_id)["Users"])


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    """The answer of an endpoint for programs that refuses."""
    assert (answer.status_code, answer.json()) == (status, {"error": error})


def refresh(app: App, token: str) -> httpx.Response:
    return app.token({"grant_type": "refresh_token", "refresh_token": token})


def user_info(app: App, token: str | None) -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return app.server.get("/oauth2/userInfo", headers=headers)
