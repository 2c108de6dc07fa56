"""The code of docs/apps.md, on the local clouds.

It is meant for AWS and names AWS's hosts; whatever runs it here sends those requests to the local Cognito.
"""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from operate.app import Values, values_of
from sandbox.project import CHECKOUT
from sandbox.sign_in import browser
from stacks.tools import with_node
from tests.e2e.deployment import with_edits
from tests.e2e.shared_deployment import SharedDeployment

PAGE = CHECKOUT / "docs" / "apps.md"
NODE_MODULES = CHECKOUT / "node_modules"


def code_of(file: str) -> str:
    """A block of code in the document, by the name of the file that stands before it."""
    block = rf"<!-- {re.escape(file)} -->\n```\w+\n(.*?)^```$"
    found = re.search(block, PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert found, file
    return found[1]


@dataclass(frozen=True)
class AppUnderTest:
    """An app client, and where AWS's addresses are on this machine."""

    deployment: SharedDeployment
    key: str

    @property
    def values(self) -> Values:
        """What `pipenv run app` prints."""
        return values_of(self.deployment.outputs, self.key)

    def variables(self) -> dict[str, str]:
        """The same as variables, and the client's secret."""
        client = self.deployment.describe_client(self.key)
        texts = {name: text for name, text in self.values.items() if isinstance(text, str)}
        return {f"COGNITO_{name.upper()}": text for name, text in texts.items()} | {
            "COGNITO_CLIENT_SECRET": client.get("ClientSecret", "")
        }

    @property
    def places(self) -> dict[str, str]:
        """The origin on this machine of each of AWS's."""
        aws, region = self.deployment.clouds.aws, self.deployment.outputs.expected.region
        return {
            f"https://cognito-idp.{region}.amazonaws.com": aws.url,
            self.deployment.outputs.domain_url: aws.domain_url,
        }

    def local(self, url: str) -> str:
        """An address of AWS's, on this machine."""
        for origin, here in self.places.items():
            url = url.replace(origin, here, 1) if url.startswith(f"{origin}/") else url
        return url

    def as_on_aws(self, document: str) -> str:
        """The discovery document with AWS's addresses in it."""
        here = self.deployment.clouds.aws.domain_url
        return document.replace(here, self.deployment.outputs.domain_url)

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """A browser without JavaScript, for which the sign-in domain is on this machine."""

        def come_back_here(response: httpx.Response) -> None:
            if "location" in response.headers:
                response.headers["location"] = self.local(response.headers["location"])

        with browser() as client:
            client.event_hooks["response"].append(come_back_here)
            yield client


class NodeModule:
    """A module of the document in a Node.js process, whose functions can be called.

    With a port, it handles the requests to that instead.
    """

    def __init__(
        self,
        app: AppUnderTest,
        file: str,
        folder: Path,
        *,
        port: int | None = None,
        edits: Mapping[str, str] | None = None,
    ) -> None:
        here = Path(__file__).parent
        (folder / file).write_text(with_edits(code_of(file), edits or {}))
        if not (folder / "node_modules").exists():
            (folder / "node_modules").symlink_to(NODE_MODULES)
        variables = app.variables() | {"PLACES": json.dumps(app.places), "AUTH_SECRET": "of the tests"}
        driver = ["call.mjs"] if port is None else ["serve.mjs", str(port)]
        self._process = subprocess.Popen(
            [
                *("node", "--import", str(here / "on_local_clouds.mjs")),
                *(str(here / driver[0]), str(folder / file), *driver[1:]),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=with_node({"PATH": os.environ["PATH"]}) | variables,
        )

        if port is not None:
            assert self._process.stdout
            assert self._process.stdout.readline() == "ready\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate()

    def call(self, function: str, *arguments: object) -> Any:
        """What a function returns.

        Raises:
            RuntimeError: it threw.
        """
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps([function, arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("result")
