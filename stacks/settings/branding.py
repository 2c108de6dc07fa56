"""How the sign-in pages look: settings, rules and checks."""

from typing import Annotated

from pydantic import AfterValidator, Field

from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error
from stacks.settings.facts import BrandingCategory, ColorMode
from stacks.settings.types import Table, between, refused

# Cognito API reference, AssetType, Extension: by how the name of a file ends.
PICTURES = {"ico": "ICO", "jpeg": "JPEG", "jpg": "JPEG", "png": "PNG", "svg": "SVG", "webp": "WEBP"}


def _file(value: str) -> str:
    """A file beside the settings file."""
    outside = value.startswith(("/", "~")) or ".." in value.split("/") or "\\" in value
    if not value or outside or not value.isprintable():
        raise refused(
            "The file is named from the folder of this settings file, and lies in it or below.",
            'Write for instance "branding/settings.json".',
        )
    return value


BrandingFile = Annotated[str, AfterValidator(_file)]


class BrandingAsset(Table):
    """A picture on the sign-in pages."""

    category: BrandingCategory = Field(examples=["FORM_LOGO"])
    """Where it is shown."""
    file: BrandingFile = Field(examples=["branding/logo.svg"])
    """The picture, from the folder of the settings file: ico, jpeg, png, svg or webp."""
    color_mode: ColorMode = ColorMode.DYNAMIC
    """Shown in light mode, in dark mode, or in both."""


class BrandingSettings(Table):
    """How the sign-in pages of version 2 look, the same for every app client."""

    settings_file: BrandingFile | None = Field(default=None, examples=["branding/settings.json"])
    """A JSON file with the design, as `aws cognito-idp describe-managed-login-branding` shows it under
    Settings, from the folder of the settings file; left out, Cognito's own."""
    assets: Annotated[list[BrandingAsset], between(0, 40, "pictures", "Cognito")] = Field(
        default=[], examples=[[{"category": "FORM_LOGO", "file": "branding/logo.svg"}]]
    )
    """Pictures on the pages, each a table of its own. They go with a settings_file."""


@check
def _branding_needs_version_2(s: Settings) -> Messages:
    """API reference, CreateManagedLoginBranding."""
    if s.cognito.branding is not None and s.cognito.managed_login_version == 1:
        yield error(
            at.cognito.managed_login_version,
            "The sign-in pages of version 1 have no branding.",
            "Write managed_login_version = 2, or remove [cognito.branding].",
        )


@check
def _branding_files(s: Settings) -> Messages:
    """API reference, AssetType: what kinds of pictures there are; one for each place and mode."""
    branding = s.cognito.branding
    if branding is None:
        return
    if branding.settings_file is None and not branding.assets:
        yield error(
            at.cognito.branding,
            "The table is empty.",
            "Add settings_file or assets, or remove it: the pages then look as Cognito designed them.",
        )
    if branding.settings_file is None and branding.assets:
        yield error(
            at.cognito.branding.settings_file,
            "Pictures go with a design: Cognito takes none beside its own.",
            "Add settings_file, the JSON file with the design.",
        )
    places: set[tuple[str, str]] = set()
    for index, asset in enumerate(branding.assets):
        if asset.file.rpartition(".")[2].lower() not in PICTURES:
            yield error(
                at.cognito.branding.assets[index].file,
                "Cognito shows pictures whose names end with .ico, .jpg, .png, .svg or .webp.",
                "Convert it to one of these.",
            )
        place = (asset.category, asset.color_mode)
        if place in places:
            yield error(
                at.cognito.branding.assets[index].category,
                "There is a picture for this place and color_mode already.",
                "Remove one of the two.",
            )
        places.add(place)
