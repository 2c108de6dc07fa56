"""The local address of a user pool's sign-in domain, `https://<prefix>.auth.<region>.amazoncognito.com`.

MiniStack serves the OAuth endpoints but no way to a provider from its sign-in page. This does what AWS
documents for the page: an app client with one provider and without local accounts goes straight there.
"""

from urllib.parse import parse_qsl, urlencode

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route

from sandbox.aws import LocalAws
from sandbox.loopback import LoopbackServer


class LocalLogin(LoopbackServer):
    """The sign-in domain of the local AWS.

    Attributes:
        url: what stands for `https://<prefix>.auth.<region>.amazoncognito.com` on this machine.
    """

    def __init__(self, aws: LocalAws, region: str) -> None:
        """Take a free port; nothing is served yet.

        Args:
            aws: the local AWS behind it.
            region: the user pools' region.
        """
        self._aws = aws
        self._region = region
        routes = [
            Route("/login", self._login),
            Route("/{path:path}", self._pass_on, methods=["GET", "POST"]),
        ]
        super().__init__(Starlette(routes=routes), purpose="the local sign-in domain")
        self.url = f"http://localhost:{self.port}"

    async def _login(self, request: Request) -> RedirectResponse:
        """`/login` takes the parameters of `/oauth2/authorize` (developer guide, "Login endpoint")."""
        parameters = parse_qsl(request.url.query)
        client_id = dict(parameters).get("client_id", "")
        providers = await run_in_threadpool(self._providers_of, client_id)
        if len(providers) == 1 and providers != ["COGNITO"]:
            parameters.append(("identity_provider", providers[0]))
        return RedirectResponse(f"{self._aws.url}/oauth2/authorize?{urlencode(parameters)}")

    async def _pass_on(self, request: Request) -> RedirectResponse:
        query = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"{self._aws.url}{request.url.path}{query}")

    def _providers_of(self, client_id: str) -> list[str]:
        for client in self._aws.app_clients(self._region):
            if client["ClientId"] == client_id:
                return list(client.get("SupportedIdentityProviders", []))
        return []
