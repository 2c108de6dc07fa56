"""The errors of the sign-in service, by their AADSTS number."""

from typing import NamedTuple


class Meaning(NamedTuple):
    """What an AADSTS number means.

    Attributes:
        text: the sentence, with the values that it names in braces.
        error: the OAuth 2.0 error (RFC 6749, sections 4.1.2.1 and 5.2).
        status: the HTTP status, where the answer is not a redirect.
    """

    text: str
    error: str = "invalid_request"
    status: int = 400


# learn.microsoft.com/entra/identity-platform/reference-error-codes has the numbers. The sentences are as
# Entra ID words them, as far as its documentation quotes them; the ends that say what to do here are not.
AADSTS = {
    50011: Meaning(
        "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs"
        " configured for the application '{app}'. Make sure the redirect URI sent in the request matches one"
        " added to your application."
    ),
    50020: Meaning(
        "User account '{user}' from identity provider '{provider}' does not exist in tenant '{tenant}' and"
        " cannot access the application '{app}'({name}) in that tenant. The account needs to be added as an"
        " external user in the tenant first. Sign out and sign in again with a different Microsoft Entra user"
        " account."
    ),
    50034: Meaning("The user account {user} does not exist in the {tenant} directory."),
    50057: Meaning("The user account is disabled."),
    50058: Meaning("A silent sign-in request was sent but no user is signed in.", "login_required"),
    50105: Meaning(
        "Your administrator has configured the application {name} ('{app}') to block users unless they are"
        " specifically granted ('assigned') access to the application. The signed in user '{user}' is blocked"
        " because they are not a direct member of a group with access, nor had access directly assigned by an"
        " administrator. Please contact your administrator to assign access to this application.",
        "interaction_required",
    ),
    50126: Meaning("Error validating credentials due to invalid username or password."),
    50146: Meaning(
        "This application is required to be configured with an application-specific signing key. It is either"
        " not configured with one, or the key has expired or is not yet valid."
    ),
    50147: Meaning("The size of the code challenge parameter isn't valid."),
    50148: Meaning(
        "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.",
        "invalid_grant",
    ),
    50194: Meaning(
        "The endpoint '/{tenant}' is not served for applications of one tenant. Use a tenant-specific"
        " endpoint: /{home}."
    ),
    54005: Meaning(
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an"
        " existing refresh token.",
        "invalid_grant",
    ),
    65001: Meaning(
        "The user or administrator has not consented to use the application with ID '{app}' named '{name}'."
        " Send an interactive authorization request for this user and resource."
        " Without consent: {scopes}.",
        "interaction_required",
    ),
    65004: Meaning("User declined to consent to access the app.", "access_denied"),
    70000: Meaning(
        "Provided grant is invalid or malformed: it was given to another client.", "invalid_grant"
    ),
    70003: Meaning("The app requested an unsupported grant type '{grant}'.", "unsupported_grant_type"),
    70005: Meaning(
        "The response_type '{response_type}' is not supported here, only 'code'.", "unsupported_response_type"
    ),
    70008: Meaning(
        "The provided authorization code or refresh token has expired. Send a new interactive authorization"
        " request for this user and resource.",
        "invalid_grant",
    ),
    70011: Meaning(
        "The provided value for the input parameter 'scope' isn't valid. The scope '{scope}' lacks openid.",
        "invalid_scope",
    ),
    90002: Meaning(
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into"
        " the correct cloud."
    ),
    90023: Meaning("Unsupported '{parameter}' value."),
    90094: Meaning(
        "{name} needs permission to access resources in your organization that only an admin can grant. Ask"
        " an admin to grant permission to this app before you can use it."
    ),
    90130: Meaning(
        "The application '{app}' is not supported over the /{tenant} endpoint here. Use a tenant-specific"
        " endpoint instead."
    ),
    165000: Meaning(
        "Invalid Request: The request tokens do not match the user context. Do not copy the user context"
        " values (cookies; form fields; headers) between different requests or user sessions. This form was"
        " answered before, is too old, or belongs to another browser: begin again."
    ),
    500112: Meaning(
        "The reply address '{redirect_uri}' does not match the reply address '{requested}' provided when"
        " requesting Authorization code.",
        "invalid_grant",
    ),
    500113: Meaning("No reply address is registered for the application."),
    500200: Meaning(
        "User account is a personal Microsoft account. Personal Microsoft accounts are not supported for this"
        " request: they have no administrator, and people consent for themselves."
    ),
    500208: Meaning("The domain is not a valid login domain for the account type."),
    501481: Meaning(
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        "invalid_grant",
    ),
    650052: Meaning(
        "The app needs access to a service ('{resource}') that your organization '{tenant}' has not"
        " subscribed to or enabled. Contact your IT Admin to review the configuration of your service"
        " subscriptions."
    ),
    650053: Meaning(
        "The application '{name}' asked for scope '{scope}' that doesn't exist on the resource '{resource}'."
        " Contact the app vendor.",
        "invalid_client",
    ),
    650054: Meaning(
        "The application asked for permissions to access a resource that has been removed or is no longer"
        " available: '{permission}'."
    ),
    700005: Meaning(
        "Provided Authorization Code is intended to use against other tenant, thus rejected. OAuth2"
        " Authorization Code must be redeemed against same tenant it was acquired for.",
        "invalid_grant",
    ),
    700016: Meaning(
        "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if"
        " the application has not been installed by the administrator of the tenant or consented to by any"
        " user in the tenant.",
        "unauthorized_client",
    ),
    700051: Meaning("response_type 'token' is not enabled for the application.", "unsupported_response_type"),
    700054: Meaning(
        "response_type 'id_token' is not enabled for the application.", "unsupported_response_type"
    ),
    900144: Meaning("The request body must contain the following parameter: '{parameter}'."),
    1002012: Meaning(
        "The provided value for scope {scope} is not valid. Client credential flows must have a scope value"
        " with /.default suffixed to the resource identifier (application ID URI).",
        "invalid_scope",
    ),
    7000112: Meaning("Application '{app}'({name}) is disabled.", "unauthorized_client"),
    50027: Meaning("JWT token is invalid or malformed."),
    700027: Meaning("Client assertion failed signature validation.", "invalid_client", 401),
    700024: Meaning(
        "Client assertion is not within its valid time range. Current time: now.", "invalid_client", 401
    ),
    700211: Meaning(
        "No matching federated identity record found for presented assertion issuer '{issuer}'.",
        "invalid_client",
        401,
    ),
    700212: Meaning(
        "No matching federated identity record found for presented assertion audience '{audience}'.",
        "invalid_client",
        401,
    ),
    700213: Meaning(
        "No matching federated identity record found for presented assertion subject '{subject}'.",
        "invalid_client",
        401,
    ),
    7000215: Meaning(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret"
        " value, not the client secret ID, for a secret added to app '{app}'.",
        "invalid_client",
        401,
    ),
    7000218: Meaning(
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        "invalid_client",
        401,
    ),
    7000222: Meaning(
        "The provided client secret keys for app '{app}' are expired. Create new keys for your app, or"
        " consider using certificate credentials for added security.",
        "invalid_client",
        401,
    ),
    # entra/identity-platform/deprecate-service-principal-less-authentication
    7000229: Meaning(
        "The client application '{app}' is missing service principal in the tenant '{tenant}'.",
        "unauthorized_client",
    ),
    9002313: Meaning("Invalid request. Request is malformed or invalid.", "invalid_grant"),
    9002331: Meaning(
        "Application '{app}'({name}) is configured for use by Microsoft Account users only. Please use the"
        " /consumers endpoint to serve this request.",
        "unauthorized_client",
    ),
    9002332: Meaning(
        "Application '{app}'({name}) is configured for use by Microsoft Entra users only. Please do not use"
        " the /consumers endpoint to serve this request.",
        "unauthorized_client",
    ),
}
