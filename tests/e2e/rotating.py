"""A deployed stack whose secret is rotated while people sign in, and what each side has of the secret."""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise

import httpx

from sandbox.entra.directory import Secret
from sandbox.entra.users import ADA, NOOR, PASSWORD, UDO, Person
from sandbox.errors import SandboxError
from sandbox.local_clouds import APP_CLIENT
from sandbox.project import STACK
from sandbox.sign_in import sign_in
from tests.e2e.deployment import Deployment
from tests.e2e.interruptions import WatchedCalls, watched_project

DISPLAY_NAME = f"{STACK} sign-in"
PEOPLE = (ADA, NOOR, UDO)
# Between two sign-ins of one person: so that the deploy gets on beside them on a small machine.
PAUSE_SECONDS = 0.5
# Far below what even a busy machine does; above what a test would count that measured nothing.
FEWEST_A_SECOND = 0.3


@dataclass
class Rotating(Deployment):
    """A deployed stack whose calls pass by on their way to the clouds.

    Attributes:
        without_secret: its settings, without the table `[entra.secret]`.
        calls: the calls that have passed by.
        values: the secrets that Cognito has had, the newest last.
    """

    without_secret: str
    calls: WatchedCalls
    values: list[str] = field(default_factory=list)

    def set(self, **secret: object) -> None:
        """Write the table `[entra.secret]`."""
        lines = [f"{name} = {str(value).lower()}" for name, value in secret.items()]
        self.settings = "\n".join([self.without_secret, "[entra.secret]", *lines, ""])

    def rotate(self) -> None:
        """Deploy, and keep what is printed."""
        self.printed.append(self.deploy().text)

    def names(self) -> list[str]:
        """The names of the secrets that the registration has."""
        return sorted(str(secret.display_name) for secret in self.application.secrets)

    def unknown(self) -> list[Secret]:
        """The secrets of the registration that the stack does not know, by the output `client_secrets`."""
        known = {secret["key_id"] for secret in self.output("client_secrets").values()}
        return [secret for secret in self.application.secrets if secret.key_id not in known]

    def in_cognito(self) -> str:
        """The secret that Cognito presents."""
        (pool,) = self.cognito.list_user_pools(MaxResults=60)["UserPools"]
        provider = self.cognito.describe_identity_provider(UserPoolId=pool["Id"], ProviderName="entra")
        return provider["IdentityProvider"]["ProviderDetails"]["client_secret"]

    @contextmanager
    def unnoticed(self, what: str) -> Iterator[None]:
        """Have people sign in for as long as something happens, and see that every sign-in succeeds."""
        load = SignInLoad(self.clouds.local_url(self.output("sign_in_urls")[APP_CLIENT]))
        with load.running():
            yield
        sys.stdout.write(f"\n{what}: {load}\n")
        assert load.failed == []
        assert len(load.succeeded) > FEWEST_A_SECOND * load.seconds


@contextmanager
def rotating(*, stand_in: bool = True, bucket: str | None = None) -> Iterator[Rotating]:
    """A stack with its first secret, its state in a file or in a bucket."""
    with watched_project(stand_in=stand_in) as (clouds, project, calls):
        settings = project.settings()
        if bucket is not None:
            clouds.aws.s3(clouds.region).create_bucket(Bucket=bucket)
            settings += f'\n[state]\nbucket = "{bucket}"\n'
        deployed = Rotating(clouds, project, settings, calls)
        deployed.set(generation=1)
        deployed.rotate()
        deployed.values.append(deployed.in_cognito())
        calls.passed.clear()
        yield deployed


@dataclass
class SignInLoad:
    """People who sign in one after the other, several a second.

    Attributes:
        url: the sign-in URL on this machine.
        succeeded: when each sign-in that succeeded had reached the app.
        failed: what the person read instead, for each that did not.
    """

    url: str
    succeeded: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _began: float = 0.0
    _ended: float = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Sign-ins from begin to end of the block."""
        self._began = time.monotonic()
        threads = [threading.Thread(target=self._sign_in_repeatedly, args=(person,)) for person in PEOPLE]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()
            self._ended = time.monotonic()

    def _sign_in_repeatedly(self, person: Person) -> None:
        while not self._over.is_set():
            try:
                result = sign_in(self.url, person.principal_name, PASSWORD)
            except (SandboxError, httpx.HTTPError) as error:
                self.failed.append(f"{person.display_name}: {error!r}")
            else:
                if result.claims.get("custom:entra_oid") == person.oid:
                    self.succeeded.append(time.monotonic())
                else:
                    self.failed.append(f"{person.display_name}: {result.url} {result.text}")
            self._over.wait(PAUSE_SECONDS)

    @property
    def seconds(self) -> float:
        """For how long people signed in."""
        return self._ended - self._began

    @property
    def longest_gap(self) -> float:
        """The longest time in which nobody reached the app."""
        moments = sorted([self._began, *self.succeeded, self._ended])
        return max(later - earlier for earlier, later in pairwise(moments))

    def __str__(self) -> str:
        rate = len(self.succeeded) / self.seconds
        return (
            f"{len(self.succeeded)} sign-ins in {self.seconds:.0f} s ({rate:.1f} a second), "
            f"{len(self.failed)} failed, the longest time without one {self.longest_gap:.1f} s"
        )
