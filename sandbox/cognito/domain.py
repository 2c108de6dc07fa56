"""What the endpoints of the sign-in domain work with."""

from dataclasses import dataclass, field

import httpx

from sandbox.cognito.identity_provider import http_client
from sandbox.cognito.sessions import Memory
from sandbox.cognito.user_pools import UserPools


@dataclass(frozen=True)
class Domain:
    """The sign-in domain of all user pools; `http` calls their identity providers."""

    origin: str
    pools: UserPools = field(default_factory=UserPools)
    memory: Memory = field(default_factory=Memory)
    http: httpx.Client = field(default_factory=http_client)
