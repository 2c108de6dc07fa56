"""What would stop a deploy at a sign-in domain, looked up in a local AWS before anything is made."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest

from operate import new_domains
from operate.errors import OperateError
from operate.new_domains import problems
from operate.preflight import check
from operate.project import stacks_of
from sandbox.aws import LocalAws
from stacks.settings.files import load
from tests.conftest import EXAMPLES

REGION = "us-east-1"
HOST = "auth.contoso.example"
PREFIX = "contoso-domains"
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"
ZONE = "Z0123456789ABCDEFGHIJ"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws(tmp_path_factory.mktemp("aws")) as aws:
        yield aws


@pytest.fixture
def project(aws: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the example of both kinds of domain, and every name resolves."""
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(new_domains, "has_address", lambda _name: True)
    certificate = request_certificate(aws, HOST)
    text = (EXAMPLES / "custom-domain.toml").read_text("utf-8").replace(ARN, certificate)
    zone = aws.client("route53", REGION).create_hosted_zone(
        Name="contoso.example", CallerReference=str(tmp_path)
    )
    (tmp_path / "environments").mkdir()
    write(tmp_path, text.replace(ZONE, zone["HostedZone"]["Id"].rpartition("/")[2]))
    return tmp_path


def request_certificate(aws: LocalAws, name: str, *others: str) -> str:
    arn = aws.client("acm", REGION).request_certificate(
        DomainName=name, SubjectAlternativeNames=[name, *others]
    )["CertificateArn"]
    return str(arn)


def settings_file(project: Path) -> Path:
    return project / "environments" / "dev.toml"


def write(project: Path, text: str) -> None:
    settings_file(project).write_text(text, "utf-8")


def edit(project: Path, old: str, new: str) -> None:
    text = settings_file(project).read_text("utf-8")
    assert old in text
    write(project, text.replace(old, new))


def found(project: Path) -> list[str]:
    return [id_ for id_, _ in problems(load(settings_file(project)), project)]


def refusal(project: Path, *patterns: str, action: str = "deploy") -> str:
    try:
        check(action, stacks_of(patterns, project), project)
    except OperateError as error:
        return str(error)
    return ""


def certificate_of(project: Path) -> str:
    custom = load(settings_file(project)).cognito.custom_domain
    assert custom is not None
    return custom.certificate_arn


def record(aws: LocalAws, project: Path, kind: str, name: str = HOST) -> None:
    custom = load(settings_file(project)).cognito.custom_domain
    assert custom is not None
    value = {"A": "192.0.2.1", "CNAME": "elsewhere.example", "TXT": '"x"'}[kind]
    made = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    aws.client("route53", REGION).change_resource_record_sets(
        HostedZoneId=custom.hosted_zone_id,
        ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": made}]},
    )


def test_nothing_is_in_the_way_of_domains_that_can_be_made(project: Path) -> None:
    assert found(project) == []
    assert refusal(project, "dev") == ""


@pytest.mark.parametrize(("name", "id_"), [(PREFIX, "domain-taken"), (HOST, "host-taken")])
def test_a_domain_that_another_pool_has_is_found_with_the_remedy_of_its_kind(
    aws: LocalAws, project: Path, name: str, id_: str
) -> None:
    cognito = aws.cognito(REGION)
    pool = cognito.create_user_pool(PoolName="former")["UserPool"]["Id"]
    custom = {"CustomDomainConfig": {"CertificateArn": certificate_of(project)}} if name == HOST else {}
    cognito.create_user_pool_domain(Domain=name, UserPoolId=pool, **custom)  # type: ignore[arg-type]
    try:
        assert found(project) == [id_]
        text = refusal(project, "dev", "--auto-approve")
        assert pool in text
        assert ("Write another cognito.domain_prefix" in text) == (name == PREFIX)
        # As the remedy says.
        cognito.delete_user_pool_domain(Domain=name, UserPoolId=pool)
        assert found(project) == []
    finally:
        cognito.delete_user_pool(UserPoolId=pool)


