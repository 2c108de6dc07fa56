"""Users with a password in Cognito, and what people can write of themselves there. Facts and checks.

One fact is behind all of this: at a sign-in Cognito writes the mapped attributes as the app client, so a
client of Microsoft's people may write them (API reference, CreateUserPoolClient, WriteAttributes). An access
token with the scope `aws.cognito.signin.user.admin` lets people write the same ones (UpdateUserAttributes),
every sign-in with a password by the API comes with that scope, and what they wrote stays until the next
sign-in at Microsoft. So such a client has neither passwords nor that scope, and passwords have other clients.
"""

from stacks.settings.checks import ClientSettings, Settings, check, check_each_client
from stacks.settings.errors import Messages, at, error
from stacks.settings.facts import STANDARD_ATTRIBUTES

SELF_SERVICE_SCOPE = "aws.cognito.signin.user.admin"

# Nobody's id; but people are looked up by them, so an administrator writes them.
_ADDRESSES = frozenset({"email", "email_verified", "phone_number", "phone_number_verified"})
_NAMES = frozenset({"username", "preferred_username"})


def readable(s: Settings) -> list[str]:
    """What a client for passwords shows: no custom attribute, and no standard one that holds another claim.

    An administrator may make a local account with anybody's ids, and a linked one (AdminLinkProviderForUser)
    has them; the app of such a client never sees them.
    """
    mapping = s.full_attribute_mapping
    shown = (name for name in STANDARD_ATTRIBUTES if name in _ADDRESSES or mapping.get(name, name) == name)
    return sorted(set(shown) - {"username"})


def writable(s: Settings) -> list[str]:
    """What people with a password may write of themselves: nothing that a sign-in at Microsoft writes.

    Never empty: that would mean every standard attribute (API reference, CreateUserPoolClient).
    """
    return sorted(set(STANDARD_ATTRIBUTES) - _ADDRESSES - _NAMES - set(s.full_attribute_mapping))


@check
def _not_beside_microsoft(s: Settings) -> Messages:
    if s.cognito.local_accounts:
        yield error(
            at.cognito.local_accounts,
            "At an app client with Microsoft's sign-in, somebody with a password in Cognito could write the"
            " ids and roles of anybody else into their own account: their token may write whatever the"
            " sign-in writes.",
            "Remove the line, and give the users with a password an app client of their own:\n"
            "[clients.support]\nlocal_accounts = true\n"
            'callback_urls = ["https://support.contoso.com/callback"]',
        )


@check_each_client
def _self_service_scope(_: Settings, key: str, client: ClientSettings) -> Messages:
    """API reference, UpdateUserAttributes; developer guide, "Scopes, M2M, and resource servers"."""
    if SELF_SERVICE_SCOPE in client.scopes and not client.local_accounts:
        yield error(
            at.clients[key].scopes[client.scopes.index(SELF_SERVICE_SCOPE)],
            "With this scope people can write whatever Microsoft's sign-in writes, custom:entra_oid among it,"
            " and so pass for somebody else until they sign in again.",
            "Remove it: /oauth2/userInfo shows people their attributes, /oauth2/revoke and /logout sign them"
            " out. A client with local_accounts = true may have it.",
        )


@check_each_client
def _nothing_of_microsoft(s: Settings, key: str, client: ClientSettings) -> Messages:
    if not client.local_accounts:
        return
    for name, wrong, because in (
        ("tenants", client.tenants is not None, "lets in users with a password in Cognito, and no tenant's."),
        ("end_microsoft_session", client.end_microsoft_session, "has no session at Microsoft to end."),
    ):
        if wrong:
            yield error(
                at.clients[key][name],
                f"A client with local_accounts = true {because}",
                "Remove the line, or local_accounts = true and have a second client for it.",
            )
    if not writable(s):
        yield error(
            at.clients[key].local_accounts,
            "Microsoft's sign-in writes every standard attribute, and Cognito lets a client write all of them"
            " unless it names one.",
            "Leave one out of [cognito.attribute_mapping], such as zoneinfo.",
        )
