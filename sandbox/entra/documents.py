"""How Microsoft Graph shows its objects, but for most of what is null or empty."""

from copy import deepcopy

from sandbox.entra.directory import Application, Assignment, Directory, Grant, Json, Secret, ServicePrincipal
from sandbox.entra.users import DOMAIN, Group, Person

# The tenant that owns Microsoft's own applications.
MICROSOFT_SERVICES = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"


# Entra ID's is a content delivery network; `.example` is nobody's (RFC 2606).
LOGOS = "https://logos.example"


def secret_document(secret: Secret, value: str | None = None) -> Json:
    """A `passwordCredential`; `value` only in the answer that made it."""
    return {
        "displayName": secret.display_name,
        "endDateTime": secret.end_text,
        "hint": secret.hint,
        "keyId": secret.key_id,
        "secretText": value,
        "startDateTime": secret.start_text,
    }


def application_document(application: Application) -> Json:
    """The `application` resource."""
    body = deepcopy(application.body)
    body["web"]["redirectUriSettings"] = [{"uri": uri, "index": None} for uri in body["web"]["redirectUris"]]
    body["info"]["logoUrl"] = f"{LOGOS}/{application.id}" if application.logo else None
    return {
        "id": application.id,
        "appId": application.app_id,
        "createdDateTime": application.created,
        "publisherDomain": DOMAIN,
        **body,
        "passwordCredentials": [secret_document(secret) for secret in application.secrets],
    }


def service_principal_document(service_principal: ServicePrincipal, directory: Directory) -> Json:
    """The `servicePrincipal` resource: its own properties and those of its application, as of now."""
    application = service_principal.application
    body = application.body
    return {
        "id": service_principal.id,
        "appId": application.app_id,
        "appDisplayName": application.display_name,
        "displayName": application.display_name,
        "createdDateTime": service_principal.created,
        "appOwnerOrganizationId": (
            directory.tenant_id if application.id in directory.applications else MICROSOFT_SERVICES
        ),
        "appRoles": body["appRoles"],
        "homepage": body["web"]["homePageUrl"],
        "logoutUrl": application.logout_url,
        "oauth2PermissionScopes": body["api"]["oauth2PermissionScopes"],
        "passwordCredentials": [secret_document(secret) for secret in service_principal.secrets],
        "replyUrls": application.redirect_uris,
        "servicePrincipalNames": [application.app_id, *body["identifierUris"]],
        "servicePrincipalType": "Application",
        "signInAudience": body["signInAudience"],
        **service_principal.body,
    }


def grant_document(grant: Grant) -> Json:
    """The `oAuth2PermissionGrant` resource."""
    return {
        "id": grant.id,
        "clientId": grant.client_id,
        "consentType": "AllPrincipals" if grant.principal_id is None else "Principal",
        "principalId": grant.principal_id,
        "resourceId": grant.resource_id,
        "scope": grant.scope,
    }


def assignment_document(assignment: Assignment, directory: Directory) -> Json:
    """The `appRoleAssignment` resource."""
    return {
        "id": assignment.id,
        "appRoleId": assignment.app_role_id,
        "createdDateTime": assignment.created,
        "principalId": assignment.principal_id,
        "principalType": assignment.principal_type,
        "principalDisplayName": assignment.principal_name,
        "resourceId": assignment.resource_id,
        "resourceDisplayName": directory.service_principal(assignment.resource_id).application.display_name,
    }


def person_document(person: Person) -> Json:
    """The `user` resource, with the properties that tokens and the azuread provider use."""
    return {
        "id": person.oid,
        "accountEnabled": person.enabled,
        "displayName": person.display_name,
        # Null, and not left out: the azuread provider tells the two apart.
        "employeeId": None,
        "givenName": person.given_name,
        "mail": person.mail,
        "mailNickname": person.principal_name.split("@")[0],
        "proxyAddresses": [f"SMTP:{person.mail}"] if person.mail else [],
        "surname": person.surname,
        "userPrincipalName": person.principal_name,
        "userType": person.user_type,
        "creationType": "Invitation" if person.is_guest else None,
        "externalUserState": "Accepted" if person.is_guest else None,
    }


def group_document(group: Group) -> Json:
    """The `group` resource."""
    return {
        "id": group.oid,
        "displayName": group.display_name,
        "mailEnabled": False,
        "mailNickname": group.display_name.replace(" ", "").lower(),
        "securityEnabled": group.security_enabled,
    }
