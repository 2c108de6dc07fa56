"""An environment to attack, and the attacks on who somebody is: the table that docs/security.md explains.

The attackers are a local account, Noor of the home tenant, and Frida and others of a customer's; an attack
may use all that Cognito and Entra ID offer them. The pool's own administrator wants nothing bad. The victim
is Ada, who has the role `admin`.
"""

import base64
import hmac
import json
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from sandbox.entra.clients import client_of
from sandbox.entra.directory import Assignment, Directory
from sandbox.entra.tenants import ADATUM, ANTON, FABRIKAM, FELIX, FRIDA
from sandbox.entra.users import ADA, GRACE, NOOR, PASSWORD, Person
from sandbox.sign_in import browser, sign_in
from tests.e2e.deployment import Deployment, Json, environment, local_clouds
from tests.e2e.srp import Srp
from tests.sandbox.cognito.fixtures import FakeProvider

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

HOME = "11111111-1111-4111-8111-111111111111"
ADMIN_SCOPE = "aws.cognito.signin.user.admin"
WEB, SUPPORT = "web", "support"
MALLORY, PUPPET, LOCAL_PASSWORD = "mallory", "puppet", "Passw0rd!"
CALLBACK = "https://app.contoso.example/callback"
SUPPORT_CALLBACK = "https://support.contoso.example/callback"
ADAS = {"custom:entra_oid": ADA.oid, "custom:entra_tid": HOME, "custom:entra_roles": "[admin]"}
SETTINGS = environment("identity_attacks")


class StoppedError(Exception):
    """An attack that the sign-in pages or the token endpoint stopped; what they said."""


