"""Learners on a real JupyterHub run all cells and move sliders: all answered, nothing left."""

import asyncio
import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(sys.platform == "win32", reason="JupyterHub does not run on Windows"),
]
SHORT = "01_input_normalization.ipynb", "05_ema_test_time.ipynb"  # whose cells take least


@pytest.fixture(scope="module")
def classroom():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "benchmarks")
        yield importlib.import_module("classroom")


@pytest.fixture(scope="module")
def lesson(classroom):
    """What three learners found, and the hub that they were on."""
    if not (classroom.ENVIRONMENT / "bin" / "jupyterhub").exists():
        pytest.skip("needs jupyterhub: `make proof` installs it")
    hubs = []

    class Kept(classroom.Hub):
        def __init__(self, names):
            super().__init__(names)
            hubs.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classroom, "NOTEBOOKS", SHORT)
        patch.setattr(classroom, "Hub", Kept)
        return asyncio.run(classroom.lesson(3)), *hubs


def test_every_move_that_was_sent_has_its_picture(lesson, tried):
    found, _ = lesson
    assert found.errors == []
    for record in found.learners:
        moves = [move for each in record.moves.values() for move in each]
        assert len(moves) > 10
        assert all(move.seen for move in moves)
        assert len(record.to_picture) >= 2
        tried("moves", sum(record.made.values()))
        tried("pictures", record.pictures)
    tried("learners", len(found.learners))


def test_all_costs_are_told(lesson, classroom):
    found, _ = lesson
    text = classroom.report({3: found})
    for words in ("Memory a learner: ", "Cores a learner: ", "| 300 | ", "| 3 | "):
        assert words in text
    assert "nan" not in text
    assert len(found.memory) == 3
    assert 100 < min(found.memory.values()) <= max(found.most.values()) < 1000
    assert found.reading.cores < 0.2


def test_nothing_is_left_of_it(lesson, tried):
    _, hub = lesson
    assert len(hub.processes) >= 8  # hub, proxy, and a server and a kernel for each
    assert not [each for each in hub.processes.values() if each.is_running()]
    assert not hub.folder.exists()
    tried("processes", len(hub.processes))
