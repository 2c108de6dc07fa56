"""Settings to change one thing in, tests of such changes, and the settings' form as a file."""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from datetime import date
from functools import cache
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import hypothesis
import pytest
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from stacks.settings import Settings
from stacks.settings.errors import Message, SettingsError
from stacks.settings.facts import GroupsClaim
from stacks.settings.files import settings_of

TENANT = "2f1a4b7c-5d3e-4f60-8a91-b2c3d4e5f607"
PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
SOMEBODY = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
SOMEBODY_ELSE = "1b2c3d4e-5f6a-4b7c-8d9e-0f1a2b3c4d5e"

IAM = "arn:aws:iam::123456789012"
ADMIN_SCOPE = "aws.cognito.signin.user.admin"
LEAST: dict[str, Any] = {
    "aws": {"region": "eu-central-1"},
    "entra": {"tenant_id": TENANT},
    "cognito": {"domain_prefix": "contoso-signin"},
    "clients": {"web": {"type": "server", "callback_urls": ["https://app.contoso.com/callback"]}},
}
# No warnings: the state is not on this machine.
QUIET = {"state.bucket": "contoso-terraform-state"}

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
HOSTS = st.lists(LABELS, min_size=1, max_size=4).map(".".join)
# Without a time limit for each example: how long one takes says more about the machine.
unhurried = hypothesis.settings(deadline=None, max_examples=50)

Changes = Mapping[str, Any]
REMOVED = object()


def with_changes(changes: Changes) -> dict[str, Any]:
    """The least settings, with values set (or removed) at dotted keys."""
    tables = deepcopy(LEAST)
    for dotted_key, value in changes.items():
        *path, last = dotted_key.split(".")
        table = tables
        for part in path:
            table = table.setdefault(part, {})
        if value is REMOVED:
            del table[last]
        else:
            table[last] = value
    return tables


# --- settings of each shape of the job, to combine and to break

CUSTOMER = "8d7e6f5a-4b3c-4d2e-9f1a-0b9c8d7e6f5a"
OTHER_CUSTOMER = "9e8f7a6b-5c4d-4e3f-8a2b-1c0d9e8f7a6b"
FABRIKAM: dict[str, Any] = {"tenants.fabrikam": {"tenant_id": CUSTOMER, "email_domains": ["fabrikam.com"]}}
PERSONAL: dict[str, Any] = {"tenants.personal.tenant_id": PERSONAL_TENANT}
CUSTOMERS_ONLY = FABRIKAM | {"entra.home_accounts": False}
POOL: dict[str, Any] = {
    "cognito.user_pool_id": "eu-central-1_aB3dE5fG7",
    "cognito.domain_prefix": REMOVED,
    "cognito.existing_domain": "contoso-signin.auth.eu-central-1.amazoncognito.com",
}
PASSWORDS: dict[str, Any] = {"local_accounts": True, "callback_urls": ["https://support.contoso.com/"]}
CLIENT: dict[str, Any] = {"clients.web.client_id": "1h57kf5cpq17m0eml12v2b6k8s"}
REGISTRATION: dict[str, Any] = {
    "entra.registration.client_id": "3c4d5e6f-7a8b-4c9d-8e0f-1a2b3c4d5e6f",
    "entra.registration.secrets_manager_secret": "entra/contoso-signin",
}
CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/12345678-90ab-4cde-8f01-234567890abc"
OWN_DOMAIN: dict[str, Any] = {
    "cognito.custom_domain.host": "auth.contoso.com",
    "cognito.custom_domain.certificate_arn": CERTIFICATE,
}
BRANDED: dict[str, Any] = {
    "cognito.managed_login_version": 2,
    "cognito.branding.settings_file": "branding/settings.json",
}
LOGO = {"category": "FORM_LOGO", "file": "branding/logo.svg"}
# Everybody who can sign in has a role.
ROLES: dict[str, Any] = {
    "entra.assignment_required": True,
    "entra.app_roles.admin.groups": ["Portal administrators"],
    "entra.app_roles.user.principals": [SOMEBODY],
}
ROLES_KEPT = ROLES | {"cognito.attribute_mapping": {"custom:roles": "roles"}}
# Everybody who can sign in is in a group.
GROUPS: dict[str, Any] = {
    "entra.assignment_required": True,
    "entra.assigned_groups": ["App users"],
    "entra.groups_claim": "ids",
}
GROUPS_KEPT = GROUPS | {"cognito.attribute_mapping": {"custom:groups": "groups"}}
ROTATED: dict[str, Any] = {
    "entra.secret.rotate_every_days": 90,
    "entra.secret.rotates_from": date(2027, 1, 4),
}
ORDERS: dict[str, Any] = {"resource_servers.orders.scopes": {"read": "Read orders"}}
MAPPED_ROLES = 'cognito.attribute_mapping."custom:roles"'
MAPPED_GROUPS = 'cognito.attribute_mapping."custom:groups"'

