"""Text of a plan or a cloud, for a comment or an issue: it mentions nobody, and holds no HTML."""


def code(text: str) -> str:
    """Text that Markdown takes as it is: no mention, no link, no HTML."""
    return f"`{' '.join(text.replace('`', chr(39)).split())}`"


def escaped(text: str) -> str:
    """A sentence in one line, without HTML."""
    return " ".join(text.replace("<", "&lt;").split())
