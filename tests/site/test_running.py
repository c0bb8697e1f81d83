"""The notebooks in JupyterLite: a real browser, a Python in it, and no other host.

Two notebooks are driven by mouse, keyboard and buttons, as in JupyterLab; `make test-site` runs the
others to their end, too.
"""

from __future__ import annotations

import re

import nbformat
import pytest

from tests.browser import test_notebooks as lab
from tests.browser.driver import Demo
from tests.browser.test_notebooks import (
    DEMOS,
    EXERCISES,
    NOTEBOOKS,
    ROOT,
    demo,
    notebook,
    pages,
    short,
)  # fmt: skip
from tests.site.conftest import served
from tests.site.lite import SCREEN, LiteNotebook

__all__ = ["demo", "notebook", "pages", "short"]  # fixtures, found by their names

DRIVEN = FIRST, TRAINS = "01_input_normalization.ipynb", "03_gamma_beta.ipynb"
pytestmark = [pytest.mark.browser, pytest.mark.slow]


def of_driven(parameters, names=DRIVEN):
    return [each for each in parameters if each.values[0] in names]


each_demo = pytest.mark.parametrize(("name", "cell", "demo_name"), of_driven(DEMOS))
each_driven = pytest.mark.parametrize("name", DRIVEN)


@pytest.fixture
def opened(name, pages, browser, address):
    """The notebook's page, in place of the one in JupyterLab."""
    if name not in pages:
        for other in list(pages):
            pages.pop(other).close()
        pages[name] = LiteNotebook(browser.new_context(**SCREEN), address, name)
    return pages[name]


@each_driven
def test_saved_pictures_and_texts_show_before_anything_runs(name, opened):
    for cell in [each.values[1] for each in DEMOS if each.values[0] == name]:
        picture = opened.cell(cell).locator(".jp-OutputArea-output img")
        picture.wait_for()
        assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
    for cell in stored(name):
        printed = "".join(o.text for o in cell.get("outputs", []) if o.output_type == "stream")
        if printed.strip():
            shown = opened.cell(cell.id).locator(".jp-OutputArea-output").first.inner_text()
            assert shown.strip() == printed.strip()


@each_demo
def test_mouse(short, demo_name):
    lab.test_sliders_follow_the_mouse(short, demo_name)


@each_demo
def test_keyboard(short, demo_name):
    lab.test_sliders_follow_the_keyboard(short, demo_name)


@each_demo
def test_presets_and_reset(demo, demo_name):
    lab.test_presets_and_reset(demo, demo_name)


@pytest.mark.parametrize(
    ("name", "cell", "demo_name"), [e for e in of_driven(DEMOS) if e.values[2] in lab.TRAINING]
)
def test_run_pause_step(demo, demo_name):
    lab.test_run_pause_step(demo, demo_name)


@pytest.mark.parametrize(("name", "cell", "check"), of_driven(EXERCISES))
def test_an_exercise_typed_wrongly_then_rightly(notebook, name, cell, check):
    lab.test_an_exercise_typed_wrongly_then_rightly(notebook, name, cell, check)


@pytest.mark.parametrize(("name", "cell", "check"), of_driven(EXERCISES, [FIRST])[:1])
def test_a_solution_is_shown(notebook, name, cell, check):
    (path,) = (ROOT / "notebooks" / "solutions").glob("01_1_*.py")
    shown = notebook.retype(cell, 'bn.solution("01_1")')
    assert path.read_text(encoding="utf-8").strip() in shown


def stored(name):
    """The code cells of a notebook as saved."""
    cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


@pytest.mark.parametrize(("name", "cell"), [(FIRST, "loss-contours")])
def test_it_answers_after_five_hundred_moves(demo):
    (description, *_) = demo.kinds(*lab.SLIDERS).values()
    for k in range(500):
        demo.press(description, "ArrowLeft" if k // 20 % 2 else "ArrowRight")
    demo.settled()


ISOLATED = {  # what a server sends that lets pages share memory; JupyterLite then works otherwise
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def test_it_runs_on_a_server_that_isolates_its_pages(browser, site):
    with served(site, ISOLATED.items()) as (address, _):
        page = LiteNotebook(browser.new_context(**SCREEN), address, TRAINS)
        assert page.js("() => typeof SharedArrayBuffer") == "function"  # only there
        (first, *_), (each, *_) = stored(TRAINS), of_driven(DEMOS, [TRAINS])
        page.run(first.id)
        page.run(each.values[1])
        made = Demo(page, each.values[1])
        made.settled()
        (description, *_) = made.kinds(*lab.SLIDERS).values()
        made.drag(description, 0.3)
        made.settled()
        assert page.errors() == []
        page.close()


# -- the others, to their end --------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(path.name, marks=[] if path.name in DRIVEN else pytest.mark.whole_site)
        for path in NOTEBOOKS
    ],
)
def test_it_runs_to_its_end_and_says_what_is_stored(name, browser, address):
    """Cell by cell; where a cell makes fewer runs in the browser, it has a tag and says so."""
    page = LiteNotebook(browser.new_context(**SCREEN), address, name)
    try:
        different = []
        for cell in stored(name):
            page.run(cell.id, seconds=600)
            found = texts(page.outputs(cell.id))
            wanted = texts(cell.outputs)
            if FEWER in cell.metadata.get("tags", []):  # other numbers, in the same words
                found, wanted = map(words, found), map(words, wanted)
            if (found := list(found)) != (wanted := list(wanted)):
                different.append((cell.id, found, wanted))
        assert different == []
        assert page.errors() == []
    finally:
        page.close()


FEWER = "fewer-in-browser"


def words(text):
    """Its words, in their order, without the lines that say how many runs are done."""
    text = re.sub(r"^ *\d+ of \d+ runs$", "", text, flags=re.MULTILINE)
    return re.findall(r"[^\W\d_]{2,}", text)


def texts(outputs):
    """What is printed and shown as text, as nbval compares it."""
    printed = "".join("".join(o["text"]) for o in outputs if o["output_type"] == "stream")
    shown = ["".join(o["data"].get("text/plain", "")) for o in outputs if "data" in o]
    return [printed, *shown]
