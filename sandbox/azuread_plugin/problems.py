"""What Terraform shows the person: errors and warnings, each at an attribute where there is one."""

from dataclasses import dataclass

from sandbox.azuread_plugin.messages import MESSAGES, Message
from sandbox.azuread_plugin.wire import attribute_path

_ERROR, _WARNING = 1, 2


@dataclass(frozen=True)
class Problem:
    """One error or warning.

    Attributes:
        summary: the headline.
        detail: the sentence below it.
        path: the attribute it is about, as names and list indexes.
        warning: whether Terraform may go on.
    """

    summary: str
    detail: str = ""
    path: tuple[str | int, ...] = ()
    warning: bool = False

    def message(self) -> Message:
        """The Diagnostic message of the plugin protocol."""
        diagnostic = MESSAGES["Diagnostic"](
            severity=_WARNING if self.warning else _ERROR, summary=self.summary, detail=self.detail
        )
        if self.path:
            diagnostic.attribute.CopyFrom(attribute_path(self.path))
        return diagnostic


class ProblemError(Exception):
    """An error that ends what Terraform asked for."""

    def __init__(self, summary: str, detail: str = "", path: tuple[str | int, ...] = ()) -> None:
        """Describe the error."""
        super().__init__(f"{summary}: {detail}" if detail else summary)
        self.problem = Problem(summary, detail, path)


def already_there(kind: str, summary: str) -> ProblemError:
    """The error for an object that exists but is not in Terraform's state."""
    return ProblemError(
        summary,
        "To be managed via Terraform, this resource needs to be imported into the State. Please see the"
        f' resource documentation for "{kind}" for more information.',
        ("id",),
    )
