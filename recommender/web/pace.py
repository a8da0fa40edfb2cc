"""How often one caller may ask: so many at once, then so many a minute. Kept in this process alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

AT_ONCE, PER_MINUTE = 60, 600
# Callers who have not asked for long are forgotten once there are so many.
MANY = 10_000


class Pace:
    """A bucket for each caller that fills evenly; each request takes one out."""

    def __init__(
        self, at_once: int = AT_ONCE, per_minute: float = PER_MINUTE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.at_once, self.per_second, self.clock = at_once, per_minute / 60, clock
        self._left: dict[str, tuple[float, float]] = {}
        self._turn = threading.Lock()

    def wait(self, caller: str) -> float:
        """Seconds that a caller has to wait; 0 where the request may go on, which is then counted."""
        with self._turn:
            now = self.clock()
            if len(self._left) > MANY:
                self.forget(now)
            left, then = self._left.get(caller, (float(self.at_once), now))
            left = min(self.at_once, left + (now - then) * self.per_second)
            if left < 1:
                return (1 - left) / self.per_second
            self._left[caller] = (left - 1, now)
            return 0.0

    def forget(self, now: float) -> None:
        """Drops the callers whose bucket is full again."""
        full = self.at_once / self.per_second
        self._left = {caller: kept for caller, kept in self._left.items() if now - kept[1] < full}
