"""The Entra ID side: what an administrator registers by hand in the Entra admin center.

App registration, client secret, redirect URI, ID-token claims, Microsoft Graph permissions, admin consent
and, on request, who may sign in.
"""

from cdktf import DataResource, Fn, ITerraformDependable, LocalExecProvisioner, TerraformResourceLifecycle
from cdktf_cdktf_provider_azuread.app_role_assignment import AppRoleAssignment
from cdktf_cdktf_provider_azuread.application import (
    Application,
    ApplicationApi,
    ApplicationOptionalClaims,
    ApplicationOptionalClaimsIdToken,
    ApplicationRequiredResourceAccess,
    ApplicationRequiredResourceAccessResourceAccess,
    ApplicationWeb,
    ApplicationWebImplicitGrant,
)
from cdktf_cdktf_provider_azuread.application_password import ApplicationPasswordA
from cdktf_cdktf_provider_azuread.data_azuread_client_config import DataAzureadClientConfig
from cdktf_cdktf_provider_azuread.data_azuread_service_principal import DataAzureadServicePrincipal
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from cdktf_cdktf_provider_azuread.service_principal_delegated_permission_grant import (
    ServicePrincipalDelegatedPermissionGrant,
)
from constructs import Construct

from stacks.addresses import pinned
from stacks.adopted import APPLICATION, SERVICE_PRINCIPAL, Adopted
from stacks.rotation import Rotation
from stacks.settings import EntraSettings

# Microsoft Graph's application id and the ids of its delegated permissions are the same in every tenant
# and cloud (Microsoft Graph permissions reference). Written out, because looking them up would need a
# right (Application.Read.All) that a deployer without admin consent may not have.
MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
MICROSOFT_GRAPH_PERMISSIONS = {
    "openid": "37f7f235-527c-4136-accd-4a02d197296e",
    "email": "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
    "profile": "14dad69e-099b-42c9-810b-d002981feec1",
    "offline_access": "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
    "User.Read": "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
}

# Entra ID's "default access": assigned to the application without any of its app roles.
DEFAULT_ACCESS_ROLE = "00000000-0000-0000-0000-000000000000"


