"""What Terraform shows a person: errors, each at an attribute where there is one."""

from sandbox.azuread_plugin.messages import MESSAGES, Message
from sandbox.azuread_plugin.wire import Path, attribute_path

_ERROR = 1


class ProviderError(Exception):
    """An error that Terraform shows: a headline, a sentence below it, and the attribute that it is about."""

    def __init__(self, summary: str, detail: str = "", path: Path = ()) -> None:
        super().__init__(f"{summary}: {detail}" if detail else summary)
        self.summary = summary
        self.detail = detail
        self.path = path

    def message(self) -> Message:
        """The Diagnostic message of the plugin protocol."""
        message = MESSAGES["Diagnostic"](severity=_ERROR, summary=self.summary, detail=self.detail)
        if self.path:
            message.attribute.CopyFrom(attribute_path(self.path))
        return message


def import_hint(resource_type: str) -> str:
    """What to do about an object that exists but is not in Terraform's state."""
    return (
        "To be managed via Terraform, this resource needs to be imported into the State. Please see the"
        f' resource documentation for "{resource_type}" for more information.'
    )
