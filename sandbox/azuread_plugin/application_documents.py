"""An application between Graph's form and the provider's."""

from sandbox.azuread_plugin.documents import app_roles, feature_tags, ids_by_value, permission_scopes, tags_of
from sandbox.azuread_plugin.resources import Change
from sandbox.azuread_plugin.wire import Json

TYPE = {"@odata.type": "#microsoft.graph.application"}
_CLAIM_LISTS = {"access_token": "accessToken", "id_token": "idToken", "saml2_token": "saml2Token"}
_URLS = {
    "marketing_url": "marketingUrl",
    "privacy_statement_url": "privacyStatementUrl",
    "support_url": "supportUrl",
    "terms_of_service_url": "termsOfServiceUrl",
}


def properties(change: Change) -> Json:
    """What is sent with every creation and update."""
    planned = change.planned
    web = change.block("web")
    implicit = (web.get("implicit_grant") or [{}])[0]
    return {
        **TYPE,
        "description": change.text("description"),
        "displayName": planned["display_name"],
        "groupMembershipClaims": ",".join(change.items("group_membership_claims")) or None,
        "info": {key: change.text(name) for name, key in _URLS.items()},
        "isDeviceOnlyAuthSupported": bool(planned["device_only_auth_enabled"]),
        "isFallbackPublicClient": bool(planned["fallback_public_client_enabled"]),
        "notes": change.text("notes"),
        "publicClient": {"redirectUris": change.block("public_client").get("redirect_uris") or []},
        "serviceManagementReference": change.text("service_management_reference"),
        "signInAudience": planned["sign_in_audience"],
        "spa": {"redirectUris": change.block("single_page_application").get("redirect_uris") or []},
        "tags": tags_of(change),
        "web": {
            "homePageUrl": web.get("homepage_url") or None,
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": bool(implicit.get("access_token_issuance_enabled")),
                "enableIdTokenIssuance": bool(implicit.get("id_token_issuance_enabled")),
            },
            "logoutUrl": web.get("logout_url") or None,
            "redirectUris": web.get("redirect_uris") or [],
        },
    }


def api_properties(change: Change) -> Json:
    """The `api` property, all of it."""
    api = change.block("api")
    return {
        "acceptMappedClaims": bool(api.get("mapped_claims_enabled")),
        "knownClientApplications": api.get("known_client_applications") or [],
        "oauth2PermissionScopes": [
            {
                "adminConsentDescription": scope["admin_consent_description"] or "",
                "adminConsentDisplayName": scope["admin_consent_display_name"] or "",
                "id": scope["id"],
                "isEnabled": bool(scope["enabled"]),
                "type": scope["type"],
                "userConsentDescription": scope["user_consent_description"] or "",
                "userConsentDisplayName": scope["user_consent_display_name"] or "",
                "value": scope["value"] or "",
            }
            for scope in api.get("oauth2_permission_scope") or []
        ],
        "requestedAccessTokenVersion": api.get("requested_access_token_version") or 1,
    }


def role_properties(change: Change) -> list[Json]:
    """The `appRoles` property."""
    return [
        {
            "allowedMemberTypes": role["allowed_member_types"],
            "description": role["description"],
            "displayName": role["display_name"],
            "id": role["id"],
            "isEnabled": bool(role["enabled"]),
            "value": role["value"] or "",
        }
        for role in change.items("app_role")
    ]


def claim_properties(change: Change) -> Json:
    """The `optionalClaims` property; empty means to clear them."""
    block = change.block("optional_claims")
    return {
        key: [
            {
                "additionalProperties": claim["additional_properties"] or [],
                "essential": bool(claim["essential"]),
                "name": claim["name"],
                **({"source": claim["source"]} if claim["source"] else {}),
            }
            for claim in block[name] or []
        ]
        for name, key in _CLAIM_LISTS.items()
        if block
    }


def access_properties(change: Change) -> list[Json]:
    """The `requiredResourceAccess` property."""
    return [
        {
            "resourceAppId": resource["resource_app_id"],
            "resourceAccess": [
                {"id": access["id"], "type": access["type"]} for access in resource["resource_access"]
            ],
        }
        for resource in change.items("required_resource_access")
    ]


