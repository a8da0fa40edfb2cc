"""What can go wrong through no fault of ours, and the exit code of each.

    RecommenderError
    ├── InputError      10   answers or files that cannot be read as they are
    ├── ContentError    11   a question, level or policy file that does not hold together
    ├── CasesFailed     13   a policy that does not find what its cases state
    ├── NotProved       14   a policy that does not keep a promise for every intake
    ├── NotInstalled    15   something that an extra brings
    ├── Conflict        16   a record that somebody else changed in the meantime
    ├── NotPermitted    17   something that this user may not do, or that nobody may
    ├── NotFound        18   a record that is not there
    ├── Tampered        19   a record that was changed past the program, or that cannot be computed again
    ├── NotPromoted     23   a model with a closed gate
    ├── Drifted         24   new data on which a model does not keep what it promised
    └── Unanswerable    25   a question that the records cannot answer, whatever the method

Only these are shown without a traceback. Anything else is a bug and keeps its traceback (exit code 1).

An answer is personal health data. It may be shown to the person who gave the file, so a `Fault` carries it, but it must
never reach a log: the text of the exception itself (`str`, `repr`) names places and never values.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: what, where, the value given, what is allowed, and what to do next.

    `sentence()` may hold a personal value and is for the terminal or the rejects file; `place()` never does.
    """

    what: str
    file: str | None = None
    row: int | None = None
    line: int | None = None
    column: int | None = None
    field: str | None = None
    given: str | None = None
    allowed: str | None = None
    remedy: str | None = None

    def place(self) -> str:
        """Where it is, such as `referrals.csv, row 3, field alcohol_days`."""
        parts = [self.file]
        parts += [f"{name} {value}" for name, value in self._numbered() if value is not None]
        return ", ".join(part for part in parts if part)

    def sentence(self) -> str:
        """The whole fault as text for the person who gave the input."""
        place = self.place()
        return f"{place}: {self.message()}" if place else self.message()

    def message(self) -> str:
        """The fault as text, without its place."""
        text = self.what
        if self.given is not None:
            text += f" (given: {shortened(self.given)})"
        text += "" if text.endswith((".", "?", "!")) else "."
        if self.allowed:
            text += f" Allowed: {self.allowed}."
        if self.remedy:
            text += f" {self.remedy}"
        return text

    def _numbered(self) -> tuple[tuple[str, object], ...]:
        return (("row", self.row), ("line", self.line), ("column", self.column), ("field", self.field))


class RecommenderError(Exception):
    """The base of every error that a user may see without a traceback.

    `faults` holds all of them. The exception's own text is safe to log: it counts and places them.
    """

    exit_code = 1
    kind = "fault"

    def __init__(self, faults: Iterable[Fault] | Fault) -> None:
        self.faults: Sequence[Fault] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__(self._safe_text())

    def __reduce__(self) -> tuple[Any, ...]:
        # Made again from its faults in the process that it is sent to; the text alone would not do.
        return type(self), (tuple(self.faults),)

    def _safe_text(self) -> str:
        count = len(self.faults)
        places = "; ".join(dict.fromkeys(fault.place() or "no place" for fault in self.faults[:SHOWN_AT_MOST]))
        return f"{count} {self.kind}{'s' if count != 1 else ''}: {places}"


class InputError(RecommenderError):
    """Answers, a table or a file that cannot be used as they are; every fault found is listed."""

    exit_code = 10
    kind = "input fault"


class ContentError(RecommenderError):
    """A question, level, policy or mapping file that does not hold together."""

    exit_code = 11
    kind = "content fault"


class CasesFailed(RecommenderError):
    """A policy that does not find what its cases state."""

    exit_code = 13
    kind = "set of failing cases"


class NotProved(RecommenderError):
    """A policy with a property that does not hold for some intake."""

    exit_code = 14
    kind = "property that does not hold"


class NotInstalled(RecommenderError):
    """Something that only an extra of the package brings."""

    exit_code = 15
    kind = "missing extra"


class Conflict(RecommenderError):
    """A record that somebody else changed since it was looked at; nothing was written."""

    exit_code = 16
    kind = "conflict"


class NotPermitted(RecommenderError):
    """Something that this user may not do, or that nobody may."""

    exit_code = 17
    kind = "refusal"


class NotFound(RecommenderError):
    """A record that is not there."""

    exit_code = 18
    kind = "missing record"


class Tampered(RecommenderError):
    """A record that was changed past the program, or a result that cannot be computed again from what is kept."""

    exit_code = 19
    kind = "finding"


class NotPromoted(RecommenderError):
    """A model that does not keep what a promotion asks for; every closed gate is listed."""

    exit_code = 23
    kind = "closed gate"


class Drifted(RecommenderError):
    """New data that differ from what a model was made from, or on which it does not keep what it promised."""

    exit_code = 24
    kind = "sign of drift"


class Unanswerable(RecommenderError):
    """A question that these records cannot answer: nobody like these people was ever treated so."""

    exit_code = 25
    kind = "refusal to answer"


def shortened(text: str, at_most: int = 60) -> str:
    """The text in quotes, cut in the middle of nowhere when it is long, with unprintable characters escaped."""
    shown = text if text.isprintable() else text.encode("unicode_escape").decode("ascii")
    return f"'{shown[:at_most]}…'" if len(shown) > at_most else f"'{shown}'"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint such as "Did you mean `ciwa`?", or None when nothing is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.6)
    return f"Did you mean {' or '.join(f'`{name}`' for name in near)}?" if near else None
