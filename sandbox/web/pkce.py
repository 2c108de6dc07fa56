"""Proof Key for Code Exchange (RFC 7636), and the digests that OAuth 2.0 and OpenID Connect write alike."""

import hashlib
import hmac

from joserfc.util import urlsafe_b64encode


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return urlsafe_b64encode(data).decode()


def s256(verifier: str) -> str:
    """The code challenge of a verifier (RFC 7636, section 4.2)."""
    return base64url(hashlib.sha256(verifier.encode()).digest())


def proves(verifier: str, challenge: str, method: str = "S256") -> bool:
    """Whether a verifier is the one that a challenge was made of (RFC 7636, section 4.6)."""
    made = s256(verifier) if method == "S256" else verifier
    return hmac.compare_digest(made.encode(), challenge.encode())
