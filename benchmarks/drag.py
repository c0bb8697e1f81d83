"""While a slider is dragged in JupyterLab: every demo, beside a label that follows its slider.

    python benchmarks/drag.py [--demo NAME ...] [--seconds 4] [--shots FOLDER] [--print-only]

A headless Chromium and the mouse: from where the handle stands to the right end, to the left end
and back, in so many seconds, some sixty moves a second. The page notes when each new picture was
decoded, how wide it is, and what the words above it say then ("Step 40 of 200"). Then arrow keys at
rest, in turn with the label (the floor of a round trip to the kernel): from the key to the first
new picture, decoded. ``--shots`` keeps the pictures that reached the page: eight of a drag and the
last one, by the step that their words name.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import re
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
from report import busy, publish, table

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from tests.browser.conftest import find_chromium, running_browser, running_lab  # noqa: E402
from tests.browser.driver import Demo, Notebook, same  # noqa: E402

KEYS, QUIET = 7, 300  # presses; ms without a new picture, at rest
STEPS = 20  # a curve of so many says something
FIRST = ("learning_rate", "depth", "train_batch", "batch_size")  # the sliders to drag, if there
SETTINGS = {"through_the_depth": {"steps": 100}}  # where the default trains nothing

FLOOR = """
import ipywidgets
import bnlib as bn

def floor():
    slider, text = ipywidgets.IntSlider(100, 0, 200, description="echo"), ipywidgets.Label("at 100")
    slider.observe(lambda change: setattr(text, "value", f"at {change.new}"), names="value")
    return ipywidgets.VBox([slider, text])
"""

# window.seen: of every new picture (or text) when it was there, its width and the words with it.
PAGE_CODE = """
window.seen = [];
window.began = window.released = null;
document.addEventListener('keydown', event => { window.began = event.timeStamp }, true);
document.addEventListener('pointerdown', event => { window.began = event.timeStamp }, true);
document.addEventListener('pointerup', event => { window.released = event.timeStamp }, true);

window.note = (width, words) => window.seen.push({when: performance.now(), width, words});
window.watch = (part, {texts = false, keep = false} = {}) => {
    window.watching?.disconnect();
    window.seen = [];
    const cell = part.closest('.jp-Cell');
    const picture = image => {
        const words = cell.querySelector('[role=status], [role=alert]')?.innerText ?? '';
        const kept = keep ? fetch(image.src).then(answer => answer.blob()) : null;
        image.decode().then(() => {
            window.note(image.naturalWidth, words);
            window.seen.at(-1).kept = kept;
        }, () => {});
    };
    window.watching = new MutationObserver(changes => {
        if (texts) window.note(0, '');
        for (const change of changes) {
            if (change.attributeName === 'src') picture(change.target);
            for (const node of texts ? [] : change.addedNodes)
                for (const image of node.querySelectorAll?.('img') ?? []) picture(image);
        }
    });
    window.watching.observe(part, {
        childList: true, characterData: true, attributeFilter: ['src'], subtree: true});
};
window.keptPicture = async index => {
    const bytes = new Uint8Array(await (await window.seen[index].kept).arrayBuffer());
    return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
};
"""


@contextlib.contextmanager
def opened(cells, code=PAGE_CODE):
    """A page with a new notebook of these cells (name → source), none of them run."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no Chromium found: name it in the environment variable CHROMIUM")
    made = [
        nbformat.v4.new_code_cell(source.strip(), id=name, metadata={"trusted": True})
        for name, source in cells.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "notebooks").mkdir()
        written = nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel})
        nbformat.write(written, Path(folder) / "notebooks/figure.ipynb")
        with running_lab(Path(folder)) as lab, running_browser(chromium) as browser:
            notebook = Notebook(browser, *lab, "figure.ipynb", code=code, height=1100)
            yield notebook
            notebook.close()


