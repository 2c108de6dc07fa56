"""`python -m operate.adopt <environment>`: bring what was made by hand, or left behind, under code.

Looks in both clouds for what a settings file asks for, says what exists, what of it the state does not know,
and what a deploy would change about it. With `--write` it writes the record by which the next `cdktf deploy`
imports everything; it changes nothing else, and nothing in either cloud.

Exit status 0: everything that exists is on record, in the state or in the file. 1: the command cannot go on.
2: something exists that neither has.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from operate import http_client
from operate.adopt.existing import AdoptOptions, ExistingObjects
from operate.adopt.find import find
from operate.adopt.settings import decisive, differences, fragment, other_clients, pool_attributes, toml
from operate.adopt.warnings import warnings
from operate.cognito_api import sdk
from operate.errors import OperateError
from operate.graph_api import GraphError, connect
from operate.outputs import Expected, Outputs
from operate.state import Recorded, read_state
from operate.verify.findings import NotChecked
from stacks import adopted
from stacks.adopted import Adopted
from stacks.expectations import expectations
from stacks.settings import Settings
from stacks.settings.errors import SettingsError
from stacks.settings.files import load as load_settings

DONE, FAILED, UNRECORDED, INTERRUPTED = 0, 1, 2, 130

ABOUT = (
    "Written by `pipenv run adopt {}`: what was made by hand, and is imported by the next deploy. Commit it,"
    " and keep it for as long as the environment lives; docs/adopt.md says why."
)


def look(settings: Settings, wishes: AdoptOptions) -> ExistingObjects:
    """Look in both clouds, with the credentials that a deploy would use.

    Raises:
        OperateError: a cloud cannot be asked, or the answer is ambiguous.
    """
    # All that signing in to Graph takes of the outputs, before there are any.
    known: dict[str, Any] = {"expected": Expected.model_validate(expectations(settings))}
    outputs = Outputs.model_construct(None, **known)
    cognito = sdk(settings.aws.region)
    if isinstance(cognito, NotChecked):
        raise OperateError(f"Cognito cannot be asked: {cognito.why}.")
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to load

    with http_client.client() as http:
        # Of somebody else's registration nothing is adopted, and its tenant may be out of reach.
        graph = connect(http, outputs) if settings.entra.registration is None else None
        if isinstance(graph, NotChecked):
            raise OperateError(f"Microsoft Graph cannot be asked: {graph.why}.")
        try:
            return find(graph, cognito, settings, wishes)
        except GraphError as error:
            raise OperateError(f"Microsoft Graph cannot be asked: {error}.") from None
        except (BotoCoreError, ClientError) as error:
            raise OperateError(f"Cognito cannot be asked: {error}.") from None


def unrecorded(found: ExistingObjects, settings: Settings, recorded: Recorded) -> dict[str, str]:
    """What exists, is asked for, and is not in the state: Terraform address to import id."""
    return {
        address: id_
        for address, id_ in found.imports(settings).items()
        if not _same(recorded.resources.get(address), id_)
    }


def left_behind(environment: str, project: Path) -> list[str]:
    """What an interrupted first deploy made and did not record, a line each with the command that mends it.

    For whoever finds an environment without outputs; empty also where the clouds cannot be asked.
    """
    try:
        settings = load_settings(project / "environments" / f"{environment}.toml")
        recorded = read_state(settings, project)
        found = look(
            settings, AdoptOptions(deployer=os.environ.get("ARM_CLIENT_ID"), recorded=recorded.resources)
        )
    except (OperateError, SettingsError):
        return []
    return [
        f"{address} exists and is on no record: {repair_command(environment, address, id_, recorded)}"
        for address, id_ in unrecorded(found, settings, recorded).items()
    ]


def record(found: ExistingObjects, settings: Settings) -> Adopted:
    """What `--write` writes."""
    return Adopted(
        about=ABOUT.format(settings.name),
        imports=found.imports(settings),
        clients_with_secret=[key for key, client in found.clients.items() if client.get("ClientSecret")],
        pool_attributes=(
            pool_attributes(found.pool) if found.pool and settings.cognito.user_pool_id is None else []
        ),
    )


def repair_command(environment: str, address: str, id_: str, recorded: Recorded) -> str:
    """The command that mends what an interrupted first deploy left behind: one object of it."""
    if address.startswith(adopted.PROVIDER) and not recorded.secret_key_ids:
        # Imported without the secret that it holds, it would show it: the next plan prints what it replaces.
        pool_id, _, name = id_.partition(":")
        return (
            f"aws cognito-idp delete-identity-provider --user-pool-id {pool_id} --provider-name {name}"
            "  # the deploy makes it again"
        )
    return f"terraform -chdir=cdktf.out/stacks/{environment} import '{address}' '{id_}'"


def report(settings: Settings, found: ExistingObjects, recorded: Recorded, known: Adopted) -> Iterator[str]:
    """What a person reads."""
    missing = unrecorded(found, settings, recorded)
    imports = found.imports(settings)
    yield f"{settings.name}: {len(imports)} objects exist, {len(missing)} of them are not in the state."
    if recorded.lock:
        yield (
            f"The state is locked since {recorded.lock.since} by {recorded.lock.who}. If that deploy is over:"
            f" terraform -chdir=cdktf.out/stacks/{settings.name} force-unlock {recorded.lock.id}"
        )
    if settings.cognito.user_pool_id is not None:
        yield (
            f"The user pool {settings.cognito.user_pool_id} is somebody else's and stays as it is: only its"
            " identity providers, and app clients that are to be this stack's, are adopted."
        )
    if settings.entra.registration is not None:
        yield "The app registration belongs to somebody else: nothing in Entra ID is adopted."
    if imports:
        yield ""
    width = max(map(len, imports), default=0)
    for address, id_ in imports.items():
        yield f"  {address:{width}}  {_where(address, known, missing)}  {id_}"
    yield from _secrets(found, recorded, settings.name)
    yield from _titled(
        "A deploy would change what exists to what the settings say. To keep it as it is, write in"
        f" environments/{settings.name}.toml:",
        fragment(differences(found, settings), other_clients(found, settings)).splitlines(),
    )
    yield from _titled(
        "Of the same name, and something else: left behind by an interrupted deploy, if you know of no other"
        " use. Then remove it:",
        [_removal(one) for one in found.namesakes],
    )
    yield from _titled("No setting prevents:", [f"- {one}" for one in warnings(found, settings)])
    yield from _next(settings.name, missing, recorded, known)


def _next(environment: str, missing: dict[str, str], recorded: Recorded, known: Adopted) -> Iterator[str]:
    left = {address: id_ for address, id_ in missing.items() if known.imports.get(address) != id_}
    if not left:
        if missing:
            yield ""
            yield f"Next: pipenv run cdktf diff {environment}. The deploy imports what is in the record."
        return
    if not recorded.resources:
        yield from _titled(
            "Made by hand? Write the record, by which the next deploy imports all of it:",
            [f"pipenv run adopt {environment} --write"],
        )
    yield from _titled(
        "Left behind by an interrupted first deploy? Put it on record, then deploy again:",
        [repair_command(environment, address, id_, recorded) for address, id_ in left.items()],
    )


def _secrets(found: ExistingObjects, recorded: Recorded, environment: str) -> Iterator[str]:
    credentials = (found.application or {}).get("passwordCredentials") or []
    foreign = [one for one in credentials if one["keyId"] not in recorded.secret_key_ids]
    if not foreign or found.application is None:
        return
    lines = [
        f"{one['keyId']}  {one.get('hint') or '***'}...  until {one['endDateTime'][:10]}"
        f"  {one.get('displayName') or ''}".rstrip()
        for one in foreign
    ]
    yield from _titled(
        "Cannot be imported, since nobody can read its value: a client secret. The deploy makes another and"
        " gives it to Cognito, and this one stays valid. Once people sign in with the new one"
        f" (pipenv run verify {environment}), remove it:",
        [
            *lines,
            *(
                f"az ad app credential delete --id {found.application['appId']} --key-id {one['keyId']}"
                for one in foreign
            ),
        ],
    )


def _removal(namesake: dict[str, Any]) -> str:
    if "appId" in namesake:
        return f"az ad app delete --id {namesake['appId']}"
    return f"aws cognito-idp delete-user-pool --user-pool-id {namesake['Id']}"


def _where(address: str, known: Adopted, missing: dict[str, str]) -> str:
    if address not in missing:
        return "in the state    "
    return "in the record   " if known.imports.get(address) == missing[address] else "not in the state"


def _titled(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield from ("", title, "")
        yield from (f"  {line}".rstrip() for line in lines)


def _same(recorded: str | None, import_id: str) -> bool:
    """Whether a state's id is that of an import id, of which it may be the last part."""
    return recorded is not None and (
        import_id == recorded or import_id.endswith((f"/{recorded}", f",{recorded}"))
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="adopt", description="Bring what was made by hand under code.")
    parser.add_argument("environment", help="the stack's name: its file in environments/ without .toml")
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
    parser.add_argument(
        "--project", type=Path, default=Path(), metavar="FOLDER", help="the folder with cdktf.json"
    )
    return parser


