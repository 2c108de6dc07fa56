"""Text of a plan or a cloud, for a comment or an issue: no mention, no link under another text, no HTML."""

import re

# What begins a mention, or a link under another text; a space without width takes that from it.
BEGINNING = re.compile(r"(?<!\w)@(?=\w)|\](?=\()")


def code(text: str) -> str:
    """Text that Markdown takes as it is: no mention, no link, no HTML."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def escaped(text: str) -> str:
    """A sentence in one line, without HTML, mentions and hidden links."""
    return " ".join(BEGINNING.sub("\\g<0>\u200b", text.replace("<", "&lt;")).split())
