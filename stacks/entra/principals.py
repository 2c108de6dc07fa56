"""People, groups and applications that the settings name, of whom some leave Entra ID or are renamed one day.

Whoever is found for the first time is recorded in the state with their object id, and goes by it from then
on. So a name that was never found is a typing error, and stops the plan; one that was found and is gone is
somebody who left, and the plan goes on with a warning. A name that is given to somebody else later lets
nobody in: the record has another id.
"""

import json
from collections.abc import Iterable

from cdktf import DataResource, Postcondition, TerraformResourceLifecycle, TerraformStack, Token
from cdktf_cdktf_provider_azuread.data_azuread_groups import DataAzureadGroups
from cdktf_cdktf_provider_azuread.data_azuread_service_principals import DataAzureadServicePrincipals
from cdktf_cdktf_provider_azuread.data_azuread_users import DataAzureadUsers
from constructs import Construct

from stacks import addresses
from stacks.postconditions import terraform_list
from stacks.settings.entra import EntraSettings

UNKNOWN = (
    "Entra ID has no ${each.key}: correct the settings. (Whoever was found once and is gone now would only be"
    " warned of.)"
)
GONE = (
    'Gone from Entra ID, and no longer assigned: ${join(", ", local.principals_gone)}. Remove them from the'
    " settings. If a name is somebody else's by now, remove it, deploy, add it again, and deploy again."
)
RENAMED = (
    'No longer of this name in Entra ID, and assigned all the same: ${join(", ", local.principals_renamed)}.'
    " Write their new names into the settings; if the deploy then fails because the assignment exists"
    " already, deploy again."
)


