"""The provider's answers to Terraform: one method per call of plugin protocol 5.

Source of the rules: Terraform's docs/plugin-protocol/tfplugin5.proto and
docs/resource-instance-change-lifecycle.md; where the real provider's SDK bends them, terraform-plugin-sdk's
helper/schema/grpc_provider.go.
"""

import json
import os
from collections.abc import Callable
from typing import Self

from sandbox.azuread_plugin.applications import Application
from sandbox.azuread_plugin.data_sources import READERS
from sandbox.azuread_plugin.graph_client import Graph, GraphError, Settings, require_loopback
from sandbox.azuread_plugin.messages import MESSAGES, Message
from sandbox.azuread_plugin.passwords import ApplicationPassword
from sandbox.azuread_plugin.plan import applied_state, plan_change, refreshed_state
from sandbox.azuread_plugin.problems import Problem, ProblemError
from sandbox.azuread_plugin.resources import Change, Resource, known
from sandbox.azuread_plugin.schema import (
    Node,
    data_source_type,
    empty,
    filled,
    provider_schema,
    resource_type,
)
from sandbox.azuread_plugin.service_principals import PermissionGrant, RoleAssignment, ServicePrincipal
from sandbox.azuread_plugin.validate import validate
from sandbox.azuread_plugin.wire import UNKNOWN, Json, Value, attribute_path, decode, dynamic, schema_message

_RESOURCES: dict[str, type[Resource]] = {
    "azuread_app_role_assignment": RoleAssignment,
    "azuread_application": Application,
    "azuread_application_password": ApplicationPassword,
    "azuread_service_principal": ServicePrincipal,
    "azuread_service_principal_delegated_permission_grant": PermissionGrant,
}
_VARIABLES = {
    "metadata_host": "ARM_METADATA_HOSTNAME",
    "tenant_id": "ARM_TENANT_ID",
    "client_id": "ARM_CLIENT_ID",
    "client_secret": "ARM_CLIENT_SECRET",
}


