"""The design of the sign-in pages: the files that the settings name, read and checked before synthesis."""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

from stacks.settings import Settings
from stacks.settings.branding import PICTURES
from stacks.settings.errors import Key, Message, SettingsError, at, error
from stacks.settings.types import EVALUATED, is_evaluated

# Cognito API reference, AssetType, Bytes.
LARGEST_PICTURE = 1_000_000


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture, as the Cognito API reference describes it under AssetType."""

    category: str
    color_mode: str
    extension: str
    base64: str


@dataclass(frozen=True, kw_only=True)
class Branding:
    """A custom design; `settings` is JSON."""

    settings: str
    pictures: tuple[Picture, ...] = ()


def load(folder: Path, settings: Settings) -> Branding | None:
    """Read the files of an environment's branding; None where the settings name none.

    Raises:
        SettingsError: a file is not there, or is not what it has to be.
    """
    branding = settings.cognito.branding
    if branding is None or branding.settings_file is None:
        return None
    errors: list[Message] = []
    file, table = folder / f"{settings.name}.toml", at.cognito.branding

    def wrong(key: Key, name: str, sentence: str, remedy: str) -> None:
        errors.append(error(key, sentence, remedy, value=name, file=file))

    def read(key: Key, name: str) -> bytes | None:
        try:
            content = (folder / name).read_bytes()
        except OSError as failure:
            why = f"The file cannot be read: {failure.strerror}."
            wrong(key, name, why, "Name a file in or below the folder of this settings file.")
            return None
        if not content:
            wrong(key, name, "The file is empty.", "Name another one.")
            return None
        return content

    design = _design(read(table.settings_file, branding.settings_file))
    if not errors and (refusal := _refusal(design)) is not None:
        wrong(table.settings_file, branding.settings_file, *refusal)
    pictures = []
    for index, asset in enumerate(branding.assets):
        key = table.assets[index].file
        content = read(key, asset.file) or b""
        if len(content) > LARGEST_PICTURE:
            too_large = f"The picture has {len(content):,} bytes; Cognito takes {LARGEST_PICTURE:,}."
            wrong(key, asset.file, too_large, "Make it smaller.")
        pictures.append(
            Picture(
                category=asset.category.value,
                color_mode=asset.color_mode.value,
                extension=PICTURES[asset.file.rpartition(".")[2].lower()],
                base64=base64.b64encode(content).decode(),
            )
        )
    if errors:
        raise SettingsError(errors)
    return Branding(settings=design or "", pictures=tuple(pictures))


def _design(content: bytes | None) -> str | None:
    """The design, in one form however it was written; None where it is none."""
    try:
        design = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    return json.dumps(design, sort_keys=True) if isinstance(design, dict) else None


def _refusal(design: str | None) -> tuple[str, str] | None:
    """What is wrong with a design, and what to do instead; None for one that can be used."""
    if design is None:
        return (
            "The design is not a JSON object.",
            "Save there what `aws cognito-idp describe-managed-login-branding` shows under Settings.",
        )
    if is_evaluated(design):
        return EVALUATED, "Write the design without these."
    return None
