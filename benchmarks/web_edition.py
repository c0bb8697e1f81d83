"""The web edition: from a visit to Python, sliders, and how long the notebooks' cells take there.

    python benchmarks/web_edition.py [--site site/build] [--demo NAME ...] [--notebook 00 ...]

It wants a site that needs no other host (`make site PYODIDE=site/pyodide`), serves it here and
opens it in a headless Chromium with a fresh profile. Drags and keys are those of drag.py.
``--notebook`` alone times its cells only, ``--demo`` alone its sliders, and both are only printed;
without either everything is measured, in three quarters of an hour, and kept in RESULTS.md.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
from drag import FLOOR, KEYS, PAGE_CODE, QUIET, ROOT, SETTINGS, Handle, Measured
from report import busy, publish, table

sys.path.append(str(ROOT / "site"))

from tests.browser.conftest import find_chromium, running_browser
from tests.site.conftest import compressed, served
from tests.site.lite import SCREEN, LiteNotebook

FIRST = "01_input_normalization.ipynb"
MOVES, ENDURE = 500, ("loss_contours", "deep_network")  # keys, and the demos that get so many
# A product in the kernel, to tell how busy the machine was.
PRODUCT = (
    "20 * min(__import__('timeit').repeat("
    "'a @ a', 'import numpy; a = numpy.ones((100, 100))', number=50))"
)


@contextmanager
def visitor(chromium):
    """A browser with a profile on disk, which keeps what it has fetched."""
    with running_browser(chromium) as browser, tempfile.TemporaryDirectory() as profile:
        options = {"executable_path": chromium, "args": ["--no-sandbox", "--disable-gpu"], **SCREEN}
        context = browser.browser_type.launch_persistent_context(profile, **options)
        yield context
        context.close()


def visits(chromium, site, rounds=3):
    """Seconds from the address to an idle kernel that has imported bnlib, and bytes sent."""
    rows = []
    for _ in range(rounds):
        with visitor(chromium) as context, served(site) as (address, sent):
            for which in ("first", "second"):
                sent.clear()
                begun = time.perf_counter()
                page = LiteNotebook(context, address, FIRST)
                ready = time.perf_counter() - begun
                page.ask("__import__('bnlib').__version__")
                imported = time.perf_counter() - begun
                rows.append((which, ready, imported, *weight(site, sent)))
                page.page.close()
    return [
        [which, *(f"{statistics.median(values):.{digits}f}" for values, digits in
                  zip(list(zip(*each, strict=True))[1:], (1, 1, 1, 1), strict=True))]
        for which in ("first", "second") if (each := [row for row in rows if row[0] == which])
    ]  # fmt: skip


def weight(site, sent):
    """MB of these files, as they are and as a server sends them that compresses."""
    files = {site / urlsplit(path).path.lstrip("/") for path in sent}
    files = [path for path in files if path.is_file()]
    return sum(path.stat().st_size for path in files) / 1e6, sum(map(compressed, files)) / 1e6


def sliders(page, names, seconds=4.0):
    """Rows: pictures a second in a drag, from key to picture, and after 500 moves."""
    cells = {"floor": FLOOR}
    for name in names:
        start = f"demo.set(**{SETTINGS[name]!r})\n" if name in SETTINGS else ""
        cells[name] = f"display(floor())\ndemo = bn.demos.{name}()\n{start}demo"
    made = [nbformat.v4.new_code_cell(source.strip(), id=name) for name, source in cells.items()]
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    page.show(nbformat.v4.new_notebook(cells=made, metadata={"kernelspec": kernel}))
    page.run("floor")
    rows = []
    for name in names:
        here = Measured(page, name)
        description = next(iter(here.sliders().values()))
        handle = Handle(page.page, here.demo.control(description), here.demo.image)
        stop(here)
        began, released = handle.drag(seconds, 1, 0, None)
        moving = [each for each in handle.seen() if each["when"] <= released]
        before = [key(here, handle, k) for k in range(KEYS)]
        for k in range(MOVES if name in ENDURE else 0):
            here.demo.press(description, arrow(k // 10))
        after = [key(here, handle, k) for k in range(KEYS)] if name in ENDURE else []
        kind = "trains" if here.demo.trains else "closed form"
        pictures = 1000 * len(moving) / (released - began)
        medians = [f"{statistics.median(each):.0f}" if each else "–" for each in (before, after)]
        rows.append([name, description, kind, f"{pictures:.1f}", *medians])
        print(rows[-1], flush=True)
        here.close()
    return rows


def stop(here):
    """Abandon what trains: here a run may take a minute."""
    here.notebook.ask(f"{here.demo.explorer}.stop()")
    here.page.wait_for_timeout(QUIET)


def key(here, handle, k):
    """Milliseconds from an arrow key, with nothing else going on, to the first new picture."""
    stop(here)
    return handle.key(arrow(k))


def arrow(k):
    return "ArrowLeft" if k % 2 else "ArrowRight"


def seconds_of_cells(page, name):
    """A row: all cells, the longest and which it is, those over 30 s; milliseconds of a product."""
    product = page.ask(PRODUCT)
    cells = nbformat.read(ROOT / "notebooks" / name, as_version=4).cells
    took = {}
    for cell in [each for each in cells if each.cell_type == "code"]:
        begun = time.perf_counter()
        page.run(cell.id, seconds=900)
        took[cell.id] = time.perf_counter() - begun
    longest = max(took, key=took.get)
    row = [name[:2], f"{sum(took.values()):.0f}", f"{took[longest]:.0f}", longest,
           ", ".join(f"{c} {s:.0f}" for c, s in took.items() if s > 30) or "none",
           f"{product:.2f}"]  # fmt: skip
    print(row, page.errors(), flush=True)
    return row


def read_arguments():
    from bnlib.demos import REGISTRY

    numbers = [path.name for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "site" / "build")
    parser.add_argument("--demo", action="append", choices=REGISTRY, help="only this one")
    parser.add_argument("--notebook", action="append", choices=[n[:2] for n in numbers])
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    given = parser.parse_args()
    every = not (given.demo or given.notebook)
    names = [n for n in numbers if every or n[:2] in (given.notebook or [])]
    return given.site, list(REGISTRY) if every else given.demo or [], names, every


if __name__ == "__main__":
    site, demos, notebooks, every = read_arguments()
    chromium = find_chromium()
    if chromium is None or not (site / "lite/static/pyodide/pyodide.js").exists():
        sys.exit("needs Chromium, and a site with Pyodide in it: make site PYODIDE=site/pyodide")
    texts = [f"A headless Chromium and the server on the same machine, {busy()}."]
    if every:
        head = ["visit", "s to an idle kernel", "s to bnlib imported", "MB sent", "MB compressed"]
        rows = [*visits(chromium, site), ["wanted", "≤ 15, ≤ 8", "", "", "≤ 30"]]
        texts.append(table(head, rows))
    with visitor(chromium) as context, served(site) as (address, _):
        if demos:
            page = LiteNotebook(context, address, FIRST, code=PAGE_CODE)
            head = ["demo", "slider", "", "pictures/s in a drag", "key → picture, ms",
                    f"the same after {MOVES} keys"]  # fmt: skip
            wanted = ["wanted", "", "", "≥ 8, ≥ 5 where it trains", "", ""]
            texts.append(table(head, [*sliders(page, demos), wanted]))
            texts.append(f"A drag of 4 s over the whole range, then {KEYS} keys at rest.")
            page.page.close()
        if notebooks:
            rows = []
            for name in notebooks:
                page = LiteNotebook(context, address, name)
                rows.append(seconds_of_cells(page, name))
                page.page.close()
            head = [
                "notebook",
                "s for all cells",
                "s for the longest",
                "which",
                "over 30 s",
                "ms for 100 × 100 by 100 × 100",
            ]
            texts.append(table(head, [*rows, ["wanted", "", "≤ 30", "", "none", ""]]))
    if every:
        publish("web_edition", "The web edition", "\n\n".join(texts))
    else:
        print("\n\n".join(texts))
