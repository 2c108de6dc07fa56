"""/oauth2/userInfo: what an access token tells."""

import json

from tests.sandbox.cognito.fixtures import (
    ADMIN_SCOPE,
    App,
    MakeApp,
    user_info,
)


def test_userinfo_answers_in_text(app: App) -> None:
    token = app.tokens()["access_token"]
    told_there = user_info(app, token).json()
    assert json.loads(told_there.pop("identities"))[0]["userId"] == "ada"
    assert told_there == {
        "sub": app.claims(token)["sub"],
        "email": "ada@contoso.example",
        "email_verified": "false",
        "family_name": "Lovelace",
        "username": "entra_ada",
    }


def test_userinfo_needs_a_good_access_token(app: App) -> None:
    answer = user_info(app, None)
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]
    tokens = app.tokens()
    for token in ("junk", tokens["id_token"], tokens["refresh_token"], tokens["access_token"][:-4] + "AAAA"):
        answer = user_info(app, token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
        assert answer.headers["WWW-Authenticate"] == (
            'Bearer error="invalid_token", error_description="Access token is expired, disabled, or deleted,'
            ' or the user has globally signed out."'
        )


def test_userinfo_needs_the_openid_scope(make_app: MakeApp) -> None:
    app = make_app(AllowedOAuthScopes=["openid", ADMIN_SCOPE])
    assert user_info(app, app.tokens(scope=ADMIN_SCOPE)["access_token"]).status_code == 401
    assert user_info(app, app.tokens(scope=f"openid {ADMIN_SCOPE}")["access_token"]).status_code == 200
