"""Every door that somebody can open behind the stack's back, by API; docs/faults.md lists them."""

import io
import json
import shlex
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from botocore import xform_name

from operate.verify.findings import VerifyReport
from operate.verify.verification import verify
from sandbox.entra.directory import MICROSOFT_GRAPH
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.users import ADA, ADMINS, GRACE, NOOR, UDO
from sandbox.project import STACK
from tests.e2e.deployment import Json, in_environment, local_clouds, with_edits
from tests.e2e.shared_deployment import PROVIDER, READ_ONLY, SharedDeployment

NAME = "sandbox-groups-in-tokens"
EVIL = "https://evil.example/cb"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
ROLE = "5f5f5f5f-0000-4000-8000-5f5f5f5f5f5f"
LATER = "2099-01-01T00:00:00Z"

# People and roles named, groups from a function: everything that a door can be in.
SETTINGS = f"""
[aws]
region = "REGION"

[entra]
tenant_id = "TENANT"
authority = "AUTHORITY"
prevent_destroy = false
assignment_required = true

[entra.app_roles.admin]
value = "Admin"
groups = ["{ADMINS.display_name}"]

[entra.app_roles.user]
value = "User"
users = ["{ADA.principal_name}"]

[cognito]
domain_prefix = "contoso-signin"
deletion_protection = false
groups_from = "roles"

[clients.web]
type = "server"
callback_urls = ["http://localhost:3000/callback"]

[terraform]
aws_provider_version = ">= 5.100.0, < 7.0.0"
azuread_provider_version = ">= 3.7.0, < 4.0.0"
"""


@dataclass
class DoorsDeployment(SharedDeployment):
    """The deployment, and what opens and closes its doors."""

    def report(self) -> VerifyReport:
        """What `verify` finds."""
        return verify("sandbox", self.outputs, domain_url=self.clouds.aws.domain_url)

    @property
    def pool(self) -> Any:
        return {"UserPoolId": self.outputs.user_pool_id}

    def aws(self, service: str) -> Any:
        return self.clouds.aws.client(service, self.clouds.region)

    def post(self, path: str, **body: object) -> Json:
        with self.graph() as graph:
            answer: Json = graph.post(self._path(path), json=body).json()
            return answer

    def patch(self, path: str, **body: object) -> None:
        with self.graph() as graph:
            graph.patch(self._path(path), json=body)

    def _path(self, path: str) -> str:
        return path.format(app=self.application.id, principal=self.service_principal.id)

    def carry_out(self, remedy: str) -> None:
        """Run the command that a remedy names."""
        remedy = remedy.replace("{environment}", STACK)
        (command,) = [one for one in remedy.split("`")[1::2] if not one.startswith("pipenv")]
        words = shlex.split(command)
        is_graph = words[:2] == ["az", "rest"]
        options = dict(zip(*[iter(words[2 if is_graph else 3 :])] * 2, strict=True))
        if is_graph:
            body = json.loads(options["--body"]) if "--body" in options else None
            with self.graph() as graph:
                graph.request(options["--method"], options["--url"], json=body)
            return
        assert words[0] == "aws"
        client = self.aws(words[1])
        operation = words[2].replace("-", "_")
        members = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[operation])
        by_option = {f"--{xform_name(name, '-')}": name for name in members.input_shape.members}
        getattr(client, operation)(
            **{by_option[option]: self._value(value) for option, value in options.items()}
        )

    def _value(self, text: str) -> object:
        """A value as a shell and the AWS CLI read it."""
        if text.startswith("fileb://"):
            shell = ["sh", "-c", f'cat "{text.removeprefix("fileb://")}"']
            return subprocess.run(shell, cwd=self.project.folder, capture_output=True, check=True).stdout
        return dict(part.split("=", 1) for part in text.split(",")) if "=" in text else text


@contextmanager
def doors_deployment() -> Iterator[DoorsDeployment]:
    """An environment with everything that a door can be in, deployed."""
    with local_clouds() as clouds, in_environment(clouds):
        deployment = DoorsDeployment(clouds, clouds.project(), None)  # type: ignore[arg-type]
        known = {
            "REGION": clouds.region,
            "TENANT": clouds.entra.environment()["ARM_TENANT_ID"],
            "AUTHORITY": clouds.entra.authority,
        }
        deployment.settings = with_edits(SETTINGS, known)
        deployment.deploy()
        deployment.outputs = deployment.parsed_outputs()
        yield deployment


Open = Callable[[DoorsDeployment], None]


@dataclass(frozen=True)
class Door:
    """One door.

    Attributes:
        by_command: closed by the command that the remedy names; otherwise by the next deploy.
    """

    what: str
    finds: str
    open_: Open
    by_command: bool = False


# Entra ID


