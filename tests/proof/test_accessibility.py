"""Every control has a name and works by keyboard, the state is announced, axe-core finds nothing.

In JupyterLab, in a real Chromium, as the browser's own accessibility tree has it: what a screen
reader says of a slider, a menu, a button, the state and the picture. axe-core looks at the outputs
of every cell of every notebook, in both themes, and at the pages of the web edition.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.browser.conftest import browser, chromium, lab, notebooks
from tests.browser.driver import ANOTHER, Demo, equal, wait_until
from tests.browser.test_notebooks import (
    CHOICES,
    DEMOS,
    MENUS,
    SLIDERS,
    SWITCHES,
    code_cells,
    each_demo,
    each_notebook,
    notebook,
    opened,
    pages,
    reset,
)
from tests.site.conftest import served, site_python

from .test_screens import DARK, LIGHT, show_on

__all__ = [  # fixtures
    "browser", "chromium", "lab", "notebook", "notebooks", "opened", "pages", "site_python",
]  # fmt: skip
ROOT = Path(__file__).resolve().parents[2]
AXE = Path(sys.prefix) / "proof/node_modules/axe-core/axe.min.js"
# Rules with findings that are not ours, by id, each with the reason: none.
NOT_OURS: dict[str, str] = {}

pytestmark = [pytest.mark.browser, pytest.mark.proof]


@pytest.fixture
def demo(notebook, cell):
    with at_its_default(notebook, cell) as made:
        yield made
    assert not notebook.errors()


@contextlib.contextmanager
def at_its_default(notebook, cell):
    """The demo in a cell, at its default; where it trains, its runs are short meanwhile."""
    made = Demo(notebook, cell)
    made.short_runs()
    reset(made)
    made.settled()
    yield made
    made.short_runs(None)


# -- names ---------------------------------------------------------------------------------


@each_demo
def test_everything_has_a_name_and_says_its_value(demo, demo_name, tried):
    """As the page's accessibility tree has them: role, name, value."""
    shown = demo.seen()["controls"]
    by_role = demo.element.get_by_role
    for description in demo.kinds(*SLIDERS).values():
        slider = by_role("slider", name=description, exact=True)
        assert slider.get_attribute("aria-valuetext") == shown[description]
        tried("controls")
    for description in demo.kinds(*MENUS).values():
        assert by_role("combobox", name=description, exact=True).input_value() == shown[description]
        tried("controls")
    for description in demo.kinds(*SWITCHES).values():
        box = by_role("checkbox", name=description, exact=True)
        assert box.is_checked() == shown[description]
        tried("controls")
    for name, description in demo.kinds(*CHOICES).items():
        choice = by_role("group", name=description, exact=True)
        for option in demo.options(name):
            pressed = choice.get_by_role("button", name=option, exact=True, pressed=True)
            assert pressed.count() == (option == shown[description])
        tried("controls")
    for text in [*demo.presets(), "Reset"]:
        assert by_role("button", name=text).first.is_visible()
        tried("buttons")
    assert by_role("img", name=alternative(demo), exact=True).count() == 1


def alternative(demo) -> str:
    return " ".join(demo.notebook.ask(f"{demo.explorer}.alternative_text").split())


# -- keyboard ------------------------------------------------------------------------------

FOCUSED = """demo => {
    const node = document.activeElement, menu = node.labels?.[0]?.innerText;
    return demo.contains(node) ? node.getAttribute('aria-label') || menu || node.innerText : null
}"""
STOPS = """demo => [...demo.querySelectorAll('*')].filter(node => node.checkVisibility()
    && !node.disabled && (node.tabIndex >= 0 || node.matches('[contenteditable=true]'))).length"""


@each_demo
def test_tab_leads_through_all_controls(demo, demo_name, tried):
    """From the first preset on, each once, and out again; what is off is left out or says so."""
    box = demo.element.locator(".bnlib-demo").element_handle()
    demo.button(demo.presets()[0]).focus()
    names = []
    while (name := demo.notebook.js(FOCUSED, box)) is not None:
        names.append(name.strip())
        assert len(names) < 80, f"Tab does not lead out of it: {names[-5:]}"
        demo.page.keyboard.press("Tab")
    assert len(names) == demo.notebook.js(STOPS, box), f"skipped, or visited twice: {names}"
    assert {*demo.presets(), "Reset", *demo.kinds(*SLIDERS).values()} <= set(names)
    for name, description in demo.kinds(*MENUS, *SWITCHES).items():
        assert description in names or not demo.enabled(name)
    for name in demo.kinds(*CHOICES):
        assert set(demo.options(name)) <= set(names) or not demo.enabled(name)
    tried("stops of Tab", len(names))


