"""One BLAS thread while small matrices are multiplied, and never more than a container allows.

A product of 60 × 100 by 100 × 100 takes microseconds; spread over the dozens of cores that a
container sees it takes milliseconds. The limit holds inside ``with one_blas_thread():`` and
nowhere else. BLAS has one setting for the whole process, so blocks in several Python threads are
counted: the first one in sets the limit, the last one out restores what was there.
"""

import functools
import threading
from contextlib import contextmanager

from . import cores

_lock = threading.Lock()
_inside = 0
_before = []


def _loaded():
    """The BLAS libraries that this process has loaded by now; none found is no error."""
    from threadpoolctl import ThreadpoolController  # not before it is needed: imports stay quick

    return ThreadpoolController().select(user_api="blas").lib_controllers


_blas = functools.cache(_loaded)


@contextmanager
def one_blas_thread():
    """Within the block, BLAS computes in the calling thread alone."""
    _enter()
    try:
        yield
    finally:
        _leave()


@functools.cache
def one_blas_thread_from_now_on():
    """BLAS computes in the calling thread alone for as long as this process lives.

    For a kernel whose pictures are live: each time that its threads are woken they wait for work a
    good while at full speed, which the browser on the same cores then lacks.
    """
    _enter()


def blas_within_quota():
    """Where a container allows fewer cores than it shows: BLAS keeps to what it allows.

    It starts a thread for each core that it sees; together they use up the quota at once, and the
    kernel stands still for the rest of each tenth of a second.
    """
    limit = cores.quota()
    if limit is None or limit >= cores.seen():
        return
    for library in _loaded():  # others may come after bnlib
        if (library.get_num_threads() or 0) > cores.cores():
            library.set_num_threads(cores.cores())


def _enter():
    global _inside, _before
    with _lock:
        if _inside == 0:
            told = [(library, library.get_num_threads()) for library in _blas()]
            _before = [(library, threads) for library, threads in told if threads is not None]
            for library, _ in _before:
                library.set_num_threads(1)
        _inside += 1


def _leave():
    global _inside
    with _lock:
        _inside -= 1
        if _inside == 0:
            for library, threads in _before:
                library.set_num_threads(threads)
