"""The memory of a kernel: with the imports, after a notebook's cells, after moves and re-runs.

    python benchmarks/memory.py [--print-only] [notebook …]

A real kernel for each notebook. Resident memory in MB, and of it what no other process shares.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from jupyter_client.manager import start_new_kernel
from report import busy, publish, table

NOTEBOOKS = sorted((Path(__file__).resolve().parents[1] / "notebooks").glob("*.ipynb"))
IMPORTS = "import numpy as np, bnlib as bn\nbn.demos, bn.live, bn.checks"
RERUNS = 50

TELL = """
import psutil as _psutil
_m = _psutil.Process().memory_full_info()
print(f"{_m.rss / 1e6:.0f} ({_m.uss / 1e6:.0f})")
"""

# 250 values of the first slider of the demo shown last that trains, as a browser sends them.
MOVE = f"""
import sys as _sys
_sys.path.insert(0, {str(Path(__file__).parent)!r})
import demos as _measure
from bnlib.live import Explorer as _Explorer
_shown = [each for each in Out.values() if isinstance(each, _Explorer) and each.generates]
_moves = 0
with _measure.from_the_browser:
    while _shown and _moves < 250:
        _explorer = _shown[-1]
        _moves += len(_measure.move(_explorer, _measure.first_slider(_explorer), rest=False))
        _explorer.stop()
        _measure.wait(_explorer)
"""


class Kernel:
    """A kernel in the notebooks' folder: ``run`` a cell, get what it prints."""

    def __enter__(self):
        self.manager, self.client = start_new_kernel(
            kernel_name="python3", cwd=str(NOTEBOOKS[0].parent), stderr=subprocess.DEVNULL
        )
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run(self, code):
        printed = []

        def output(message):
            printed.append(message["content"].get("text", ""))

        self.client.execute_interactive(code, timeout=600, output_hook=output)
        return "".join(printed)

    def memory(self):
        return self.run(TELL).strip().splitlines()[-1]


def of_notebook(path):
    """A row: the imports, all cells, 250 and 500 moves, 10 and 50 re-runs of its last demo."""
    cells = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    row = [path.stem]
    with Kernel() as kernel:
        kernel.run(IMPORTS)
        row.append(kernel.memory())
        for cell in cells:
            kernel.run(cell)
        row.append(kernel.memory())
        for _ in range(2):
            kernel.run(MOVE)
            row.append(kernel.memory())
    with Kernel() as kernel:
        for cell in cells:
            kernel.run(cell)
        demos = [cell for cell in cells if "bn.demos." in cell]
        for times in (RERUNS // 5, RERUNS - RERUNS // 5):
            for _ in range(times if demos else 0):
                kernel.run(demos[0])
            row.append(kernel.memory())
    return row


if __name__ == "__main__":
    named = [word for word in sys.argv[1:] if not word.startswith("-")]
    chosen = [p for p in NOTEBOOKS if not named or any(word in p.stem for word in named)]
    header = [
        *("notebook", "imports", "all cells", "250 moves", "500 moves"),
        *("10 re-runs", f"{RERUNS} re-runs"),
    ]
    text = (
        f"Measured on a machine with {busy()}. Resident memory in MB, in brackets what no other "
        "process shares (wanted: at most 160 after all cells, no growth from 250 to 500 moves of a "
        "demo that trains nor from 10 to 50 re-runs of the first demo's cell).\n\n"
        f"{table(header, [of_notebook(path) for path in chosen])}"
    )
    publish("memory", "Memory of a kernel", text)
