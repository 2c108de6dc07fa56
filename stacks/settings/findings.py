"""What the rules between settings say, and asking them.

Each rule names the settings it reads and is asked only when those are usable by themselves: so one mistake is
reported once, and every other rule is still asked. `*` stands for each of the clients.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import ClassVar

from pydantic import BaseModel

Key = tuple[str | int, ...]


class Partial(dict[str, object]):
    """A table of which only some settings are usable; rules that read it whole are not asked."""


Tables = BaseModel | Mapping[str, object]


class Severity(Enum):
    """Whether a finding stops everything or is only shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one rule has to say.

    Attributes:
        key: the setting to change.
        value: what it is now; None where that says nothing.
        sentence: what is wrong.
        instead: what to write instead.
        severity: error or warning.
    """

    key: Key
    value: object
    sentence: str
    instead: str
    severity: Severity


Rule = Callable[..., Iterator[Finding]]


@dataclass(frozen=True)
class Selection:
    """Some settings of a table, for rules that read several; its fields are named as they are."""

    TABLE: ClassVar[str]

    @classmethod
    def of(cls, settings: Tables) -> object:
        """The selection, unless one of them is not usable."""
        values = [_value(settings, (cls.TABLE, field.name)) for field in fields(cls)]
        return _Absent.ABSENT if _Absent.ABSENT in values else cls(*values)


def error(*key: str | int, value: object = None, sentence: str, instead: str) -> Finding:
    """A finding that stops everything."""
    return Finding(key=key, value=value, sentence=sentence, instead=instead, severity=Severity.ERROR)


def warning(*key: str | int, value: object = None, sentence: str, instead: str) -> Finding:
    """A finding that is only shown."""
    return Finding(key=key, value=value, sentence=sentence, instead=instead, severity=Severity.WARNING)


def dotted(key: Iterable[str | int]) -> str:
    """A key as TOML writes it, `clients.web.callback_urls[0]`, with quotes where TOML needs them."""
    text = ""
    for part in key:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            word = part if re.fullmatch(r"[A-Za-z0-9_-]+", part) else json.dumps(part, ensure_ascii=False)
            text += f".{word}" if text else word
    return text


class _Absent(Enum):
    ABSENT = "absent"


class Rulebook:
    """Rules with the settings that each reads."""

    def __init__(self) -> None:
        self._rules: list[tuple[tuple[Key | type[Selection], ...], Rule]] = []

    def reads(self, *keys: str | type[Selection]) -> Callable[[Rule], Rule]:
        """Add a rule.

        Args:
            keys: dotted keys of the settings it reads, or selections of them: its arguments in this order.
        """

        def add(rule: Rule) -> Rule:
            read = tuple(tuple(key.split(".")) if isinstance(key, str) else key for key in keys)
            self._rules.append((read, rule))
            return rule

        return add

    def check(self, settings: Tables) -> Iterator[Finding]:
        """Ask every rule that can be asked."""
        for keys, rule in self._rules:
            of_clients = any(isinstance(key, tuple) and "*" in key for key in keys)
            for client in _clients(settings) if of_clients else ["*"]:
                values = [
                    _value(settings, _for_client(key, client)) if isinstance(key, tuple) else key.of(settings)
                    for key in keys
                ]
                if _Absent.ABSENT not in values:
                    for finding in rule(*values):
                        yield replace(finding, key=_for_client(finding.key, client))


def _for_client(key: Key, client: str) -> Key:
    return tuple(client if part == "*" else part for part in key)


def _clients(settings: Tables) -> Iterable[str]:
    clients = settings.get("clients") if isinstance(settings, Mapping) else getattr(settings, "clients", None)
    return clients if isinstance(clients, Mapping) else ()


def _value(settings: Tables, key: Key) -> object:
    node: object = settings
    for part in key:
        if isinstance(node, BaseModel):
            node = getattr(node, str(part), _Absent.ABSENT)
        elif isinstance(node, Mapping):
            node = node.get(part, _Absent.ABSENT)
        else:
            return _Absent.ABSENT
    inside = node.values() if isinstance(node, Mapping) else ()
    return _Absent.ABSENT if any(isinstance(one, Partial) for one in (node, *inside)) else node
