"""Whether Cognito still has what was deployed.

Sources: developer guide, "Mapping IdP attributes to profiles and tokens" and "Using OIDC identity providers
with a user pool"; API reference, CreateIdentityProvider and CreateUserPoolClient.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from operate.cognito_api import CognitoFacts
from operate.errors import Unavailable
from operate.outputs import Outputs
from operate.verify.findings import CLIENT, Checked, Finding
from stacks.settings.facts import (
    AUTHORIZATION_CLAIMS,
    NEVER_WRITABLE,
    STANDARD_ATTRIBUTES,
    attributes_of_scopes,
)

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import (
        IdentityProviderTypeTypeDef,
        SchemaAttributeTypeTypeDef,
        UserPoolClientTypeTypeDef,
    )

# What it is when a key of the provider's details differs; every other key is an address of Entra ID.
ERROR_OF_DETAIL = {
    "oidc_issuer": "provider-issuer",
    "authorize_scopes": "provider-scopes",
    "attributes_request_method": "provider-method",
}
ADDRESS = "provider-endpoint"

# Cognito sets these by itself, and no client may write them.
SERVICE_SET = NEVER_WRITABLE | {"sub"}
# What a client may read and write if nothing is said about it (API reference, CreateUserPoolClient).
STANDARD = frozenset(STANDARD_ATTRIBUTES) - SERVICE_SET
VERIFIED = frozenset({"email_verified", "phone_number_verified"})
UNREADABLE = frozenset({"username", "sub"})
ACTIVE = "ACTIVE"


def check_cognito(outputs: Outputs, facts: CognitoFacts | Unavailable) -> list[Checked]:
    """Compare pool, domains, identity providers and app clients with the outputs."""
    if isinstance(facts, Unavailable):
        title = "Cognito: pool, domain, identity provider, app clients"
        return [Checked(title, not_checked=facts.why)]
    return [
        Checked("User pool and sign-in domain", tuple(_pool_and_domain(outputs, facts))),
        Checked("Identity provider, as deployed", _each_provider(outputs, facts, _provider)),
        Checked("Attributes and their mapping", _each_provider(outputs, facts, _attributes)),
        *(
            Checked(f"App client {key}", tuple(_client(outputs, facts, key, client)))
            for key, client in facts.clients.items()
        ),
    ]


def _pool_and_domain(outputs: Outputs, facts: CognitoFacts) -> Iterator[Finding]:
    if facts.pool is None:
        yield Finding("pool-missing", outputs.user_pool_id)
        return
    for host, domain in facts.domains.items():
        if domain is None:
            yield Finding("domain-missing", host)
        elif domain["UserPoolId"] != outputs.user_pool_id:
            yield Finding("domain-elsewhere", host, f"it is that of {domain['UserPoolId']} now")
        elif domain["Status"] != ACTIVE:
            yield Finding("domain-inactive", host, f"its status is {domain['Status']}")


def _each_provider(
    outputs: Outputs, facts: CognitoFacts, check: Callable[[Outputs, CognitoFacts, str], Iterator[Finding]]
) -> tuple[Finding, ...]:
    return tuple(
        replace(finding, provider=name) for name in facts.providers for finding in check(outputs, facts, name)
    )


def _provider(outputs: Outputs, facts: CognitoFacts, name: str) -> Iterator[Finding]:
    provider = facts.providers[name]
    if provider is None:
        yield Finding("provider-missing", f"identity provider {name}")
        return
    details = provider["ProviderDetails"]
    if (client_id := details.get("client_id", "")) != outputs.entra_application_id:
        where = outputs.place("client_id", name)
        yield Finding("provider-client-id", where, _differs(client_id, outputs.entra_application_id))
    for key, deployed in outputs.expected.identity_providers[name].details.items():
        now = details.get(key, "")
        same = set(now.split()) == set(deployed.split()) if key == "authorize_scopes" else now == deployed
        if not same:
            id_ = ERROR_OF_DETAIL.get(key, ADDRESS)
            yield Finding(id_, outputs.place(key, name), _differs(now, deployed))


def _differs(now: str, deployed: str) -> str:
    return f"it is {now or 'empty'} instead of {deployed}"


def _mapping(provider: "IdentityProviderTypeTypeDef | None") -> dict[str, str]:
    return dict(provider["AttributeMapping"]) if provider else {}


def _schema(facts: CognitoFacts) -> "dict[str, SchemaAttributeTypeTypeDef]":
    attributes = facts.pool["SchemaAttributes"] if facts.pool else []
    return {attribute["Name"]: attribute for attribute in attributes}


def _unwritable(facts: CognitoFacts, mapped: Iterable[str]) -> dict[str, str]:
    """Mapped attributes that no sign-in can write, with the known error for each."""
    schema, unwritable = _schema(facts), {}
    for name in set(mapped) - SERVICE_SET:
        if name not in schema:
            unwritable[name] = "attribute-missing"
        elif not schema[name].get("Mutable", True):
            unwritable[name] = "attribute-immutable"
    return unwritable


def _attributes(outputs: Outputs, facts: CognitoFacts, provider: str) -> Iterator[Finding]:
    if facts.pool is None or facts.providers[provider] is None:
        return
    mapping, deployed = _mapping(facts.providers[provider]), outputs.expected.attribute_mapping
    explained = _unwritable(facts, mapping)
    for name, attribute in _schema(facts).items():
        if attribute.get("Required") and name not in mapping and name not in SERVICE_SET:
            explained[name] = "attribute-required"
    for name, id_ in sorted(explained.items()):
        yield Finding(id_, outputs.place(f"attribute {name}", provider))
    for name in sorted(set(mapping) | set(deployed)):
        if mapping.get(name) != deployed.get(name) and name not in explained:
            detail = f"it takes {mapping.get(name) or 'no claim'} instead of {deployed.get(name) or 'none'}"
            id_ = "mapping-wider" if mapping.get(name) else "mapping"
            yield Finding(id_, outputs.place(f"attribute {name}", provider), detail)


def _client(
    outputs: Outputs, facts: CognitoFacts, key: str, client: "UserPoolClientTypeTypeDef | None"
) -> Iterator[Finding]:
    where = f"{CLIENT}{key}"
    if client is None:
        yield Finding("client-missing", where, f"there is no client id {outputs.client_ids[key]}")
        return
    expected = outputs.expected.clients[key]
    for provider in expected.identity_providers:
        if provider not in client.get("SupportedIdentityProviders", []):
            yield Finding(
                "client-provider",
                where,
                f"{provider} is not among its identity providers",
                provider=provider,
            )
    flows = client.get("AllowedOAuthFlows", [])
    if not client.get("AllowedOAuthFlowsUserPoolClient") or "code" not in flows:
        yield Finding("client-flow", where, f"its grants: {', '.join(flows) or 'none'}")
    for id_, deployed, now in (
        ("client-scopes", expected.scopes, client.get("AllowedOAuthScopes", [])),
        ("client-callback", expected.callback_urls, client.get("CallbackURLs", [])),
    ):
        if missing := [value for value in deployed if value not in now]:
            yield Finding(id_, where, f"it lacks {', '.join(missing)}")
    mapped = {
        name for provider in expected.identity_providers for name in _mapping(facts.providers.get(provider))
    }
    unwritable = _unwritable(facts, mapped)
    written = mapped - SERVICE_SET - unwritable.keys()
    if missing := sorted(written - set(client.get("WriteAttributes") or STANDARD)):
        yield Finding("attribute-not-writable", where, f"it may not write {', '.join(missing)}")
    read = {*_shown(outputs, len(expected.identity_providers)), *attributes_of_scopes(expected.scopes)}
    # What the pool does not have is a finding already, and no client can have it.
    lacks = {name for name, id_ in unwritable.items() if id_ == "attribute-missing"}
    read -= UNREADABLE | lacks
    if missing := sorted(read - set(client.get("ReadAttributes") or STANDARD | VERIFIED)):
        yield Finding("attribute-not-readable", where, f"it may not read {', '.join(missing)}")


def _shown(outputs: Outputs, providers: int) -> Iterator[str]:
    """The mapped attributes that a client of so many identity providers shows; none is for local accounts.

    One of several may leave out roles and groups: `cognito:groups` says which tenant they are of.
    """
    for name, claim in outputs.expected.attribute_mapping.items():
        if providers == 1 or (providers > 1 and claim not in AUTHORIZATION_CLAIMS):
            yield name