def registration(**changes: object) -> Open:
    return lambda deployment: deployment.patch("/applications/{app}", **changes)


def enterprise_application(**changes: object) -> Open:
    return lambda deployment: deployment.patch("/servicePrincipals/{principal}", **changes)


def redirect_uri(platform: str, uri: str) -> Open:
    def add(deployment: DoorsDeployment) -> None:
        registered = deployment.application.body[platform]["redirectUris"]
        deployment.patch("/applications/{app}", **{platform: {"redirectUris": [*registered, uri]}})

    return add


def posted(path: str, **body: object) -> Open:
    def post(deployment: DoorsDeployment) -> None:
        deployment.post(path, **body)

    return post


def key(usage: str) -> list[Json]:
    return [
        {
            "keyId": "6d6d6d6d-0000-4000-8000-6d6d6d6d6d6d",
            "usage": usage,
            "type": "AsymmetricX509Cert",
            "endDateTime": LATER,
        }
    ]


def role_added(deployment: DoorsDeployment) -> None:
    role = {"id": ROLE, "value": "Owner", "displayName": "Owner", "allowedMemberTypes": ["User"]}
    deployment.patch("/applications/{app}", appRoles=[*deployment.application.body["appRoles"], role])


def owner(path: str) -> Open:
    def add(deployment: DoorsDeployment) -> None:
        url = f"{deployment.clouds.entra.authority}/v1.0/directoryObjects/{GRACE.oid}"
        with deployment.graph() as graph:
            graph.post(deployment._path(f"{path}/owners/$ref"), json={"@odata.id": url})  # noqa: SLF001

    return add


def _graph_id(deployment: DoorsDeployment) -> str:
    graph = deployment.clouds.entra.directory.service_principal_of(MICROSOFT_GRAPH)
    assert graph is not None
    return graph.id


def application_permission(deployment: DoorsDeployment) -> None:
    deployment.post(
        "/servicePrincipals/{principal}/appRoleAssignments",
        principalId=deployment.service_principal.id,
        resourceId=_graph_id(deployment),
        appRoleId=GRAPH_ROLES["Directory.Read.All"],
    )


def consent_widened(deployment: DoorsDeployment) -> None:
    (grant,) = deployment.clouds.entra.directory.grants.values()
    deployment.patch(f"/oauth2PermissionGrants/{grant.id}", scope=f"{grant.scope} User.Read.All")


def consent_of_one(deployment: DoorsDeployment) -> None:
    deployment.post(
        "/oauth2PermissionGrants",
        clientId=deployment.service_principal.id,
        consentType="Principal",
        principalId=NOOR.oid,
        resourceId=_graph_id(deployment),
        scope="openid Mail.Read",
    )


def assigned(role: Callable[[DoorsDeployment], str], principal: str) -> Open:
    return lambda deployment: posted(
        "/servicePrincipals/{principal}/appRoleAssignedTo",
        principalId=principal,
        resourceId=deployment.service_principal.id,
        appRoleId=role(deployment),
    )(deployment)


# Cognito


def user_pool(**changes: Any) -> Open:
    def update(deployment: DoorsDeployment) -> None:
        now: Any = deployment.cognito.describe_user_pool(**deployment.pool)["UserPool"]
        # What a request does not name is reset (API_UpdateUserPool).
        kept = {name: now[name] for name in ("LambdaConfig", "AdminCreateUserConfig", "DeletionProtection")}
        kept["AdminCreateUserConfig"].pop("UnusedAccountValidityDays", None)
        for name, change in changes.items():
            kept[name] = {**kept[name], **change}
        deployment.cognito.update_user_pool(**deployment.pool, **kept)

    return update


def web(change: Callable[[Json], Json]) -> Open:
    def update(deployment: DoorsDeployment) -> None:
        described = deployment.describe_client().items()
        now = {name: value for name, value in described if name not in READ_ONLY and value not in ("", [])}
        deployment.cognito.update_user_pool_client(**{**now, **change(now)})

    return update


def added(name: str, value: str) -> Open:
    return web(lambda now: {name: [*now[name], value]})


def provider(details: Json | None = None, mapping: Json | None = None) -> Open:
    def update(deployment: DoorsDeployment) -> None:
        now = deployment.identity_provider(PROVIDER)
        deployment.cognito.update_identity_provider(
            **deployment.pool,
            ProviderName=PROVIDER,
            ProviderDetails={**now["ProviderDetails"], **(details or {})},
            AttributeMapping={**now["AttributeMapping"], **(mapping or {})},
        )

    return update


def provider_made(deployment: DoorsDeployment) -> None:
    details = {**deployment.identity_provider(PROVIDER)["ProviderDetails"], "client_id": "evil"}
    deployment.cognito.create_identity_provider(
        **deployment.pool, ProviderName="evil", ProviderType="OIDC", ProviderDetails=details
    )