class EntraApplication(Construct):
    """The relying party that Cognito is to Entra ID: registration, secret, claims, permissions, consent.

    Attributes:
        client_id: the application (client) id, as a Terraform reference.
        client_secret: the secret's value, as a Terraform reference; sensitive, for Cognito only.
        client_secret_end_date: when the secret expires, RFC 3339 in UTC, as a Terraform reference.
        client_secrets: generation, key id and end date of the secret `in_use` and, where there is one, of the
            `previous` one; no value.
        hand_over: what the identity provider has to depend on, besides the secret's value.
    """

    def __init__(
        self,
        scope: Construct,
        settings: EntraSettings,
        *,
        rotation: Rotation,
        display_name: str,
        redirect_uris: list[str],
        adopted: Adopted,
    ) -> None:
        """Declare the Entra ID side.

        Args:
            scope: the stack.
            settings: the `[entra]` table.
            rotation: the generations of the client secret.
            display_name: the name that people see on the sign-in and consent pages.
            redirect_uris: where Entra ID sends the browser back to: Cognito's `/oauth2/idpresponse`.
            adopted: what was there before the code.
        """
        super().__init__(scope, "entra")
        self._settings = settings
        self._adopted = adopted
        # The deployer must stay among the owners: with `Application.ReadWrite.OwnedBy` it could not
        # change or delete what it made otherwise.
        deployer = pinned(DataAzureadClientConfig(self, "deployer"), "deployer")
        self._owners = [deployer.object_id, *settings.owners]

        self._application = self._register(display_name, redirect_uris)
        self._service_principal = self._service_principal_of(self._application)
        secret = self._client_secret(rotation.in_use, display_name)
        self.client_secrets = {"in_use": _described(rotation.in_use, secret)}
        self.hand_over: list[ITerraformDependable] = []
        if rotation.in_use > 1 or adopted.in_service:
            self.hand_over.append(self._settled(rotation.in_use, secret))
        if rotation.previous is not None:
            previous = self._client_secret(rotation.previous, display_name)
            self.client_secrets["previous"] = _described(rotation.previous, previous)
            # So that it is on record which secret the identity provider was changed over from: Terraform
            # then removes that one, whenever its turn comes, after the change and never before.
            self.hand_over.append(previous)
        if settings.admin_consent:
            self._consent()
        for object_id in settings.assigned_principals:
            self._assign(object_id)

        self.client_id = self._application.client_id
        self.client_secret = secret.value
        self.client_secret_end_date = secret.end_date

    def _register(self, display_name: str, redirect_uris: list[str]) -> Application:
        settings = self._settings
        return pinned(
            Application(
                self,
                "application",
                display_name=display_name,
                sign_in_audience=settings.account_types.value,
                # Two registrations of one name cannot be told apart in the portal; the provider refuses.
                prevent_duplicate_names=True,
                owners=self._owners,
                # Version 1 tokens carry another issuer (sts.windows.net), which Cognito would refuse.
                api=ApplicationApi(requested_access_token_version=2),
                web=ApplicationWeb(
                    redirect_uris=redirect_uris,
                    # Cognito uses the code flow; tokens in the front channel would only be a risk.
                    implicit_grant=ApplicationWebImplicitGrant(
                        access_token_issuance_enabled=False, id_token_issuance_enabled=False
                    ),
                ),
                optional_claims=ApplicationOptionalClaims(
                    id_token=[
                        ApplicationOptionalClaimsIdToken(name=claim) for claim in settings.optional_claims
                    ]
                ),
                required_resource_access=[
                    ApplicationRequiredResourceAccess(
                        resource_app_id=MICROSOFT_GRAPH,
                        resource_access=[
                            ApplicationRequiredResourceAccessResourceAccess(
                                id=MICROSOFT_GRAPH_PERMISSIONS[permission], type="Scope"
                            )
                            for permission in settings.permissions
                        ],
                    )
                ],
                lifecycle=TerraformResourceLifecycle(
                    prevent_destroy=settings.prevent_destroy,
                    ignore_changes=self._adopted.left_alone(APPLICATION) or None,
                ),
            ),
            "sign_in",
        )

    def _service_principal_of(self, application: Application) -> ServicePrincipal:
        left_alone = self._adopted.left_alone(SERVICE_PRINCIPAL)
        return pinned(
            ServicePrincipal(
                self,
                "service_principal",
                client_id=application.client_id,
                app_role_assignment_required=self._settings.assignment_required,
                owners=self._owners,
                lifecycle=TerraformResourceLifecycle(ignore_changes=left_alone) if left_alone else None,
            ),
            "sign_in",
        )

    def _client_secret(self, generation: int, display_name: str) -> ApplicationPasswordA:
        """A secret that Cognito presents at Entra ID's token endpoint; made by Entra ID, seen by nobody.

        The end date is fixed when the secret is made: it is stated (left out, Entra ID grants two
        years), and later plans ignore that "now" has moved on. The generation is the address, so a rotation
        makes a new secret beside the others. Without `create_before_destroy` Terraform would remove an old
        one before it changes what refers to it.
        """
        lifetime = f"{self._settings.secret.lifetime_days * 24}h"
        return pinned(
            ApplicationPasswordA(
                self,
                f"client_secret_{generation}",
                application_id=self._application.id,
                display_name=f"{display_name} {generation}",
                end_date=Fn.timeadd(Fn.plantimestamp(), lifetime),
                lifecycle=TerraformResourceLifecycle(
                    create_before_destroy=True, ignore_changes=["end_date", "display_name"]
                ),
            ),
            f"sign_in_{generation}",
        )

    def _settled(self, generation: int, secret: ApplicationPasswordA) -> DataResource:
        """A pause between making a secret and giving it to Cognito.

        Graph shows a new secret before every server of the token endpoint knows it: 4 to 18 seconds were
        seen (https://github.com/microsoftgraph/microsoft-graph-docs/issues/17966), and until then some
        sign-ins would fail. `terraform_data` is part of Terraform itself and needs no plugin.
        """
        return pinned(
            DataResource(
                self,
                "settled",
                triggers_replace={"key_id": secret.key_id},
                provisioners=[
                    LocalExecProvisioner(
                        type="local-exec", command=f"sleep {self._settings.secret.settle_seconds}"
                    )
                ],
            ),
            f"sign_in_{generation}_settled",
        )

    def _consent(self) -> None:
        # Read, never owned: a `resource` with `use_existing` would send a DELETE for Microsoft's own
        # service principal when the stack is destroyed.
        graph = pinned(
            DataAzureadServicePrincipal(self, "microsoft_graph", client_id=MICROSOFT_GRAPH), "microsoft_graph"
        )
        pinned(
            ServicePrincipalDelegatedPermissionGrant(
                self,
                "admin_consent",
                service_principal_object_id=self._service_principal.object_id,
                resource_service_principal_object_id=graph.object_id,
                claim_values=list(self._settings.permissions),
            ),
            "microsoft_graph",
        )

    def _assign(self, object_id: str) -> None:
        pinned(
            AppRoleAssignment(
                self,
                f"assignment_{object_id}",
                app_role_id=DEFAULT_ACCESS_ROLE,
                principal_object_id=object_id,
                resource_object_id=self._service_principal.object_id,
            ),
            f"sign_in_{object_id}",
        )


def _described(generation: int, secret: ApplicationPasswordA) -> dict[str, object]:
    """What may be known of a secret."""
    return {"generation": generation, "key_id": secret.key_id, "end_date": secret.end_date}