class Principals(Construct):
    """Whom the settings name, each by a key, as stacks/settings/access.py has them (`named`).

    Attributes:
        recorded: each key with its object id, as a Terraform reference; None where the settings name nobody.
    """

    def __init__(self, scope: Construct, settings: EntraSettings) -> None:
        super().__init__(scope, "principals")
        self._locals: dict[str, str] = {}
        holders = (key for role in settings.app_roles.values() for key in role.holders)
        keys = dict.fromkeys([*settings.assigned, *holders])
        self._names = [key for key in keys if " " in key]
        ids = [key for key in keys if " " not in key]
        self.recorded: str | None = None
        if not keys and not settings.owners:
            return
        if self._names:
            self._record_names()
        self._find_present(ids, settings.owners)
        if stated := dict.fromkeys([*ids, *settings.owners]):
            self._record(
                addresses.PRINCIPALS_BY_ID,
                stated,
                '${contains(local.principals_present, each.key) ? each.key : ""}',
            )
        self._warn(list(stated))

    def object_id(self, key: str) -> str:
        """The object id of a principal, whether it still exists or not."""
        return f"${{{self._object_id(key)}}}" if key in self._names else key

    def is_present(self, key: str) -> str:
        """A Terraform expression that says whether a principal still exists."""
        return f"contains(local.principals_present, {self._object_id(key)})"

    def present(self, ids: Iterable[str]) -> list[str]:
        """Those of some object ids that still exist, as a Terraform reference."""
        return Token.as_list(
            f"${{[for id in {terraform_list(ids)} : id if contains(local.principals_present, id)]}}"
        )

    def _object_id(self, key: str) -> str:
        return f"{addresses.PRINCIPALS_BY_NAME}[{_text(key)}].input" if key in self._names else _text(key)

    def _record_names(self) -> None:
        """Look the names up, and record whom they mean."""
        users, groups = self._of("user"), self._of("group")
        found = []
        if users:
            names = [key.partition(" ")[2] for key in users]
            DataAzureadUsers(self, addresses.USERS_BY_NAME, user_principal_names=names, ignore_missing=True)
            found.append(
                f"{{for one in {addresses.USERS_BY_NAME}.users :"
                ' "user ${lower(one.user_principal_name)}" => one.object_id}'
            )
        if groups:
            DataAzureadGroups(
                self,
                addresses.GROUPS_BY_NAME,
                display_names=[key.partition(" ")[2] for key in groups],
                # Only security groups can be assigned, and a distribution list may have the same name.
                security_enabled=True,
                ignore_missing=True,
            )
            names_of_groups = f"{addresses.GROUPS_BY_NAME}.display_names"
            found.append(
                f'zipmap([for name in {names_of_groups} : "group ${{lower(name)}}"],'
                f" {addresses.GROUPS_BY_NAME}.object_ids)"
            )
        self._locals["principals_found"] = f"${{merge({', '.join(found)})}}"
        self._record(
            addresses.PRINCIPALS_BY_NAME,
            self._names,
            '${lookup(local.principals_found, lower(each.key), "")}',
        )

    def _find_present(self, ids: list[str], owners: list[str]) -> None:
        """Look everybody up by object id; applications first, since not every deployer may read people."""
        present, users = [], [self._recorded("user"), terraform_list(ids)]
        if owners:
            DataAzureadServicePrincipals(
                self, addresses.APPLICATIONS_BY_ID, object_ids=owners, ignore_missing=True
            )
            applications = f"{addresses.APPLICATIONS_BY_ID}.object_ids"
            users.append(f"tolist(setsubtract({terraform_list(owners)}, {applications}))")
            present.append(applications)
        DataAzureadUsers(
            self,
            addresses.USERS_BY_ID,
            object_ids=Token.as_list(f"${{distinct(concat({', '.join(users)}))}}"),
            ignore_missing=True,
        )
        present.append(f"{addresses.USERS_BY_ID}.object_ids")
        if ids or self._of("group"):
            others = f"tolist(setsubtract({terraform_list(ids)}, {addresses.USERS_BY_ID}.object_ids))"
            DataAzureadGroups(
                self,
                addresses.GROUPS_BY_ID,
                object_ids=Token.as_list(f"${{distinct(concat({self._recorded('group')}, {others}))}}"),
                ignore_missing=True,
            )
            present.append(f"{addresses.GROUPS_BY_ID}.object_ids")
        self._locals["principals_present"] = f"${{concat({', '.join(present)})}}"

    def _record(self, address: str, keys: Iterable[str], object_id: str) -> None:
        """Record the object id that each key has when it is first found."""
        known = Postcondition(condition=Token.as_any('${self.input != ""}'), error_message=UNKNOWN)
        record = DataResource(
            self,
            address,
            lifecycle=TerraformResourceLifecycle(ignore_changes=["input"], postcondition=[known]),
        )
        record.add_override("input", object_id)
        record.add_override("for_each", {key: key for key in keys})

    def _warn(self, ids: list[str]) -> None:
        """Name those who are gone, and those of another name, with every plan and deploy."""
        by_name = addresses.PRINCIPALS_BY_NAME if self._names else "{}"
        here = "contains(local.principals_present, one.input)"
        self._locals["principals_gone"] = (
            f"${{concat([for key, one in {by_name} : key if !{here}],"
            f" tolist(setsubtract({terraform_list(ids)}, local.principals_present)))}}"
        )
        checks = {"principals_gone": GONE}
        if self._names:
            self._locals["principals_renamed"] = (
                f"${{[for key, one in {by_name} : key if {here} &&"
                ' lookup(local.principals_found, lower(key), "") != one.input]}'
            )
            checks["principals_renamed"] = RENAMED
        named = f"{{for key, one in {by_name} : key => one.input}}"
        stated = f"{{for id in {terraform_list(ids)} : id => id}}"
        self.recorded = f"${{merge({named}, {stated})}}"
        stack = TerraformStack.of(self)
        for name, expression in self._locals.items():
            stack.add_override(f"locals.{name}", expression)
        for name, message in checks.items():
            condition = f"${{length(local.{name}) == 0}}"
            stack.add_override(f"check.{name}.assert", [{"condition": condition, "error_message": message}])

    def _of(self, kind: str) -> list[str]:
        return [key for key in self._names if key.startswith(f"{kind} ")]

    def _recorded(self, kind: str) -> str:
        """The recorded object ids of all users or groups that go by name."""
        if not self._of(kind):
            return "[]"
        # Without those never found, who end a plan by themselves, and would end a destroy, too.
        ids = f'[for key, one in {addresses.PRINCIPALS_BY_NAME} : one.input if startswith(key, "{kind} ")]'
        return f"compact({ids})"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
