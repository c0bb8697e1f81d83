"""The notebooks' claims about training, each with seeds that nobody has looked at.

    python benchmarks/new_seeds.py [--seeds 20] [--first 200] [--only '00-*' ...] [--list]
                                   [--workers 1] [--print-only]

Writes benchmarks/results/new_seeds.md as far as it has come; rows of claims that are not run stay,
so that ``--only`` takes up what is missing. Exit code 1 when a claim does not hold. The claims are
the functions of training_claims.py, training_claims_07.py, …. Minutes on two cores.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from fnmatch import fnmatch
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import training_claims_07  # noqa: F401 (it adds its claims)
import training_claims_08  # noqa: F401
import training_claims_08_relatives  # noqa: F401
from report import HERE, join, machine, table
from training_claims import CLAIMS, Seeds

import bnlib as bn

HEADER = ["name", "claim", "cell", "seeds", "what", "measured ± s.e. (range)", "asked", "holds"]
ABOUT = """What the notebooks claim about training, measured with new seeds (weights, order of the
examples and, where examples are kept aside, the cut). Percent of test examples, differences in
points, paired by seed, unless a row says otherwise. *Asked*: "mean − 3 s.e. >" is shown by these
seeds alone; "meets" is not contradicted by them. The 450 test digits are the same for all seeds,
so a standard error does not contain theirs (about a point for an accuracy, less for a
difference)."""


def rows_of(name, first, count):
    """A claim's rows for the table, and the seconds it took."""
    start, rows = time.perf_counter(), []
    for check in CLAIMS[name].checks(Seeds.new(first, count)):
        verdict, told = "yes" if check.holds else "**no**", f"{first}–{first + count - 1}"
        rows.append([f"`{name}`", "", "", told, check.what, check.measured, check.bound, verdict])
    return rows, time.perf_counter() - start


def kept_rows(path):
    """name -> rows that an earlier run has written."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    found = {}
    for row in (line for line in rows if len(line) == len(HEADER)):
        found.setdefault(row[0].strip("`"), []).append([cell.strip() for cell in row])
    return found


def section(found):
    """The results as Markdown; the first row of a claim says what it claims, and where."""
    rows = []
    for name in (name for name in CLAIMS if name in found):
        first, *others = found[name]
        rows += [[first[0], CLAIMS[name].text, CLAIMS[name].cell, *first[3:]], *others]
    grid = table(HEADER, rows).replace("---:", "---")  # words, most of them
    return f"## Training claims with new seeds\n\n{ABOUT}\n\n{grid}\n\n*{machine()}*\n"


def options(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=20, help="how many (at least 2)")
    parser.add_argument("--first", type=int, default=200, help="the first of them")
    parser.add_argument("--only", nargs="+", default=["*"], help="names or patterns of claims")
    parser.add_argument("--workers", type=int, default=1, help="processes besides this one")
    parser.add_argument("--list", action="store_true", help="name the claims and stop")
    parser.add_argument("--print-only", action="store_true", help="write no file")
    return parser.parse_args(arguments)


def main(arguments=None):
    given = options(arguments)
    names = [n for n in CLAIMS if any(fnmatch(n, pattern) for pattern in given.only)]
    if not names or given.seeds < 2:
        print("no claim of that name, or fewer than two seeds; see --list", file=sys.stderr)
        return 2
    if given.list:
        for name in names:
            print(f"{name:20} {CLAIMS[name].cell:28} {CLAIMS[name].text}")
        return 0
    path = HERE / "results" / "new_seeds.md"
    found, failed = ({} if given.print_only else kept_rows(path)), []
    work = partial(rows_of, first=given.first, count=given.seeds)
    for done, (name, (rows, seconds)) in enumerate(bn.in_parallel(work, names, given.workers), 1):
        found[name] = rows
        holds = all(row[-1] == "yes" for row in rows)
        failed += [] if holds else [name]
        verdict = "holds" if holds else "DOES NOT HOLD"
        print(
            f"{done}/{len(names)} {name} {verdict} ({seconds:.0f} s)", file=sys.stderr, flush=True
        )
        if not given.print_only:
            write(path, found)
    print(section({name: found[name] for name in names}))
    if failed:
        print("does not hold:", ", ".join(sorted(failed)), file=sys.stderr)
    return 1 if failed else 0


def write(path: Path, found):
    path.parent.mkdir(exist_ok=True)
    path.write_text(section(found), encoding="utf-8")
    join()


if __name__ == "__main__":
    sys.exit(main())
