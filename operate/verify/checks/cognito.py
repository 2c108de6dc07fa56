"""Whether Cognito still has what was deployed.

Sources: developer guide, "Mapping IdP attributes to profiles and tokens" and "Using OIDC identity providers
with a user pool"; API reference, CreateIdentityProvider and CreateUserPoolClient.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from operate.cognito_api import CognitoFacts
from operate.outputs import Outputs
from operate.verify.findings import CLIENT, Checked, Finding, NotChecked

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import (
        IdentityProviderTypeTypeDef,
        SchemaAttributeTypeTypeDef,
        UserPoolClientTypeTypeDef,
    )

# The keys of the provider's details; each of the others is one of Entra ID's addresses.
TROUBLE_OF_DETAIL = {
    "oidc_issuer": "provider-issuer",
    "authorize_scopes": "provider-scopes",
    "attributes_request_method": "provider-method",
}
ADDRESS = "provider-endpoint"

# Cognito fills these in by itself, and no client may write them.
SERVICE_SET = frozenset({"username", "sub", "email_verified", "phone_number_verified"})
# What a client may read and write that does not say (API reference, CreateUserPoolClient).
STANDARD = frozenset(
    {
        "address",
        "birthdate",
        "email",
        "family_name",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "phone_number",
        "picture",
        "preferred_username",
        "profile",
        "updated_at",
        "website",
        "zoneinfo",
    }
)
EMAIL = frozenset({"email", "email_verified"})
UNREADABLE = frozenset({"username", "sub"})
ACTIVE = "ACTIVE"

OWNER_OF_CLIENT = "The app client belongs to somebody else: have its owner add it to its identity providers."


def check_cognito(outputs: Outputs, facts: CognitoFacts | NotChecked) -> list[Checked]:
    """Compare pool, domains, identity providers and app clients with the outputs."""
    if isinstance(facts, NotChecked):
        return [Checked("Cognito: pool, domain, identity provider, app clients", not_checked=facts)]
    checks = [
        Checked("User pool and sign-in domain", tuple(_pool_and_domain(outputs, facts))),
        Checked("Identity provider, as deployed", tuple(_each(outputs, facts, _provider))),
        Checked("Attributes and their mapping", tuple(_each(outputs, facts, _attributes))),
    ]
    checks += [
        Checked(f"App client {key}", tuple(_client(outputs, facts, key, client)))
        for key, client in facts.clients.items()
    ]
    return checks


def _pool_and_domain(outputs: Outputs, facts: CognitoFacts) -> Iterator[Finding]:
    if facts.pool is None:
        yield Finding("pool-missing", outputs.user_pool_id)
        return
    for host, domain in facts.domains.items():
        if domain is None:
            yield Finding("domain-missing", host)
        elif domain["UserPoolId"] != outputs.user_pool_id:
            yield Finding("domain-missing", host, f"it is that of {domain['UserPoolId']} now")
        elif domain["Status"] != ACTIVE:
            yield Finding("domain-missing", host, f"its status is {domain['Status']}")


def _each(
    outputs: Outputs, facts: CognitoFacts, check: Callable[[Outputs, CognitoFacts, str], Iterator[Finding]]
) -> Iterator[Finding]:
    """Check every identity provider."""
    for name in facts.providers:
        for finding in check(outputs, facts, name):
            yield replace(finding, provider=name)


def _provider(outputs: Outputs, facts: CognitoFacts, name: str) -> Iterator[Finding]:
    provider = facts.providers[name]
    if provider is None:
        yield Finding("provider-missing", f"identity provider {name}")
        return
    details = provider["ProviderDetails"]
    if (client_id := details.get("client_id", "")) != outputs.entra_application_id:
        where = outputs.place("client_id", name)
        yield Finding("provider-client-id", where, _differs(client_id, outputs.entra_application_id))
    for key, value in outputs.expected.identity_providers[name].details.items():
        is_ = details.get(key, "")
        same = set(is_.split()) == set(value.split()) if key == "authorize_scopes" else is_ == value
        if not same:
            trouble_id = TROUBLE_OF_DETAIL.get(key, ADDRESS)
            yield Finding(trouble_id, outputs.place(key, name), _differs(is_, value))


def _differs(is_: str, should_be: str) -> str:
    return f"it is {is_ or 'empty'} instead of {should_be}"


def _mapping(provider: "IdentityProviderTypeTypeDef | None") -> dict[str, str]:
    return dict(provider["AttributeMapping"]) if provider else {}


def _schema(facts: CognitoFacts) -> "dict[str, SchemaAttributeTypeTypeDef]":
    attributes = facts.pool["SchemaAttributes"] if facts.pool else []
    return {attribute["Name"]: attribute for attribute in attributes}


def _unfit(facts: CognitoFacts, mapped: Iterable[str]) -> dict[str, str]:
    """Mapped attributes that no sign-in can write, with what is the matter."""
    schema, unfit = _schema(facts), {}
    for name in set(mapped) - SERVICE_SET:
        if name not in schema:
            unfit[name] = "attribute-missing"
        elif not schema[name].get("Mutable", True):
            unfit[name] = "attribute-immutable"
    return unfit


def _attributes(outputs: Outputs, facts: CognitoFacts, provider: str) -> Iterator[Finding]:
    if facts.pool is None or facts.providers[provider] is None:
        return
    mapping, wanted = _mapping(facts.providers[provider]), outputs.expected.attribute_mapping
    explained = _unfit(facts, mapping)
    for name, attribute in _schema(facts).items():
        if attribute.get("Required") and name not in mapping and name not in SERVICE_SET:
            explained[name] = "attribute-required"
    for name, trouble_id in sorted(explained.items()):
        yield Finding(trouble_id, outputs.place(f"attribute {name}", provider))
    for name in sorted(set(mapping) | set(wanted)):
        if mapping.get(name) != wanted.get(name) and name not in explained:
            detail = f"it takes {mapping.get(name) or 'no claim'} instead of {wanted.get(name) or 'none'}"
            yield Finding("mapping", outputs.place(f"attribute {name}", provider), detail)


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
                remedy="" if expected.own else OWNER_OF_CLIENT,
            )
    flows = client.get("AllowedOAuthFlows", [])
    if not client.get("AllowedOAuthFlowsUserPoolClient") or "code" not in flows:
        yield Finding("client-flow", where, f"its grants: {', '.join(flows) or 'none'}")
    for trouble_id, wanted, there in (
        ("client-scopes", expected.scopes, client.get("AllowedOAuthScopes", [])),
        ("client-callback", expected.callback_urls, client.get("CallbackURLs", [])),
    ):
        if lacking := [value for value in wanted if value not in there]:
            yield Finding(trouble_id, where, f"it lacks {', '.join(lacking)}")
    mapped = {
        name for provider in expected.identity_providers for name in _mapping(facts.providers.get(provider))
    }
    written = mapped - SERVICE_SET - set(_unfit(facts, mapped))
    if lacking := sorted(written - set(client.get("WriteAttributes") or STANDARD)):
        yield Finding("attribute-not-writable", where, f"it may not write {', '.join(lacking)}")
    # The token endpoint refuses a code with the scope of the address if a client may not read both of its
    # attributes (developer guide, "Token endpoint", invalid_grant).
    read = {*outputs.expected.attribute_mapping, *(EMAIL if "email" in expected.scopes else ())} - UNREADABLE
    if lacking := sorted(read - set(client.get("ReadAttributes") or STANDARD | EMAIL)):
        yield Finding("attribute-not-readable", where, f"it may not read {', '.join(lacking)}")
