"""What became of the people of a TEDS file, as columns of a cohort: placement, reason, days, year and state.

Beside them, if asked for, the bare codes of other columns as `teds_code_…`: for the diagnostic that shows what a model
would gain from what it must never see.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recommender.levels import load_levels
from recommender.teds.cells import Cells
from recommender.teds.mapping import CohortRule, TedsMapping
from recommender.teds.source import Chunk, code_of

CODE = "teds_code_"


class Course:
    """Reads the columns of a cohort, and bare codes, from chunks of one file."""

    def __init__(self, mapping: TedsMapping, header_of: Mapping[str, str], bare: Sequence[str] = ()) -> None:
        self.mapping, self.header_of = mapping, header_of
        found = {name: first_of(rule.sources, header_of) for name, rule in mapping.cohort.items()}
        self.sources = {name: source for name, source in found.items() if source}
        self.bare = {f"{CODE}{name.lower()}": name for name in bare if name in header_of}
        services = load_levels().teds_services
        self.level_of = {code: service.levels[0] for code, service in services.items()}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns in the output: those for which the source has one."""
        return (*self.sources, *self.bare)

    @property
    def used(self) -> list[str]:
        """The TEDS columns that are read for this."""
        return list(dict.fromkeys((*self.sources.values(), *self.bare.values())))

    def cells(self, chunk: Chunk) -> list[Cells]:
        """The cells of a chunk, in the order of `columns`."""
        told = [self._cells(chunk, source, self.mapping.cohort[name]) for name, source in self.sources.items()]
        return [*told, *(self._cells(chunk, source, None) for source in self.bare.values())]

    def _cells(self, chunk: Chunk, source: str, rule: CohortRule | None) -> Cells:
        values, index = chunk.encoded(self.header_of[source])
        codes = [code_of(value, self.mapping.blank) for value in values]
        if rule is None:
            no_answer = self.mapping.columns[source].no_answer
            return Cells([None if code is None or code in no_answer else str(code) for code in codes], index)
        return Cells([None if code is None else self._text(code, rule) for code in codes], index)

    def _text(self, code: int, rule: CohortRule) -> str | None:
        if rule.level_of_service:
            return self.level_of.get(code)
        if rule.as_it_stands and rule.as_it_stands[0] <= code <= rule.as_it_stands[1]:
            return str(code)
        return rule.texts.get(code)


def first_of(names: Sequence[str], header_of: Mapping[str, str]) -> str | None:
    return next((name for name in names if name in header_of), None)
