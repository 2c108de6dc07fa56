"""How Microsoft Graph shows and changes its objects: properties, defaults, merging.

The rules are those that a Terraform provider can tell apart: text comes back as it was sent, a list in the
order it was sent, PATCH replaces (only `api`, `web` and `info` property by property), null clears.
"""

from copy import deepcopy
from typing import Any

from sandbox.entra.directory import Application, Assignment, Directory, Grant, Json, Secret, ServicePrincipal
from sandbox.entra.errors import invalid, invalid_property
from sandbox.entra.users import DOMAIN, Group, Person

# The tenant that owns Microsoft's own applications.
MICROSOFT_SERVICES = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"

# The settable properties with their defaults (learn.microsoft.com/graph/api/resources/application).
APPLICATION: Json = {
    "displayName": None,
    "description": None,
    "notes": None,
    "signInAudience": "AzureADMyOrg",
    "groupMembershipClaims": None,
    "serviceManagementReference": None,
    "tokenEncryptionKeyId": None,
    "samlMetadataUrl": None,
    "defaultRedirectUri": None,
    "isDeviceOnlyAuthSupported": None,
    "isFallbackPublicClient": None,
    "oauth2RequirePostResponse": False,
    "identifierUris": [],
    "tags": [],
    "addIns": [],
    "appRoles": [],
    "keyCredentials": [],
    "requiredResourceAccess": [],
    "optionalClaims": None,
    "api": {
        "acceptMappedClaims": None,
        "knownClientApplications": [],
        "oauth2PermissionScopes": [],
        "preAuthorizedApplications": [],
        "requestedAccessTokenVersion": None,
    },
    "web": {
        "homePageUrl": None,
        "implicitGrantSettings": {"enableAccessTokenIssuance": False, "enableIdTokenIssuance": False},
        "logoutUrl": None,
        "redirectUris": [],
    },
    "spa": {"redirectUris": []},
    "publicClient": {"redirectUris": []},
    "info": {
        "marketingUrl": None,
        "privacyStatementUrl": None,
        "supportUrl": None,
        "termsOfServiceUrl": None,
    },
    "parentalControlSettings": {"countriesBlockedForMinors": [], "legalAgeGroupRule": "Allow"},
}

# The same of a service principal (learn.microsoft.com/graph/api/resources/serviceprincipal).
SERVICE_PRINCIPAL: Json = {
    "accountEnabled": True,
    "alternativeNames": [],
    "appRoleAssignmentRequired": False,
    "description": None,
    "loginUrl": None,
    "notes": None,
    "notificationEmailAddresses": [],
    "preferredSingleSignOnMode": None,
    "preferredTokenSigningKeyThumbprint": None,
    "samlSingleSignOnSettings": None,
    "tags": [],
}

# The elements of lists of objects (the resources `appRole`, `permissionScope`, `requiredResourceAccess`,
# `resourceAccess` and `optionalClaim`); other lists are lists of text.
_CLAIM: Json = {"name": None, "source": None, "essential": False, "additionalProperties": []}
_ELEMENTS: dict[str, Json] = {
    "appRoles": {
        "allowedMemberTypes": [],
        "description": None,
        "displayName": None,
        "id": None,
        "isEnabled": True,
        "origin": "Application",
        "value": None,
    },
    "oauth2PermissionScopes": {
        "adminConsentDescription": None,
        "adminConsentDisplayName": None,
        "id": None,
        "isEnabled": True,
        "origin": "Application",
        "type": "User",
        "userConsentDescription": None,
        "userConsentDisplayName": None,
        "value": None,
    },
    "requiredResourceAccess": {"resourceAppId": None, "resourceAccess": []},
    "resourceAccess": {"id": None, "type": None},
    "preAuthorizedApplications": {"appId": None, "delegatedPermissionIds": []},
    "idToken": _CLAIM,
    "accessToken": _CLAIM,
    "saml2Token": _CLAIM,
}
# Not modelled: kept and shown as they come.
_OPAQUE = {"addIns", "keyCredentials", "samlSingleSignOnSettings"}

_OPTIONAL_CLAIMS: Json = {"idToken": [], "accessToken": [], "saml2Token": []}

# What a null default does not tell.
_TYPES: dict[str, type] = {
    "isDeviceOnlyAuthSupported": bool,
    "isFallbackPublicClient": bool,
    "acceptMappedClaims": bool,
    "requestedAccessTokenVersion": int,
    "optionalClaims": dict,
    "samlSingleSignOnSettings": dict,
}
_MERGED = {"api", "web", "info"}
_READ_ONLY = frozenset({"id", "redirectUriSettings"})


