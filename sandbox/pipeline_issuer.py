"""A local issuer of the tokens that pipelines get: what GitHub, GitLab and Azure DevOps are to both clouds.

Sources: OpenID Connect Discovery 1.0; the pages on OpenID Connect of GitHub Actions, GitLab and Azure DevOps.
"""

import secrets
import time
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.web.loopback import LoopbackServer

TOKEN_SECONDS = 3600  # GitLab: as long as a job may run


class PipelineIssuer(LoopbackServer):
    """An issuer on loopback, over HTTPS as both clouds demand.

    Attributes:
        url: the `iss` of its tokens.
    """

    def __init__(self, certificate: Path) -> None:
        """Take a port; nothing is served yet."""
        self._key = RSAKey.generate_key(2048, auto_kid=True)
        routes = [
            Route("/.well-known/openid-configuration", self._configuration),
            Route("/keys", self._keys),
            Route("/request", self._requested),
        ]
        super().__init__(Starlette(routes=routes), purpose="a pipeline's issuer", certificate=certificate)
        self.url = f"https://localhost:{self.port}"
        self._jobs: dict[str, str] = {}

    def token(self, subject: str, audience: str, **changes: object) -> str:
        """A job's token."""
        now = int(time.time())
        claims = {"iss": self.url, "sub": subject, "aud": audience, "iat": now, "exp": now + TOKEN_SECONDS}
        return jwt.encode({"alg": "RS256", "kid": self._key.kid}, claims | changes, self._key)

    def job(self, subject: str) -> dict[str, str]:
        """The variables by which a job of GitHub Actions asks for its tokens."""
        bearer = secrets.token_urlsafe()
        self._jobs[bearer] = subject
        return {
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/request?api-version=2.0",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": bearer,
        }

    def subject(self, bearer: str) -> str:
        """Whose tokens a job asks for."""
        return self._jobs[bearer]

    async def _requested(self, request: Request) -> JSONResponse:
        subject = self._jobs.get(request.headers.get("authorization", "").removeprefix("bearer "))
        if subject is None:
            return JSONResponse({}, status_code=401)
        return JSONResponse({"value": self.token(subject, request.query_params["audience"])})

    async def _configuration(self, _: Request) -> JSONResponse:
        return JSONResponse({"issuer": self.url, "jwks_uri": f"{self.url}/keys"})

    async def _keys(self, _: Request) -> JSONResponse:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})