def test_a_domain_in_the_state_is_no_longer_looked_up(aws: LocalAws, project: Path) -> None:
    cognito = aws.cognito(REGION)
    pool = cognito.create_user_pool(PoolName="own")["UserPool"]["Id"]
    cognito.create_user_pool_domain(Domain=PREFIX, UserPoolId=pool)
    text = settings_file(project).read_text("utf-8")
    write(
        project,
        text.partition("[cognito.custom_domain]")[0] + "[clients.web]" + text.partition("[clients.web]")[2],
    )
    assert found(project) == ["domain-taken"]
    instance = {"attributes": {"id": PREFIX}}
    resource = {"mode": "managed", "type": "aws_cognito_user_pool_domain", "name": "prefix"}
    state = {"resources": [resource | {"instances": [instance]}]}
    (project / "terraform.dev.tfstate").write_text(json.dumps(state))
    try:
        assert found(project) == []
    finally:
        cognito.delete_user_pool_domain(Domain=PREFIX, UserPoolId=pool)
        cognito.delete_user_pool(UserPoolId=pool)


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        ((HOST,), []),
        (("*.contoso.example",), []),
        (("contoso.example", "www.contoso.example", HOST), []),
        (("contoso.example",), ["certificate-host"]),
        (("*.example",), ["certificate-host"]),
        (("auth.contoso.example.org",), ["certificate-host"]),
    ],
)
def test_the_certificate_has_to_be_for_the_host(
    aws: LocalAws, project: Path, names: tuple[str, ...], ids: list[str]
) -> None:
    edit(project, certificate_of(project), request_certificate(aws, *names))
    assert found(project) == ids


def test_a_certificate_that_does_not_exist_is_found(project: Path) -> None:
    edit(project, certificate_of(project), ARN)
    assert found(project) == ["certificate-refused"]


def test_a_certificate_that_was_not_issued_yet_is_found(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The local AWS issues each at once.
    def client(*arguments: str, **options: object) -> object:
        made = boto3.client(*arguments, **options)  # type: ignore[call-overload]
        if arguments[0] == "acm":
            monkeypatch.setattr(made, "describe_certificate", lambda **_: {"Certificate": waiting})
        return made

    waiting = {"Status": "PENDING_VALIDATION", "DomainName": HOST}
    monkeypatch.setattr(new_domains, "boto3", SimpleNamespace(client=client))
    assert found(project) == ["certificate-refused"]
    assert "PENDING_VALIDATION" in refusal(project)


@pytest.mark.parametrize(
    ("kind", "name", "ids"),
    [
        ("A", HOST, ["dns-record-exists"]),
        ("CNAME", HOST, ["dns-record-exists"]),
        ("TXT", HOST, []),
        ("A", f"x.{HOST}", []),
        ("A", "contoso.example", []),
    ],
)
def test_a_dns_record_in_the_way_is_found(
    aws: LocalAws, project: Path, kind: str, name: str, ids: list[str]
) -> None:
    record(aws, project, kind, name)
    assert found(project) == ids


@pytest.mark.parametrize(
    ("names", "ids"),
    [
        ({"cognito-idp.us-east-1.amazonaws.com"}, ["parent-address"]),
        ({"cognito-idp.us-east-1.amazonaws.com", "contoso.example"}, []),
        # Where no name can be looked up, nothing is known of this one.
        (set(), []),
    ],
)
def test_the_domain_above_needs_an_address(
    project: Path, monkeypatch: pytest.MonkeyPatch, names: set[str], ids: list[str]
) -> None:
    monkeypatch.setattr(new_domains, "has_address", lambda name: name in names)
    assert found(project) == ids


@pytest.mark.parametrize(
    ("action", "pattern"), [("plan", "dev"), ("move", "dev"), ("deploy", "no"), ("deploy", "dev-bootstrap")]
)
def test_only_a_deploy_of_the_environment_is_refused(project: Path, action: str, pattern: str) -> None:
    edit(project, certificate_of(project), ARN)
    (project / "environments" / "prod.toml").write_text(settings_file(project).read_text("utf-8"))
    assert refusal(project, pattern, action=action) == ""
    assert "certificate-refused" in refusal(project, "d*")


def test_what_cannot_be_read_is_left_to_the_deploy(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(project, certificate_of(project), ARN)
    write(project, settings_file(project).read_text("utf-8") + "\nunknown = 1\n")
    assert refusal(project) == ""
    edit(project, "\nunknown = 1\n", "")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert refusal(project) == ""


def test_the_command_ends_before_cdktf_begins(project: Path) -> None:
    edit(project, certificate_of(project), ARN)
    command = [
        sys.executable,
        "-c",
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from operate import cdktf; sys.exit(cdktf.main())",
        str(EXAMPLES.parents[1]),
        "deploy",
        "dev",
    ]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "certificate-refused" in done.stderr
    assert "Nothing was changed" in done.stderr
    assert done.stdout == ""
