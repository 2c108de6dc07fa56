"""The sandbox's stack, deployed once for many tests, and manual changes to it that are undone again."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from operate.outputs import Outputs
from sandbox.entra.users import ADA, Person
from sandbox.local_clouds import APP_CLIENT
from sandbox.sign_in import SignInResult
from stacks import clouds
from tests.e2e.deployment import Deployment, Json, free_port, local_clouds

PROVIDER = "entra"

# What DescribeUserPoolClient says and UpdateUserPoolClient does not take.
READ_ONLY = ("ClientSecret", "CreationDate", "LastModifiedDate")
# What DescribeUserPoolClient says of a client and CreateUserPoolClient of another must not be told.
IDENTITY = ("ClientId", "UserPoolId", *READ_ONLY)

SPA_CALLBACK = "http://localhost:5173"


@dataclass
class SharedDeployment(Deployment):
    """A deployed stack with its outputs; a test that changes it changes it back."""

    outputs: Outputs

    # What people and the check see

    def sign_in_url(self, outputs: Outputs) -> str:
        """Where people sign in to the app client `web`."""
        client = outputs.expected.clients[APP_CLIENT]
        return clouds.sign_in_url(
            outputs.domain, outputs.client_ids[APP_CLIENT], client.callback_urls[0], client.scopes
        )

    def sign_in_to(self, outputs: Outputs, person: Person = ADA, more: str = "") -> SignInResult:
        """Sign a person in to the app client `web`, of this pool or another, with more parameters."""
        url = self.sign_in_url(outputs)
        if more:
            url = url.replace("/login?", "/oauth2/authorize?") + more
        local_url = url.replace(f"https://{outputs.domain}", self.clouds.aws.domain_url)
        return self.sign_in(local_url, person)

    def findings(self, outputs: Outputs) -> list[tuple[str, str]]:
        """The ids and places of what `verify` finds."""
        report = self.report(outputs)
        assert report.complete, [check for check in report.checks if check.not_checked]
        return [(finding.id, finding.where) for finding in report.findings]

    def forget_everybody(self) -> None:
        """Delete the pool's users: a claim that stays away now does not delete what an earlier one wrote."""
        pool_id = self.outputs.user_pool_id
        for user in self.cognito.list_users(UserPoolId=pool_id)["Users"]:
            self.cognito.admin_delete_user(UserPoolId=pool_id, Username=user["Username"])

    # Entra ID

    @contextmanager
    def patched(self, path: str, **changes: object) -> Iterator[None]:
        """Change properties of an object by Graph, and change them back."""
        with self.graph() as graph:
            before = graph.get(path).json()
            graph.patch(path, json=changes)
            try:
                yield
            finally:
                graph.patch(path, json={name: before[name] for name in changes})

    @contextmanager
    def directory_restored(self) -> Iterator[None]:
        """Whatever is done to the tenant is undone afterwards, objects that were deleted included."""
        directory = self.clouds.entra.directory
        before = {
            name: dict(getattr(directory, name))
            for name in ("applications", "service_principals", "grants", "assignments")
        }
        secrets = [(secret, deepcopy(secret)) for secret in self.application.secrets]
        application = self.application
        try:
            yield
        finally:
            for name, members in before.items():
                kept = getattr(directory, name)
                kept.clear()
                kept.update(members)
            for secret, copy in secrets:
                secret.end, secret.end_text = copy.end, copy.end_text
            application.secrets[:] = [secret for secret, _ in secrets]

    # Cognito

    @contextmanager
    def provider_with(
        self,
        details: dict[str, str] | None = None,
        mapping: dict[str, str | None] | None = None,
    ) -> Iterator[None]:
        """Change the identity provider, and change it back.

        Args:
            mapping: attributes to map to another claim; None removes one.
        """
        name: Json = {"UserPoolId": self.outputs.user_pool_id, "ProviderName": PROVIDER}
        before = self.cognito.describe_identity_provider(**name)["IdentityProvider"]
        mapped = {**before["AttributeMapping"], **(mapping or {})}
        self.cognito.update_identity_provider(
            **name,
            ProviderDetails={**before["ProviderDetails"], **(details or {})},
            AttributeMapping={key: claim for key, claim in mapped.items() if claim},
        )
        try:
            yield
        finally:
            self.cognito.update_identity_provider(
                **name,
                ProviderDetails=before["ProviderDetails"],
                AttributeMapping=before["AttributeMapping"],
            )

    def describe_client(self, key: str = APP_CLIENT) -> Json:
        """An app client as it is."""
        described = self.cognito.describe_user_pool_client(
            UserPoolId=self.outputs.user_pool_id, ClientId=self.outputs.client_ids[key]
        )
        return dict(described["UserPoolClient"])

    @contextmanager
    def client_with(self, key: str = APP_CLIENT, **changes: object) -> Iterator[None]:
        """Change an app client, and change it back."""
        described = self.describe_client(key)
        before = {name: value for name, value in described.items() if value and name not in READ_ONLY}
        self.cognito.update_user_pool_client(**before | changes)
        try:
            yield
        finally:
            self.cognito.update_user_pool_client(**before)

    @contextmanager
    def another_pool(
        self, *, schema: list[Json] | None = None, mapping: dict[str, str | None] | None = None
    ) -> Iterator[Outputs]:
        """A second pool for the same registration: what is fixed in the deployed one can differ in it.

        Args:
            mapping: attributes that are mapped otherwise than in the deployed pool; None leaves one out.
        """
        own = {attribute["Name"] for attribute in schema or []}
        custom: list[Any] = [
            {"Name": name.removeprefix("custom:"), "AttributeDataType": "String", "Mutable": True}
            for name in self.outputs.expected.attribute_mapping
            if name.startswith("custom:") and name.removeprefix("custom:") not in own
        ]
        prefix = "another-signin"
        host = clouds.cognito_domain_host(prefix, self.outputs.expected.region)
        uri = clouds.redirect_uri(host)
        attributes: list[Any] = [*custom, *(schema or [])]
        pool = self.cognito.create_user_pool(
            PoolName=prefix, Schema=attributes, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}
        )["UserPool"]
        mapped = {**self.outputs.expected.attribute_mapping, **(mapping or {})}
        with ExitStack() as undo:
            undo.callback(self._delete_pool, pool["Id"], prefix)
            self.cognito.create_user_pool_domain(Domain=prefix, UserPoolId=pool["Id"])
            provider = self.cognito.describe_identity_provider(
                UserPoolId=self.outputs.user_pool_id, ProviderName=PROVIDER
            )["IdentityProvider"]
            self.cognito.create_identity_provider(
                UserPoolId=pool["Id"],
                ProviderName=PROVIDER,
                ProviderType="OIDC",
                ProviderDetails=provider["ProviderDetails"],
                AttributeMapping={key: claim for key, claim in mapped.items() if claim},
            )
            like = {
                name: value
                for name, value in self.describe_client().items()
                if value and name not in IDENTITY
            }
            # A client can name no attribute that the pool does not have.
            of_pool = {"username", *(f"custom:{one['Name']}" for one in attributes)}
            unknown = {name for name in mapped if name.startswith("custom:")} - of_pool
            for name in ("ReadAttributes", "WriteAttributes"):
                like[name] = sorted(
                    {*like[name], *(key for key, claim in mapped.items() if claim)} - {"username"} - unknown
                )
            client = self.cognito.create_user_pool_client(UserPoolId=pool["Id"], GenerateSecret=True, **like)[
                "UserPoolClient"
            ]
            registered = self.application.redirect_uris
            undo.enter_context(
                self.patched(f"/applications/{self.application.id}", web={"redirectUris": [*registered, uri]})
            )
            clients = {APP_CLIENT: self.outputs.expected.clients[APP_CLIENT]}
            expected = {"domains": [host], "redirect_uris": [*registered, uri], "clients": clients}
            if mapping and all(mapping.values()):
                expected["attribute_mapping"] = mapped
            yield self.outputs.model_copy(
                update={
                    "expected": self.outputs.expected.model_copy(update=expected),
                    "client_ids": {APP_CLIENT: client["ClientId"]},
                    "domain": host,
                    "user_pool_id": pool["Id"],
                }
            )

    def _delete_pool(self, pool_id: str, prefix: str) -> None:
        gone = self.cognito.exceptions.ResourceNotFoundException
        for delete in (
            lambda: self.cognito.delete_user_pool_domain(Domain=prefix, UserPoolId=pool_id),
            lambda: self.cognito.delete_user_pool(UserPoolId=pool_id),
        ):
            try:
                delete()
            except gone:
                continue


@contextmanager
def shared_deployment() -> Iterator[SharedDeployment]:
    """The sandbox's stack in clouds of its own, with a free port for the callback of the client `spa`."""
    with local_clouds() as running:
        project = running.project()
        deployment = Deployment(running, project)
        deployment.edit({SPA_CALLBACK: f"http://localhost:{free_port()}"})
        deployment.deploy()
        yield SharedDeployment(running, project, deployment.parsed_outputs())
