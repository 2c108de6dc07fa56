"""What people do behind a stack's back, each with its undoing."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from operate.outputs import Outputs
from sandbox.entra.directory import MICROSOFT_GRAPH, Assignment
from sandbox.entra.users import ADA
from sandbox.local_clouds import APP_CLIENT
from tests.e2e.shared_deployment import PROVIDER, SharedDeployment

Undone = AbstractContextManager[Outputs | None]
Broken = Callable[[SharedDeployment], Undone]


# The registration and the enterprise application


def registration(deployment: SharedDeployment, **changes: object) -> Undone:
    return deployment.patched(f"/applications/{deployment.application.id}", **changes)


def enterprise_application(deployment: SharedDeployment, **changes: object) -> Undone:
    return deployment.patched(f"/servicePrincipals/{deployment.service_principal.id}", **changes)


@contextmanager
def redirect_uri_in_capitals(deployment: SharedDeployment) -> Iterator[None]:
    (uri,) = deployment.outputs.expected.redirect_uris
    changed = {"redirectUris": [uri.replace("/oauth2/idpresponse", "/OAuth2/IdpResponse")]}
    with registration(deployment, web=changed):
        yield


@contextmanager
def claim_removed(deployment: SharedDeployment, name: str) -> Iterator[None]:
    claims = dict(deployment.application.body["optionalClaims"])
    claims["idToken"] = [claim for claim in claims["idToken"] if claim["name"] != name]
    with registration(deployment, optionalClaims=claims):
        yield


@contextmanager
def permission_removed(deployment: SharedDeployment) -> Iterator[None]:
    email = deployment.outputs.expected.permissions["email"]
    (access,) = deployment.application.body["requiredResourceAccess"]
    kept = [permission for permission in access["resourceAccess"] if permission["id"] != email]
    changed = [{"resourceAppId": MICROSOFT_GRAPH, "resourceAccess": kept}]
    with registration(deployment, requiredResourceAccess=changed):
        yield


@contextmanager
def deleted(deployment: SharedDeployment, path: str) -> Iterator[None]:
    ids = {"application": deployment.application.id, "service_principal": deployment.service_principal.id}
    with deployment.directory_restored(), deployment.graph() as graph:
        graph.delete(path.format(**ids))
        yield


@contextmanager
def consent(deployment: SharedDeployment, scope: str) -> Iterator[None]:
    with deployment.directory_restored(), deployment.graph() as graph:
        (grant,) = graph.get(
            f"/servicePrincipals/{deployment.service_principal.id}/oauth2PermissionGrants"
        ).json()["value"]
        before = grant["scope"]
        if not scope:
            graph.delete(f"/oauth2PermissionGrants/{grant['id']}")
            yield
        else:
            graph.patch(f"/oauth2PermissionGrants/{grant['id']}", json={"scope": scope})
            yield
            graph.patch(f"/oauth2PermissionGrants/{grant['id']}", json={"scope": before})


@contextmanager
def only_the_assigned(deployment: SharedDeployment, *, deployed: bool) -> Iterator[Outputs | None]:
    """Only Ada may sign in: as deployed, or by somebody's own idea."""
    required = enterprise_application(deployment, appRoleAssignmentRequired=True)
    with deployment.directory_restored(), required:
        deployment.clouds.entra.directory.add(
            Assignment(
                app_role_id="00000000-0000-0000-0000-000000000000",
                principal_id=ADA.oid,
                principal_type="User",
                principal_name=ADA.display_name,
                resource_id=deployment.service_principal.id,
            )
        )
        expected = deployment.outputs.expected.model_copy(update={"assignment_required": deployed})
        yield deployment.outputs.model_copy(update={"expected": expected})


# The secret


@contextmanager
def secret_removed(deployment: SharedDeployment) -> Iterator[None]:
    with deployment.directory_restored(), deployment.graph() as graph:
        (secret,) = deployment.application.secrets
        graph.post(f"/applications/{deployment.application.id}/removePassword", json={"keyId": secret.key_id})
        yield


@contextmanager
def secret_ends(deployment: SharedDeployment, days: float) -> Iterator[None]:
    """Time passes until the secret has only so many days left."""
    with deployment.directory_restored():
        (secret,) = deployment.application.secrets
        secret.end = datetime.now(UTC) + timedelta(days=days)
        secret.end_text = secret.end.strftime("%Y-%m-%dT%H:%M:%SZ")
        yield


@contextmanager
def secret_id_for_its_value(deployment: SharedDeployment) -> Iterator[None]:
    (secret,) = deployment.application.secrets
    with deployment.provider_with({"client_secret": secret.key_id}):
        yield


# The identity provider


def details(deployment: SharedDeployment, **changes: str) -> Undone:
    """Change provider details; `{origin}` and `{tenant}` stand for the tenant's."""
    expected = deployment.outputs.expected
    known = {"origin": expected.login_origin, "tenant": expected.tenant_id}
    return deployment.provider_with({key: value.format(**known) for key, value in changes.items()})


