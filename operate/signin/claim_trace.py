"""What became of each claim from Entra ID through Cognito to the app, and why one is missing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.table import Table
from rich.text import Text

from operate.cognito_api import CognitoFacts
from operate.errors import Unavailable
from operate.graph_api import EntraFacts
from operate.known_errors import KNOWN_ERRORS
from operate.outputs import Outputs
from operate.signin.code_flow import Claims
from operate.verify.checks.cognito import check_cognito
from operate.verify.checks.entra import check_entra
from operate.verify.findings import CLIENT, Finding, only_causes
from stacks.settings.facts import ATTRIBUTES_OF_SCOPE

# The property of a person in the directory that each claim shows
# (learn.microsoft.com/entra/identity-platform/id-token-claims-reference and optional-claims-reference).
PROPERTIES = {
    "email": "mail",
    "given_name": "givenName",
    "family_name": "surname",
    "name": "displayName",
    "oid": "id",
    "upn": "userPrincipalName",
    "preferred_username": "userPrincipalName",
}
SCOPES_OF_ATTRIBUTES = frozenset({*ATTRIBUTES_OF_SCOPE, "profile"})
USERNAME = "username"
COGNITO_USERNAME = "cognito:username"


@dataclass(frozen=True)
class ClaimTrace:
    """One person's sign-in, as each side has it.

    Attributes:
        client_key: the app client's key in the settings.
        provider: the name of the identity provider that the person signed in by.
        claims: the verified claims of Cognito's ID token.
        person: the person in Entra ID's directory; None where it may not be read.
        attributes: the user's attributes in Cognito; None where they may not be read.
    """

    outputs: Outputs
    client_key: str
    provider: str
    claims: Claims
    person: Mapping[str, object] | None
    attributes: Mapping[str, str] | None
    cognito: CognitoFacts | Unavailable
    entra: EntraFacts | Unavailable

    @property
    def mapping(self) -> dict[str, str]:
        """Attribute to claim, as deployed: what should arrive."""
        return self.outputs.expected.attribute_mapping

    @property
    def missing(self) -> list[str]:
        """The mapped attributes that the app did not get."""
        return [name for name in self.mapping if not self.received(name)]

    def sent(self, attribute: str) -> str | None:
        """What Entra ID sent for an attribute.

        Nobody but Cognito sees Entra ID's token. What it held follows from the directory, or else from what
        Cognito wrote: it writes every mapped claim at every sign-in (developer guide, "Mapping IdP attributes
        to profiles and tokens").
        """
        claim = self.mapping[attribute]
        if self.person is not None and claim in PROPERTIES:
            value = self.person.get(PROPERTIES[claim])
            return None if value is None else str(value)
        return self.stored(attribute) or self.received(attribute)

    def stored(self, attribute: str) -> str | None:
        """What Cognito stores; the user name holds the claim `sub` behind the provider's name."""
        if attribute == USERNAME:
            return self.received(attribute)
        return (self.attributes or {}).get(attribute)

    def received(self, attribute: str) -> str | None:
        """What the app got."""
        value = self.claims.get(COGNITO_USERNAME if attribute == USERNAME else attribute)
        if value is None:
            return None
        text = str(value)
        return text.removeprefix(f"{self.provider}_") if attribute == USERNAME else text

    def table(self) -> Table:
        """Each claim on each side, in a table; what is missing stands out."""
        table = Table(
            title=f"{self.claims.get(COGNITO_USERNAME, '')} at client {self.client_key}", title_justify="left"
        )
        where = "its directory" if self.person is not None else "what Cognito wrote"
        table.add_column(f"Claim\n(Entra ID sent, by {where})", overflow="fold")
        unread = "" if self.attributes is not None else "\n(not read: no AWS credentials)"
        table.add_column(f"Attribute\n(Cognito stores){unread}", overflow="fold")
        table.add_column("Claim\n(the app gets)", overflow="fold")
        for attribute, claim in self.mapping.items():
            shown = COGNITO_USERNAME if attribute == USERNAME else attribute
            table.add_row(
                _cell(claim, self.sent(attribute)),
                _cell(attribute, self.stored(attribute) if self.attributes is not None else "?"),
                _cell(shown, self.received(attribute)),
            )
        return table

    def reasons(self) -> Iterator[str]:
        """For each missing claim, why it is missing, and what to do."""
        for attribute in self.missing:
            surest = next(self._possible_reasons(attribute, self.mapping[attribute]))
            yield f"{attribute} is missing. {surest}"

    def _possible_reasons(self, attribute: str, claim: str) -> Iterator[str]:
        """The surest first."""
        findings = self._findings()
        mapped = f"attribute {attribute}"
        places = {mapped, self.outputs.place(mapped, self.provider), f"claim {claim}"}
        client = f"{CLIENT}{self.client_key}"
        for finding in findings:
            if finding.where in places or (finding.where == client and attribute in finding.detail):
                yield self._explanation(finding.id)
        scope, scopes = _scope_of(attribute), self.outputs.expected.clients[self.client_key].scopes
        # With none of these Cognito shows all that the client may read (developer guide,
        # "Application-specific settings with app clients": openid).
        if scope not in scopes and SCOPES_OF_ATTRIBUTES & set(scopes):
            yield f"The app does not ask for it: add {scope} to `[clients.{self.client_key}]` scopes, deploy."
        if self.person is not None and claim in PROPERTIES and not self.person.get(PROPERTIES[claim]):
            if claim == "email":
                yield self._explanation("no-mailbox")
            yield f"The account has no {PROPERTIES[claim]} in Entra ID. Enter one in the Entra admin center."
        for finding in findings:
            if finding.id in {"provider-scopes", "consent"}:
                yield self._explanation(finding.id)
        if claim == "email":
            yield f"Probably: {self._explanation('no-mailbox')}"
        yield "Entra ID sends a claim only where the account has a value, and the registration adds it."

    def _findings(self) -> list[Finding]:
        checks = [*check_entra(self.outputs, self.entra), *check_cognito(self.outputs, self.cognito)]
        return [finding for check in only_causes(checks) for finding in check.findings]

    def _explanation(self, id_: str) -> str:
        known = KNOWN_ERRORS[id_]
        return f"{known.cause} {known.remedy_where(self.outputs.existing(self.client_key))}"


def _scope_of(attribute: str) -> str:
    """The scope with which an app gets an attribute."""
    return next((scope for scope, names in ATTRIBUTES_OF_SCOPE.items() if attribute in names), "profile")


def _cell(name: str, value: str | None) -> Text:
    if value is None:
        return Text(f"{name}: missing", style="bold red")
    return Text(f"{name}: {value}")
