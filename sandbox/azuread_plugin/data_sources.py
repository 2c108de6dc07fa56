"""The data sources: the signed-in principal, users, groups, service principals."""

from collections.abc import Callable

from sandbox.azuread_plugin.graph_client import Graph, GraphError
from sandbox.azuread_plugin.problems import ProblemError
from sandbox.azuread_plugin.resources import get_or_none
from sandbox.azuread_plugin.service_principals import read_principal
from sandbox.azuread_plugin.wire import Json

_USER_TEXTS = {
    "age_group": "ageGroup",
    "city": "city",
    "company_name": "companyName",
    "consent_provided_for_minor": "consentProvidedForMinor",
    "country": "country",
    "creation_type": "creationType",
    "department": "department",
    "display_name": "displayName",
    "employee_hire_date": "employeeHireDate",
    "employee_id": "employeeId",
    "employee_type": "employeeType",
    "external_user_state": "externalUserState",
    "fax_number": "faxNumber",
    "given_name": "givenName",
    "job_title": "jobTitle",
    "mail": "mail",
    "mail_nickname": "mailNickname",
    "mobile_phone": "mobilePhone",
    "office_location": "officeLocation",
    "onpremises_distinguished_name": "onPremisesDistinguishedName",
    "onpremises_domain_name": "onPremisesDomainName",
    "onpremises_immutable_id": "onPremisesImmutableId",
    "onpremises_sam_account_name": "onPremisesSamAccountName",
    "onpremises_security_identifier": "onPremisesSecurityIdentifier",
    "onpremises_user_principal_name": "onPremisesUserPrincipalName",
    "postal_code": "postalCode",
    "preferred_language": "preferredLanguage",
    "state": "state",
    "street_address": "streetAddress",
    "surname": "surname",
    "usage_location": "usageLocation",
    "user_principal_name": "userPrincipalName",
    "user_type": "userType",
}
_USER_FLAGS = {
    "account_enabled": "accountEnabled",
    "onpremises_sync_enabled": "onPremisesSyncEnabled",
    "show_in_address_list": "showInAddressList",
}
_USER_LISTS = {
    "business_phones": "businessPhones",
    "im_addresses": "imAddresses",
    "other_mails": "otherMails",
    "proxy_addresses": "proxyAddresses",
}
_USER_FILTERS = {
    "user_principal_name": "userPrincipalName",
    "mail": "mail",
    "mail_nickname": "mailNickname",
    "employee_id": "employeeId",
}
_GROUP_TEXTS = {
    "description": "description",
    "display_name": "displayName",
    "mail": "mail",
    "mail_nickname": "mailNickname",
    "onpremises_domain_name": "onPremisesDomainName",
    "onpremises_netbios_name": "onPremisesNetBiosName",
    "onpremises_sam_account_name": "onPremisesSamAccountName",
    "onpremises_security_identifier": "onPremisesSecurityIdentifier",
    "preferred_language": "preferredLanguage",
    "theme": "theme",
    "visibility": "visibility",
}
_GROUP_FLAGS = {
    "assignable_to_role": "isAssignableToRole",
    "mail_enabled": "mailEnabled",
    "onpremises_sync_enabled": "onPremisesSyncEnabled",
    "security_enabled": "securityEnabled",
}
_GROUP_LISTS = {
    "behaviors": "resourceBehaviorOptions",
    "provisioning_options": "resourceProvisioningOptions",
    "proxy_addresses": "proxyAddresses",
    "types": "groupTypes",
}
_UNIFIED_FLAGS = {
    "auto_subscribe_new_members": "autoSubscribeNewMembers",
    "external_senders_allowed": "allowExternalSenders",
    "hide_from_address_lists": "hideFromAddressLists",
    "hide_from_outlook_clients": "hideFromOutlookClients",
}


def read_client_config(graph: Graph, config: Json) -> Json:
    """data.azuread_client_config: who Terraform acts as."""
    del config
    return {
        "id": f"{graph.tenant_id}-{graph.client_id}-{graph.object_id}",
        "tenant_id": graph.tenant_id,
        "client_id": graph.client_id,
        "object_id": graph.object_id,
    }


def read_service_principal(graph: Graph, config: Json) -> Json:
    """data.azuread_service_principal.

    Raises:
        ProblemError: there is none, or more than one.
    """
    if config["object_id"]:
        principal = get_or_none(graph, f"/servicePrincipals/{config['object_id']}")
        found = [principal] if principal else []
        asked = f"object_id {config['object_id']}"
    else:
        name, key = ("display_name", "displayName") if config["display_name"] else ("client_id", "appId")
        wanted = config[name]
        asked = f"{key} eq '{_escaped(wanted)}'"
        found = [
            item
            for item in graph.list("/servicePrincipals", where=asked)
            if str(item.get(key)).lower() == wanted.lower()
        ]
    if not found:
        raise ProblemError("No service principal found", f"no service principal found matching: {asked}")
    if len(found) > 1:
        raise ProblemError(
            "Multiple service principals found", f"found multiple service principals matching: {asked}"
        )
    attributes = read_principal(graph, found[0])
    return {"id": f"/servicePrincipals/{found[0]['id']}", **attributes}


