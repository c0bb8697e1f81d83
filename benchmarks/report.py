"""Timings in turn, the machine they were taken on, and the table they are written to.

A measurement is a script here that prints a small Markdown table and hands it to ``publish``:
it is kept in ``benchmarks/results/<name>.md``, and all of these are joined, with the description of
the machine, in ``benchmarks/RESULTS.md``. ``python benchmarks/report.py`` joins them again.
"""

from __future__ import annotations

import datetime
import os
import platform
import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent


def in_turn(actions, *, rounds, repeat=1, clock=time.perf_counter):
    """Seconds per call of every action (name -> function), measured in turn.

    Each round times every action once (``repeat`` calls), so that whatever else the machine does
    falls on all of them. Returns name -> list of ``rounds`` times; compare them round by round.
    ``clock=time.process_time`` counts the processor's time: for work in one thread, on a machine
    that others use too.
    """
    times = {name: [] for name in actions}
    for action in actions.values():
        action()
    for _ in range(rounds):
        for name, action in actions.items():
            start = clock()
            for _ in range(repeat):
                action()
            times[name].append((clock() - start) / repeat)
    return times


def ratio(above, below):
    """Median over the rounds of above/below."""
    return statistics.median(a / b for a, b in zip(above, below, strict=True))


def table(header, rows):
    """A Markdown table; every cell as it is printed."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def machine():
    """One paragraph: processor, cores, system, Python, NumPy and its BLAS, the day."""
    import numpy as np
    from threadpoolctl import threadpool_info

    cpu = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                cpu = line.split(":", 1)[1].strip()
                break
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    blas = ", ".join(
        f"{lib['internal_api']} {lib['version']} ({lib.get('architecture', 'any')} kernels)"
        for lib in threadpool_info()
        if lib["user_api"] == "blas"
    )
    return (
        f"{cpu}, {cores} cores, {platform.system()}, Python {platform.python_version()}, "
        f"NumPy {np.__version__}, {blas or 'no BLAS found'}, {datetime.date.today():%Y-%m-%d}."
    )


def busy():
    """What else the machine has to do, in words."""
    if not hasattr(os, "getloadavg"):
        return "an unknown load"
    return f"a load of {os.getloadavg()[1]:.1f} (average of five minutes, this run included)"


def publish(name, title, text):
    """Print a section; keep and join it too, unless the command line says ``--print-only``."""
    section = f"## {title}\n\n{text}\n\n*{machine()}*\n"
    print(section)
    if "--print-only" not in sys.argv[1:]:
        results = HERE / "results"
        results.mkdir(exist_ok=True)
        (results / f"{name}.md").write_text(section, encoding="utf-8")
        join()


def join():
    """RESULTS.md from all sections in results/, in alphabetical order of their files."""
    sections = [p.read_text(encoding="utf-8") for p in sorted((HERE / "results").glob("*.md"))]
    head = (
        "# Measurements\n\nOne section for each script; written by `make bench`, and where a "
        "section says so by\n`make proof`, `make classroom` and `make bench-seeds`.\n"
    )
    (HERE / "RESULTS.md").write_text("\n".join([head, *sections]), encoding="utf-8")


if __name__ == "__main__":
    join()
