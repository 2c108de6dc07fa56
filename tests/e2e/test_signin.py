"""`signin` from its first line to its table: a scripted browser goes where it is told to."""

import os
import subprocess
import sys
import threading

import pytest

from operate.signin import __main__ as signin
from sandbox.app import SampleApp
from sandbox.entra.users import ADA, DIANA, NOOR, Person
from sandbox.project import CHECKOUT
from tests.e2e.shared_deployment import SharedDeployment

SECONDS = 300


def _arguments(deployment: SharedDeployment, *more: str) -> list[str]:
    folder, domain = str(deployment.project.folder), deployment.clouds.aws.domain_url
    return ["sandbox", "--project", folder, "--domain-url", domain, "--client", "spa", *more]


def _sign_in(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, person: Person, *more: str
) -> int:
    """Run the command with a browser that signs somebody in."""

    def browser(url: str) -> bool:
        threading.Thread(target=deployment.sign_in, args=(url, person), daemon=True).start()
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    return signin.main(_arguments(deployment, *more))


def test_a_sign_in_shows_the_way_of_each_claim(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _sign_in(deployment, monkeypatch, ADA) == 0
    text = capsys.readouterr().out
    for value in (ADA.mail, ADA.given_name, ADA.surname):
        assert str(value) in text
    assert text.count(f"email: {ADA.mail}") == 3
    assert "missing" not in text
    assert "eyJ" not in text


def test_a_server_apps_secret_comes_from_aws(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clouds = deployment.clouds
    clouds.app.stop()  # it has the port of this client's callback
    try:
        assert _sign_in(deployment, monkeypatch, ADA, "--client", "web") == 0
    finally:
        clouds.app = SampleApp(clouds.aws, clouds.region, port=clouds.app.port)
        clouds.app.start()
    assert f"email: {ADA.mail}" in capsys.readouterr().out


def test_a_hint_says_who_is_to_sign_in_and_prompt_needs_the_newer_pages(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hints = ("--login-hint", ADA.principal_name, "--prompt", "select_account")
    not_sent_on = "Cognito does not send prompt on to Entra ID: prompt takes managed_login_version = 2"
    assert _sign_in(deployment, monkeypatch, ADA, *hints) == 0
    assert not_sent_on in capsys.readouterr().out
    pool = deployment.outputs.user_pool_id

    def show_pages(version: int) -> None:
        deployment.cognito.update_user_pool_domain(
            Domain="sandbox-signin", UserPoolId=pool, ManagedLoginVersion=version
        )

    show_pages(2)
    try:
        assert _sign_in(deployment, monkeypatch, ADA, *hints) == 0
    finally:
        show_pages(1)
    assert "does not send" not in capsys.readouterr().out


def test_a_missing_address_is_shown_and_explained(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _sign_in(deployment, monkeypatch, NOOR) == 1
    text = " ".join(capsys.readouterr().out.split())
    assert text.count("email: missing") == 3
    assert "email is missing. Entra ID sends the e-mail claim only for people whose account has" in text


def test_an_error_that_comes_back_is_explained(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with deployment.provider_with({"oidc_issuer": "https://sts.windows.net/x/"}):
        assert _sign_in(deployment, monkeypatch, ADA) == 1
    said = capsys.readouterr().err
    assert "Bad id_token issuer" in said
    assert "Cause:  Cognito expects another issuer" in said
    assert "cdktf deploy sandbox" in said


def test_an_error_page_is_seen_before_a_browser_opens(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(deployment.application.body["web"], "redirectUris", [])
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert signin.main(_arguments(deployment)) == 1
    assert opened == []
    said = capsys.readouterr().err
    assert "AADSTS500113" in said
    assert "The registration lacks the redirect URI" in said


def test_somebody_who_gets_no_further_than_microsofts_form_ends_cleanly(
    deployment: SharedDeployment, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _sign_in(deployment, monkeypatch, DIANA, "--timeout", "2") == 1
    said = capsys.readouterr().err
    assert "Nobody came back within 2 s" in said
    assert "Traceback" not in said


def test_without_a_browser_the_address_is_printed(deployment: SharedDeployment) -> None:
    command = [sys.executable, "-m", "operate.signin", *_arguments(deployment, "--no-browser")]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    try:
        lines = iter(process.stdout or ())
        url = next(line.strip() for line in lines if line.startswith(deployment.clouds.aws.domain_url))
        page = deployment.sign_in(url, ADA).text
        text = "".join(lines)
        assert process.wait(SECONDS) == 0
    finally:
        if process.poll() is None:
            process.kill()
    assert f"email: {ADA.mail}" in text
    assert "Back from signing in" in page


def test_verify_as_a_command_says_that_sign_in_works(deployment: SharedDeployment) -> None:
    command = [sys.executable, "-m", "operate.verify", *_arguments(deployment)[:5]]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    # The tests' own Terraform has this process's umask, and `verify` warns of files that others can read.
    subprocess.run(["chmod", "-R", "go=", str(deployment.project.folder)], check=True)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "sandbox: Sign-in works." in done.stdout
