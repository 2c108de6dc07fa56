"""The stand-in's answers to Terraform's calls."""

import pytest

from sandbox.azuread_plugin.graph_client import GraphClient, GraphError
from sandbox.azuread_plugin.messages import MESSAGES
from sandbox.azuread_plugin.plan import plan_change
from sandbox.azuread_plugin.provider import Provider
from sandbox.azuread_plugin.wire import decode, dynamic
from tests.sandbox.azuread_plugin.fixtures import APPLICATION, ROLE, Json, application


def imported(resource: str, object_id: str) -> Json:
    request = MESSAGES["ImportResourceStateRequest"](type_name=resource, id=object_id)
    return Provider().answer("ImportResourceState", request)


def test_a_provider_that_is_not_configured_says_so() -> None:
    state = dynamic(application(id=f"/applications/{ROLE}"))
    request = MESSAGES["ReadResourceRequest"](type_name="azuread_application", current_state=state)
    answer = Provider().answer("ReadResource", request)
    assert answer.diagnostics[0].summary == "The azuread provider is not configured"


@pytest.mark.parametrize("object_id", [ROLE, "/applications/", f"/servicePrincipals/{ROLE}"])
def test_an_import_by_another_kind_of_id_is_refused(object_id: str) -> None:
    answer = imported("azuread_application", object_id)
    assert "has the form /applications/" in answer.diagnostics[0].detail


@pytest.mark.parametrize(
    ("resource", "object_id"),
    [
        ("azuread_application", f"/applications/{ROLE}"),
        ("azuread_service_principal", f"/servicePrincipals/{ROLE}"),
        ("azuread_service_principal_delegated_permission_grant", "/oauth2PermissionGrants/a-B_c"),
        ("azuread_app_role_assignment", f"/servicePrincipals/{ROLE}/appRoleAssignedTo/a-B_c"),
    ],
)
def test_an_import_by_the_right_id_is_accepted(resource: str, object_id: str) -> None:
    (one,) = imported(resource, object_id).imported_resources
    assert decode(one.state.msgpack)["id"] == object_id


def test_what_was_made_before_a_failure_is_in_the_state(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = GraphClient.send

    def failing(self: GraphClient, method: str, path: str, body: Json = None) -> Json:
        if method == "DELETE":
            raise GraphError(f"DELETE {path}", 403, '{"error": {"code": "Denied", "message": "no"}}')
        return send(self, method, path, body)

    monkeypatch.setattr(GraphClient, "send", failing)
    planned, _ = plan_change(APPLICATION, None, application(display_name="Half made"))
    answer = provider.answer(
        "ApplyResourceChange",
        MESSAGES["ApplyResourceChangeRequest"](
            type_name="azuread_application", prior_state=dynamic(None), planned_state=dynamic(planned)
        ),
    )
    made = provider.graph.list("/applications", where="displayName eq 'Half made'")[0]
    assert decode(answer.new_state.msgpack)["id"] == f"/applications/{made['id']}"
    assert "Denied: no" in answer.diagnostics[0].detail


def test_a_taken_name_is_refused_when_planning(provider: Provider) -> None:
    provider.graph.send("POST", "/applications", {"displayName": "Taken"})
    proposed = application(display_name="Taken", prevent_duplicate_names=True)
    answer = provider.answer(
        "PlanResourceChange",
        MESSAGES["PlanResourceChangeRequest"](
            type_name="azuread_application", prior_state=dynamic(None), proposed_new_state=dynamic(proposed)
        ),
    )
    assert "was found and `prevent_duplicate_names` was specified" in answer.diagnostics[0].summary


def test_a_password_cannot_be_imported() -> None:
    answer = imported("azuread_application_password", "x")
    assert "doesn't support import" in answer.diagnostics[0].summary


def test_a_state_of_another_version_is_refused() -> None:
    request = MESSAGES["UpgradeResourceStateRequest"](type_name="azuread_application", version=1)
    answer = Provider().answer("UpgradeResourceState", request)
    assert "schema version 1" in answer.diagnostics[0].summary
