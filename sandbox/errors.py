"""The one error of the sandbox."""


class SandboxError(Exception):
    """Something the sandbox needs is missing or did not work; the message says what, and what to do."""
