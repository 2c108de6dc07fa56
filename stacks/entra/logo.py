"""The app's logo on Microsoft's pages: the file that the settings name, read before synthesis."""

import base64
from pathlib import Path

from stacks.settings import Settings
from stacks.settings.errors import SettingsError, at, error

# Entra admin center, App registrations > Branding & properties.
LARGEST = 100_000
# How a gif, jpeg or png begins.
PICTURES = (b"GIF8", b"\xff\xd8\xff", b"\x89PNG")


def load(folder: Path, settings: Settings) -> str | None:
    """The logo in base64; None where the settings name none.

    Raises:
        SettingsError: the file cannot be read, or is too large.
    """
    branding = settings.entra.branding
    if branding is None or branding.logo is None:
        return None
    try:
        content = (folder / branding.logo).read_bytes()
        wrong = "" if content.startswith(PICTURES) else "This is no picture that Entra ID shows."
        if len(content) > LARGEST:
            wrong = f"The logo has {len(content):,} bytes."
    except OSError as failure:
        wrong = f"The file cannot be read: {failure.strerror}."
    if wrong:
        remedy = f"Name a gif, jpeg or png of at most {LARGEST:,} bytes, beside this settings file or below."
        file = folder / f"{settings.name}.toml"
        raise SettingsError([error(at.entra.branding.logo, wrong, remedy, value=branding.logo, file=file)])
    return base64.b64encode(content).decode()
