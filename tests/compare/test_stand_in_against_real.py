"""The stand-in of the azuread provider, step by step beside the real one.

Both drive a local Entra ID of their own with the same configuration; plans, states and Graph objects must be
equal. `make compare` runs it, for whoever changes the stand-in; the real one's waits take minutes.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from string import Template
from typing import Any, TypeAlias

import httpx
import pytest

from sandbox import providers
from sandbox.azuread_plugin.install import VERSION, environment, install
from sandbox.entra import LocalEntra

# What Terraform and Graph say is compared as it is, whatever its form.
Json: TypeAlias = Any

REAL = providers.find_plugin("azuread")
MIRROR = (REAL and REAL.mirror) or Path()
TENANT = "11111111-1111-4111-8111-111111111111"

pytestmark = [
    pytest.mark.skipif(
        REAL is None or REAL.version != VERSION, reason=f"no mirror here holds the real azuread {VERSION}"
    ),
    pytest.mark.skipif(shutil.which("terraform") is None, reason="terraform is not installed"),
]

HEAD = """
terraform {
  required_providers {
    azuread = {
      source  = "hashicorp/azuread"
      version = "3.7.0"
    }
  }
}

provider "azuread" {}

data "azuread_client_config" "current" {}
"""

CONFIGURATION = Template(
    HEAD
    + """
data "azuread_service_principal" "graph" {
  client_id = "00000003-0000-0000-c000-000000000000"
}

data "azuread_user" "ada" {
  object_id = "a0a00000-0000-4000-8000-00000000ada1"
}

locals {
  graph  = data.azuread_service_principal.graph
  scopes = $scopes
}

resource "azuread_application" "portal" {
  display_name            = "$name"
  description             = $description
  sign_in_audience        = "$audience"
  owners                  = $owners
  prevent_duplicate_names = true
  group_membership_claims = ["ApplicationGroup"]
  $application

  required_resource_access {
    resource_app_id = local.graph.client_id
    dynamic "resource_access" {
      for_each = local.scopes
      content {
        id   = local.graph.oauth2_permission_scope_ids[resource_access.value]
        type = "Scope"
      }
    }
  }
}

resource "azuread_service_principal" "portal" {
  client_id                    = azuread_application.portal.client_id
  app_role_assignment_required = true
  owners                       = $owners
  $principal
}

resource "azuread_application_password" "portal" {
  application_id      = azuread_application.portal.id
  display_name        = "portal"
  end_date            = timeadd(plantimestamp(), "4320h")
  rotate_when_changed = { generation = "$generation" }

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [end_date]
  }
}

resource "azuread_service_principal_delegated_permission_grant" "portal" {
  service_principal_object_id          = azuread_service_principal.portal.object_id
  resource_service_principal_object_id = local.graph.object_id
  claim_values                         = local.scopes
}

resource "azuread_app_role_assignment" "ada" {
  app_role_id         = "00000000-0000-0000-0000-000000000000"
  principal_object_id = data.azuread_user.ada.object_id
  resource_object_id  = azuread_service_principal.portal.object_id
}

output "client_id" {
  value = azuread_application.portal.client_id
}

output "secret" {
  value     = azuread_application_password.portal.value
  sensitive = true
}
"""
)

CORNERS = Template(
    HEAD
    + """
resource "terraform_data" "later" {
  input = {
    role = "$role"
    name = "later"
  }
}

locals {
  later = terraform_data.later.output
}

data "azuread_user" "ada" {
  user_principal_name = "ada@contoso.example"
}

data "azuread_group" "users" {
  display_name     = "App Users"
  security_enabled = true
}

resource "azuread_service_principal" "graph" {
  client_id    = "00000003-0000-0000-c000-000000000000"
  use_existing = true
}

resource "azuread_application" "api" {
  display_name     = "API"
  sign_in_audience = "AzureADMultipleOrgs"
  identifier_uris  = ["api://$${data.azuread_client_config.current.tenant_id}/$${local.later.name}"]
  tags             = []
  notes            = "$notes"

  app_role {
    id                   = local.later.role
    allowed_member_types = ["User", "Application"]
    description          = "$description"
    display_name         = "Reader"
    value                = "read"
  }

  api {
    oauth2_permission_scope {
      id                         = "33333333-3333-4333-8333-333333333333"
      admin_consent_description  = "Use it"
      admin_consent_display_name = "Use it"
      type                       = "Admin"
      value                      = local.later.name
    }
  }

  optional_claims {
    access_token {
      name = "email"
    }
    id_token {
      name      = "$claim"
      essential = true
    }
  }

  required_resource_access {
    resource_app_id = azuread_service_principal.graph.client_id
    resource_access {
      id   = azuread_service_principal.graph.oauth2_permission_scope_ids["openid"]
      type = "Scope"
    }
  }

  web {
    redirect_uris = ["https://$${local.later.name}.example.com/", "https://known.example.com/"]
  }

  single_page_application {
    redirect_uris = []
  }

  timeouts {
    create = "$timeout"
  }
}

