"""Rules for one value at a time: names, ids, places and versions (addresses of apps: `rules_web.py`).

Each function returns the value to use, or raises what `refused` makes: a sentence that says what is wrong,
and another that says what to write instead.
"""

import re
from collections.abc import Callable, Hashable, Sequence
from difflib import get_close_matches
from typing import TypeVar

from pydantic_core import PydanticCustomError

from stacks import clouds
from stacks.settings.vocabulary import PERSONAL_TENANT_ID, STANDARD_ATTRIBUTES

RULE = "rule"

GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
NO_TENANT = "00000000-0000-0000-0000-000000000000"
STACK_NAME = r"[a-z][a-z0-9-]{0,31}"
CLIENT_KEY = r"[a-z][a-z0-9_-]{0,30}"
REGION = r"[a-z]{2}(-[a-z]+)+-\d"
ACCOUNT_ID = r"\d{12}"
DOMAIN_PREFIX = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
PROVIDER_NAME = r"[A-Za-z0-9][A-Za-z0-9.-]{2,31}"
COGNITO_NAME = r"[\w\s+=,.@-]{1,128}"
BUCKET = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
KMS_KEY = r"([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})"
VERSION_CONSTRAINT = r"(=|!=|>=|<=|>|<|~>)? *\d{1,9}(\.\d{1,9}){0,2}(-[0-9A-Za-z.-]+)?"

RESERVED_WORDS = ("aws", "amazon", "cognito")
RESERVED_PROVIDER_NAMES = ("COGNITO", "Facebook", "Google", "LoginWithAmazon", "SignInWithApple")

DISPLAY_NAME_LENGTH = 120
STATE_KEY_BYTES = 1024
CUSTOM_ATTRIBUTE_LENGTH = 20
TAG_KEY_LENGTH = 128
TAG_VALUE_LENGTH = 256
TAG_CHARACTERS = r"[\w\s.:/=+@-]*"

_FEW = 10

Item = TypeVar("Item", bound=Hashable)


def refused(sentence: str, instead: str, *, at: int | str | None = None) -> PydanticCustomError:
    """A broken rule."""
    context = {"sentence": sentence, "instead": instead} | ({} if at is None else {"at": at})
    return PydanticCustomError(RULE, "{sentence} {instead}", context)


def did_you_mean(value: str, known: Sequence[str]) -> str:
    """A question naming the closest known word, or all of a few where none is close."""
    close = get_close_matches(value.lower(), [word.lower() for word in known], n=1, cutoff=0.7)
    for word in known:
        if close and word.lower() == close[0]:
            return f'Did you mean "{word}"?'
    if len(known) > _FEW:
        return "Check how it is spelled."
    one_of = "one of " if len(known) > 1 else ""
    return f"Write {one_of}" + ", ".join(f'"{word}"' for word in known) + "."


def unique(items: list[Item]) -> list[Item]:
    """A list that names nothing twice: the services drop or refuse the second, Terraform sees neither."""
    for index, item in enumerate(items):
        if item in items[:index]:
            raise refused("It is in this list twice.", "Remove one of the two.", at=index)
    return items


def unique_in_any_case(items: list[str]) -> list[str]:
    """A list of names that the service compares without regard to case."""
    unique([item.lower() for item in items])
    return items


EVALUATED = "Terraform reads what follows ${ or %{ as an expression."


def is_evaluated(text: str) -> bool:
    """Whether Terraform takes a text for more than it says (Terraform language, "Strings and Templates")."""
    return "${" in text or "%{" in text


def as_written(value: str) -> str:
    """A text that Terraform takes as it is."""
    if is_evaluated(value):
        raise refused(EVALUATED, "Write it without these.")
    return value


def between(least: int, most: int, what: str, limit: str) -> Callable[[list[Item]], list[Item]]:
    """A rule on how long a list is."""

    def checked(items: list[Item]) -> list[Item]:
        if len(items) < least:
            raise refused(f"The list is empty; at least one of the {what} is needed.", "Add one.")
        if len(items) > most:
            raise refused(f"These are {len(items)} {what}; {limit} takes {most}.", "Remove some.")
        return items

    return checked


