"""Rules between the settings of the Cognito side, its app clients, and the state."""

import re
from collections.abc import Iterator, Mapping

from stacks.settings import rules, rules_web
from stacks.settings.findings import Finding, Rulebook, error, warning
from stacks.settings.tables_clients import ResourceServerSettings
from stacks.settings.tables_entra import AppRoleSettings, RegistrationSettings
from stacks.settings.vocabulary import (
    BUILT_IN_CLAIMS,
    OPTIONAL_CLAIMS,
    OWN_ATTRIBUTE_MAPPING,
    AppType,
    GroupsClaim,
    GroupsFrom,
    Tier,
    attribute_for_groups,
)

RULES = Rulebook()


@RULES.reads("cognito.domain_prefix")
def _no_reserved_word_inside(prefix: str | None) -> Iterator[Finding]:
    """The Cognito console refuses the words anywhere; the service, as observed, only as a word by itself."""
    if prefix is None:
        return
    for word in rules.RESERVED_WORDS:
        if word in prefix and word not in prefix.split("-"):
            yield warning(
                "cognito",
                "domain_prefix",
                value=prefix,
                sentence=f'Amazon documents that a prefix may not contain "{word}", and may refuse this one.',
                instead="Choose a prefix without it.",
            )


@RULES.reads("cognito.tier", "cognito.managed_login_version")
def _managed_login_tier(tier: Tier, version: int) -> Iterator[Finding]:
    """Developer guide, "User pool feature plans": managed login comes with Essentials."""
    if tier is Tier.LITE and version != 1:
        yield error(
            "cognito",
            "managed_login_version",
            value=version,
            sentence="The LITE tier has the first version of the sign-in pages only.",
            instead='Write managed_login_version = 1, or tier = "ESSENTIALS".',
        )


@RULES.reads("cognito.managed_login_version", "terraform.aws_provider_version")
def _managed_login_provider(version: int, constraint: str | None) -> Iterator[Finding]:
    """The pages of version 2 need a branding, which the AWS provider can make from 6.0 on."""
    before = (5, 100, 0)
    if version != 1 and constraint is not None and admits(constraint, before):
        yield warning(
            "terraform",
            "aws_provider_version",
            value=constraint,
            sentence="The sign-in pages of version 2 need a branding, which the AWS provider makes from 6.0.0"
            " on, and this constraint lets older ones in.",
            instead='Write ">= 6.0.0, < 7.0.0", or managed_login_version = 1.',
        )


def admits(constraint: str, version: tuple[int, int, int]) -> bool:
    """Whether a version constraint, as Terraform writes them, lets a version in."""
    return all(_admits_part(part.strip(), version) for part in constraint.split(","))


def _admits_part(part: str, version: tuple[int, int, int]) -> bool:
    operator = (re.match(r"[=!<>~]*", part) or [""])[0]
    numbers = [int(number) for number in part[len(operator) :].partition("-")[0].strip().split(".")]
    bound = (*numbers, 0, 0)[:3]
    # "~> 5.100" fixes all but the last number written.
    fixed = max(len(numbers) - 1, 1)
    return {
        "": version == bound,
        "=": version == bound,
        "!=": version != bound,
        ">": version > bound,
        ">=": version >= bound,
        "<": version < bound,
        "<=": version <= bound,
        "~>": version >= bound and version[:fixed] == bound[:fixed],
    }[operator]


@RULES.reads("cognito.attribute_mapping", "cognito.groups_from")
def _own_mapping_untouched(mapping: dict[str, str], source: GroupsFrom | None) -> Iterator[Finding]:
    """Developer guide, "Specifying identity provider attribute mappings": `username` is mapped to `sub`."""
    because = {
        "username": "The name of a federated user in Cognito comes from `sub` and nothing else.",
        "custom:entra_oid": "The stack keeps the person's object id here, for telling people apart.",
        "custom:entra_tid": "The stack keeps the person's tenant here, for telling people apart.",
    }
    of_the_stack = _of_the_stack(mapping, source)
    for attribute, own in of_the_stack.items():
        claim = mapping.get(attribute, own)
        if claim != own:
            yield error(
                "cognito",
                "attribute_mapping",
                attribute,
                value=claim,
                sentence=because.get(attribute, "The stack keeps here what groups_from is about."),
                instead="Remove the line: the stack adds it.",
            )


