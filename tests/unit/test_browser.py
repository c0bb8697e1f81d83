"""Fewer runs in the browser, and nowhere else."""

import subprocess
import sys

import pytest

import bnlib as bn
from bnlib import browser


def test_here_all_seeds_and_in_the_browser_the_first_of_them(monkeypatch):
    assert bn.seeds(20, in_browser=5) == range(20)
    assert bn.seeds(20, in_browser=5, first=100) == range(100, 120)
    monkeypatch.setattr(browser, "IN_BROWSER", True)
    assert bn.seeds(20, in_browser=5) == range(5)
    assert bn.seeds(20, in_browser=5, first=100) == range(100, 105)
    assert bn.seeds(3, in_browser=3) == range(3)


def test_the_platform_is_what_decides():
    code = (
        "import sys, numpy\n"
        "sys.platform = 'emscripten'\n"
        "import bnlib as bn\n"
        "assert bn.seeds(20, in_browser=5) == range(5)\n"
        "assert bn._fast.product is bn._fast.product_without_blas\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (dict(count=0, in_browser=1), "count must be at least 1, got 0"),
        (dict(count=5, in_browser=0), "in_browser must be between 1 and 5, got 0"),
        (dict(count=5, in_browser=6), "in_browser must be between 1 and 5, got 6"),
        (dict(count=5, in_browser=2, first=-1), "first must be at least 0, got -1"),
    ],
)
def test_numbers_that_make_no_sense(given, words):
    with pytest.raises(ValueError, match=words):
        bn.seeds(**given)


def test_a_count_is_an_integer():
    with pytest.raises(TypeError, match=r"in_browser must be an integer, got float: 2\.0"):
        bn.seeds(5, in_browser=2.0)
