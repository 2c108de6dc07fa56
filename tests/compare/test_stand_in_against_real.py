"""The stand-in for the azuread provider, step by step beside the real one.

Both drive a local Entra ID of their own with the same configuration; plans, states, Graph objects and errors
must be equal. `make compare` runs it, for whoever changes the stand-in; the real one's waits take minutes.
"""

import base64
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sandbox import providers
from sandbox.azuread_plugin.install import SOURCE, VERSION, environment, install
from sandbox.entra.server import LocalEntra
from tests.conftest import EXAMPLES
from tests.e2e.deployment import administrator

# What Terraform and Graph say is compared as it is, whatever its form.
Json: TypeAlias = Any

REAL = providers.find_plugin("azuread")
MIRROR = (REAL and REAL.mirror) or Path()
TENANT = "11111111-1111-4111-8111-111111111111"

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.skipif(
        REAL is None or REAL.version != VERSION, reason=f"no mirror here holds the real azuread {VERSION}"
    ),
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
]

# The configuration of which the steps change something, and one that is refused for all that it says.
CONFIGURATION, WRONG = (
    json.loads(Path(__file__).with_name(name).read_text()) for name in ("portal.tf.json", "wrong.tf.json")
)
HEAD: Json = {name: CONFIGURATION[name] for name in ("terraform", "provider")}
APPLICATION, PRINCIPAL = "azuread_application", "azuread_service_principal"
PASSWORD, ASSIGNMENT = "azuread_application_password", "azuread_app_role_assignment"
GRANT = "azuread_service_principal_delegated_permission_grant"

GRAPH = "${data.azuread_service_principal.graph.%s}"
END_WITH_OFFSET = """${formatdate("YYYY-MM-DD'T'hh:mm:ss'.5+02:00'", timeadd(plantimestamp(), "2400h"))}"""
LATER = "${terraform_data.later.output.name}"
HOME, SECOND = "https://portal.example.com/oauth2/idpresponse", "https://second.example.com/"

SEEN = {
    "marketing_url": HOME,
    "notes": "Run by a team",
    "privacy_statement_url": HOME,
    "support_url": HOME,
    "terms_of_service_url": HOME,
}
LOGO = base64.b64encode((EXAMPLES / "branding" / "logo.png").read_bytes()).decode()
OTHER_LOGO = base64.b64encode(b"GIF89a" + bytes(10)).decode()


def permissions(*names: str) -> dict[str, Json]:
    """The arguments of application and grant for some of Microsoft Graph's permissions."""
    ids = [GRAPH % f'oauth2_permission_scope_ids["{name}"]' for name in names]
    access = [{"id": permission_id, "type": "Scope"} for permission_id in ids]
    return {
        APPLICATION: {
            "required_resource_access": {"resource_app_id": GRAPH % "client_id", "resource_access": access}
        },
        GRANT: {"claim_values": list(names)},
    }


def role(number: int, name: str, **arguments: Json) -> Json:
    """An app role."""
    return {
        "id": f"22222222-2222-4222-8222-{number:012}",
        "allowed_member_types": ["User"],
        "display_name": name,
        "description": f"May do what a {name} does",
        **arguments,
    }


def web(*uris: str, id_token: bool = False) -> Json:
    """The web platform with its redirect URIs."""
    grant = {"access_token_issuance_enabled": False, "id_token_issuance_enabled": id_token}
    return {"redirect_uris": list(uris), "implicit_grant": grant}


# A change of arguments by resource type (None removes one), or something by hand.
Step: TypeAlias = Mapping[str, Json] | Callable[["Side"], object]


