"""What every page stands on: an open store, the engine that makes recommendations, and the settings of this desk."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path

from recommender.interview import LookAhead
from recommender.likely import Population
from recommender.policy import Policy
from recommender.store import Engine, Store
from recommender.web.batch_room import BatchRoom
from recommender.web.counters import Counters
from recommender.web.pace import Pace

CRISIS_LINES = ("911 for an emergency", "988 Suicide and Crisis Lifeline, call or text, day and night")


@dataclass(frozen=True, eq=False)
class Desk:
    """One desk. `models` is the folder of the registry.

    `secure` says whether it is reached by HTTPS; cookies are then never sent otherwise.
    """

    store: Store
    engine: Engine
    population: Population
    batches: BatchRoom | None = None
    models: Path = Path("models")
    name: str = "Intake desk"
    secure: bool = False
    counters: Counters = field(default_factory=Counters)
    api_pace: Pace = field(default_factory=Pace)
    crisis_lines: tuple[str, ...] = field(default=CRISIS_LINES)

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.engine.policy

    @functools.cached_property
    def look_ahead(self) -> LookAhead:
        """What chooses the next question; made once, for everybody."""
        return LookAhead(self.policy, self.population)