def mapping(deployment: SharedDeployment, **changes: str) -> Undone:
    return deployment.provider_with(mapping=dict(changes))


@contextmanager
def provider_deleted(deployment: SharedDeployment) -> Iterator[None]:
    name: dict[str, Any] = {"UserPoolId": deployment.outputs.user_pool_id, "ProviderName": PROVIDER}
    before = deployment.cognito.describe_identity_provider(**name)["IdentityProvider"]
    deployment.cognito.delete_identity_provider(**name)
    try:
        yield
    finally:
        deployment.cognito.create_identity_provider(
            **name,
            ProviderType=before["ProviderType"],
            ProviderDetails=before["ProviderDetails"],
            AttributeMapping=before["AttributeMapping"],
        )


# Pool, domain, app clients, users


def client(deployment: SharedDeployment, **changes: Any) -> Undone:
    return deployment.client_with(**changes)


@contextmanager
def not_writable(deployment: SharedDeployment) -> Iterator[None]:
    writable = deployment.describe_client()["WriteAttributes"]
    kept = [name for name in writable if name != "custom:entra_oid"]
    with deployment.client_with(WriteAttributes=kept):
        yield


@contextmanager
def not_readable(deployment: SharedDeployment) -> Iterator[None]:
    readable = deployment.describe_client()["ReadAttributes"]
    with deployment.client_with(ReadAttributes=[name for name in readable if name != "family_name"]):
        yield


@contextmanager
def domain_deleted(deployment: SharedDeployment) -> Iterator[None]:
    name: dict[str, Any] = {
        "UserPoolId": deployment.outputs.user_pool_id,
        "Domain": deployment.outputs.domain.split(".")[0],
    }
    deployment.cognito.delete_user_pool_domain(**name)
    try:
        yield
    finally:
        deployment.cognito.create_user_pool_domain(**name)


@contextmanager
def domain_of_another_pool(deployment: SharedDeployment) -> Iterator[None]:
    """Another pool has the sign-in domain: with neither the provider nor the app client."""
    prefix = deployment.outputs.domain.split(".")[0]
    other = deployment.cognito.create_user_pool(PoolName="other")["UserPool"]["Id"]
    own: dict[str, Any] = {"UserPoolId": deployment.outputs.user_pool_id, "Domain": prefix}
    deployment.cognito.delete_user_pool_domain(**own)
    deployment.cognito.create_user_pool_domain(UserPoolId=other, Domain=prefix)
    try:
        yield
    finally:
        deployment.cognito.delete_user_pool_domain(UserPoolId=other, Domain=prefix)
        deployment.cognito.delete_user_pool(UserPoolId=other)
        deployment.cognito.create_user_pool_domain(**own)


@contextmanager
def client_deleted(deployment: SharedDeployment) -> Iterator[Outputs]:
    with deployment.another_pool() as outputs:
        deployment.cognito.delete_user_pool_client(
            UserPoolId=outputs.user_pool_id, ClientId=outputs.client_ids[APP_CLIENT]
        )
        yield outputs


@contextmanager
def pool_deleted(deployment: SharedDeployment) -> Iterator[Outputs]:
    with deployment.another_pool() as outputs:
        deployment.cognito.delete_user_pool_domain(
            UserPoolId=outputs.user_pool_id, Domain=outputs.domain.split(".")[0]
        )
        deployment.cognito.delete_user_pool(UserPoolId=outputs.user_pool_id)
        yield outputs


@contextmanager
def attribute_immutable(deployment: SharedDeployment) -> Iterator[Outputs]:
    """A pool in which a mapped attribute cannot change: the first sign-in works, the second does not."""
    frozen = {"Name": "entra_oid", "AttributeDataType": "String", "Mutable": False}
    with deployment.another_pool(schema=[frozen]) as outputs:
        deployment.sign_in_to(outputs)
        yield outputs


@contextmanager
def attribute_not_in_the_pool(deployment: SharedDeployment) -> Iterator[Outputs]:
    with deployment.another_pool(mapping={"custom:nickname": "name"}) as outputs:
        yield outputs


def email_required(deployment: SharedDeployment, mapped: str) -> Undone:
    """A pool that was made to require an e-mail address."""
    schema = [{"Name": "email", "AttributeDataType": "String", "Mutable": True, "Required": True}]
    return deployment.another_pool(schema=schema, mapping={"email": mapped})


@contextmanager
def cognito_user_disabled(deployment: SharedDeployment) -> Iterator[None]:
    result = deployment.sign_in_to(deployment.outputs)
    name: dict[str, Any] = {
        "UserPoolId": deployment.outputs.user_pool_id,
        "Username": str(result.claims["cognito:username"]),
    }
    deployment.cognito.admin_disable_user(**name)
    try:
        yield
    finally:
        deployment.cognito.admin_enable_user(**name)


@contextmanager
def nothing(_: SharedDeployment) -> Iterator[None]:
    """The fault is the person."""
    yield
