"""`signin` from its first line to its table: a scripted browser goes where it is told to."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from operate.signin import __main__ as signin
from sandbox.entra.users import ADA, DIANA, NOOR, PASSWORD, Person
from sandbox.local_clouds import LocalClouds
from sandbox.project import CHECKOUT, Project, missing_tools
from sandbox.sign_in import sign_in
from sandbox.web.loopback import free_port

SPA_CALLBACK = "http://localhost:5173"
SECONDS = 60


@dataclass
class Deployed:
    """A deployed project and what its commands need.

    Attributes:
        clouds: the local clouds.
        project: the project's folder.
        pages: what the scripted browser saw last.
    """

    clouds: LocalClouds
    project: Project
    pages: list[str] = field(default_factory=list)

    def arguments(self, *more: str) -> list[str]:
        """The command line."""
        folder, domain = str(self.project.folder), self.clouds.aws.domain_url
        return ["sandbox", "--project", folder, "--domain-url", domain, "--client", "spa", *more]

    def browse(self, url: str, person: Person) -> None:
        """Sign a person in at an address."""
        self.pages.append(sign_in(url, person.principal_name, PASSWORD).text)


@pytest.fixture(scope="module")
def deployed() -> Iterator[Deployed]:
    """The sandbox's stack, with a free port for the callback of the client `spa`."""
    if missing := missing_tools():
        pytest.skip(" ".join(missing))
    clouds = LocalClouds(stand_in=True)
    with pytest.MonkeyPatch.context() as variables:
        try:
            clouds.start()
            project = clouds.project()
            callback = f"http://localhost:{free_port()}"
            project.write_settings(clouds.settings_text().replace(SPA_CALLBACK, callback))
            project.deploy()
            for name, value in clouds.environment().items():
                variables.setenv(name, value)
            yield Deployed(clouds, project)
        finally:
            clouds.stop()


def _sign_in(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, person: Person, *more: str) -> int:
    """Run the command with a browser that signs somebody in."""

    def browser(url: str) -> bool:
        threading.Thread(target=deployed.browse, args=(url, person), daemon=True).start()
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    return signin.main(deployed.arguments(*more))


def test_a_sign_in_shows_the_way_of_each_claim(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _sign_in(deployed, monkeypatch, ADA) == 0
    text = capsys.readouterr().out
    for value in (ADA.mail, ADA.given_name, ADA.surname):
        assert str(value) in text
    assert text.count(f"email: {ADA.mail}") == 3
    assert "missing" not in text
    assert "eyJ" not in text


def test_a_server_apps_secret_comes_from_aws(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed.clouds.app.stop()  # it has the port of this client's callback
    assert _sign_in(deployed, monkeypatch, ADA, "--client", "web") == 0
    assert f"email: {ADA.mail}" in capsys.readouterr().out


def test_a_missing_address_is_shown_and_explained(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _sign_in(deployed, monkeypatch, NOOR) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("email: missing") == 3
    assert "email is missing. Entra ID sends the e-mail claim only for people whose account has" in text


def test_an_error_that_comes_back_is_explained(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs = deployed.project.outputs()
    cognito = deployed.clouds.aws.cognito(deployed.clouds.region)
    pool_id = str(outputs["user_pool_id"])
    before = cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName="entra")["IdentityProvider"]
    details = {**before["ProviderDetails"], "oidc_issuer": "https://sts.windows.net/x/"}
    cognito.update_identity_provider(UserPoolId=pool_id, ProviderName="entra", ProviderDetails=details)
    try:
        assert _sign_in(deployed, monkeypatch, ADA) == 1
    finally:
        cognito.update_identity_provider(
            UserPoolId=pool_id, ProviderName="entra", ProviderDetails=before["ProviderDetails"]
        )
    said = capsys.readouterr().err
    assert "Bad id_token issuer" in said
    assert "Cause:  Cognito expects another issuer" in said
    assert "cdktf deploy sandbox" in said


def test_an_error_page_is_seen_before_a_browser_opens(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    directory = deployed.clouds.entra.directory
    application = directory.application_of(str(deployed.project.outputs()["entra_application_id"]))
    assert application is not None
    monkeypatch.setitem(application.body["web"], "redirectUris", [])
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert signin.main(deployed.arguments()) == 1
    assert opened == []
    said = capsys.readouterr().err
    assert "AADSTS500113" in said
    assert "The registration lacks the address" in said


def test_somebody_who_gets_no_further_than_microsofts_form_ends_cleanly(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _sign_in(deployed, monkeypatch, DIANA, "--timeout", "2") == 1
    said = capsys.readouterr().err
    assert "Nobody came back within 2 s" in said
    assert "Traceback" not in said


def test_without_a_browser_the_address_is_printed(deployed: Deployed) -> None:
    command = [sys.executable, "-m", "operate.signin", *deployed.arguments("--no-browser")]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        lines = iter(process.stdout or ())
        url = next(line.strip() for line in lines if line.startswith(deployed.clouds.aws.domain_url))
        deployed.browse(url, ADA)
        text = "".join(lines)
        assert process.wait(SECONDS) == 0
    finally:
        if process.poll() is None:
            process.kill()
    assert f"email: {ADA.mail}" in text
    assert "Back from signing in" in deployed.pages[-1]


def test_verify_as_a_command_takes_under_three_seconds(deployed: Deployed) -> None:
    command = [sys.executable, "-m", "operate.verify", *deployed.arguments()[:5]]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sandbox: Sign-in works." in done.stdout
    taken = float(done.stdout.rsplit("(", 1)[1].split()[0])
    assert taken < 3
