"""What changes in Cognito do to people: user pool, sign-in domains, identity providers.

Sources: Amazon Cognito developer guide, "Deletion protection", "Configuring a user pool domain", "Custom
attributes", "Using identity providers" (user names are `<provider>_<sub>`), "Mapping IdP attributes to
profiles" (mapped attributes are written at every sign-in); API reference, UpdateUserPool (what a request
leaves out is reset), LambdaConfigType and UpdateIdentityProvider; hashicorp/terraform-provider-aws issues
46216 and 49707 (the inbound-federation trigger).
"""

from operate.guard.impacts.impact import (
    DNS,
    DOMAIN,
    PASSWORD,
    POOL,
    PROVIDER,
    ChangeContext,
    Condition,
    Impact,
    becomes,
    changes,
    creates,
    deletes,
    gets_another_secret,
    irreversible,
    notice,
    others_stay,
    outage,
    removes,
    replaces,
    unless,
    updates,
    was_deleted,
)
from operate.guard.plan import UNKNOWN, Kind

TRIGGER = "inbound-federation trigger"
DETAILS = "provider_details"
MAPPING = "attribute_mapping"
NAME = "provider_name"
ENDPOINTS = ("authorize_url", "token_url", "attributes_url", "jwks_uri", "attributes_request_method")


def _is_protected(context: ChangeContext) -> bool:
    return bool(context.change.before("deletion_protection") == "ACTIVE")


def _schema_changed(context: ChangeContext) -> list[str]:
    """The attributes that go or become others, which the service refuses."""
    if context.change.after("schema") is UNKNOWN:
        return []
    before, after = (
        {entry["name"]: entry for entry in entries or ()}
        for entries in (context.change.before("schema"), context.change.after("schema"))
    )
    return sorted(name for name, entry in before.items() if after.get(name) != entry)


def _renamed(context: ChangeContext) -> list[str]:
    before, after = context.change.before(NAME), context.change.after(NAME)
    return [f"{before} -> {after}"] if before != after else []


def _only_provider_renamed(context: ChangeContext) -> list[str]:
    return [] if others_stay(context) else _renamed(context)


def _one_of_several_renamed(context: ChangeContext) -> list[str]:
    return _renamed(context) if others_stay(context) else []


def _one_of_several(context: ChangeContext) -> list[str]:
    """The name of a provider that is not the only one."""
    change = context.change
    name = change.after(NAME) if change.kind is Kind.CREATE else change.before(NAME)
    return [str(name)] if others_stay(context) else []


def _detail_differs(context: ChangeContext, key: str) -> bool:
    """Whether a key of the provider's details changes.

    Next to a secret that is yet to be made, the plan knows none of the details. The stack's output
    `expected` has all but the secret, so it is asked then.
    """
    path, change = f"{DETAILS}.{key}", context.change
    if change.after(path) is not UNKNOWN:
        return change.differs(path)
    output = context.plan.output_changes.get("expected")
    later: object = output.after if output else None
    for step in ("identity_providers", str(change.before(NAME)), "details", key):
        later = later.get(step) if isinstance(later, dict) else None
    return later is not None and later != change.before(path)


def _details(*keys: str) -> Condition:
    return lambda context: [key for key in keys if _detail_differs(context, key)]


def _other_registration(context: ChangeContext) -> bool:
    """Another client id that exists already; one that is yet to be made is a registration's replacement."""
    return context.change.differs(f"{DETAILS}.client_id")


def _other_secret(context: ChangeContext) -> bool:
    after = context.change.after(f"{DETAILS}.client_secret")
    being_made = any(one.kind in {Kind.CREATE, Kind.REPLACE} for one in context.plan.of_type(PASSWORD))
    return (after is not UNKNOWN or being_made) and gets_another_secret(context.change)


def _mapping(context: ChangeContext) -> tuple[dict[str, str], dict[str, str]]:
    before, after = context.change.before(MAPPING) or {}, context.change.after(MAPPING)
    return before, before if after is UNKNOWN else after or {}


def _other_user_names(context: ChangeContext) -> list[str]:
    before, after = (mapping.get("username") for mapping in _mapping(context))
    return [f"{before} -> {after}"] if before != after else []


