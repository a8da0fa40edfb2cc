"""What the entries of a content file may hold, as data.

Each kind of file declares its shapes once. Its reader checks entries against them, and the schemas that an editor
completes and validates by are made from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from recommender.errors import did_you_mean


@dataclass(frozen=True, slots=True)
class Kind:
    """What may stand behind a key.

    `types` are what YAML reads it as; `options` all values it may have; `among` names the list that it is taken from,
    such as `levels`; `items` is the kind of a list's entries or a mapping's values; `shape` the keys of a mapping.
    """

    words: str
    types: tuple[type, ...]
    options: tuple[str | int, ...] = ()
    among: str = ""
    items: Kind | None = None
    shape: Shape | None = None


class Key(NamedTuple):
    """One key of an entry: what it may hold, what it is for, and whether the entry needs it."""

    kind: Kind
    about: str
    required: bool = False


Shape = Mapping[str, Key]

TEXT = Kind("text", (str,))
EXPRESSION = Kind("an expression: text, in quotes", (str,), among="expressions")
WORD = Kind("a word or number", (str, int, float))
WHOLE = Kind("a whole number", (int,))
NUMBER = Kind("a number", (int, float))
TRUTH = Kind("yes or no", (bool,))
DATE = Kind("a date such as 2026-11-23", (date, str))
ANYTHING = Kind("anything", (object,))
EMPTY: tuple[object, ...] = (None, "", [], {})


def one_of(*options: str | int) -> Kind:
    """One of the values written here."""
    return Kind(", ".join(map(str, options)), tuple({type(option) for option in options}), options=options)


def name_from(among: str) -> Kind:
    """A name that is declared elsewhere; the reader checks that it is."""
    return Kind("a name", (str,), among=among)


def list_of(items: Kind) -> Kind:
    """A list of values of one kind."""
    return Kind("a list", (list,), items=items)


def mapping_of(items: Kind) -> Kind:
    """A mapping from any names to values of one kind."""
    return Kind("a mapping", (dict,), items=items)


def entry_of(shape: Shape) -> Kind:
    """A mapping with the keys of a shape."""
    return Kind("an entry with keys", (dict,), shape=shape)


def or_empty(kind: Kind) -> Kind:
    """The same kind, or nothing behind the colon."""
    return replace(kind, types=(*kind.types, type(None)))


class Misfit(NamedTuple):
    """Where an entry is not as its shape says. Where it is `fatal`, the entry cannot be read further."""

    at: tuple[str | int, ...]
    what: str
    fatal: bool
    allowed: str | None = None
    remedy: str | None = None


def misfits(entry: Mapping[str, Any], shape: Shape) -> Iterator[Misfit]:
    """Everything in an entry's own keys that is not as its shape says; entries in lists are looked at one by one."""
    for name, value in entry.items():
        key = shape.get(name)
        if key is None:
            hint = did_you_mean(str(name), shape)
            yield Misfit((name,), f"`{name}` is not a known key here", False, ", ".join(shape), hint)
        elif not (key.required and value in EMPTY):
            yield from wrong_value(name, value, key.kind)
    for name, key in shape.items():
        if key.required and entry.get(name) in EMPTY:
            yield Misfit((), f"`{name}` is missing", True, remedy=f"Add `{name}:` to this entry.")


def wrong_value(name: str, value: Any, kind: Kind) -> Iterator[Misfit]:
    """What is wrong with the value of one key."""
    if kind.options:
        if value not in kind.options or isinstance(value, bool):
            yield Misfit((name,), f"`{name}` cannot be `{value}`", True, kind.words, nearest(value, kind))
    elif not has_type(value, kind):
        yield Misfit((name,), f"`{name}` is not {kind.words}", True)
    elif kind.items is not None and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for step, part in pairs:
            if not has_type(part, kind.items):
                # Entries with keys of their own are read one by one, so one that is none does no harm to the others.
                fatal = kind.items.shape is None
                yield Misfit((name, step), f"`{name}` holds what is not {kind.items.words}", fatal)


def nearest(value: object, kind: Kind) -> str | None:
    """The options that a misspelt value may have meant."""
    return did_you_mean(value, map(str, kind.options)) if isinstance(value, str) else None


def has_type(value: Any, kind: Kind) -> bool:
    """Whether a value is of the kind's types; a yes or no is not a number."""
    if isinstance(value, bool):
        return bool in kind.types or object in kind.types
    return isinstance(value, kind.types)
