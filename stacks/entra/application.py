"""The Entra ID side: what an administrator registers by hand in the Entra admin center.

App registration, redirect URIs, ID-token claims, Microsoft Graph permissions and admin consent; the client
secrets are in client_secrets.py, app roles and assignments in access.py.
"""

from cdktf import TerraformResourceLifecycle
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
from cdktf_cdktf_provider_azuread.data_azuread_client_config import DataAzureadClientConfig
from cdktf_cdktf_provider_azuread.data_azuread_service_principal import DataAzureadServicePrincipal
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal
from cdktf_cdktf_provider_azuread.service_principal_delegated_permission_grant import (
    ServicePrincipalDelegatedPermissionGrant,
)
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted
from stacks.entra.access import Assignments, app_roles
from stacks.entra.client_secrets import ClientSecrets
from stacks.rotation import Rotation
from stacks.settings import GroupsClaim, Settings
from stacks.settings.facts import MICROSOFT_GRAPH


class CreatedRegistration(Construct):
    """A `Registration` that the stack makes: everything in Entra ID."""

    def __init__(self, scope: Construct, settings: Settings, *, rotation: Rotation, adopted: Adopted) -> None:
        super().__init__(scope, "registration")
        self._settings = settings
        self._adopted = adopted
        # The deployer must stay among the owners: with `Application.ReadWrite.OwnedBy` it could not
        # change or delete what it made otherwise.
        deployer = DataAzureadClientConfig(self, addresses.DEPLOYER)
        self._owners = [deployer.object_id, *settings.entra.owners]

        application = self._application()
        service_principal = self._service_principal(application)
        secrets = ClientSecrets(
            self,
            settings.entra.secret,
            rotation=rotation,
            application=application,
            display_name=settings.display_name,
            is_first=rotation.in_use == 1 and not adopted.has_application,
        )
        if settings.entra.admin_consent:
            self._admin_consent(service_principal)
        Assignments(self, settings.entra, service_principal)

        self.client_id = application.client_id
        self.client_secret = secrets.in_use.value
        self.client_secret_end_date: str | None = secrets.in_use.end_date
        self.client_secrets = secrets.described
        self.owners: list[str] = application.owners
        self.before_use = secrets.before_use

    def _application(self) -> Application:
        entra = self._settings.entra
        return Application(
            self,
            addresses.APPLICATION,
            display_name=self._settings.display_name,
            sign_in_audience=self._settings.account_types.value,
            # Two registrations of one name cannot be told apart in the portal; the provider refuses.
            prevent_duplicate_names=True,
            owners=self._owners,
            # Version 1 tokens carry another issuer (sts.windows.net), which Cognito would refuse.
            api=ApplicationApi(requested_access_token_version=2),
            web=ApplicationWeb(
                redirect_uris=self._settings.redirect_uris,
                # Cognito uses the code flow; tokens in the front channel would only be a risk.
                implicit_grant=ApplicationWebImplicitGrant(
                    access_token_issuance_enabled=False, id_token_issuance_enabled=False
                ),
            ),
            optional_claims=ApplicationOptionalClaims(id_token=self._claims()),
            app_role=app_roles(entra) or None,
            # The groups that are assigned to the application, never all groups of a person: of more than 200
            # Entra ID sends none.
            group_membership_claims=["ApplicationGroup"] if entra.groups_claim else None,
            required_resource_access=[
                ApplicationRequiredResourceAccess(
                    resource_app_id=MICROSOFT_GRAPH,
                    resource_access=[
                        ApplicationRequiredResourceAccessResourceAccess(id=permission.graph_id, type="Scope")
                        for permission in entra.permissions
                    ],
                )
            ],
            lifecycle=TerraformResourceLifecycle(
                prevent_destroy=entra.prevent_destroy, ignore_changes=self._ignored_changes() or None
            ),
        )

    def _claims(self) -> list[ApplicationOptionalClaimsIdToken]:
        entra = self._settings.entra
        claims = [ApplicationOptionalClaimsIdToken(name=claim) for claim in entra.optional_claims]
        if entra.groups_claim is GroupsClaim.NAMES:
            names = ApplicationOptionalClaimsIdToken(
                name="groups", additional_properties=["cloud_displayname"]
            )
            claims.append(names)
        return claims

    def _ignored_changes(self) -> list[str]:
        """What no setting describes of an adopted registration."""
        has_setting = {
            "app_role": bool(self._settings.entra.app_roles),
            "group_membership_claims": self._settings.entra.groups_claim is not None,
        }
        ignored = self._adopted.ignored_changes(addresses.APPLICATION)
        return [attribute for attribute in ignored if not has_setting.get(attribute)]

    def _service_principal(self, application: Application) -> ServicePrincipal:
        ignored = self._adopted.ignored_changes(addresses.SERVICE_PRINCIPAL)
        return ServicePrincipal(
            self,
            addresses.SERVICE_PRINCIPAL,
            client_id=application.client_id,
            app_role_assignment_required=self._settings.entra.assignment_required,
            owners=self._owners,
            lifecycle=TerraformResourceLifecycle(ignore_changes=ignored) if ignored else None,
        )

    def _admin_consent(self, service_principal: ServicePrincipal) -> None:
        # Read, never owned: a `resource` with `use_existing` would send a DELETE for Microsoft's own
        # service principal when the stack is destroyed.
        graph = DataAzureadServicePrincipal(self, addresses.MICROSOFT_GRAPH, client_id=MICROSOFT_GRAPH)
        ServicePrincipalDelegatedPermissionGrant(
            self,
            addresses.ADMIN_CONSENT,
            service_principal_object_id=service_principal.object_id,
            resource_service_principal_object_id=graph.object_id,
            claim_values=list(self._settings.entra.permissions),
        )