def _mapped_otherwise(context: ChangeContext) -> list[str]:
    before, after = _mapping(context)
    return sorted(f"{name} from {claim}" for name, claim in after.items() if before.get(name) != claim)


def _no_longer_mapped(context: ChangeContext) -> list[str]:
    before, after = _mapping(context)
    return sorted(set(before) - set(after))


USER_POOL: tuple[Impact, ...] = (
    irreversible(
        "deletes-pool",
        "Deletes the pool and its users: {users} are gone, with their attributes and groups, and the"
        " passwords of those who had one here. Apps need the ids of whatever comes after it.",
        deletes(POOL),
        replaces(POOL),
        instead="Leave the pool as it is; its name too, since another name is another pool.",
    ),
    outage(
        "protection-stops-deploy",
        "The pool is protected against deletion, so the deploy stops half-way, after it has deleted what"
        " stands before the pool.",
        deletes(POOL, "it is protected in AWS", _is_protected),
        replaces(POOL, "it is protected in AWS", _is_protected),
        instead="If it is to go, write cognito.deletion_protection = false and deploy that alone first.",
    ),
    outage(
        "schema-change-will-fail",
        "The deploy stops half-way: attributes of a user pool can be added, never changed or removed.",
        updates(POOL, "schema", "an attribute removed or changed", _schema_changed),
        instead="Leave the custom attribute in cognito.attribute_mapping; for cognito.groups_from that is"
        " custom:entra_roles or custom:entra_groups.",
    ),
    outage(
        "trigger-dropped",
        f"The pool's {TRIGGER} will be dropped: the AWS provider does not know it, and every update of the"
        " pool resets it. Whatever it did for people's attributes ends.",
        updates(POOL, "", f"the pool has an {TRIGGER}", lambda context: context.inbound_federation is True),
        instead="Set it again right after the deploy: aws cognito-idp update-user-pool --lambda-config.",
    ),
    outage(
        "pool-made-anew",
        "Somebody has deleted the pool, and everybody in it: this makes an empty one. Apps need its ids, and"
        " everybody who signs in is a new user.",
        creates(POOL, "somebody deleted the former one", was_deleted),
        instead="Look for a backup of the users first.",
    ),
    notice(
        "protection-off",
        "The pool can be deleted from now on, by a plan or by hand.",
        becomes(POOL, "deletion_protection", "INACTIVE"),
        instead="Keep cognito.deletion_protection = true, unless it is to go.",
    ),
    notice(
        "protection-on",
        "The pool cannot be deleted from now on, neither by a plan nor by hand.",
        becomes(POOL, "deletion_protection", "ACTIVE"),
    ),
    notice(
        "trigger-unknown",
        f"If the pool has an {TRIGGER}, this update drops it; Cognito could not be asked from here.",
        updates(POOL, "", "Cognito cannot be asked", lambda context: context.inbound_federation is None),
        instead="Sign in to AWS as for the AWS CLI, and run the guard again.",
    ),
)

DOMAINS: tuple[Impact, ...] = (
    outage(
        "domain-replaced",
        "The sign-in domain changes: apps that send people to the former address stop working until they"
        " know the new one, and somebody else can take the former.",
        replaces(DOMAIN),
        instead="Tell the apps' owners the new domain before.",
    ),
    outage(
        "removes-domain",
        "Removes the sign-in domain: nobody can sign in, and somebody else can take the prefix.",
        deletes(DOMAIN, "no other stays", unless(others_stay)),
    ),
    outage(
        "removes-one-domain",
        "Removes one of the sign-in domains: apps that send people there stop working, and somebody else can"
        " take a prefix. At the other domain people sign in as before.",
        deletes(DOMAIN, "another stays", others_stay),
        instead="Check that every app knows the other domain.",
    ),
    outage(
        "dns-removed",
        "The name of the sign-in domain leads nowhere: whoever is sent there gets no page at all.",
        deletes(DNS),
        replaces(DNS),
        instead="Have another DNS record lead to the output custom_domain_target.",
    ),
    notice(
        "dns-leads-elsewhere",
        "The name of the sign-in domain leads somewhere else; until caches have expired, some people still go"
        " where it led before.",
        *(changes(DNS, name) for name in ("alias", "records", "type")),
    ),
)

