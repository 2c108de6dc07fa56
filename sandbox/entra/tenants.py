"""The tenants of this local Entra ID: the home tenant, two customers of it, and the personal accounts.

Applications are registered in the home tenant. A customer's tenant knows one only by a service principal
of its own, which comes into being when somebody there consents (learn.microsoft.com/entra/identity-platform/
app-objects-and-service-principals).
"""

from dataclasses import dataclass

from sandbox.entra.users import DOMAIN, GROUPS, PEOPLE, Group, Person

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

FRIDA = Person(
    oid="a2a00000-0000-4000-8000-0000000000f1",
    given_name="Frida",
    surname="Fabrikam",
    principal_name="frida@fabrikam.example",
    mail="frida@fabrikam.example",
    note="has everything",
)
FELIX = Person(
    oid="a2a00000-0000-4000-8000-0000000000fe",
    given_name="Felix",
    surname="Foreignmail",
    principal_name="felix@fabrikam.example",
    mail="felix@mail.example",
    note="mail address in a domain that the tenant has not verified",
)
GRACE_AT_HOME = Person(
    oid="a2a00000-0000-4000-8000-00000000009a",
    given_name="Grace",
    surname="Guest",
    principal_name="grace@fabrikam.example",
    mail="grace@fabrikam.example",
    note="the account behind Contoso's guest",
)
FIONA = Person(
    oid="a2a00000-0000-4000-8000-0000000000ad",
    given_name="Fiona",
    surname="Administrator",
    principal_name="fiona@fabrikam.example",
    mail="fiona@fabrikam.example",
    is_administrator=True,
    note="administrator, who may consent for all",
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
    domain="fabrikam.example",
    people=(FRIDA, FELIX, GRACE_AT_HOME, FIONA),
    groups=(FABRIKAM_BUYERS, FABRIKAM_STAFF),
)

# Adatum, another customer

ANTON = Person(
    oid="a3a00000-0000-4000-8000-0000000000a1",
    given_name="Anton",
    surname="Adatum",
    principal_name="anton@adatum.example",
    mail="anton@adatum.example",
    note="has everything",
)
ALMA = Person(
    oid="a3a00000-0000-4000-8000-0000000000ad",
    given_name="Alma",
    surname="Administrator",
    principal_name="alma@adatum.example",
    mail="alma@adatum.example",
    is_administrator=True,
    note="administrator, who may consent for all",
)
ADATUM_STAFF = Group(
    oid="b3b00000-0000-4000-8000-000000000001", display_name="Adatum Staff", members=(ANTON.oid, ALMA.oid)
)
ADATUM = Tenant(
    tenant_id="33333333-3333-4333-8333-333333333333",
    name="Adatum",
    domain="adatum.example",
    people=(ANTON, ALMA),
    groups=(ADATUM_STAFF,),
)

# Personal accounts: an object id begins with zeros, the rest is the account's old number.

PAULA = Person(
    oid="00000000-0000-0000-8a1b-2c3d4e5f6071",
    given_name="Paula",
    surname="Personal",
    principal_name="paula@outlook.example",
    mail="paula@outlook.example",
    note="a personal account",
)
PERSONAL = Tenant(
    tenant_id=PERSONAL_TENANT_ID, name="Microsoft Accounts", domain="outlook.example", people=(PAULA,)
)

OTHER_TENANTS = (FABRIKAM, ADATUM, PERSONAL)