class Side:
    """One provider with its own local Entra ID and its own Terraform folder."""

    def __init__(self, folder: Path, mirror: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.mirror = mirror
        self.configuration = deepcopy(CONFIGURATION)
        self.entra = LocalEntra(tenant_id=TENANT, folder=folder)
        self.entra.start()
        self.graph = administrator(self.entra)
        self.init()

    def init(self) -> None:
        installation = (
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{self.mirror}"\n  }}\n}}\n'
        )
        (self.folder / "terraform.rc").write_text(installation)
        self.terraform("init")

    def terraform(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> tuple[int, str]:
        (self.folder / "main.tf.json").write_text(json.dumps(self.configuration, indent=1))
        ran = subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("TF_", "ARM_"))},
                **environment(),
                **self.entra.environment(),
                "TF_CLI_CONFIG_FILE": str(self.folder / "terraform.rc"),
                "CHECKPOINT_DISABLE": "1",
                "TF_IN_AUTOMATION": "1",
                "TF_INPUT": "0",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode in fine, f"{self.folder.name}: {arguments}\n{ran.stdout}\n{ran.stderr}"
        return ran.returncode, ran.stdout

    def take(self, step: "Step") -> Json:
        """Take a step, and say what came of it."""
        if callable(step):
            step(self)
        else:
            for kind, arguments in step.items():
                (body,) = self.configuration["resource"][kind].values()
                body.update(arguments)
        code, _ = self.terraform("plan", "-out=plan", "-detailed-exitcode", fine=(0, 2))
        plan = json.loads(self.terraform("show", "-json", "plan")[1])
        self.terraform("apply", "plan")
        code_after, _ = self.terraform("plan", "-detailed-exitcode", fine=(0, 2))
        kinds = ("applications", "servicePrincipals", "oauth2PermissionGrants")
        return normal(
            {
                "exit code of plan": code,
                "plan": {
                    key: plan.get(key) for key in ("resource_changes", "output_changes", "resource_drift")
                },
                "exit code after apply": code_after,
                "state": self.state(),
                "graph": {kind: self.graph.get(f"/{kind}").json()["value"] for kind in kinds},
            }
        )

    def state(self) -> Json:
        return json.loads(self.terraform("show", "-json")[1])["values"]

    def id(self, kind: str) -> str:
        """The ID of the resource of a type, which is also its path in Graph."""
        resources = self.state()["root_module"]["resources"]
        (object_id,) = (item["values"]["id"] for item in resources if item["address"] == f"{kind}.portal")
        return str(object_id)

    def change_by_hand(self, kind: str, **properties: Json) -> None:
        self.graph.patch(self.id(kind), json=properties)

    def errors(self, *arguments: str) -> list[str]:
        """The errors of a command; what Go's time package adds has no counterpart in Python."""
        _, output = self.terraform(*arguments, "-json", fine=(1,))
        lines = [json.loads(line) for line in output.splitlines()] if "apply" in arguments else []
        diagnostics = [line["diagnostic"] for line in lines if "diagnostic" in line]
        return sorted(
            f"line {found.get('range', {}).get('start', {}).get('line')}:"
            f" {found['summary'].partition(': parsing time')[0]} | {found['detail']}"
            for found in diagnostics or json.loads(output)["diagnostics"]
        )

    def planned_by(self, other: "Side") -> int:
        """Plan and apply this side's objects by the other side's provider, and plan them again by its own."""
        own = self.mirror
        codes = []
        for mirror in (other.mirror, own):
            self.mirror = mirror
            shutil.rmtree(self.folder / ".terraform")
            (self.folder / ".terraform.lock.hcl").unlink()
            self.init()
            codes.append(self.terraform("plan", "-detailed-exitcode", fine=(0, 2))[0])
            self.terraform("apply", "-auto-approve")
        return sum(codes)


UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIXED = re.compile(
    r"00000000-|a0a00000-|11111111-|22222222-|33333333-|37f7f235-|14dad69e-|64a6cdd6-|e1fe6dd8-"
)
OPAQUE = re.compile(r"(oauth2PermissionGrants|appRoleAssignedTo)/[\w-]+")
GENERATED = re.compile(r"[\w~.-]{40}|[\w-]{43}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*")
# Sets: the two providers send and Graph keeps them in any order.
UNORDERED = {
    "appRoles",
    "app_roles",
    "redirectUriSettings",
    "redirectUris",
    "redirect_uris",
    "replyUrls",
    "tags",
}


