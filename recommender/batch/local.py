"""Parts made on this machine: in this process, or in a pool of processes on several cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from recommender.batch.parts import RESUME_REMEDY, Job, PartMaker, PartRecord, Task, Unfinished, maker_for
from recommender.errors import Fault


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_here(job: Job, tasks: Sequence[Task]) -> Iterator[PartRecord]:
    """The parts one after another, in this process."""
    maker = PartMaker(job)
    return (maker.make(task) for task in tasks)


def make_in_pool(job: Job, tasks: Sequence[Task], workers: int) -> Iterator[PartRecord]:
    """The parts as they are finished by several processes. Raises Unfinished where one of these is killed."""
    # Started anew and not forked: a fork of a process in which Arrow has threads may hang.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=set_up_worker, initargs=(job,))
    try:
        for done in as_completed([pool.submit(make_part, task) for task in tasks]):
            yield done.result()
    except BrokenProcessPool:
        what = "a worker process was ended from outside, perhaps because memory ran out"
        remedy = f"Give fewer --workers or --chunk-rows. {RESUME_REMEDY}"
        raise Unfinished(Fault(what, remedy=remedy)) from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def local_processes() -> list[int]:
    """The ids of the worker processes that this process has started."""
    return [process.pid for process in multiprocessing.active_children() if process.pid]


_JOBS: list[Job] = []


def set_up_worker(job: Job) -> None:
    """Makes a new process ready: the policy is compiled once; Ctrl-C is for the process that started this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_parent, daemon=True).start()
    _JOBS[:] = [job]
    maker_for(job)


def end_with_parent() -> None:
    """Ends this process when the one that started it is gone, even killed: nobody would take its parts."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def make_part(task: Task) -> PartRecord:
    """One part, in a worker process."""
    return maker_for(_JOBS[0]).make(task)
