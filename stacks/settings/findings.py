"""What the rules between settings say, and asking them.

Each rule names the settings it reads and is asked only when those are usable by themselves: so one mistake is
reported once, and every other rule is still asked. `*` stands for each of the clients.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum

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
        self._rules: list[tuple[tuple[Key, ...], Rule]] = []

    def reads(self, *keys: str) -> Callable[[Rule], Rule]:
        """Add a rule.

        Args:
            keys: dotted keys of the settings it reads, its arguments in this order.
        """

        def add(rule: Rule) -> Rule:
            self._rules.append((tuple(tuple(key.split(".")) for key in keys), rule))
            return rule

        return add

    def check(self, settings: Tables) -> Iterator[Finding]:
        """Ask every rule that can be asked.

        Args:
            settings: the settings, or those of them that are usable, by table and key.
        """
        for keys, rule in self._rules:
            for client in _clients(settings) if any("*" in key for key in keys) else ["*"]:
                values = [_value(settings, _for_client(key, client)) for key in keys]
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