def normal(value: Json) -> Json:
    """The value without what differs between two runs: generated IDs and secrets, times and ports."""
    names: dict[str, str] = {}

    def text(string: str) -> str:
        string = OPAQUE.sub(r"\1/<opaque>", string)
        string = TIME.sub(lambda time: re.sub(r"\d", "0", time[0]), string)
        string = re.sub(r"localhost:\d+", "localhost", string)
        return UUID.sub(
            lambda uuid: uuid[0] if FIXED.match(uuid[0]) else names.setdefault(uuid[0], f"<id {len(names)}>"),
            string,
        )

    def walk(item: Json, key: str = "") -> Json:
        if isinstance(item, dict):
            return {name: walk(item[name], name) for name in sorted(item)}
        if isinstance(item, list):
            if item and isinstance(item[0], dict) and "address" in item[0]:
                item = sorted(item, key=lambda resource: str(resource["address"]))
            elif key in UNORDERED:
                item = sorted(item, key=lambda one: json.dumps(one, sort_keys=True))
            return [walk(one, key) for one in item]
        if isinstance(item, str):
            if key == "scope":
                item = " ".join(sorted(item.split()))
            return "<generated>" if key == "hint" or GENERATED.fullmatch(item) else text(item)
        return item

    return walk(value)


def differences(real: Json, stand_in: Json, path: str = "") -> Iterator[str]:
    if isinstance(real, dict) and isinstance(stand_in, dict):
        for key in sorted(real.keys() | stand_in.keys()):
            yield from differences(real.get(key), stand_in.get(key), f"{path}.{key}")
    elif isinstance(real, list) and isinstance(stand_in, list) and len(real) == len(stand_in):
        for index, (one, other) in enumerate(zip(real, stand_in, strict=True)):
            name = one.get("address", index) if isinstance(one, dict) else index
            yield from differences(one, other, f"{path}[{name}]")
    elif real != stand_in:
        yield f"{path}: real {json.dumps(real)[:300]}, stand-in {json.dumps(stand_in)[:300]}"


def make_rich(side: Side) -> None:
    """Set by hand what the stack has no setting for."""
    side.change_by_hand(
        APPLICATION,
        api={"acceptMappedClaims": True, "knownClientApplications": ["33333333-3333-4333-8333-333333333333"]},
        description="By hand",
        groupMembershipClaims="SecurityGroup,DirectoryRole",
        identifierUris=[f"api://{TENANT}/portal"],
        info={"marketingUrl": "https://portal.example.com/", "supportUrl": "https://support.example.com/"},
        isDeviceOnlyAuthSupported=True,
        isFallbackPublicClient=True,
        notes="By hand",
        optionalClaims={"accessToken": [{"name": "upn", "additionalProperties": ["emit_as_roles"]}]},
        publicClient={"redirectUris": ["http://localhost/"]},
        serviceManagementReference="by-hand",
        spa={"redirectUris": ["https://spa.example.com/"]},
        tags=["one", "HideApp"],
        web={"homePageUrl": "https://portal.example.com/", "logoutUrl": "https://portal.example.com/logout"},
    )
    side.change_by_hand(
        PRINCIPAL,
        accountEnabled=False,
        alternativeNames=["by-hand"],
        appRoleAssignmentRequired=False,
        description="By hand",
        loginUrl="https://portal.example.com/login",
        notes="By hand",
        notificationEmailAddresses=["by-hand@contoso.example"],
        preferredSingleSignOnMode="saml",
        samlSingleSignOnSettings={"relayState": "/by-hand"},
        tags=["WindowsAzureActiveDirectoryIntegratedApp"],
    )


def change_what_people_see(side: Side) -> None:
    side.change_by_hand(PRINCIPAL, tags=["WindowsAzureActiveDirectoryIntegratedApp", "team-a"])
    side.change_by_hand(APPLICATION, web={"homePageUrl": SECOND}, info={"supportUrl": SECOND})


