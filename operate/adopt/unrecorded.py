"""Objects that exist and are missing in the Terraform state, and the command that imports each."""

from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from operate import http_client
from operate.adopt.existing import AdoptOptions, ExistingObjects
from operate.adopt.find import find
from operate.cognito_api import cognito_client
from operate.errors import OperateError, Unavailable
from operate.graph_api import GraphError, connect
from operate.project import settings_of
from operate.state import Recorded, read_state
from stacks.addresses import instance
from stacks.expected import expected
from stacks.settings import Settings


def find_existing(settings: Settings, options: AdoptOptions) -> ExistingObjects:
    """Look in both clouds, with the credentials that a deploy would use.

    Raises:
        OperateError: a cloud cannot be asked, or the answer is ambiguous.
    """
    cognito = cognito_client(settings.aws.region)
    if isinstance(cognito, Unavailable):
        raise OperateError(f"Cognito cannot be asked: {cognito.why}.")
    with http_client.client() as http:
        # Of somebody else's registration nothing is adopted, and its tenant may be out of reach.
        graph = connect(http, expected(settings)) if settings.entra.registration is None else None
        if isinstance(graph, Unavailable):
            raise OperateError(f"Microsoft Graph cannot be asked: {graph.why}.")
        try:
            return find(graph, cognito, settings, options)
        except GraphError as error:
            raise OperateError(f"Microsoft Graph cannot be asked: {error}.") from None
        except (BotoCoreError, ClientError) as error:
            raise OperateError(f"Cognito cannot be asked: {error}.") from None


def unrecorded(existing: ExistingObjects, settings: Settings, recorded: Recorded) -> dict[str, str]:
    """What exists, is asked for, and is not in the state: Terraform address to import id."""
    return {
        address: id_
        for address, id_ in existing.imports(settings).items()
        if not _same(recorded.resources.get(address), id_)
    }


def _same(recorded: str | None, import_id: str) -> bool:
    """Whether a state's id is that of an import id, of which it may be the last part."""
    return recorded is not None and (
        import_id == recorded or import_id.endswith((f"/{recorded}", f",{recorded}"))
    )


def left_behind(environment: str, project: Path) -> list[str]:
    """What an interrupted first deploy made and did not record, a line each with the command that mends it.

    For whoever finds an environment without outputs; empty also where the clouds cannot be asked.
    """
    try:
        settings = settings_of(environment, project)
        recorded = read_state(settings, project)
        options = AdoptOptions(recorded=recorded.resources)
        existing = find_existing(settings, options)
    except OperateError:
        return []
    return [
        f"{address} exists and is missing in the state: {repair_command(environment, address, id_, recorded)}"
        for address, id_ in unrecorded(existing, settings, recorded).items()
    ]


def repair_command(environment: str, address: str, id_: str, recorded: Recorded) -> str:
    """The command that mends what an interrupted first deploy left behind: one object of it."""
    if address.startswith("aws_cognito_identity_provider.") and not recorded.secret_key_ids:
        # Imported without the secret that it holds, it would show it: the next plan prints what it replaces.
        pool_id, _, name = id_.partition(":")
        return (
            f"aws cognito-idp delete-identity-provider --user-pool-id {pool_id} --provider-name {name}"
            "  # the deploy makes it again"
        )
    return f"terraform -chdir=cdktf.out/stacks/{environment} import '{instance(address)}' '{id_}'"
