"""The plugin process: how Terraform finds it, speaks to it and ends it.

Sources: hashicorp/go-plugin's docs/internals.md and docs/guide-plugin-write-non-go.md; for `-debug`
Terraform's documentation of TF_REATTACH_PROVIDERS. Terraform asks a plugin that it starts itself for TLS. Its
client certificate is not asked for, since gRPC's BoringSSL refuses go-plugin's; no other user of the machine
can connect instead, because the server listens on a socket in a private folder.
"""

import base64
import json
import os
import signal
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeAlias

import grpc
import trustme

from sandbox.azuread_plugin.install import SOURCE
from sandbox.azuread_plugin.messages import MESSAGES, Message
from sandbox.azuread_plugin.provider import CALLS, Provider

# Terraform's handshake (go-plugin's magic cookie): it guards against a start by hand and is no secret.
_COOKIE_KEY = "TF_PLUGIN_MAGIC_COOKIE"
_COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"

_CORE_PROTOCOL, _PLUGIN_PROTOCOL = 1, 5
_THREADS = 16
_PARENT_CHECK_SECONDS = 1.0
_GRACE_SECONDS = 0.1

_Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


def serve() -> None:
    """Serve the Terraform that started this process until it says so or is gone; this ends the process.

    Raises:
        SystemExit: something else started it.
    """
    if os.environ.get(_COOKIE_KEY) != _COOKIE_VALUE:
        sys.exit("This is the sandbox's stand-in for the azuread provider, a plugin that Terraform starts.")
    # Ctrl-C reaches the whole process group; Terraform decides what it means for its plugins.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    issued = trustme.CA().issue_cert("localhost")
    key, certificate = issued.private_key_pem.bytes(), issued.cert_chain_pems[0].bytes()
    encoded = base64.b64encode(ssl.PEM_cert_to_DER_cert(certificate.decode())).decode().rstrip("=")
    _run(
        lambda address: f"{_CORE_PROTOCOL}|{_PLUGIN_PROTOCOL}|unix|{address}|grpc|{encoded}",
        grpc.ssl_server_credentials([(key, certificate)]),
    )


def serve_many() -> None:
    """Serve every Terraform that reattaches, until somebody interrupts; this ends the process."""

    def announcement(address: str) -> str:
        plugin = {
            "Protocol": "grpc",
            "ProtocolVersion": _PLUGIN_PROTOCOL,
            "Pid": os.getpid(),
            # Terraform leaves a plugin in test mode running when it ends.
            "Test": True,
            "Addr": {"Network": "unix", "String": address},
        }
        return f"TF_REATTACH_PROVIDERS='{json.dumps({SOURCE: plugin})}'"

    _run(announcement, None)


def _run(announcement: Callable[[str], str], credentials: grpc.ServerCredentials | None) -> None:
    parent = os.getppid()
    ended = threading.Event()
    for number in (signal.SIGTERM, *([] if credentials else [signal.SIGINT])):
        signal.signal(number, lambda _signal, _frame: ended.set())
    with tempfile.TemporaryDirectory(prefix="azuread-", ignore_cleanup_errors=True) as folder:
        address = f"{folder}/plugin.sock"
        server = grpc.server(ThreadPoolExecutor(_THREADS), handlers=_handlers(ended))
        if credentials is None:
            server.add_insecure_port(f"unix:{address}")
        else:
            server.add_secure_port(f"unix:{address}", credentials)
        server.start()
        sys.stdout.write(announcement(address) + "\n")
        sys.stdout.flush()
        # A plugin whose parent was killed gets another parent.
        while not ended.wait(_PARENT_CHECK_SECONDS) and os.getppid() == parent:
            pass
        # The reply to the shutdown call goes out first.
        server.stop(_GRACE_SECONDS).wait()
    # Skips the end of the interpreter and its threads, which takes longer than all the rest.
    os._exit(0)


def _handlers(ended: threading.Event) -> list[grpc.GenericRpcHandler]:
    provider = Provider()

    def shut_down(_request: Message) -> Message:
        ended.set()
        return MESSAGES["Empty"]()

    services: dict[str, dict[str, _Handler]] = {
        "tfplugin5.Provider": {
            call: _handler(f"{messages}Request", partial(provider.answer, call))
            for call, (messages, _) in CALLS.items()
        },
        "plugin.GRPCController": {"Shutdown": _handler("Empty", shut_down)},
    }
    return [grpc.method_handlers_generic_handler(name, methods) for name, methods in services.items()]


def _handler(request: str, answer: Callable[[Message], Message]) -> _Handler:
    return grpc.unary_unary_rpc_method_handler(
        lambda message, _context: answer(message),
        request_deserializer=MESSAGES[request].FromString,
        response_serializer=lambda response: response.SerializeToString(),
    )
