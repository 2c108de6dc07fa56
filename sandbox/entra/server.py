"""A local Microsoft Entra ID: one plain-HTTP port for everything, one HTTPS port for the metadata document.

The azuread provider takes every address from that document and insists on HTTPS for it alone, with a
certificate it trusts; so a throwaway authority is made at every start and never leaves its folder.
"""

from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.entra import discovery
from sandbox.entra.access_rules import check_assignment
from sandbox.entra.admin_consent import AdminConsent
from sandbox.entra.application_rules import LOOPBACK
from sandbox.entra.authorize import Authorize
from sandbox.entra.built_in_applications import add_deployer, add_microsoft_graph, renew_secret
from sandbox.entra.directory import DEFAULT_ACCESS, MICROSOFT_GRAPH, Directory
from sandbox.entra.errors import not_found
from sandbox.entra.graph import Graph
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.redirect_uris import is_prefix_domain
from sandbox.entra.service import SignInService
from sandbox.entra.sign_out import sign_out
from sandbox.entra.tenants import OTHER_TENANTS, home_tenant
from sandbox.entra.token_endpoint import token
from sandbox.entra.userinfo import user_info
from sandbox.entra.users import Group, Person
from sandbox.errors import SandboxError
from sandbox.lifecycle import Startable
from sandbox.web.certificates import make_certificate
from sandbox.web.endpoints import Call, endpoint
from sandbox.web.loopback import LoopbackServer

Handler = Callable[[SignInService, Call], Response]


