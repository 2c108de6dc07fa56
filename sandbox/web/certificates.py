"""A throwaway certificate authority for HTTPS on loopback."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from sandbox.web.loopback import HOST

CERTIFICATE_DAYS = 30

# Where Linux distributions and macOS keep the public roots, for a Python built without a default.
SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)


def make_certificate(ca_file: Path, key_file: Path) -> None:
    """Write a server's key and certificate, and the roots that a client must trust.

    `SSL_CERT_FILE` takes the place of the system's roots, so these go into `ca_file` first.
    """
    authority = trustme.CA()
    expires = datetime.now(UTC) + timedelta(days=CERTIFICATE_DAYS)
    server = authority.issue_cert("localhost", HOST, not_after=expires.replace(tzinfo=None))
    ca_file.write_bytes(_system_roots() + authority.cert_pem.bytes())
    key_file.touch(mode=0o600)
    key_file.write_bytes(server.private_key_and_cert_chain_pem.bytes())


def _system_roots() -> bytes:
    for path in (ssl.get_default_verify_paths().cafile, *SYSTEM_BUNDLES):
        if path and Path(path).is_file():
            return Path(path).read_bytes().rstrip() + b"\n"
    return b""