@dataclass
class Attacked(Deployment):
    """The environment, and what attackers do there.

    Attributes:
        received: the claims and attributes of every answer that an app, or the attacker, has got.
    """

    received: list[Json] = field(default_factory=list)
    outputs: Json = field(default_factory=dict)

    @property
    def api(self) -> "CognitoIdentityProviderClient":
        return self.cognito

    @property
    def customer(self) -> Directory:
        """The tenant of the customer."""
        return self.clouds.entra.tenants[FABRIKAM.tenant_id]

    @property
    def pool_id(self) -> str:
        return str(self.outputs["user_pool_id"])

    def client_id(self, key: str) -> str:
        return str(self.outputs["client_ids"][key])

    def client(self, key: str) -> Json:
        described = self.api.describe_user_pool_client(UserPoolId=self.pool_id, ClientId=self.client_id(key))
        return dict(described["UserPoolClient"])

    # By the API

    def hashed(self, key: str, username: str) -> dict[str, str]:
        """The user's name with the secret hash of a client that has a secret: the attacker knows it."""
        secret = self.client(key).get("ClientSecret")
        if not secret:
            return {"USERNAME": username}
        digest = hmac.digest(secret.encode(), f"{username}{self.client_id(key)}".encode(), "sha256")
        return {"USERNAME": username, "SECRET_HASH": base64.b64encode(digest).decode()}

    def by_password(self, key: str, flow: str, username: str = MALLORY) -> Json:
        """Sign in by a flow that takes the password."""
        more: Json = {"PASSWORD": LOCAL_PASSWORD, **self.hashed(key, username)}
        call: Any = self.api.initiate_auth
        if flow.startswith("ADMIN"):
            call = partial(self.api.admin_initiate_auth, UserPoolId=self.pool_id)
        return self.got(call(AuthFlow=flow, ClientId=self.client_id(key), AuthParameters=more))

    def by_srp(self, key: str, username: str = MALLORY) -> Json:
        """Sign in by SRP, as Amazon's own libraries do."""
        srp, named = Srp(self.pool_id, LOCAL_PASSWORD), self.hashed(key, username)
        client: Json = {"ClientId": self.client_id(key)}
        asked = self.api.initiate_auth(
            AuthFlow="USER_SRP_AUTH", AuthParameters=named | {"SRP_A": srp.a}, **client
        )
        proof = srp.proof(asked["ChallengeParameters"])
        answer: Any = self.api.respond_to_auth_challenge
        return self.got(answer(ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=named | proof, **client))

    def write(self, access_token: str, attributes: Json) -> None:
        """Write attributes of one's own."""
        self.api.update_user_attributes(AccessToken=access_token, UserAttributes=_listed(attributes))

    def made(self, username: str, attributes: Json | None = None) -> str:
        """Have an administrator make a local account."""
        account: Json = {"UserPoolId": self.pool_id, "Username": username}
        self.api.admin_create_user(**account, UserAttributes=_listed(attributes or {}))
        self.api.admin_set_user_password(**account, Password=LOCAL_PASSWORD, Permanent=True)
        return username

    # At the sign-in pages

    def url(self, key: str, **more: str) -> str:
        url = str(self.outputs["sign_in_urls"][key])
        if more:
            url = url.replace("/login?", "/oauth2/authorize?") + "".join(f"&{k}={v}" for k, v in more.items())
        return self.clouds.local_url(url)

    def by_page(self, key: str, username: str = MALLORY, *, used: httpx.Client | None = None) -> Json:
        """Sign in with user name and password at Cognito's own page."""
        return self.redeemed(key, self.visit(self.url(key), username, LOCAL_PASSWORD, used))

    def by_microsoft(self, person: Person, key: str = WEB, **more: str) -> Json:
        """Sign in at Microsoft; the tokens that the app gets."""
        url = self.url(key, **(more or {"identity_provider": "entra"}))
        return self.redeemed(key, self.visit(url, person.principal_name, PASSWORD))

    def visit(
        self, url: str, username: str, password: str, used: httpx.Client | None = None
    ) -> dict[str, str]:
        """Walk through pages and forms; the parameters with which the browser comes to the app."""
        with nullcontext(used) if used else browser() as client:
            client.event_hooks["request"] = [_stop_at_the_app]
            try:
                result = sign_in(url, username, password, used=client)
            except _AtTheAppError as end:
                return end.parameters
        raise StoppedError(result.text)

    def redeemed(self, key: str, arrived: dict[str, str]) -> Json:
        """The tokens for the code that came to the app."""
        if "code" not in arrived:
            raise StoppedError(str(arrived))
        callback = self.client(key)["CallbackURLs"][0]
        return self.token(key, grant_type="authorization_code", code=arrived["code"], redirect_uri=callback)

    def token(self, key: str, **form: str) -> Json:
        """What the token endpoint gives an app."""
        client = self.client(key)
        credentials = {"client_id": client["ClientId"], "client_secret": client.get("ClientSecret", "")}
        sent = {name: value for name, value in {**credentials, **form}.items() if value}
        answer = httpx.post(f"{self.clouds.aws.domain_url}/oauth2/token", data=sent)
        if not answer.is_success:
            raise StoppedError(answer.text)
        return self.noted(dict(answer.json()))

    # What was received

    def got(self, answer: Any) -> Json:
        """The tokens of an answer of the API."""
        if "AuthenticationResult" not in answer:
            raise StoppedError(str(answer.get("ChallengeName")))
        named = {"AccessToken": "access_token", "IdToken": "id_token", "RefreshToken": "refresh_token"}
        result = answer["AuthenticationResult"]
        return self.noted({named[name]: value for name, value in result.items() if name in named})

    def noted(self, tokens: Json) -> Json:
        """Look into tokens, and at all that they open."""
        self.received += [
            self.claims(tokens[name]) for name in ("id_token", "access_token") if name in tokens
        ]
        access = tokens["access_token"]
        bearer = {"Authorization": f"Bearer {access}"}
        info = httpx.get(f"{self.clouds.aws.domain_url}/oauth2/userInfo", headers=bearer)
        if info.is_success:
            self.received.append(dict(info.json()))
        if ADMIN_SCOPE in self.claims(access)["scope"].split():
            user = self.api.get_user(AccessToken=access)
            self.received.append({one["Name"]: one.get("Value") for one in user["UserAttributes"]})
        return tokens

    def claims(self, token: str) -> Json:
        """A token's claims, verified with the pool's keys."""
        keys = httpx.get(f"{self.clouds.aws.url}/{self.pool_id}/.well-known/jwks.json").json()
        return dict(jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims)

    def forget_everybody(self) -> None:
        """Delete every user, and make the local account of the attacker anew."""
        for user in self.api.list_users(UserPoolId=self.pool_id)["Users"]:
            self.api.admin_delete_user(UserPoolId=self.pool_id, Username=user["Username"])
        self.made(MALLORY)
        self.received.clear()

    @contextmanager
    def web_as_before(self) -> Iterator[None]:
        """The client of Microsoft's people with what `local_accounts = true` in [cognito] gave it."""
        read_only = ("ClientSecret", "CreationDate", "LastModifiedDate")
        before = {name: value for name, value in self.client(WEB).items() if value and name not in read_only}
        self.api.update_user_pool_client(
            **before
            | {
                "SupportedIdentityProviders": [*before["SupportedIdentityProviders"], "COGNITO"],
                "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
                "AllowedOAuthScopes": [*before["AllowedOAuthScopes"], ADMIN_SCOPE],
                "ReadAttributes": [*before["ReadAttributes"], "custom:entra_roles"],
            }
        )
        try:
            yield
        finally:
            self.api.update_user_pool_client(**before)