resource "azuread_application" "all" {
  display_name                   = "All"
  description                    = "$description"
  device_only_auth_enabled       = $flag
  fallback_public_client_enabled = $flag
  group_membership_claims        = ["SecurityGroup", "DirectoryRole"]
  marketing_url                  = "https://all.example.com/$claim"
  oauth2_post_response_required  = $flag
  privacy_statement_url          = "https://all.example.com/privacy"
  service_management_reference   = "$notes"
  support_url                    = "https://all.example.com/support"
  terms_of_service_url           = "https://all.example.com/terms"

  api {
    known_client_applications      = ["22222222-2222-4222-8222-222222222222"]
    mapped_claims_enabled          = $flag
    requested_access_token_version = 2
  }

  feature_tags {
    enterprise = $flag
    gallery    = true
  }

  public_client {
    redirect_uris = ["myapp://$claim", "urn:ietf:wg:oauth:2.0:oob"]
  }

  single_page_application {
    redirect_uris = ["https://all.example.com/$claim"]
  }

  web {
    homepage_url = "https://all.example.com/"
    logout_url   = "https://all.example.com/$claim"
    implicit_grant {
      access_token_issuance_enabled = $flag
    }
  }
}

resource "azuread_service_principal" "all" {
  client_id                     = azuread_application.all.client_id
  account_enabled               = $flag
  alternative_names             = ["all", "$claim"]
  description                   = "$description"
  login_url                     = "https://all.example.com/$claim"
  preferred_single_sign_on_mode = "saml"

  saml_single_sign_on {
    relay_state = "/$claim"
  }

  features {
    visible_to_users = $flag
  }
}

resource "azuread_service_principal" "api" {
  client_id                    = azuread_application.api.client_id
  description                  = ""
  notification_email_addresses = ["ops@contoso.example"]
}

resource "azuread_application_password" "api" {
  application_id = azuread_application.api.id
}

resource "azuread_service_principal_delegated_permission_grant" "ada" {
  service_principal_object_id          = azuread_service_principal.api.object_id
  resource_service_principal_object_id = azuread_service_principal.graph.object_id
  claim_values                         = ["openid"]
  user_object_id                       = data.azuread_user.ada.object_id
}

resource "azuread_app_role_assignment" "users" {
  app_role_id         = azuread_application.api.app_role_ids["read"]
  principal_object_id = data.azuread_group.users.object_id
  resource_object_id  = azuread_service_principal.api.object_id
}
"""
)

# Nearly every argument is wrong in one way.
WRONG = Template(
    HEAD
    + """
resource "azuread_application" "x" {
  display_name             = ""
  object_id                = "x"
  sign_in_audience         = "Everyone"
  group_membership_claims  = ["All", "Some"]
  identifier_uris          = [""]
  notes                    = ""
  owners                   = ["nobody"]
  description              = "$longer"
  tags                     = ["a"]
  feature_tags {
    hide = true
  }
  api {
    known_client_applications      = ["nobody"]
    requested_access_token_version = 3
  }
  app_role {
    id                   = "nothing"
    allowed_member_types = ["Robot"]
    description          = "d"
    display_name         = "d"
    value                = ".with space"
  }
  app_role {
    id                   = "22222222-2222-4222-8222-222222222222"
    allowed_member_types = []
    description          = ""
    display_name         = "d"
  }
  optional_claims {
    id_token {
      name                  = "email"
      source                = "app"
      additional_properties = ["anything"]
    }
  }
  required_resource_access {
    resource_app_id = "anything"
    resource_access {
      id   = "nothing"
      type = "Both"
    }
  }
  public_client {
    redirect_uris = ["http:no-host", "urn:ietf:wg:oauth:2.0:oob", "myapp://auth"]
  }
  single_page_application {
    redirect_uris = ["urn:ietf:wg:oauth:2.0:oob"]
  }
  web {
    homepage_url  = "ftp://example.com/"
    logout_url    = ""
    redirect_uris = [
      "https://app.example.com", "https://$long/", "ftp://example.com/", "http://*.example.com/#x", "",
    ]
  }
}

