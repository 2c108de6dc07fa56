"""The tenants of this local Entra ID: the home tenant, two customers of it, and the personal accounts.

Applications are registered in the home tenant. A customer's tenant knows one only by a service principal
of its own, which comes into being when somebody there consents (learn.microsoft.com/entra/identity-platform/
app-objects-and-service-principals).
"""

from dataclasses import dataclass, replace

from sandbox.entra.users import DOMAIN, GROUPS, MAY_CONSENT, PEOPLE, Group, Person, member

PERSONAL_TENANT_ID = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant that every personal account is in (id-token-claims-reference, `tid`)."""


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """What a tenant begins with."""

    tenant_id: str
    name: str
    domain: str
    people: tuple[Person, ...]
    groups: tuple[Group, ...] = ()

    @property
    def is_personal(self) -> bool:
        """Whether this is the tenant of personal accounts, which has no administrator, groups or guests."""
        return self.tenant_id == PERSONAL_TENANT_ID


def home_tenant(tenant_id: str) -> Tenant:
    """The tenant in which applications are registered.

    Raises:
        ValueError: another tenant has this id.
    """
    if tenant_id in {other.tenant_id for other in OTHER_TENANTS}:
        raise ValueError(f"{tenant_id} is another tenant of the local Entra ID: choose an id of your own.")
    return Tenant(tenant_id=tenant_id, name="Contoso", domain=DOMAIN, people=PEOPLE, groups=GROUPS)


# Fabrikam, a customer

FABRIKAM_DOMAIN = "fabrikam.example"
FRIDA = member("a2a00000-0000-4000-8000-0000000000f1", "Frida Fabrikam", FABRIKAM_DOMAIN, "has everything")
FELIX = replace(
    member(
        "a2a00000-0000-4000-8000-0000000000fe",
        "Felix Foreignmail",
        FABRIKAM_DOMAIN,
        "mail address in a domain that the tenant has not verified",
    ),
    mail="felix@mail.example",
)
GRACE_AT_HOME = member(
    "a2a00000-0000-4000-8000-00000000009a",
    "Grace Guest",
    FABRIKAM_DOMAIN,
    "the account behind Contoso's guest",
)
FIONA = replace(
    member("a2a00000-0000-4000-8000-0000000000ad", "Fiona Administrator", FABRIKAM_DOMAIN, MAY_CONSENT),
    is_administrator=True,
)
FABRIKAM_BUYERS = Group(
    oid="b2b00000-0000-4000-8000-000000000001",
    display_name="Fabrikam Buyers",
    members=(FRIDA.oid, GRACE_AT_HOME.oid),
)
FABRIKAM_STAFF = Group(
    oid="b2b00000-0000-4000-8000-000000000002",
    display_name="Fabrikam Staff",
    members=(FRIDA.oid, FELIX.oid, GRACE_AT_HOME.oid, FIONA.oid),
)
FABRIKAM = Tenant(
    tenant_id="22222222-2222-4222-8222-222222222222",
    name="Fabrikam",
    domain=FABRIKAM_DOMAIN,
    people=(FRIDA, FELIX, GRACE_AT_HOME, FIONA),
    groups=(FABRIKAM_BUYERS, FABRIKAM_STAFF),
)

# Adatum, another customer

ADATUM_DOMAIN = "adatum.example"
ANTON = member("a3a00000-0000-4000-8000-0000000000a1", "Anton Adatum", ADATUM_DOMAIN, "has everything")
ALMA = replace(
    member("a3a00000-0000-4000-8000-0000000000ad", "Alma Administrator", ADATUM_DOMAIN, MAY_CONSENT),
    is_administrator=True,
)
ADATUM_STAFF = Group(
    oid="b3b00000-0000-4000-8000-000000000001", display_name="Adatum Staff", members=(ANTON.oid, ALMA.oid)
)
ADATUM = Tenant(
    tenant_id="33333333-3333-4333-8333-333333333333",
    name="Adatum",
    domain=ADATUM_DOMAIN,
    people=(ANTON, ALMA),
    groups=(ADATUM_STAFF,),
)

# Personal accounts: an object id begins with zeros, the rest is the account's old number.

PERSONAL_DOMAIN = "outlook.example"
PAULA = member(
    "00000000-0000-0000-8a1b-2c3d4e5f6071", "Paula Personal", PERSONAL_DOMAIN, "a personal account"
)
PERSONAL = Tenant(
    tenant_id=PERSONAL_TENANT_ID, name="Microsoft Accounts", domain=PERSONAL_DOMAIN, people=(PAULA,)
)

OTHER_TENANTS = (FABRIKAM, ADATUM, PERSONAL)
