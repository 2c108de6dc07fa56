"""The Entra ID side: what an administrator registers by hand in the Entra admin center.

App registration, redirect URIs, ID-token claims, Microsoft Graph permissions and admin consent; the client
secrets are in client_secrets.py, app roles and assignments in access.py.
"""

from typing import Any

from cdktf import Precondition, TerraformResourceLifecycle, Token
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
from cdktf_cdktf_provider_azuread.service_principal import ServicePrincipal, ServicePrincipalFeatureTags
from cdktf_cdktf_provider_azuread.service_principal_delegated_permission_grant import (
    ServicePrincipalDelegatedPermissionGrant,
)
from constructs import Construct

from stacks import addresses
from stacks.adopted import Adopted
from stacks.entra.access import app_roles, assignments
from stacks.entra.client_secrets import ClientSecrets
from stacks.entra.principals import Principals
from stacks.entra.registration import Registration
from stacks.postconditions import terraform_list
from stacks.rotation import Rotation
from stacks.settings import Settings
from stacks.settings.entra_branding import EntraBrandingSettings
from stacks.settings.facts import AZURE_CLI, EXTENSION, MICROSOFT_GRAPH, GroupsClaim


class CreatedRegistration(Construct):
    """A registration that the stack makes: everything in Entra ID.

    Attributes:
        registration: what the Cognito side uses of it.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        *,
        rotation: Rotation,
        adopted: Adopted,
        logo: str | None = None,
    ) -> None:
        super().__init__(scope, "registration")
        branding = settings.entra.branding or EntraBrandingSettings()
        self._branding = branding
        # What people see of the registration, and what an administrator notes there: by argument.
        self._seen: dict[str, Any] = {
            "logo_image": logo,
            "marketing_url": branding.marketing_url,
            "notes": branding.notes,
            "privacy_statement_url": branding.privacy_statement_url,
            "support_url": branding.support_url,
            "terms_of_service_url": branding.terms_of_service_url,
        }
        self._settings = settings
        self._adopted = adopted
        self._deployer = DataAzureadClientConfig(self, addresses.DEPLOYER)
        self._principals = Principals(self, settings.entra)

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
        self.registration = Registration(
            client_id=application.client_id,
            client_secret=secrets.in_use.value,
            client_secret_end_date=secrets.in_use.end_date,
            client_secrets=secrets.described,
            owners=application.owners,
            before_use=secrets.before_use,
            principals=self._principals.recorded,
            counted=assignments(self, settings.entra, service_principal, self._principals),
        )

    def _application(self) -> Application:
        entra = self._settings.entra
        return Application(
            self,
            addresses.APPLICATION,
            display_name=self._settings.display_name,
            sign_in_audience=self._settings.account_types.value,
            # Two registrations of one name cannot be told apart in the portal; the provider refuses.
            prevent_duplicate_names=True,
            owners=self._owners(),
            # Version 1 tokens carry another issuer (sts.windows.net), which Cognito would refuse.
            api=ApplicationApi(
                requested_access_token_version=2,
                # Without it a policy would need a signing key of its own, whose tokens Cognito cannot verify.
                mapped_claims_enabled=True if entra.policy_claims else None,
            ),
            **self._seen,
            web=ApplicationWeb(
                homepage_url=self._branding.home_page_url,
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
                prevent_destroy=entra.prevent_destroy,
                ignore_changes=self._ignored_changes(),
                precondition=[self._deployer_stays_owner()] if entra.owners else None,
            ),
        )

    def _owners(self) -> list[str]:
        """Who owns the registration, as far as the settings say: at first whoever deploys it.

        Later ones are then for Entra ID to keep. If they were for the stack, each of two deployers would
        remove the other, and with `Application.ReadWrite.OwnedBy` who is no owner cannot deploy.
        """
        owners = self._settings.entra.owners
        # An owner who left Entra ID cannot be added again.
        return self._principals.present(owners) if owners else [self._deployer.object_id]

    def _deployer_stays_owner(self) -> Precondition:
        listed = f"contains({terraform_list(self._settings.entra.owners)}, {self._deployer.fqn}.object_id)"
        person = f'{self._deployer.fqn}.client_id == "{AZURE_CLI}"'
        return Precondition(
            condition=Token.as_any(f"${{{listed} || {person}}}"),
            error_message="The application that deploys is not among entra.owners: it would end its right"
            f" to change the registration. Add its object id: ${{{self._deployer.fqn}.object_id}}.",
        )

    def _claims(self) -> list[ApplicationOptionalClaimsIdToken]:
        entra = self._settings.entra
        claims = [
            ApplicationOptionalClaimsIdToken(
                name=claim, source="user" if EXTENSION.fullmatch(claim) else None
            )
            for claim in entra.optional_claims
        ]
        if entra.groups_claim is GroupsClaim.NAMES:
            names = ApplicationOptionalClaimsIdToken(
                name="groups", additional_properties=["cloud_displayname"]
            )
            claims.append(names)
        return claims

    def _ignored_changes(self) -> list[str]:
        """What stays as somebody else sets it, because no setting speaks of it."""
        entra = self._settings.entra
        seen = {**self._seen, "description": None, "service_management_reference": None}
        pages = {"web[0].homepage_url": self._branding.home_page_url, "web[0].logout_url": None}
        described = {name for name, value in {**seen, **pages}.items() if value is not None}
        described |= {"app_role"} if entra.app_roles else set()
        described |= {"group_membership_claims"} if entra.groups_claim is not None else set()
        described |= {"owners"} if entra.owners else set()
        ignored = ["owners", *sorted(seen), *pages, *self._adopted.ignored_changes(addresses.APPLICATION)]
        return [name for name in dict.fromkeys(ignored) if name not in described]

    def _service_principal(self, application: Application) -> ServicePrincipal:
        entra = self._settings.entra
        # What an administrator writes at the enterprise application; nothing that lets anybody in.
        ignored = ["description", "login_url", "notes", "notification_email_addresses"]
        ignored += [] if entra.owners else ["owners"]
        ignored += self._adopted.ignored_changes(addresses.SERVICE_PRINCIPAL)
        visible = self._branding.my_apps
        return ServicePrincipal(
            self,
            addresses.SERVICE_PRINCIPAL,
            client_id=application.client_id,
            app_role_assignment_required=entra.assignment_required,
            owners=self._owners(),
            # "enterprise" is what the admin center itself sets, and shows among the enterprise applications.
            feature_tags=None
            if visible is None
            else [ServicePrincipalFeatureTags(enterprise=True, hide=not visible)],
            lifecycle=TerraformResourceLifecycle(ignore_changes=list(dict.fromkeys(ignored))),
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