class _AtTheAppError(Exception):
    """The browser is sent to an app; nobody answers there."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        parts = urlsplit(url)
        self.parameters = dict(parse_qsl(parts.query or parts.fragment))


def _stop_at_the_app(request: httpx.Request) -> None:
    if str(request.url).startswith((CALLBACK, SUPPORT_CALLBACK)):
        raise _AtTheAppError(str(request.url))


def _arrived(used: httpx.Client, url: str) -> dict[str, str]:
    """The parameters with which a browser comes to the app without signing in; empty if it does not."""
    try:
        used.get(url)
    except _AtTheAppError as end:
        return end.parameters
    return {}


def _listed(attributes: Json) -> Any:
    return [{"Name": name, "Value": value} for name, value in attributes.items()]


# The attacks


def password_and_write(world: Attacked) -> None:
    """Sign in with a password where Microsoft's people do, write Ada's ids, and sign in at the page."""
    world.write(world.by_srp(WEB)["access_token"], ADAS)
    world.by_page(WEB)


def every_flow(world: Attacked, flow: str) -> None:
    world.by_password(WEB, flow)


def form_that_is_not_shown(world: Attacked) -> None:
    """Send the page's form for passwords, though the page has none."""
    with browser() as used:
        used.event_hooks["request"] = [_stop_at_the_app]
        used.follow_redirects = False
        domain = world.clouds.aws.domain_url
        used.get(world.url(SUPPORT))
        typed = {"username": MALLORY, "password": LOCAL_PASSWORD, "_csrf": used.cookies["XSRF-TOKEN"]}
        answer = used.post(world.url(WEB), data=typed)
        assert domain in str(answer.url)
        raise StoppedError(answer.headers["Location"])


def challenge_of_another_app(world: Attacked) -> None:
    """Begin where passwords are allowed, and answer the challenge as the app of Microsoft's people."""
    srp = Srp(world.pool_id, LOCAL_PASSWORD)
    asked = world.api.initiate_auth(
        AuthFlow="USER_SRP_AUTH",
        AuthParameters={"USERNAME": MALLORY, "SRP_A": srp.a},
        ClientId=world.client_id(SUPPORT),
    )
    answers = world.hashed(WEB, MALLORY) | srp.proof(asked["ChallengeParameters"])
    world.got(
        world.api.respond_to_auth_challenge(
            ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=answers, ClientId=world.client_id(WEB)
        )
    )


def challenge_without_session(world: Attacked) -> None:
    """Set a first password for Ada's profile, as if Cognito had asked for one."""
    ada = world.claims(world.by_microsoft(ADA)["id_token"])["cognito:username"]
    world.received.clear()
    world.got(
        world.api.respond_to_auth_challenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session="x" * 20,
            ChallengeResponses=world.hashed(SUPPORT, ada) | {"NEW_PASSWORD": LOCAL_PASSWORD},
            ClientId=world.client_id(SUPPORT),
        )
    )


def any_password_for_a_federated_profile(world: Attacked) -> None:
    ada = world.claims(world.by_microsoft(ADA)["id_token"])["cognito:username"]
    world.received.clear()
    world.by_srp(SUPPORT, ada)


