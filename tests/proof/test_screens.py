"""Every demo at 50 % and 200 % zoom, 400 pixels wide, in the dark, without motion: whole, readable.

In JupyterLab, in a real Chromium. On each of these screens every control is inside of its output,
uncovered and not cut off; words have a contrast of 4.5 or more; the picture has the kernel's
pixels, its proportions and its white background; a preset and a slider do what they do elsewhere.
"""

from __future__ import annotations

import pytest

from tests.browser.conftest import browser, chromium, lab, notebooks
from tests.browser.driver import Demo, wait_until
from tests.browser.test_notebooks import (
    DEMOS,
    SLIDERS,
    each_notebook,
    notebook,
    opened,
    pages,
    reset,
)

from .screens import FAULTS, faults

__all__ = ["browser", "chromium", "lab", "notebook", "notebooks", "opened", "pages"]  # fixtures

pytestmark = [pytest.mark.browser, pytest.mark.proof]

LIGHT, DARK = "JupyterLab Light", "JupyterLab Dark"
# width, height (CSS pixels), pixels to the CSS pixel, theme, reduced motion
SCREENS = {
    "zoom 50 %": (2800, 2000, 0.5, LIGHT, False),
    "zoom 200 %": (700, 500, 2, LIGHT, False),
    "400 pixels wide": (400, 800, 1, LIGHT, False),
    "400 pixels wide and dark": (400, 800, 1, DARK, False),
    "dark": (1400, 1000, 1, DARK, False),
    "reduced motion": (1400, 1000, 1, LIGHT, True),
}


def show_on(notebook, width, height, pixels, theme, still):
    """The page as this screen, with this theme and this wish for less motion, has it."""
    page = notebook.page
    page.set_viewport_size({"width": width, "height": height})
    notebook.density(pixels)
    # Where JupyterLab starts in a narrow window it leaves the list of files closed.
    side = "collapseLeft" if width < 760 else "expandLeft"
    notebook.js(f"() => {{ jupyterapp.shell.{side}() }}")
    page.emulate_media(reduced_motion="reduce" if still else "no-preference")
    notebook.js(
        """async name => {
            if (document.body.dataset.jpThemeName !== name)
                await jupyterapp.commands.execute('apputils:change-theme', {theme: name});
        }""",
        theme,
    )
    page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=theme)
    page.evaluate(FAULTS)
    page.wait_for_timeout(300)


@pytest.mark.parametrize("screen", SCREENS)
@each_notebook  # below: the screens of a notebook follow one another on its page
def test_it_is_whole_and_readable(notebook, name, screen, tried):
    show_on(notebook, *SCREENS[screen])
    cells = [each.values[1] for each in DEMOS if each.values[0] == name]
    assert cells
    found = {}
    for cell in cells:
        demo = Demo(notebook, cell)
        demo.short_runs()
        reset(demo)
        demo.settled()
        found[cell] = faults(demo)
        if SCREENS[screen][-1]:
            found[cell] += motion(demo)
        use(demo)
        tried("demos on a screen")
    assert not any(found.values()), "\n".join(
        f"{cell}: {each}" for cell, those in found.items() for each in those
    )
    assert notebook.errors() == []


def motion(demo) -> list[str]:
    """What moves although nobody touches it."""
    assert demo.notebook.js("() => matchMedia('(prefers-reduced-motion: reduce)').matches")
    found = demo.notebook.js(
        """image => image.closest('.jp-OutputArea-output').getAnimations({subtree: true}).map(
            each => `${each.effect.target.outerHTML.slice(0, 80)} is animated`)""",
        demo.image.element_handle(),
    )
    return found + ["the picture changes at rest"] * (demo.frames(seconds=0.5) > 0)


def use(demo):
    """A preset by mouse and a slider by keyboard, as in any window."""
    before = demo.picture()
    demo.button(demo.presets()[0]).click()
    wait_until(lambda: demo.picture() != before, "a preset does nothing")
    reset(demo)
    for name, description in demo.kinds(*SLIDERS).items():
        if demo.enabled(name):
            demo.press(description, "Home")
            demo.press(description, "ArrowRight")
            break
    demo.settled()
    demo.short_runs(None)
