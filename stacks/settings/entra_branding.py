"""What people see of the app on Microsoft's pages and in My Apps: settings, rules and checks."""

from typing import Annotated

from pydantic import Field

from stacks.settings.branding import BrandingFile
from stacks.settings.checks import Settings, check
from stacks.settings.errors import Messages, at, error, warning
from stacks.settings.types import Matches, Table, YesOrNo, not_blank

# azuread provider, azuread_application: logo_image.
LOGOS = ("gif", "jpeg", "jpg", "png")

# Microsoft Graph reference, informationalUrl resource type; RFC 3986, section 2.
PageUrl = Annotated[
    str,
    Matches(
        r"(https://[A-Za-z0-9]|http://(localhost|127\.0\.0\.1)(?![A-Za-z0-9.-]))"
        r"[A-Za-z0-9._~:/?#\[\]!$&'()*+,;=%-]{0,1000}",
        "This is not the full address of a page.",
        'Write for instance "https://app.contoso.com/help".',
    ),
]
Notes = Annotated[
    str,
    not_blank(1024, "Notes have", 'Write for instance "Run by the platform team, code in contoso/sign-in."'),
]


class EntraBrandingSettings(Table):
    """What people see of the app on Microsoft's pages and in My Apps, beside its name."""

    logo: BrandingFile | None = Field(default=None, examples=["branding/logo.png"])
    """The picture on the consent page and the tile, from the folder of the settings file: gif, jpeg or png of
    at most 100 KB, square; left out, as set in the admin center."""
    home_page_url: PageUrl | None = Field(default=None, examples=["https://app.contoso.com/login"])
    """Where the tile in My Apps leads: one of the app that begins a sign-in; left out, as set in the admin
    center."""
    support_url: PageUrl | None = Field(default=None, examples=["https://app.contoso.com/help"])
    """The page where people find help with the app; left out, as set in the admin center."""
    privacy_statement_url: PageUrl | None = Field(default=None, examples=["https://contoso.com/privacy"])
    """The privacy statement that the consent page links to; left out, as set in the admin center."""
    terms_of_service_url: PageUrl | None = Field(default=None, examples=["https://contoso.com/terms"])
    """The terms of service that the consent page links to; left out, as set in the admin center."""
    marketing_url: PageUrl | None = Field(default=None, examples=["https://contoso.com/app"])
    """A page about the app; left out, as set in the admin center."""
    notes: Notes | None = Field(default=None, examples=["Run by the platform team."])
    """What administrators read at the registration, such as who runs it; left out, as set in the admin
    center."""
    my_apps: YesOrNo | None = Field(default=None, examples=[False])
    """Whether the app has a tile in My Apps. A change of it replaces all tags of the enterprise application;
    left out, as set in the admin center."""


@check
def _tile_leads_somewhere(s: Settings) -> Messages:
    """Microsoft learn, "Properties of an enterprise application": homepage URL, visible to users."""
    branding = s.entra.branding
    if branding is not None and branding.my_apps and branding.home_page_url is None:
        yield warning(
            at.entra.branding.my_apps,
            "A tile leads to the home page, and none is set here.",
            "Write home_page_url in [entra.branding], unless an administrator has set one.",
        )


@check
def _logo_is_a_picture(s: Settings) -> Messages:
    """The azuread provider, azuread_application: logo_image."""
    branding = s.entra.branding
    logo = None if branding is None else branding.logo
    if logo is not None and logo.rpartition(".")[2].lower() not in LOGOS:
        yield error(
            at.entra.branding.logo,
            "The logo is a gif, jpeg or png.",
            "Convert it to one of these, and name it so.",
        )
