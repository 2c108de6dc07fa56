"""Rules for one value at a time: tenants of customers, people, groups and the roles they have."""

import re

from stacks.settings.rules import GUID, as_written, refused

TENANT_KEY = r"[a-z][a-z0-9-]{2,30}"
ROLE_KEY = r"[a-z][a-z0-9_-]{0,30}"
# RFC 1035, 2.3.1, and RFC 5890, 2.3.2.1: labels of letters, digits and hyphens, two at least.
EMAIL_DOMAIN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+"

HOME = "home"
"""How a client names the tenant of the registration among those whose people it lets in."""

IDENTIFIER_LENGTH = 40
GROUP_NAME_LENGTH = 256
ROLE_VALUE_LENGTH = 120
ROLE_NAME_LENGTH = 100
ROLE_DESCRIPTION_LENGTH = 1024


def tenant_key(value: str) -> str:
    """The key of a customer's tenant: a part of its Terraform address, and its provider's name in Cognito."""
    if value == HOME:
        raise refused(
            '"home" stands for the tenant_id in [entra].', "Call this one otherwise: [tenants.fabrikam]."
        )
    if not re.fullmatch(TENANT_KEY, value):
        raise refused(
            "The word after `tenants.` names the customer in Terraform and in Cognito: 3 to 31 lower-case"
            " letters, digits and hyphens, a letter first.",
            "Write for instance [tenants.fabrikam].",
        )
    return value


def tenant_word(value: str) -> str:
    """A tenant as a client names it: a key of [tenants.*], or "home"."""
    if value != HOME and not re.fullmatch(TENANT_KEY, value):
        raise refused(
            "This is not the key of a tenant.",
            'Write the word after `tenants.`, or "home" for the tenant in [entra].',
        )
    return value


def email_domain(value: str) -> str:
    """An e-mail domain that leads to a tenant (API reference, CreateIdentityProvider, IdpIdentifiers).

    In lower case, since that is how people are looked up who write theirs otherwise.
    """
    domain = value.lower()
    if "@" in domain:
        after = domain.rpartition("@")[2]
        raise refused(
            "This is an address; only the domain, the part after @, is set here.",
            f'Write "{after if re.fullmatch(EMAIL_DOMAIN, after) else "fabrikam.com"}".',
        )
    if not re.fullmatch(EMAIL_DOMAIN, domain):
        raise refused(
            "This is not an e-mail domain.",
            'Write for instance "fabrikam.com", and other letters in their xn-- form.',
        )
    if len(domain) > IDENTIFIER_LENGTH:
        raise refused(
            f"The domain is {len(domain)} characters long; Cognito's identifiers have {IDENTIFIER_LENGTH}.",
            "Leave it out: the customer's sign-in address names the provider then.",
        )
    return domain


def application_id(value: str) -> str:
    """The application (client) id of an app registration."""
    if not re.fullmatch(GUID, value):
        raise refused(
            "This is not an application id, which is a GUID.",
            "Copy the Application (client) ID: Entra admin center > App registrations > Overview.",
        )
    return value.lower()


def user_name(value: str) -> str:
    """A user principal name (Microsoft learn, "Prepare for directory synchronization": userPrincipalName)."""
    if not re.fullmatch(r"[^\s@]{1,64}@[^\s@]{1,255}", value) or not value.isprintable():
        raise refused(
            "People are named here as they sign in: by their user principal name.",
            'Write for instance "ada@contoso.com"; object ids go into the list of principals.',
        )
    return as_written(value.lower())


def group_name(value: str) -> str:
    """A group's display name (Microsoft Graph reference, group resource type: displayName)."""
    if re.fullmatch(GUID, value):
        raise refused(
            "This is an object id; groups are named here by their display name.",
            "Put it into the list of principals instead.",
        )
    if not value.strip() or len(value) > GROUP_NAME_LENGTH or not value.isprintable():
        raise refused(
            f"A group's name has 1 to {GROUP_NAME_LENGTH} characters.", 'Write for instance "App users".'
        )
    if "'" in value:
        # The azuread provider puts the name into its filter as it is, where an apostrophe ends it.
        raise refused(
            "The azuread provider cannot look up a group whose name has an apostrophe.",
            "Name it by its object id, in the list of principals.",
        )
    return as_written(value)


def role_key(value: str) -> str:
    """The key of an app role, from which its id follows: another key is another role."""
    if not re.fullmatch(ROLE_KEY, value):
        raise refused(
            "The word after `app_roles.` names the role for good: lower-case letters, digits, hyphens and"
            " underscores, a letter first, at most 31.",
            'Write for instance [entra.app_roles.admin]; any other text for the token goes into "value".',
        )
    return value


def role_value(value: str) -> str:
    """What the claim `roles` says (Microsoft Graph reference, appRole resource type: value)."""
    allowed = r"[0-9A-Za-z:!#$%&'()*+,\-./;<=>?@\[\]^_`{|}~]+"
    if len(value) > ROLE_VALUE_LENGTH or value.startswith(".") or not re.fullmatch(allowed, value):
        raise refused(
            f"A role's value has at most {ROLE_VALUE_LENGTH} letters, digits and signs, no space and no dot"
            " first.",
            'Write for instance "Orders.Write".',
        )
    return as_written(value)


def role_name(value: str) -> str:
    """What administrators read when they assign a role (Graph reference, appRole: displayName)."""
    if not value.strip() or len(value) > ROLE_NAME_LENGTH:
        raise refused(
            f"A role's name has 1 to {ROLE_NAME_LENGTH} characters.", 'Write for instance "Admins".'
        )
    return as_written(value)


def role_description(value: str) -> str:
    """What administrators read below it (Graph reference, appRole: description)."""
    if not value.strip() or len(value) > ROLE_DESCRIPTION_LENGTH:
        raise refused(
            f"A role's description has 1 to {ROLE_DESCRIPTION_LENGTH} characters.",
            'Write for instance "May change everything."',
        )
    return as_written(value)
