"""Many short runs on the cores there are."""

import os
import sys
import threading
from collections import deque
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, wait


def in_parallel(function, jobs, workers=None):
    """Yield (job, function(job)) as the results come, in no particular order.

    This process works through the jobs itself; further processes help where there are further
    cores and a notebook asks (a script would have to guard its main module for that). Close the
    generator to stop: jobs not yet begun are dropped.

    ``function`` is defined in a module and takes a job; ``jobs`` are a sequence of what can be
    pickled. ``workers``: processes besides this one; None: one for each further core in a notebook,
    else none.
    """
    todo, running = deque(jobs), {}
    pool = _pool(_helpers(len(todo)) if workers is None else workers)
    try:
        while todo or running:
            while pool and todo and len(running) < 2 * pool._max_workers:
                job = todo.popleft()
                running[pool.submit(function, job)] = job
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


def _helpers(jobs):
    ipython = sys.modules.get("IPython")
    in_notebook = ipython and hasattr(ipython.get_ipython(), "kernel")
    if not in_notebook or jobs < 40:  # a process takes a second or two to start
        return 0
    affinity = getattr(os, "sched_getaffinity", None)
    cores = len(affinity(0)) if affinity else os.cpu_count() or 1
    return min(cores - 1, 7)


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


def _end_with_parent():
    """In a worker: do not outlive a kernel that is restarted or killed in the midst of a run."""

    import multiprocessing

    def watch():
        multiprocessing.parent_process().join()
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()