IDENTITY_PROVIDERS: tuple[Impact, ...] = (
    irreversible(
        "new-users-provider",
        "Replaces the identity provider by one of another name: {users} become new users, since their user"
        " names begin with it.",
        replaces(PROVIDER, "by another name, and there is no other", _only_provider_renamed),
        instead="Leave cognito.provider_name as it is.",
    ),
    irreversible(
        "new-users-tenant",
        "Replaces the identity provider of a tenant by one of another name: its people become new users,"
        " since their user names begin with it. The others stay who they are.",
        replaces(PROVIDER, "by another name, and others stay", _one_of_several_renamed),
        instead="Leave the tenant's key and provider_name as they are.",
    ),
    irreversible(
        "new-users-mapping",
        "User names are made of another claim: {users} become new users at their next sign-in.",
        updates(PROVIDER, MAPPING, "of username", _other_user_names),
        instead="Leave username mapped to sub.",
    ),
    irreversible(
        "registration-switched",
        "Cognito signs people in by another app registration: {users} become new users there, since Entra"
        " ID's ids for people (sub) differ from one registration to another.",
        updates(PROVIDER, DETAILS, "another client id", _other_registration),
        instead="Find out who changed the provider's client id, and since when people have signed in by it.",
    ),
    outage(
        "provider-replaced",
        "Replaces the identity provider, under its name: nobody can sign in by it until it is there again.",
        replaces(PROVIDER, "by the same name", unless(_renamed)),
    ),
    outage(
        "removes-provider",
        "Removes the identity provider: nobody can sign in with Microsoft.",
        deletes(PROVIDER, "no other stays", unless(_one_of_several)),
    ),
    outage(
        "removes-tenant",
        "Removes the identity provider of one tenant: its people can no longer sign in. Their users stay in"
        " the pool, belonging to nobody, and become theirs again with a provider of the same name.",
        deletes(PROVIDER, "others stay", _one_of_several),
        instead="Check that it is the right tenant; afterwards delete the users that nobody will come back"
        " for.",
    ),
    outage(
        "issuer-changed",
        "Cognito trusts another tenant or cloud: people of the former one can no longer sign in.",
        updates(PROVIDER, DETAILS, "another oidc_issuer", _details("oidc_issuer")),
        instead="Check entra.tenant_id, entra.cloud and entra.authority.",
    ),
    outage(
        "identifier-removed",
        "Apps that ask for the provider by these identifiers are refused.",
        removes(PROVIDER, "idp_identifiers.*"),
        instead="Keep them in cognito.idp_identifiers until no app uses them.",
    ),
    notice(
        "secret-rotated",
        "The secret between Cognito and Entra ID changes: apps are not affected.",
        updates(PROVIDER, DETAILS, "another secret", _other_secret),
    ),
    notice(
        "endpoint-changed",
        "Cognito calls other addresses of Entra ID, or calls them otherwise.",
        updates(PROVIDER, DETAILS, "another endpoint", _details(*ENDPOINTS)),
    ),
    notice(
        "provider-scopes-changed",
        "Cognito asks Entra ID for other scopes: people may be asked to consent, and claims may come or stay"
        " away.",
        updates(PROVIDER, DETAILS, "other scopes", _details("authorize_scopes")),
        instead="Keep openid, profile and email in entra.permissions.",
    ),
    notice(
        "mapping-changed",
        "At each person's next sign-in, Cognito writes these attributes over from these claims.",
        updates(PROVIDER, MAPPING, "an attribute added or changed", _mapped_otherwise),
    ),
    notice(
        "mapping-removed",
        "Cognito no longer writes these attributes: they stay as they are, and new users have none.",
        updates(PROVIDER, MAPPING, "an attribute removed", _no_longer_mapped),
    ),
    notice(
        "provider-made",
        "Makes the identity provider: people can sign in with Microsoft.",
        creates(PROVIDER, "there was none", unless(_one_of_several)),
    ),
    notice(
        "tenant-added",
        "Makes the identity provider of one more tenant: its people can sign in as soon as its administrator"
        " has consented. Nothing changes for the others.",
        creates(PROVIDER, "there are others", _one_of_several),
        instead="Send the administrator the customer's admin_consent_url, in the output tenants.",
    ),
)
