"""From a key on a slider to new pixels, in JupyterLab: our engine, ipympl, and interact.

    python benchmarks/slider_to_pixels.py [--print-only]

The same figure four times in one notebook, one kernel and one page of a headless Chromium. A step:
the time from the keydown event of an arrow key on the slider's handle to the new picture, decoded
(for ipympl: drawn on its canvas; for the label: its new text). A drag: how long after the mouse is
let go the picture of the last value is there. The ways take turns.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from report import busy, publish, ratio, table

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from tests.browser.conftest import find_chromium, running_browser, running_lab  # noqa: E402
from tests.browser.driver import Notebook  # noqa: E402

ROUNDS, STEPS, PAUSE = 6, 4, 400  # PAUSE: ms after a picture, so that everything is at rest

CELLS = {
    "figure": """
import matplotlib.pyplot as plt
import numpy as np
import ipywidgets
import bnlib as bn
from bnlib.live.style import RC

plt.rcParams.update(RC)
x = np.linspace(0, 10, 300)
titles = "a wave", "its square", "its sum"

def waves(value):
    y = np.sin(x + value / 10)
    return y, y**2, np.cumsum(y) / 40

def subplots():
    figure, axes = plt.subplots(1, 3, figsize=(10, 3.4), layout="constrained")
    lines = []
    for each, title, y in zip(axes, titles, waves(0)):
        each.set(title=title, xlabel="x", ylabel="y", xlim=(0, 10), ylim=(-1.1, 1.1))
        lines += each.plot(x, y)
    return figure, lines

def slider():
    return ipywidgets.IntSlider(0, 0, 200, description="value")
""",
    "label": """
echo, text = slider(), ipywidgets.Label("0")
echo.observe(lambda change: setattr(text, "value", f"at {change.new}"), names="value")
ipywidgets.VBox([echo, text])
""",
    "ours": """
canvas = bn.live.Canvas(10, 3.4)
panels = [
    bn.live.Curves(canvas, axes, ["y"], legend=None, title=title, xlabel="x", ylabel="y",
                   xlim=(0, 10), ylim=(-1.1, 1.1))
    for axes, title in zip(canvas.axes(1, 3), titles)
]

def show(result, setting):
    for panel, y in zip(panels, result["waves"]):
        panel.update("y", x, y)

bn.live.Explorer(
    "waves", title="Three waves", canvas=canvas,
    controls={"value": bn.live.int_slider("value", 0, 0, 200)},
    compute=lambda value: {"waves": waves(value)},
    show=show, describe=lambda result, setting: f"at {setting.value}",
)
""",
    "ipympl": """
%matplotlib widget
figure, lines = subplots()
figure.canvas.draw()
figure.set_layout_engine("none")

def move(change):
    for line, y in zip(lines, waves(change.new)):
        line.set_ydata(y)
    figure.canvas.draw_idle()

ipympl_slider = slider()
ipympl_slider.observe(move, names="value")
display(ipympl_slider)
plt.show()
plt._pylab_helpers.Gcf.figs.clear()  # or the inline backend below would close it
""",
    "interact": """
%matplotlib inline
def draw(value):
    figure, lines = subplots()
    for line, y in zip(lines, waves(value)):
        line.set_ydata(y)
    plt.show()

ipywidgets.interact(draw, value=slider());
""",
}
WAYS = {
    "label": "label echo (the floor)",
    "ours": "bnlib.live",
    "ipympl": "ipympl, draw_idle",
    "interact": "interact + inline figure",
}
if importlib.util.find_spec("ipympl") is None:
    del WAYS["ipympl"], CELLS["ipympl"]

# window.pictures: when each new picture of the watched cell was decoded, and its width in pixels.
PAGE_CODE = """
window.pictures = [];
window.began = window.released = null;
const note = width => window.pictures.push([performance.now(), width]);
document.addEventListener('keydown', event => { window.began = event.timeStamp }, true);
document.addEventListener('pointerup', event => { window.released = event.timeStamp }, true);

window.watchCell = (cell, way) => {
    window.watching?.disconnect();
    window.pictures = [];
    window.canvasOfCell = cell.querySelector('canvas');
    const decoded = image => image.decode().then(() => note(image.naturalWidth), () => {});
    window.watching = new MutationObserver(changes => {
        if (way === 'label') note(0);
        for (const change of changes) {
            if (way === 'ours' && change.attributeName === 'src') decoded(change.target);
            if (way === 'interact')
                for (const node of change.addedNodes)
                    for (const image of node.querySelectorAll?.('img') ?? []) decoded(image);
        }
    });
    const part = way === 'label' ? cell.querySelectorAll('.widget-label')[1]
        : cell.querySelector('.jp-OutputArea');
    if (way !== 'ipympl') window.watching.observe(part, {
        childList: true, characterData: true, attributes: way === 'ours', subtree: true});
};

