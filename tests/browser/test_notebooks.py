"""Every notebook in a real browser, and every demo in it: see driver.py for what is compared.

One page a notebook; the tests of a notebook follow one another on it, and each demo is back at its
default when a test begins.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import TimeoutError

from .driver import Demo, Notebook, equal, same, wait_until

ROOT = Path(__file__).resolve().parents[2]
SLIDERS = ("FloatSlider", "IntSlider", "FloatLogSlider", "SelectionSlider")
CHOICES = ("ToggleButtons",)
MENUS = ("Dropdown",)
SWITCHES = ("Checkbox",)

pytestmark = pytest.mark.browser


def code_cells(path):
    """(id, source) of every code cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [(c["id"], "".join(c["source"])) for c in cells if c["cell_type"] == "code"]


def matching(pattern):
    """(notebook, cell id, first group) of every code cell in which the pattern is found."""
    return [
        pytest.param(path.name, cell, found.group(1), id=f"{path.stem}-{cell}")
        for path in NOTEBOOKS
        for cell, source in code_cells(path)
        if (found := re.search(pattern, source))
    ]


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DEMOS = matching(r"\bbn\.demos\.(\w+)\(\)")
EXERCISES = matching(r"\bbn\.checks\.(\w+)\(")
each_notebook = pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
each_demo = pytest.mark.parametrize(("name", "cell", "demo_name"), DEMOS)


@pytest.fixture(scope="module")
def pages():
    """Open pages by name of the notebook."""
    opened: dict[str, Notebook] = {}
    yield opened
    for page in opened.values():
        page.close()


@pytest.fixture
def notebook(name, pages, browser, lab):
    """The notebook's page, every cell run."""
    if name not in pages:
        pages[name] = Notebook(browser, *lab, name)
        pages[name].run_all()
    return pages[name]


@pytest.fixture
def demo(notebook, cell):
    """The demo in a cell, at its default."""
    made = Demo(notebook, cell)
    reset(made)
    yield made
    assert not notebook.errors()


def reset(demo):
    """Click Reset and wait until the controls are where a new demo has them."""
    default = demo.notebook.ask(f"_default({demo.explorer})")
    demo.button("Reset").click()
    wait_until(lambda: equal(demo.values(), default), "Reset does not set every control back")
    return demo.arrived()


def ready(demo, name):
    """The default; for a control that is disabled there, the first preset that enables it."""
    start = reset(demo)
    preset = demo.notebook.ask(f"_enabling({demo.explorer}, {name!r})")
    if preset is None:
        return start
    demo.button(preset).click()
    wanted = demo.notebook.ask(f"_preset({demo.explorer}, {preset!r})")
    wait_until(lambda: equal(demo.values(), wanted), f"{preset} does not set its values")
    return demo.arrived()


# -- the whole notebook --------------------------------------------------------------------


@each_notebook
def test_run_all_shows_no_error(name, notebook):
    for each in DEMOS:
        if each.values[0] == name:
            Demo(notebook, each.values[1]).settled()
    assert notebook.errors() == []


@each_notebook
def test_a_fresh_copy_shows_its_pictures(name, browser, lab, notebooks):
    """Neither trusted nor executed, then trusted; on a screen with twice as many pixels."""
    shutil.copy(ROOT / "notebooks" / name, notebooks / f"fresh_{name}")
    demos = [each.values[1] for each in DEMOS if each.values[0] == name]
    page = Notebook(browser, *lab, f"fresh_{name}", density=2)
    try:
        for trusted in (False, True):
            if trusted:
                page.trust()
            for cell in demos:
                picture = page.cell(cell).locator(".jp-OutputArea-output img")
                picture.wait_for()
                # JupyterLab itself leaves the alternative text in the file; nbconvert shows it.
                assert len(page.stored_picture(cell)["alt"]) > 40
                assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
            assert page.errors() == []
        page.run(code_cells(ROOT / "notebooks" / name)[0][0])
        for cell in demos:
            page.run(cell)
            seen = Demo(page, cell).settled()
            assert seen["pixels"] >= seen["width"] * page.js("() => window.devicePixelRatio")
        assert page.errors() == []
    finally:
        page.close()


# -- every demo: mouse, keyboard, buttons ---------------------------------------------------


@each_demo
def test_sliders_follow_the_mouse(demo, demo_name):
    for name, description in demo.kinds(*SLIDERS).items():
        shares = (0.93,) if demo.trains else (0.93, 0.08, 0.6)
        pictures = {ready(demo, name)["picture"]}
        for share in shares:
            demo.drag(description, share)
            pictures.add(demo.arrived()["picture"])
        assert demo.trains or len(pictures) == 4, f"{description} moves, the picture does not"
    demo.settled()


@each_demo
def test_sliders_follow_the_keyboard(demo, demo_name):
    for name, description in demo.kinds(*SLIDERS).items():
        ready(demo, name)
        low, high = demo.ends(name)
        for key in ("End", "ArrowLeft", "PageDown", "Home", "ArrowRight", "PageUp"):
            before = demo.readout(description)
            demo.press(description, key)
            if key.startswith("Arrow"):
                changed = lambda: demo.readout(description) != before  # noqa: B023, E731
                wait_until(changed, f"{key} does nothing")
            readout = demo.arrived()["controls"][description]
            assert key != "End" or same(readout, high)
            assert key != "Home" or same(readout, low)
    demo.settled()