def stack_name(value: str) -> str:
    """A name that is good for files, Terraform's folders and Cognito's names alike."""
    if not re.fullmatch(STACK_NAME, value):
        raise refused(
            "The file's name is the stack's name: lower-case letters, digits and hyphens, a letter first,"
            " at most 32.",
            'Rename the file, for instance to "dev.toml".',
        )
    return value


def client_key(value: str) -> str:
    """The key of a client, which becomes part of its Terraform address."""
    if not re.fullmatch(CLIENT_KEY, value):
        raise refused(
            "The word after `clients.` names the app and is part of its Terraform address: lower-case"
            " letters, digits, hyphens and underscores, a letter first, at most 31.",
            "Write for instance [clients.web].",
        )
    return value


def region(value: str) -> str:
    """A region with Cognito user pools (AWS General Reference, "Amazon Cognito endpoints and quotas")."""
    found = clouds.partition(value)
    if found.name == "aws-cn":
        raise refused(
            "Amazon Cognito has no user pools in the AWS China regions.",
            "Choose a region outside aws-cn; people of Microsoft's China cloud can still sign in there, with"
            ' cloud = "china" in [entra].',
        )
    if found.domain_label is None:
        raise refused(
            f"The region belongs to the partition {found.name}, where the host of a user pool's prefix"
            " domain is not documented, so Microsoft could not be told where to send people back to.",
            "Choose a commercial or a us-gov region.",
        )
    if re.fullmatch(REGION + "[a-z]", value):
        raise refused("This is an availability zone.", f'Write its region, "{value[:-1]}".')
    if not re.fullmatch(REGION, value):
        raise refused("This is not the name of an AWS region.", 'Write for instance "eu-central-1".')
    return value


def bucket_region(value: str) -> str:
    """A region as the state's bucket may be in: any."""
    if not re.fullmatch(REGION, value):
        raise refused("This is not the name of an AWS region.", 'Write for instance "eu-central-1".')
    return value


def account_id(value: str) -> str:
    """An AWS account id (AWS Account Management reference, "View AWS account identifiers")."""
    if not re.fullmatch(ACCOUNT_ID, value, re.ASCII):
        raise refused(
            "An AWS account id is 12 digits.",
            'Write them in quotes and without hyphens: account_id = "123456789012".',
        )
    return value


def tenant_id(value: str) -> str:
    """A tenant's GUID (Cognito developer guide, "Using OIDC identity providers with a user pool").

    Cognito compares a token's `iss` with the configured issuer, and Entra ID writes the tenant's GUID into
    it, in lower case, whatever name the sign-in page was opened with.
    """
    if re.fullmatch(GUID, value):
        if value == NO_TENANT:
            raise refused("This GUID stands for no tenant at all.", _WHERE_TENANT_ID)
        return value.lower()
    because = (
        "Cognito compares the issuer of every token character by character, and Microsoft's tokens name the"
        " tenant there by its GUID"
    )
    if value.lower() in {"common", "organizations", "consumers"}:
        personal = (
            f' For personal Microsoft accounts add:\n[tenants.personal]\ntenant_id = "{PERSONAL_TENANT_ID}"'
            if value.lower() == "consumers"
            else ""
        )
        raise refused(
            f'"{value.lower()}" is no tenant but stands for many: {because}, so no sign-in would succeed.',
            _WHERE_TENANT_ID + personal,
        )
    if inside := re.search(GUID, value):
        raise refused(f"There is more here than the tenant's id; {because}.", f'Write "{inside[0].lower()}".')
    if "." in value:
        raise refused(f"This is a domain name or an address: {because}.", _WHERE_TENANT_ID)
    raise refused("This is not a tenant id, which is a GUID.", _WHERE_TENANT_ID)


_WHERE_TENANT_ID = (
    "Write the GUID of the tenant whose people sign in: Entra admin center > Overview > Tenant ID."
)


def object_id(value: str) -> str:
    """The id of a user, group or service principal in Entra ID; names and addresses are not accepted."""
    if not re.fullmatch(GUID, value):
        what = "This is an e-mail address" if "@" in value else "This is not an object id"
        raise refused(
            f"{what}; Entra ID knows people, groups and apps here by their object id, a GUID.",
            "Copy the Object ID from the page of that user or group: Entra admin center > Users or Groups.",
        )
    return value.lower()


