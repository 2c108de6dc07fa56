"""The resource azuread_application_password: a client secret that Entra ID generates."""

import re

from sandbox.azuread_plugin.problems import ProblemError
from sandbox.azuread_plugin.resources import Change, Resource, get_or_none
from sandbox.azuread_plugin.wire import Json

_FRACTION = re.compile(r"\.\d+")


class ApplicationPassword(Resource):
    """azuread_application_password; its ID is <application's object ID>/password/<key ID>."""

    def create(self, change: Change) -> None:
        """Add the password.

        Raises:
            ProblemError: the application does not exist, or does not show the password.
        """
        path = change.planned["application_id"]
        credential = {
            key: value
            for key, value in {
                "displayName": change.text("display_name"),
                "startDateTime": _date(change.text("start_date")),
                # `end_date_relative` is ignored, as the real provider ignores it.
                "endDateTime": _date(change.text("end_date")),
            }.items()
            if value
        }
        with self.graph.lock(path):
            if get_or_none(self.graph, path) is None:
                raise ProblemError(f"{path} was not found", path=("application_id",))
            made = self.graph.send("POST", f"{path}/addPassword", {"passwordCredential": credential})
            change.id = f"{path.rpartition('/')[2]}/password/{made['keyId']}"
            change.extra["value"] = made["secretText"]

    def read(self, object_id: str, state: Json) -> Json | None:
        """Read the password; Graph never shows its value again.

        Returns:
            its attributes, None if it or its application is gone.
        """
        application, _, key_id = object_id.split("/")
        app = get_or_none(self.graph, f"/applications/{application}")
        found = _credential(app, key_id)
        if found is None:
            return None
        return {
            "application_id": f"/applications/{application}",
            "display_name": found.get("displayName", state.get("display_name")) or "",
            "key_id": key_id,
            "start_date": found.get("startDateTime") or "",
            "end_date": found.get("endDateTime") or "",
        }

    def delete(self, object_id: str, state: Json) -> None:
        """Remove the password.

        Raises:
            ProblemError: it is still there.
        """
        del state
        application, _, key_id = object_id.split("/")
        path = f"/applications/{application}"
        with self.graph.lock(path):
            self.graph.send("POST", f"{path}/removePassword", {"keyId": key_id})
            if _credential(self.graph.get(path), key_id) is not None:
                raise ProblemError(f"The password {key_id} of {path} is still there after it was removed")


def _credential(app: Json | None, key_id: str) -> Json | None:
    credentials: list[Json] = (app or {}).get("passwordCredentials") or []
    return next((item for item in credentials if item["keyId"].lower() == key_id.lower()), None)


def _date(value: str | None) -> str | None:
    """An RFC 3339 time as Go's time package prints it again: without fractions, Z for UTC."""
    return value and _FRACTION.sub("", value).replace("+00:00", "Z")
