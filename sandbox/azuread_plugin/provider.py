"""The provider's answers to Terraform: one method per call of plugin protocol 5.

Source of the rules: Terraform's docs/plugin-protocol/tfplugin5.proto and
docs/resource-instance-change-lifecycle.md; where the real provider's SDK bends them, terraform-plugin-sdk's
helper/schema/grpc_provider.go.
"""

import os
import re
from collections.abc import Callable
from pathlib import Path

from sandbox.azuread_plugin.application import (
    Application,
    ApplicationPassword,
    FederatedCredential,
    refuse_taken_name,
)
from sandbox.azuread_plugin.data_sources import READERS
from sandbox.azuread_plugin.errors import ProviderError
from sandbox.azuread_plugin.graph_client import LOCAL_ONLY, GraphClient, Settings
from sandbox.azuread_plugin.messages import MESSAGES, Message
from sandbox.azuread_plugin.plan import normalized, plan_change
from sandbox.azuread_plugin.resource import Resource
from sandbox.azuread_plugin.schema import Node, data_source_type, empty, provider_schema, resource_type
from sandbox.azuread_plugin.service_principal import PermissionGrant, RoleAssignment, ServicePrincipal
from sandbox.azuread_plugin.validate import validate
from sandbox.azuread_plugin.wire import (
    Json,
    attribute_path,
    decode,
    dynamic,
    schema_message,
    without_unknowns,
)

_RESOURCES: dict[str, type[Resource]] = {
    "azuread_app_role_assignment": RoleAssignment,
    "azuread_application": Application,
    "azuread_application_federated_identity_credential": FederatedCredential,
    "azuread_application_password": ApplicationPassword,
    "azuread_service_principal": ServicePrincipal,
    "azuread_service_principal_delegated_permission_grant": PermissionGrant,
}
_VARIABLES = {
    "metadata_host": "ARM_METADATA_HOSTNAME",
    "tenant_id": "ARM_TENANT_ID",
    "client_id": "ARM_CLIENT_ID",
    "client_secret": "ARM_CLIENT_SECRET",
    "oidc_token": "ARM_OIDC_TOKEN",
}


