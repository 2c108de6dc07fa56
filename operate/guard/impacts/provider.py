"""What changes of the identity providers, which are Entra ID's tenants as Cognito knows them, do to people.

Sources: Amazon Cognito developer guide, "Using identity providers" (user names are `<provider>_<sub>`),
"Mapping IdP attributes to profiles" (mapped attributes are written at every sign-in); API reference,
UpdateIdentityProvider; Terraform's aws_cognito_identity_provider.
"""

from collections.abc import Iterable

from operate.guard.impacts.impact import (
    PASSWORD,
    PROVIDER,
    ChangeContext,
    Impact,
    Severity,
    added,
    created,
    deleted,
    gets_another_secret,
    others_stay,
    removed,
    replaced,
    unless,
    updated,
)
from operate.guard.plan import UNKNOWN, Kind

DETAILS = "provider_details"
MAPPING = "attribute_mapping"
NAME = "provider_name"
ENDPOINTS = ("authorize_url", "token_url", "attributes_url", "jwks_uri", "attributes_request_method")


def _renamed(seen: ChangeContext) -> Iterable[str] | None:
    if seen.change.after(NAME) == seen.change.before(NAME):
        return None
    return [f"{seen.change.before(NAME)} -> {seen.change.after(NAME)}"]


def _only_one_renamed(seen: ChangeContext) -> Iterable[str] | None:
    return _renamed(seen) if others_stay(seen) is None else None


def _one_of_several_renamed(seen: ChangeContext) -> Iterable[str] | None:
    return _renamed(seen) if others_stay(seen) is not None else None


def _one_of_several(seen: ChangeContext) -> Iterable[str] | None:
    """The name of a provider that is not the only one."""
    name = seen.change.after(NAME) if seen.change.kind is Kind.CREATE else seen.change.before(NAME)
    return [str(name)] if others_stay(seen) is not None else None


def _detail_differs(seen: ChangeContext, key: str) -> bool:
    """Whether a key of the provider's details changes.

    Next to a secret that is yet to be made, the plan knows none of the details. The stack's output
    `expected` has all but the secret, so it is asked then.
    """
    path = f"{DETAILS}.{key}"
    if seen.change.after(path) is not UNKNOWN:
        return seen.change.differs(path)
    output = seen.plan.output_changes.get("expected")
    promised: object = output.after if output else None
    for step in ("identity_providers", str(seen.change.before(NAME)), "details", key):
        promised = promised.get(step) if isinstance(promised, dict) else None
    later = promised
    return later is not None and later != seen.change.before(path)


def _details(seen: ChangeContext, *keys: str) -> Iterable[str] | None:
    return [key for key in keys if _detail_differs(seen, key)] or None


def _other_registration(seen: ChangeContext) -> Iterable[str] | None:
    """Another client id that exists already; one that is yet to be made is a registration's replacement."""
    return () if seen.change.differs(f"{DETAILS}.client_id") else None


def _secret(seen: ChangeContext) -> Iterable[str] | None:
    after = seen.change.after(f"{DETAILS}.client_secret")
    being_made = any(one.kind in {Kind.CREATE, Kind.REPLACE} for one in seen.plan.of_type(PASSWORD))
    if after is UNKNOWN and not being_made:
        return None
    return () if gets_another_secret(seen.change) else None


def _mapping(seen: ChangeContext) -> tuple[dict[str, str], dict[str, str]]:
    before, after = seen.change.before(MAPPING) or {}, seen.change.after(MAPPING)
    return before, before if after is UNKNOWN else after or {}


def _other_user_names(seen: ChangeContext) -> Iterable[str] | None:
    before, after = (mapping.get("username") for mapping in _mapping(seen))
    return [f"{before} -> {after}"] if before != after else None


def _mapped_otherwise(seen: ChangeContext) -> Iterable[str] | None:
    before, after = _mapping(seen)
    changed = [f"{name} from {claim}" for name, claim in after.items() if before.get(name) != claim]
    return sorted(changed) or None


def _no_longer_mapped(seen: ChangeContext) -> Iterable[str] | None:
    before, after = _mapping(seen)
    return sorted(set(before) - set(after)) or None