@each_demo
def test_menus_choices_and_switches(demo, demo_name):
    for name, description in demo.kinds(*MENUS, *CHOICES, *SWITCHES).items():
        start = ready(demo, name)
        pictures = {start["picture"]}
        options = demo.options(name)
        current = start["controls"][description]
        for option in [each for each in options if each != current] + [current]:
            before = demo.picture()
            demo.choose(description, option)
            wait_until(lambda: demo.picture() != before, "no new picture")  # noqa: B023
            seen = demo.arrived()
            assert seen["controls"][description] == option
            pictures.add(seen["picture"])
        assert demo.trains or len(pictures) >= len(options), f"{description}: the same picture"
    demo.settled()


@each_demo
def test_presets_and_reset(demo, demo_name):
    start = reset(demo)
    pictures = {start["picture"]}
    for preset in demo.presets():
        wanted = demo.notebook.ask(f"_preset({demo.explorer}, {preset!r})", seconds=120)
        with demo.watched() as changes:
            demo.button(preset).click()
            arrived = lambda: equal(demo.values(), wanted)  # noqa: B023, E731
            wait_until(arrived, f"{preset} does not set its values")
            pictures.add(demo.arrived()["picture"])
            assert demo.trains or changes() == 2, "not one picture, and then the same one sharp"
    assert demo.trains or len(pictures) == 1 + len(demo.presets())
    end = reset(demo)
    assert demo.trains or end == start


@each_demo
def test_run_pause_step(demo, demo_name):
    if not demo.trains:
        pytest.skip("computes at once: nothing to pause")
    pause, resume = demo.button("Pause"), demo.button("Resume")

    demo.settled()
    with demo.watched() as changes:
        demo.button("Run again").click()
        wait_until(changes, "no picture of the new run")
        end = demo.settled()
        pictures = changes()
    # How many depends on how busy the machine is: benchmarks/ measures that.
    assert pictures >= 2, "no picture on the way"
    assert pause.is_disabled(), "there is something to pause after the end"

    demo.button("Step").click()  # from the end: from the start again, and held
    if pictures < 4:
        pytest.skip("the numbers are known already: nothing to pause")
    resume.wait_for()
    first = demo.resting_picture()
    demo.button("Step").click()
    wait_until(lambda: demo.resting_picture() != first, "Step shows the same picture")
    demo.resting_picture()
    assert demo.frames(seconds=0.5) == 0, "it goes on although it is held"
    with demo.watched() as changes:
        resume.click()
        wait_until(changes, "it does not go on")
    assert demo.settled()["words"] == end["words"]

    for _ in range(3):  # a quick run may be over before the click
        demo.button("Run again").click()
        demo.frames(seconds=0.1)
        with contextlib.suppress(TimeoutError):
            pause.click(timeout=500)
            break
        demo.settled()
    if resume.count():
        demo.resting_picture()
        assert demo.frames(seconds=0.5) == 0, "Pause does not hold it"
        resume.click()
        assert demo.settled()["words"] == end["words"]

    for description in list(demo.kinds(*SLIDERS).values())[:1]:
        demo.button("Run again").click()
        demo.drag(description, 0.3)
        demo.settled()


# -- after the first run -------------------------------------------------------------------


@each_demo
def test_run_again_replaces_the_demo(demo, notebook, cell, demo_name):
    living = "len(__import__('ipywidgets').widgets.widget._instances)"
    before, earlier = notebook.ask(living), demo.explorer
    notebook.run(cell)
    again = Demo(notebook, cell)
    assert again.explorer != earlier
    assert again.image.count() == 1
    assert notebook.ask(living) == before, "widgets of the earlier run stay alive"
    use(again)


@each_notebook
def test_reload_while_the_kernel_lives(notebook, name):
    notebook.save_and_reload()
    for each in DEMOS:
        if each.values[0] == name:
            demo = Demo(notebook, each.values[1])
            reset(demo)
            use(demo)
    assert notebook.errors() == []


def use(demo):
    """A preset by mouse and a slider by keyboard still do something."""
    before = demo.picture()
    demo.button(demo.presets()[0]).click()
    wait_until(lambda: demo.picture() != before, "a preset does nothing")
    reset(demo)
    for description in list(demo.kinds(*SLIDERS).values())[:1]:
        demo.press(description, "Home")
        demo.press(description, "ArrowRight")
    demo.settled()


# -- exercises -----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "cell", "check"), EXERCISES)
def test_an_exercise_typed_wrongly_then_rightly(notebook, name, cell, check):
    sources = dict(code_cells(ROOT / "notebooks" / name))
    order = [each.values[1] for each in EXERCISES if each.values[0] == name].index(cell) + 1
    (solution,) = (ROOT / "notebooks/solutions").glob(f"{name[:2]}_{order}_*.py")
    verdict = notebook.retype(cell, sources[cell].replace("...", "0"))
    assert verdict.startswith("Not yet.")
    call = sources[cell].strip().splitlines()[-1]
    verdict = notebook.retype(cell, f"{solution.read_text(encoding='utf-8')}\n{call}")
    assert verdict.startswith("Right.")


# -- the glossary --------------------------------------------------------------------------


def test_a_link_to_the_glossary_opens_it_at_the_word(browser, lab):
    notebook = Notebook(browser, *lab, NOTEBOOKS[-1].name)
    try:
        source = NOTEBOOKS[-1].read_text(encoding="utf-8")
        word = re.search(r"glossary\.md#([a-z-]+)", source)[1]
        link = notebook.page.locator(f'.jp-Notebook a[href*="#{word}"]').first
        link.scroll_into_view_if_needed()
        link.click()
        entry = notebook.page.locator(f'.jp-MarkdownViewer [data-jupyter-id="{word}"]')
        entry.wait_for(state="attached")
        height = notebook.page.viewport_size["height"]
        wait_until(
            lambda: entry.evaluate("node => node.getBoundingClientRect().top") < height,
            "the glossary is not opened at the word",
        )
    finally:
        notebook.context.close()