def client_made(deployment: DoorsDeployment) -> None:
    deployment.cognito.create_user_pool_client(
        **deployment.pool, ClientName="evil", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )


def group_made(deployment: DoorsDeployment) -> None:
    deployment.cognito.create_group(**deployment.pool, GroupName="Admin")


def group_with_role(deployment: DoorsDeployment) -> None:
    role = "arn:aws:iam::000000000000:role/administrator"
    deployment.cognito.create_group(**deployment.pool, GroupName="staff", RoleArn=role)


def user_linked(deployment: DoorsDeployment) -> None:
    """Udo, who has not signed in yet, becomes somebody else."""
    deployment.cognito.admin_create_user(**deployment.pool, Username="ada", MessageAction="SUPPRESS")
    deployment.cognito.admin_link_provider_for_user(
        **deployment.pool,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "ada"},
        SourceUser={
            "ProviderName": PROVIDER,
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": UDO.oid,
        },
    )


def second_secret(deployment: DoorsDeployment) -> None:
    client = deployment.outputs.client_ids["web"]
    # The stubs are older than the operation.
    cognito: Any = deployment.cognito
    cognito.add_user_pool_client_secret(**deployment.pool, ClientId=client)


# The function


def other_code(deployment: DoorsDeployment) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("groups_in_tokens.py", "def handler(event, context):\n    return event\n")
    deployment.aws("lambda").update_function_code(FunctionName=NAME, ZipFile=package.getvalue())


def other_attribute(deployment: DoorsDeployment) -> None:
    deployment.aws("lambda").update_function_configuration(
        FunctionName=NAME, Environment={"Variables": {"ATTRIBUTE": "nickname"}}
    )


def may_change(deployment: DoorsDeployment) -> None:
    deployment.aws("lambda").add_permission(
        FunctionName=NAME,
        StatementId="evil",
        Action="lambda:UpdateFunctionCode",
        Principal="123456789012",
    )


def trusted(deployment: DoorsDeployment) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "123456789012"}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    deployment.aws("iam").update_assume_role_policy(RoleName=NAME, PolicyDocument=document)