def read_application(app: Json) -> Json:
    """An application as the provider shows it."""
    api, info, roles = app.get("api") or {}, app.get("info") or {}, app.get("appRoles") or []
    claims = app.get("groupMembershipClaims")
    tags = app.get("tags") or []
    read: Json = {
        "api": [_read_api(api)] if app.get("api") is not None else [],
        "app_role": app_roles(roles),
        "app_role_ids": ids_by_value(roles),
        "client_id": app.get("appId") or "",
        "description": app.get("description") or "",
        "device_only_auth_enabled": bool(app.get("isDeviceOnlyAuthSupported")),
        "disabled_by_microsoft": app.get("disabledByMicrosoftStatus") or "",
        "display_name": app.get("displayName") or "",
        "fallback_public_client_enabled": bool(app.get("isFallbackPublicClient")),
        "feature_tags": feature_tags(tags),
        "group_membership_claims": [claim.strip() for claim in claims.split(",")] if claims else [],
        "identifier_uris": app.get("identifierUris") or [],
        "notes": app.get("notes") or "",
        "object_id": app["id"],
        "optional_claims": _read_optional_claims(app.get("optionalClaims")),
        "public_client": _read_redirects(app.get("publicClient")),
        "publisher_domain": app.get("publisherDomain") or "",
        "required_resource_access": _read_resource_access(app.get("requiredResourceAccess") or []),
        "service_management_reference": app.get("serviceManagementReference") or "",
        "sign_in_audience": app.get("signInAudience") or "",
        "single_page_application": _read_redirects(app.get("spa")),
        "tags": tags,
        "template_id": app.get("applicationTemplateId") or "",
        "web": _read_web(app.get("web")),
    }
    if app.get("api") is not None:
        read["oauth2_permission_scope_ids"] = ids_by_value(api.get("oauth2PermissionScopes") or [])
    if app.get("info") is not None:
        read["logo_url"] = info.get("logoUrl") or ""
        read.update({name: info.get(key) or "" for name, key in _URLS.items()})
    return read


def _read_api(api: Json) -> Json:
    version = api.get("requestedAccessTokenVersion")
    return {
        "known_client_applications": api.get("knownClientApplications") or [],
        "mapped_claims_enabled": bool(api.get("acceptMappedClaims")),
        "oauth2_permission_scope": permission_scopes(api.get("oauth2PermissionScopes") or []),
        "requested_access_token_version": 1 if version is None else version,
    }


def _read_optional_claims(claims: Json | None) -> list[Json]:
    if claims is None:
        return []
    return [
        {
            name: [
                {
                    "additional_properties": claim.get("additionalProperties") or [],
                    "essential": bool(claim.get("essential")),
                    "name": claim["name"],
                    "source": claim.get("source") or "",
                }
                for claim in claims.get(key) or []
            ]
            for name, key in _CLAIM_LISTS.items()
        }
    ]


def _read_redirects(platform: Json | None) -> list[Json]:
    return [] if platform is None else [{"redirect_uris": platform.get("redirectUris") or []}]


def _read_resource_access(resources: list[Json]) -> list[Json]:
    return [
        {
            "resource_app_id": resource.get("resourceAppId") or "",
            "resource_access": [
                {"id": access.get("id") or "", "type": access.get("type") or ""}
                for access in resource.get("resourceAccess") or []
            ],
        }
        for resource in resources
    ]


def _read_web(web: Json | None) -> list[Json]:
    if web is None:
        return []
    implicit = web.get("implicitGrantSettings")
    return [
        {
            "homepage_url": web.get("homePageUrl") or "",
            "implicit_grant": []
            if implicit is None
            else [
                {
                    "access_token_issuance_enabled": bool(implicit.get("enableAccessTokenIssuance")),
                    "id_token_issuance_enabled": bool(implicit.get("enableIdTokenIssuance")),
                }
            ],
            "logout_url": web.get("logoutUrl") or "",
            "redirect_uris": web.get("redirectUris") or [],
        }
    ]
