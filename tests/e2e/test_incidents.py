"""docs/incidents.md, command by command: each incident happens, and is over at the end of its commands."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from sandbox.entra.users import ADA, PASSWORD
from sandbox.local_clouds import APP_CLIENT
from sandbox.sign_in import browser, sign_in
from tests.e2e.deployment import Deployment, in_environment, local_clouds

pytestmark = [pytest.mark.exhaustive, pytest.mark.filterwarnings("ignore::DeprecationWarning:botocore")]

PAGE = Path(__file__).parents[2] / "docs" / "incidents.md"
EVIL = "https://evil.example/callback"


@dataclass
class Incident(Deployment):
    """A deployed stack, and what each command of the page does to it.

    Attributes:
        done: the commands that were run.
    """

    base: str = ""
    done: list[str] = field(default_factory=list)

    def follow(self, heading: str, paragraph: str = "") -> None:
        """Do what a section of the page says, its settings and commands in order."""
        section = PAGE.read_text().partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
        if paragraph:
            section = section.partition(f"\n**{paragraph}.**")[2].partition("\n**")[0]
        for kind, block in re.findall(r"```(sh|toml)\n(.*?)```", section, re.DOTALL):
            lines = [line.strip() for line in block.strip().splitlines()]
            if kind == "toml":
                self.settings = "\n".join([self.base, *lines, "settle_seconds = 0", ""])
                continue
            for line in lines:
                self._run(line)
                self.done.append(line)

    def _run(self, line: str) -> None:
        words = line.split()
        name = next(name for name in COMMANDS if words[: len(name.split())] == name.split())
        COMMANDS[name](self)

    @property
    def graph_path(self) -> str:
        """The registration."""
        return f"/applications/{self.application.id}"

    def delete_foreign_secrets(self) -> None:
        known = {secret["key_id"] for secret in self.output("client_secrets").values()}
        with self.graph() as graph:
            for one in graph.get(self.graph_path).json()["passwordCredentials"]:
                if one["keyId"] not in known:
                    graph.post(f"{self.graph_path}/removePassword", json={"keyId": one["keyId"]})

    def remove_owner(self) -> None:
        with self.graph() as graph:
            graph.delete(f"{self.graph_path}/owners/{ADA.oid}/$ref")

    def disable_person(self) -> None:
        self.clouds.entra.directory.people[ADA.oid] = replace(ADA, enabled=False)

    def in_pool(self, operation: str) -> None:
        pool_id = self.output("user_pool_id")
        (user,) = self.cognito.list_users(UserPoolId=pool_id, Filter=f'email = "{ADA.mail}"')["Users"]
        getattr(self.cognito, operation)(UserPoolId=pool_id, Username=user["Username"])

    def findings(self) -> list[str]:
        """What `verify` finds."""
        with in_environment(self.clouds):
            return [finding.id for finding in self.report().findings]

    def url(self) -> str:
        """Where people sign in."""
        return str(self.output("sign_in_urls")[APP_CLIENT])


def _nothing(_: Incident) -> None:
    """Only shows something."""


COMMANDS: dict[str, Callable[[Incident], object]] = {
    "pipenv run cdktf deploy dev": lambda incident: incident.deploy(),
    "pipenv run cdktf diff dev": lambda incident: incident.plan(),
    "pipenv run verify dev": lambda incident: incident.findings(),
    "az ad app credential list": _nothing,
    "az ad app credential delete": Incident.delete_foreign_secrets,
    "az ad app owner list": _nothing,
    "az ad app owner remove": Incident.remove_owner,
    "az ad user update": Incident.disable_person,
    "aws cognito-idp list-users": _nothing,
    "aws cognito-idp admin-user-global-sign-out": lambda incident: incident.in_pool(
        "admin_user_global_sign_out"
    ),
    "aws cognito-idp admin-disable-user": lambda incident: incident.in_pool("admin_disable_user"),
}


@pytest.fixture(scope="module")
def incident() -> Iterator[Incident]:
    with local_clouds() as clouds:
        project = clouds.project()
        incident = Incident(clouds, project, base=project.settings())
        incident.deploy()
        yield incident


def test_a_registration_that_somebody_changed_is_as_it_was(incident: Incident) -> None:
    with incident.graph() as graph:
        web = graph.get(incident.graph_path).json()["web"]
        graph.patch(incident.graph_path, json={"web": {"redirectUris": [*web["redirectUris"], EVIL]}})
        made = graph.post(
            f"{incident.graph_path}/addPassword", json={"passwordCredential": {"displayName": "x"}}
        )
        theirs = made.json()["secretText"]
    assert incident.accepts(theirs)
    incident.follow("Somebody changed the registration")
    assert not incident.accepts(theirs)
    with incident.graph() as graph:
        assert graph.get(incident.graph_path).json()["web"]["redirectUris"] == web["redirectUris"]
    assert incident.findings() == []
    assert incident.plan().changes == {}


def test_a_leaked_secret_is_worth_nothing_and_people_sign_in(incident: Incident) -> None:
    leaked = incident.identity_provider()["ProviderDetails"]["client_secret"]
    assert incident.accepts(leaked)
    incident.follow("The secret has leaked")
    assert not incident.accepts(leaked)
    assert incident.findings() == []
    assert incident.sign_in(incident.url(), ADA).claims["email"] == ADA.mail


def test_an_engineer_who_left_owns_nothing(incident: Incident) -> None:
    path = f"{incident.graph_path}/owners"
    with incident.graph() as graph:
        target = {"@odata.id": f"{incident.clouds.entra.authority}/v1.0/directoryObjects/{ADA.oid}"}
        graph.post(f"{path}/$ref", json=target)
        incident.follow("Somebody left", "Somebody who deployed")
        assert ADA.oid not in {owner["id"] for owner in graph.get(path).json()["value"]}


def test_a_person_who_left_gets_in_neither_by_a_session_nor_by_a_password(incident: Incident) -> None:
    local_url = incident.clouds.local_url(incident.url())
    with ExitStack() as opened:
        used = opened.enter_context(browser())
        assert sign_in(local_url, ADA.principal_name, PASSWORD, used=used).claims["email"] == ADA.mail
        assert used.get(local_url).json()["email"] == ADA.mail  # by the session alone
        incident.follow("Somebody left", "A person who signs in")
        assert str(ADA.mail) not in used.get(local_url).text
    assert "AADSTS50057" in incident.sign_in(incident.url(), ADA).text


def test_every_command_of_the_page_was_run(incident: Incident) -> None:
    page = re.findall(r"^ *(?:pipenv|az|aws) .*$", PAGE.read_text(), re.MULTILINE)
    assert {line.strip() for line in page} == set(incident.done)
