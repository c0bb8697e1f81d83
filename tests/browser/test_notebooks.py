"""Every notebook in a real browser, and every demo in it: see driver.py for what is compared.

One page a notebook; the tests of a notebook follow one another on it, and each demo is back at its
default when a test begins.
"""

from __future__ import annotations

import ast
import functools
import json
import re
from pathlib import Path

import pytest

from .driver import ANOTHER, Demo, Notebook, equal, same, wait_until

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


def trains(path):
    """Whether the ``compute`` of the demo in a file is a generator function: a run that goes on.

    It may stand in another file of the notebook's folder.
    """
    given = [n.value for n in nodes(path) if isinstance(n, ast.keyword) and n.arg == "compute"]
    names = {n.id for each in given for n in ast.walk(each) if isinstance(n, ast.Name)}
    functions = [
        n for file in path.parent.glob("*.py") for n in nodes(file)
        if isinstance(n, ast.FunctionDef) and n.name in names
    ]  # fmt: skip
    return any(isinstance(n, ast.Yield | ast.YieldFrom) for f in functions for n in ast.walk(f))


@functools.cache
def nodes(path):
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
DEMOS = matching(r"\bbn\.demos\.(\w+)\(\)")
# test_it_runs_and_shows_no_error compares it with the buttons that there are.
TRAINING = {path.stem for path in (ROOT / "bnlib/demos").glob("*/*.py") if trains(path)}
EXERCISES = matching(r"\bbn\.checks\.(\w+)\(")
each_notebook = pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
each_demo = pytest.mark.parametrize(("name", "cell", "demo_name"), DEMOS)
each_training_demo = pytest.mark.parametrize(
    ("name", "cell", "demo_name"), [each for each in DEMOS if each.values[2] in TRAINING]
)


@pytest.fixture(scope="module")
def pages(browser):
    """The open page by name of its notebook: one at a time."""
    opened: dict[str, Notebook] = {}
    yield opened
    for page in opened.values():
        page.close()


@pytest.fixture
def opened(name, pages, browser, lab):
    """The notebook's page; its first test finds it neither trusted nor executed."""
    if name not in pages:
        for other in list(pages):
            pages.pop(other).close()
        pages[name] = Notebook(browser, *lab, name)
    return pages[name]


@pytest.fixture
def notebook(opened, name):
    """The notebook's page, run: the first notebook whole, as README.md has it.

    Of the others what a browser is needed for: the first cell, which is all that a demo builds on,
    and the demos. nbval runs the rest.
    """
    if opened.has_run:
        return opened
    if name == NOTEBOOKS[0].name:
        opened.run_all()
    else:
        first, *_ = code_cells(ROOT / "notebooks" / name)
        for cell in [first[0], *(each.values[1] for each in DEMOS if each.values[0] == name)]:
            opened.run(cell)
    return opened


@pytest.fixture
def demo(notebook, cell):
    """The demo in a cell, at its default."""
    made = Demo(notebook, cell)
    reset(made)
    yield made
    assert not notebook.errors()


@pytest.fixture
def short(demo):
    """The same; where it trains, its runs end after four results: here they are not the point."""
    demo.short_runs()
    yield demo
    demo.short_runs(None)


def reset(demo):
    """Click Reset and wait until the controls are where a new demo has them."""
    default = demo.notebook.ask(f"_default({demo.explorer})", seconds=ANOTHER)
    with demo.notebook.answered():
        demo.button("Reset").click()
    wait_until(lambda: equal(demo.values(), default), "Reset does not set every control back")
    return demo.arrived()


def reach(demo, name):
    """The default, or where the control has no effect there the first preset where it has one."""
    seen = reset(demo)
    for preset in () if demo.enabled(name) else demo.presets():
        demo.button(preset).click()
        seen = demo.settled()
        if demo.enabled(name):
            break
    assert demo.enabled(name), f"{name} is disabled in every preset"
    return seen


# -- the whole notebook --------------------------------------------------------------------


@each_notebook
def test_a_fresh_copy_shows_its_pictures(name, opened):
    """Neither trusted nor executed, then trusted; on a screen with twice as many pixels."""
    assert not opened.has_run, "this test comes before the others of its notebook"
    opened.density(2)
    for trusted in (False, True):
        if trusted:
            opened.trust()
        for cell in [each.values[1] for each in DEMOS if each.values[0] == name]:
            picture = opened.cell(cell).locator(".jp-OutputArea-output img")
            picture.wait_for()
            # JupyterLab itself leaves the alternative text in the file; nbconvert shows it.
            assert len(opened.stored_picture(cell)["alt"]) > 40
            assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)")
        assert opened.errors() == []


