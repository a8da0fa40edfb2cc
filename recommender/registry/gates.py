"""What a model must keep before it may be promoted: limits on its figures, declared in `content/gates.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recommender.content_file import CONTENT, ContentFile, FaultList
from recommender.errors import Fault
from recommender.evaluation.estimate import NOTHING, Figure
from recommender.evaluation.findings import Findings
from recommender.shape import NUMBER, TEXT, Key, Shape, entry_of, list_of, one_of

GATES = CONTENT / "gates.yaml"
MEASURE, DIFFERENCE, GAP, FACT = "measure", "difference", "gap", "fact"
GATE: Shape = {
    "id": Key(TEXT, "A short name.", required=True),
    "about": Key(TEXT, "What is compared, in words.", required=True),
    "of": Key(one_of(MEASURE, DIFFERENCE, GAP, FACT), "Where the number comes from.", required=True),
    "name": Key(TEXT, "Which number.", required=True),
    "end": Key(one_of("value", "low", "high"), "The value, or an end of its 95 % interval."),
    "at_least": Key(NUMBER, "It must be this or more."),
    "at_most": Key(NUMBER, "It must be this or less."),
}
FILE: Shape = {"gates": Key(list_of(entry_of(GATE)), "The gates, in the order told.", required=True)}


@dataclass(frozen=True)
class Gate:
    """One limit on one number."""

    id: str
    about: str
    of: str
    name: str
    end: str
    at_least: float | None
    at_most: float | None

    def limit(self) -> str:
        """The limit in words."""
        ends = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join(f"{words} {end:g}" for words, end in ends if end is not None)

    def open_for(self, found: float) -> bool:
        """Whether a number keeps the limit."""
        return (self.at_least is None or found >= self.at_least) and (self.at_most is None or found <= self.at_most)


@dataclass(frozen=True)
class GateResult:
    """A gate and the number that was found; None where there was none to find, which closes it."""

    id: str
    about: str
    limit: str
    found: float | None
    passed: bool

    def as_json(self) -> dict[str, Any]:
        """The result as the log keeps it."""
        return asdict(self)

    def fault(self) -> Fault:
        """A closed gate as a fault."""
        given = "not known" if self.found is None else f"{self.found:.4g}"
        return Fault(f"gate `{self.id}` is closed: {self.about}", given=given, allowed=self.limit)


def load_gates(path: Path = GATES) -> tuple[Gate, ...]:
    """The gates as declared. Raises ContentError with the place of everything that is wrong."""
    file, faults = ContentFile(path), FaultList()
    file.check(file.data, FILE, ())
    for number, entry in enumerate(file.data["gates"]):
        if faults.sound(file, entry, GATE, ("gates", number)) and not {"at_least", "at_most"} & set(entry):
            faults.faults.append(file.fault("a gate without a limit is always open", ("gates", number)))
    faults.close()
    return tuple(
        Gate(e["id"], e["about"], e["of"], e["name"], e.get("end", "value"), e.get("at_least"), e.get("at_most"))
        for e in file.data["gates"]
    )


def through_gates(
    gates: tuple[Gate, ...],
    findings: Findings,
    facts: Mapping[str, Any],
    differences: Mapping[str, Figure] | None,
) -> tuple[GateResult, ...]:
    """Each gate with what was found. `differences` to the version in force are None where none is in force."""
    asked = [gate for gate in gates if gate.of != DIFFERENCE or differences is not None]
    return tuple(result_of(gate, number_for(gate, findings, facts, differences or {})) for gate in asked)


def result_of(gate: Gate, found: float | None) -> GateResult:
    return GateResult(gate.id, gate.about, gate.limit(), found, found is not None and gate.open_for(found))


def number_for(
    gate: Gate, findings: Findings, facts: Mapping[str, Any], differences: Mapping[str, Figure]
) -> float | None:
    """The number that a gate asks for; None where there is none."""
    if gate.of == FACT:
        fact = facts.get(gate.name)
        return float(fact) if isinstance(fact, int | float) else None
    if gate.of == GAP:
        gaps = [grouping.gaps[gate.name] for grouping in findings.groupings if gate.name in grouping.gaps]
        return max((value for gap in gaps if (value := getattr(gap, gate.end)) is not None), default=None)
    figures = findings.chief.measures if gate.of == MEASURE else differences
    found: float | None = getattr(figures.get(gate.name, NOTHING), gate.end)
    return found
