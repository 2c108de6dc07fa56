"""Where an application wants the answer to its authorization request, and how it gets there."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from sandbox.web.endpoints import redirect, with_parameters


@dataclass(frozen=True)
class Reply:
    """A redirect URI, and how it takes the answer.

    RFC 6749, sections 4.1.2 and 4.2.2; OAuth 2.0 Multiple Response Type Encoding Practices, for the mode:
    `query` or `fragment`.
    """

    redirect_uri: str
    state: str | None
    mode: str = "query"

    def response(self, answer: Mapping[str, str], then: Mapping[str, str] | None = None) -> Response:
        """The answer with the application's own `state`, and what follows the state."""
        state = {} if self.state is None else {"state": self.state}
        parameters = {**answer, **state, **(then or {})}
        if self.mode == "fragment":
            return redirect(f"{self.redirect_uri}#{urlencode(parameters)}")
        return redirect(with_parameters(self.redirect_uri, parameters))