PLAIN_GOVERNMENT: dict[str, Any] = {"aws.region": "us-gov-west-1", "entra.cloud": "usgovernment"}


def customers(count: int) -> dict[str, Any]:
    return {f"tenants.c{n:03}.tenant_id": f"{n:08x}-4b3c-4d2e-9f1a-0b9c8d7e6f5a" for n in range(1, count + 1)}


def roles(count: int, length: int, **more: object) -> dict[str, Any]:
    """App roles whose values all have one length."""
    return ROLES | {
        f"entra.app_roles.r{n}": {"value": f"{n:03}".ljust(length, "r"), **more} for n in range(count)
    }


def groups(count: int, claim: GroupsClaim) -> dict[str, Any]:
    return GROUPS_KEPT | {
        "entra.groups_claim": claim.value,
        "entra.assigned_groups": [f"{n:03}" for n in range(count)],
    }


def signs_out_by_microsoft(*urls: str) -> dict[str, Any]:
    return {"clients.web.end_microsoft_session": True, "clients.web.logout_urls": list(urls)}


def signs_out_at(count: int) -> dict[str, Any]:
    """Apps that end the session at Microsoft, and so many addresses where they do."""
    urls = [f"https://a/{n}" for n in range(count)]
    return {
        f"clients.c{first}": {
            "callback_urls": ["https://a/"],
            "end_microsoft_session": True,
            "logout_urls": urls[first : first + 50],
        }
        for first in range(0, count, 50)
    }


def table(name: str) -> dict[str, Any]:
    """The settings in a file beside this one."""
    return tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text("utf-8"))


OF_ONES_OWN, EXISTING, READ_FROM_A_PARAMETER = map(table, ("everything", "existing", "parameter"))


def settings_with(changes: Changes | None = None, name: str = "dev") -> Settings:
    return settings_of(with_changes(changes or {}), Path(f"{name}.toml"))


def errors_with(changes: Changes, name: str = "dev") -> list[Message]:
    try:
        settings_with(changes, name)
    except SettingsError as error:
        return error.errors
    return []


# --- tests of one change: `test_refused = refused(case(...), ...)`

Case = tuple[Changes, str, str]
Test = Callable[..., None]


def case(key: str, value: object, telling: str, *, at: str = "", also: Changes | None = None) -> Case:
    """One setting's value, the key that is then named (longer by `at`), and some of the words about it."""
    return {**(also or {}), key: value}, f"{key}{at}", telling


def refused(*cases: Case) -> Test:
    """A test that each of these is refused, and says so of this key in these words."""

    @pytest.mark.parametrize(("changes", "key", "telling"), cases)
    def test(changes: Changes, key: str, telling: str) -> None:
        said = [f"{error.sentence} {error.remedy}" for error in errors_with(changes) if str(error.key) == key]
        assert telling in " ".join(said)

    return test


def accepted(*changes: Changes) -> Test:
    """A test that nothing is wrong with each of these."""

    @pytest.mark.parametrize("changes", changes)
    def test(changes: Changes) -> None:
        assert errors_with(changes) == []

    return test