@RULES.reads("cognito.attribute_mapping", "cognito.groups_from")
def _number_of_custom_attributes(mapping: dict[str, str], source: GroupsFrom | None) -> Iterator[Finding]:
    """Developer guide, "Quotas in Amazon Cognito": custom attributes per user pool."""
    most = 50
    custom = {name for name in {**mapping, **_of_the_stack(mapping, source)} if name.startswith("custom:")}
    if len(custom) > most:
        yield error(
            "cognito",
            "attribute_mapping",
            sentence=f"These are {len(custom)} custom attributes with those of the stack's own; a user pool"
            f" takes {most}.",
            instead="Remove some.",
        )


def _of_the_stack(mapping: Mapping[str, str], source: GroupsFrom | None) -> dict[str, str]:
    """What the stack maps by itself."""
    groups = (
        {} if source is None or source in mapping.values() else {attribute_for_groups(source): source.value}
    )
    return {**OWN_ATTRIBUTE_MAPPING, **groups}


@RULES.reads(
    "cognito.attribute_mapping",
    "entra.optional_claims",
    "entra.groups_claim",
    "entra.app_roles",
    "entra.registration",
)
def _mapped_claims_are_sent(
    mapping: dict[str, str],
    optional_claims: list[str],
    groups_claim: GroupsClaim | None,
    roles: Mapping[str, AppRoleSettings],
    registration: RegistrationSettings | None,
) -> Iterator[Finding]:
    """Microsoft learn, "Optional claims reference" and "ID token claims reference"."""
    for attribute, claim in mapping.items():
        key = ("cognito", "attribute_mapping", attribute)
        if claim == "groups":
            if groups_claim is None and registration is None:
                yield error(
                    *key,
                    value=claim,
                    sentence="Entra ID sends no groups unless it is told to.",
                    instead='Add groups_claim = "ids" to [entra], or remove the line.',
                )
        elif claim == "roles":
            if not roles and registration is None:
                yield error(
                    *key,
                    value=claim,
                    sentence="The registration has no app roles, so the attribute would stay empty.",
                    instead="Add for instance [entra.app_roles.admin], or remove the line.",
                )
        elif claim in OPTIONAL_CLAIMS and claim not in optional_claims:
            yield error(
                *key,
                value=claim,
                sentence="Entra ID sends this claim only where the registration asks for it.",
                instead=f'Add "{claim}" to optional_claims in [entra], or remove the line.',
            )
        elif claim not in {"email_verified", *BUILT_IN_CLAIMS, *optional_claims}:
            yield warning(
                *key,
                value=claim,
                sentence="Microsoft's references know no such claim; where it is absent, the attribute stays"
                " empty.",
                instead=rules.did_you_mean(claim, sorted({*BUILT_IN_CLAIMS, *OPTIONAL_CLAIMS})),
            )


@RULES.reads("cognito.attribute_mapping")
def _unverified(mapping: dict[str, str]) -> Iterator[Finding]:
    """Microsoft learn, "Migrate away from using email claims for authorization"; "UserInfo endpoint"."""
    for attribute, claim in mapping.items():
        key = ("cognito", "attribute_mapping", attribute)
        if attribute in {"email_verified", "phone_number_verified"} or claim == "email_verified":
            yield warning(
                *key,
                value=claim,
                sentence="Entra ID does not say whether an address or number is verified, so it stays"
                " unverified in Cognito.",
                instead='Remove the line, and tell people apart by "custom:entra_oid".',
            )
        elif attribute == "email" and claim in {"preferred_username", "upn"}:
            yield warning(
                *key,
                value=claim,
                sentence="This is the name a person signs in with: it looks like an e-mail address, may be no"
                " mailbox, and changes.",
                instead='Write email = "email".',
            )