def inline_policy(deployment: DoorsDeployment) -> None:
    statement = {"Effect": "Allow", "Action": "cognito-idp:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    deployment.aws("iam").put_role_policy(RoleName=NAME, PolicyName="evil", PolicyDocument=document)


def managed_policy(deployment: DoorsDeployment) -> None:
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    deployment.aws("iam").attach_role_policy(RoleName=NAME, PolicyArn=arn)


LAMBDA = "arn:aws:lambda:us-east-1:000000000000:function:evil"

DOORS = (
    Door(
        "The registration accepts every organization",
        "registration-audience",
        registration(signInAudience="AzureADMultipleOrgs"),
    ),
    Door(
        "Implicit grant switched on",
        "registration-implicit",
        registration(web={"implicitGrantSettings": {"enableIdTokenIssuance": True}}),
    ),
    Door("A further redirect URI", "registration-redirect-uri", redirect_uri("web", EVIL)),
    Door(
        "A redirect URI for single page apps",
        "registration-redirect-uri",
        redirect_uri("spa", "https://evil.example/spa"),
    ),
    Door(
        "A redirect URI for apps on devices",
        "registration-redirect-uri",
        redirect_uri("publicClient", "evil://cb"),
    ),
    Door(
        "Public client flows allowed",
        "registration-public-client",
        registration(isFallbackPublicClient=True),
    ),
    Door("Mapped claims accepted", "registration-claims", registration(api={"acceptMappedClaims": True})),
    Door("All groups in tokens", "registration-groups", registration(groupMembershipClaims="All")),
    Door("A further app role", "registration-role", role_added),
    Door(
        "Assignment no longer required",
        "assignment-off",
        enterprise_application(appRoleAssignmentRequired=False),
    ),
    Door(
        "A second client secret",
        "registration-secret",
        posted("/applications/{app}/addPassword", passwordCredential={"displayName": "evil"}),
        by_command=True,
    ),
    Door(
        "A client secret of the enterprise application",
        "registration-secret",
        posted("/servicePrincipals/{principal}/addPassword", passwordCredential={}),
        by_command=True,
    ),
    Door(
        "A certificate",
        "registration-certificate",
        registration(keyCredentials=key("Verify")),
        by_command=True,
    ),
    Door(
        "A signing certificate of the enterprise application",
        "registration-certificate",
        enterprise_application(keyCredentials=key("Sign")),
        by_command=True,
    ),
    Door(
        "A federated credential",
        "registration-federated-credential",
        posted(
            "/applications/{app}/federatedIdentityCredentials",
            name="evil",
            issuer="https://token.actions.githubusercontent.com",
            subject="repo:evil/evil:ref:refs/heads/main",
            audiences=["api://AzureADTokenExchange"],
        ),
        by_command=True,
    ),
    Door(
        "Another owner of the registration",
        "registration-owner",
        owner("/applications/{app}"),
        by_command=True,
    ),
    Door(
        "Another owner of the enterprise application",
        "registration-owner",
        owner("/servicePrincipals/{principal}"),
        by_command=True,
    ),
    Door(
        "An application permission for all of the directory",
        "application-permission",
        application_permission,
        by_command=True,
    ),
    Door("Consent widened for everybody", "consent-wider", consent_widened, by_command=True),
    Door("Consent of one person to their mail", "consent-wider", consent_of_one, by_command=True),
    Door(
        "Somebody assigned by hand",
        "assigned-by-hand",
        assigned(lambda _: DEFAULT_ACCESS, NOOR.oid),
        by_command=True,
    ),
    Door(
        "A role given by hand",
        "assigned-by-hand",
        assigned(lambda deployment: str(deployment.application.body["appRoles"][0]["id"]), NOOR.oid),
        by_command=True,
    ),
    Door(
        "Self sign-up allowed",
        "pool-sign-up",
        user_pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": False}),
    ),
    Door("A trigger at sign-up", "pool-trigger", user_pool(LambdaConfig={"PreSignUp": LAMBDA})),
    Door("Another identity provider", "pool-identity-provider", provider_made, by_command=True),
    Door("Another app client", "pool-client", client_made, by_command=True),
    Door("A group named like a role", "pool-group", group_made, by_command=True),
    Door("A group with an IAM role", "pool-group", group_with_role, by_command=True),
    Door("One person linked to another's user", "user-linked", user_linked, by_command=True),
    Door(
        "Tokens taken from another host",
        "provider-elsewhere",
        provider({"attributes_url": "https://evil.example/userinfo"}),
    ),
    Door(
        "The tenant's id from another claim",
        "mapping-wider",
        provider(mapping={"custom:entra_tid": "preferred_username"}),
    ),
    Door(
        "The id that apps go by from another claim",
        "mapping-wider",
        provider(mapping={"custom:entra_oid": "preferred_username"}),
    ),
    Door(
        "Local accounts let in at an app client",
        "client-lets-in",
        added("SupportedIdentityProviders", "COGNITO"),
    ),
    Door(
        "Password flow allowed at an app client",
        "client-lets-in",
        added("ExplicitAuthFlows", "ALLOW_USER_PASSWORD_AUTH"),
    ),
    Door("A foreign callback URL", "client-callback-foreign", added("CallbackURLs", EVIL)),
    Door("Implicit flow of an app client", "client-grants", added("AllowedOAuthFlows", "implicit")),
    Door(
        "Scope aws.cognito.signin.user.admin",
        "client-grants",
        added("AllowedOAuthScopes", "aws.cognito.signin.user.admin"),
    ),
    Door("Another writable attribute", "client-writes", added("WriteAttributes", "nickname")),
    Door(
        "Refresh tokens of 3,650 days",
        "client-tokens",
        web(lambda _: {"RefreshTokenValidity": 3650}),
    ),
    Door("Revocation switched off", "client-tokens", web(lambda _: {"EnableTokenRevocation": False})),
    Door(
        "Strangers told who has an account",
        "client-user-names",
        web(lambda _: {"PreventUserExistenceErrors": "LEGACY"}),
    ),
    Door("A second secret of an app client", "client-second-secret", second_secret, by_command=True),
    Door("Other code in the groups function", "function-code", other_code, by_command=True),
    Door("Groups from another attribute", "function-configuration", other_attribute),
    Door("Others may change the groups function", "function-policy", may_change, by_command=True),
    Door("Others may take the function's role", "function-role", trusted),
    Door(
        "A policy of its own in the function's role", "function-role-policy", inline_policy, by_command=True
    ),
    Door("A managed policy on the function's role", "function-role-policy", managed_policy, by_command=True),
)


COMMAND, DEPLOY = "the command that it names", "the next deploy"


def documented() -> list[str]:
    """The doors' part of docs/faults.md."""
    lines = [
        "## Open doors",
        "",
        "Each of these lets in somebody whom the settings do not, and nobody who signs in sees anything.",
        "tests/e2e/test_doors.py opens each by API, and proves that `verify` finds it, that the remedy which",
        "`verify` names closes it, and that `verify` is then silent. [security.md](security.md#open-doors)",
        "has all that was considered.",
        "",
        "| What was done | What `verify` says | What closes it |",
        "|---|---|---|",
    ]
    lines += [
        f"| {door.what} | `{door.finds}` | {COMMAND if door.by_command else DEPLOY} |" for door in DOORS
    ]
    return lines