def forgotten_password_of_a_federated_profile(world: Attacked) -> None:
    ada = world.claims(world.by_microsoft(ADA)["id_token"])["cognito:username"]
    world.received.clear()
    world.api.forgot_password(ClientId=world.client_id(SUPPORT), Username=ada)


def refresh_token_of_another_app(world: Attacked) -> None:
    """Take a refresh token of the app for passwords to the app of Microsoft's people."""
    tokens = world.by_page(SUPPORT)
    world.token(WEB, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def refresh_token_of_another_app_by_the_api(world: Attacked) -> None:
    tokens = world.by_srp(SUPPORT)
    more = {"REFRESH_TOKEN": tokens["refresh_token"], **world.hashed(WEB, MALLORY)}
    world.got(
        world.api.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=more, ClientId=world.client_id(WEB)
        )
    )


def session_of_another_app(world: Attacked) -> None:
    """Sign in with a password, and open the app of Microsoft's people in the same browser."""
    world.made(PUPPET, ADAS)
    with browser() as used:
        used.event_hooks["request"] = [_stop_at_the_app]
        with suppress(_AtTheAppError):
            sign_in(world.url(SUPPORT), PUPPET, LOCAL_PASSWORD, used=used)
        for more in ({}, {"identity_provider": "COGNITO"}, {"prompt": "none", "identity_provider": "entra"}):
            with suppress(StoppedError):
                world.redeemed(WEB, _arrived(used, world.url(WEB, **more)))
    if not world.received:
        raise StoppedError("no code")


def write_as_a_local_account(world: Attacked) -> None:
    """Write Ada's ids where passwords are allowed."""
    world.write(world.by_srp(SUPPORT)["access_token"], ADAS)


def write_a_single_id(world: Attacked, name: str) -> None:
    world.write(world.by_page(SUPPORT)["access_token"], {name: ADAS.get(name, ADA.mail)})


def write_identities(world: Attacked) -> None:
    """Claim to be a federated profile, which is what makes roles count."""
    identity = json.dumps([{"userId": "x", "providerName": "entra"}])
    world.write(world.by_srp(SUPPORT)["access_token"], {"identities": identity})


def write_with_the_first_password(world: Attacked) -> None:
    """Write Ada's ids beside the first password that an administrator's invitation asks for."""
    world.api.admin_create_user(UserPoolId=world.pool_id, Username=PUPPET, TemporaryPassword=LOCAL_PASSWORD)
    srp, client = Srp(world.pool_id, LOCAL_PASSWORD), world.client_id(SUPPORT)
    asked = world.api.initiate_auth(
        AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": PUPPET, "SRP_A": srp.a}, ClientId=client
    )
    proof = {"USERNAME": PUPPET} | srp.proof(asked["ChallengeParameters"])
    asked: Any = world.api.respond_to_auth_challenge(  # type: ignore[no-redef]
        ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=proof, ClientId=client
    )
    answers = {"USERNAME": PUPPET, "NEW_PASSWORD": "N3w-password!"}
    answers |= {f"userAttributes.{name}": value for name, value in ADAS.items()}
    world.got(
        world.api.respond_to_auth_challenge(
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=asked["Session"],
            ChallengeResponses=answers,
            ClientId=client,
        )
    )