def _wishes(chosen: argparse.Namespace, recorded: Recorded) -> AdoptOptions:
    clients = dict(pair.partition("=")[::2] for pair in chosen.client)
    if not all(clients.values()):
        raise OperateError("--client wants KEY=ID, for instance --client web=2lgdno3hnr3ae17m0uaun8bvee.")
    return AdoptOptions(
        application_id=chosen.application_id,
        user_pool_id=chosen.user_pool_id,
        clients=clients,
        deployer=os.environ.get("ARM_CLIENT_ID"),
        recorded=recorded.resources,
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    chosen = _parser().parse_args(arguments)
    project = chosen.project.resolve()
    folder = project / "environments"
    try:
        settings = load_settings(folder / f"{chosen.environment}.toml")
        known = adopted.load(folder, settings.name)
        recorded = read_state(settings, project)
        found = look(settings, _wishes(chosen, recorded))
        if chosen.write:
            known = _write(folder, settings, found, recorded, known)
    except (OperateError, SettingsError) as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    sys.stdout.write("\n".join(report(settings, found, recorded, known)) + "\n")
    missing = unrecorded(found, settings, recorded)
    return UNRECORDED if any(known.imports.get(address) != id_ for address, id_ in missing.items()) else DONE


def _write(
    folder: Path, settings: Settings, found: ExistingObjects, recorded: Recorded, known: Adopted
) -> Adopted:
    if recorded.resources and not known.imports:
        raise OperateError(
            f"The state of {settings.name} has objects that this project made: there is nothing to adopt."
            " Without --write the command says what an interrupted deploy left behind."
        )
    if replaced := decisive(differences(found, settings)):
        lines = "\n".join(
            f"  [{one.table}]  {one.key} = {toml(one.existing)}   # now {toml(one.written)}"
            for one in replaced
        )
        raise OperateError(
            "These settings would replace what exists, and for users that is somebody else. Write in"
            f" environments/{settings.name}.toml first:\n{lines}"
        )
    if not found.imports(settings):
        raise OperateError(f"Nothing of {settings.name} exists: deploy it.")
    written = record(found, settings)
    path = adopted.record_file(folder, settings.name)
    path.write_text(written.model_dump_json(indent=2, exclude_none=True) + "\n", "utf-8")
    sys.stdout.write(f"Wrote {path}: review and commit it.\n\n")
    return written


if __name__ == "__main__":
    sys.exit(main())
