"""What applications and service principals have in common, between Graph's form and the provider's."""

from sandbox.azuread_plugin.resources import Change
from sandbox.azuread_plugin.wire import Json

_TAGS = {
    "custom_single_sign_on": "WindowsAzureActiveDirectoryCustomSingleSignOnApplication",
    "enterprise": "WindowsAzureActiveDirectoryIntegratedApp",
    "gallery": "WindowsAzureActiveDirectoryGalleryApplicationNonPrimaryV1",
    "hide": "HideApp",
}
_OLD_NAMES = {
    "custom_single_sign_on": "custom_single_sign_on_app",
    "enterprise": "enterprise_application",
    "gallery": "gallery_application",
}


def tags_of(change: Change) -> list[str]:
    """The tags to send, from whichever of `feature_tags`, `features` and `tags` the person changed."""
    for name in ("feature_tags", "features"):
        if name in change.planned and change.items(name) and change.changes(name):
            features = change.block(name)
            chosen = [
                tag
                for feature, tag in _TAGS.items()
                if features.get(feature) or features.get(_OLD_NAMES.get(feature, ""))
            ]
            if features.get("visible_to_users") is False:
                chosen.append(_TAGS["hide"])
            return chosen
    return change.items("tags")


def feature_tags(tags: list[str]) -> list[Json]:
    """The `feature_tags` block that tags amount to."""
    present = {tag.lower() for tag in tags}
    return [{feature: tag.lower() in present for feature, tag in _TAGS.items()}]


def old_features(tags: list[str]) -> list[Json]:
    """The deprecated `features` block that tags amount to."""
    features = feature_tags(tags)[0]
    block = {old: features[new] for new, old in _OLD_NAMES.items()}
    return [{**block, "visible_to_users": not features["hide"]}]


def app_roles(roles: list[Json]) -> list[Json]:
    """Graph's app roles as the provider shows them."""
    return [
        {
            "id": role.get("id") or "",
            "allowed_member_types": role.get("allowedMemberTypes") or [],
            "description": role.get("description") or "",
            "display_name": role.get("displayName") or "",
            "enabled": bool(role.get("isEnabled")),
            "value": role.get("value") or "",
        }
        for role in roles
    ]


def permission_scopes(scopes: list[Json]) -> list[Json]:
    """Graph's delegated permissions as the provider shows them."""
    return [
        {
            "admin_consent_description": scope.get("adminConsentDescription") or "",
            "admin_consent_display_name": scope.get("adminConsentDisplayName") or "",
            "id": scope.get("id") or "",
            "enabled": bool(scope.get("isEnabled")),
            "type": scope.get("type") or "",
            "user_consent_description": scope.get("userConsentDescription") or "",
            "user_consent_display_name": scope.get("userConsentDisplayName") or "",
            "value": scope.get("value") or "",
        }
        for scope in scopes
    ]


def ids_by_value(roles_or_scopes: list[Json]) -> dict[str, str]:
    """The IDs of app roles or permissions by their value."""
    return {item["value"]: item["id"] for item in roles_or_scopes if item.get("value") and item.get("id")}
