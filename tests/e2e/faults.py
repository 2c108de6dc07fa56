"""Everything that somebody can break behind the stack's back: what people see then, what `verify` says.

Run as a module (`python -m tests.e2e.faults`), it writes docs/faults.md. test_faults.py proves every line.
"""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

from sandbox.entra.users import ADA, DIANA, GRACE, NOOR, UDO, Person
from sandbox.local_clouds import APP_CLIENT
from tests.e2e.doors import documented
from tests.e2e.fault_injection import (
    Broken,
    attribute_immutable,
    attribute_not_in_the_pool,
    claim_removed,
    client,
    client_deleted,
    cognito_user_disabled,
    consent,
    deleted,
    details,
    domain_deleted,
    domain_of_another_pool,
    email_required,
    enterprise_application,
    mapping,
    not_readable,
    not_writable,
    nothing,
    only_the_assigned,
    permission_removed,
    pool_deleted,
    provider_deleted,
    redirect_uri_in_capitals,
    registration,
    secret_ends,
    secret_id_for_its_value,
    secret_removed,
)
from tests.e2e.shared_deployment import PROVIDER

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"
WEB = f"client {APP_CLIENT}"
REGISTRATION = "registration"
ENTERPRISE = "enterprise application"
ELSEWHERE = "99999999-9999-4999-8999-999999999999"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing broken.

    Attributes:
        what: what somebody did.
        break_: does it, and undoes it; gives other outputs where the deployed objects cannot be broken so.
        sees: what the person reads, `…` for what differs; empty if people sign in all the same.
        lacks: claims that the app does not get though the person signs in.
        finds: the id of the known error that `verify` finds; None for what is about one person alone.
        where: the place that it names.
        opens: the id of the door that `verify` finds as well.
        person: who signs in.
        more: further parameters of the sign-in address.
    """

    what: str
    break_: Broken
    sees: str = ""
    lacks: tuple[str, ...] = ()
    finds: str | None
    where: str = ""
    opens: str = ""
    person: Person = ADA
    more: str = ""

    @property
    def name(self) -> str:
        """The test's id."""
        return re.sub(r"[^a-z0-9]+", "-", self.what.lower()).strip("-")


REDIRECT_URI = "https://sandbox-signin.auth.us-east-1.amazoncognito.com/oauth2/idpresponse"

