"""The plugin process: how it shakes hands with Terraform, serves it and ends.

Source of the rules: hashicorp/go-plugin's docs/internals.md and docs/guide-plugin-write-non-go.md. TLS is
needed, since Terraform always asks for it; its client certificate is not asked for, since gRPC's BoringSSL
refuses go-plugin's. The server listens on a socket in a private folder instead of a port, so no other user of
the machine can connect.
"""

import base64
import os
import signal
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc

_CORE_PROTOCOL, _PLUGIN_PROTOCOL = 1, 5
_THREADS = 16
_PARENT_CHECK_SECONDS = 1.0
_GRACE_SECONDS = 0.1


class _Handlers(grpc.GenericRpcHandler):
    """Finds the method for each call; the provider is loaded with the first one, after the handshake."""

    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended
        self._loaded: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        self._lock = threading.Lock()

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """The handler of a method.

        Returns:
            the handler, None if the plugin has no such method, which Terraform takes for an older plugin.
        """
        with self._lock:
            if not self._loaded:
                self._loaded = self._load()
        return self._loaded.get(str(handler_call_details.method))

    def _load(self) -> "dict[str, grpc.RpcMethodHandler[Any, Any]]":
        from sandbox.azuread_plugin.messages import MESSAGES, Message  # noqa: PLC0415 - after the handshake
        from sandbox.azuread_plugin.provider import CALLS, Provider  # noqa: PLC0415

        provider = Provider()

        def handler(call: str) -> "grpc.RpcMethodHandler[Any, Any]":
            request_name, method = CALLS[call]
            return grpc.unary_unary_rpc_method_handler(
                lambda request, _context: method(provider, request),
                request_deserializer=MESSAGES[request_name].FromString,
                response_serializer=lambda response: response.SerializeToString(),
            )

        def shut_down(_request: Message, _context: grpc.ServicerContext) -> Message:
            self._ended.set()
            return MESSAGES["Empty"]()

        serving = MESSAGES["HealthCheckResponse"](status=1)
        plain = {
            "/plugin.GRPCController/Shutdown": shut_down,
            "/grpc.health.v1.Health/Check": lambda _request, _context: serving,
        }
        return {
            **{f"/tfplugin5.Provider/{call}": handler(call) for call in CALLS},
            **{
                path: grpc.unary_unary_rpc_method_handler(
                    behavior,
                    request_deserializer=MESSAGES["Empty"].FromString,
                    response_serializer=lambda response: response.SerializeToString(),
                )
                for path, behavior in plain.items()
            },
        }


def serve(finish_certificate: Callable[[], bytes]) -> None:
    """Serve the provider until Terraform shuts it down or is gone; this ends the process."""
    # Ctrl-C reaches the whole process group; Terraform decides what it means for its plugins.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda _signal, _frame: ended.set())
    with tempfile.TemporaryDirectory(prefix="azuread-", ignore_cleanup_errors=True) as folder:
        server = _start(folder, ended, finish_certificate())
        # A plugin whose Terraform was killed gets another parent.
        while not ended.wait(_PARENT_CHECK_SECONDS) and os.getppid() == parent:
            pass
        # The reply to the shutdown call goes out first.
        server.stop(_GRACE_SECONDS).wait()
    # Skips the end of the interpreter and its threads, which takes longer than all the rest.
    os._exit(0)


def _start(folder: str, ended: threading.Event, key_and_certificate: bytes) -> grpc.Server:
    """Start serving and say so; the server stops as soon as nobody holds it."""
    key, begin, certificate = key_and_certificate.partition(b"-----BEGIN CERTIFICATE-----")
    certificate = begin + certificate
    server = grpc.server(ThreadPoolExecutor(_THREADS), handlers=[_Handlers(ended)])
    address = f"{folder}/plugin.sock"
    server.add_secure_port(f"unix:{address}", grpc.ssl_server_credentials([(key, certificate)]))
    server.start()
    encoded = base64.b64encode(ssl.PEM_cert_to_DER_cert(certificate.decode())).decode().rstrip("=")
    sys.stdout.write(f"{_CORE_PROTOCOL}|{_PLUGIN_PROTOCOL}|unix|{address}|grpc|{encoded}\n")
    sys.stdout.flush()
    return server
