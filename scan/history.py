"""Look for secrets in every file that any commit of this repository has, and in new ones.

detect-secrets finds them by their form. Its guesses by entropy and by names (`password = …`) are left out: on
2026-11-29 they were 81, every one a setting's name or a test's sample.
"""

import io
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

PLUGINS = [
    {"name": name}
    for name in (
        "AWSKeyDetector",
        "AzureStorageKeyDetector",
        "BasicAuthDetector",
        "GitHubTokenDetector",
        "GitLabTokenDetector",
        "JwtTokenDetector",
        "NpmDetector",
        "PrivateKeyDetector",
        "PypiTokenDetector",
        "SlackDetector",
    )
] + [
    {"name": name, "path": Path(__file__).with_name("secret_forms.py").as_uri()}
    for name in ("EntraClientSecret", "CognitoClientSecret")
]
# Values that tests refuse or documents show.
SAMPLES = {
    "AKIAIOSFODNN7EXAMPLE",  # AWS documentation's own access key
    "aBc8Q~dEfGhIjKlMnOpQrStUvWxYz0123456_-ab",  # the alphabet in the form of an Entra client secret
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJl",  # a token that says "signature"
    "secret",  # of the refused https://user:secret@…
}


def blobs() -> Iterator[tuple[str, bytes]]:
    """Name and content of every file that any commit has."""
    listed = git("rev-list", "--objects", "--all").decode().splitlines()
    names = dict(line.split(" ", 1) for line in listed if " " in line)
    stream = io.BytesIO(git("cat-file", "--batch", given="\n".join(names)))
    while header := stream.readline():
        object_id, kind, size = header.decode().split()
        content = stream.read(int(size) + 1)
        if kind == "blob":
            yield names[object_id], content


def git(*arguments: str, given: str = "") -> bytes:
    """What a git command prints."""
    return subprocess.run(["git", *arguments], input=given.encode(), check=True, capture_output=True).stdout


def main() -> int:
    """Report where each secret is or was; exit with 1 if there is one."""
    here = git("ls-files", "--others", "--exclude-standard").decode().splitlines()
    files = [*blobs(), *((name, Path(name).read_bytes()) for name in here)]
    found = set()
    with tempfile.TemporaryDirectory() as private, transient_settings({"plugins_used": PLUGINS}):
        for name, content in files:
            file = Path(private, "file")
            file.write_bytes(content)
            found |= {
                f"{name}: {one.type}, line {one.line_number}"
                for one in scan_file(str(file))
                if one.secret_value not in SAMPLES
            }
    for one in sorted(found):
        print(one)
    print(f"Secrets: {len(found)}, looked for in {len(files)} versions of files.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
