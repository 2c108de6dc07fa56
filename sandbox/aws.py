"""A local AWS as a child process on loopback: MiniStack for the services in `SERVICES`.

The sign-in domain of its user pools is another server of the same process, `sandbox.cognito`: as on AWS, it
has an address of its own.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import httpx
from botocore.config import Config
from botocore.session import Session

from sandbox.cognito.models import domain_host
from sandbox.errors import SandboxError
from sandbox.lifecycle import Startable, end
from sandbox.web.loopback import HOST, LoopbackServer, take_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef, UserPoolTypeTypeDef
    from mypy_boto3_s3 import S3Client

SOCKETS = "SANDBOX_SOCKETS"  # the variable that tells the child process which file descriptors are its ports
TRUSTED_ROOTS = "SANDBOX_TRUSTED_ROOTS"
SERVICES = "acm,cognito-idp,iam,kms,lambda,logs,route53,s3,secretsmanager,ssm,sts"
START_SECONDS = 60

PAGE = 50  # every service used here lists that many at once; some no more

# The account's root, as which tests and the sandbox itself look in and make what others own.
ACCESS_KEY = "sandbox"
SECRET_KEY = "sandbox"  # noqa: S105

# The shell's AWS_PROFILE is for real clouds, and may name one that this machine does not have.
SESSION = boto3.Session(botocore_session=Session(session_vars={"profile": (None, None, None, None)}))

DEPLOYER = "deployer"
ANYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


class LocalAws(Startable):
    """The local AWS of one sandbox.

    Attributes:
        url: where every AWS API answers.
        domain_url: where the user pools' domains answer: what stands for
            `https://<prefix>.auth.<region>.amazoncognito.com` on this machine.
    """

    def __init__(self, folder: Path) -> None:
        """Take free ports; nothing runs yet."""
        self._folder = folder
        # Held until the child process has them: nobody else is given one meanwhile.
        self._sockets = (take_port(), take_port())
        self._port, domain_port = (one.getsockname()[1] for one in self._sockets)
        self._process: subprocess.Popen[bytes] | None = None
        self._deployer_key = {"AccessKeyId": "", "SecretAccessKey": ""}
        self._clients: dict[tuple[str, str], Any] = {}
        self.url = f"http://{HOST}:{self._port}"
        self.domain_url = f"http://localhost:{domain_port}"

    @property
    def log(self) -> Path:
        """MiniStack's own log."""
        return self._folder / "ministack.log"

    def start(self) -> None:
        """Start MiniStack and wait until it answers.

        Raises:
            SandboxError: it ended or did not answer in time; the message quotes the end of its log.
        """
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox.aws"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._process_environment(),
                pass_fds=[one.fileno() for one in self._sockets],
                # Ctrl-C is for the sandbox, which then ends this process in its own order.
                start_new_session=True,
            )
        for one in self._sockets:
            one.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                end = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
                raise SandboxError(f"The local AWS (MiniStack) did not start on port {self._port}:\n{end}")
            time.sleep(0.1)
        iam = self.client("iam", "us-east-1")
        iam.create_user(UserName=DEPLOYER)
        self.allow_deployer(ANYTHING)
        self._deployer_key = iam.create_access_key(UserName=DEPLOYER)["AccessKey"]

    def stop(self) -> None:
        """End MiniStack."""
        if self._process is not None:
            end(self._process, signal.SIGTERM)
            self._process = None

    def allow_deployer(self, policy: "Mapping[str, object]") -> None:
        """Give the deployer, the user of `environment`, the rights of this policy and no others."""
        iam = self.client("iam", "us-east-1")
        iam.put_user_policy(UserName=DEPLOYER, PolicyName="rights", PolicyDocument=json.dumps(policy))

    def environment(self) -> dict[str, str]:
        """The variables by which Terraform, the AWS CLI and `operate/` find this AWS, and no other."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "ENTRA_COGNITO_DOMAIN_URL": self.domain_url,
            "AWS_ACCESS_KEY_ID": self._deployer_key["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self._deployer_key["SecretAccessKey"],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def client(self, service: str, region: str) -> Any:
        """A client of any service of this AWS, always the same."""
        if (service, region) not in self._clients:
            # The stubs know each service by its name, and this one takes any.
            make: Callable[..., Any] = SESSION.client
            self._clients[service, region] = make(
                service,
                region_name=region,
                endpoint_url=self.url,
                aws_access_key_id=ACCESS_KEY,
                aws_secret_access_key=SECRET_KEY,
                # A bucket's name as part of the host would need a name server.
                config=Config(s3={"addressing_style": "path"}),
            )
        return self._clients[service, region]

    def cognito(self, region: str) -> "CognitoIdentityProviderClient":
        """A Cognito client of this AWS."""
        client: CognitoIdentityProviderClient = self.client("cognito-idp", region)
        return client

    def s3(self, region: str) -> "S3Client":
        """An S3 client of this AWS."""
        client: S3Client = self.client("s3", region)
        return client

    def app_clients(self, region: str) -> "Iterator[UserPoolClientTypeTypeDef]":
        """Every app client of every user pool, with its secret."""
        cognito = self.cognito(region)
        for pool in _listed(cognito, "list_user_pools"):
            for client in _listed(cognito, "list_user_pool_clients", UserPoolId=pool["Id"]):
                yield cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client["ClientId"])[
                    "UserPoolClient"
                ]

    def domain_hosts(self, region: str) -> frozenset[str]:
        """The hosts of every domain, prefix and custom, of every user pool: this machine answers for them."""
        pools = self._pools(region)
        prefixes = (pool["Domain"] for pool in pools if pool.get("Domain"))
        custom = (pool["CustomDomain"] for pool in pools if pool.get("CustomDomain"))
        return frozenset({*(domain_host(prefix, region) for prefix in prefixes), *custom})

    def holdings(self, region: str) -> dict[str, int]:
        """How many objects of each kind there are, to show that a teardown left none."""
        cognito = self.cognito(region)
        pools = [pool["Id"] for pool in self._pools(region)]

        def in_pools(operation: str) -> int:
            return sum(1 for pool in pools for _ in _listed(cognito, operation, UserPoolId=pool))

        def in_region(service: str, operation: str) -> int:
            return sum(1 for _ in _listed(self.client(service, region), operation))

        return {
            "user pools": len(pools),
            "domains": len(self.domain_hosts(region)),
            "identity providers": in_pools("list_identity_providers"),
            "app clients": in_pools("list_user_pool_clients"),
            "resource servers": in_pools("list_resource_servers"),
            "functions": in_region("lambda", "list_functions"),
            "log groups": in_region("logs", "describe_log_groups"),
            "roles": in_region("iam", "list_roles"),
        }

    def _pools(self, region: str) -> "list[UserPoolTypeTypeDef]":
        cognito = self.cognito(region)
        return [
            cognito.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
            for pool in _listed(cognito, "list_user_pools")
        ]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/_ministack/health", timeout=2).is_success
        except httpx.TransportError:
            return False

    def _process_environment(self) -> dict[str, str]:
        # None of the person's own AWS settings, and no way to their Docker: MiniStack removes containers
        # that it takes for its own leftovers when it starts.
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AWS_", "MINISTACK_"))}
        return kept | {
            # Policies are evaluated, for everybody but the root, whose key this is.
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "BIND_HOST": HOST,
            "GATEWAY_PORT": str(self._port),
            SOCKETS: " ".join(str(one.fileno()) for one in self._sockets),
            # The local Entra ID's, by which a pipeline's issuer has its certificate, too.
            TRUSTED_ROOTS: str(self._folder / "entra-ca.pem"),
            "SERVICES": SERVICES,
            "STATE_DIR": str(self._folder / "ministack"),
            "S3_DATA_DIR": str(self._folder / "s3"),
            "TMPDIR": str(self._folder),
            "LOG_LEVEL": "WARNING",
            # Both would listen on every interface.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # As on AWS, also for sign-ins by the API: no tokens after a failed trigger.
            "MINISTACK_COGNITO_PRETOKEN_STRICT": "1",
            "DOCKER_HOST": f"unix://{self._folder / 'no-docker'}",
            "PYTHONPATH": str(Path(__file__).parents[1]),
        }


def _listed(client: Any, operation: str, **where: str) -> "Iterator[Any]":
    """Every object that a list operation tells of, however many pages it takes."""
    paginator = client.get_paginator(operation)
    for page in paginator.paginate(**where, PaginationConfig={"PageSize": PAGE}):
        yield from page[paginator.result_keys[0].expression]


def _end_with_parent() -> None:
    """End this process when the sandbox that started it is gone, however it went.

    The sandbox holds the other end of standard input and never writes: the end of that stream means that
    it has ended, also by a signal that left it no time to clean up.
    """

    def watch() -> None:
        # Not by the buffered stream: its lock would be held when the interpreter ends, which is fatal.
        os.read(sys.stdin.fileno(), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    from ministack import app as ministack  # type: ignore[import-untyped]

    from sandbox.aws_differences import keep_connections, listen_at, make_no_log_groups, serve_policy_status
    from sandbox.aws_rights import check_web_identities, see_all_of_a_request
    from sandbox.cognito.api import enforce
    from sandbox.cognito.client_secrets import add_operations
    from sandbox.cognito.server import ApiOnly, sign_in_domain
    from sandbox.cognito.user_pools import reset_omitted_triggers

    sys.argv[1:] = []
    # Lambda functions run as children of this process: they find their own code, and none of this project's.
    os.environ.pop("PYTHONPATH")
    _end_with_parent()
    api, taken = (socket.socket(fileno=int(one)) for one in os.environ.pop(SOCKETS).split())
    origin = f"http://localhost:{taken.getsockname()[1]}"
    domain = sign_in_domain(origin)
    reset_omitted_triggers()
    see_all_of_a_request()
    check_web_identities(Path(os.environ[TRUSTED_ROOTS]))
    keep_connections()
    listen_at(api)
    make_no_log_groups()
    serve_policy_status()
    enforce()
    add_operations()
    # What MiniStack serves is whatever has this name by then.
    ministack.app = ApiOnly(ministack.app, domain, origin)
    with LoopbackServer(domain, purpose="the user pools' sign-in domain", taken=taken):
        ministack.main()
