"""Parts made by the workers of a Dask cluster, which must see the input and the output's folder under the same paths.

Only paths and places are sent to the workers, never rows, and the job (with the policy) once to each worker. A worker
that dies costs the part that it was at: Dask gives it to another one, and a part is the same whoever makes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from recommender.batch.parts import RESUME_REMEDY, Job, PartRecord, Task, Unfinished, maker_for
from recommender.errors import Fault, InputError

if TYPE_CHECKING:
    from recommender.batch.run import Engine

CONNECT_WITHIN = "20s"
MISSING_REMEDY = "Install it with `pip install 'recommender[dask]'`, here and on every worker."


def dask_engine(scheduler: str) -> Engine:
    """The engine of the cluster with a scheduler at an address. Raises InputError where Dask is not installed."""
    try:
        import distributed
    except ImportError:
        raise InputError(Fault("Dask is not installed", remedy=MISSING_REMEDY)) from None

    def make(job: Job, tasks: Sequence[Task]) -> Iterator[PartRecord]:
        with connected(distributed, scheduler) as client:
            yield from make_on(client, job, tasks)

    return make


def connected(distributed: Any, scheduler: str) -> Any:
    """A client of the scheduler. Raises InputError where nobody answers."""
    try:
        return distributed.Client(scheduler, timeout=CONNECT_WITHIN, set_as_default=False)
    except (OSError, ValueError, TimeoutError):
        remedy = "Check the address, and that the scheduler runs."
        raise InputError(Fault("no Dask scheduler answers", given=scheduler, remedy=remedy)) from None


def make_on(client: Any, job: Job, tasks: Sequence[Task]) -> Iterator[PartRecord]:
    """The parts as they are finished by the workers of a client. Raises Unfinished where too many workers died."""
    from distributed import CancelledError, KilledWorker, as_completed

    sent = client.scatter(job, broadcast=True)
    # Not pure: another run makes the same parts anew, in a folder that may be gone by then.
    futures = [client.submit(make_part, sent, task, pure=False) for task in tasks]
    try:
        for future in as_completed(futures, loop=client.loop):
            yield future.result()
    except (CancelledError, KilledWorker):
        what = "the cluster gave up, because its workers died or its scheduler went away"
        raise Unfinished(Fault(what, remedy=f"Give fewer --chunk-rows. {RESUME_REMEDY}")) from None
    finally:
        client.cancel(futures)


def make_part(job: Job, task: Task) -> PartRecord:
    """One part, on a worker."""
    return maker_for(job).make(task)
