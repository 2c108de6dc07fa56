"""`explain`: what a person gets for an error text, and what never comes back."""

import io

import pytest

from operate.explain import main

SECRET = "Xk28Q~not-to-be-shown-9vJ"
EXPIRED = "entra Error - 401 invalid_client AADSTS7000222: The provided client secret keys are expired."


def test_a_known_error_is_explained_with_where_whom_remedy_and_source(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([EXPIRED]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "secret-expired"
    assert [line.split()[0] for line in lines[1:4]] == ["Means:", "Where:", "Do:"]
    assert "{environment}" not in "".join(lines)
    assert lines[-1].startswith("  Source:  Microsoft Learn")


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        (
            "https://app.example/cb?error_description=entra+Error+-+401+invalid_client+AADSTS7000222%3A+x",
            "secret-expired",
        ),
        (
            "│ Error: creating User Pool Domain (auth): Domain already\n│ associated with another user pool.",
            "host-taken",
        ),
        (
            "Tried to create resource record set [name='auth.contoso.com.', type='A'] but it already exists",
            "dns-record-exists",
        ),
        (
            "EntityAlreadyExists: Provider with url https://gitlab.com already exists.",
            "oidc-provider-exists",
        ),
        ("Required String parameter &#39;redirect_uri&#39; is not present", "sign-out-address"),
        ("Required String parameter \u2018redirect_uri\u2019 is not present", "sign-out-address"),
        (
            r'{"error_description": "AADSTS700998: Unsupported \u0027prompt\u0027 value."}',
            "prompt-unsupported",
        ),
    ],
)
def test_a_text_is_read_as_people_have_it(text: str, id_: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([text]) == 0
    assert id_ in capsys.readouterr().out.splitlines()


def test_without_a_text_standard_input_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"a log\n{EXPIRED}\n"))
    assert main([]) == 0
    assert "secret-expired" in capsys.readouterr().out


def test_what_is_unknown_fails_and_says_where_to_look(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["AADSTS700998: Something new."]) == 1
    assert "https://login.microsoftonline.com/error?code=700998" in capsys.readouterr().out
    assert main(["It is raining."]) == 1
    assert "docs/troubleshooting.md" in capsys.readouterr().out


@pytest.mark.parametrize("text", [EXPIRED, "It is raining.", "AADSTS700998: Something new."])
def test_nothing_of_the_text_comes_back(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([f"client_secret={SECRET}&code=eyJhbGciOi.eyJzdWIi {text}"])
    printed = "".join(capsys.readouterr())
    assert SECRET not in printed
    assert "eyJ" not in printed
