"""Deploys that are killed right before or after a call that changes a cloud, and a network that is slow.

Nothing changes outside between two such calls, so there are no other moments to kill it at. The calls pass
through here, so that the moment is the call itself and not a line that is printed some time later.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil
import pytest
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.entra.errors import GraphError
from sandbox.entra.graph import Graph
from sandbox.local_clouds import LocalClouds
from sandbox.project import Project
from sandbox.web.loopback import HOST, LoopbackServer
from tests.e2e.deployment import local_clouds

GRAPH_CALLS = {
    "POST applications": "_create_application",
    "POST servicePrincipals": "_create_service_principal",
    "POST oauth2PermissionGrants": "_consent",
    "addPassword": "_add_password",
    "removePassword": "_remove_password",
}
COGNITO_CALLS = (
    "CreateUserPool",
    "CreateUserPoolDomain",
    "CreateIdentityProvider",
    "UpdateIdentityProvider",
    "CreateUserPoolClient",
)
# What belongs to one connection and is made anew for the next (RFC 9110, section 7.6.1); callers of AWS have
# signed the host.
OF_THE_CONNECTION = {"connection", "content-length", "transfer-encoding"}
# The client has decoded what it received.
DECODED = {"content-encoding"}
SECONDS = 300
CHUNK = 65536


class KilledError(Exception):
    """The deploy is dead, and what it was about to send never arrives."""


@dataclass
class WatchedCalls:
    """The calls of a deploy, and the moment at which it is to be killed.

    Attributes:
        folder: the folder in which the deploy runs; none is killed before it is set.
        passed: the moments that have been, such as `before addPassword`, and when.
    """

    folder: Path | None = None
    passed: list[tuple[str, float]] = field(default_factory=list)
    _kill_at: str | None = None
    _dead: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def kill_at(self, moment: str) -> Iterator[None]:
        """Kill the deploy of the block at a moment."""
        self._dead.clear()
        self._kill_at = moment
        yield
        # The deploy is over for its caller as soon as its first process has died.
        assert self._dead.wait(SECONDS), f"the deploy ended by itself, and not {moment}"

    def reach(self, moment: str) -> None:
        """Note a moment, and kill the deploy if it is the one.

        Raises:
            KilledError: the deploy is dead.
        """
        if moment == self._kill_at and self.folder is not None:
            self._kill_at = None
            kill_everything_in(self.folder)
            self._dead.set()
            raise KilledError
        self.passed.append((moment, time.monotonic()))

    def when(self, moment: str) -> float:
        """When a moment was that has been once."""
        (at,) = [at for name, at in self.passed if name == moment]
        return at

    @property
    def names(self) -> list[str]:
        """The moments that have been, in their order."""
        return [name for name, _ in self.passed]


@contextmanager
def watched_project(
    *, stand_in: bool = True, variables: Mapping[str, str] | None = None
) -> Iterator[tuple[LocalClouds, Project, WatchedCalls]]:
    """A project, not deployed yet, whose deploys can be killed; Terraform starts the plugins itself."""
    calls = WatchedCalls()
    with (
        _watched_graph(calls),
        local_clouds(stand_in=stand_in, plugins_stay_up=False) as clouds,
        watched_aws(calls, clouds.aws.url) as aws_url,
    ):
        project = clouds.project(variables={"AWS_ENDPOINT_URL": aws_url, **(variables or {})})
        calls.folder = project.folder
        yield clouds, project, calls


def kill_everything_in(folder: Path) -> None:
    """Kill every process that works in a folder, all at once and outright."""
    inside = []
    # Not only those below this one: whoever has lost its parent is below nobody.
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if Path(process.cwd()).is_relative_to(folder):
                inside.append(process)
    # None of them may see another one die: the cdktf command takes a Terraform that was killed for one that
    # is done, goes on and ends with 0.
    for signal in (psutil.Process.suspend, psutil.Process.kill):
        for process in inside:
            with suppress(psutil.NoSuchProcess):
                signal(process)
    deadline = time.monotonic() + SECONDS
    while any(map(_lives, inside)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _lives(process: psutil.Process) -> bool:
    """Asked without waiting for it: whoever started it wants to hear itself how it ended."""
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextmanager
def _watched_graph(calls: WatchedCalls) -> Iterator[None]:
    """Have the calls to every local Entra ID that starts from now on pass by."""

    def passing(name: str, answer: Callable[..., Any]) -> Callable[..., Any]:
        def pass_by(graph: Graph, *call: object) -> object:
            try:
                calls.reach(f"before {name}")
            except KilledError:
                raise GraphError(503, "ServiceUnavailable", "The caller is gone.") from None
            answered = answer(graph, *call)
            # There is nobody any more to answer.
            with suppress(KilledError):
                calls.reach(f"after {name}")
            return answered

        return pass_by

    with pytest.MonkeyPatch.context() as patch:
        for name, method in GRAPH_CALLS.items():
            patch.setattr(Graph, method, passing(name, getattr(Graph, method)))
        yield


@contextmanager
def watched_aws(calls: WatchedCalls, aws_url: str) -> Iterator[str]:
    """Put a server in front of the local AWS."""
    with ExitStack() as stack:
        aws = stack.enter_context(httpx.Client(base_url=aws_url, timeout=SECONDS))

        def forward(method: str, url: str, headers: dict[str, str], body: bytes) -> Response:
            action = headers.get("x-amz-target", "").rpartition(".")[2]
            if url.partition("?")[0].endswith(".tfstate"):
                action = f"{method} state"
            watched = action in (*COGNITO_CALLS, "PUT state")
            try:
                if watched:
                    calls.reach(f"before {action}")
                answer = aws.request(method, url, headers=headers, content=body)
                if watched:
                    calls.reach(f"after {action}")
            except KilledError:
                return Response(status_code=503)
            return Response(
                answer.content, answer.status_code, _without(answer.headers, OF_THE_CONNECTION | DECODED)
            )

        async def receive(request: Request) -> Response:
            url = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            body = await request.body()
            headers = _without(request.headers, OF_THE_CONNECTION)
            return await run_in_threadpool(forward, request.method, url, headers, body)

        methods = ["GET", "HEAD", "POST", "PUT", "DELETE"]
        app = Starlette(routes=[Route("/{path:path}", receive, methods=methods)])
        server = stack.enter_context(LoopbackServer(app, purpose="the way to the local AWS"))
        yield f"http://{HOST}:{server.port}"


def _without(headers: Mapping[str, str], left_out: set[str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() not in left_out}


@contextmanager
def slow_network(url: str, seconds: float, **longer: float) -> Iterator[str]:
    """A second address of a server, at which every request arrives late.

    Args:
        longer: the seconds for requests with a word in them.
    """

    def delay(data: bytes) -> float:
        return max([seconds, *(late for word, late in longer.items() if word.encode() in data)])

    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_accept, args=(listener, url, delay), daemon=True).start()
        yield f"http://{HOST}:{listener.getsockname()[1]}"


def _accept(listener: socket.socket, url: str, delay: Callable[[bytes], float]) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    while True:
        try:
            near, _ = listener.accept()
            far = socket.create_connection((host, port or 80))
        except OSError:
            return
        for ends in ((near, far, delay), (far, near, lambda _: 0.0)):
            threading.Thread(target=_pass_on, args=ends, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, delay: Callable[[bytes], float]) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            time.sleep(delay(data))
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
