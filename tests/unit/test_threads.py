"""One BLAS thread: inside a block and not after it, or for good."""

import subprocess
import sys

import numpy as np
import pytest

from bnlib import threads

SCRIPT = """
import numpy as np
from bnlib import threads
inside = []
def told():
    return {library.get_num_threads() for library in threads._blas()}
for library in threads._blas():
    library.set_num_threads(2)
before = told()
with threads.one_blas_thread(), threads.one_blas_thread():
    inside.append(told())
assert told() == before, (told(), before)
threads.one_blas_thread_from_now_on()
threads.one_blas_thread_from_now_on()
inside.append(told())
with threads.one_blas_thread():
    inside.append(told())
inside.append(told())
assert all(each <= {1, None} for each in inside), inside
"""


def test_one_thread_in_a_block_as_before_after_it_and_one_from_now_on():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


def test_the_openblas_that_numpy_brings_is_found():
    """Otherwise helping processes fight for cores with their BLAS threads, and nobody is told."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]["name"]
    if "openblas" not in blas:
        pytest.skip(f"NumPy computes with {blas} here")
    assert threads._blas()
