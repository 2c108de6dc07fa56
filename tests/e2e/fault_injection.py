"""What people do behind a stack's back, each with its undoing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from operate.outputs import Outputs
from sandbox.entra.directory import MICROSOFT_GRAPH, Assignment
from sandbox.entra.users import ADA
from sandbox.local_clouds import APP_CLIENT
from tests.e2e.deployment import PROVIDER, Deployment, Json

Broken = Callable[[Deployment], AbstractContextManager[Outputs | None]]


# The registration and the enterprise application


def registration(**changes: object) -> Broken:
    """Change properties of the registration."""
    return lambda world: world.patched(f"/applications/{world.application.id}", **changes)


def enterprise_application(**changes: object) -> Broken:
    """Change properties of the enterprise application."""
    return lambda world: world.patched(f"/servicePrincipals/{world.service_principal.id}", **changes)


@contextmanager
def redirect_uri_in_capitals(world: Deployment) -> Iterator[None]:
    (uri,) = world.outputs.expected.redirect_uris
    changed = {"redirectUris": [uri.replace("/oauth2/idpresponse", "/OAuth2/IdpResponse")]}
    with world.patched(f"/applications/{world.application.id}", web=changed):
        yield


@contextmanager
def claim_removed(world: Deployment, name: str) -> Iterator[None]:
    claims = dict(world.application.body["optionalClaims"])
    claims["idToken"] = [claim for claim in claims["idToken"] if claim["name"] != name]
    with world.patched(f"/applications/{world.application.id}", optionalClaims=claims):
        yield


@contextmanager
def permission_removed(world: Deployment) -> Iterator[None]:
    email = world.outputs.expected.permissions["email"]
    (access,) = world.application.body["requiredResourceAccess"]
    kept = [permission for permission in access["resourceAccess"] if permission["id"] != email]
    changed = [{"resourceAppId": MICROSOFT_GRAPH, "resourceAccess": kept}]
    with world.patched(f"/applications/{world.application.id}", requiredResourceAccess=changed):
        yield


@contextmanager
def deleted(world: Deployment, path: str) -> Iterator[None]:
    ids = {"application": world.application.id, "service_principal": world.service_principal.id}
    with world.directory_restored(), world.graph() as graph:
        graph.delete(path.format(**ids))
        yield


@contextmanager
def consent(world: Deployment, scope: str | None) -> Iterator[None]:
    with world.directory_restored(), world.graph() as graph:
        (grant,) = graph.get(
            f"/servicePrincipals/{world.service_principal.id}/oauth2PermissionGrants"
        ).json()["value"]
        before = grant["scope"]
        if scope is None:
            graph.delete(f"/oauth2PermissionGrants/{grant['id']}")
            yield
        else:
            graph.patch(f"/oauth2PermissionGrants/{grant['id']}", json={"scope": scope})
            yield
            graph.patch(f"/oauth2PermissionGrants/{grant['id']}", json={"scope": before})


@contextmanager
def only_the_assigned(world: Deployment, *, deployed: bool) -> Iterator[Outputs | None]:
    """Only Ada may sign in: as deployed, or by somebody's own idea."""
    path = f"/servicePrincipals/{world.service_principal.id}"
    with world.directory_restored(), world.patched(path, appRoleAssignmentRequired=True):
        world.clouds.entra.directory.add(
            Assignment(
                app_role_id="00000000-0000-0000-0000-000000000000",
                principal_id=ADA.oid,
                principal_type="User",
                principal_name=ADA.display_name,
                resource_id=world.service_principal.id,
            )
        )
        expected = world.outputs.expected.model_copy(update={"assignment_required": deployed})
        yield world.outputs.model_copy(update={"expected": expected})


# The secret


@contextmanager
def secret_removed(world: Deployment) -> Iterator[None]:
    with world.directory_restored(), world.graph() as graph:
        (secret,) = world.application.secrets
        graph.post(f"/applications/{world.application.id}/removePassword", json={"keyId": secret.key_id})
        yield


def secret_ends(days: float) -> Broken:
    """Time passes until the secret has only so many days left."""

    @contextmanager
    def later(world: Deployment) -> Iterator[None]:
        with world.directory_restored():
            (secret,) = world.application.secrets
            secret.end = datetime.now(UTC) + timedelta(days=days)
            secret.end_text = secret.end.strftime("%Y-%m-%dT%H:%M:%SZ")
            yield

    return later


