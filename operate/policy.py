"""`python -m operate.policy <environment>`: the rights that an environment needs, in AWS or Entra ID.

Reads the settings only. Prints JSON: for AWS an IAM policy, for Entra ID the application permissions of
Microsoft Graph and what they are for. Exit status 0: printed. 1: the settings are refused.
"""

import json
import sys

from operate import cli
from operate.cli import ExitStatus
from operate.project import settings_of
from stacks.rights import (
    DIRECTORY_ROLES,
    Json,
    Purpose,
    aws_policy,
    graph_permissions,
    required_resource_access,
)
from stacks.settings import Settings


def entra_rights(settings: Settings, purpose: Purpose) -> Json:
    """The permissions with their reasons, as a registration lists them, and a person's role."""
    permissions = graph_permissions(settings, purpose)
    return {
        "permissions": {one["permission"]: one["why"] for one in permissions},
        "requiredResourceAccess": required_resource_access(permissions),
        "directoryRole": DIRECTORY_ROLES[purpose] if permissions else None,
    }


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = cli.parser("policy", "Which rights does a deploy need?")
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="the rights of a plan, and of verify, signin, guard and adopt, which change nothing",
    )
    parser.add_argument("--entra", action="store_true", help="the permissions in Entra ID, instead of AWS")
    chosen = parser.parse_args(arguments)
    settings = settings_of(chosen.environment, chosen.project.resolve())
    purpose: Purpose = "read" if chosen.read_only else "deploy"
    rights = (entra_rights if chosen.entra else aws_policy)(settings, purpose)
    sys.stdout.write(json.dumps(rights, indent=2) + "\n")
    return ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