FAULTS: tuple[Fault, ...] = (
    Fault(
        what="Redirect URI removed from the registration",
        break_=registration(web={"redirectUris": ["https://elsewhere.example/oauth2/idpresponse"]}),
        sees="AADSTS50011: The redirect URI '…' specified in the request does not match",
        finds="redirect-uri",
        where=REDIRECT_URI,
        opens="registration-redirect-uri",
    ),
    Fault(
        what="All redirect URIs removed",
        break_=registration(web={"redirectUris": []}),
        sees="AADSTS500113: No reply address is registered for the application",
        finds="redirect-uri",
        where=REDIRECT_URI,
    ),
    Fault(
        what="Redirect URI written in other case",
        break_=redirect_uri_in_capitals,
        sees="AADSTS50011: The redirect URI '…' specified in the request does not match",
        finds="redirect-uri",
        where=REDIRECT_URI,
    ),
    Fault(
        what="Registration deleted",
        break_=lambda deployment: deleted(deployment, "/applications/{application}"),
        sees="AADSTS700016: Application with identifier '…' was not found in the directory",
        finds="application-missing",
    ),
    Fault(
        what="Enterprise application deleted",
        break_=lambda deployment: deleted(deployment, "/servicePrincipals/{service_principal}"),
        sees="AADSTS700016: Application with identifier '…' was not found in the directory",
        finds="service-principal-missing",
    ),
    Fault(
        what="Sign-in switched off for the enterprise application",
        break_=enterprise_application(accountEnabled=False),
        sees="AADSTS7000112: Application '…'(…) is disabled",
        finds="service-principal-disabled",
    ),
    Fault(
        what="Claim family_name removed from the ID token",
        break_=lambda deployment: claim_removed(deployment, "family_name"),
        finds="optional-claim",
        where="claim family_name",
    ),
    Fault(
        what="Permission email removed from the registration",
        break_=permission_removed,
        finds="permission",
        where="permission email",
    ),
    Fault(
        what="Consent revoked",
        break_=lambda deployment: consent(deployment, None),
        sees="AADSTS65001: The user or administrator has not consented",
        finds="consent",
        where="email, openid, profile",
    ),
    Fault(
        what="Consent for the permission email taken back",
        break_=lambda deployment: consent(deployment, "openid profile"),
        sees="AADSTS65001: The user or administrator has not consented",
        finds="consent",
        where="email",
    ),
    Fault(
        what="Assignment required, and nobody assigned",
        break_=enterprise_application(appRoleAssignmentRequired=True),
        sees="AADSTS50105: Your administrator has configured the application … to block users",
        finds="nobody-assigned",
        where=ENTERPRISE,
    ),
    Fault(
        what="Assignment required by hand, for some people",
        break_=lambda deployment: only_the_assigned(deployment, deployed=False),
        person=UDO,
        sees="AADSTS50105: Your administrator has configured the application … to block users",
        finds="assignment-changed",
        where=ENTERPRISE,
    ),
    Fault(
        what="Secret removed from the registration",
        break_=secret_removed,
        sees="entra Error - 401 …AADSTS7000215: Invalid client secret provided",
        finds="secret-removed",
        where=REGISTRATION,
    ),
    Fault(
        what="Secret expired",
        break_=secret_ends(-1),
        sees="entra Error - 401 …AADSTS7000222: The provided client secret keys …are expired",
        finds="secret-expired",
        where=REGISTRATION,
    ),
    Fault(
        what="Secret with 3 days left",
        break_=secret_ends(3.5),
        finds="secret-ends-now",
        where=REGISTRATION,
    ),
    Fault(
        what="Secret with 20 days left",
        break_=secret_ends(20.5),
        finds="secret-ends-soon",
        where=REGISTRATION,
    ),
    Fault(
        what="The secret's id entered in Cognito for its value",
        break_=secret_id_for_its_value,
        sees="entra Error - 401 …AADSTS7000215: Invalid client secret provided",
        finds="secret-wrong",
        where="identity provider",
    ),
    Fault(
        what="Another client id entered in Cognito",
        break_=details(client_id=ELSEWHERE),
        sees="AADSTS700016: Application with identifier '…' was not found in the directory",
        finds="provider-client-id",
        where="client_id",
    ),
    Fault(
        what="Issuer of the tenant `common`",
        break_=details(oidc_issuer="{origin}/common/v2.0"),
        sees="Bad id_token issuer …",
        finds="provider-issuer",
        where="oidc_issuer",
    ),
    Fault(
        what="Issuer with a slash at the end",
        break_=details(oidc_issuer="{origin}/{tenant}/v2.0/"),
        sees="Bad id_token issuer …",
        finds="provider-issuer",
        where="oidc_issuer",
    ),
    Fault(
        what="Issuer of version 1 tokens",
        break_=details(oidc_issuer="https://sts.windows.net/{tenant}/"),
        sees="Bad id_token issuer …",
        finds="provider-issuer",
        where="oidc_issuer",
    ),
    Fault(
        what="authorize_url of another tenant",
        break_=details(authorize_url=f"{{origin}}/{ELSEWHERE}/oauth2/v2.0/authorize"),
        sees="AADSTS90002: Tenant '…' not found",
        finds="provider-endpoint",
        where="authorize_url",
    ),
    Fault(
        what="authorize_url of the tenant `common`",
        break_=details(authorize_url="{origin}/common/oauth2/v2.0/authorize"),
        sees="AADSTS50194",
        finds="provider-endpoint",
        where="authorize_url",
    ),
    Fault(
        what="token_url of another tenant",
        break_=details(token_url=f"{{origin}}/{ELSEWHERE}/oauth2/v2.0/token"),
        sees="entra Error - 400 …AADSTS90002: Tenant '…' not found",
        finds="provider-endpoint",
        where="token_url",
    ),
    Fault(
        what="jwks_uri without keys behind it",
        break_=details(jwks_uri="{origin}/{tenant}/discovery/keys"),
        sees="entra Error - 404",
        finds="provider-endpoint",
        where="jwks_uri",
    ),
    Fault(
        what="attributes_url without userinfo behind it",
        break_=details(attributes_url="{origin}/oidc/userInfo"),
        sees="entra Error - 404",
        finds="provider-endpoint",
        where="attributes_url",
    ),
    Fault(
        what="Scope openid removed from the provider",
        break_=details(authorize_scopes="email profile"),
        sees="AADSTS70011",
        finds="provider-scopes",
        where="authorize_scopes",
    ),
    Fault(
        what="Scope email removed from the provider",
        break_=details(authorize_scopes="openid profile"),
        lacks=("email",),
        finds="provider-scopes",
        where="authorize_scopes",
    ),
    Fault(
        what="Userinfo request method changed to GET",
        break_=details(attributes_request_method="GET"),
        finds="provider-method",
        where="attributes_request_method",
    ),
    Fault(
        what="Mapping of email removed",
        break_=mapping(email=None),
        lacks=("email",),
        finds="mapping",
        where="attribute email",
    ),
    Fault(
        what="family_name mapped to a claim that nobody sends",
        break_=mapping(family_name="surname"),
        lacks=("family_name",),
        finds="mapping-wider",
        where="attribute family_name",
    ),
    Fault(
        what="Attribute mapped that the pool does not have",
        break_=attribute_not_in_the_pool,
        sees="user.custom:nickname: Attribute cannot be updated",
        finds="attribute-missing",
        where="attribute custom:nickname",
    ),
    Fault(
        what="Mapped attribute that is immutable",
        break_=attribute_immutable,
        sees="user.custom:entra_oid: Attribute cannot be updated",
        finds="attribute-immutable",
        where="attribute custom:entra_oid",
    ),
    Fault(
        what="Required attribute email not mapped",
        break_=email_required(None),
        sees="attributes required: [email]",
        finds="attribute-required",
        where="attribute email",
    ),
    Fault(
        what="Mapped attribute that the app client may not write",
        break_=not_writable,
        sees="user.custom:entra_oid: Attribute cannot be updated",
        finds="attribute-not-writable",
        where=WEB,
    ),
    Fault(
        what="Mapped attribute that the app client may not read",
        break_=not_readable,
        lacks=("family_name",),
        finds="attribute-not-readable",
        where=WEB,
    ),
    Fault(
        what="Identity provider deleted",
        break_=provider_deleted,
        sees="Login option is not available. Please try another one",
        finds="provider-missing",
        where=f"identity provider {PROVIDER}",
    ),
    Fault(
        what="Identity provider not enabled for the app client",
        break_=client(SupportedIdentityProviders=["COGNITO"]),
        more=f"&identity_provider={PROVIDER}",
        sees="Login option is not available. Please try another one",
        finds="client-provider",
        where=WEB,
        opens="client-lets-in",
    ),
    Fault(
        what="Code grant switched off for the app client",
        break_=client(AllowedOAuthFlows=["implicit"]),
        sees="unauthorized_client",
        finds="client-flow",
        where=WEB,
        opens="client-grants",
    ),
    Fault(
        what="OAuth switched off for the app client",
        break_=client(AllowedOAuthFlowsUserPoolClient=False),
        sees="Client is not enabled for OAuth2.0 flows",
        finds="client-flow",
        where=WEB,
    ),
    Fault(
        what="Callback URL removed from the app client",
        break_=client(CallbackURLs=["https://elsewhere.example/callback"]),
        sees="redirect_mismatch",
        finds="client-callback",
        where=WEB,
        opens="client-callback-foreign",
    ),
    Fault(
        what="Scope profile removed from the app client",
        break_=client(AllowedOAuthScopes=["openid", "email"]),
        sees="invalid_scope",
        finds="client-scopes",
        where=WEB,
    ),
    Fault(
        what="App client deleted",
        break_=client_deleted,
        sees="Client does not exist",
        finds="client-missing",
        where=WEB,
    ),
    Fault(
        what="Domain deleted",
        break_=domain_deleted,
        sees="… has no domain",
        finds="domain-missing",
    ),
    Fault(
        what="Domain given to another user pool",
        break_=domain_of_another_pool,
        sees="… has no domain",
        finds="domain-elsewhere",
    ),
    Fault(
        what="User pool deleted",
        break_=pool_deleted,
        sees="Client does not exist",
        finds="pool-missing",
    ),
    Fault(
        what="Required attribute email, for somebody without a mailbox",
        break_=email_required("email"),
        person=NOOR,
        sees="attributes required: [email]",
        finds=None,
    ),
    Fault(
        what="Somebody who is not assigned, where it is required",
        break_=lambda deployment: only_the_assigned(deployment, deployed=True),
        person=GRACE,
        sees="AADSTS50105: Your administrator has configured the application … to block users",
        finds=None,
    ),
    Fault(
        what="Account disabled in Entra ID",
        break_=nothing,
        person=DIANA,
        sees="AADSTS50057: The user account is disabled",
        finds=None,
    ),
    Fault(
        what="User disabled in Cognito",
        break_=cognito_user_disabled,
        sees="User is disabled",
        finds=None,
    ),
)


