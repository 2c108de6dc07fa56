"""What Lambda gets of groups_in_tokens.py. Without CDKTF, since `operate/` compares the function with it."""

import base64
import hashlib
import io
import zipfile
from pathlib import Path

from stacks.cognito import groups_in_tokens

CODE = Path(groups_in_tokens.__file__)


def archive() -> bytes:
    """The deployment package: the same bytes on every machine, or every machine would deploy it anew."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as package:
        member = zipfile.ZipInfo(CODE.name)
        member.external_attr = 0o644 << 16
        member.create_system = 3  # Unix, wherever it is made
        package.writestr(member, CODE.read_bytes())
    return buffer.getvalue()


def code_hash() -> str:
    """The package's hash as Lambda tells it (API reference, FunctionConfiguration, CodeSha256)."""
    return base64.b64encode(hashlib.sha256(archive()).digest()).decode()
