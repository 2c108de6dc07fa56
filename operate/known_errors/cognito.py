"""Troubles on the Cognito side.

Words without a source of Amazon's own (developer guide, "Managed login and federation error responses" and
"Authorize endpoint") are those that apps have received from AWS; AWS says that they may change.
"""

from operate.known_errors.entra import DEPLOY_AGAIN
from operate.known_errors.known_error import KnownError, Severity, Stage

_OF_PROVIDER = frozenset(
    {
        "provider-client-id",
        "provider-issuer",
        "provider-endpoint",
        "provider-scopes",
        "provider-method",
        "mapping",
        "attribute-required",
    }
)
_OF_CLIENT = frozenset(
    {
        "client-provider",
        "client-flow",
        "client-scopes",
        "client-callback",
        "attribute-not-writable",
        "attribute-not-readable",
        "login-refused",
    }
)
_OF_DOMAIN = frozenset({"domain-unreachable", "login-refused"})

COGNITO: tuple[KnownError, ...] = (
    KnownError(
        id="pool-missing",
        stage=Stage.COGNITO,
        errors=("User pool … does not exist", "Client does not exist"),
        cause="The user pool is gone, with everybody in it.",
        remedy="Check that the AWS credentials are for the right account; if they are, deploy:"
        " `pipenv run cdktf deploy {environment}` makes a new pool with new users.",
        explains=_OF_PROVIDER
        | _OF_CLIENT
        | _OF_DOMAIN
        | {"provider-missing", "client-missing", "domain-missing", "attribute-missing"},
    ),
    KnownError(
        id="domain-missing",
        stage=Stage.COGNITO,
        errors=("Login pages unavailable", "… has no domain", "The sign-in address does not load at all"),
        cause="The user pool has no sign-in domain of that name, or it is not active.",
        remedy=DEPLOY_AGAIN,
        explains=_OF_DOMAIN,
    ),
    KnownError(
        id="domain-unreachable",
        stage=Stage.COGNITO,
        cause="The sign-in domain does not answer from here.",
        remedy="Check the network and name resolution; where the domain answers at another address, say so"
        " with"
        " --domain-url or ENTRA_COGNITO_DOMAIN_URL.",
        explains=frozenset({"login-refused"}),
    ),
    KnownError(
        id="provider-missing",
        stage=Stage.COGNITO,
        errors=("Login option is not available. Please try another one",),
        cause="The user pool has no identity provider of the deployed name.",
        remedy=DEPLOY_AGAIN,
        explains=_OF_PROVIDER | {"client-provider", "login-refused"},
    ),
    KnownError(
        id="provider-client-id",
        stage=Stage.MICROSOFT,
        errors=("AADSTS700016: Application with identifier '…' was not found in the directory",),
        cause="Cognito presents itself with another client id than the app registration's.",
        remedy=DEPLOY_AGAIN,
        explains=frozenset({"redirect-uri"}),
    ),
    KnownError(
        id="provider-issuer",
        stage=Stage.CALLBACK,
        errors=("Bad id_token issuer",),
        cause="Cognito expects another issuer than Entra ID names in its tokens; it compares letter for"
        " letter.",
        remedy=DEPLOY_AGAIN + " (the issuer follows from entra.tenant_id and entra.cloud).",
    ),
    KnownError(
        id="provider-endpoint",
        stage=Stage.CALLBACK,
        errors=(
            "AADSTS90002: Tenant '…' not found",
            "AADSTS50194: … is not configured as a multi-tenant application",
            "AADSTS900144: The request body must contain the following parameter",
            "Timeout occurred in calling IdP token endpoint",
            "Timeout in calling jwks uri",
            "error getting token",
            "Bad id_token signature",
            "Error - … error getting",
            "Connection reset",
        ),
        cause="Cognito calls another address of Entra ID than the deployed one.",
        remedy=DEPLOY_AGAIN + " (the addresses follow from entra.tenant_id and entra.cloud).",
    ),
    KnownError(
        id="provider-scopes",
        stage=Stage.CALLBACK,
        errors=(
            "AADSTS70011: The provided value for the input parameter 'scope' isn't valid",
            "AADSTS650053: The application '…' asked for scope '…' that doesn't exist",
        ),
        cause="Cognito asks Entra ID for other scopes than the deployed ones; without openid there is no ID"
        " token.",
        remedy=DEPLOY_AGAIN + " (the scopes follow from entra.permissions).",
        explains=frozenset({"consent"}),
    ),
    KnownError(
        id="provider-method",
        stage=Stage.QUIET,
        errors=("Nothing: Entra ID's userinfo endpoint takes GET and POST",),
        cause="Cognito calls the userinfo endpoint with another method than the deployed one.",
        remedy=DEPLOY_AGAIN,
        severity=Severity.WARNING,
    ),
    KnownError(
        id="mapping",
        stage=Stage.QUIET,
        errors=("No e-mail address, name or id arrives at the app",),
        cause="The attribute mapping is not the deployed one.",
        remedy=DEPLOY_AGAIN + " (cognito.attribute_mapping).",
    ),
    KnownError(
        id="attribute-missing",
        stage=Stage.CALLBACK,
        errors=("user.…: Attribute does not exist in the schema",),
        cause="A mapped attribute is not in the user pool's schema.",
        remedy="Add the attribute, by cognito.attribute_mapping in a pool of this stack, and deploy; or map"
        " another.",
    ),
    KnownError(
        id="attribute-immutable",
        stage=Stage.CALLBACK,
        errors=(
            "user.…: Attribute cannot be updated",
            "Invalid user attributes: …: Attribute cannot be updated",
        ),
        cause="A mapped attribute is immutable, and Cognito writes mapped attributes at every sign-in.",
        remedy="Map another attribute in cognito.attribute_mapping and deploy: an attribute stays as it was"
        " made.",
    ),
    KnownError(
        id="attribute-required",
        stage=Stage.CALLBACK,
        errors=("attributes required: […]", "…: The attribute is required", "attribute is required"),
        cause="The user pool requires an attribute that is not mapped.",
        remedy="Map it in cognito.attribute_mapping, with its claim in entra.optional_claims, and deploy.",
    ),
    KnownError(
        id="claim-required",
        stage=Stage.CALLBACK,
        errors=("attributes required: […]", "…: The attribute is required", "attribute is required"),
        cause="The user pool requires an attribute for which Entra ID has no value for this person.",
        remedy="Give the person's account a value (a mail address, a name); a pool of this stack requires"
        " none.",
        verified=False,
    ),
    KnownError(
        id="attribute-not-writable",
        stage=Stage.CALLBACK,
        errors=(
            "user.…: Attribute cannot be updated",
            "Invalid user attributes: …: Attribute cannot be updated",
        ),
        cause="An app client may not write a mapped attribute, so a sign-in through it fails.",
        remedy=DEPLOY_AGAIN,
    ),
    KnownError(
        id="attribute-not-readable",
        stage=Stage.QUIET,
        errors=("A claim is missing in Cognito's ID token for one app, or its codes are an invalid_grant",),
        cause="An app client may not read a mapped attribute, so its tokens lack it or are refused.",
        remedy=DEPLOY_AGAIN,
    ),
    KnownError(
        id="claim-too-long",
        stage=Stage.CALLBACK,
        errors=("user.…: String must be no longer than … characters", "… longer than 2048"),
        cause="A claim of this person, such as their groups, is longer than the attribute it is mapped to can"
        " be: several values become one text, and Cognito takes no more than 2,048 characters.",
        remedy="Assign fewer groups to the application, or use app roles instead.",
        verified=False,
    ),
    KnownError(
        id="groups-function",
        stage=Stage.CALLBACK,
        errors=("PreTokenGeneration failed", "PreTokenGeneration invocation failed"),
        cause="The function that puts roles or groups into cognito:groups failed, took longer than 5 seconds,"
        " or Cognito may not call it.",
        remedy="Read its log, /aws/lambda/{environment}-groups-in-tokens in CloudWatch; if it was never"
        " called, deploy again, which puts its permission back: `pipenv run cdktf deploy {environment}`",
        verified=False,
    ),
    KnownError(
        id="client-missing",
        stage=Stage.COGNITO,
        errors=("Client does not exist", "Client … not found"),
        cause="The app client is gone, and so is the client id that the app knows.",
        remedy="Deploy again, and give the app its new client id: `pipenv run cdktf deploy {environment}`",
        explains=_OF_CLIENT,
    ),
    KnownError(
        id="client-provider",
        stage=Stage.COGNITO,
        errors=("Login option is not available. Please try another one", "Login pages unavailable"),
        cause="The identity provider is not enabled for the app client, or was asked for by another name.",
        remedy=DEPLOY_AGAIN + " (clients.<key>.tenants says who may sign in to an app).",
        explains=frozenset({"login-refused"}),
    ),
    KnownError(
        id="client-flow",
        stage=Stage.CALLBACK,
        errors=("unauthorized_client", "Client is not enabled for OAuth2.0 flows"),
        cause="The app client may not use the authorization code grant.",
        remedy=DEPLOY_AGAIN,
        explains=frozenset({"login-refused"}),
    ),
    KnownError(
        id="client-scopes",
        stage=Stage.CALLBACK,
        errors=("invalid_scope",),
        cause="The app asks for a scope that its client does not have.",
        remedy="Have the app ask for less, or add the scope to `[clients.<key>]` scopes, and deploy:"
        " `pipenv run cdktf deploy {environment}`",
        explains=frozenset({"login-refused"}),
    ),
    KnownError(
        id="client-callback",
        stage=Stage.COGNITO,
        errors=("redirect_mismatch", "Required String parameter 'redirect_uri' is not present"),
        cause="The app asks to be answered at an address that is not among its client's callback URLs.",
        remedy="Add the address, letter for letter, to `[clients.<key>]` callback_urls, and deploy:"
        " `pipenv run cdktf deploy {environment}`",
        explains=frozenset({"login-refused"}),
    ),
    KnownError(
        id="login-refused",
        stage=Stage.COGNITO,
        errors=("Something went wrong",),
        cause="Cognito does not send people on to Entra ID.",
        remedy="Read what it answers instead; then deploy: `pipenv run cdktf deploy {environment}`",
    ),
    KnownError(
        id="client-secret",
        stage=Stage.CALLBACK,
        errors=("invalid_client",),
        cause="At Cognito's token endpoint the app gave a wrong client secret, or none, or one its client"
        " has not.",
        remedy="Read it anew: aws cognito-idp describe-user-pool-client; apps of the types single_page and"
        " mobile"
        " have none.",
        verified=False,
    ),
    KnownError(
        id="code-refused",
        stage=Stage.CALLBACK,
        errors=("invalid_grant",),
        cause="The authorization code is older than five minutes, was used before, or the PKCE verifier or"
        " redirect"
        " URI is not the one it was asked for with.",
        remedy="Begin again; an app must exchange each code once, with the same redirect URI and its own"
        " verifier.",
        verified=False,
    ),
    KnownError(
        id="user-disabled",
        stage=Stage.CALLBACK,
        errors=("User is disabled",),
        cause="This person's user in Cognito is disabled.",
        remedy="Enable it, if the person should have access: aws cognito-idp admin-enable-user.",
        verified=False,
    ),
    KnownError(
        id="user-exists",
        stage=Stage.CALLBACK,
        errors=("Already found an entry for username",),
        cause="Another user of the pool is linked to, or named like, this person, often from a lookup by"
        " e-mail.",
        remedy="Remove the other user or link the two before the first sign-in; never by an unverified"
        " e-mail.",
        verified=False,
    ),
)
