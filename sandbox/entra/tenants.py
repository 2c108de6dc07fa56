"""The tenants of this local Entra ID: the home tenant, two customers of it, and the personal accounts.

Applications are registered in the home tenant. A customer's tenant knows one only by a service principal
of its own, which comes into being when somebody there consents (learn.microsoft.com/entra/identity-platform/
app-objects-and-service-principals).
"""

from dataclasses import dataclass

from sandbox.entra.users import TENANTS, Group, Person, groups_of, people_of

PERSONAL_TENANT_ID: str = TENANTS["personal"]["tenant_id"]


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """What a tenant begins with."""

    tenant_id: str
    name: str
    domain: str
    people: tuple[Person, ...]
    groups: tuple[Group, ...]

    @property
    def is_personal(self) -> bool:
        """Whether this is the tenant of personal accounts, which has no administrator, groups or guests."""
        return self.tenant_id == PERSONAL_TENANT_ID


def _tenant(key: str, **more: str) -> Tenant:
    people = people_of(key)
    return Tenant(**TENANTS[key] | more | {"people": people, "groups": groups_of(key, people)})


def home_tenant(tenant_id: str) -> Tenant:
    """The tenant in which applications are registered.

    Raises:
        ValueError: another tenant has this id.
    """
    if tenant_id in {other.tenant_id for other in OTHER_TENANTS}:
        raise ValueError(f"{tenant_id} is another tenant of the local Entra ID: choose an id of your own.")
    return _tenant("home", tenant_id=tenant_id)


FABRIKAM, ADATUM, PERSONAL = OTHER_TENANTS = tuple(map(_tenant, ("fabrikam", "adatum", "personal")))
FRIDA, FELIX, GRACE_AT_HOME, FIONA = FABRIKAM.people
FABRIKAM_BUYERS, FABRIKAM_STAFF = FABRIKAM.groups
ANTON, ALMA = ADATUM.people
(ADATUM_STAFF,) = ADATUM.groups
(PAULA,) = PERSONAL.people
