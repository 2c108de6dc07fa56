"""The client's side of Cognito's password protocol (RFC 2945; the constants are those of AWS's own SDKs)."""

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

N_HEX = (
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF"
)
N, G = int(N_HEX, 16), 2


def _padded(number: int) -> bytes:
    digits = f"{number:x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return bytes.fromhex("00" + digits if digits[0] in "89abcdef" else digits)


def _hash(*parts: bytes) -> int:
    return int.from_bytes(hashlib.sha256(b"".join(parts)).digest(), "big")


class Srp:
    """One sign-in: `a` goes with InitiateAuth, `proof` with the answer to PASSWORD_VERIFIER."""

    def __init__(self, pool_id: str, password: str) -> None:
        self._pool_name, self._password = pool_id.partition("_")[2], password
        self._secret = secrets.randbelow(N)
        self._public = pow(G, self._secret, N)
        self.a = f"{self._public:x}"

    def proof(self, challenge: dict[str, str]) -> dict[str, str]:
        user, b = challenge["USER_ID_FOR_SRP"], int(challenge["SRP_B"], 16)
        k, u = _hash(_padded(N), _padded(G)), _hash(_padded(self._public), _padded(b))
        identity = hashlib.sha256(f"{self._pool_name}{user}:{self._password}".encode()).digest()
        x = _hash(_padded(int(challenge["SALT"], 16)), identity)
        s = pow(b - k * pow(G, x, N), self._secret + u * x, N)
        prk = hmac.digest(_padded(u), _padded(s), "sha256")
        key = hmac.digest(prk, b"Caldera Derived Key\x01", "sha256")[:16]
        now = datetime.now(UTC)
        timestamp = f"{now:%a %b} {now.day} {now:%H:%M:%S UTC %Y}"
        block = base64.b64decode(challenge["SECRET_BLOCK"])
        message = f"{self._pool_name}{user}".encode() + block + timestamp.encode()
        return {
            "USERNAME": user,
            "PASSWORD_CLAIM_SECRET_BLOCK": challenge["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": base64.b64encode(hmac.digest(key, message, "sha256")).decode(),
            "TIMESTAMP": timestamp,
        }
