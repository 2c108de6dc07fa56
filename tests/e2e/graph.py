"""Microsoft Graph, as an administrator with other tools than this project would call it."""

import httpx

from sandbox.entra import LocalEntra
from stacks import clouds


def administrator(entra: LocalEntra) -> httpx.Client:
    """A client with the deployer's rights; whatever Graph refuses is an error."""
    variables, authority = entra.environment(), entra.authority
    token = httpx.post(
        clouds.custom(authority).token_url(variables["ARM_TENANT_ID"]),
        data={
            "grant_type": "client_credentials",
            "client_id": variables["ARM_CLIENT_ID"],
            "client_secret": variables["ARM_CLIENT_SECRET"],
            "scope": f"{authority}/.default",
        },
    ).json()["access_token"]
    return httpx.Client(
        base_url=f"{authority}/v1.0",
        headers={"Authorization": f"Bearer {token}"},
        event_hooks={"response": [_succeeded]},
    )


def _succeeded(response: httpx.Response) -> None:
    response.read()
    assert response.is_success, f"{response.request.method} {response.request.url}: {response.text}"
