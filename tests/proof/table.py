"""The table of the proof: what was tried, how often, and what came of it.

A row is a module of tests/proof and is replaced when all of its tests that were asked for have run;
a run of some modules leaves the rows of the others as they are.
"""

from __future__ import annotations

import ast
import datetime
import json
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "benchmarks" / "results"
TITLE = "What was tried"
TEXT = """\
Written by `make proof`, a row for each module of `tests/proof/`. The time is that of all tests of a
row, one after the other; what was skipped says why below the table.
"""


class Table:
    """Collects the reports of all workers and writes the table at the end."""

    def __init__(self):
        self.rows: dict[str, dict] = {}

    def pytest_runtest_logreport(self, report):
        path = report.nodeid.partition("::")[0]
        if not path.startswith("tests/proof/"):
            return
        row = self.rows.setdefault(
            Path(path).stem,
            {"tried": Counter(), "outcomes": Counter(), "seconds": 0.0, "skipped": set()},
        )
        row["seconds"] += report.duration
        if report.when == "call" or not report.passed:
            row["outcomes"][report.outcome] += 1
        if report.when == "teardown":
            for name, number in report.user_properties:
                if name.startswith("tried "):
                    row["tried"][name.removeprefix("tried ")] += number
        if report.skipped and isinstance(report.longrepr, tuple):
            row["skipped"].add(report.longrepr[2].removeprefix("Skipped: "))

    def pytest_sessionfinish(self, session, exitstatus):
        """Of a part of a module, or of a run that was broken off, no row is made."""
        asked = session.config.option
        part = asked.keyword or asked.markexpr or asked.deselect or asked.quick
        part = part or getattr(asked, "lf", False) or "::" in " ".join(session.config.args)
        broken_off = exitstatus not in (0, 1) or session.shouldstop or session.shouldfail
        if self.rows and not part and not broken_off:
            write(self.rows)


def write(rows, folder=RESULTS):
    """Keep the rows with those of earlier runs, and make the table of all."""
    kept = folder / "proof.json"
    table = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    today = f"{datetime.date.today():%Y-%m-%d}"
    for name, row in rows.items():
        table[name] = {
            "tried": dict(row["tried"]), "outcomes": dict(row["outcomes"]),
            "minutes": round(row["seconds"] / 60, 1), "day": today,
            "skipped": sorted(row["skipped"]),
        }  # fmt: skip
    table = {name: table[name] for name in sorted(table) if module(name).exists()}
    kept.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (folder / "proof.md").write_text(markdown(table), encoding="utf-8")
    join()


def join():
    import sys

    sys.path.insert(0, str(ROOT / "benchmarks"))
    import report

    report.join()


def markdown(table) -> str:
    lines = [
        "| what | tried | passed | failed | skipped | minutes | day |",
        "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for name, row in table.items():
        outcomes = Counter(row["outcomes"])
        tried = ", ".join(f"{number:,} {what}" for what, number in row["tried"].items())
        counts = (outcomes[each] for each in ("passed", "failed", "skipped"))
        cells = [claim(name), tried, *counts, row["minutes"], row["day"]]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    why = [f"- {claim(name)} {each}" for name, row in table.items() for each in row["skipped"]]
    skipped = ["", "Skipped:", *why] if why else []
    return "\n".join([f"## {TITLE}", "", TEXT, *lines, *skipped, ""])


def claim(name) -> str:
    """The first line of a module's docstring."""
    tree = ast.parse(module(name).read_text(encoding="utf-8"))
    return ast.get_docstring(tree).splitlines()[0]


def module(name) -> Path:
    return ROOT / "tests" / "proof" / f"{name}.py"