def warned(*cases: Case) -> Test:
    """A test that each of these is accepted with one warning, of this key and in these words."""

    @pytest.mark.parametrize(("changes", "key", "telling"), cases)
    def test(changes: Changes, key: str, telling: str) -> None:
        (warning,) = settings_with({**QUIET, **changes}).warnings
        assert warning.startswith(f"{key}: ")
        assert telling in warning

    return test


def silent(*changes: Changes) -> Test:
    """A test that each of these is accepted without a warning."""

    @pytest.mark.parametrize("changes", changes)
    def test(changes: Changes) -> None:
        assert settings_with({**QUIET, **changes}).warnings == []

    return test


def all_settings(annotation: Any = Settings, at: str = "") -> dict[str, FieldInfo]:
    """Every setting there is, without the words that people choose: `clients.callback_urls`."""
    here = {f"{at}{name}": field for name, field in getattr(annotation, "model_fields", {}).items()}
    inner = [all_settings(field.annotation, f"{key}.") for key, field in here.items()]
    inner += [all_settings(part, at) for part in get_args(annotation)]
    return {key: field for one in [here, *inner] for key, field in one.items()}


Kind = Any


def text_kinds() -> dict[str, Kind]:
    """Every kind of text, by the first setting that has it; of a table with words of one's own two kinds."""
    kinds: dict[Kind, str] = {}
    for key, field in all_settings().items():
        texts = list(_texts(Annotated[field.annotation, None, *field.metadata]))
        for kind, of in zip(texts, ("", " (values)"), strict=False):
            kinds.setdefault(kind, key + of)
    return {key: kind for kind, key in kinds.items()}


def _texts(annotation: Any) -> Iterator[Kind]:
    if get_origin(annotation) is Annotated and get_args(annotation)[0] is str:
        yield annotation
    else:
        for part in get_args(annotation):
            yield from _texts(part)


_adapter = cache(TypeAdapter)


def refusal(kind: Kind, value: object) -> tuple[str, str] | None:
    """What is wrong with a value, and what to write instead; it may be refused in no other way."""
    try:
        _adapter(kind).validate_python(value)
    except ValidationError as error:
        (wrong,) = error.errors()
        return wrong["ctx"]["sentence"], wrong["ctx"]["remedy"]
    return None


def accepts(kind: Kind, value: object) -> bool:
    return refusal(kind, value) is None


def settings_shown_in(text: str) -> set[str]:
    """The settings that a file shows, in force or, without a space after the #, commented out."""
    known = all_settings()
    shown: set[str] = set()
    at = ""
    for line in text.splitlines():
        if header := re.fullmatch(r"#?\[{1,2}([^\]]+)\]{1,2}", line):
            at = ""
            for word in header[1].split("."):
                at = f"{at}.{word}".lstrip(".") if f"{at}.{word}".lstrip(".") in known else at
            shown.add(at)
        elif setting := re.match(r"#?([A-Za-z0-9_-]+) = ", line):
            key = f"{at}.{setting[1]}".lstrip(".")
            # Under a table of words that people choose, such as [tags], any word is one.
            chosen = get_origin(getattr(known.get(at), "annotation", None)) is dict
            shown.add(at if chosen and key not in known else key)
    return shown


ENVIRONMENTS = Path(__file__).parents[3] / "environments"


def example_tables() -> dict[str, Any]:
    """The example file with every setting in force; only cloud and authority exclude each other."""
    lines = [
        line[1:] if (line.startswith("#") and line[1:2].isalpha()) or line.startswith("#[") else line
        for line in (ENVIRONMENTS / "example.toml").read_text("utf-8").splitlines()
    ]
    return tomllib.loads("\n".join(line for line in lines if not line.startswith("authority")))


def as_toml(tables: Mapping[str, object]) -> str:
    """The settings as the text of a file; what TOML cannot say is left out."""
    return "".join(f"{_string(key)} = {_value(value)}\n" for key, value in tables.items())


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_string(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value)


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