@each_demo
def test_keys_set_every_control(demo, demo_name, tried):
    """Arrows, End and Home on sliders and in menus, Space on a box, Space and Enter on buttons."""
    kinds = {SLIDERS: ("End", "Home"), MENUS: ("ArrowDown", "ArrowUp"), SWITCHES: (" ",)}
    number = 0
    for kind, keys in kinds.items():
        for name, description in demo.kinds(*kind).items():
            if demo.enabled(name):
                control = demo.control(description).locator("[role=slider], select, input")
                control.focus()
                assert any(changes(demo, name, key) for key in keys), f"{description}: no key"
                number += 1
    for name, description in demo.kinds(*CHOICES).items():
        group = demo.element.get_by_role("group", name=description, exact=True)
        for key, option in zip(("Enter", " "), demo.options(name), strict=False):
            if demo.enabled(name):
                group.get_by_role("button", name=option, exact=True).focus()
                demo.page.keyboard.press(key)
                shown = lambda: demo.seen()["controls"][description]  # noqa: B023, E731
                wait_until(lambda: shown() == option, f"{key!r} does not press {option}")  # noqa: B023
                number += 1
    for key, preset in zip(("Enter", " "), demo.presets(), strict=False):
        wanted = demo.notebook.ask(f"_preset({demo.explorer}, {preset!r})", seconds=ANOTHER)
        demo.button(preset).focus()
        demo.page.keyboard.press(key)
        arrived = lambda: equal(demo.values(), wanted)  # noqa: B023, E731
        wait_until(arrived, f"{key!r} does not press {preset}")
        number += 1
    tried("controls by key", number)


def changes(demo, name, key, seconds=3) -> bool:
    """Whether a key changes the value that the kernel holds; none where it is at that end."""
    before, end = demo.values()[name], time.monotonic() + seconds
    demo.page.keyboard.press(key)
    while demo.values()[name] == before:
        if time.monotonic() > end:
            return False
    return True


# -- what is said --------------------------------------------------------------------------


@each_demo
def test_the_state_is_announced_and_the_picture_told_anew(demo, demo_name):
    """The element that announces stays; its words and the alternative text change."""
    (state,) = demo.element.get_by_role("status").element_handles()
    told = set()
    for preset in [*demo.presets(), None]:
        demo.button(preset or "Reset").click()
        words = demo.settled()["words"]
        assert " ".join(state.inner_text().split()) == words
        assert state.evaluate("node => node.isConnected")
        assert " ".join(demo.image.get_attribute("alt").split()) == alternative(demo)
        told.add(words)
    assert len(told) > 1, "the words never change"
    assert demo.element.get_by_role("status").count() == 1


# -- axe-core ------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def axe():
    if not AXE.exists():
        pytest.skip(f"needs axe-core, which make proof fetches with npm: no {AXE.name}")
    return AXE.read_text(encoding="utf-8")


def findings(page, axe, node=None) -> list[str]:
    """What axe-core calls serious or critical in a node, or in the page, and is ours."""
    page.evaluate(f"() => {{ if (!window.axe) {{ {axe} }} }}")
    found = page.evaluate("async node => (await axe.run(node ?? document)).violations", node)
    return [
        f"{each['id']} ({each['impact']}): {where['html'][:160]} {where['failureSummary'][:200]}"
        for each in found if each["impact"] in ("serious", "critical")
        if each["id"] not in NOT_OURS
        for where in each["nodes"]
    ]  # fmt: skip


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@each_notebook
def test_axe_finds_nothing_in_the_outputs(notebook, name, theme, axe, tried):
    """All outputs of the notebook, as they are saved or run, with every demo live."""
    show_on(notebook, 1400, 1000, 1, theme, False)
    wrong, live = [], {each.values[1] for each in DEMOS if each.values[0] == name}
    looked = 0
    for cell, _ in code_cells(ROOT / "notebooks" / name):
        element = notebook.cell(cell)
        if cell in live:
            with at_its_default(notebook, cell):
                live.remove(cell)
        if element.locator(".jp-OutputArea-output").count():
            area = element.locator(".jp-OutputArea").first.element_handle()
            wrong += [f"{cell}: {each}" for each in findings(notebook.page, axe, area)]
            looked += 1
    assert looked
    assert not live
    tried("outputs", looked)
    assert not wrong, "\n".join(wrong)


def test_axe_finds_a_slider_without_a_name(browser, axe):
    """So the tests above can fail."""
    page = browser.new_page()
    page.set_content("<div role=slider tabindex=0 aria-valuenow=1></div><img src='data:,'>")
    found = " ".join(findings(page, axe))
    page.close()
    assert "aria-input-field-name" in found
    assert "image-alt" in found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_pages_to_read(browser, axe, site_python, tmp_path, scheme, tried):
    code = "from pathlib import Path; import pages; pages.build_pages(Path({!r}))"
    subprocess.run(
        [site_python, "-c", code.format(str(tmp_path))], cwd=ROOT / "site", check=True,
        capture_output=True, text=True,
    )  # fmt: skip
    written = sorted(tmp_path.rglob("*.html"))
    assert len(written) > 9
    page, wrong = browser.new_page(color_scheme=scheme), []
    with served(tmp_path) as (address, _):
        for each in written:
            page.goto(f"{address}/{each.relative_to(tmp_path).as_posix()}")
            wrong += [f"{each.name}: {found}" for found in findings(page, axe)]
            tried("pages")
    page.close()
    assert not wrong, "\n".join(wrong)
