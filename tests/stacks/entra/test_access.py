"""Who may sign in, with which roles and groups."""

from tests.conftest import SynthesizeExample, TerraformJson
from tests.stacks.terraform_json import APPLICATION, element

USERS = "group_app_users_364cd886"

ADMINS = "group_admins_fa956b80"

GRACE = "user_grace_fabrikam_example_ext_contoso_examp_66332cbe"

DEFAULT_ACCESS = "00000000-0000-0000-0000-000000000000"

ADMIN = "d5c39e73-7d69-57da-a62e-94fe5346eb86"


def _assignments(document: TerraformJson) -> dict[str, tuple[str, str]]:
    """Address to role and principal."""
    found = document["resource"]["azuread_app_role_assignment"]
    return {key: (one["app_role_id"], one["principal_object_id"]) for key, one in found.items()}


def _recorded(key: str) -> str:
    return f'${{terraform_data.principals_by_name["{key}"].input}}'


USERS_ID, ADMINS_ID = _recorded("group app users"), _recorded("group admins")
GRACE_ID = _recorded("user grace_fabrikam.example#ext#@contoso.example")


def test_people_and_groups_are_looked_up_by_name_and_assigned(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("assigned")
    groups = element("data.azuread_groups.by_name", document)
    # A distribution list may have the same name, and cannot be assigned.
    assert (groups["display_names"], groups["security_enabled"]) == (["app users"], True)
    users = element("data.azuread_users.by_name", document)
    assert users["user_principal_names"] == ["grace_fabrikam.example#ext#@contoso.example"]
    assert _assignments(document) == {
        f"sign_in_{USERS}": (DEFAULT_ACCESS, USERS_ID),
        f"sign_in_{GRACE}": (DEFAULT_ACCESS, GRACE_ID),
    }
    principal = element("azuread_service_principal.sign_in", document)
    assert principal["app_role_assignment_required"] is True


def test_whoever_was_found_once_is_recorded_for_good(synthesize_example: SynthesizeExample) -> None:
    record = element("terraform_data.principals_by_name", synthesize_example("assigned"))
    assert record["lifecycle"]["ignore_changes"] == ["input"]
    assert record["lifecycle"]["postcondition"][0]["condition"] == '${self.input != ""}'


def test_names_that_differ_in_signs_alone_have_different_addresses(
    synthesize_example: SynthesizeExample,
) -> None:
    named = {'["App Users"]': '["App Users", "App-Users", "App Users!"]'}
    assert len(_assignments(synthesize_example("assigned", named))) == 4


def test_an_assignment_more_moves_no_other(synthesize_example: SynthesizeExample) -> None:
    before = _assignments(synthesize_example("assigned"))
    after = _assignments(synthesize_example("assigned", {'["App Users"]': '["Admins", "App Users"]'}))
    assert after == before | {f"sign_in_{ADMINS}": (DEFAULT_ACCESS, ADMINS_ID)}


def test_a_roles_id_follows_from_its_key_for_ever(synthesize_example: SynthesizeExample) -> None:
    """Another id is another role to Entra ID, and everybody's assignment to it is gone."""
    changed = {'value = "Portal.Admin"': 'value = "Portal.Owner"', '"Administrators"': '"Owners"'}
    for document in (synthesize_example("roles"), synthesize_example("roles", changed)):
        ids = [role["id"] for role in element(APPLICATION, document)["app_role"]]
        assert ids[0] == ADMIN
        assert len(set(ids)) == 2


def test_roles_are_for_people_and_say_what_the_settings_say(synthesize_example: SynthesizeExample) -> None:
    roles = element(APPLICATION, synthesize_example("roles"))["app_role"]
    assert [{key: value for key, value in role.items() if key != "id"} for role in roles] == [
        {
            "value": "Portal.Admin",
            "display_name": "Administrators",
            "description": "May change everything.",
            "allowed_member_types": ["User"],
        },
        {
            "value": "user",
            "display_name": "user",
            "description": "user",
            "allowed_member_types": ["User"],
        },
    ]


def test_a_role_is_given_to_those_whom_the_settings_name(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles")
    user = next(role["id"] for role in element(APPLICATION, document)["app_role"] if role["value"] == "user")
    assert _assignments(document) == {
        f"role_admin_{ADMINS}": (ADMIN, ADMINS_ID),
        f"role_user_{USERS}": (user, USERS_ID),
        f"role_user_{GRACE}": (user, GRACE_ID),
    }


def test_a_group_with_two_roles_is_looked_up_once(synthesize_example: SynthesizeExample) -> None:
    document = synthesize_example("roles", {'groups = ["App Users"]': 'groups = ["App Users", "Admins"]'})
    names = element("data.azuread_groups.by_name", document)["display_names"]
    assert sorted(names) == ["admins", "app users"]
    assert {f"role_admin_{ADMINS}", f"role_user_{ADMINS}"} < set(_assignments(document))


def test_groups_are_those_that_are_assigned_and_go_by_their_names(
    synthesize_example: SynthesizeExample,
) -> None:
    registration = element(APPLICATION, synthesize_example("groups"))
    # Of all that a person is in, Entra ID would send none beyond 200.
    assert registration["group_membership_claims"] == ["ApplicationGroup"]
    claims = registration["optional_claims"]["id_token"]
    assert claims[-1] == {"name": "groups", "additional_properties": ["cloud_displayname"]}


def test_groups_by_their_ids_need_no_claim_beside_that(synthesize_example: SynthesizeExample) -> None:
    registration = element(
        APPLICATION, synthesize_example("groups", {'groups_claim = "names"': 'groups_claim = "ids"'})
    )
    assert registration["group_membership_claims"] == ["ApplicationGroup"]
    assert "groups" not in {claim["name"] for claim in registration["optional_claims"]["id_token"]}
