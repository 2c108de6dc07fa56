"""The distance to a cloud: a wire on which every request takes its time."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from sandbox.web.loopback import HOST

CHUNK = 65536


@contextmanager
def slow(url: str, seconds: float) -> Iterator[str]:
    """A second address of a server, where every request arrives late."""
    with socket.create_server((HOST, 0)) as listener:
        threading.Thread(target=_accept, args=(listener, url, seconds), daemon=True).start()
        yield f"http://{HOST}:{listener.getsockname()[1]}"


def _accept(listener: socket.socket, url: str, seconds: float) -> None:
    host, port = urlsplit(url).hostname, urlsplit(url).port
    while True:
        try:
            near, _ = listener.accept()
            far = socket.create_connection((host, port or 80))
        except OSError:
            return
        for source, target, delay in ((near, far, seconds), (far, near, 0.0)):
            threading.Thread(target=_pass_on, args=(source, target, delay), daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket, delay: float) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            time.sleep(delay)
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
