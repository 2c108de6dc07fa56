"""The app that people sign in to: at its callback URL it exchanges the code and shows the claims.

Scripts that accept JSON get the ID token's claims, and the access token's in a header of their own.
"""

import html
import json
from dataclasses import dataclass

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.aws import LocalAws
from sandbox.errors import SandboxError
from sandbox.web.loopback import LoopbackServer

SECONDS = 10
ACCESS_CLAIMS_HEADER = "Access-Token-Claims"

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>
 body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; }}
 th {{ text-align: left; padding-right: 2rem; vertical-align: top; }}
 td {{ overflow-wrap: anywhere; }}
</style>
<h1>{title}</h1>{body}</html>"""


@dataclass(frozen=True)
class SignedIn:
    """What the app knows of somebody who signed in: the claims of the ID token and of the access token."""

    claims: dict[str, object]
    access_claims: dict[str, object]


class SampleApp(LoopbackServer):
    """A server app at `http://localhost:<port>/callback`, an app client's callback URL."""

    def __init__(self, aws: LocalAws, region: str, *, port: int = 0) -> None:
        """Take the port; nothing is served yet."""
        self._aws = aws
        self._region = region
        routes = [Route("/callback", self._callback), Route("/", self._signed_out)]
        super().__init__(Starlette(routes=routes), purpose="the sample app", port=port)
        self.url = f"http://localhost:{self.port}"

    @property
    def callback_url(self) -> str:
        """The callback URL that the app client must have."""
        return f"{self.url}/callback"

    def exchange(self, code: str) -> SignedIn:
        """Exchange an authorization code for tokens and verify them (RFC 6749, OpenID Connect Core).

        Raises:
            SandboxError: no app client has this callback URL, Cognito refused the code, or the token is
                not what it should be.
        """
        client = next(
            (
                client
                for client in self._aws.app_clients(self._region)
                if self.callback_url in client.get("CallbackURLs", [])
            ),
            None,
        )
        if client is None:
            raise SandboxError(f"No app client has the callback URL {self.callback_url}: deploy first.")
        answer = httpx.post(
            f"{self._aws.domain_url}/oauth2/token",
            data={"grant_type": "authorization_code", "code": code, "redirect_uri": self.callback_url},
            auth=(client["ClientId"], client["ClientSecret"]),
            timeout=SECONDS,
        )
        if not answer.is_success:
            raise SandboxError(f"Cognito's token endpoint refused the code: {answer.text}")
        pool_id = client["UserPoolId"]
        keys = httpx.get(f"{self._aws.url}/{pool_id}/.well-known/jwks.json", timeout=SECONDS).json()
        issuer = f"https://cognito-idp.{self._region}.amazonaws.com/{pool_id}"

        def verified(use: str, client_claim: str) -> dict[str, object]:
            expected = {"iss": issuer, "token_use": use, client_claim: client["ClientId"]}
            rules: dict[str, ClaimsOption] = {
                name: {"essential": True, "value": value} for name, value in expected.items()
            }
            try:
                token = jwt.decode(
                    answer.json()[f"{use}_token"], KeySet.import_key_set(keys), algorithms=["RS256"]
                )
                JWTClaimsRegistry(None, 0, exp={"essential": True}, **rules).validate(token.claims)
            except JoseError as error:
                raise SandboxError(f"Cognito's {use} token is not valid: {error}") from None
            return dict(token.claims)

        # amazon-cognito-user-pools-using-tokens-verifying-a-jwt: where each token names the app client.
        return SignedIn(verified("id", "aud"), verified("access", "client_id"))

    async def _callback(self, request: Request) -> Response:
        parameters = request.query_params
        if "code" not in parameters:
            return _page("Sign-in failed", dict(parameters), status=400)
        try:
            signed_in = await run_in_threadpool(self.exchange, parameters["code"])
        except SandboxError as error:
            return _page("Sign-in failed", {"error": str(error)}, status=502)
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(
                signed_in.claims, headers={ACCESS_CLAIMS_HEADER: json.dumps(signed_in.access_claims)}
            )
        return _page("Signed in", signed_in.claims, signed_in.access_claims)

    async def _signed_out(self, _: Request) -> Response:
        return _page("The sample app", {"state": "signed out"})


def _page(
    title: str, rows: dict[str, object], access_claims: dict[str, object] | None = None, *, status: int = 200
) -> HTMLResponse:
    body = _table(rows)
    if access_claims is not None:
        body += f"<h2>What the access token says</h2>{_table(access_claims)}"
    return HTMLResponse(PAGE.format(title=title, body=body), status_code=status)


def _table(rows: dict[str, object]) -> str:
    cells = "".join(
        f"<tr><th>{html.escape(str(name))}<td>{html.escape(str(value))}" for name, value in rows.items()
    )
    return f"<table>{cells}</table>"
