"""The app's end of a sign-in on this machine: a listener at a loopback callback URL (RFC 8252, 7.3)."""

import hmac
import queue
import socket
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from operate.errors import OperateError
from stacks.clouds import LOCAL_HOSTS

_PAGE = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title>"
    "<body style='font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem'>"
    "<h1>{title}</h1><p>{text}</p>"
)


def is_loopback(url: str) -> bool:
    """Whether a callback URL is answered on this machine, without a certificate."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "http" and parts.hostname in LOCAL_HOSTS


class Listener:
    """Waits at a callback URL for one answer with the right state, and ignores anything else.

    Attributes:
        ignored: how many answers belonged to another sign-in.
    """

    def __init__(self, callback_url: str, state: str) -> None:
        """Take the port; the browser is answered inside `with`.

        Args:
            state: what the answer must carry (RFC 6749, section 10.12).

        Raises:
            OperateError: the port is taken, or may not be used.
        """
        parts = urlsplit(callback_url)
        self._answers: queue.Queue[dict[str, str]] = queue.Queue()
        self.ignored = 0
        listener = self

        class Handler(BaseHTTPRequestHandler):
            """Answers the browser."""

            def do_GET(self) -> None:
                """Take an answer, or refuse it."""
                address = urlsplit(self.path)
                if address.path != (parts.path or "/"):
                    self._say(HTTPStatus.NOT_FOUND, "Nothing here", "Only the callback URL is answered.")
                    return
                answer = dict(parse_qsl(address.query))
                if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
                    listener.ignored += 1
                    self._say(
                        HTTPStatus.BAD_REQUEST,
                        "Not this sign-in",
                        "This answer does not belong to the sign-in that waits here: begin at its address.",
                    )
                    return
                failed = "error" in answer
                title = "Sign-in failed" if failed else "Back from signing in"
                self._say(HTTPStatus.OK, title, "You can close this window: the terminal says the rest.")
                listener._answers.put(answer)

            def _say(self, status: HTTPStatus, title: str, text: str) -> None:
                page = _PAGE.format(title=title, text=text).encode()
                self.send_response(status)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Cache-Control", "no-store")
                # The address holds the code, which no other site is to receive.
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                """Say nothing: the address holds the code."""

        class Server(HTTPServer):
            address_family = socket.AF_INET6 if parts.hostname == "::1" else socket.AF_INET

        host = "::1" if parts.hostname == "::1" else "127.0.0.1"
        try:
            self._server = Server((host, parts.port or 80), Handler)
        except OSError as error:
            raise OperateError(
                f"Nothing can listen at {callback_url} ({error.strerror}): end the program that does, or"
                " choose another client with --client."
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def wait(self, seconds: float) -> dict[str, str] | None:
        """The parameters of the browser's answer; None if it did not come in time."""
        try:
            return self._answers.get(timeout=seconds)
        except queue.Empty:
            return None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