@RULES.reads("clients.*.default_redirect_uri", "clients.*.callback_urls")
def _default_among_callbacks(default: str | None, callback_urls: list[str]) -> Iterator[Finding]:
    """API reference, CreateUserPoolClient, DefaultRedirectURI."""
    if default is not None and default not in callback_urls:
        yield error(
            "clients",
            "*",
            "default_redirect_uri",
            value=default,
            sentence="The default is not one of the callback_urls, letter for letter.",
            instead="Add it there, or write one that is there.",
        )


@RULES.reads("clients.*.type", "clients.*.callback_urls", "clients.*.logout_urls")
def _custom_schemes(kind: AppType, callback_urls: list[str], logout_urls: list[str]) -> Iterator[Finding]:
    """RFC 8252, 7.1: addresses with a scheme of the app's own reach apps installed on a device."""
    if kind is AppType.MOBILE:
        return
    for name, urls in (("callback_urls", callback_urls), ("logout_urls", logout_urls)):
        for index, url in enumerate(urls):
            if rules_web.is_custom_scheme(url):
                yield warning(
                    "clients",
                    "*",
                    name,
                    index,
                    value=url,
                    sentence=f'An address like this reaches an app on a device, and not a "{kind}" app.',
                    instead='Write an https:// address, or type = "mobile".',
                )


@RULES.reads("clients.*.scopes", "clients.*.client_id", "resource_servers")
def _custom_scopes(
    scopes: list[str], client_id: str | None, servers: Mapping[str, ResourceServerSettings]
) -> Iterator[Finding]:
    """Developer guide, "Scopes, M2M, and resource servers"."""
    known = {server.identifier or key: server.scopes for key, server in servers.items()}
    for index, scope in enumerate(scopes):
        identifier, _, name = scope.rpartition("/")
        if scope in rules_web.STANDARD_SCOPES or name in known.get(identifier, {}) or client_id is not None:
            continue
        if identifier in known:
            yield error(
                "clients",
                "*",
                "scopes",
                index,
                value=scope,
                sentence=f'The resource server "{identifier}" has no such scope.',
                instead=rules.did_you_mean(scope, [f"{identifier}/{one}" for one in known[identifier]]),
            )
        else:
            yield warning(
                "clients",
                "*",
                "scopes",
                index,
                value=scope,
                sentence="This stack makes no such resource server, and Cognito refuses a client whose scope"
                " does not exist.",
                instead="Add it as one of the [resource_servers.*], unless the user pool has it already.",
            )


@RULES.reads("resource_servers")
def _each_identifier_once(servers: Mapping[str, ResourceServerSettings]) -> Iterator[Finding]:
    """API reference, CreateResourceServer, Identifier: unique in a user pool."""
    first: dict[str, str] = {}
    for key, server in servers.items():
        identifier = server.identifier or key
        if first.setdefault(identifier, key) != key:
            yield error(
                "resource_servers",
                key,
                "identifier",
                value=identifier,
                sentence=f"[resource_servers.{first[identifier]}] has this identifier already.",
                instead="Put the scopes of both into one.",
            )


@RULES.reads("state", "entra.authority")
def _state_is_a_secret(state: object, authority: str | None) -> Iterator[Finding]:
    """Terraform language, "Manage sensitive data": the state holds every value in clear."""
    if state is None and not rules_web.is_local(authority):
        yield warning(
            "state",
            sentence="Without it the state is a file on this machine, which holds the client secret in clear"
            " and which nobody else can deploy with.",
            instead="Add [state] with the bucket of an encrypted, versioned S3 bucket.",
        )