# What is installed with the learner's requirements alone, where it can be imported there.
MODULES = """[
    module.name for module in __import__('pkgutil').walk_packages(bn.__path__, 'bnlib.')
    if not module.name.endswith('__main__') and __import__(module.name)
]"""


@each_notebook
def test_it_runs_and_shows_no_error(name, notebook, request):
    """With requirements.txt alone; on a screen with twice as many pixels a picture has as many."""
    python = request.getfixturevalue("learners_python")  # not before a browser is looked for
    assert notebook.ask("__import__('sys').prefix") == str(python.parents[1])
    assert {"bnlib.layers", "bnlib.live.canvas", "bnlib.checks.table"} <= set(notebook.ask(MODULES))
    notebook.density(2)
    assert notebook.js("() => window.devicePixelRatio") == 2
    for _, cell, demo_name in [each.values for each in DEMOS if each.values[0] == name]:
        made = Demo(notebook, cell)
        assert made.trains == (demo_name in TRAINING)
        seen = made.settled()
        assert seen["pixels"] >= 2 * seen["width"]
    notebook.density(1)
    assert notebook.errors() == []


# -- every demo: mouse, keyboard, buttons ---------------------------------------------------


@each_demo
def test_sliders_follow_the_mouse(short, demo_name):
    demo = short
    for name, description in demo.kinds(*SLIDERS).items():
        shares = (0.93,) if demo.trains else (0.93, 0.08, 0.6)
        pictures = {reach(demo, name)["picture"]}
        for share in shares:
            demo.drag(description, share)
            pictures.add(demo.arrived()["picture"])
        assert demo.trains or len(pictures) == 4, f"{description} moves, the picture does not"
    demo.settled()


@each_demo
def test_sliders_follow_the_keyboard(short, demo_name):
    demo = short
    for name, description in demo.kinds(*SLIDERS).items():
        reach(demo, name)
        low, high = demo.ends(name)
        for key in ("End", "ArrowLeft", "PageDown", "Home", "ArrowRight", "PageUp"):
            before = demo.readout(description)
            demo.press(description, key)
            if key.startswith("Arrow"):
                changed = lambda: demo.readout(description) != before  # noqa: B023, E731
                wait_until(changed, f"{key} does nothing")
            seen = demo.arrived() if key in ("Home", "End") else demo.taken()
            readout = seen["controls"][description]
            assert key != "End" or same(readout, high)
            assert key != "Home" or same(readout, low)
    demo.settled()


@each_demo
def test_menus_choices_and_switches(short, demo_name):
    demo = short
    for name, description in demo.kinds(*MENUS, *CHOICES, *SWITCHES).items():
        start = reach(demo, name)
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
    """In whole runs: the last preset is waited for to its end, the others are overtaken."""
    start = reset(demo)
    pictures = {start["picture"]}
    for preset in demo.presets():
        wanted = demo.notebook.ask(f"_preset({demo.explorer}, {preset!r})", seconds=ANOTHER)
        with demo.watched() as changes:
            demo.button(preset).click()
            arrived = lambda: equal(demo.values(), wanted)  # noqa: B023, E731
            wait_until(arrived, f"{preset} does not set its values")
            pictures.add(demo.arrived()["picture"])
            assert demo.trains or changes() == 2, "not one picture, and then the same one sharp"
    demo.settled()
    assert demo.trains or len(pictures) == 1 + len(demo.presets())
    end = reset(demo)
    assert demo.trains or end == start


@each_training_demo
def test_run_pause_step(demo, demo_name):
    """Where a run at the default has one result, with the first preset where it has several."""
    pause, resume = demo.button("Pause"), demo.button("Resume")
    for preset in () if demo.several() else demo.presets():
        demo.button(preset).click()
        demo.arrived()
        if demo.several():
            break
    assert demo.several()
    demo.settled()
    with demo.watched() as changes:
        demo.button("Run again").click()
        wait_until(changes, "no picture of the new run")
        end = demo.settled()
        # How many depends on how busy the machine is: benchmarks/ measures that.
        assert changes() >= 2, "no picture on the way"
    assert pause.is_disabled(), "there is something to pause after the end"

    demo.hold_open(True)  # so that no run is over before the mouse is there
    demo.button("Step").click()  # from the end: from the start again, and held
    resume.wait_for()
    first = demo.resting_picture()
    demo.button("Step").click()
    wait_until(lambda: demo.resting_picture() != first, "Step shows the same picture")
    demo.resting_picture()
    assert demo.frames(seconds=0.5) == 0, "it goes on although it is held"
    with demo.watched() as changes:
        resume.click()
        wait_until(changes, "it does not go on")
    pause.click()
    resume.wait_for()
    demo.resting_picture()
    assert demo.frames(seconds=0.5) == 0, "Pause does not hold it"
    demo.hold_open(False)
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