def display_name(value: str) -> str:
    """The name of an app registration (Microsoft learn, "Validation differences by account types")."""
    if not value.strip():
        raise refused("The name is empty.", "Write one, or remove the line: the stack's name is used then.")
    if len(value) > DISPLAY_NAME_LENGTH:
        raise refused(
            f"The name is {len(value)} characters long.", f"Entra ID takes {DISPLAY_NAME_LENGTH}: shorten it."
        )
    return as_written(value)


def cognito_name(value: str) -> str:
    """The name of a user pool or app client (API reference, CreateUserPool and CreateUserPoolClient)."""
    if not re.fullmatch(COGNITO_NAME, value, re.ASCII):
        raise refused(
            "A name in Cognito has 1 to 128 letters (a to z), digits, spaces and the characters"
            " _ + = , . @ -",
            "Leave out what is not among them.",
        )
    return value


def provider_name(value: str) -> str:
    """The name of an identity provider (API reference, CreateIdentityProvider, ProviderName)."""
    if value.lower() in {name.lower() for name in RESERVED_PROVIDER_NAMES}:
        raise refused("Cognito keeps this name for a provider of its own.", 'Write for instance "entra".')
    if not re.fullmatch(PROVIDER_NAME, value):
        raise refused(
            "Cognito refuses this name, although Terraform's checks let it through: it takes 3 to 32 letters,"
            " digits, dots and hyphens, no spaces and no underscores.",
            'Write for instance "entra" or "Contoso-Entra".',
        )
    return value


def idp_identifier(value: str) -> str:
    """Another name of an identity provider (API reference, CreateIdentityProvider, IdpIdentifiers)."""
    if not re.fullmatch(r"[\w\s+=.@-]{1,40}", value, re.ASCII):
        raise refused(
            "An identifier has 1 to 40 letters (a to z), digits, spaces and the characters _ + = . @ -",
            'Write for instance an e-mail domain, "contoso.com".',
        )
    return value


def domain_prefix(value: str) -> str:
    """The prefix of a Cognito domain (developer guide, "Using the Amazon Cognito prefix domain")."""
    if "." in value:
        raise refused(
            "This is a whole host; only the part that is yours is set here, and the region's"
            " `.auth.<region>.amazoncognito.com` follows it.",
            f'Write for instance "{_prefix_like(value.removeprefix("https://").split(".")[0])}".',
        )
    if not re.fullmatch(DOMAIN_PREFIX, value):
        raise refused(
            "A domain prefix has 1 to 63 lower-case letters, digits and hyphens, no hyphen first or last.",
            f'Write for instance "{_prefix_like(value)}".',
        )
    for word in value.split("-"):
        if word in RESERVED_WORDS:
            raise refused(
                f'Cognito answers "Domain cannot contain reserved word: {word}".',
                "Leave out " + ", ".join(f'"{reserved}"' for reserved in RESERVED_WORDS) + ".",
            )
    return value


def _prefix_like(value: str) -> str:
    """A legal prefix that resembles what was written."""
    words = re.sub(r"[^a-z0-9]+", "-", value.lower())[:63].strip("-").split("-")
    return "-".join(word for word in words if word not in RESERVED_WORDS) or "contoso-signin"


def optional_claim(value: str) -> str:
    """A claim to add to the ID token (Microsoft learn, "Optional claims reference")."""
    if value in {"sub", "oid", "tid", "name"}:
        raise refused(
            "Entra ID puts this claim into every ID token; it is not an optional one.",
            "Remove it here; it can be mapped all the same.",
        )
    if value == "idtyp":
        raise refused("This claim exists in access tokens only.", "Remove it.")
    if value == "groups":
        raise refused(
            "Which groups Entra ID sends is a setting of its own: all of a person's could be more than the"
            " 200 that it sends at most.",
            'Remove it, and write groups_claim = "ids" in [entra].',
        )
    if not re.fullmatch(r"[\w.:/-]+", value, re.ASCII):
        raise refused("This is not the name of a claim.", 'Write for instance "email".')
    return value


