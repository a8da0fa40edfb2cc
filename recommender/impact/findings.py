"""What may be told of a change of policy: every number here is rounded or hidden already, and reports add none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recommender.errors import Fault, InputError
from recommender.impact.counting import DIRECTIONS, SAME, STANDINGS, Counts
from recommender.impact.disclosure import SMALLEST_SHOWN, Shown, is_small, rounded, shown
from recommender.impact.groups import GROUPINGS
from recommender.impact.shares import Share, share_of
from recommender.policy import NOT_VALIDATED, Policy

OR = " or "
# Stand for the ends of moves that are not told apart.
ANY_MOVE = ("any", "another")
Kind = tuple[int, ...]


class TooFew(InputError):
    """A cohort of which nothing may be told."""


class Move(NamedTuple):
    """People whose lowest possible level, or whose standing, goes from one to another. `people`: None where hidden."""

    start: str
    end: str
    people: int | None


@dataclass(frozen=True)
class Moves:
    """Moves between levels or standings; `hidden` people make moves that are not shown one by one.

    `withheld`: none of the moves may be shown. Moves that nobody makes are left out.
    """

    moves: tuple[Move, ...]
    hidden: int | None
    withheld: bool


@dataclass(frozen=True)
class GroupFindings:
    """One group of a cohort: its people by kind of change, as shares of the group. `people`: None where hidden."""

    name: str
    people: int | None
    kinds: tuple[Share, ...]


@dataclass(frozen=True)
class GroupingFindings:
    """A cohort by groups. `hidden`: for each kind of change, the people in the cells that are not shown one by one."""

    title: str
    question: str
    groups: tuple[GroupFindings, ...]
    hidden: tuple[int | None, ...]


@dataclass(frozen=True)
class PolicyNamed:
    """Which policy was looked at."""

    id: str
    version: str
    status: str
    hash: str


@dataclass(frozen=True)
class Findings:
    """What a change of policy does to a cohort, as far as it may be told.

    `kinds` names the kinds of change that people are told apart by: lower, same and higher, or fewer where one of them
    has too few people. `level` is the share of each in the cohort; `moves`, `upper_ends` and each of `groupings` split
    each kind further.
    """

    statement: str
    cohort: str
    kind_of_cohort: str
    people: int
    rows_with_faults: int | None
    old: PolicyNamed
    new: PolicyNamed
    same_policy: bool
    kinds: tuple[str, ...]
    level: tuple[Share, ...]
    moves: tuple[Moves, ...]
    upper_ends: tuple[Shown, ...]
    standings: Moves
    groupings: tuple[GroupingFindings, ...]


def findings_of(
    old: Policy, new: Policy, counts: Counts, *, cohort: str, kind_of_cohort: str, rows_with_faults: int = 0
) -> Findings:
    """What may be told of `counts`. Raises TooFew for a cohort of fewer than 11 people."""
    if counts.people < SMALLEST_SHOWN:
        what = f"the cohort has fewer than {SMALLEST_SHOWN} people that can be counted, so nothing may be told of them"
        raise TooFew(Fault(what, file=cohort))
    totals = [int(total) for total in counts.upper_ends.sum(axis=1)]
    kinds = kinds_of(totals)
    sizes = [rounded(sum(totals[each] for each in kind)) for kind in kinds]
    return Findings(
        statement=NOT_VALIDATED,
        cohort=cohort,
        kind_of_cohort=kind_of_cohort,
        people=rounded(counts.people),
        rows_with_faults=None if is_small(rows_with_faults) else rounded(rows_with_faults),
        old=named(old),
        new=named(new),
        same_policy=old.hash == new.hash,
        kinds=tuple(OR.join(DIRECTIONS[each] for each in kind) for kind in kinds),
        level=tuple(share_of(size, others(sizes, place)) for place, size in enumerate(sizes)),
        moves=tuple(level_moves(old, counts, kind) for kind in kinds),
        upper_ends=tuple(shown(counts.upper_ends[list(kind)].sum(axis=0).tolist()) for kind in kinds),
        standings=standing_moves(counts),
        groupings=tuple(by_group(counts, kinds, number) for number in range(len(GROUPINGS))),
    )


def named(policy: Policy) -> PolicyNamed:
    return PolicyNamed(policy.id, policy.version, policy.status, policy.hash)


def others(sizes: Sequence[int], place: int) -> list[int]:
    return [size for each, size in enumerate(sizes) if each != place]


def kinds_of(totals: Sequence[int]) -> tuple[Kind, ...]:
    """Lower, same and higher, with those that have from 1 to 10 people put together with another.

    That is `same`; where `same` itself is small, the last other one. They are taken by place and not by size, so that
    the choice tells nothing. No table splits a kind again, so the small number stands nowhere.
    """
    kinds: list[Kind] = [(direction,) for direction in range(len(totals))]
    while len(kinds) > 1:
        small = next((kind for kind in kinds if is_small(sum(totals[each] for each in kind))), None)
        if small is None:
            break
        rest = [kind for kind in kinds if kind != small]
        partner = rest[-1] if SAME in small else next(kind for kind in rest if SAME in kind)
        kinds = sorted((*(kind for kind in rest if kind != partner), tuple(sorted((*small, *partner)))))
    return tuple(kinds)


def level_moves(policy: Policy, counts: Counts, kind: Kind) -> Moves:
    """The moves between levels of one kind of change.

    Where several directions are one kind, who stays is told by level, and all who move are one cell: the moves of too
    few people are not told apart, not even which ones nobody makes.
    """
    if len(kind) == 1:
        return moves_of(policy.ladder.ids, list(pairs(counts, kind)))
    staying = list(pairs(counts, (SAME,)))
    moving = sum(count for *_, count in pairs(counts, tuple(each for each in kind if each != SAME)))
    levels = len(policy.ladder.ids)
    return moves_of((*policy.ladder.ids, *ANY_MOVE), [(levels, levels + 1, moving), *staying])


def pairs(counts: Counts, kind: Kind) -> Iterator[tuple[int, int, int]]:
    """From, to and how many people, for the moves in these directions."""
    levels = len(counts.moves)
    for start in range(levels):
        for end in range(levels):
            if (end > start) - (end < start) + SAME in kind:
                yield start, end, int(counts.moves[start, end])


def standing_moves(counts: Counts) -> Moves:
    """The moves between standings: newly kept back, no longer so, and the rest."""
    size = len(STANDINGS)
    return moves_of(STANDINGS, [(a, b, int(counts.standings[a, b])) for a in range(size) for b in range(size)])


def moves_of(names: Sequence[str], cells: Sequence[tuple[int, int, int]]) -> Moves:
    table = shown([count for *_, count in cells])
    if table.withheld:
        return Moves((), None, True)
    told = [(names[a], names[b], count) for (a, b, _), count in zip(cells, table.cells, strict=True) if count != 0]
    return Moves(tuple(Move(*move) for move in told), table.together, False)


def by_group(counts: Counts, kinds: Sequence[Kind], number: int) -> GroupingFindings:
    grouping = GROUPINGS[number]
    cells = counts.groups[grouping.question]
    tables = [shown(cells[list(kind)].sum(axis=0).tolist()) for kind in kinds]
    rows = zip(*(table.cells for table in tables), strict=True)
    groups = [group_of(name, row) for name, row in zip(grouping.names, rows, strict=True) if set(row) != {0}]
    return GroupingFindings(grouping.title, grouping.question, tuple(groups), tuple(table.together for table in tables))


def group_of(name: str, row: Sequence[int | None]) -> GroupFindings:
    """One group from its shown counts by kind of change."""
    known = [count for count in row if count is not None]
    people = sum(known) if len(known) == len(row) else None
    kinds = [share_of(count, [*row[:place], *row[place + 1 :]]) for place, count in enumerate(row)]
    return GroupFindings(name, people, tuple(kinds))