class Provider:
    """The azuread provider of the sandbox."""

    def __init__(self) -> None:
        """Build it, not yet configured."""
        self._graph: Graph | None = None

    def get_provider_schema(self, _request: Message) -> Message:
        """Describe the provider, its resources and its data sources."""
        schema, entry = provider_schema(), MESSAGES["SchemaEntry"]
        return MESSAGES["GetProviderSchemaResponse"](
            provider=schema_message(schema["provider"]),
            **{
                kind: [entry(key=name, value=schema_message(item)) for name, item in schema[kind].items()]
                for kind in ("resource_schemas", "data_source_schemas")
            },
        )

    def prepare_provider_config(self, request: Message) -> Message:
        """Accept the provider's arguments as they are: the defaults from the environment are taken later."""
        return MESSAGES["PrepareProviderConfigResponse"](prepared_config=request.config)

    def validate_resource_type_config(self, request: Message) -> Message:
        """Check a resource's configuration."""
        problems = validate(resource_type(request.type_name), decode(request.config.msgpack))
        return MESSAGES["ValidateConfigResponse"](diagnostics=[problem.message() for problem in problems])

    def validate_data_source_config(self, request: Message) -> Message:
        """Check a data source's configuration."""
        problems = validate(data_source_type(request.type_name), decode(request.config.msgpack))
        return MESSAGES["ValidateConfigResponse"](diagnostics=[problem.message() for problem in problems])

    def configure(self, request: Message) -> Message:
        """Sign in to the local Entra ID, or refuse."""
        response = MESSAGES["ConfigureResponse"]()
        with _Report(response, self, "configure the azuread provider"):
            self._graph = Graph(_settings(decode(request.config.msgpack)))
        return response

    def upgrade_resource_state(self, request: Message) -> Message:
        """Read a resource's state from Terraform's JSON."""
        response = MESSAGES["UpgradeResourceStateResponse"]()
        with _Report(response, self, f"read the state of {request.type_name}"):
            current = provider_schema()["resource_schemas"][request.type_name]["version"]
            if request.version != current:
                raise ProblemError(
                    f"The state of {request.type_name} has schema version {request.version}, not {current}",
                    "The stand-in of the azuread provider reads states of azuread 3.7.0 only.",
                )
            root = resource_type(request.type_name)
            state = {**empty(root), **json.loads(request.raw_state.json)}
            kept = {name: state[name] for name in root.fields}
            response.upgraded_state.CopyFrom(dynamic(_without_null_blocks(root, kept)))
        return response

    def read_resource(self, request: Message) -> Message:
        """Refresh a resource's state."""
        response = MESSAGES["ReadResourceResponse"](private=request.private)
        with _Report(response, self, f"read {request.type_name}"):
            root = resource_type(request.type_name)
            state = decode(request.current_state.msgpack)
            read = self._resource(request.type_name).read(state["id"], state)
            new = None if read is None else refreshed_state(root, state, _overlaid(root, state, read))
            if new is not None:
                new["timeouts"] = state["timeouts"]
            response.new_state.CopyFrom(dynamic(new))
        return response

    def plan_resource_change(self, request: Message) -> Message:
        """Plan a resource's change."""
        response = MESSAGES["PlanResourceChangeResponse"](
            legacy_type_system=True, planned_private=request.prior_private
        )
        with _Report(response, self, f"plan {request.type_name}"):
            prior = decode(request.prior_state.msgpack)
            plan = plan_change(
                resource_type(request.type_name), prior, decode(request.proposed_new_state.msgpack)
            )
            if plan.state is not None and plan.state is not prior:
                self._resource(request.type_name).check_plan(prior, plan.state)
            response.planned_state.CopyFrom(dynamic(plan.state))
            response.requires_replace.extend(attribute_path((name,)) for name in plan.replace)
        return response

    def apply_resource_change(self, request: Message) -> Message:
        """Create, update or delete a resource."""
        response = MESSAGES["ApplyResourceChangeResponse"](
            legacy_type_system=True, private=request.planned_private, new_state=request.prior_state
        )
        with _Report(response, self, f"apply {request.type_name}") as report:
            prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
            resource = self._resource(request.type_name)
            if planned is None:
                report.doing = f"delete {request.type_name}"
                resource.delete(prior["id"], prior)
                response.new_state.CopyFrom(dynamic(None))
                return response
            report.doing = f"{'create' if prior is None else 'update'} {request.type_name}"
            change = Change(
                resource_type(request.type_name), known(planned), prior, "" if prior is None else prior["id"]
            )
            try:
                (resource.create if prior is None else resource.update)(change)
            finally:
                # What exists is recorded even if a later step fails: Terraform then marks it as tainted.
                if prior is None and change.id:
                    made = {**change.planned, **change.extra, "id": change.id}
                    response.new_state.CopyFrom(dynamic(made))
            response.new_state.CopyFrom(dynamic(self._made_state(resource, change, planned)))
        return response

    def import_resource_state(self, request: Message) -> Message:
        """Take over an object by its ID; Terraform reads it next."""
        response = MESSAGES["ImportResourceStateResponse"]()
        with _Report(response, self, f"import {request.type_name}"):
            kind = _RESOURCES[request.type_name]
            if kind.id_form is None:
                raise ProblemError(f"resource {request.type_name} doesn't support import")
            if not kind.id_form.fullmatch(request.id):
                raise ProblemError(
                    f'parsing "{request.id}": this is not the ID of an {request.type_name}',
                    f"An ID has the form {kind.id_example}.",
                )
            response.imported_resources.add(
                type_name=request.type_name,
                state=dynamic({**empty(resource_type(request.type_name)), "id": request.id}),
            )
        return response

    def read_data_source(self, request: Message) -> Message:
        """Read a data source."""
        response = MESSAGES["ReadDataSourceResponse"]()
        with _Report(response, self, f"read data.{request.type_name}"):
            root = data_source_type(request.type_name)
            config = decode(request.config.msgpack)
            for name, node in root.fields.items():
                if config[name] is None:
                    config[name] = node.default
            read = READERS[request.type_name](self.graph, config)
            response.state.CopyFrom(dynamic(_overlaid(root, config, read)))
        return response

    def stop(self, _request: Message) -> Message:
        """Acknowledge that Terraform wants to stop: every call here ends soon by itself."""
        return MESSAGES["StopResponse"]()

    @property
    def graph(self) -> Graph:
        """The signed-in client.

        Raises:
            ProblemError: the provider is not configured.
        """
        if self._graph is None:
            raise ProblemError("The azuread provider is not configured")
        return self._graph

    def redacted(self, text: str) -> str:
        """A text without secrets."""
        return text if self._graph is None else self._graph.redacted(text)

    def _resource(self, name: str) -> Resource:
        return _RESOURCES[name](self.graph)

    def _made_state(self, resource: Resource, change: Change, planned: Json) -> Json:
        read = resource.read(change.id, change.planned)
        if read is None:
            raise ProblemError(f"{change.id} is not there after it was made")
        actual = _overlaid(change.root, change.planned, {**change.extra, **read, "id": change.id})
        state: Json = applied_state(change.root, planned, actual)
        return {**state, "timeouts": planned["timeouts"]}


