"""The app registration in Microsoft Entra ID: settings, rules and checks (its secret: entra_secret.py)."""

from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings import facts
from stacks.settings.access import AppRoleSettings, GroupNames, ObjectIds, RoleKey, UserNames, named
from stacks.settings.checks import Settings, check
from stacks.settings.claims import OptionalClaim, PolicyClaim
from stacks.settings.entra_branding import EntraBrandingSettings
from stacks.settings.entra_secret import SecretSettings
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.existing import RegistrationSettings
from stacks.settings.tenants import TenantId
from stacks.settings.types import Table, YesOrNo, as_written, refused, unique
from stacks.settings.urls import Authority, RegisteredUri

DISPLAY_NAME_LENGTH = 120


def _display_name(value: str) -> str:
    """The name of an app registration (Microsoft learn, "Validation differences by account types")."""
    if not value.strip():
        raise refused("The name is empty.", "Write one, or remove the line: the stack's name is used then.")
    if len(value) > DISPLAY_NAME_LENGTH:
        raise refused(
            f"The name is {len(value)} characters long.", f"Entra ID takes {DISPLAY_NAME_LENGTH}: shorten it."
        )
    return value


DisplayName = Annotated[str, AfterValidator(_display_name), as_written]


class EntraSettings(Table):
    """The app registration in Microsoft Entra ID."""

    tenant_id: TenantId = Field(examples=["2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"])
    """The tenant in which the application is registered and, unless home_accounts is false, whose people sign
    in, by its GUID: Entra admin center > Overview > Tenant ID. Domain names and `common` cannot work, since
    Cognito compares the issuer of each token exactly."""
    cloud: facts.EntraCloud | None = Field(default=None, examples=["public"])
    """Which of Microsoft's clouds the tenant is in; left out, the public one."""
    authority: Authority | None = Field(default=None, examples=["http://localhost:8400"])
    """Instead of cloud, the origin of a local Entra ID, on localhost or 127.0.0.1, that is also Microsoft
    Graph and the userinfo endpoint; left out, Microsoft's own. Azure AD B2C, external tenants and other
    vendors' servers cannot be used here."""
    display_name: DisplayName | None = Field(default=None, examples=["Contoso sign-in"])
    """The name people see when they sign in and consent; left out, "<stack> sign-in". No other registration
    in the tenant may have it."""
    home_accounts: YesOrNo = True
    """Let in the people of tenant_id. Write false to let in only those of [tenants.*]."""
    account_types: facts.AccountTypes | None = Field(default=None, examples=["AzureADMyOrg"])
    """Whose accounts the registration accepts; left out, what home_accounts and [tenants.*] need and nothing
    wider. Cognito lets in only the people of tenant_id and of [tenants.*], whatever is chosen here."""
    owners: ObjectIds = Field(default=[], examples=[["0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"]])
    """Object ids of all owners of the registration: people, and every application that deploys with
    `Application.ReadWrite.OwnedBy`; left out, whoever deploys first, and whomever else Entra ID has as an
    owner."""
    permissions: Annotated[list[facts.Permission], unique] = Field(
        default=[facts.Permission.OPENID, facts.Permission.EMAIL, facts.Permission.PROFILE],
        examples=[["openid", "email", "profile"]],
    )
    """Delegated permissions of Microsoft Graph that the app asks for. Signing in needs openid, profile for
    the names and ids, email for the address, and nothing else."""
    optional_claims: Annotated[list[OptionalClaim], unique] = Field(
        default=["email", "family_name", "given_name"], examples=[["email", "family_name", "given_name"]]
    )
    """Claims that Entra ID adds to the ID token. A claim has to be here to be mapped to an attribute in
    Cognito, unless every token has it. A directory extension that is registered on this registration is
    `extension_<application id without hyphens>_<name>` here, and `extn.<name>` in the token and in
    attribute_mapping."""
    policy_claims: Annotated[list[PolicyClaim], unique] = Field(default=[], examples=[["employeeid"]])
    """Claims that an administrator puts into the ID token by a claims mapping policy or by Attributes &
    Claims, such as an employee id, names from Active Directory, or the extensions of another application. The
    stack makes no policy; it lets the registration accept one."""
    admin_consent: YesOrNo = True
    """Grant the permissions for everybody in the tenant. That needs more rights than the registration;
    without them write false, and let an administrator open the stack's `admin_consent_url`."""
    consent_redirect_uri: RegisteredUri | None = Field(
        default=None, examples=["https://app.contoso.com/welcome"]
    )
    """Where an administrator's browser goes after `admin_consent_url`, such as a page that says thank you;
    left out, to Cognito, whose error page has nothing to do with the consent."""
    assignment_required: YesOrNo = False
    """Let in only those who are assigned, here or to a role. Needs admin_consent."""
    assigned_users: UserNames = Field(default=[], examples=[["ada@contoso.com"]])
    """User principal names of the people who are assigned, with default access."""
    assigned_groups: GroupNames = Field(default=[], examples=[["App users"]])
    """Display names of the security groups that are assigned, with default access. Groups need Entra ID P1 or
    P2, and their members' own groups do not count."""
    assigned_principals: ObjectIds = Field(default=[], examples=[["1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"]])
    """Object ids of further users and groups that are assigned, with default access."""
    app_roles: dict[RoleKey, AppRoleSettings] = Field(default={})
    """What people may do in the apps, as the claim `roles` says it, by a key for each role. Map it in
    [cognito.attribute_mapping], such as "custom:roles" = "roles", or set groups_from in [cognito]."""
    groups_claim: facts.GroupsClaim | None = Field(default=None, examples=["ids"])
    """How the claim `groups` names the groups that are assigned to the application, by object id or by name;
    left out, Entra ID sends no groups. Roles are the better way: they are this project's own words."""
    branding: EntraBrandingSettings | None = None
    """What people see of the app on Microsoft's pages and in My Apps, beside its name; left out, as set in
    the admin center."""
    registration: RegistrationSettings | None = None
    """An app registration that exists and belongs to somebody else. With it the stack makes nothing in Entra
    ID, and needs no rights there."""
    prevent_destroy: YesOrNo = True
    """Refuse every plan that deletes or replaces the registration: a new one has another client id, and gives
    every user another `sub`, so a new user in Cognito. Write false and deploy before taking the stack
    away."""
    secret: SecretSettings = SecretSettings()
    """The client secret between Cognito and Entra ID."""

    @property
    def assigned(self) -> list[str]:
        """Everybody who is assigned with default access, as `named` has them."""
        return named(self.assigned_users, self.assigned_groups, self.assigned_principals)