def document() -> str:
    """The content of docs/faults.md."""
    lines = [
        "<!-- Written by `python -m tests.e2e.faults`: change tests/e2e/faults.py. -->",
        "# Faults",
        "",
        "Each of these is done, behind the stack's back, to a right deployment in the local clouds; then",
        "somebody tries to sign in, and `verify` is asked. tests/e2e/test_faults.py proves every line: what",
        "the person reads, and that `verify` names this cause and no other. Causes and remedies are in",
        "[troubleshooting.md](troubleshooting.md).",
        "",
        "| What was done | What the person sees | What `verify` says |",
        "|---|---|---|",
    ]
    lines += [f"| {fault.what} | {_seen(fault)} | {_found(fault)} |" for fault in FAULTS]
    lines += ["", *documented()]
    return "\n".join(lines) + "\n"


def _seen(fault: Fault) -> str:
    if fault.sees:
        return f"`{fault.sees}`"
    return f"signs in, without {', '.join(fault.lacks)}" if fault.lacks else "signs in, for now"


def _found(fault: Fault) -> str:
    ids = [f"`{id_}`" for id_ in (fault.finds, fault.opens) if id_]
    return ", ".join(ids) or "nothing: it is about one person"


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(document(), "utf-8")
    sys.stdout.write(f"wrote {DOCUMENT}\n")


if __name__ == "__main__":
    main()
