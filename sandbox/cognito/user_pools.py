"""The user pools as MiniStack holds them: with `ministack_functions` all that knows MiniStack from within.

The API shows no signing key, lets nobody make a federated user and runs no trigger on request, so this
reaches for the functions behind it. They are private and may change with any release: the version is
pinned, and the tests of the sign-in domain go through every function that is used here.
"""

# ruff: noqa: SLF001 - see above

import time
from collections.abc import Mapping

from ministack.services import cognito as service  # type: ignore[import-untyped]

from sandbox.cognito.errors import FederationError
from sandbox.cognito.models import Client, Json, Pool, Provider, User

PRE_SIGN_UP = "PreSignUp failed with error {}."
INBOUND = "InboundFederation failed with error {}."


def reset_omitted_triggers() -> None:
    """Make UpdateUserPool take away the triggers when a request does not name them.

    API_UpdateUserPool: "If you don't provide a value for an attribute, Amazon Cognito sets it to its default
    value." That is how Terraform takes a trigger away; MiniStack keeps what is not named.
    """
    update = service._update_user_pool
    service._update_user_pool = lambda request: update({"LambdaConfig": {}} | request)


class Pools:
    """Every user pool of the process."""

    def client(self, client_id: str) -> Client | None:
        """An app client of any pool."""
        _, pool, client = service._find_pool_by_client_id(client_id)
        return None if client is None else Client(client, Pool(pool))

    def pool(self, pool_id: str) -> Pool | None:
        """A user pool."""
        raw = self._pinned(pool_id)
        return None if raw is None else Pool(raw)

    def user(self, pool_id: str, username: str) -> User | None:
        """A user by name."""
        raw = (self._pinned(pool_id) or {"_users": {}})["_users"].get(username)
        return None if raw is None else User(raw)

    def user_of(self, pool_id: str, sub: str) -> User | None:
        """A user by the `sub` of their tokens."""
        users = (self._pinned(pool_id) or {"_users": {}})["_users"].values()
        return next((user for user in map(User, list(users)) if user.sub == sub), None)

    # Local accounts

    def password_sign_in(self, pool: Pool, username: str, password: str) -> User | str:
        """The user who signs in with a password, or why nobody does."""
        raw, problem = service._authenticate_hosted_ui_user(pool.raw, username, password)
        return str(problem) if problem else User(raw)

    def must_change_password(self, user: User) -> bool:
        """Whether the password was temporary."""
        return bool(user.raw["UserStatus"] == "FORCE_CHANGE_PASSWORD")

    def change_password(self, pool: Pool, user: User, password: str) -> str | None:
        """Set a password for good; says what is wrong with it, if anything is."""
        if problems := service._password_policy_errors(pool.raw, password):
            return f"Password did not conform with policy: {'; '.join(problems)}"
        user.raw.update(_password=password, UserStatus="CONFIRMED", UserLastModifiedDate=time.time())
        return None

    # Federated users

    def replaced_claims(self, client: Client, provider: Provider, subject: str, claims: Json) -> Json:
        """What the inbound federation trigger makes of a provider's claims; without a trigger, the claims.

        Raises:
            FederationError: the trigger failed.
        """
        self._pinned(client.pool.id)
        try:
            changed = service._apply_inbound_federation_trigger(
                client.pool.id, client.id, subject, provider.name, provider.type, {"idToken": claims}
            )
        except service._InboundFederationRejected as problem:
            raise FederationError(INBOUND.format(problem)) from None
        return dict(changed) or claims

    def federated_user(
        self, pool: Pool, provider: Provider, subject: str, username: str, attributes: Mapping[str, str]
    ) -> User | None:
        """The profile of a person at a provider: linked to it (AdminLinkProviderForUser) or made for it."""
        linked = service._linked_username_for_federation(pool.raw, provider.name, subject, dict(attributes))
        return self.user(pool.id, linked or username)

    def update(self, user: User, attributes: Mapping[str, str]) -> None:
        """Write what a provider says of a user now."""
        service._merge_federated_attrs(user.raw, dict(attributes), time.time())

    def create(
        self, client: Client, provider: Provider, subject: str, username: str, attributes: Mapping[str, str]
    ) -> User:
        """Make the profile of a person who signs in by a provider for the first time.

        As on AWS its status is EXTERNAL_PROVIDER, `identities` says where the person comes from, and it
        belongs to the provider's group (cognito-user-pools-identity-federation). The pre sign-up trigger
        goes first, and may link the person to an existing profile instead (user-pool-lambda-pre-sign-up).

        Raises:
            FederationError: the trigger refused the person.
        """
        pool = client.pool.raw
        self._pinned(client.pool.id)
        written = dict(attributes)
        try:
            verdict = service._apply_presignup_trigger(client.pool.id, client.id, username, written)
        except service._PreSignUpRejected as problem:
            raise FederationError(PRE_SIGN_UP.format(problem)) from None
        if linked := self.federated_user(client.pool, provider, subject, username, attributes):
            self.update(linked, attributes)
            return linked
        for name, flag in (("email", "autoVerifyEmail"), ("phone_number", "autoVerifyPhone")):
            if verdict[flag] and name in written:
                written[f"{name}_verified"] = "true"
        now = time.time()
        raw = {
            "Username": username,
            "Attributes": service._dict_to_attr_list({**written, "sub": service.new_uuid()}),
            "UserCreateDate": now,
            "UserLastModifiedDate": now,
            "Enabled": True,
            "UserStatus": "EXTERNAL_PROVIDER",
            "MFAOptions": [],
            "_password": "",
            "_groups": [],
            "_tokens": [],
        }
        pool["_users"][username] = raw
        pool["EstimatedNumberOfUsers"] = len(pool["_users"])
        service._start_federated_profile(pool, client.pool.id, raw, provider.name, subject)
        return User(raw)

    # Tokens

    def seconds(self, client: Client, kind: str) -> int:
        """How long the client's `access`, `id` or `refresh` tokens are valid."""
        self._pinned(client.pool.id)
        return int(service._token_validity(client.pool.id, client.id, kind))

    def signed(self, pool: Pool, claims: Json, use: str) -> str:
        """A token signed with the pool's key for `access` or `id` tokens, which its key set shows."""
        return str(service._signed_jwt(claims, pool.id, use))

    def key_set(self, pool: Pool) -> bytes:
        """The pool's public keys, as JSON."""
        return bytes(service.well_known_jwks(pool.id)[2])

    def note_origin(self, user: User, origin_jti: str) -> None:
        """Remember a sign-in, so that GlobalSignOut ends what came of it."""
        user.raw.setdefault("_origin_jtis", []).append(origin_jti)

    def claims_of(self, token: str) -> Json:
        """The claims of a token that a pool signed; empty for anything else."""
        claims = service._token_claims(token)
        pool = self._pinned(str(claims.get("iss", "")).rsplit("/", 1)[-1])
        return dict(claims) if pool is not None and service._signature_valid(token) else {}

    def is_revoked(self, token: str, claims: Json, user: User) -> bool:
        """Whether a refresh token, or all of its user's tokens, were revoked."""
        return claims.get("origin_jti") in service._revoked_tokens or bool(
            service._refresh_token_revoked(token, user.raw)
        )

    def revoke(self, token: str) -> None:
        """Revoke a refresh token and the access tokens that came of it."""
        service._revoke_token({"Token": token})

    def access_token_is_good(self, token: str) -> bool:
        """Whether userInfo may answer: the pool's own, in time, not revoked, of a user who still may."""
        return service._userinfo_token_error(token) is None

    def machine_tokens(self, form: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """The answer to a client_credentials grant, in which nobody signs in: MiniStack's own."""
        status, _, body = service._oauth2_token({}, {}, form, dict(headers))
        return int(status), bytes(body)

    def _pinned(self, pool_id: str) -> Json | None:
        """A pool; whatever MiniStack looks up next in this context is in the pool's account and region."""
        pool: Json | None = service._get_pool_unscoped(pool_id)
        return pool