class _Report:
    """Turns an error inside it into a diagnostic of the response.

    Attributes:
        doing: what is being done, for the message.
    """

    def __init__(self, response: Message, provider: Provider, doing: str) -> None:
        self.doing = doing
        self._response = response
        self._provider = provider

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is None:
            return False
        if isinstance(error, ProblemError):
            problem = error.problem
        elif isinstance(error, GraphError):
            problem = Problem(f"Could not {self.doing}", f"Microsoft Graph refused: {error}")
        else:
            problem = Problem(
                f"The stand-in of the azuread provider could not {self.doing}",
                f"This is an error in the stand-in itself: {type(error).__name__}: {error}",
            )
        detail = self._provider.redacted(problem.detail)
        shown = Problem(self._provider.redacted(problem.summary), detail, problem.path)
        self._response.diagnostics.append(shown.message())
        return True


CALLS: dict[str, tuple[str, Callable[[Provider, Message], Message]]] = {
    "GetSchema": ("Empty", Provider.get_provider_schema),
    "PrepareProviderConfig": ("PrepareProviderConfigRequest", Provider.prepare_provider_config),
    "ValidateResourceTypeConfig": ("ValidateConfigRequest", Provider.validate_resource_type_config),
    "ValidateDataSourceConfig": ("ValidateConfigRequest", Provider.validate_data_source_config),
    "Configure": ("ConfigureRequest", Provider.configure),
    "UpgradeResourceState": ("UpgradeResourceStateRequest", Provider.upgrade_resource_state),
    "ReadResource": ("ReadResourceRequest", Provider.read_resource),
    "PlanResourceChange": ("PlanResourceChangeRequest", Provider.plan_resource_change),
    "ApplyResourceChange": ("ApplyResourceChangeRequest", Provider.apply_resource_change),
    "ImportResourceState": ("ImportResourceStateRequest", Provider.import_resource_state),
    "ReadDataSource": ("ReadDataSourceRequest", Provider.read_data_source),
    "Stop": ("Empty", Provider.stop),
}


def _settings(config: Json) -> Settings:
    given = {
        name: config[name] if isinstance(config[name], str) else os.environ.get(variable, "")
        for name, variable in _VARIABLES.items()
    }
    require_loopback(given["metadata_host"])
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ProblemError(
            "The sandbox's azuread provider cannot sign in",
            f"It needs {' and '.join(f'{name} ({_VARIABLES[name]})' for name in missing)};"
            " no other way to sign in is implemented in this stand-in.",
            (missing[0],),
        )
    return Settings(**given)


def _overlaid(root: Node, state: Json, read: Json) -> Json:
    """A state with what was read laid over it, nested nulls filled in as the SDK does."""
    return {
        name: filled(node, read[name]) if name in read else _nothing_unknown(state[name])
        for name, node in root.fields.items()
    }


def _nothing_unknown(value: Value) -> Value:
    return None if value is UNKNOWN else value


def _without_null_blocks(node: Node, state: Value) -> Value:
    if node.kind == "object" and state is not None:
        return {name: _without_null_blocks(child, state.get(name)) for name, child in node.fields.items()}
    if node.of_blocks:
        return [_without_null_blocks(node.items(), item) for item in state or []]
    return state