def reimport(side: Side) -> None:
    for kind in (APPLICATION, PRINCIPAL, GRANT, ASSIGNMENT):
        object_id = side.id(kind)
        side.terraform("state", "rm", f"{kind}.portal")
        side.terraform("import", f"{kind}.portal", object_id)


STEPS: dict[str, Step] = {
    "create": {},
    "no change": {},
    "redirect URI added": {APPLICATION: {"web": web(HOME, SECOND, id_token=True)}},
    "optional claims changed": {
        APPLICATION: {
            "optional_claims": {
                "id_token": [
                    {"name": "upn", "essential": True},
                    {"name": "groups", "additional_properties": ["cloud_displayname"]},
                    {"name": f"extension_{TENANT.replace('-', '')}_employeeType", "source": "user"},
                ]
            },
            "api": {"requested_access_token_version": 2, "mapped_claims_enabled": True},
            "group_membership_claims": ["ApplicationGroup"],
        }
    },
    "app role with a value known later": {
        APPLICATION: {"app_role": [role(1, "Reader", value=LATER)]},
        "terraform_data": {"input": {"name": "read"}},
    },
    "role assigned to a group": {
        ASSIGNMENT: {
            "app_role_id": "22222222-2222-4222-8222-000000000001",
            "principal_object_id": "${data.azuread_groups.users.object_ids[0]}",
        }
    },
    "second app role added": {
        APPLICATION: {"app_role": [role(1, "Reader", value="read"), role(2, "Writer")]}
    },
    "app roles changed": {
        APPLICATION: {
            "app_role": [
                role(1, "Reader", value="read", enabled=False),
                role(2, "Author", value="write", allowed_member_types=["User", "Application"]),
            ]
        }
    },
    "app role removed": {APPLICATION: {"app_role": [role(1, "Reader", value="read")]}},
    "audience and name changed": {
        APPLICATION: {"sign_in_audience": "AzureADMultipleOrgs", "display_name": "Renamed"}
    },
    "permission and its consent added": permissions("openid", "profile", "email", "User.Read"),
    "password replaced": {
        PASSWORD: {"end_date": END_WITH_OFFSET, "rotate_when_changed": {"generation": "2"}}
    },
    "password deleted by hand": lambda side: side.graph.post(
        f"{side.id(APPLICATION)}/removePassword",
        json={"keyId": side.id(PASSWORD).rpartition("/")[2]},
    ),
    "redirect URIs and name changed by hand": lambda side: side.change_by_hand(
        APPLICATION, displayName="By hand", web={"redirectUris": ["https://elsewhere.example.com/"]}
    ),
    "grant deleted by hand": lambda side: side.graph.delete(side.id(GRANT)),
    "what people see is set": {
        APPLICATION: {**SEEN, "logo_image": LOGO, "web": web(HOME) | {"homepage_url": HOME}},
        PRINCIPAL: {"feature_tags": {"enterprise": True, "hide": True}},
    },
    "what people see is changed": {
        APPLICATION: {"logo_image": OTHER_LOGO, "notes": "Changed"},
        PRINCIPAL: {"feature_tags": {"enterprise": True, "hide": False}},
    },
    "a tag and the home page changed by hand": change_what_people_see,
    "what people see is left to others": {
        APPLICATION: {
            **dict.fromkeys(SEEN),
            "logo_image": None,
            "web": web(HOME),
            "lifecycle": {"ignore_changes": [*SEEN, "logo_image", "web[0].homepage_url"]},
        },
        PRINCIPAL: {"feature_tags": None},
    },
    "everything else changed by hand": make_rich,
    "some of it left to whoever set it": {
        APPLICATION: {"lifecycle": {"ignore_changes": ["description", "identifier_uris", "support_url"]}},
        PRINCIPAL: {"lifecycle": {"ignore_changes": ["account_enabled", "login_url", "notes"]}},
    },
    "everything else changed by hand again": make_rich,
    "owners removed": {APPLICATION: {"owners": None}, PRINCIPAL: {"owners": None}},
    "blocks removed": {
        APPLICATION: dict.fromkeys(("api", "app_role", "optional_claims", "web", "group_membership_claims"))
    },
    "consent for one person": {GRANT: {"user_object_id": "${data.azuread_users.ada.object_ids[0]}"}},
    "imported": reimport,
}

