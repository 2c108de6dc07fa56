"""The one error of `operate/`."""


class OperateError(Exception):
    """A command cannot go on; the message says in a sentence what is wrong and what to do."""