class Handle:
    """A slider's handle, and the part of the page that follows it."""

    def __init__(self, page, slider, part, **options):
        self.page, self.slider, self.part, self.options = page, slider, part, options

    def watch(self):
        self.part.evaluate("(part, options) => watch(part, options)", self.options)

    def seen(self):
        """What was noted since: when, width, words."""
        return self.page.evaluate("() => seen.map(({kept, ...rest}) => rest)")

    def key(self, key):
        """Milliseconds from an arrow key to the first new picture, decoded."""
        self.watch()
        self.slider.locator(".noUi-handle").press(key)
        self.page.wait_for_function("() => seen.length", timeout=60_000)
        first, began = self.page.evaluate("() => [seen[0].when, began]")
        return first - began

    def drag(self, seconds, *shares):
        """Drag along these shares of the track (None: where the handle stood), evenly.

        Returns when the mouse was pressed and when it was let go, in the page's milliseconds.
        """
        self.slider.scroll_into_view_if_needed()
        track = self.slider.locator(".noUi-base").bounding_box()
        handle = self.slider.locator(".noUi-handle").bounding_box()
        y = handle["y"] + handle["height"] / 2
        start = handle["x"] + handle["width"] / 2
        stops = [start]
        stops += [start if each is None else track["x"] + each * track["width"] for each in shares]
        way = np.append(0, np.abs(np.diff(stops)).cumsum())
        self.watch()
        self.page.mouse.move(start, y)
        self.page.mouse.down()
        begun = time.perf_counter()
        while (passed := (time.perf_counter() - begun) / seconds) < 1:
            self.page.mouse.move(float(np.interp(passed * way[-1], way, stops)), y)
            self.page.wait_for_timeout(14)
        self.page.mouse.move(stops[-1], y)
        self.page.mouse.up()
        return self.page.evaluate("() => [began, released]")


def step_of(words):
    """(step, of how many) that the words name; (None, None) where they name none."""
    if found := re.search(r"(?:Step|After) (\d+)(?: of (\d+)| steps)", words):
        return int(found[1]), int(found[2] or found[1])
    if found := re.search(r"(\d+) of (\d+) runs", words):
        return int(found[1]), int(found[2])
    return None, None


class Measured:
    """One demo under a label that echoes its own slider, in one cell."""

    def __init__(self, notebook, name):
        self.notebook, self.page, self.name = notebook, notebook.page, name
        notebook.run(name)
        assert not notebook.errors(), notebook.errors()
        self.demo = Demo(notebook, name)
        self.floor = Handle(
            self.page, self.demo.control("echo"),
            self.demo.element.locator("div.widget-label").first, texts=True,
        )  # fmt: skip

    def close(self):
        self.notebook.ask(f"{self.demo.explorer}.close()")

    def sliders(self):
        """Name → description of those to drag: of a demo that trains two, else the first."""
        able = self.notebook.ask(
            f"[n for n, c in {self.demo.explorer}.controls.items() if not c.disabled]"
        )
        kinds = "FloatSlider", "IntSlider", "FloatLogSlider", "SelectionSlider"
        found = {n: d for n, d in self.demo.kinds(*kinds).items() if n in able}
        count = 2 if self.demo.trains else 1
        names = sorted(found, key=lambda n: FIRST.index(n) if n in FIRST else len(FIRST))[:count]
        return {n: found[n] for n in (names if self.demo.trains else list(found)[:count])}

    def rest(self):
        """Wait until the picture is sharp and no other comes."""
        self.page.wait_for_function(
            "([image, quiet]) => image.naturalWidth >= 2 * image.clientWidth"
            " && performance.now() - Math.max(0, ...seen.map(({when}) => when)) > quiet",
            arg=[self.demo.image.element_handle(), QUIET], timeout=120_000,
        )  # fmt: skip

    def keys(self, handle):
        """Milliseconds from key to picture, and from key to the label's text, in turn."""
        pictures, labels, key = [], [], "ArrowRight"
        low, high = self.demo.ends(handle.name)
        for _ in range(KEYS):
            self.rest()
            at = self.demo.readout(handle.description)  # there and back between the ends
            key = "ArrowLeft" if same(at, high) else "ArrowRight" if same(at, low) else key
            pictures.append(handle.key(key))
            self.rest()
            labels.append(self.floor.key("ArrowRight"))
            self.page.wait_for_timeout(QUIET)
        return pictures, labels

    def drag(self, handle, seconds):
        """One drag: a dict of its numbers."""
        self.rest()
        began, released = handle.drag(seconds, 1, 0, None)
        count, end = -1, time.monotonic() + 120
        while count != (count := len(handle.seen())) or self.busy():
            assert time.monotonic() < end, f"{self.name} does not come to rest"
            self.page.wait_for_timeout(700)
        seen = handle.seen()
        moving = [each for each in seen if each["when"] <= released]
        steps = [step_of(each["words"]) for each in moving]
        told = {
            "pictures": 1000 * len(moving) / (released - began),
            "complete": (seen[-1]["when"] - released) / 1000,
            "sharp": self.demo.is_sharp(), "last": seen[-1]["words"].split("\n")[0],
        }  # fmt: skip
        if steps and steps[0][0] is not None:
            rich = [step >= min(STEPS, last) for step, last in steps]
            told["with curve"] = sum(rich) / len(rich)
            told["emptier"] = sum(b[0] < a[0] for a, b in pairwise(steps))
        return told

    def busy(self):
        return self.notebook.ask(f"{self.demo.explorer}.busy")

    def save(self, handle, folder):
        """Eight pictures of the last drag, and the one at rest."""
        seen = handle.seen()
        during = sum(each["when"] <= self.page.evaluate("() => released") for each in seen)
        places = sorted(
            {*np.linspace(0, during - 1, 8).round().astype(int).tolist(), -1 % len(seen)}
        )
        for k, place in enumerate(places):
            data = self.page.evaluate("place => keptPicture(place)", place)
            step = step_of(seen[place]["words"])[0]
            name = f"{self.name}_{handle.name}_{k}" + (f"_step_{step}" if step is not None else "")
            (folder / f"{name}.png").write_bytes(base64.b64decode(data))