// ipympl puts each frame that arrives on an off-screen canvas with drawImage(<img>).
const drawImage = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (source, ...rest) {
    drawImage.call(this, source, ...rest);
    if (source instanceof HTMLImageElement && window.canvasOfCell) note(0);
};
"""


def write_notebook(path):
    cells = [
        nbformat.v4.new_code_cell(source.strip(), id=name, metadata={"trusted": True})
        for name, source in CELLS.items()
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


class Way:
    """One of the four cells: steps and drags on its slider, timed in the page."""

    def __init__(self, notebook, name):
        self.notebook, self.page, self.name = notebook, notebook.page, name
        self.element = notebook.cell(name)

    def begin(self):
        self.notebook.cell(self.name)
        self.page.wait_for_timeout(PAUSE)
        self.notebook.js("watchCell", self.element.element_handle(), self.name)

    def pictures(self):
        return self.page.evaluate("() => window.pictures")

    def step(self, key):
        """Milliseconds from the key to the first new picture."""
        self.page.wait_for_timeout(PAUSE)
        self.page.evaluate("() => { window.pictures = [] }")
        self.element.locator(".noUi-handle").press(key)
        self.page.wait_for_function("() => window.pictures.length", timeout=20_000)
        first, began = self.page.evaluate("() => [window.pictures[0][0], window.began]")
        return first - began

    def drag(self, share, moves=40):
        """(ms from letting go to the picture of the last value, pictures a second meanwhile)."""
        self.page.evaluate("() => { window.pictures = [] }")
        track = self.element.locator(".noUi-base").bounding_box()
        handle = self.element.locator(".noUi-handle").bounding_box()
        y = handle["y"] + handle["height"] / 2
        start, end = handle["x"] + handle["width"] / 2, track["x"] + share * track["width"]
        self.page.mouse.move(start, y)
        self.page.mouse.down()
        began = self.page.evaluate("() => performance.now()")
        for k in range(1, moves + 1):
            self.page.mouse.move(start + (end - start) * k / moves, y)
            self.page.wait_for_timeout(16)
        self.page.mouse.up()
        count = -1
        while count != (count := len(self.pictures())):  # until nothing comes any more
            self.page.wait_for_timeout(1000 if self.name in ("label", "ours") else 3000)
        released = self.page.evaluate("() => window.released")
        plain = [when for when, width in self.pictures() if self.name != "ours" or width <= 1000]
        moving = [when for when in plain if when <= released]
        return max(0.0, plain[-1] - released), 1000 * len(moving) / (released - began)


def measure(notebook):
    """name -> milliseconds of single steps; name -> list of (lag, pictures a second)."""
    ways = {name: Way(notebook, name) for name in WAYS}
    steps, drags = {name: [] for name in WAYS}, {name: [] for name in WAYS}
    for round_ in range(-1, ROUNDS):  # the first round warms everything up
        for name, way in ways.items():
            way.begin()
            times = [way.step("ArrowRight") for _ in range(STEPS)]
            if round_ >= 0:
                steps[name] += times
            if round_ % 2 == 0:
                drags[name].append(way.drag(0.9 if round_ % 4 == 0 else 0.1))
    return steps, drags


def section(steps, drags):
    rows = [
        [
            WAYS[name],
            f"{statistics.median(times):.0f}",
            f"{statistics.quantiles(times, n=20)[-1]:.0f}",
            f"{statistics.median(lag for lag, _ in drags[name]):.0f}",
            f"{statistics.median(rate for _, rate in drags[name]):.0f}",
        ]
        for name, times in steps.items()
    ]
    header = ["way", "step, ms", "95 % of steps, ms", "behind after a drag, ms", "pictures/s in it"]
    wanted = {("ours", "label"): "≤ 2.5", ("interact", "ours"): "≥ 4", ("ipympl", "ours"): "≥ 3"}
    ratios = table(
        ["ratio of steps", "measured", "wanted"],
        [
            [f"{WAYS[a]} / {WAYS[b]}", f"{ratio(steps[a], steps[b]):.2f}", budget]
            for (a, b), budget in wanted.items()
            if a in steps
        ],
    )
    return (
        "10 × 3.4 inch, three panels, one slider; JupyterLab and headless Chromium on the same "
        f"machine, {busy()}. Medians of {ROUNDS * STEPS} steps in turn.\n\n"
        f"{table(header, rows)}\n\n{ratios}"
    )


if __name__ == "__main__":
    chromium = find_chromium()
    if chromium is None:
        sys.exit("no Chromium found: name it in the environment variable CHROMIUM")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        (Path(folder) / "notebooks").mkdir()
        write_notebook(Path(folder) / "notebooks/figure.ipynb")
        with running_lab(Path(folder)) as lab, running_browser(chromium) as browser:
            notebook = Notebook(browser, *lab, "figure.ipynb", code=PAGE_CODE, height=1100)
            notebook.run_all()
            assert not notebook.errors(), notebook.errors()
            text = section(*measure(notebook))
            notebook.close()
    publish("slider_to_pixels", "From a slider to new pixels", text)
