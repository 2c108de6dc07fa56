"""APIs and their scopes: what is refused, accepted, and warned of."""

from hypothesis import example, given
from hypothesis import strategies as st

from stacks.settings.clients import Scope
from stacks.settings.resource_servers import (
    ResourceServerIdentifier,
    ResourceServerKey,
    ResourceServerName,
    ScopeName,
)
from tests.stacks.settings.samples import ORDERS, accepted, accepts, case, refused, silent, unhurried, warned

test_refused = refused(
    case("resource_servers.Orders", {"scopes": {"a": "b"}}, "Terraform address"),
    case("resource_servers.orders", {}, 'scopes = { read = "Read orders" }', at=".scopes"),
    case("resource_servers.orders.scopes", {}, "The table is empty"),
    case("resource_servers.orders.scopes", {f"s{n}": "x" for n in range(101)}, "takes 100"),
    case("resource_servers.o.scopes", {"a/b": "c"}, "no spaces, slashes", at='."a/b"'),
    case("resource_servers.o.scopes", {"a": ""}, "1 to 256", at=".a"),
    case("resource_servers.o.scopes", {"a": "d" * 257}, "1 to 256", at=".a"),
    case("resource_servers.orders.identifier", "a b", "no spaces", also=ORDERS),
    case("resource_servers.orders.identifier", "i" * 257, "256", also=ORDERS),
    case("resource_servers.orders.name", "a/b", "1 to 256", also=ORDERS),
    case(
        "resource_servers.other",
        {"identifier": "orders", "scopes": {"a": "b"}},
        "[resource_servers.orders] has this identifier already",
        at=".identifier",
        also=ORDERS,
    ),
    case("clients.web.scopes", ["orders/raed"], 'Did you mean "orders/read"?', at="[0]", also=ORDERS),
    (
        ORDERS
        | {
            "resource_servers.orders.identifier": "https://api/",
            "clients.web.scopes": ["https://api//write"],
        },
        "clients.web.scopes[0]",
        'The resource server "https://api/" has no such scope',
    ),
)

test_accepted = accepted(
    {
        "resource_servers.orders": {
            "identifier": "https://orders.contoso.com",
            "name": "Orders",
            "scopes": {f"s{n}": "d" * 256 for n in range(100)},
        },
        "clients.web.scopes": ["https://orders.contoso.com/s99"],
    },
)

test_warned = warned(
    case("clients.web.scopes", ["stock/read"], "makes no such resource server", at="[0]", also=ORDERS),
)

test_silent = silent(
    ORDERS | {"clients.web.scopes": ["openid", "orders/read"]},
)


@unhurried
@given(st.from_regex(r"[a-z][a-z0-9_-]{0,30}", fullmatch=True))
def test_the_key_of_a_resource_server_is_a_good_identifier_and_name(key: str) -> None:
    assert accepts(ResourceServerKey, key)
    assert accepts(ResourceServerIdentifier, key)
    assert accepts(ResourceServerName, key)
    assert accepts(Scope, f"{key}/read")


@unhurried
@given(identifier=st.text(min_size=1, max_size=20), name=st.text(min_size=1, max_size=20))
@example(identifier="https://api.contoso.com/", name="read")
def test_a_scope_of_a_resource_server_is_one_that_an_app_may_ask_for(identifier: str, name: str) -> None:
    if accepts(ResourceServerIdentifier, identifier) and accepts(ScopeName, name):
        assert accepts(Scope, f"{identifier}/{name}")