@contextmanager
def secret_id_for_its_value(world: Deployment) -> Iterator[None]:
    (secret,) = world.application.secrets
    with world.provider_with({"client_secret": secret.key_id}):
        yield


# The identity provider


def details(**changes: str) -> Broken:
    """Change provider details; `{origin}` and `{tenant}` stand for the tenant's."""

    def change(world: Deployment) -> AbstractContextManager[None]:
        expected = world.outputs.expected
        filled = {
            key: value.format(origin=expected.login_origin, tenant=expected.tenant_id)
            for key, value in changes.items()
        }
        return world.provider_with(filled)

    return change


def mapping(**changes: str | None) -> Broken:
    """Change the attribute mapping."""
    return lambda world: world.provider_with(mapping=changes)


@contextmanager
def provider_deleted(world: Deployment) -> Iterator[None]:
    name: Json = {"UserPoolId": world.outputs.user_pool_id, "ProviderName": PROVIDER}
    before = world.cognito.describe_identity_provider(**name)["IdentityProvider"]
    world.cognito.delete_identity_provider(**name)
    try:
        yield
    finally:
        world.cognito.create_identity_provider(
            **name,
            ProviderType=before["ProviderType"],
            ProviderDetails=before["ProviderDetails"],
            AttributeMapping=before["AttributeMapping"],
        )


# Pool, domain, app clients, users


def client(**changes: Any) -> Broken:
    """Change the app client `web`."""
    return lambda world: world.client_with(**changes)


@contextmanager
def not_writable(world: Deployment) -> Iterator[None]:
    writable = world.describe_client()["WriteAttributes"]
    kept = [name for name in writable if name != "custom:entra_oid"]
    with world.client_with(WriteAttributes=kept):
        yield


@contextmanager
def not_readable(world: Deployment) -> Iterator[None]:
    readable = world.describe_client()["ReadAttributes"]
    with world.client_with(ReadAttributes=[name for name in readable if name != "family_name"]):
        yield


@contextmanager
def domain_deleted(world: Deployment) -> Iterator[None]:
    name: Json = {"UserPoolId": world.outputs.user_pool_id, "Domain": world.outputs.domain.split(".")[0]}
    world.cognito.delete_user_pool_domain(**name)
    try:
        yield
    finally:
        world.cognito.create_user_pool_domain(**name)


@contextmanager
def client_deleted(world: Deployment) -> Iterator[Outputs]:
    with world.another_pool() as outputs:
        world.cognito.delete_user_pool_client(
            UserPoolId=outputs.user_pool_id, ClientId=outputs.client_ids[APP_CLIENT]
        )
        yield outputs


@contextmanager
def pool_deleted(world: Deployment) -> Iterator[Outputs]:
    with world.another_pool() as outputs:
        world.cognito.delete_user_pool_domain(
            UserPoolId=outputs.user_pool_id, Domain=outputs.domain.split(".")[0]
        )
        world.cognito.delete_user_pool(UserPoolId=outputs.user_pool_id)
        yield outputs


@contextmanager
def attribute_immutable(world: Deployment) -> Iterator[Outputs]:
    """A pool in which a mapped attribute cannot change: the first sign-in works, the second does not."""
    frozen = {"Name": "entra_oid", "AttributeDataType": "String", "Mutable": False}
    with world.another_pool(schema=[frozen]) as outputs:
        world.sign_in(outputs)
        yield outputs


@contextmanager
def attribute_not_in_the_pool(world: Deployment) -> Iterator[Outputs]:
    with world.another_pool(mapping={"custom:nickname": "name"}) as outputs:
        yield outputs


def email_required(mapped: str | None) -> Broken:
    """A pool that was made to require an e-mail address."""
    schema = [{"Name": "email", "AttributeDataType": "String", "Mutable": True, "Required": True}]
    return lambda world: world.another_pool(schema=schema, mapping={"email": mapped})


@contextmanager
def cognito_user_disabled(world: Deployment) -> Iterator[None]:
    arrival = world.sign_in(world.outputs)
    name: Json = {
        "UserPoolId": world.outputs.user_pool_id,
        "Username": str(arrival.claims["cognito:username"]),
    }
    world.cognito.admin_disable_user(**name)
    try:
        yield
    finally:
        world.cognito.admin_enable_user(**name)


@contextmanager
def nothing(_: Deployment) -> Iterator[None]:
    """The fault is the person."""
    yield
