"""Every demo in the kernel, the import, and the memory that notebooks need; without a browser.

    python benchmarks/demos.py [--print-only]

From a value of the first slider to the encoded frame; for a run that goes on, to its first frame,
with the pictures a second while it trains and the time until its default is done. `import bnlib`
beside what it needs anyway. The memory of a kernel after each notebook, and after 500 moves of the
sliders on top.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from unittest import mock

import nbformat
import numpy as np
from jupyter_client.manager import start_new_kernel
from report import busy, in_turn, publish, ratio, table

import bnlib as bn

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
MOVES = 20

# As a slider in the browser does it: the first picture at once, the rest in the background.
from_the_browser = mock.patch("bnlib.live.kernel.from_browser", return_value=True)


def places(control, count=MOVES):
    """Values of a control, there and back over its whole range."""
    if hasattr(control, "options"):
        values = [value for _, value in control._options_full]
    else:
        step = (control.max - control.min) / (count - 1)
        values = [control.min + k * step for k in range(count)]
        if hasattr(control, "base"):
            values = [control.base**value for value in values]
        elif isinstance(control.value, int):
            values = sorted({round(value) for value in values})
    return values[::2] + values[1::2][::-1]


def first_slider(explorer):
    """The name of the first slider, or of the first control where there is none."""
    sliders = [name for name, c in explorer.controls.items() if hasattr(c, "readout_format")]
    return next(iter(sliders or explorer.controls))


def move(explorer, name, rest=True):
    """Milliseconds, and of these the processor's, from each value of a control to its frame."""
    control, times = explorer.controls[name], []
    for value in places(control):
        start, busy = time.perf_counter(), time.thread_time()
        control.value = value
        times.append((time.perf_counter() - start, time.thread_time() - busy))
        if rest:
            explorer.stop()
            wait(explorer)
    return 1000 * np.array(times)


def wait(explorer):
    while explorer.busy:
        time.sleep(0.005)


def train(explorer, name):
    """(pictures a second while the default trains, seconds until its last result is on show)."""
    pictures, control = [], explorer.controls[name]
    default = control.value
    control.value = next(value for value in places(control) if value != default)
    explorer.stop()
    wait(explorer)
    explorer._image.observe(lambda _: pictures.append(time.perf_counter()), names="value")
    start = time.perf_counter()
    control.value = default
    while not explorer.at_rest:
        time.sleep(0.001)
    end = time.perf_counter()
    wait(explorer)
    shown = [when for when in pictures if when <= end]
    rate = (len(shown) - 1) / (shown[-1] - shown[0]) if len(shown) > 2 else "–"
    return rate, end - start


def frames():
    rows = []
    for name, demo in bn.demos.REGISTRY.items():
        explorer = demo()
        slider = first_slider(explorer)
        with from_the_browser:
            rate, seconds = train(explorer, slider) if explorer.generates else ("–", "–")
            if not explorer.generates:
                move(explorer, slider)  # what is kept for a setting is kept afterwards
            times = move(explorer, slider)
        numbers = [*np.median(times, axis=0), times[:, 0].max(), rate, seconds]
        rows.append([name, slider, *(n if n == "–" else f"{n:.3g}" for n in numbers)])
    header = [
        *("demo", "slider", "median, ms", "processor, ms", "slowest, ms"),
        *("pictures/s in training", "seconds to the end"),
    ]
    return table(header, rows)


def imports(rounds=9):
    def importing(names):
        code = f"import {names}"
        return lambda: subprocess.run([sys.executable, "-c", code], check=True)

    needed, ours = "matplotlib.figure, ipywidgets", "bnlib"
    times = in_turn({name: importing(name) for name in (needed, ours)}, rounds=rounds)
    rows = [[f"`import {name}`", f"{statistics.median(times[name]):.2f}"] for name in times]
    rows.append(["ratio (wanted: at most 1.15)", f"{ratio(times[ours], times[needed]):.3f}"])
    return table(["a process that does nothing else", "seconds"], rows)


# Runs in a notebook's kernel after its cells.
MEMORY = f"""
import sys, psutil
_memory = [psutil.Process().memory_info().rss]
sys.path.insert(0, {str(Path(__file__).parent)!r})
import demos as _measure
from bnlib.live import Explorer as _Explorer
_shown = [each for each in Out.values() if isinstance(each, _Explorer)]
with _measure.from_the_browser:
    for _part in range(2):  # what is kept for a setting is there after the first half
        _moves = 0
        while _shown and _moves < 250:
            for _explorer in _shown:
                _name = _measure.first_slider(_explorer)
                _moves += len(_measure.move(_explorer, _name, rest=False))
                _explorer.stop()
                _measure.wait(_explorer)  # so that what is sent does not pile up
        _memory.append(psutil.Process().memory_info().rss)
print(*(f"{{each / 1e6:.0f}}" for each in _memory))
"""


def memory():
    rows = []
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        manager, client = start_new_kernel(
            kernel_name="python3", cwd=str(path.parent), stderr=subprocess.DEVNULL
        )
        try:
            for cell in cells:
                if cell.cell_type == "code":
                    client.execute_interactive(cell.source, timeout=300, output_hook=lambda _: None)
            printed = []
            client.execute_interactive(
                MEMORY,
                timeout=600,
                output_hook=lambda m, out=printed: out.append(m["content"].get("text", "")),
            )
            rows.append([path.stem, *"".join(printed).split()])
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
    return table(["notebook", "MB after all cells", "after 250 moves", "after 500 moves"], rows)


if __name__ == "__main__":
    text = (
        f"Measured on a machine with {busy()}. "
        "From a value to an encoded frame, in the kernel (wanted: at most 15 ms, for the first "
        "frame of a run that goes on at most 30 ms; at least 15 pictures a second, at most 1 s to "
        f"the end).\n\n{frames()}\n\n{imports()}\n\nResident memory of the kernel (wanted: at most "
        f"160 MB and no growth from 250 to 500 moves).\n\n{memory()}"
    )
    publish("demos", "Every demo in the kernel", text)
