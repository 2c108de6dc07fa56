"""An environment with everything that the simplest one has not, and changes to plan for it."""

from typing import Any

from sandbox.entra.tenants import ADATUM
from sandbox.entra.users import ADA, ADMINS, APP_USERS
from sandbox.local_clouds import LocalClouds
from tests.e2e.deployment import Json, environment
from tests.e2e.planned_deployment import PlannedDeployment, ids

API = "aws_cognito_resource_server"
DNS = "aws_route53_record"
FUNCTION = "aws_lambda_function"
FUNCTION_PERMISSION = "aws_lambda_permission"
FUNCTION_ROLE = "aws_iam_role"
FUNCTION_POLICY = "aws_iam_role_policy"
FUNCTION_LOG = "aws_cloudwatch_log_group"

# What test_guard_shapes.py has to show, and test_guard_plans.py does not.
TYPES_OF_SHAPES = frozenset({API, DNS, FUNCTION, FUNCTION_PERMISSION, FUNCTION_ROLE})
OF_SHAPES = ids(
    "api-removed api-replaced api-scope-removed dns-leads-elsewhere dns-removed function-changed "
    "function-cut-off function-replaced function-rights-changed function-silent groups-claim-added "
    "groups-claim-removed groups-from-elsewhere groups-in-tokens groups-named-otherwise groups-of-others "
    "groups-vanish new-users-tenant "
    "removes-one-domain removes-tenant role-added role-changed role-given role-removed role-taken "
    "role-value-changed tenant-added"
)

CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/12345678-90ab-4cde-8f01-234567890abc"
HOST = "login.contoso.example"

SETTINGS = environment("planned_shapes")

# One tenant, one role, one domain, the groups, a scope: taken away.
TAKEN_AWAY = {
    'groups_claim = "names"\n': "",
    'value = "Admin"': 'value = "Administrator"',
    f"""[entra.app_roles.reader]
value = "Reader"
users = ["{ADA.principal_name}"]
groups = ["{APP_USERS.display_name}"]
""": "",
    'groups_from = "roles"\n': "",
    f"""[cognito.custom_domain]
host = "{HOST}"
certificate_arn = "{CERTIFICATE}"
hosted_zone_id = "ZONE"
""": "",
    f"""[tenants.adatum]
tenant_id = "{ADATUM.tenant_id}"
""": "",
    '{ read = "Read orders", write = "Change orders" }': '{ read = "Read orders" }',
}
ADDED = {
    "[entra.app_roles.reader]": f"""[entra.app_roles.buyer]
groups = ["{ADMINS.display_name}"]

[entra.app_roles.reader]""",
    'groups_from = "roles"': 'groups_from = "groups"\nlog_retention_days = 90',
    f'users = ["{ADA.principal_name}"]\n': "",
    CERTIFICATE: CERTIFICATE.replace("12345678", "87654321"),
    "[tenants.adatum]": """[tenants.litware]
tenant_id = "44444444-4444-4444-8444-444444444444"

[tenants.adatum]""",
    "write = ": 'cancel = "Cancel orders", write = ',
    "[clients.web]": """[resource_servers.stock]
scopes = { read = "Read the stock" }

[clients.web]""",
}
REPLACED = {
    "[tenants.fabrikam]": '[tenants.fabrikam]\nprovider_name = "Fabrikam-Inc"',
    "[resource_servers.orders]": '[resource_servers.orders]\nidentifier = "purchases"',
    '"orders/read"': '"purchases/read"',
    f'host = "{HOST}"': 'host = "signin.contoso.example"',
}


def prepare(clouds: LocalClouds) -> dict[str, str]:
    """Make the hosted zone in which the stack makes the domain's record."""
    route53 = clouds.aws.client("route53", clouds.region)
    zone = route53.create_hosted_zone(Name="contoso.example", CallerReference="tests")["HostedZone"]
    return {"ZONE": zone["Id"].removeprefix("/hostedzone/")}


def _one(document: Json, kind: str) -> Json:
    """The only resource of a kind."""
    resources: dict[str, Json] = document["resource"][kind]
    (found,) = resources.values()
    return found


def more_in_tokens(document: Json) -> None:
    """What a registration can add to tokens beyond what a setting says; and a role that nobody can use."""
    application = document["resource"]["azuread_application"]["sign_in"]
    application["group_membership_claims"] = ["ApplicationGroup", "SecurityGroup"]
    application["app_role"][0] |= {"enabled": False, "allowed_member_types": ["User", "Application"]}
    for claim in application["optional_claims"]["id_token"]:
        if claim["name"] == "groups":
            claim["additional_properties"] = ["cloud_displayname", "emit_as_roles"]


def everything_else(document: Json) -> None:
    """What cannot change without another object, and no setting changes."""
    _one(document, FUNCTION)["function_name"] = "another"
    _one(document, FUNCTION_ROLE)["name"] = "another"
    _one(document, FUNCTION_LOG)["name"] = "another"
    _one(document, DNS)["zone_id"] = "Z0OTHER"


def another_function(document: Json) -> None:
    """A function that works otherwise, and a name that leads elsewhere."""
    _one(document, FUNCTION).update(
        architectures=["x86_64"],
        handler="another.handler",
        layers=["arn:aws:lambda:us-east-1:000000000000:layer:tracing:1"],
        logging_config={"log_format": "Text"},
        memory_size=256,
        role="arn:aws:iam::000000000000:role/another",
        runtime="python3.12",
        source_code_hash="another",
        timeout=4,
        vpc_config={"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]},
    )
    _one(document, FUNCTION_ROLE)["assume_role_policy"] = _policy("edgelambda.amazonaws.com")
    _one(document, FUNCTION_POLICY)["policy"] = '{"Version": "2012-10-17", "Statement": []}'
    document["resource"]["aws_iam_role_policy_attachment"] = {
        "more": {"role": "another", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    }
    record = _one(document, DNS)
    del record["alias"]
    record.update(type="CNAME", ttl=60, records=["elsewhere.example"])


def take_trigger(deployment: PlannedDeployment) -> None:
    """Have the pool no longer ask the function, by hand."""
    deployment.cognito.update_user_pool(
        UserPoolId=deployment.attribute("aws_cognito_user_pool.users", "id"),
        LambdaConfig={},
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
    )


def cut_off(document: Json) -> None:
    """The function goes, and the pool goes on asking it."""
    resources = document["resource"]
    for kind in (FUNCTION, FUNCTION_PERMISSION, FUNCTION_ROLE, FUNCTION_POLICY, FUNCTION_LOG):
        del resources[kind]
    config: Any = resources["aws_cognito_user_pool"]["users"]["lambda_config"]
    config["pre_token_generation_config"]["lambda_arn"] = (
        "arn:aws:lambda:us-east-1:000000000000:function:sandbox-groups-in-tokens"
    )


def _policy(service: str) -> str:
    return (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
        f' "Principal": {{"Service": "{service}"}}}}]}}'
    )
