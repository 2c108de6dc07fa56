"""Servers on loopback: ports, and ASGI apps that run in threads of this process."""

import errno
import socket
import threading
import time
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from sandbox.errors import SandboxError
from sandbox.lifecycle import STOP_SECONDS, Startable

HOST = "127.0.0.1"
START_SECONDS = 20


def take_port(port: int = 0) -> socket.socket:
    """A socket that has a TCP port on loopback, any free one by default, and does not listen yet."""
    # Named TCP, or asyncio would leave Nagle's delay on: 40 ms for each request of a connection.
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind((HOST, port))
    return taken


class LoopbackServer(Startable):
    """An ASGI app on a loopback port, known from the start, served by a thread of this process."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        purpose: str,
        port: int = 0,
        taken: socket.socket | None = None,
        certificate: Path | None = None,
    ) -> None:
        """Take the port, unless it is taken already; nothing is served yet.

        Raises:
            SandboxError: the port is taken.
        """
        try:
            self._socket = taken or take_port(port)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise SandboxError(
                f"Port {port} on {HOST}, which {purpose} needs, is taken by another program: "
                "end that program, or run without a fixed port."
            ) from None
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="off",
                ssl_certfile=certificate,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=purpose, daemon=True
        )

    def start(self) -> None:
        """Serve, and return when requests are answered.

        Raises:
            SandboxError: the server did not start.
        """
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise SandboxError(f"{self._thread.name} did not start on port {self.port}.")
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server and free its port."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_SECONDS)
        self._socket.close()