def read_user(graph: Graph, config: Json) -> Json:
    """data.azuread_user."""
    object_id = _find_user(graph, config)
    select = (*_USER_TEXTS.values(), *_USER_FLAGS.values(), *_USER_LISTS.values(), "employeeOrgData", "id")
    user = graph.get(f"/users/{object_id}", select=tuple(sorted(select)))
    organization = user.get("employeeOrgData")
    attributes = {
        "id": f"/users/{object_id}",
        "object_id": object_id,
        "manager_id": _manager_id(graph, object_id),
        **_texts(user, _USER_TEXTS),
        **_flags(user, _USER_FLAGS),
        **{name: user.get(key) or [] for name, key in _USER_LISTS.items()},
    }
    if organization is not None:
        attributes["cost_center"] = organization.get("costCenter") or ""
        attributes["division"] = organization.get("division") or ""
    return attributes


def read_group(graph: Graph, config: Json) -> Json:
    """data.azuread_group."""
    group = _find_group(graph, config)
    path = f"/groups/{group['id']}"
    extra: Json = {}
    if "Unified" in (group.get("groupTypes") or []):
        extra = graph.get(path, version="beta", select=tuple(sorted(_UNIFIED_FLAGS.values())))
    rule, writeback = group.get("membershipRule"), group.get("writebackConfiguration")
    members = "transitiveMembers" if config["include_transitive_members"] else "members"
    attributes = {
        "id": path,
        "object_id": group["id"],
        "dynamic_membership": []
        if rule is None
        else [{"enabled": group.get("membershipRuleProcessingState") != "Paused", "rule": rule}],
        "members": [member["id"] for member in graph.list(f"{path}/{members}", version="beta")],
        "owners": [owner["id"] for owner in graph.list(f"{path}/owners", version="beta")],
        **_texts(group, _GROUP_TEXTS),
        **_flags(group, _GROUP_FLAGS),
        **_flags(extra, _UNIFIED_FLAGS),
        **{name: group.get(key) or [] for name, key in _GROUP_LISTS.items()},
    }
    if writeback is not None:
        attributes["writeback_enabled"] = bool(writeback.get("isEnabled"))
        attributes["onpremises_group_type"] = writeback.get("onPremisesGroupType") or ""
    return attributes


READERS: dict[str, Callable[[Graph, Json], Json]] = {
    "azuread_client_config": read_client_config,
    "azuread_group": read_group,
    "azuread_service_principal": read_service_principal,
    "azuread_user": read_user,
}


def _find_user(graph: Graph, config: Json) -> str:
    if config["object_id"]:
        user = get_or_none(graph, f"/users/{config['object_id']}")
        return _only("user", "object_id", config["object_id"], [user] if user else [])
    name = next(name for name in _USER_FILTERS if config[name])
    where = f"{_USER_FILTERS[name]} eq '{_escaped(config[name])}'"
    return _only("user", name, config[name], graph.list("/users", where=where))


def _find_group(graph: Graph, config: Json) -> Json:
    if config["object_id"]:
        try:
            group = graph.get(f"/groups/{config['object_id']}", version="beta")
        except GraphError as error:
            if not error.not_found:
                raise
            _only("group", "object_id", config["object_id"], [])
        _require_group_flags(group, config)
        return group
    name, key = (
        ("display_name", "displayName") if config["display_name"] else ("mail_nickname", "mailNickname")
    )
    clauses = [f"{key} eq '{config[name]}'"]
    clauses += [
        f"{_GROUP_FLAGS[flag]} eq {str(config[flag]).lower()}"
        for flag in ("mail_enabled", "security_enabled")
        if config[flag] is not None
    ]
    found = graph.list("/groups", version="beta", where=" and ".join(clauses))
    _only("group", name, config[name], found)
    return found[0]


def _require_group_flags(group: Json, config: Json) -> None:
    for flag in ("mail_enabled", "security_enabled"):
        if config[flag] is not None and bool(group.get(_GROUP_FLAGS[flag])) != config[flag]:
            raise ProblemError(
                f'Group with object ID "{group["id"]}" does not have the specified {flag} setting'
                f" (expected: {str(config[flag]).lower()})",
                path=(flag,),
            )


def _only(what: str, name: str, value: str, found: list[Json]) -> str:
    if not found:
        raise ProblemError(f'No {what} was found with {name} "{value}"', path=(name,))
    if len(found) > 1:
        raise ProblemError(f'More than one {what} was found with {name} "{value}"', path=(name,))
    return str(found[0]["id"])


def _manager_id(graph: Graph, user_id: str) -> str:
    try:
        return str(graph.get(f"/users/{user_id}/manager").get("id") or "")
    except GraphError as error:
        if error.not_found:
            return ""
        raise


def _texts(found: Json, names: dict[str, str]) -> Json:
    return {name: found.get(key) or "" for name, key in names.items()}


def _flags(found: Json, names: dict[str, str]) -> Json:
    return {name: bool(found.get(key)) for name, key in names.items()}


def _escaped(value: str) -> str:
    return value.replace("'", "''")
