"""What the desk counts of itself, for Prometheus: requests by page and status, how long they took. Nobody's data."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUESTS, SECONDS = "recommender_requests_total", "recommender_request_seconds"


class Counters:
    """Counts since this process began."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._buckets = [0] * (len(BUCKETS) + 1)
        self._seconds = 0.0
        self._turn = threading.Lock()

    def count(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts one request; `route` is the name of a page, never an address."""
        with self._turn:
            self._requests[route, method, status] += 1
            self._buckets[bisect_left(BUCKETS, seconds)] += 1
            self._seconds += seconds

    def text(self) -> str:
        """All counts in the text format of Prometheus, version 0.0.4."""
        with self._turn:
            return "\n".join(self.lines()) + "\n"

    def lines(self) -> Iterator[str]:
        yield f"# HELP {REQUESTS} Requests by page, method and status."
        yield f"# TYPE {REQUESTS} counter"
        for (route, method, status), count in sorted(self._requests.items()):
            yield f'{REQUESTS}{{route="{route}",method="{method}",status="{status}"}} {count}'
        yield f"# HELP {SECONDS} How long requests took."
        yield f"# TYPE {SECONDS} histogram"
        total = 0
        for end, count in zip((*BUCKETS, "+Inf"), self._buckets, strict=True):
            total += count
            yield f'{SECONDS}_bucket{{le="{end}"}} {total}'
        yield f"{SECONDS}_sum {self._seconds:.6f}"
        yield f"{SECONDS}_count {total}"
