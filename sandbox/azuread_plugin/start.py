"""The first steps of the plugin process, before anything slow is loaded.

Terraform starts a plugin up to five times per command, so this matters: the certificate is made by a child
process while this one loads gRPC.
"""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# Terraform's handshake (go-plugin's magic cookie): it guards against a start by hand and is no secret.
COOKIE_KEY = "TF_PLUGIN_MAGIC_COOKIE"
COOKIE_VALUE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"


def require_terraform() -> None:
    """End the process with a sentence unless Terraform started it.

    Raises:
        SystemExit: somebody else started it.
    """
    if os.environ.get(COOKIE_KEY) != COOKIE_VALUE:
        sys.stderr.write(
            "This is the sandbox's stand-in of the azuread provider, a plugin that Terraform starts.\n"
        )
        raise SystemExit(1)


def begin_certificate() -> Callable[[], bytes]:
    """Start making a key and a certificate for this one process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(_key_and_certificate())
        finally:
            os._exit(0)
    os.close(writing)

    def finish() -> bytes:
        with os.fdopen(reading, "rb") as pipe:
            made = pipe.read()
        os.waitpid(child, 0)
        if not made:
            raise RuntimeError("The certificate of the azuread provider could not be made.")
        return made

    return finish


def _key_and_certificate() -> bytes:
    from cryptography import x509  # noqa: PLC0415 - slow to load, and for the child only
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now, day = datetime.now(UTC), timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    return key.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ) + certificate.public_bytes(encoding)
