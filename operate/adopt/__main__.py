"""`python -m operate.adopt <environment>`: bring existing objects under code.

Looks in both clouds for what a settings file asks for, says what exists, what of it the state does not know,
and what a deploy would change about it. With `--write` it writes the record by which the next `cdktf deploy`
imports everything; it changes nothing else, and nothing in either cloud.

Exit status 0: everything that exists is in the Terraform state or in `<environment>.adopted.json`. 1: the
command cannot go on. 2: something exists that is in neither.
"""

import argparse
import sys

from operate import cli
from operate.adopt.differences import differences, pool_attributes
from operate.adopt.existing import AdoptOptions, ExistingObjects
from operate.adopt.report import report
from operate.adopt.unrecorded import find_existing, unrecorded
from operate.cli import ExitStatus
from operate.errors import OperateError
from operate.known_errors import KNOWN_ERRORS, STATE_FILES_OPEN
from operate.project import settings_of
from operate.state import Recorded, read_state
from stacks import adopted
from stacks.adopted import Adopted
from stacks.private_files import open_to_others
from stacks.settings import Settings
from stacks.settings.errors import SettingsError
from stacks.settings.fields import toml

ABOUT = (
    "Written by `pipenv run adopt {}`: what was made by hand, and is imported by the next deploy. Commit it,"
    " and keep it for as long as the environment lives; docs/adopt.md says why."
)


def _options(chosen: argparse.Namespace, recorded: Recorded) -> AdoptOptions:
    clients = dict(pair.partition("=")[::2] for pair in chosen.client)
    if not all(clients.values()):
        raise OperateError("--client wants KEY=ID, for instance --client web=2lgdno3hnr3ae17m0uaun8bvee.")
    return AdoptOptions(
        application_id=chosen.application_id,
        user_pool_id=chosen.user_pool_id,
        clients=clients,
        recorded=recorded.resources,
    )


def _check_adoptable(
    settings: Settings, existing: ExistingObjects, recorded: Recorded, record: Adopted
) -> None:
    """Refuse to write a record that would harm.

    Raises:
        OperateError: says why.
    """
    if recorded.resources and not record.imports:
        raise OperateError(
            f"The state of {settings.name} has objects that this project made: there is nothing to adopt."
            " Without --write the command says what an interrupted deploy left behind."
        )
    if replacing := [one for one in differences(existing, settings) if one.replaces]:
        lines = "\n".join(
            f"  [{one.table}]  {one.key} = {toml(one.existing)}   # now {toml(one.stated)}"
            for one in replacing
        )
        raise OperateError(
            "These settings would replace what exists, and for users that is somebody else. Write in"
            f" environments/{settings.name}.toml first:\n{lines}"
        )
    if not existing.imports(settings):
        raise OperateError(f"Nothing of {settings.name} exists: deploy it.")


def new_record(existing: ExistingObjects, settings: Settings) -> Adopted:
    """What `--write` writes."""
    own_pool = existing.pool if settings.cognito.user_pool_id is None else None
    return Adopted(
        about=ABOUT.format(settings.name),
        imports=existing.imports(settings),
        clients_with_secret=[key for key, client in existing.clients.items() if client.get("ClientSecret")],
        pool_attributes=pool_attributes(own_pool) if own_pool else [],
    )


@cli.command
def main(arguments: list[str] | None = None) -> int:
    """Look in both clouds, write the record if that is asked for, and report."""
    parser = cli.parser("adopt", "Bring what was made by hand under code.")
    parser.add_argument("--application-id", metavar="ID", help="the registration's application (client) id")
    parser.add_argument("--user-pool-id", metavar="ID", help="the user pool's id")
    parser.add_argument(
        "--client",
        action="append",
        default=[],
        metavar="KEY=ID",
        help="an app client's id, for its key in the settings; may be given again",
    )
    parser.add_argument("--write", action="store_true", help="write the record by which a deploy imports")
    chosen = parser.parse_args(arguments)
    project = chosen.project.resolve()
    folder = project / "environments"
    settings = settings_of(chosen.environment, project)
    try:
        record = adopted.load(folder, settings.name)
    except SettingsError as error:
        raise OperateError(str(error)) from None
    recorded = read_state(settings, project)
    existing = find_existing(settings, _options(chosen, recorded))
    if chosen.write:
        _check_adoptable(settings, existing, recorded, record)
        record = new_record(existing, settings)
        path = adopted.record_file(folder, settings.name)
        path.write_text(record.model_dump_json(indent=2, exclude_none=True) + "\n", "utf-8")
        sys.stdout.write(f"Wrote {path}: review and commit it.\n\n")
    sys.stdout.write("\n".join(report(settings, existing, recorded, record)) + "\n")
    if files := open_to_others(project, settings.name):
        known = KNOWN_ERRORS[STATE_FILES_OPEN]
        names = ", ".join(path.name for path in files)
        remedy = known.remedy.replace("{environment}", settings.name)
        sys.stdout.write(f"\n{known.cause.rstrip('.')} ({names}).\n  Remedy: {remedy}\n")
    missing = unrecorded(existing, settings, recorded)
    return ExitStatus.ATTENTION if missing.items() - record.imports.items() else ExitStatus.OK


if __name__ == "__main__":
    sys.exit(main())
