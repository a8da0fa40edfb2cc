"""The service plan: what a level would hold for this person, how much, why, and a week that leaves room for life.

The level itself is never touched here. A service stands in the plan when one of its rules is certainly true; what
unanswered questions leave open is listed apart, with what to ask.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from recommender.explain import Explainer, Fact
from recommender.policy import DAYS, Dose, Schedule, Service, Slot
from recommender.rules.tree import Node, names_read

MINUTES_IN_HOUR = 60
# A session shorter than this is not worth coming for; what is left of a slot then lengthens another session.
SHORTEST_SESSION = 15
SHORTEST_GROUP = 30
LONGEST_GROUP = 105
WEEKLY = 1.0
# The service that fills what the others leave of the programme's hours: the first of these that the plan holds.
ELASTIC = ("group_counselling", "weekly_group", "individual_counselling")


class PlannedService(NamedTuple):
    """One line of the plan: a service, its dose, why this person gets it, and the answers behind that."""

    service: Service
    dose: Dose
    facts: tuple[Fact, ...]

    @property
    def minutes_a_week(self) -> float:
        """The dose in minutes a week, fortnightly and rarer doses averaged."""
        return self.dose.times_per_week * self.dose.minutes


class OpenService(NamedTuple):
    """A service that may be wanted, and the questions that would tell."""

    service: Service
    ask: tuple[str, ...]


class Session(NamedTuple):
    """One meeting of the week. Minutes are counted from midnight. `every_weeks` above 1 is shared with a group."""

    day: str
    start: int
    end: int
    service: str
    name: str
    every_weeks: int = 1
    by_video: bool = False


class Week(NamedTuple):
    """A programme's week for this person. The sessions fill the slots of the schedule exactly.

    `in_turn` are services of the programme that share its hours with the groups, because the week is full.
    """

    schedule: Schedule
    sessions: tuple[Session, ...]
    in_turn: tuple[str, ...]

    @property
    def hours(self) -> float:
        """Hours of the week: of the sessions, and so of the slots."""
        return sum(session.end - session.start for session in self.sessions) / MINUTES_IN_HOUR


class Plan(NamedTuple):
    """The whole plan for one level: inside the programme, beside it, the week, other timetables, and what is open."""

    level: str
    inside: tuple[PlannedService, ...]
    beside: tuple[PlannedService, ...]
    week: Week | None
    other_schedules: tuple[Schedule, ...]
    schedule_open: tuple[str, ...]
    no_schedule_fits: bool
    still_open: tuple[OpenService, ...]


def plan_for(explainer: Explainer, level: str) -> Plan:
    """The plan of one person at a level of the ladder (`none` has an empty one)."""
    policy = explainer.policy
    held = [service for service in policy.services if level in service.part_of]
    planned = [line for service in held if (line := planned_service(explainer, service)) is not None]
    inside = tuple(line for line in planned if line.service.inside)
    fitting = [schedule for schedule in policy.schedules if level in schedule.levels]
    certain = [schedule for schedule in fitting if explainer.situation.truth(schedule.rule.when)]
    possible = [schedule for schedule in fitting if explainer.situation.truth(schedule.rule.when) is None]
    return Plan(
        level=level,
        inside=inside,
        beside=tuple(line for line in planned if not line.service.inside),
        week=fill_week(certain[0], inside) if certain else None,
        other_schedules=tuple(certain[1:]),
        schedule_open=() if certain else questions_to_ask(explainer, [s.rule.when for s in possible]),
        no_schedule_fits=bool(fitting) and not certain and not possible,
        still_open=tuple(open_services(explainer, held, planned)),
    )


def planned_service(explainer: Explainer, service: Service) -> PlannedService | None:
    """The service with the last of its doses that is certainly true, or None."""
    true = [dose for dose in service.doses if explainer.situation.truth(dose.rule.when)]
    if not true:
        return None
    grounds = explainer.situation.grounds(true[-1].rule.when)
    return PlannedService(service, true[-1], tuple(explainer.fact(node) for node in grounds))


def open_services(
    explainer: Explainer, held: Sequence[Service], planned: Sequence[PlannedService]
) -> Iterable[OpenService]:
    """Services not in the plan that an unanswered question may still bring in."""
    there = {line.service.id for line in planned}
    for service in held:
        open_rules = [d.rule.when for d in service.doses if explainer.situation.truth(d.rule.when) is None]
        if service.id not in there and open_rules:
            yield OpenService(service, questions_to_ask(explainer, open_rules))


def questions_to_ask(explainer: Explainer, conditions: Iterable[Node]) -> tuple[str, ...]:
    """The unanswered questions that leave conditions open."""
    names: dict[str, None] = {}
    for condition in conditions:
        for node in explainer.situation.open_parts(condition):
            names.update(dict.fromkeys(explainer.askable(sorted(names_read(node)))))
    return tuple(name for name in names if not explainer.settled(name))


# ------------------------------------------------------------------------------------------------------------ the week
@dataclass(slots=True)
class _Day:
    """One slot that is being filled: what is left of it, and what stands in it so far."""

    slot: Slot
    blocks: list[tuple[PlannedService, int]]

    @property
    def left(self) -> int:
        return self.slot.minutes - sum(minutes for _, minutes in self.blocks)


def fill_week(schedule: Schedule, inside: Sequence[PlannedService]) -> Week:
    """Sessions that fill the schedule's slots to the minute: services in the policy's order, groups in the rest."""
    days = [_Day(slot, []) for slot in schedule.slots]
    crowded_out = [line.service.id for line in inside if not place(days, line)]
    group = next((line for name in ELASTIC for line in inside if line.service.id == name), None)
    for day in days:
        fill_rest(day, group)
    return Week(schedule, tuple(session for day in days for session in sessions_of(day)), tuple(crowded_out))


def place(days: Sequence[_Day], line: PlannedService) -> bool:
    """Puts a service's sessions on different days, the emptiest first; says whether all found room."""
    wanted = max(1, round(line.dose.times_per_week))
    shortest = min(SHORTEST_SESSION, line.dose.minutes)
    roomy = sorted((day for day in days if day.left >= shortest), key=lambda day: -day.left)[:wanted]
    fitting = [day for day in roomy if day.left >= line.dose.minutes]
    for day in fitting:
        day.blocks.append((line, line.dose.minutes))
    return len(fitting) == min(wanted, len(days))


def fill_rest(day: _Day, group: PlannedService | None) -> None:
    """What is left of a slot becomes groups, or lengthens the longest session where it is too short for one."""
    if group is None or (day.left < SHORTEST_GROUP and day.blocks):
        if day.blocks:
            longest = max(range(len(day.blocks)), key=lambda index: day.blocks[index][1])
            line, minutes = day.blocks[longest]
            day.blocks[longest] = (line, minutes + day.left)
        return
    left = day.left
    groups = -(-left // LONGEST_GROUP)
    for number in range(groups):
        minutes = left // groups if number else left - (groups - 1) * (left // groups)
        day.blocks.append((group, minutes))


def sessions_of(day: _Day) -> Iterable[Session]:
    """The blocks of a day one after another."""
    start = day.slot.start
    for line, minutes in day.blocks:
        weeks = round(WEEKLY / line.dose.times_per_week) if 0 < line.dose.times_per_week < WEEKLY else 1
        service = line.service
        yield Session(day.slot.day, start, start + minutes, service.id, service.name, weeks, day.slot.by_video)
        start += minutes


def in_week_order(sessions: Iterable[Session]) -> list[Session]:
    """The sessions from Monday morning to Sunday night."""
    return sorted(sessions, key=lambda session: (DAYS.index(session.day), session.start))
