"""What Graph would refuse of an application, found when it is planned."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sandbox.azuread_plugin.problems import ProblemError
from sandbox.azuread_plugin.wire import UNKNOWN, Json, Value

_PERSONAL = ("AzureADandPersonalMicrosoftAccount", "PersonalMicrosoftAccount")
_SCOPES, _SCOPE_LENGTH, _URIS, _REDIRECTS, _RESOURCES, _ACCESSES, _ALL_ACCESSES = (
    100,
    40,
    50,
    100,
    50,
    30,
    200,
)
_URI_SCHEMES = ("http", "https", "api", "ms-appx")


def refuse_what_graph_refuses(planned: Json) -> None:
    """Refuse roles and permissions that clash, and what personal accounts do not allow.

    Raises:
        ProblemError: the plan cannot be carried out.
    """
    _refuse_clashing_values(planned)
    if planned["sign_in_audience"] in _PERSONAL:
        for limit in _broken_personal_limits(planned):
            raise ProblemError(
                f'{limit} when `sign_in_audience` is "{_PERSONAL[0]}" or "{_PERSONAL[1]}"',
                path=("sign_in_audience",),
            )


def _refuse_clashing_values(planned: Json) -> None:
    blocks = [*_blocks(planned["app_role"])]
    for api in _blocks(planned["api"]):
        blocks += _blocks(api["oauth2_permission_scope"])
    seen: dict[str, Value] = {}
    ids: dict[str, Value] = {}
    for block in blocks:
        value, block_id = block["value"], block["id"]
        if not value or not block_id or UNKNOWN in (value, block_id):
            continue
        clash = ""
        if ids.setdefault(block_id, value) != value:
            clash = f'duplicate ID found: "{block_id}"'
        elif seen.setdefault(value, block_id) != block_id:
            clash = f'duplicate value found: "{value}"'
        if clash:
            raise ProblemError(
                f"checking for duplicate app roles / OAuth2.0 permission scopes: validation failed: {clash}"
            )


def _blocks(value: Value) -> list[Value]:
    """The known elements of a list or set, or of one that is not known itself."""
    return [] if value is UNKNOWN or value is None else [item for item in value if item is not UNKNOWN]


def _broken_personal_limits(planned: Json) -> Iterator[str]:
    """What personal accounts do not allow (learn.microsoft.com, "supported accounts validation")."""
    api = (_blocks(planned["api"]) or [{}])[0]
    scopes = _blocks(api.get("oauth2_permission_scope"))
    uris = _blocks(planned["identifier_uris"])
    platforms = [
        [uri for block in _blocks(planned[name]) for uri in _blocks(block["redirect_uris"])]
        for name in ("public_client", "single_page_application", "web")
    ]
    hosts = [urlsplit(str(uri)).netloc for platform in platforms for uri in platform]
    accesses = [_blocks(block["resource_access"]) for block in _blocks(planned["required_resource_access"])]
    values = [scope["value"] for scope in scopes if isinstance(scope["value"], str)]
    broken = {
        "`requested_access_token_version` must be 2": (api.get("requested_access_token_version") or 1) == 1,
        f"maximum of {_SCOPES} `oauth2_permission_scope` blocks are supported": len(scopes) > _SCOPES,
        f"`value` property in the `oauth2_permission_scope` block must be {_SCOPE_LENGTH} characters or"
        " less": any(len(value) > _SCOPE_LENGTH for value in values),
        "`identifier_uris` is invalid. The URN scheme is not supported": any(
            urlsplit(str(uri)).scheme not in _URI_SCHEMES for uri in uris
        ),
        f"`identifier_uris` must have no more than {_URIS} URIs": len(uris) > _URIS,
        f"`redirect_uris` must have no more than {_REDIRECTS} URIs": any(
            len(platform) > _REDIRECTS for platform in platforms
        ),
        "`redirect_uris` having wildcard hosts are not supported": any("*" in host for host in hosts),
        f"maximum of {_RESOURCES} `required_resource_access` blocks are supported": len(accesses)
        > _RESOURCES,
        f"maximum of {_ACCESSES} `resource_access` blocks for each `required_resource_access` block are"
        " supported": any(len(access) > _ACCESSES for access in accesses),
        f"maximum of {_ALL_ACCESSES} `resource_access` blocks per application are supported": (
            sum(map(len, accesses)) > _ALL_ACCESSES
        ),
    }
    return (limit for limit, is_broken in broken.items() if is_broken)