class LocalEntra(Startable):
    """A Microsoft Entra ID in this process, for the azuread provider and for browsers.

    One authority with several tenants: the home tenant, where the deployer registers applications, two
    customers' tenants and the personal accounts (`tenants.py`).

    Sources: learn.microsoft.com/graph for the directory, learn.microsoft.com/entra/identity-platform for
    signing in.

    Attributes:
        cognito_url: where the local Cognito answers; browsers that Entra ID would send to a Cognito domain
            are sent there. None sends them where the registration says.
        ca_file: the system's trusted roots and the throwaway authority of the HTTPS port.
        key_file: key and certificate of that port, and of other issuers on loopback.
        tenants: what each tenant holds, by its GUID; the home tenant is the first.
        sign_in: the sign-in service, with the sessions and authorization codes that it keeps.
        requests: every request so far, as method, path and status; for tests.
    """

    def __init__(
        self,
        *,
        tenant_id: str,
        cognito_url: str | None = None,
        cognito_hosts: Callable[[], Collection[str]] = frozenset,
        port: int = 0,
        folder: Path,
    ) -> None:
        """Make the tenants; nothing listens yet.

        Raises:
            ValueError: the tenant id is not a GUID, or that of another tenant here.
        """
        self.tenant_id = str(UUID(tenant_id))
        self.cognito_url = cognito_url
        self._cognito_hosts = cognito_hosts
        self.ca_file = folder / "entra-ca.pem"
        self.key_file = folder / "entra-server.pem"
        self.requests: list[tuple[str, str, int]] = []
        self.directory = Directory(home_tenant(self.tenant_id))
        others = (Directory(tenant, self.directory) for tenant in OTHER_TENANTS)
        self.tenants = {directory.tenant_id: directory for directory in (self.directory, *others)}
        self._port = port
        self.sign_in = SignInService(self.tenants, self._cognito_at, self.ca_file)
        self._deployer = add_deployer(self.directory)
        self._deployer_secret = ""
        for directory in self.tenants.values():
            add_microsoft_graph(directory)
        self.allow_deployer(GRAPH_ROLES)
        self._servers: list[LoopbackServer] = []
        self._metadata_port = 0

    def _cognito_at(self, host: str) -> str | None:
        """Where the local Cognito answers for a host."""
        is_domain = is_prefix_domain(host) or (host not in LOOPBACK and host in self._cognito_hosts())
        return self.cognito_url if is_domain else None

    @property
    def authority(self) -> str:
        """The address of sign-in, Graph and userinfo: `http://localhost:<port>`."""
        return self.sign_in.tokens.authority

    @property
    def metadata_host(self) -> str:
        """Host and port of the metadata document, as `ARM_METADATA_HOSTNAME` wants it."""
        return f"localhost:{self._metadata_port}"

    def start(self) -> None:
        """Listen on both ports, with a new secret for the deployer; return when both answer.

        Raises:
            SandboxError: the port asked for is in use, or a server did not start.
        """
        if self._servers:
            return
        make_certificate(self.ca_file, self.key_file)
        try:
            plain = self._take_port(self._application(), "the local Entra ID", self._port)
            metadata = self._take_port(
                self._metadata(), "the local Entra ID's metadata", certificate=self.key_file
            )
            self.sign_in.tokens.authority = f"http://localhost:{plain.port}"
            self._metadata_port = metadata.port
            self._deployer_secret = renew_secret(self._deployer)
            for server in self._servers:
                server.start()
        except SandboxError:
            self.stop()
            raise

    def stop(self) -> None:
        """Close both ports and end their threads; nothing happens if it does not run."""
        while self._servers:
            self._servers.pop().stop()

    def environment(self) -> dict[str, str]:
        """The variables by which the azuread provider finds this Entra ID and no other."""
        return {
            "ARM_METADATA_HOSTNAME": self.metadata_host,
            "ARM_TENANT_ID": self.tenant_id,
            "ARM_CLIENT_ID": self._deployer.app_id,
            "ARM_CLIENT_SECRET": self._deployer_secret,
            # Without it a missing variable would be looked for in the person's own Azure CLI.
            "ARM_USE_CLI": "false",
            "SSL_CERT_FILE": str(self.ca_file),
        }

    def allow_deployer(self, permissions: Collection[str], client_id: str | None = None) -> None:
        """Give a deployer these application permissions of Microsoft Graph, and no others."""
        directory = self.directory
        deployer = directory.service_principal_of(client_id or self._deployer.app_id)
        graph = directory.service_principal_of(MICROSOFT_GRAPH)
        if deployer is None or graph is None:
            raise SandboxError("The deployer or Microsoft Graph was deleted.")
        with directory.lock:
            for one in list(directory.assignments.values()):
                if one.principal_id == deployer.id:
                    del directory.assignments[one.id]
            for name in permissions:
                asked = {
                    "principalId": deployer.id,
                    "appRoleId": GRAPH_ROLES[name],
                    "resourceId": graph.id,
                }
                directory.add(check_assignment(asked, graph, directory))

    def holdings(self) -> dict[str, int]:
        """How many objects of each kind a deployment made, to show that a teardown left none.

        It makes them in the home tenant. What a customer's consent made in the customer's tenant is not
        counted, and stays there when the application is deleted, as it does in Entra ID: a service
        principal without application, at which a sign-in ends with AADSTS700016.
        """
        return self.directory.holdings()

    def assign(
        self, tenant_id: str, client_id: str, principal: Person | Group, role: str | None = None
    ) -> None:
        """Assign somebody to an application, as an administrator does in a tenant's admin center.

        This is for tests and customers' tenants, in which the deployer has no Graph.

        Args:
            role: the value of one of the application's roles, None for access without a role.

        Raises:
            GraphError: the tenant does not know the application, the role or the principal, or there is
                this assignment already.
        """
        directory = self.tenants[tenant_id]
        with directory.lock:
            resource = directory.service_principal_of(client_id)
            if resource is None:
                raise not_found(client_id)
            role_id = DEFAULT_ACCESS
            if role is not None:
                roles = resource.application.body["appRoles"]
                role_id = next((one["id"] for one in roles if one["value"] == role), role)
            asked = {"principalId": principal.oid, "appRoleId": role_id, "resourceId": resource.id}
            directory.add(check_assignment(asked, resource, directory))

    def _take_port(
        self, app: ASGIApp, purpose: str, port: int = 0, certificate: Path | None = None
    ) -> LoopbackServer:
        logged = _Logged(app, self.requests)
        server = LoopbackServer(logged, purpose=purpose, port=port, certificate=certificate)
        self._servers.append(server)
        return server

    def _application(self) -> Starlette:
        def route(path: str, handler: Handler, *methods: str) -> Route:
            return Route(path, endpoint(partial(handler, self.sign_in)), methods=methods)

        def interaction(asking: Authorize | AdminConsent) -> Route:
            return Route(f"/{{tenant}}{asking.path}", endpoint(asking.answer), methods=["GET", "POST"])

        return Starlette(
            routes=[
                *Graph(self.directory, self.sign_in.tokens).routes(),
                route("/{tenant}/v2.0/.well-known/openid-configuration", discovery.configuration, "GET"),
                route("/{tenant}/discovery/v2.0/keys", discovery.keys, "GET"),
                interaction(Authorize(self.sign_in)),
                interaction(AdminConsent(self.sign_in)),
                route("/{tenant}/oauth2/v2.0/logout", sign_out, "GET", "POST"),
                route("/{tenant}/oauth2/v2.0/token", token, "POST"),
                route("/oidc/userinfo", user_info, "GET", "POST"),
            ]
        )

    def _metadata(self) -> Starlette:
        async def endpoints(_: Request) -> JSONResponse:
            return JSONResponse(
                {
                    "name": "LocalEntra",
                    # Must be there, is never called.
                    "resourceManager": f"{self.authority}/resource-manager",
                    "microsoftGraphResourceId": f"{self.authority}/",
                    "authentication": {"loginEndpoint": self.authority, "tenant": self.tenant_id},
                }
            )

        return Starlette(routes=[Route("/metadata/endpoints", endpoints)])


class _Logged:
    """Notes method, path and status of every request; never query or body, which hold secrets."""

    def __init__(self, app: ASGIApp, log: list[tuple[str, str, int]]) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._log.append((scope["method"], scope["path"], message["status"]))
            await send(message)

        await self._app(scope, receive, noting)