def mapped_attribute(value: str) -> str:
    """A user pool attribute to write (developer guide, "Working with user attributes")."""
    if value == "sub":
        raise refused(
            "Cognito makes `sub` itself, another one for each user.",
            'Remove the line: Microsoft\'s ids are kept as "custom:entra_oid" and "custom:entra_tid".',
        )
    if value.startswith("custom:"):
        name = value.removeprefix("custom:")
        if not 1 <= len(name) <= CUSTOM_ATTRIBUTE_LENGTH or not re.fullmatch(r"[\w.-]+", name, re.ASCII):
            raise refused(
                "The name of a custom attribute has 1 to 20 letters (a to z), digits, underscores, dots and"
                " hyphens after `custom:`.",
                'Write for instance "custom:department".',
            )
        return value
    if value not in STANDARD_ATTRIBUTES:
        close = get_close_matches(value, STANDARD_ATTRIBUTES, n=1, cutoff=0.8)
        raise refused(
            "This is neither one of Cognito's standard attributes nor a custom one.",
            f'Did you mean "{close[0]}"?' if close else f'Write "custom:{value[:20]}" to make one.',
        )
    return value


def mapped_claim(value: str) -> str:
    """A claim of the ID token or of the userinfo answer."""
    if not re.fullmatch(r"[\w.:/-]+", value, re.ASCII):
        raise refused("This is not the name of a claim.", 'Write for instance "email".')
    return value


def bucket(value: str) -> str:
    """The name of a bucket (Amazon S3 user guide, "General purpose bucket naming rules")."""
    wrong = (
        not re.fullmatch(BUCKET, value)
        or ".." in value
        or re.fullmatch(r"[\d.]+", value)
        or value.startswith(("xn--", "sthree-", "amzn-s3-demo-"))
        or value.endswith(("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
    )
    if wrong:
        raise refused(
            "S3 has no bucket of this name: names have 3 to 63 lower-case letters, digits, hyphens and dots,"
            " and do not look like an IP address.",
            'Write the bucket\'s name alone, for instance "contoso-terraform-state".',
        )
    return value


def state_key(value: str) -> str:
    """Where the state is in its bucket (Terraform, "Backend Type: s3")."""
    if not value or value.startswith("/") or value.endswith("/") or "//" in value:
        raise refused(
            "Terraform wants a path without a slash at its beginning or end, or two in a row.",
            'Write for instance "entra-cognito/prod.tfstate".',
        )
    if len(value.encode()) > STATE_KEY_BYTES or not value.isprintable():
        raise refused(
            "S3 takes keys of at most 1024 bytes, and none that hides invisible characters.",
            'Write for instance "entra-cognito/prod.tfstate".',
        )
    return as_written(value)


def kms_key_id(value: str) -> str:
    """A key that encrypts the state (Terraform, "Backend Type: s3", kms_key_id): no alias, says Terraform."""
    arn = rf"arn:aws[a-z-]*:kms:{REGION}:{ACCOUNT_ID}:key/{KMS_KEY}"
    if not re.fullmatch(rf"{KMS_KEY}|{arn}", value, re.ASCII):
        raise refused(
            "Terraform takes the id or the ARN of a KMS key, and no alias.",
            'Write for instance "arn:aws:kms:eu-central-1:123456789012:key/'
            '12345678-90ab-4cde-8f01-234567890abc".',
        )
    return value


def version_constraint(value: str) -> str:
    """A version constraint (Terraform language, "Version Constraints")."""
    if not all(re.fullmatch(VERSION_CONSTRAINT, part.strip(" "), re.ASCII) for part in value.split(",")):
        raise refused(
            "This is not a version constraint as Terraform writes them.",
            'Write for instance ">= 5.100.0, < 7.0.0" or "~> 6.25".',
        )
    return value


def tag_key(value: str) -> str:
    """The key of a tag (AWS General Reference, "Tagging your AWS resources": naming limits)."""
    if value.lower().startswith("aws:"):
        raise refused("Tags that begin with `aws:` belong to AWS.", "Choose another key.")
    if not 1 <= len(value) <= TAG_KEY_LENGTH or not re.fullmatch(TAG_CHARACTERS, value):
        raise refused(
            "A tag's key has 1 to 128 letters, digits, spaces and the characters _ . : / = + - @",
            'Write for instance "cost-center".',
        )
    return value


def tag_value(value: str) -> str:
    """The value of a tag (AWS General Reference, "Tagging your AWS resources": naming limits)."""
    if len(value) > TAG_VALUE_LENGTH or not re.fullmatch(TAG_CHARACTERS, value):
        raise refused(
            "A tag's value has at most 256 letters, digits, spaces and the characters _ . : / = + - @",
            "Leave out what is not among them.",
        )
    return value