@check
def _one_authority(s: Settings) -> Messages:
    if s.entra.cloud is not None and s.entra.authority is not None:
        yield error(
            at.entra.authority,
            "Both cloud and authority say where people sign in.",
            "Keep cloud for Microsoft's own clouds, authority for anything else.",
        )


@check
def _needless_permissions(s: Settings) -> Messages:
    """Microsoft learn, "UserInfo endpoint" and "Scopes and permissions"."""
    for index, permission in enumerate(s.entra.permissions):
        if permission.needless:
            yield warning(
                at.entra.permissions[index],
                permission.needless,
                "Remove it unless something else needs it: ask people for no more than is used.",
            )


@check
def _permissions_for_signing_in(s: Settings) -> Messages:
    """Microsoft learn, "Scopes and permissions": what openid and profile let through."""
    for needed, because in (
        (facts.Permission.OPENID, "without it Entra ID sends no ID token, and Cognito signs nobody in"),
        (
            facts.Permission.PROFILE,
            "without it Entra ID leaves out `oid`, which the stack keeps for every user",
        ),
    ):
        if needed not in s.entra.permissions:
            yield error(at.entra.permissions, f'"{needed}" is missing; {because}.', f'Add "{needed}".')


@check
def _permission_for_email(s: Settings) -> Messages:
    """Microsoft learn, "Scopes and permissions": what email lets through."""
    if facts.Permission.EMAIL in s.entra.permissions:
        return
    claims = {
        **{at.entra.optional_claims[index]: claim for index, claim in enumerate(s.entra.optional_claims)},
        **{at.cognito.attribute_mapping[name]: claim for name, claim in s.cognito.attribute_mapping.items()},
    }
    for key, claim in claims.items():
        if claim in facts.CLAIMS_OF_EMAIL:
            yield error(
                key,
                f'Entra ID leaves out the claim "{claim}" without the permission "email".',
                'Add "email" to permissions in [entra], or remove the claim.',
            )


@check
def _registration_protected(s: Settings) -> Messages:
    """Microsoft learn, "ID token claims reference": `sub` is pairwise, one for each app registration."""
    if not s.entra.prevent_destroy and s.entra.authority is None:
        yield warning(
            at.entra.prevent_destroy,
            "A registration that is deleted or replaced comes back with another client id, and every user"
            " with another `sub`: a new user in Cognito.",
            "Write true, except just before the stack is taken away.",
        )