def measure(notebook, name, seconds, shots):
    """Rows of the table: one a slider of the demo."""
    here, rows = Measured(notebook, name), []
    here.floor.drag(seconds, 1, 0, None)
    here.page.wait_for_timeout(500)
    began, released = here.page.evaluate("() => [began, released]")
    echoes = [each for each in here.floor.seen() if each["when"] <= released]
    echoed = 1000 * len(echoes) / (released - began)
    for slider, description in here.sliders().items():
        control = here.demo.control(description)
        handle = Handle(here.page, control, here.demo.image, keep=shots is not None)
        handle.name, handle.description = slider, description
        told = here.drag(handle, seconds)
        if shots is not None:
            here.save(handle, shots)
        pictures, labels = map(statistics.median, here.keys(handle))
        told |= {"key": pictures, "label": labels, "echoes": echoed}
        print(name, slider, told, flush=True)
        rows.append((name, description, here.demo.trains, told))
        start = SETTINGS.get(name, {})
        here.notebook.ask(f"({here.demo.explorer}.reset(), {here.demo.explorer}.set(**{start!r}))")
    here.close()
    return rows


def section(rows, seconds):
    def cells(name, description, told, *columns):
        return [name, description, *(f"{told[c]:{f}}" if c in told else "–" for c, f in columns)]

    drag = ("pictures", ".0f"), ("echoes", ".0f")
    curve = ("with curve", ".0%"), ("emptier", "d"), ("complete", ".2f")
    key = ("key", ".0f"), ("label", ".0f"), ("ratio", ".1f")
    for *_, told in rows:
        told["ratio"] = told["key"] / told["label"]
    head = ["pictures/s", "floor: labels/s"]
    head_key = ["key → picture, ms", "key → label, ms", "ratio"]
    texts = [
        f"A drag of {seconds:g} s over the whole range, there and back, then {KEYS} keys in turn "
        "with the floor (a label that shows its slider's value) in the same cell; JupyterLab and "
        f"headless Chromium on the same machine, {busy()}."
    ]
    if training := [cells(n, d, t, *drag, *curve, *key) for n, d, on, t in rows if on]:
        wanted = ["wanted", "", "≥ 20", "", "≥ 95 %", "0", "≤ 1", "", "", "≤ 3"]
        head_curve = [f"with ≥ {STEPS} steps", "emptier than before", "s to complete and sharp"]
        header = ["demo that trains", "slider", *head, *head_curve, *head_key]
        texts.append(table(header, [*training, wanted]))
    if closed := [cells(n, d, t, *drag, *curve[2:], *key) for n, d, on, t in rows if not on]:
        wanted = ["wanted", "", "", "", "", "", "", "≤ 2.5"]
        header = ["demo in closed form", "slider", *head, "s to sharp", *head_key]
        texts.append(table(header, [*closed, wanted]))
    if dull := [f"{n} ({d}: {t['last']})" for n, d, _, t in rows if not t["sharp"]]:
        texts.append("Not sharp at the end: " + ", ".join(dull) + ".")
    return "\n\n".join(texts)


def read_arguments():
    from bnlib.demos import REGISTRY

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--demo", action="append", choices=REGISTRY, help="only this one")
    parser.add_argument("--seconds", type=float, default=4.0, help="that a drag takes")
    parser.add_argument("--shots", type=Path, help="a folder for pictures of each drag")
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    given = parser.parse_args()
    return given, given.demo or list(REGISTRY)


if __name__ == "__main__":
    given, names = read_arguments()
    if given.shots:
        given.shots.mkdir(parents=True, exist_ok=True)
    cells = {"floor": FLOOR}
    for name in names:
        cells[name] = f"display(floor())\ndemo = bn.demos.{name}()\n"
        if name in SETTINGS:
            cells[name] += f"demo.set(**{SETTINGS[name]!r})\n"
        cells[name] += "demo"
    with opened(cells) as notebook:
        notebook.run("floor")
        rows = [row for n in names for row in measure(notebook, n, given.seconds, given.shots)]
        assert not notebook.errors(), notebook.errors()
    publish("drag", "Under the finger", section(rows, given.seconds))
