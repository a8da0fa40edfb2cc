"""Which counts of people may be shown, so that no number from 1 to 10 can be worked out from what is shown.

A *table* here is a list of counts that together make up a known total. Three steps:

1. A count from 1 to 10 is hidden. Zero is shown, as the rule of the Centers for Medicare and Medicaid Services for
   small cells allows (https://resdac.org/node/1506); its other half, that nothing shown may lead to a hidden number,
   is what the next steps are for.
2. Wherever something is hidden, at least one larger count is hidden with it, the last ones in the table first, and of
   all the hidden ones only the sum is shown. They are taken by their place and not by their size, so that the choice
   tells nothing.
3. Where the total is too small for that (less than 11 for each count above zero, less one), nothing of the table is
   shown, not even its zeros.
4. What is shown is rounded to tens.

Why that is enough: let someone know the total and all shown counts *exactly*, as if nothing were rounded, and how this
works. Step 2 asks that the hidden counts sum up to at least what they would be if one of the small ones were 10, the
other small ones 1 and the larger ones 11; by step 3 they can. So each small one may be anything from 1 to 9 at the
least, and the larger ones make up for it; the same counts are hidden then and the same sum is shown. A table of which
nothing is shown may hold any number anywhere. Tables of the same people are linked by their totals alone, so knowing
all of them helps no more. `tests/generative/test_disclosure.py` counts it out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SMALLEST_SHOWN = 11
ROUNDED_TO = 10


class Shown(NamedTuple):
    """A table as it may be shown: rounded counts, None where hidden, and the rounded sum of those hidden.

    `together` is None where nothing is hidden. Where the table may not be shown at all, all its cells are None and so
    is `together`.
    """

    cells: tuple[int | None, ...]
    together: int | None

    @property
    def withheld(self) -> bool:
        """Whether nothing of the table may be shown."""
        return self.together is None and None in self.cells


def shown(cells: Sequence[int]) -> Shown:
    """What may be shown of a table. Its total must be shown nowhere else if it is from 1 to 10 itself."""
    hidden = hidden_places(cells)
    if hidden is None:
        return Shown((None,) * len(cells), None)
    kept = tuple(None if place in hidden else rounded(count) for place, count in enumerate(cells))
    return Shown(kept, rounded(sum(cells[place] for place in hidden)) if hidden else None)


def hidden_places(cells: Sequence[int]) -> frozenset[int] | None:
    """Which cells are hidden; None where nothing may be shown."""
    small = [place for place, count in enumerate(cells) if is_small(count)]
    if not small:
        return frozenset()
    if sum(cells) < max(SMALLEST_SHOWN, SMALLEST_SHOWN * sum(count > 0 for count in cells) - 1):
        return None
    hidden = list(small)
    needed = SMALLEST_SHOWN - 1 + len(small) - 1
    large = [place for place in reversed(range(len(cells))) if cells[place] >= SMALLEST_SHOWN]
    while len(hidden) == len(small) or sum(cells[place] for place in hidden) < needed:
        hidden.append(large.pop(0))
        needed += SMALLEST_SHOWN
    return frozenset(hidden)


def is_small(count: int) -> bool:
    """Whether a count may not be shown by itself."""
    return 0 < count < SMALLEST_SHOWN


def rounded(count: int) -> int:
    """The count to the nearest ten; half goes up."""
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


def behind(count: int) -> tuple[int, int]:
    """The smallest and the largest number that a shown count may stand for."""
    if count == 0:
        return 0, 0
    return max(count - ROUNDED_TO // 2, SMALLEST_SHOWN), count + ROUNDED_TO // 2 - 1