resource "azuread_application_password" "x" {
  application_id    = "/applications/22222222-2222-4222-8222-222222222222"
  end_date          = "tomorrow"
  start_date        = "2026-02-30T00:00:00Z"
}

resource "azuread_application_password" "y" {
  application_id    = "/applications/22222222-2222-4222-8222-222222222222"
  end_date          = "2027-01-01T00:00:00.5+02:00"
  end_date_relative = "240h"
}

resource "azuread_application_password" "z" {
  application_id    = "/applications/22222222-2222-4222-8222-222222222222"
  end_date_relative = "240h"
}

resource "azuread_service_principal" "x" {
  client_id                     = "me"
  alternative_names             = [""]
  login_url                     = "example.com"
  preferred_single_sign_on_mode = "kerberos"
  features {
    visible_to_users = false
  }
}

resource "azuread_service_principal_delegated_permission_grant" "x" {
  service_principal_object_id          = "a"
  resource_service_principal_object_id = "b"
  claim_values                         = []
}

data "azuread_user" "x" {}

data "azuread_user" "y" {
  object_id = "22222222-2222-4222-8222-222222222222"
  mail      = "a@example.com"
}

data "azuread_service_principal" "x" {
  client_id = "me"
}

data "azuread_group" "x" {
  display_name = ""
}
"""
)

WEB = """
  web {
    homepage_url  = "https://portal.example.com/"
    redirect_uris = [%s]
    implicit_grant {
      id_token_issuance_enabled = %s
    }
  }
"""
CLAIMS = """
  optional_claims {
%s
  }
"""
CLAIM = '    id_token {\n      name = "%s"\n      %s\n    }'
ROLE = """
  app_role {
    id                   = "22222222-2222-4222-8222-%012d"
    allowed_member_types = ["User"]
    display_name         = "%s"
    description          = "May do %s"
    %s
  }
"""
API = """
  api {
    requested_access_token_version = 2
    %s
  }
"""
SCOPE = """
    oauth2_permission_scope {
      id                         = "33333333-3333-4333-8333-333333333333"
      admin_consent_description  = "%s"
      admin_consent_display_name = "Use it"
      value                      = "use"
    }
