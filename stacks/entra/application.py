"""The Entra ID side: what an administrator registers by hand in the Entra admin center.

App registration, client secret, redirect URI, ID-token claims, Microsoft Graph permissions and admin consent.
"""

from cdktf import DataResource, Fn, ITerraformDependable, LocalExecProvisioner, TerraformResourceLifecycle
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
from stacks.entra.access import Assignments, app_roles
from stacks.rotation import Rotation
from stacks.settings import AccountTypes, EntraSettings, GroupsClaim
from stacks.settings.facts import MICROSOFT_GRAPH


class EntraApplication(Construct):
    """The relying party that Cognito is to Entra ID: registration, secret, claims, permissions, consent.

    The attributes are those of `Registration`.
    """

    def __init__(
        self,
        scope: Construct,
        settings: EntraSettings,
        *,
        rotation: Rotation,
        account_types: AccountTypes,
        display_name: str,
        redirect_uris: list[str],
        adopted: Adopted,
    ) -> None:
        """Declare the Entra ID side."""
        super().__init__(scope, "entra")
        self._settings = settings
        self._adopted = adopted
        self._account_types = account_types
        # The deployer must stay among the owners: with `Application.ReadWrite.OwnedBy` it could not
        # change or delete what it made otherwise.
        deployer = pinned(DataAzureadClientConfig(self, "deployer"), "deployer")
        self._owners = [deployer.object_id, *settings.owners]

        self._application = self._register(display_name, redirect_uris)
        self._service_principal = self._service_principal_of(self._application)
        secret = self._client_secret(rotation.in_use, display_name)
        self.client_secrets: dict[str, object] = {"in_use": _described(rotation.in_use, secret)}
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
        Assignments(self, settings, self._service_principal)

        self.client_id = self._application.client_id
        self.client_secret = secret.value
        self.client_secret_end_date: str | None = secret.end_date

    def _register(self, display_name: str, redirect_uris: list[str]) -> Application:
        settings = self._settings
        return pinned(
            Application(
                self,
                "application",
                display_name=display_name,
                sign_in_audience=self._account_types.value,
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
                optional_claims=ApplicationOptionalClaims(id_token=self._claims()),
                app_role=app_roles(settings) or None,
                # Those assigned to the application, never all that a person is in: of more than 200 Entra ID
                # sends none.
                group_membership_claims=["ApplicationGroup"] if settings.groups_claim else None,
                required_resource_access=[
                    ApplicationRequiredResourceAccess(
                        resource_app_id=MICROSOFT_GRAPH,
                        resource_access=[
                            ApplicationRequiredResourceAccessResourceAccess(
                                id=permission.graph_id, type="Scope"
                            )
                            for permission in settings.permissions
                        ],
                    )
                ],
                lifecycle=TerraformResourceLifecycle(
                    prevent_destroy=settings.prevent_destroy,
                    ignore_changes=self._left_alone() or None,
                ),
            ),
            "sign_in",
        )

    def _claims(self) -> list[ApplicationOptionalClaimsIdToken]:
        claims = [ApplicationOptionalClaimsIdToken(name=claim) for claim in self._settings.optional_claims]
        if self._settings.groups_claim is GroupsClaim.NAMES:
            names = ApplicationOptionalClaimsIdToken(
                name="groups", additional_properties=["cloud_displayname"]
            )
            claims.append(names)
        return claims

    def _left_alone(self) -> list[str]:
        """What of an adopted registration no setting speaks of."""
        set_here = {
            "app_role": bool(self._settings.app_roles),
            "group_membership_claims": self._settings.groups_claim is not None,
        }
        return [name for name in self._adopted.left_alone(APPLICATION) if not set_here.get(name)]

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


def _described(generation: int, secret: ApplicationPasswordA) -> dict[str, object]:
    """What may be known of a secret."""
    return {"generation": generation, "key_id": secret.key_id, "end_date": secret.end_date}
