"""The local AWS itself: where it listens, and how it counts what it holds."""

import json
from collections.abc import Iterator

import boto3
import psutil
import pytest

from sandbox.aws import ANYTHING, LocalAws
from tests.sandbox.cognito.fixtures import REGION

MANY = 61  # one more than Cognito lists at once


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


def test_it_listens_on_loopback_only(aws: LocalAws) -> None:
    ports = {int(url.rpartition(":")[2]) for url in (aws.url, aws.domain_url)}
    (process,) = (
        child
        for child in psutil.Process().children()
        if ports & {connection.laddr.port for connection in child.net_connections()}
    )
    listening = [c.laddr for c in process.net_connections() if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert {address.port for address in listening} == ports


def test_everything_is_counted_however_many_there_are(aws: LocalAws) -> None:
    assert set(aws.holdings(REGION).values()) == {0}
    cognito = aws.cognito(REGION)
    pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for number in range(MANY):
        cognito.create_identity_provider(
            UserPoolId=pool_id,
            ProviderName=f"tenant-{number}",
            ProviderType="OIDC",
            ProviderDetails={
                "client_id": "c",
                "attributes_request_method": "GET",
                "oidc_issuer": "https://login.example",
                "authorize_scopes": "openid",
            },
        )
        cognito.create_user_pool_client(UserPoolId=pool_id, ClientName=f"app-{number}")
        cognito.create_resource_server(UserPoolId=pool_id, Identifier=f"api-{number}", Name="api")
    for number in range(1, MANY):
        cognito.create_user_pool(PoolName=f"people-{number}")
    cognito.create_user_pool_domain(UserPoolId=pool_id, Domain="people")
    cognito.create_user_pool_domain(
        UserPoolId=pool_id,
        Domain="login.contoso.example",
        CustomDomainConfig={"CertificateArn": "arn:aws:acm:us-east-1:000000000000:certificate/c"},
    )
    aws.client("logs", REGION).create_log_group(logGroupName="/aws/lambda/trigger")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    aws.client("iam", REGION).create_role(RoleName="trigger", AssumeRolePolicyDocument=trust)
    assert aws.holdings(REGION) == {
        "user pools": MANY,
        "domains": 2,
        "identity providers": MANY,
        "app clients": MANY,
        "resource servers": MANY,
        "functions": 0,
        "log groups": 1,
        "roles": 1,
    }
    assert sum(1 for _ in aws.app_clients(REGION)) == MANY
    assert aws.domain_hosts(REGION) == {
        f"people.auth.{REGION}.amazoncognito.com",
        "login.contoso.example",
    }


def test_the_deployer_may_do_what_its_policy_says(aws: LocalAws) -> None:
    role = "arn:aws:iam::000000000000:role/identity/bounded"
    boundary, another = (f"arn:aws:iam::aws:policy/{name}" for name in ("PowerUserAccess", "ReadOnlyAccess"))
    making = {
        "Effect": "Allow",
        "Action": ["iam:CreateRole", "iam:PutRolePolicy"],
        "Resource": role,
        "Condition": {"StringEquals": {"iam:PermissionsBoundary": boundary}},
    }
    reading = {"Effect": "Allow", "Action": "iam:GetRole", "Resource": role}
    keys = aws.environment()
    session = boto3.Session(keys["AWS_ACCESS_KEY_ID"], keys["AWS_SECRET_ACCESS_KEY"], region_name=REGION)
    iam = session.client("iam", endpoint_url=aws.url)
    trust = {"AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": []})}
    asked = {"RoleName": "bounded", "Path": "/identity/", "PermissionsBoundary": boundary, **trust}
    aws.allow_deployer({"Version": "2012-10-17", "Statement": [making, reading]})
    try:
        for wrong in (
            {"Path": "/"},
            {"RoleName": "other"},
            {"PermissionsBoundary": another},
        ):
            with pytest.raises(iam.exceptions.ClientError, match="AccessDenied"):
                iam.create_role(**asked | wrong)
        without = {name: value for name, value in asked.items() if name != "PermissionsBoundary"}
        with pytest.raises(iam.exceptions.ClientError, match="AccessDenied"):
            iam.create_role(**without)
        iam.create_role(**asked)
        policy = json.dumps(ANYTHING)
        iam.put_role_policy(RoleName="bounded", PolicyName="any", PolicyDocument=policy)
        assert iam.get_role(RoleName="bounded")["Role"]["Arn"] == role
        with pytest.raises(iam.exceptions.ClientError, match="AccessDenied"):
            iam.delete_role(RoleName="bounded")
        sts = session.client("sts", endpoint_url=aws.url)
        assert sts.get_caller_identity()["Arn"].endswith("user/deployer")
    finally:
        aws.allow_deployer(ANYTHING)


def test_secrets_parameters_certificates_and_zones_can_be_made(aws: LocalAws) -> None:
    secrets, parameters = aws.client("secretsmanager", REGION), aws.client("ssm", REGION)
    secrets.create_secret(Name="entra", SecretString="s3cret")
    assert secrets.get_secret_value(SecretId="entra")["SecretString"] == "s3cret"
    parameters.put_parameter(Name="/entra", Value="p4ram", Type="SecureString")
    got = parameters.get_parameter(Name="/entra", WithDecryption=True)["Parameter"]
    assert got["Value"] == "p4ram"
    assert aws.client("acm", "us-east-1").request_certificate(DomainName="login.contoso.example")
    zone = aws.client("route53", REGION).create_hosted_zone(Name="contoso.example", CallerReference="1")
    assert zone["HostedZone"]["Name"] == "contoso.example."