REFUSED: dict[str, Json] = {
    "a user that is nobody": {
        "data": {"azuread_users": {"x": {"user_principal_names": ["nobody@contoso.example"]}}}
    },
    "a group that is none": {
        "data": {"azuread_groups": {"x": {"display_names": ["Nobody"], "security_enabled": True}}}
    },
    "an object id that is nobody's": {"data": {"azuread_users": {"x": {"object_ids": [TENANT]}}}},
    "a service principal that is none": {"data": {PRINCIPAL: {"x": {"client_id": TENANT}}}},
    "a service principal that exists": {
        "resource": {PRINCIPAL: {"x": {"client_id": "00000003-0000-0000-c000-000000000000"}}}
    },
    "a name that is taken": {
        "resource": {APPLICATION: {"x": {"display_name": "Portal", "prevent_duplicate_names": True}}}
    },
}


def without_descriptions(schema: Json) -> Json:
    """A schema without its prose; an attribute may be called `description`, and has a type."""
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_descriptions(value)
        for name, value in schema.items()
        if not (name.startswith("description") and isinstance(value, str)) and name != "deprecation_message"
    }


@pytest.fixture
def sides(tmp_path: Path) -> Iterator[tuple[Side, Side]]:
    mirror = tmp_path / "mirror"
    install(mirror)
    both = Side(tmp_path / "real", MIRROR), Side(tmp_path / "stand-in", mirror)
    yield both
    for side in both:
        side.graph.close()
        side.entra.stop()


def test_every_step_is_equal_to_the_real_provider(sides: tuple[Side, Side]) -> None:
    real, stand_in = sides

    unequal: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        for name, step in STEPS.items():
            of_real, of_stand_in = pool.map(lambda side, step=step: side.take(step), sides)
            unequal += [f"{name}: {one}" for one in differences(of_real, of_stand_in)]
        if real.planned_by(stand_in):
            unequal.append(
                "the real provider's objects, planned by the stand-in and again by itself: changes"
            )
        if stand_in.planned_by(real):
            unequal.append(
                "the stand-in's objects, planned by the real provider and again by itself: changes"
            )
        list(pool.map(lambda side: side.terraform("destroy", "-auto-approve"), sides))
    unequal += [f"destroy: {one}" for one in differences(real.entra.holdings(), stand_in.entra.holdings())]
    assert not unequal, "\n".join(unequal)


def test_the_schema_of_what_is_served_is_the_real_providers(sides: tuple[Side, Side]) -> None:
    real, stand_in = (
        json.loads(side.terraform("providers", "schema", "-json")[1])["provider_schemas"][SOURCE]
        for side in sides
    )
    for kind in ("resource_schemas", "data_source_schemas"):
        served = {name: real[kind][name] for name in stand_in[kind]}
        assert without_descriptions(stand_in[kind]) == without_descriptions(served)
    assert without_descriptions(stand_in["provider"]) == without_descriptions(real["provider"])


def test_what_is_refused_is_refused_with_the_real_providers_errors(sides: tuple[Side, Side]) -> None:
    def errors(side: Side) -> dict[str, list[str]]:
        side.graph.post("/applications", json={"displayName": "Portal"})
        side.configuration = WRONG
        refused = {"validate": side.errors("validate")}
        for name, part in REFUSED.items():
            side.configuration = {**HEAD, **part}
            refused[name] = [UUID.sub("<id>", error) for error in side.errors("apply", "-auto-approve")]
        return refused

    with ThreadPoolExecutor(2) as pool:
        real, stand_in = pool.map(errors, sides)
    unequal = list(differences(real, stand_in))
    assert not unequal, "\n".join(unequal)