class Provider:
    """The azuread provider of the sandbox."""

    def __init__(self) -> None:
        """Start without a connection: Terraform configures the provider later, if at all."""
        self._graph: GraphClient | None = None

    @property
    def graph(self) -> GraphClient:
        """The signed-in client; every run of Terraform makes its own when it configures the provider.

        Raises:
            ProviderError: the provider is not configured.
        """
        if self._graph is None:
            raise ProviderError("The azuread provider is not configured")
        return self._graph

    def answer(self, call: str, request: Message) -> Message:
        """Answer a call; an error in it becomes a diagnostic of the response."""
        messages, method = CALLS[call]
        response = MESSAGES[f"{messages}Response"]()
        try:
            method(self, request, response)
        except ProviderError as error:
            response.diagnostics.append(error.message())
        return response

    def get_schema(self, _request: Message, response: Message) -> None:
        """Describe the provider, its resources and its data sources."""
        schema = provider_schema()
        response.provider.CopyFrom(schema_message(schema["provider"]))
        for kind in ("resource_schemas", "data_source_schemas"):
            for name, one in schema[kind].items():
                getattr(response, kind).add(key=name, value=schema_message(one))

    def prepare_config(self, request: Message, response: Message) -> None:
        """Accept the provider's arguments as they are: the defaults from the environment are taken later."""
        response.prepared_config.CopyFrom(request.config)

    def validate_resource(self, request: Message, response: Message) -> None:
        """Check a resource's configuration."""
        self._validate(resource_type(request.type_name), request, response)

    def validate_data_source(self, request: Message, response: Message) -> None:
        """Check a data source's configuration."""
        self._validate(data_source_type(request.type_name), request, response)

    def configure(self, request: Message, _response: Message) -> None:
        """Sign in to the local Entra ID, or refuse."""
        self._graph = GraphClient(_settings(decode(request.config.msgpack)))

    def upgrade_state(self, request: Message, response: Message) -> None:
        """Accept a resource's state as Terraform has it, in JSON."""
        current = provider_schema()["resource_schemas"][request.type_name]["version"]
        if request.version != current:
            raise ProviderError(
                f"The state of {request.type_name} has schema version {request.version}, not {current}",
                "The stand-in for the azuread provider reads states of azuread 3.7.0 only.",
            )
        response.upgraded_state.json = request.raw_state.json

    def read(self, request: Message, response: Message) -> None:
        """Refresh a resource's state."""
        response.private = request.private
        resource = self._resource(request.type_name)
        state = decode(request.current_state.msgpack)
        actual = resource.read(state)
        if actual is not None:
            actual = normalized(resource.root, {**state, **actual}, state, applied=False)
        response.new_state.CopyFrom(dynamic(actual))

    def plan(self, request: Message, response: Message) -> None:
        """Plan a resource's change."""
        response.legacy_type_system = True
        response.planned_private = request.prior_private
        prior = decode(request.prior_state.msgpack)
        proposed = decode(request.proposed_new_state.msgpack)
        planned, replace = plan_change(resource_type(request.type_name), prior, proposed)
        # Of an existing application the real provider checks a new name only when it applies it.
        if prior is None and request.type_name == "azuread_application":
            refuse_taken_name(self.graph, planned)
        response.planned_state.CopyFrom(dynamic(planned))
        response.requires_replace.extend(attribute_path((name,)) for name in replace)

    def apply(self, request: Message, response: Message) -> None:
        """Create, update or delete a resource."""
        response.legacy_type_system = True
        response.private = request.planned_private
        response.new_state.CopyFrom(request.prior_state)
        resource = self._resource(request.type_name)
        prior, planned = decode(request.prior_state.msgpack), decode(request.planned_state.msgpack)
        if planned is None:
            resource.delete(prior)
            response.new_state.CopyFrom(dynamic(None))
            return
        made = without_unknowns(planned)
        if prior is None:
            try:
                resource.create(made)
            finally:
                # What exists is recorded even if a later step fails: Terraform then marks it as tainted.
                if made["id"]:
                    response.new_state.CopyFrom(dynamic(made))
        else:
            resource.update(prior, made)
        actual = resource.read(made)
        if actual is None:
            raise ProviderError(f"{made['id']} is not there after it was made")
        state = normalized(resource.root, {**made, **actual}, planned, applied=True)
        response.new_state.CopyFrom(dynamic(state))

    def import_state(self, request: Message, response: Message) -> None:
        """Take over an object by its ID; Terraform reads it next."""
        form = _RESOURCES[request.type_name].id_form
        if form is None:
            raise ProviderError(f"resource {request.type_name} doesn't support import")
        if not re.fullmatch(re.sub(r"<\w+>", "[^/]+", form), request.id):
            raise ProviderError("Unexpected ID", f"An ID of {request.type_name} has the form {form}.")
        state = {**empty(resource_type(request.type_name)), "id": request.id}
        response.imported_resources.add(type_name=request.type_name, state=dynamic(state))

    def read_data_source(self, request: Message, response: Message) -> None:
        """Read a data source."""
        root = data_source_type(request.type_name)
        config = decode(request.config.msgpack)
        for name, node in root.fields.items():
            if config[name] is None:
                config[name] = node.default
        actual = READERS[request.type_name](self.graph, root, config)
        response.state.CopyFrom(dynamic({**config, **actual}))

    def stop(self, _request: Message, _response: Message) -> None:
        """Acknowledge that Terraform wants to stop: every call here ends soon by itself."""

    def _validate(self, root: Node, request: Message, response: Message) -> None:
        errors = validate(request.type_name, root, decode(request.config.msgpack))
        response.diagnostics.extend(error.message() for error in errors)

    def _resource(self, name: str) -> Resource:
        return _RESOURCES[name](self.graph, resource_type(name))


# The name of a call's messages, without Request and Response, and what answers it.
CALLS: dict[str, tuple[str, Callable[[Provider, Message, Message], None]]] = {
    "GetSchema": ("GetProviderSchema", Provider.get_schema),
    "PrepareProviderConfig": ("PrepareProviderConfig", Provider.prepare_config),
    "ValidateResourceTypeConfig": ("ValidateConfig", Provider.validate_resource),
    "ValidateDataSourceConfig": ("ValidateConfig", Provider.validate_data_source),
    "Configure": ("Configure", Provider.configure),
    "UpgradeResourceState": ("UpgradeResourceState", Provider.upgrade_state),
    "ReadResource": ("ReadResource", Provider.read),
    "PlanResourceChange": ("PlanResourceChange", Provider.plan),
    "ApplyResourceChange": ("ApplyResourceChange", Provider.apply),
    "ImportResourceState": ("ImportResourceState", Provider.import_state),
    "ReadDataSource": ("ReadDataSource", Provider.read_data_source),
    "Stop": ("Stop", Provider.stop),
}


def _settings(config: Json) -> Settings:
    values = {
        name: config[name] if isinstance(config[name], str) else os.environ.get(variable, "")
        for name, variable in _VARIABLES.items()
    }
    if file := os.environ.get("ARM_OIDC_TOKEN_FILE_PATH"):
        values["oidc_token"] = values["oidc_token"] or Path(file).read_text("utf-8").strip()
    # One of the two is enough.
    instead = "client_secret" if values["oidc_token"] else "oidc_token"
    missing = [
        f"{name} ({_VARIABLES[name]})" for name, value in values.items() if not value and name != instead
    ]
    if missing:
        detail = f"It needs {' and '.join(missing)}, and has no other way to sign in."
        raise ProviderError(LOCAL_ONLY, detail)
    return Settings(**values)
