"""The user pools as MiniStack holds them: with `api` and `lambda_functions` all that knows it from within.

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


class UserPools:
    """Every user pool of the process."""

    def client(self, client_id: str) -> Client | None:
        """An app client of any pool."""
        _, pool, client = service._find_pool_by_client_id(client_id)
        return None if client is None else Client(**client, pool=Pool(**pool))

    def pool(self, pool_id: str) -> Pool | None:
        """A user pool."""
        raw = service._get_pool_unscoped(pool_id)
        return None if raw is None else Pool(**raw)

    def user(self, pool_id: str, username: str) -> User | None:
        """A user by name."""
        raw = self._users(pool_id).get(username)
        return None if raw is None else User(**raw)

    def user_of(self, pool_id: str, sub: str) -> User | None:
        """A user by the `sub` of their tokens."""
        users = (User(**raw) for raw in list(self._users(pool_id).values()))
        return next((user for user in users if user.sub == sub), None)

    # Local accounts

    def password_sign_in(self, pool_id: str, username: str, password: str) -> User | str:
        """The user who signs in with a password, or why nobody does."""
        raw, refusal = service._authenticate_hosted_ui_user(self._enter(pool_id), username, password)
        return str(refusal) if refusal else User(**raw)

    def change_password(self, pool_id: str, username: str, password: str) -> User | str:
        """Set a password for good: the user as it is then, or what is wrong with the password."""
        pool = self._enter(pool_id)
        if reasons := service._password_policy_errors(pool, password):
            return f"Password did not conform with policy: {'; '.join(reasons)}"
        raw = pool["_users"][username]
        raw.update(_password=password, UserStatus="CONFIRMED", UserLastModifiedDate=time.time())
        return User(**raw)

    # Federated users

    def replaced_claims(self, client: Client, provider: Provider, subject: str, claims: Json) -> Json:
        """What the inbound federation trigger makes of a provider's claims; without a trigger, the claims.

        Raises:
            FederationError: the trigger failed.
        """
        self._enter(client.pool.id)
        try:
            changed = service._apply_inbound_federation_trigger(
                client.pool.id, client.id, subject, provider.name, provider.type, {"idToken": claims}
            )
        except service._InboundFederationRejected as rejected:
            raise FederationError(INBOUND.format(rejected)) from None
        return dict(changed) or claims

    def federated_user(
        self, pool_id: str, provider: Provider, subject: str, username: str, attributes: Mapping[str, str]
    ) -> User | None:
        """The profile of a person at a provider: linked to it (AdminLinkProviderForUser) or made for it."""
        linked = service._linked_username_for_federation(
            self._enter(pool_id), provider.name, subject, dict(attributes)
        )
        return self.user(pool_id, linked or username)

    def update(self, pool_id: str, username: str, attributes: Mapping[str, str]) -> User:
        """Write what a provider says of a user now."""
        raw = self._users(pool_id)[username]
        service._merge_federated_attrs(raw, dict(attributes), time.time())
        return User(**raw)

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
        pool_id, pool = client.pool.id, self._enter(client.pool.id)
        written = dict(attributes)
        try:
            verdict = service._apply_presignup_trigger(pool_id, client.id, username, written)
        except service._PreSignUpRejected as rejected:
            raise FederationError(PRE_SIGN_UP.format(rejected)) from None
        if linked := self.federated_user(pool_id, provider, subject, username, attributes):
            return self.update(pool_id, linked.username, attributes)
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
        service._start_federated_profile(pool, pool_id, raw, provider.name, subject)
        return User(**raw)

    # Tokens

    def seconds(self, client: Client, kind: str) -> int:
        """How long the client's `access`, `id` or `refresh` tokens are valid."""
        self._enter(client.pool.id)
        return int(service._token_validity(client.pool.id, client.id, kind))

    def signed(self, pool_id: str, claims: Json, use: str) -> str:
        """A token signed with the pool's key for `access` or `id` tokens, which its key set shows."""
        return str(service._signed_jwt(claims, pool_id, use))

    def key_set(self, pool_id: str) -> bytes:
        """The pool's public keys, as JSON."""
        return bytes(service.well_known_jwks(pool_id)[2])

    def note_origin(self, pool_id: str, username: str, origin_jti: str) -> None:
        """Remember a sign-in, so that GlobalSignOut ends what came of it."""
        self._users(pool_id)[username].setdefault("_origin_jtis", []).append(origin_jti)

    def claims_of(self, token: str) -> Json:
        """The claims of a token that a pool signed; empty for anything else."""
        claims = service._token_claims(token)
        pool = service._get_pool_unscoped(str(claims.get("iss", "")).rsplit("/", 1)[-1])
        return dict(claims) if pool is not None and service._signature_valid(token) else {}

    def is_revoked(self, token: str, claims: Json, pool_id: str, username: str) -> bool:
        """Whether a refresh token, or all of its user's tokens, were revoked."""
        return claims.get("origin_jti") in service._revoked_tokens or bool(
            service._refresh_token_revoked(token, self._users(pool_id)[username])
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

    def _enter(self, pool_id: str) -> Json:
        """Set MiniStack's current account and region to those of a pool, and return the pool's record.

        The functions that take a pool's id look it up in the current account and region only.

        Raises:
            KeyError: there is no such pool.
        """
        pool: Json | None = service._get_pool_unscoped(pool_id)
        if pool is None:
            raise KeyError(pool_id)
        return pool

    def _users(self, pool_id: str) -> dict[str, Json]:
        pool = service._get_pool_unscoped(pool_id)
        return {} if pool is None else pool["_users"]
