"""Every door that somebody can open behind the stack's back, read from doors.toml, and how it is opened."""

import io
import json
import shlex
import subprocess
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore import xform_name

from sandbox.entra.directory import MICROSOFT_GRAPH
from sandbox.entra.graph_permissions import GRAPH_ROLES
from sandbox.entra.users import GRACE, NOOR, UDO
from sandbox.project import STACK
from tests.e2e.deployment import Json, environment, in_environment, local_clouds, located
from tests.e2e.shared_deployment import PROVIDER, READ_ONLY, SharedDeployment

NAME = "sandbox-groups-in-tokens"
DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"
ROLE = "5f5f5f5f-0000-4000-8000-5f5f5f5f5f5f"
LATER = "2099-01-01T00:00:00Z"

# People and roles named, groups from a function: everything that a door can be in.
SETTINGS = environment("doors")


@dataclass
class DoorsDeployment(SharedDeployment):
    """The deployment, and what opens and closes its doors."""

    @property
    def pool(self) -> Any:
        return {"UserPoolId": self.outputs.user_pool_id}

    def aws(self, service: str) -> Any:
        return self.clouds.aws.client(service, self.clouds.region)

    def post(self, path: str, **body: object) -> None:
        with self.graph() as graph:
            graph.post(self._path(path), json=body)

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
        deployment.settings = located(SETTINGS, clouds)
        deployment.deploy()
        deployment.outputs = deployment.parsed_outputs()
        yield deployment


@dataclass(frozen=True, kw_only=True)
class Door:
    """One door, as doors.toml explains it."""

    what: str
    finds: str
    do: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    by_command: bool = False

    def open_(self, deployment: DoorsDeployment) -> None:
        """Open it."""
        globals()[self.do](deployment, **self.arguments)


# Entra ID


def registration(deployment: DoorsDeployment, **changes: object) -> None:
    deployment.patch("/applications/{app}", **changes)


def enterprise_application(deployment: DoorsDeployment, **changes: object) -> None:
    deployment.patch("/servicePrincipals/{principal}", **changes)


def redirect_uri(deployment: DoorsDeployment, platform: str, uri: str) -> None:
    registered = deployment.application.body[platform]["redirectUris"]
    registration(deployment, **{platform: {"redirectUris": [*registered, uri]}})


def posted(deployment: DoorsDeployment, path: str, **body: object) -> None:
    deployment.post(path, **body)


def certificate(deployment: DoorsDeployment, path: str, usage: str) -> None:
    key = {
        "keyId": "6d6d6d6d-0000-4000-8000-6d6d6d6d6d6d",
        "usage": usage,
        "type": "AsymmetricX509Cert",
        "endDateTime": LATER,
    }
    deployment.patch(path, keyCredentials=[key])


def role_added(deployment: DoorsDeployment) -> None:
    role = {"id": ROLE, "value": "Owner", "displayName": "Owner", "allowedMemberTypes": ["User"]}
    registration(deployment, appRoles=[*deployment.application.body["appRoles"], role])


def owner(deployment: DoorsDeployment, path: str) -> None:
    url = f"{deployment.clouds.entra.authority}/v1.0/directoryObjects/{GRACE.oid}"
    deployment.post(f"{path}/owners/$ref", **{"@odata.id": url})


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


def assigned(deployment: DoorsDeployment, *, with_role: bool) -> None:
    roles = deployment.application.body["appRoles"]
    deployment.post(
        "/servicePrincipals/{principal}/appRoleAssignedTo",
        principalId=NOOR.oid,
        resourceId=deployment.service_principal.id,
        appRoleId=roles[0]["id"] if with_role else DEFAULT_ACCESS,
    )


# Cognito


def user_pool(deployment: DoorsDeployment, **changes: Any) -> None:
    now: Any = deployment.cognito.describe_user_pool(**deployment.pool)["UserPool"]
    # What a request does not name is reset (API_UpdateUserPool).
    kept = {name: now[name] for name in ("LambdaConfig", "AdminCreateUserConfig", "DeletionProtection")}
    kept["AdminCreateUserConfig"].pop("UnusedAccountValidityDays", None)
    for name, change in changes.items():
        kept[name] = {**kept[name], **change}
    deployment.cognito.update_user_pool(**deployment.pool, **kept)


def client(deployment: DoorsDeployment, **changes: Any) -> None:
    described = deployment.describe_client().items()
    now = {name: value for name, value in described if name not in READ_ONLY and value not in ("", [])}
    deployment.cognito.update_user_pool_client(**{**now, **changes})


def added(deployment: DoorsDeployment, name: str, value: str) -> None:
    client(deployment, **{name: [*deployment.describe_client()[name], value]})


def provider(deployment: DoorsDeployment, details: Json | None = None, mapping: Json | None = None) -> None:
    now = deployment.identity_provider(PROVIDER)
    deployment.cognito.update_identity_provider(
        **deployment.pool,
        ProviderName=PROVIDER,
        ProviderDetails={**now["ProviderDetails"], **(details or {})},
        AttributeMapping={**now["AttributeMapping"], **(mapping or {})},
    )


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
    role = deployment.aws("iam").get_role(RoleName=NAME)  # the function's: any that exists will do
    deployment.cognito.create_group(**deployment.pool, GroupName="staff", RoleArn=role["Role"]["Arn"])


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


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
DOORS = tuple(Door(**door) for door in _TABLE["door"])

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
