"""What people see on Microsoft's pages: what is refused, warned of and accepted."""

from pathlib import Path

import pytest

from stacks.entra import logo
from stacks.settings.errors import SettingsError
from tests.conftest import EXAMPLES
from tests.stacks.settings.samples import accepted, case, refused, settings_with, silent, warned

HOME = "entra.branding.home_page_url"

test_refused = refused(
    case(HOME, "app.contoso.com", "full address"),
    case(HOME, "http://app.contoso.com/", "full address"),
    case(HOME, "http://localhost.contoso.com/", "full address"),
    case(HOME, "https://app.contoso.com/a page", "full address"),
    case(HOME, "https://ada@app.contoso.com/", "full address"),
    case("entra.branding.notes", " ", "1 to 1024 characters"),
    case("entra.branding.logo", "../logo.png", "in it or below"),
    case("entra.branding.logo", "logo.svg", "gif, jpeg or png"),
)
test_accepted = accepted(
    {HOME: "http://localhost:3000/"},
    {HOME: "https://app.contoso.com/login?from=tile#now"},
    {"entra.branding.logo": "branding/LOGO.PNG"},
)
test_warned = warned(({"entra.branding.my_apps": True}, "entra.branding.my_apps", "none is set here"))
test_silent = silent(
    {"entra.branding.my_apps": False}, {"entra.branding": {"my_apps": True, "home_page_url": "https://a/"}}
)

WITH_LOGO = {"entra.branding.logo": "logo.png"}


def test_the_logo_is_read_from_beside_the_settings_file() -> None:
    assert logo.load(EXAMPLES, settings_with()) is None
    found = logo.load(EXAMPLES, settings_with({"entra.branding.logo": "branding/logo.png"}))
    assert found is not None
    assert found.startswith("iVBORw0KGgo")


@pytest.mark.parametrize(
    ("content", "telling"),
    [
        (None, "cannot be read: No such file"),
        (b"", "no picture that Entra ID shows"),
        (b"<svg/>", "no picture that Entra ID shows"),
        (b"\x89PNG" + bytes(100_000), "100,004 bytes"),
    ],
)
def test_what_is_no_small_picture_is_refused(tmp_path: Path, content: bytes | None, telling: str) -> None:
    if content is not None:
        (tmp_path / "logo.png").write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        logo.load(tmp_path, settings_with(WITH_LOGO))
    (error,) = refused.value.errors
    assert str(error.key) == "entra.branding.logo"
    assert telling in error.sentence