"""
HOME, SECOND = '"https://portal.example.com/oauth2/idpresponse"', '"https://second.example.com/"'
BASIC_CLAIMS = CLAIMS % CLAIM % ("email", "")
MORE_CLAIMS = CLAIMS % "\n".join(
    [
        CLAIM % ("upn", 'additional_properties = ["include_externally_authenticated_upn"]'),
        CLAIM % ("email", ""),
    ]
)
READER, WRITER = ROLE % (1, "Reader", "reading", 'value = "read"'), ROLE % (2, "Writer", "writing", "")
CHANGED_WRITER = ROLE % (2, "Author", "writing", 'value = "write"')
START = {
    "name": "Portal",
    "description": "null",
    "audience": "AzureADMyOrg",
    "owners": "[data.azuread_client_config.current.object_id]",
    "scopes": '["openid", "profile", "email"]',
    "generation": "1",
    "principal": "",
    "flag": "true",
    "long": "a" * 256,
    "longer": "a" * 1025,
    "application": WEB % (HOME, "false") + BASIC_CLAIMS + API % "",
}


class Side:
    """One provider with its own local Entra ID and its own Terraform folder."""

    def __init__(self, folder: Path, mirror: Path, configuration: Template) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.mirror = mirror
        self.configuration = configuration
        self.settings = dict(START)
        self.entra = LocalEntra(tenant_id=TENANT, folder=folder)
        self.entra.start()
        self._cli_config("terraform.rc", mirror)
        self.terraform("init")

    def _cli_config(self, name: str, mirror: Path) -> Path:
        path = self.folder / name
        path.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
        )
        return path

    def terraform(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> tuple[int, str]:
        (self.folder / "main.tf").write_text(self.configuration.safe_substitute(self.settings))
        command, *rest = arguments
        ran = subprocess.run(
            ["terraform", command, *(["-no-color"] if command != "state" else []), *rest],
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

    def plan_and_apply(self) -> dict[str, Json]:
        found: dict[str, Json] = {}
        found["exit code of plan"], _ = self.terraform("plan", "-out=plan", "-detailed-exitcode", fine=(0, 2))
        plan = json.loads(self.terraform("show", "-json", "plan")[1])
        found["plan"] = {
            key: plan.get(key) for key in ("resource_changes", "output_changes", "resource_drift")
        }
        self.terraform("apply", "plan")
        found["exit code after apply"], _ = self.terraform("plan", "-detailed-exitcode", fine=(0, 2))
        found["state"] = json.loads(self.terraform("show", "-json")[1]).get("values")
        found["graph"] = self.graph_objects()
        return {name: normal(value) for name, value in found.items()}

    def attributes(self, address: str) -> dict[str, Json]:
        state = json.loads(self.terraform("show", "-json")[1])
        resources = state["values"]["root_module"]["resources"]
        found: dict[str, Json] = next(item["values"] for item in resources if item["address"] == address)
        return found

    def graph(self, method: str, path: str, body: Json = None) -> Json:
        variables = self.entra.environment()
        form = {
            "grant_type": "client_credentials",
            "client_id": variables["ARM_CLIENT_ID"],
            "client_secret": variables["ARM_CLIENT_SECRET"],
            "scope": f"{self.entra.authority}/.default",
        }
        token = httpx.post(f"{self.entra.authority}/{TENANT}/oauth2/v2.0/token", data=form).json()
        headers = {"Authorization": f"Bearer {token['access_token']}"}
        answer = httpx.request(
            method, f"{self.entra.authority}/v1.0{path}", json=body, headers=headers
        ).raise_for_status()
        return answer.json() if answer.content else None

    def graph_objects(self) -> Json:
        kinds = ("applications", "servicePrincipals", "oauth2PermissionGrants")
        return {kind: self.graph("GET", f"/{kind}")["value"] for kind in kinds}

    def hand_over_to(self, other: "Side") -> int:
        """Plan this side's objects with the other side's provider."""
        borrowed = Side.__new__(Side)
        borrowed.__dict__.update(self.__dict__)
        borrowed.folder = self.folder / f"as-{other.folder.name}"
        borrowed.folder.mkdir()
        borrowed._cli_config("terraform.rc", other.mirror)  # noqa: SLF001 - of its own class
        shutil.copy(self.folder / "terraform.tfstate", borrowed.folder)
        borrowed.terraform("init")
        code, _ = borrowed.terraform("plan", "-detailed-exitcode", fine=(0, 2))
        borrowed.terraform("apply", "-auto-approve")
        shutil.copy(borrowed.folder / "terraform.tfstate", self.folder)
        back, _ = self.terraform("plan", "-detailed-exitcode", fine=(0, 2))
        return code + back


UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FIXED = re.compile(
    r"00000000-|a0a00000-|11111111-|22222222-|33333333-|37f7f235-|14dad69e-|64a6cdd6-|e1fe6dd8-"
)
OPAQUE = re.compile(r"(oauth2PermissionGrants|appRoleAssignedTo)/[\w-]+")
GENERATED = re.compile(r"[\w~.-]{40}|[\w-]{43}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.]*")
# Sets: the two providers send and Graph keeps them in any order.
UNORDERED = {
    "alternativeNames",
    "appRoles",
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
        string = TIME.sub(lambda found: re.sub(r"\d", "0", found[0]), string)
        string = re.sub(r"localhost:\d+", "localhost", string)
        return UUID.sub(
            lambda found: (
                found[0] if FIXED.match(found[0]) else names.setdefault(found[0], f"<id {len(names)}>")
            ),
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


def drift_name(side: Side) -> None:
    side.graph("PATCH", side.attributes("azuread_application.portal")["id"], {"displayName": "By hand"})


def drift_redirects(side: Side) -> None:
    web = {"web": {"redirectUris": ["https://elsewhere.example.com/"]}}
    side.graph("PATCH", side.attributes("azuread_application.portal")["id"], web)


def drift_grant(side: Side) -> None:
    address = "azuread_service_principal_delegated_permission_grant.portal"
    side.graph("DELETE", side.attributes(address)["id"])


def drift_principal(side: Side) -> None:
    body = {"appRoleAssignmentRequired": False, "notes": "by hand"}
    side.graph("PATCH", side.attributes("azuread_service_principal.portal")["id"], body)


def reimport(side: Side) -> None:
    for address in (
        "azuread_application.portal",
        "azuread_service_principal.portal",
        "azuread_service_principal_delegated_permission_grant.portal",
        "azuread_app_role_assignment.ada",
    ):
        object_id = side.attributes(address)["id"]
        side.terraform("state", "rm", address)
        side.terraform("import", address, object_id)


def sets(**settings: str) -> Callable[[Side], None]:
    return lambda side: side.settings.update(settings)


def nothing(_side: Side) -> None:
    pass


ROLES = WEB % (HOME + ", " + SECOND, "true") + MORE_CLAIMS + API % "" + READER
EXPOSED = 'identifier_uris = ["api://${data.azuread_client_config.current.tenant_id}/portal"]\n'
STEPS: dict[str, Callable[[Side], None]] = {
    "create": nothing,
    "no change": nothing,
    "redirect URI added": sets(application=WEB % (HOME + ", " + SECOND, "true") + BASIC_CLAIMS + API % ""),
    "optional claims changed": sets(
        application=WEB % (HOME + ", " + SECOND, "true") + MORE_CLAIMS + API % ""
    ),
    "app role added": sets(application=ROLES),
    "second app role added": sets(application=ROLES + WRITER),
    "app role changed": sets(application=ROLES + CHANGED_WRITER),
    "app role removed": sets(application=ROLES),
    "audience changed": sets(audience="AzureADMultipleOrgs", description='"A portal"'),
    "permission and consent scope added": sets(scopes='["openid", "profile", "email", "User.Read"]'),
    "permission exposed": sets(application=ROLES.replace(API % "", API % (SCOPE % "One")) + EXPOSED),
    "exposed permission changed": sets(application=ROLES.replace(API % "", API % (SCOPE % "Two")) + EXPOSED),
    "exposed permission removed": sets(application=ROLES),
    "password rotated": sets(generation="2"),
    "name changed by hand": drift_name,
    "redirect URIs changed by hand": drift_redirects,
    "grant deleted by hand": drift_grant,
    "service principal changed by hand": drift_principal,
    "blocks removed": sets(application="", description="null"),
    "tags by feature": sets(
        application="feature_tags {\n hide = true\n }", principal="feature_tags {\n enterprise = true\n }"
    ),
    "tags by name": sets(application='tags = ["one", "HideApp"]', principal='tags = ["two"]\n notes = "x"'),
    "owners removed": sets(owners="null"),
    "imported": reimport,
}


CORNER_STEPS: dict[str, Callable[[Side], None]] = {
    "create with values known later": sets(
        role="22222222-2222-4222-8222-222222222222",
        notes="first",
        description="Reads",
        claim="upn",
        timeout="9m",
    ),
    "timeout changed": sets(timeout="8m"),
    "role described anew, claim changed": sets(description="Reads all", claim="email"),
    "flags off": sets(flag="false"),
    "role replaced by another": sets(role="22222222-2222-4222-8222-333333333333", notes="second"),
}


def compared(
    folder: Path, configuration: Template, steps: dict[str, Callable[[Side], None]], *, hand_over: bool
) -> list[str]:
    """Everything in which the two providers differed."""
    mirror = folder / "mirror"
    install(mirror)
    troubles: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        real, stand_in = pool.map(
            lambda name, plugins: Side(folder / name, plugins, configuration),
            ("real", "stand-in"),
            (MIRROR, mirror),
        )

        def both(act: Callable[[Side], Json]) -> list[Json]:
            return list(pool.map(act, (real, stand_in)))

        for step, change in steps.items():
            both(change)
            one, other = both(Side.plan_and_apply)
            troubles += [f"{step}: {trouble}" for trouble in differences(one, other)]
        if hand_over and real.hand_over_to(stand_in):
            troubles.append("handed over from the real provider and back: changes")
        if hand_over and stand_in.hand_over_to(real):
            troubles.append("handed over to the real provider and back: changes")
        both(lambda side: side.terraform("destroy", "-auto-approve"))
        holdings = both(lambda side: side.entra.holdings())
        troubles += [f"destroy: {trouble}" for trouble in differences(*holdings)]
        both(lambda side: side.entra.stop())
    return troubles


def test_every_step_of_a_life_is_equal_to_the_real_provider(tmp_path: Path) -> None:
    troubles = compared(tmp_path, CONFIGURATION, STEPS, hand_over=True)
    assert not troubles, "\n".join(troubles)


def test_corner_cases_are_equal_to_the_real_provider(tmp_path: Path) -> None:
    troubles = compared(tmp_path, CORNERS, CORNER_STEPS, hand_over=False)
    assert not troubles, "\n".join(troubles)


def test_a_wrong_configuration_is_refused_as_the_real_provider_refuses_it(tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    install(mirror)

    def refusals(name: str, plugins: Path) -> list[str]:
        side = Side(tmp_path / name, plugins, WRONG)
        side.entra.stop()
        _, output = side.terraform("validate", "-json", fine=(1,))
        return sorted(
            # What Go's time package adds after that has no counterpart in Python.
            f"{found['severity']} in line {found['range']['start']['line']}:"
            f" {found['summary'].partition(': parsing time')[0]} | {found['detail']}"
            for found in json.loads(output)["diagnostics"]
        )

    assert refusals("stand-in", mirror) == refusals("real", MIRROR)
