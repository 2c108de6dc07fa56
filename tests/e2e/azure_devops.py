"""A stand-in for an organization at Azure DevOps: what the commands of its pipeline ask of the REST API.

Sources: learn.microsoft.com/rest/api/azure/devops 7.1: Oidctoken, Pull Request Threads, Wiql, Work Items;
learn.microsoft.com/azure/devops/pipelines/release/troubleshoot-workload-identity.
"""

import re
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from sandbox.pipeline_issuer import PipelineIssuer
from sandbox.web.loopback import LoopbackServer

# In a service connection's token Entra ID writes an id for api://AzureADTokenExchange, and Azure DevOps'.
TOKEN_EXCHANGE, AZURE_DEVOPS = "fb60f99c-7a34-4190-8149-302f77469936", "499b84ac-1321-427f-aa17-267ca6975798"
ORGANIZATION = "55555555-5555-4555-8555-555555555555"
SUBJECT = f"/eid1/c/pub/t/MiSI_7AJe0O9IsoTwAN97Q/a/rISbSSETf0KqFyZ8ppdXmA/sc/{ORGANIZATION}"
# The service connections, whose ids end the subjects.
DEPLOY, PLAN = "66666666-6666-4666-8666-666666666666", "77777777-7777-4777-8777-777777777777"
BUILD_SERVICE = "the build service"
STATES = {"To Do": "Proposed", "Doing": "InProgress", "Done": "Completed"}
QUERY = re.compile(
    r"SELECT \[System.Id\] FROM WorkItems WHERE \[System.TeamProject\] = @project AND"
    r" \[System.CreatedBy\] = @me AND \[System.Title\] = '([^']*)' AND \[System.State\] NOT IN \('Done'\)"
)


class AzureDevOps(LoopbackServer):
    """An organization with one project and one repository.

    Attributes:
        threads: at the pull request.
        work_items: the fields of each, open or closed.
        connections: the service connections that the running job names.
    """

    def __init__(self, issuer: PipelineIssuer, certificate: Path) -> None:
        """Take a port; nothing is served yet."""
        pull_request = "/contoso/project/_apis/git/repositories/signin/pullRequests/1/threads"
        work = "/contoso/project/_apis/wit"
        routes = [
            Route("/oidctoken", self._token, methods=["POST"]),
            Route("/contoso/_apis/connectionData", self._connection_data),
            Route(pull_request, self._threads, methods=["GET", "POST"]),
            Route(f"{pull_request}/{{thread:int}}/comments/1", self._comment, methods=["PATCH"]),
            Route(f"{work}/workitemtypes/Task/states", self._states),
            Route(f"{work}/wiql", self._query, methods=["POST"]),
            Route(f"{work}/workitems/$Task", self._work_item, methods=["POST"]),
            Route(f"{work}/workitems/{{item:int}}", self._work_item, methods=["PATCH"]),
        ]
        super().__init__(Starlette(routes=routes), purpose="Azure DevOps", certificate=certificate)
        self.url = f"https://localhost:{self.port}"
        self.bearer = "a job's token"
        self.connections: set[str] = set()
        self.threads: list[dict[str, Any]] = []
        self.work_items: list[dict[str, str]] = []
        self._issuer = issuer

    def _refused(self, request: Request) -> bool:
        return request.headers.get("authorization") != f"Bearer {self.bearer}"

    async def _token(self, request: Request) -> JSONResponse:
        connection = request.query_params["serviceConnectionId"]
        if self._refused(request) or connection not in self.connections:
            return JSONResponse({"message": "The job names no such service connection."}, status_code=404)
        token = self._issuer.token(f"{SUBJECT}/{connection}", TOKEN_EXCHANGE, azp=AZURE_DEVOPS, ver="2.0")
        return JSONResponse({"oidcToken": token})

    async def _connection_data(self, request: Request) -> JSONResponse:
        # Without a good token, Azure answers as it would anybody.
        return JSONResponse({"authenticatedUser": {"id": "" if self._refused(request) else BUILD_SERVICE}})

    async def _threads(self, request: Request) -> JSONResponse:
        if self._refused(request):
            return JSONResponse({}, status_code=401)
        if request.method == "POST":
            (comment,) = (await request.json())["comments"]
            self.say(BUILD_SERVICE, comment["content"])
        return JSONResponse({"value": self.threads})

    def say(self, who: str, content: str) -> None:
        """Open a thread."""
        comment = {"id": 1, "author": {"id": who}, "content": content}
        self.threads.append({"id": len(self.threads) + 1, "isDeleted": False, "comments": [comment]})

    async def _comment(self, request: Request) -> JSONResponse:
        (comment,) = self.threads[request.path_params["thread"] - 1]["comments"]
        if self._refused(request) or comment["author"]["id"] != BUILD_SERVICE:
            return JSONResponse({}, status_code=403)
        comment["content"] = (await request.json())["content"]
        return JSONResponse(comment)

    async def _states(self, _: Request) -> JSONResponse:
        states = [{"name": name, "category": category} for name, category in STATES.items()]
        return JSONResponse({"value": states})

    async def _query(self, request: Request) -> JSONResponse:
        query = " ".join((await request.json())["query"].split())
        asked = QUERY.fullmatch(query)
        if asked is None or self._refused(request):
            return JSONResponse({"message": query}, status_code=400)
        found = [
            {"id": number}
            for number, fields in enumerate(self.work_items, 1)
            if fields["System.Title"] == asked[1] and fields["System.State"] != "Done"
        ]
        return JSONResponse({"workItems": found})

    async def _work_item(self, request: Request) -> JSONResponse:
        if self._refused(request) or request.headers["content-type"] != "application/json-patch+json":
            return JSONResponse({}, status_code=415)
        if request.method == "POST":
            self.work_items.append({"System.State": "To Do"})
        fields = self.work_items[request.path_params.get("item", 0) - 1]
        for one in await request.json():
            fields[one["path"].removeprefix("/fields/")] = one["value"]
        return JSONResponse({"fields": fields})
