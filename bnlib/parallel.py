"""Many short runs on the cores there are."""

import os
import signal
import sys
import threading
import time
from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait
from contextlib import contextmanager

from .cores import cores
from .validation import as_count, as_list, shown

SETTLED = 0.3  # seconds: a run that a slider overtakes before that starts no process
MOST_WORKERS = 60  # more Windows does not have
MOST_JOBS = 10**6  # more are taken for something that never ends


def in_parallel(function, jobs, workers=None):
    """Yield (job, function(job)) as the results come, in no particular order.

    This process works through the jobs itself; further processes help where there are further
    cores and a notebook asks (a script would have to guard its main module for that). Close the
    generator to stop: jobs not yet begun are dropped.

    ``function`` is defined in a module and takes a job; ``jobs`` are a sequence of what can be
    pickled, a million at most. ``workers``: processes besides this one; None: one for each further
    core that this process may use in a notebook, else none; not at once, as the run may be closed
    again.
    """
    todo, running, begun = _todo(function, jobs, workers), {}, time.monotonic()
    decided, number = workers is not None, len(todo)
    pool = _pool(workers) if decided else None
    try:
        while todo or running:
            if not decided and time.monotonic() - begun >= SETTLED:
                decided, pool = True, _pool(_helpers(number))
            while pool and todo and len(running) < 2 * pool._max_workers:
                try:
                    with _not_interrupted():
                        future = pool.submit(function, todo[0])
                except BrokenExecutor:
                    pool = None
                else:
                    running[future] = todo.popleft()
            for future in [future for future in running if future.done()]:
                job = running.pop(future)
                try:
                    yield job, future.result()
                except BrokenExecutor:  # this process goes on alone
                    todo.append(job)
                    pool = None
            if todo:
                job = todo.popleft()
                yield job, function(job)
            elif running:
                wait(running, return_when=FIRST_COMPLETED)
    finally:
        if pool:
            pool.shutdown(wait=False, cancel_futures=True)


def _todo(function, jobs, workers):
    """The jobs, after a look at what was given."""
    if not callable(function):
        raise TypeError(f"function must be one, got {type(function).__name__}: {shown(function)}")
    if workers is not None:
        as_count(workers, "workers", low=0, high=MOST_WORKERS)
    return deque(as_list(jobs, "jobs", ", one or several of what function takes", MOST_JOBS))


def _helpers(jobs):
    ipython = sys.modules.get("IPython")
    in_notebook = ipython and hasattr(ipython.get_ipython(), "kernel")
    if not in_notebook or jobs < 40:  # a process takes a second or two to start
        return 0
    return min(cores() - 1, 7)


def _pool(workers):
    if workers < 1:
        return None
    try:  # not above: where there are no processes, not even the import works
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(workers, context, initializer=_end_with_parent)
    except (ImportError, NotImplementedError, OSError):  # a Python without processes
        return None


@contextmanager
def _not_interrupted():
    """What is started here does not hear an interrupt: a front end sends it to the kernel and to
    all that it has started, and a worker would print a traceback, or hand the interrupt to the
    thread that waits for its result."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows, which tells the kernel alone
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent():
    """In a worker: do not outlive a kernel that is restarted or killed in the midst of a run."""

    import multiprocessing

    def watch():
        multiprocessing.parent_process().join()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
