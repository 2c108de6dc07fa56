"""Before a deploy makes a sign-in domain: look up what would stop it half-way.

Cognito and Route 53 refuse a domain, its certificate or its record only when the registration and the user
pool exist already. A Terraform data source cannot tell before: that of ACM finds no certificate by its ARN,
and there is none for DNS. What cannot be looked up from here is left to the deploy.
"""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from operate.adopt.existing import domain_names
from operate.cognito_api import ATTEMPTS, SECONDS, cognito_client
from operate.errors import OperateError, Unavailable
from operate.known_errors import KNOWN_ERRORS, Detected
from operate.state import read_state
from stacks import addresses, adopted
from stacks.settings import Settings
from stacks.settings.errors import SettingsError

if TYPE_CHECKING:
    from stacks.settings.domains import CustomDomainSettings

# CloudFront, which serves custom domains, reads certificates there only; Route 53 has no other region.
GLOBAL_REGION = "us-east-1"
# What an A record of the same name cannot stand beside.
IN_THE_WAY = {"A", "CNAME"}
_CONFIG = Config(connect_timeout=SECONDS, read_timeout=SECONDS, retries={"total_max_attempts": ATTEMPTS})


def before_deploy(settings: Settings, project: Path) -> str:
    """Why a deploy would stop at a sign-in domain; empty where it would not."""
    lines = []
    try:
        for id_, detail in problems(settings, project):
            remedy = KNOWN_ERRORS[id_].remedy.replace("{environment}", settings.name)
            lines += [f"{settings.name}: {id_}: {detail}", f"  Remedy: {remedy}"]
    except (OperateError, SettingsError):
        pass  # The command itself says so.
    if not lines:
        return ""
    return "\n".join(
        [
            "The deploy would stop half-way, at the sign-in domain. Nothing was changed.",
            *lines,
            f"To deploy all the same: node_modules/.bin/cdktf deploy {settings.name}",
        ]
    )


def problems(settings: Settings, project: Path) -> Iterator[Detected]:
    """What is wrong with each domain that the next deploy cannot make.

    Raises:
        OperateError: the state cannot be read.
        SettingsError: the record of adopted objects cannot be.
    """
    recorded = read_state(settings, project).resources
    imports = adopted.load(project / "environments", settings.name).imports
    new = {
        address: name
        for address, name in domain_names(settings).items()
        if recorded.get(address) != name and address not in imports
    }
    cognito = cognito_client(settings.aws.region)
    if not new or isinstance(cognito, Unavailable):
        return
    for address, name in new.items():
        try:
            described = cognito.describe_user_pool_domain(Domain=name)["DomainDescription"]
        except (BotoCoreError, ClientError):
            continue
        # AWS describes a domain that does not exist, or is another account's, without a pool.
        if pool := described.get("UserPoolId"):
            id_ = "domain-taken" if address == addresses.PREFIX_DOMAIN else "host-taken"
            yield id_, f"{name} is a domain of the user pool {pool}, and is not in the state"
    custom = settings.cognito.custom_domain
    if custom is None or addresses.CUSTOM_DOMAIN not in new:
        return
    yield from _parent(custom.host, settings.aws.region)
    checks: list[Callable[[CustomDomainSettings], Iterator[Detected]]] = [_certificate]
    if addresses.CUSTOM_DOMAIN_RECORD not in {*recorded, *imports}:
        checks.append(_record)
    for check in checks:
        try:
            yield from check(custom)
        except (BotoCoreError, ClientError):
            continue


def _parent(host: str, region: str) -> Iterator[Detected]:
    """Developer guide, "Using your own domain for managed login": the domain above needs an A record."""
    parent = host.partition(".")[2]
    # Where not even AWS has an address, as behind a proxy, names cannot be looked up at all.
    if not has_address(parent) and has_address(f"cognito-idp.{region}.amazonaws.com"):
        yield "parent-address", f"{parent} has no A record that can be seen from here"


def has_address(name: str) -> bool:
    """Whether a name has an A record."""
    try:
        return bool(socket.getaddrinfo(name, None, socket.AF_INET))
    except OSError:
        return False


def _certificate(custom: "CustomDomainSettings") -> Iterator[Detected]:
    """ACM API reference, DescribeCertificate."""
    acm = boto3.client("acm", region_name=GLOBAL_REGION, config=_CONFIG)
    try:
        certificate = acm.describe_certificate(CertificateArn=custom.certificate_arn)["Certificate"]
    except acm.exceptions.ResourceNotFoundException:
        yield "certificate-refused", f"there is no {custom.certificate_arn}"
        return
    if certificate["Status"] != "ISSUED":
        yield "certificate-refused", f"the status of {custom.certificate_arn} is {certificate['Status']}"
    names = {certificate["DomainName"], *certificate.get("SubjectAlternativeNames", [])}
    if not names & {custom.host, f"*.{custom.host.partition('.')[2]}"}:
        yield "certificate-host", f"the certificate is for {', '.join(sorted(names))}, not for {custom.host}"


def _record(custom: "CustomDomainSettings") -> Iterator[Detected]:
    """Route 53 API reference, ListResourceRecordSets: in the order of names, from the host on."""
    if custom.hosted_zone_id is None:
        return
    route53 = boto3.client("route53", region_name=GLOBAL_REGION, config=_CONFIG)
    listed = route53.list_resource_record_sets(
        HostedZoneId=custom.hosted_zone_id, StartRecordName=custom.host
    )
    for record in listed["ResourceRecordSets"]:
        if record["Name"].rstrip(".") == custom.host and record["Type"] in IN_THE_WAY:
            what = f"{record['Type']} record of {custom.host}"
            yield "dns-record-exists", f"the hosted zone {custom.hosted_zone_id} has the {what}"