IDENTITY_PROVIDER: tuple[Impact, ...] = (
    Impact(
        id="new-users-provider",
        severity=Severity.IRREVERSIBLE,
        people="Replaces the identity provider by one of another name: {users} become new users, since their"
        " user names begin with it.",
        instead="Leave cognito.provider_name as it is.",
        rules=(replaced(PROVIDER, "by another name, and there is no other", _only_one_renamed),),
    ),
    Impact(
        id="new-users-tenant",
        severity=Severity.IRREVERSIBLE,
        people="Replaces the identity provider of a tenant by one of another name: its people become new"
        " users, since their user names begin with it. The others stay who they are.",
        instead="Leave the tenant's key and provider_name as they are.",
        rules=(replaced(PROVIDER, "by another name, and others stay", _one_of_several_renamed),),
    ),
    Impact(
        id="new-users-mapping",
        severity=Severity.IRREVERSIBLE,
        people="User names are made of another claim: {users} become new users at their next sign-in.",
        instead="Leave username mapped to sub.",
        rules=(updated(PROVIDER, MAPPING, "of username", _other_user_names),),
    ),
    Impact(
        id="registration-switched",
        severity=Severity.IRREVERSIBLE,
        people="Cognito signs people in by another app registration: {users} become new users there, since"
        " Entra ID's ids for people (sub) differ from one registration to another.",
        instead="Find out who changed the provider's client id, and since when people have signed in by it.",
        rules=(updated(PROVIDER, DETAILS, "another client id", _other_registration),),
    ),
    Impact(
        id="provider-replaced",
        severity=Severity.OUTAGE,
        people="Replaces the identity provider, under its name: nobody can sign in by it until it is there"
        " again.",
        rules=(replaced(PROVIDER, "by the same name", unless(_renamed)),),
    ),
    Impact(
        id="removes-provider",
        severity=Severity.OUTAGE,
        people="Removes the identity provider: nobody can sign in with Microsoft.",
        rules=(deleted(PROVIDER, "no other stays", unless(_one_of_several)),),
    ),
    Impact(
        id="removes-tenant",
        severity=Severity.OUTAGE,
        people="Removes the identity provider of one tenant: its people can no longer sign in. Their users"
        " stay in the pool, belonging to nobody, and become theirs again with a provider of the same name.",
        instead="Check that it is the right tenant; afterwards delete the users that nobody will come back"
        " for.",
        rules=(deleted(PROVIDER, "others stay", _one_of_several),),
    ),
    Impact(
        id="issuer-changed",
        severity=Severity.OUTAGE,
        people="Cognito trusts another tenant or cloud: people of the former one can no longer sign in.",
        instead="Check entra.tenant_id, entra.cloud and entra.authority.",
        rules=(
            updated(PROVIDER, DETAILS, "another oidc_issuer", lambda seen: _details(seen, "oidc_issuer")),
        ),
    ),
    Impact(
        id="identifier-removed",
        severity=Severity.OUTAGE,
        people="Apps that ask for the provider by these identifiers are refused.",
        instead="Keep them in cognito.idp_identifiers until no app uses them.",
        rules=(updated(PROVIDER, "idp_identifiers", "one goes", removed("idp_identifiers.*")),),
    ),
    Impact(
        id="secret-rotated",
        severity=Severity.NOTICE,
        people="The secret between Cognito and Entra ID changes: apps are not affected.",
        rules=(updated(PROVIDER, DETAILS, "another secret", _secret),),
    ),
    Impact(
        id="endpoint-changed",
        severity=Severity.NOTICE,
        people="Cognito calls other addresses of Entra ID, or calls them otherwise.",
        rules=(updated(PROVIDER, DETAILS, "another endpoint", lambda seen: _details(seen, *ENDPOINTS)),),
    ),
    Impact(
        id="provider-scopes-changed",
        severity=Severity.NOTICE,
        people="Cognito asks Entra ID for other scopes: people may be asked to consent, and claims may come"
        " or stay away.",
        instead="Keep openid, profile and email in entra.permissions.",
        rules=(updated(PROVIDER, DETAILS, "other scopes", lambda seen: _details(seen, "authorize_scopes")),),
    ),
    Impact(
        id="mapping-changed",
        severity=Severity.NOTICE,
        people="At each person's next sign-in, Cognito writes these attributes over from these claims.",
        rules=(updated(PROVIDER, MAPPING, "an attribute comes or changes", _mapped_otherwise),),
    ),
    Impact(
        id="mapping-removed",
        severity=Severity.NOTICE,
        people="Cognito no longer writes these attributes: they stay as they are, and new users have none.",
        rules=(updated(PROVIDER, MAPPING, "an attribute goes", _no_longer_mapped),),
    ),
    Impact(
        id="identifier-added",
        severity=Severity.NOTICE,
        people="Apps can ask for the provider by these identifiers too.",
        rules=(updated(PROVIDER, "idp_identifiers", "one comes", added("idp_identifiers.*")),),
    ),
    Impact(
        id="provider-made",
        severity=Severity.NOTICE,
        people="Makes the identity provider: people can sign in with Microsoft.",
        rules=(created(PROVIDER, "there was none", unless(_one_of_several)),),
    ),
    Impact(
        id="tenant-added",
        severity=Severity.NOTICE,
        people="Makes the identity provider of one more tenant: its people can sign in as soon as its"
        " administrator has consented. Nothing changes for the others.",
        instead="Send the administrator the customer's admin_consent_url, in the output tenants.",
        rules=(created(PROVIDER, "there are others", _one_of_several),),
    ),
)
