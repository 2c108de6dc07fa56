"""People who sign in one after the other, several a second, for as long as something else happens."""

import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Self

import httpx

from sandbox.entra.users import ADA, NOOR, PASSWORD, UDO, Person
from sandbox.errors import SandboxError
from sandbox.sign_in import sign_in

PEOPLE = (ADA, NOOR, UDO)
# Between two sign-ins of one person: enough for the deploy to get on beside them on a small machine.
PAUSE_SECONDS = 0.25


@dataclass
class Traffic(AbstractContextManager["Traffic"]):
    """Sign-ins from entering to leaving.

    Attributes:
        url: the sign-in URL on this machine.
        arrived: when each sign-in that succeeded had arrived at the app.
        failed: what the person read instead, for each that did not.
    """

    url: str
    arrived: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)
    _began: float = 0.0
    _ended: float = 0.0

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        self._threads = [threading.Thread(target=self._come, args=(person,)) for person in PEOPLE]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._ended = time.monotonic()

    def _come(self, person: Person) -> None:
        while not self._over.is_set():
            try:
                arrival = sign_in(self.url, person.principal_name, PASSWORD)
            except (SandboxError, httpx.HTTPError) as error:
                self.failed.append(f"{person.display_name}: {error!r}")
            else:
                if arrival.claims.get("custom:entra_oid") == person.oid:
                    self.arrived.append(time.monotonic())
                else:
                    self.failed.append(f"{person.display_name}: {arrival.url} {arrival.text}")
            self._over.wait(PAUSE_SECONDS)

    @property
    def seconds(self) -> float:
        """For how long people signed in."""
        return self._ended - self._began

    @property
    def longest_gap(self) -> float:
        """The longest time in which nobody arrived."""
        moments = sorted([self._began, *self.arrived, self._ended])
        return max(later - earlier for earlier, later in pairwise(moments))

    def __str__(self) -> str:
        return (
            f"{len(self.arrived)} sign-ins in {self.seconds:.0f} s ({len(self.arrived) / self.seconds:.1f} a"
            f" second), {len(self.failed)} failed, the longest time without one {self.longest_gap:.1f} s"
        )
