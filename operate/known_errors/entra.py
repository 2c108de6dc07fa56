"""Troubles on the Entra ID side.

The codes are those of Microsoft learn, "Microsoft Entra authentication and authorization error codes"
(entra/identity-platform/reference-error-codes).
"""

from operate.known_errors.known_error import KnownError, Severity, Stage

DEPLOY_AGAIN = "Deploy again, which puts it back: `pipenv run cdktf deploy {environment}`"
ROTATE = (
    "Raise generation under [entra.secret] by one and deploy: `pipenv run cdktf deploy {environment}` makes a"
    " new secret and gives it to Cognito."
)

TENANT_CONSENT = "tenant-consent"

_SECRET = frozenset(
    {"secret-wrong", "secret-removed", "secret-expired", "secret-ends-now", "secret-ends-soon"}
)
_ACCESS = frozenset({"consent", "nobody-assigned", "assignment-changed", TENANT_CONSENT})

ENTRA: tuple[KnownError, ...] = (
    KnownError(
        id="application-missing",
        stage=Stage.MICROSOFT,
        errors=("AADSTS700016: Application with identifier '…' was not found in the directory",),
        cause="The app registration is gone from the tenant.",
        remedy="Within 30 days restore it in the Entra admin center (App registrations > Deleted"
        " applications) and"
        " deploy; a new one has another client id, and every user becomes a new user.",
        explains=_SECRET
        | _ACCESS
        | {
            "service-principal-missing",
            "service-principal-disabled",
            "redirect-uri",
            "optional-claim",
            "permission",
        },
    ),
    KnownError(
        id="service-principal-missing",
        stage=Stage.MICROSOFT,
        errors=("AADSTS700016: Application with identifier '…' was not found in the directory",),
        cause="The app registration has no enterprise application (service principal) in the tenant.",
        remedy=DEPLOY_AGAIN,
        explains=_ACCESS | {"secret-wrong", "redirect-uri"},
    ),
    KnownError(
        id="service-principal-disabled",
        stage=Stage.MICROSOFT,
        errors=("AADSTS7000112: Application '…' is disabled",),
        cause="Sign-in is switched off for the enterprise application (service principal).",
        remedy="Find out who switched it off, and why; then deploy: `pipenv run cdktf deploy {environment}`",
    ),
    KnownError(
        id="redirect-uri",
        stage=Stage.MICROSOFT,
        errors=(
            "AADSTS50011: The redirect URI '…' specified in the request does not match the redirect URIs",
            "AADSTS500113: No reply address is registered for the application",
        ),
        cause="The registration lacks the address that Cognito has people sent back to, letter for letter.",
        remedy=DEPLOY_AGAIN + " (it follows from cognito.domain_prefix and aws.region).",
    ),
    KnownError(
        id="consent",
        stage=Stage.MICROSOFT,
        errors=(
            "AADSTS65001: The user or administrator has not consented to use the application",
            "AADSTS90094: An administrator of … has set a policy that prevents you from granting",
            "Need admin approval",
        ),
        cause="Nobody has granted the permissions that Cognito asks for, for everybody in the tenant.",
        remedy="With entra.admin_consent = true deploy again: `pipenv run cdktf deploy {environment}`;"
        " otherwise have"
        " an administrator open the output admin_consent_url.",
    ),
    KnownError(
        id=TENANT_CONSENT,
        stage=Stage.MICROSOFT,
        errors=(
            "AADSTS700016: Application with identifier '…' was not found in the directory",
            "AADSTS65001: The user or administrator has not consented to use the application",
            "AADSTS90094: An administrator of … has set a policy that prevents you from granting",
            "AADSTS650051: … is invalid in the tenant",
            "AADSTS650052: The app is trying to access a service that your organization lacks",
            "AADSTS7000229: The client application '…' is missing service principal in the tenant",
            "Need admin approval",
        ),
        cause="A customer's tenant does not know the application: its administrator has not consented.",
        remedy="Send the administrator the customer's admin_consent_url, in the output tenants.",
        severity=Severity.WARNING,
    ),
    KnownError(
        id="nobody-assigned",
        stage=Stage.MICROSOFT,
        errors=("AADSTS50105: Your administrator has configured the application … to block users",),
        cause="Only people who are assigned may sign in, and nobody is assigned.",
        remedy="Name users or groups in entra.assigned_principals, or write entra.assignment_required ="
        " false, and"
        " deploy: `pipenv run cdktf deploy {environment}`",
        explains=frozenset({"assignment-changed"}),
    ),
    KnownError(
        id="assignment-changed",
        stage=Stage.MICROSOFT,
        errors=("AADSTS50105: Your administrator has configured the application … to block users",),
        cause="Whether people need to be assigned was changed after the deploy.",
        remedy="Deploy again, which puts it back; or make the change in entra.assignment_required:"
        " `pipenv run cdktf deploy {environment}`",
    ),
    KnownError(
        id="not-assigned",
        stage=Stage.MICROSOFT,
        errors=("AADSTS50105: Your administrator has configured the application … to block users",),
        cause="Only people who are assigned may sign in, and this person is not, nor a group they are"
        " directly in.",
        remedy="Add the person or a group to entra.assigned_users or entra.assigned_groups, or to a role, and"
        " deploy; in a customer's tenant its administrator assigns them (Enterprise applications > Users and"
        " groups).",
        verified=False,
    ),
    KnownError(
        id="secret-expired",
        stage=Stage.CALLBACK,
        errors=("AADSTS7000222: The provided client secret keys for app '…' are expired",),
        cause="The secret between Cognito and Entra ID has expired.",
        remedy=ROTATE,
        explains=frozenset({"secret-ends-now", "secret-ends-soon"}),
    ),
    KnownError(
        id="secret-removed",
        stage=Stage.CALLBACK,
        errors=("AADSTS7000215: Invalid client secret provided",),
        cause="The secret that Cognito presents was removed from the app registration.",
        remedy=ROTATE,
        explains=frozenset({"secret-wrong"}),
    ),
    KnownError(
        id="secret-wrong",
        stage=Stage.CALLBACK,
        errors=("AADSTS7000215: Invalid client secret provided",),
        cause="Cognito presents something that is no secret of the app registration, such as a secret's id.",
        remedy=DEPLOY_AGAIN + " (nobody needs to copy the value).",
    ),
    KnownError(
        id="secret-ends-now",
        stage=Stage.CALLBACK,
        cause="The secret between Cognito and Entra ID is about to expire, and then nobody can sign in any"
        " more.",
        remedy=ROTATE,
        explains=frozenset({"secret-ends-soon"}),
    ),
    KnownError(
        id="secret-ends-soon",
        stage=Stage.CALLBACK,
        cause="The secret between Cognito and Entra ID expires within verify.warn_days.",
        remedy=ROTATE,
        severity=Severity.WARNING,
    ),
    KnownError(
        id="optional-claim",
        stage=Stage.QUIET,
        errors=("A claim is missing at the app; e-mail and names still come by the userinfo endpoint",),
        cause="The registration no longer adds a claim to the ID token that Cognito maps.",
        remedy=DEPLOY_AGAIN + " (entra.optional_claims).",
        severity=Severity.WARNING,
    ),
    KnownError(
        id="permission",
        stage=Stage.QUIET,
        errors=("The next admin consent in the portal takes a permission away",),
        cause="The registration no longer declares a permission that Cognito asks for.",
        remedy=DEPLOY_AGAIN + " (entra.permissions).",
        severity=Severity.WARNING,
    ),
    KnownError(
        id="no-mailbox",
        stage=Stage.QUIET,
        errors=("One person arrives without an e-mail address",),
        cause="Entra ID sends the e-mail claim only for people whose account has a mail address.",
        remedy="Give the account a mailbox or a mail address, and never make email a required attribute of"
        " the pool.",
        verified=False,
    ),
    KnownError(
        id="entra-unreachable",
        stage=Stage.MICROSOFT,
        errors=("The page of Microsoft does not load at all",),
        cause="The tenant's discovery document cannot be had, so Entra ID is down, out of reach, or another"
        " tenant's.",
        remedy="Compare entra.tenant_id and entra.cloud (or entra.authority) with the tenant's overview"
        " page; look at"
        " https://status.azure.com.",
        explains=frozenset({"issuer-mismatch", "keys-unreachable"}),
    ),
    KnownError(
        id="issuer-mismatch",
        stage=Stage.CALLBACK,
        errors=("Bad id_token issuer",),
        cause="The tenant's discovery document names another issuer than the deployed one.",
        remedy="Write the tenant's GUID as entra.tenant_id, and the right entra.cloud; then deploy.",
    ),
    KnownError(
        id="keys-unreachable",
        stage=Stage.CALLBACK,
        errors=("Timeout in calling jwks uri",),
        cause="The keys that Cognito verifies Entra ID's tokens with cannot be had.",
        remedy="Look at https://status.azure.com and try again.",
    ),
    KnownError(
        id="account-disabled",
        stage=Stage.MICROSOFT,
        errors=("AADSTS50057: The user account is disabled",),
        cause="This person's account is disabled in Entra ID.",
        remedy="Enable the account in the Entra admin center, if the person should have access.",
        verified=False,
    ),
    KnownError(
        id="account-unknown",
        stage=Stage.MICROSOFT,
        errors=(
            "AADSTS50020: User account '…' from identity provider '…' does not exist in tenant",
            "AADSTS50034: The user account does not exist in the directory",
            "AADSTS500208: The domain is not a valid login domain for the account type",
        ),
        cause="This person has no account in the tenant at which the sign-in was begun.",
        remedy="Sign in with an account of that tenant, after signing out of the other; or invite the person"
        " as a guest; or let the person's own tenant in, by a [tenants.<key>] of its own.",
        verified=False,
    ),
    KnownError(
        id="password-wrong",
        stage=Stage.MICROSOFT,
        errors=("AADSTS50126: Error validating credentials due to invalid username or password",),
        cause="This person typed a wrong user name or password.",
        remedy="Type it again, or reset it in Entra ID.",
        verified=False,
    ),
    KnownError(
        id="consent-declined",
        stage=Stage.CALLBACK,
        errors=("AADSTS65004: User declined to consent to access the app",),
        cause="This person was asked for consent, and declined.",
        remedy="With entra.admin_consent = true nobody is asked.",
        verified=False,
    ),
    KnownError(
        id="conditional-access",
        stage=Stage.MICROSOFT,
        errors=(
            "AADSTS50076: … you must use multi-factor authentication",
            "AADSTS53000: Your device is required to be compliant",
            "AADSTS53003: Access has been blocked by Conditional Access policies",
        ),
        cause="A Conditional Access policy of the tenant asks for more, or blocks the sign-in.",
        remedy="Entra admin center > Sign-in logs names the policy; its owner decides. No setting here acts"
        " on it.",
        verified=False,
    ),
)