def _changed(
    resource: str, default: Json, old: Json, patch: Json, ignored: frozenset[str] = _READ_ONLY
) -> Json:
    new = deepcopy(old)
    for name, value in patch.items():
        # Annotations and what a client read before are sent along; they mean nothing here.
        if "@odata." in name or name in ignored:
            continue
        if name not in default:
            raise invalid(f"Invalid property '{name}'.")
        if value is None:
            new[name] = deepcopy(default[name])
            continue
        expected = _TYPES.get(name, str if default[name] is None else type(default[name]))
        if type(value) is not expected:
            raise invalid_property(resource, name, "The value has the wrong type.")
        new[name] = _value(resource, name, default[name], old[name], value)
    return new


def _value(resource: str, name: str, default: Any, old: Any, value: Any) -> Any:  # noqa: ANN401 - any JSON
    if name in _OPAQUE:
        return deepcopy(value)
    if name == "optionalClaims":
        # An empty object means "no optional claims"; it is not merged with what there was.
        return _changed(resource, _OPTIONAL_CLAIMS, _OPTIONAL_CLAIMS, value)
    if isinstance(value, dict):
        return _changed(resource, default, old if name in _MERGED else default, value)
    if not isinstance(value, list):
        return value
    template = _ELEMENTS.get(name)
    if template is None:
        if not all(isinstance(element, str) for element in value):
            raise invalid_property(resource, name, "Each element must be text.")
        return list(value)
    if not all(isinstance(element, dict) for element in value):
        raise invalid_property(resource, name, "Each element must be an object.")
    return [_changed(resource, template, template, element, frozenset()) for element in value]


def application_body(old: Json | None, patch: Json) -> Json:
    """The properties of an application after a POST or PATCH.

    Args:
        old: the properties before, None for a new application.

    Raises:
        GraphError: 400, a property is unknown or of the wrong type.
    """
    return _changed("Application", APPLICATION, APPLICATION if old is None else old, patch)


def service_principal_body(old: Json | None, patch: Json) -> Json:
    """The properties of a service principal after a POST or PATCH; like `application_body`."""
    return _changed("ServicePrincipal", SERVICE_PRINCIPAL, SERVICE_PRINCIPAL if old is None else old, patch)


def secret_document(secret: Secret, value: str | None = None) -> Json:
    """A `passwordCredential`; `value` only in the answer that made it."""
    return {
        "customKeyIdentifier": None,
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
    return {
        "id": application.id,
        "appId": application.app_id,
        "createdDateTime": application.created,
        "deletedDateTime": None,
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
        "deletedDateTime": None,
        "appOwnerOrganizationId": (
            directory.tenant_id if application.id in directory.applications else MICROSOFT_SERVICES
        ),
        "appRoles": body["appRoles"],
        "homepage": body["web"]["homePageUrl"],
        "keyCredentials": [],
        "logoutUrl": application.logout_url,
        "oauth2PermissionScopes": body["api"]["oauth2PermissionScopes"],
        "passwordCredentials": [],
        "replyUrls": application.redirect_uris,
        "samlMetadataUrl": None,
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
        "deletedDateTime": None,
        "principalId": assignment.principal_id,
        "principalType": assignment.principal_type,
        "principalDisplayName": assignment.principal_name,
        "resourceId": assignment.resource_id,
        "resourceDisplayName": directory.service_principal(assignment.resource_id).application.display_name,
    }


def person_document(person: Person) -> Json:
    """The `user` resource, as far as tokens and the azuread provider look at it."""
    return {
        "id": person.oid,
        "accountEnabled": person.enabled,
        "businessPhones": [],
        "displayName": person.display_name,
        "employeeId": None,
        "givenName": person.given_name,
        "mail": person.mail,
        "mailNickname": person.principal_name.split("@")[0],
        "otherMails": [],
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
        "description": None,
        "displayName": group.display_name,
        "groupTypes": [],
        "isAssignableToRole": False,
        "mail": None,
        "mailEnabled": False,
        "mailNickname": group.display_name.replace(" ", "").lower(),
        "onPremisesSyncEnabled": None,
        "proxyAddresses": [],
        "securityEnabled": group.security_enabled,
        "visibility": None,
    }
