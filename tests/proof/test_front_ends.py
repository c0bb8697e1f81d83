"""Every slider of every demo by mouse and by key, in three front ends: page and kernel agree.

JupyterLab as requirements.txt pins it, Notebook 7, and the oldest JupyterLab that pyproject.toml
allows, with the oldest ipywidgets beside it.
"""

from __future__ import annotations

import shutil

import pytest

from tests.browser.conftest import browser, chromium
from tests.browser.driver import CELLS, Demo, same, wait_until
from tests.browser.test_notebooks import DEMOS, ROOT, SLIDERS, code_cells, each_demo, reach, reset

from .front_ends import FRONT_ENDS

__all__ = ["browser", "chromium"]  # fixtures, found by their names

pytestmark = [pytest.mark.browser, pytest.mark.proof]


@pytest.fixture(scope="module", params=FRONT_ENDS)
def front_end(request, chromium, tmp_path_factory):
    """((address, token), the kind of its pages) of a front end on a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("front")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    learners_python = lambda: request.getfixturevalue("learners_python")  # noqa: E731
    with FRONT_ENDS[request.param](folder, learners_python) as found:
        yield found


@pytest.fixture(scope="module")
def pages(front_end, browser):
    """Opens a notebook with its first cell and its demos run: one at a time."""
    server, kind = front_end
    opened = {}

    def page(name):
        if name not in opened:
            while opened:
                opened.popitem()[1].close()
            opened[name] = made = kind(browser, *server, name)
            first, *_ = code_cells(ROOT / "notebooks" / name)
            for cell in [first[0], *(each.values[1] for each in DEMOS if each.values[0] == name)]:
                made.run(cell, seconds=600)
        return opened[name]

    yield page
    while opened:
        opened.popitem()[1].close()


@each_demo
def test_every_slider_follows_mouse_and_keys(name, cell, demo_name, pages, tried):
    notebook = pages(name)
    demo = Demo(notebook, cell)
    assert notebook.errors() == []
    demo.short_runs()
    for slider, description in demo.kinds(*SLIDERS).items():
        low, high = demo.ends(slider)
        pictures, words, readouts = set(), set(), set()

        def note(seen):
            pictures.add(seen["picture"])  # noqa: B023
            words.add(seen["words"])  # noqa: B023
            readouts.add(seen["controls"][description])  # noqa: B023
            return seen["controls"][description]  # noqa: B023

        start = note(reach(demo, slider))
        active = notebook.js(f"() => {CELLS}.activeCellIndex")
        demo.drag(description, 0.93)
        assert note(demo.arrived()) != start, f"{description} does not follow the mouse"
        for key, end in {"Home": low, "End": high}.items():
            demo.press(description, key)
            assert same(note(demo.arrived()), end), f"{key} does not take {description} there"
        for key in ("ArrowLeft", "PageDown"):
            before = demo.readout(description)
            demo.press(description, key)
            changed = lambda: demo.readout(description) != before  # noqa: B023, E731
            wait_until(changed, f"{key} does nothing to {description}")
            note(demo.arrived())
        # To another value: of a slider with few the keys may have reached that one.
        demo.drag(description, 0.9 if abs(demo.share(description) - 0.4) < 0.11 else 0.4)
        note(demo.settled())
        # A key on a slider is not one for the notebook, too.
        assert notebook.js(f"() => {CELLS}.activeCellIndex") == active
        # The ends of some sliders show the same; settled() has compared each with the kernel.
        wanted = 2 if demo.trains else min(3, len(readouts))
        assert len(pictures) >= wanted, f"{description} moves, the picture does not"
        assert len(words) > 1, f"{description} moves, the words stay"
        tried("sliders")
        tried("moves", 6)
    demo.short_runs(None)
    reset(demo)
    assert notebook.errors() == []