def write_as_a_federated_user(world: Attacked) -> None:
    """Noor writes Ada's ids with her own access token, and renews her tokens."""
    tokens = world.by_microsoft(NOOR)
    world.write(tokens["access_token"], ADAS)
    world.token(WEB, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def scope_for_writing(world: Attacked) -> None:
    """Noor asks for the scope that lets people write, writes Ada's ids, and renews her tokens."""
    url = world.url(WEB, identity_provider="entra").replace("scope=", f"scope={ADMIN_SCOPE}+")
    tokens = world.redeemed(WEB, world.visit(url, NOOR.principal_name, PASSWORD))
    world.write(tokens["access_token"], ADAS)
    world.token(WEB, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def scope_for_writing_by_refresh(world: Attacked) -> None:
    """Noor renews her tokens by the API, whose own sign-ins have that scope."""
    tokens = world.by_microsoft(NOOR)
    username = world.claims(tokens["id_token"])["cognito:username"]
    more = {"REFRESH_TOKEN": tokens["refresh_token"], **world.hashed(WEB, username)}
    renewed = world.got(
        world.api.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=more, ClientId=world.client_id(WEB)
        )
    )
    world.write(renewed["access_token"], ADAS)


def sign_up(world: Attacked, key: str) -> None:
    """Make a local account with Ada's ids by oneself."""
    hashed = world.hashed(key, PUPPET)
    more: Any = {"SecretHash": hashed["SECRET_HASH"]} if "SECRET_HASH" in hashed else {}
    world.api.sign_up(
        ClientId=world.client_id(key),
        Username=PUPPET,
        Password=LOCAL_PASSWORD,
        UserAttributes=_listed(ADAS),
        **more,
    )


def local_account_with_adas_ids(world: Attacked) -> None:
    """An administrator makes a local account with Ada's ids, and it signs in everywhere that it can."""
    world.made(PUPPET, ADAS)
    tokens = world.by_page(SUPPORT, PUPPET)
    world.by_srp(SUPPORT, PUPPET)
    world.token(SUPPORT, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def local_account_with_adas_ids_at_the_other_app(world: Attacked) -> None:
    world.made(PUPPET, ADAS)
    world.by_page(WEB, PUPPET)


def linked_profile(world: Attacked) -> None:
    """Noor is linked to a local account with Ada's ids: she signs in both ways, and writes what she can."""
    sub = world.claims(world.by_microsoft(NOOR)["id_token"])["cognito:username"].partition("_")[2]
    world.api.admin_delete_user(UserPoolId=world.pool_id, Username=f"entra_{sub}")
    world.made(PUPPET, ADAS)
    world.api.admin_link_provider_for_user(
        UserPoolId=world.pool_id,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": PUPPET},
        SourceUser={
            "ProviderName": "entra",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": sub,
        },
    )
    world.by_srp(SUPPORT, PUPPET)
    world.by_microsoft(NOOR)
    written = world.by_srp(SUPPORT, PUPPET)["access_token"]
    world.write(written, {"nickname": "Ada"})
    world.by_microsoft(NOOR)
    world.write(written, ADAS)


def federated_profile_with_a_password(world: Attacked) -> None:
    """An administrator sets a password for Ada's own profile, and somebody else has learnt it."""
    ada = world.claims(world.by_microsoft(ADA)["id_token"])["cognito:username"]
    world.received.clear()
    world.api.admin_set_user_password(
        UserPoolId=world.pool_id, Username=ada, Password=LOCAL_PASSWORD, Permanent=True
    )
    world.by_srp(SUPPORT, ada)
    world.by_page(SUPPORT, ada)


def second_provider(world: Attacked) -> None:
    """Another provider of the same pool sends Ada's claims, to a client of its own and then to this app."""
    with FakeProvider() as provider:
        ids = {"oid": ADA.oid, "tid": HOME, "roles": ["admin"]}
        provider.claims = {"sub": "eve", **ids}
        provider.user_info = {"sub": "eve"}
        theirs: Json = {"UserPoolId": world.pool_id, "ProviderName": "theirs"}
        world.api.create_identity_provider(
            **theirs,
            ProviderType="OIDC",
            ProviderDetails=provider.details(),
            AttributeMapping={"username": "sub"} | dict(zip(ADAS, ids, strict=True)),
        )
        try:
            world.visit(world.url(WEB, identity_provider="theirs"), "eve", PASSWORD)
        finally:
            world.api.delete_identity_provider(**theirs)


def code_of_another_tenant(world: Attacked, tenant: str) -> None:
    """Begin at the home tenant's provider, and bring a code that another tenant gave for the same app."""
    tenant_id, person = {
        "fabrikam": (FABRIKAM.tenant_id, FRIDA),
        "adatum": (ADATUM.tenant_id, ANTON),
    }[tenant]
    with browser() as used:
        used.follow_redirects = False
        there = used.get(world.url(WEB, identity_provider="entra")).headers["Location"]
        assert HOME in there
        used.follow_redirects = True
        arrived = world.visit(there.replace(HOME, tenant_id), person.principal_name, PASSWORD, used)
    world.redeemed(WEB, arrived)


def tenant_that_is_no_customer(world: Attacked) -> None:
    world.by_microsoft(ANTON, identity_provider="adatum")


def role_given_by_a_customer(world: Attacked) -> None:
    """Fabrikam's administrator gives Frida the role `admin` in Fabrikam's own tenant."""
    world.by_microsoft(FRIDA, identity_provider="fabrikam")
    assert "fabrikam:admin" in world.received[0]["cognito:groups"]


def address_of_somebody_else(world: Attacked) -> None:
    """Fabrikam's administrator gives Felix Ada's mail address."""
    people = world.customer.people
    people[FELIX.oid] = replace(FELIX, mail=ADA.mail)
    try:
        world.by_microsoft(FELIX, identity_provider="fabrikam")
    finally:
        people[FELIX.oid] = FELIX
    assert not any(one.get("email") == ADA.mail for one in world.received)


def guest_with_the_address_of_somebody_else(world: Attacked) -> None:
    """A guest of the home tenant, whose own tenant has given them Ada's address."""
    people = world.clouds.entra.directory.people
    people[GRACE.oid] = replace(GRACE, mail=ADA.mail)
    people[ADA.oid] = replace(ADA, mail=None)
    try:
        world.by_microsoft(replace(GRACE, mail=None))
    finally:
        people[GRACE.oid], people[ADA.oid] = GRACE, ADA


def token_without_a_person(world: Attacked) -> None:
    """The app of Microsoft's people signs in as itself."""
    world.token(WEB, grant_type="client_credentials")


def tokens_in_the_address(world: Attacked) -> None:
    """Have tokens sent in the address, where scripts of other sites may see them."""
    url = world.url(WEB, identity_provider="entra").replace("response_type=code", "response_type=token")
    raise StoppedError(str(world.visit(url, NOOR.principal_name, PASSWORD)))


@dataclass(frozen=True, kw_only=True)
class Attack:
    """A row of the table, as identity_attacks.toml explains it."""

    name: str
    do: str
    arguments: Mapping[str, str] = field(default_factory=dict)
    stopped: str = ""
    before: bool = False

    def run(self, world: Attacked) -> None:
        """Carry it out."""
        globals()[self.do](world, **self.arguments)


_TABLE = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
ATTACKS = tuple(Attack(**attack) for attack in _TABLE["attack"])


# Who signs in in these attacks, as apps may know them; a local account has no ids.
THEMSELVES = {
    (None, None),
    *((person.oid, HOME) for person in (NOOR, GRACE)),
    *((person.oid, FABRIKAM.tenant_id) for person in (FRIDA, FELIX)),
}


def forged(received: list[Json]) -> list[Json]:
    """What apps received that is not the attacker's own."""
    return [
        one
        for one in received
        if (one.get("custom:entra_oid"), one.get("custom:entra_tid")) not in THEMSELVES
        or "admin" in one.get("cognito:groups", [])
        or ("admin" in str(one.get("custom:entra_roles")))
    ]


@contextmanager
def attacked() -> Iterator[Attacked]:
    """The environment, deployed; both customers' tenants have consented, and Frida is an `admin` there."""
    with local_clouds() as clouds:
        world = Attacked(clouds, clouds.project())
        world.settings = SETTINGS.replace("AUTHORITY", clouds.entra.authority)
        world.deploy()
        world.outputs = world.project.outputs()
        application_id = str(world.outputs["entra_application_id"])
        for tenant, person, role in ((FABRIKAM, FRIDA, "admin"), (ADATUM, ANTON, "admin")):
            directory = clouds.entra.tenants[tenant.tenant_id]
            principal = client_of(application_id, directory, may_be_new=True)
            directory.consent(principal, ["openid", "email", "profile"], None)
            (role_id,) = (one["id"] for one in principal.application.body["appRoles"] if one["value"] == role)
            directory.add(Assignment(role_id, person.oid, "User", person.display_name, principal.id))
        yield world
