"""A class on JupyterHub: what 1, 4, 8 and 16 learners wait for, and what each of them costs.

    python benchmarks/classroom.py [--learners 1 4 8 16] [--print-only]

A real hub with its proxy, a server and a kernel a learner, all on 127.0.0.1 (`make proof` installs
them). Each learner logs in, runs a notebook cell by cell, then moves sliders as a hand does: 20
moves a second for 3 s, then reading until 23 s are over. It ends by itself, in some ten minutes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path

import psutil
from classroom_hub import ENVIRONMENT, Hub, cpu_seconds, memory
from classroom_learner import BURST, MOVES_A_SECOND, Learner
from classroom_sizes import Price, sizes
from report import busy, publish, table

ROOT = Path(__file__).resolve().parents[1]
SEED = 15
NOTEBOOKS = (
    "03_gamma_beta.ipynb",
    "01_input_normalization.ipynb",
    "05_ema_test_time.ipynb",
    "00_tour.ipynb",
)
ROUNDS, ROUND = 2, 23.0  # bursts a learner, seconds from the beginning of one to the next
ARRIVE, SPREAD = 5.0, 10.0  # seconds within which all arrive, and begin with the first burst
AFTER = 1.5  # seconds after the hand rests that still count as its burst: a run comes to its end
THINK = 0.2  # seconds between two cells
LATE = 0.25  # seconds from the hand to the picture
LOOK = 4.0  # seconds between two looks at the memory
LIMIT = 600  # seconds for one number of learners, or it is an error


@dataclass
class Spent:
    """Processor seconds and the seconds that they were spent in."""

    cpu: float = 0.0
    wall: float = 0.0

    def add(self, cpu, wall):
        self.cpu, self.wall = self.cpu + cpu, self.wall + wall

    @property
    def cores(self):
        return self.cpu / self.wall if self.wall else 0.0


@dataclass
class Class:
    """What was measured with some learners."""

    learners: list
    start: list = field(default_factory=list)  # processor seconds until the server answers
    cells: list = field(default_factory=list)  # processor seconds for a notebook's cells
    burst: dict = field(default_factory=lambda: {True: Spent(), False: Spent()})
    reading: Spent = field(default_factory=Spent)
    shared: Spent = field(default_factory=Spent)  # hub and proxy, while all play
    generator: Spent = field(default_factory=Spent)
    memory: dict = field(default_factory=dict)  # learner -> MB, when all is over
    libraries: float = 0.0  # MB that a learner's processes share with any other, then; the most
    most: dict = field(default_factory=dict)  # learner -> MB, the most that was seen
    hub_memory: float = 0.0
    errors: list = field(default_factory=list)

    def price(self):
        """What the sizing table goes by."""
        return Price(
            memory=statistics.mean(self.memory.values()), most=max(self.most.values()),
            libraries=self.libraries,
            start=statistics.mean(self.start), cells=max(self.cells),
            burst=max(each.cores for each in self.burst.values()), reading=self.reading.cores,
            shared=self.shared.cores / len(self.learners), hub_memory=self.hub_memory,
        )  # fmt: skip


async def lesson(number) -> Class:
    """So many learners on a hub of their own."""
    names = [f"learner{k:02d}" for k in range(number)]
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(number + 2))  # one for each
    with Hub(names) as hub:
        learners = [
            Learner(hub.address, name, notebook, f"{SEED} {name}")
            for name, notebook in zip(names, islice(cycle(NOTEBOOKS), number), strict=True)
        ]
        found = Class([each.record for each in learners])
        looking = asyncio.create_task(watch_memory(hub, found))
        try:
            async with asyncio.timeout(LIMIT):
                here = await all_of(learners, lambda each: arrive(hub, each, found))
                say(number, f"all cells are done, {len(here)} go on")
                processes = hub.look()["hub"]
                begun, shared, own = (
                    time.perf_counter(),
                    cpu_seconds(processes),
                    time.process_time(),
                )
                await all_of(here, lambda each: play(hub, each, found))
                took = time.perf_counter() - begun
                found.shared.add(cpu_seconds(processes) - shared, took)
                found.generator.add(time.process_time() - own, took)
                found.memory, found.hub_memory, found.libraries = memory_of(hub)
        except Exception as error:
            found.errors.append(f"{type(error).__name__}: {error}\n{hub.log()[-1500:]}")
        finally:
            looking.cancel()
            for each in learners:
                await each.close()
            found.errors += hub.complaints()
    found.errors += [error for each in learners for error in each.record.errors]
    return found


async def all_of(learners, what):
    """Have all do it at once; those who got to its end. An error of one is no other's."""
    done = await asyncio.gather(*map(what, learners), return_exceptions=True)
    for learner, error in zip(learners, done, strict=True):
        if error is not None:
            learner.failed(f"{learner.name}: {type(error).__name__} {error}")
    return [learner for learner, error in zip(learners, done, strict=True) if error is None]


async def arrive(hub, learner, found):
    """Log in, start a server, run the notebook's cells."""
    await asyncio.sleep(random.Random(f"{SEED} {learner.name} arrives").uniform(0, ARRIVE))
    await asyncio.to_thread(learner.enter)
    own = hub.look()[learner.name]
    found.start.append(cpu_seconds(own))
    await learner.connect(await asyncio.to_thread(learner.open))
    await learner.run_cells(THINK)
    found.cells.append(cpu_seconds(hub.look()[learner.name]) - found.start[-1])
    assert learner.demos, f"{learner.notebook} shows no demo"


async def play(hub, learner, found):
    """Some bursts, in turn on a demo in closed form and one that trains."""
    own = hub.look()[learner.name]
    await asyncio.sleep(learner.chance.uniform(0, SPREAD))
    for demo in islice(cycle(learner.favourites()), ROUNDS):
        begun, cpu = time.perf_counter(), cpu_seconds(own)
        await learner.burst(demo)
        await asyncio.sleep(AFTER)
        over, then = time.perf_counter(), cpu_seconds(own)
        found.burst[demo.trains].add(then - cpu, over - begun - AFTER)
        await asyncio.sleep(max(0.0, begun + ROUND - time.perf_counter()))
        found.reading.add(cpu_seconds(own) - then, time.perf_counter() - over)


def memory_of(hub):
    """MB that each learner has alone, and hub and proxy; the most that a learner shares."""
    told = {owner: memory(processes) for owner, processes in hub.look().items()}
    of_hub, _ = told.pop("hub")
    alone = {owner: unique for owner, (unique, _) in told.items()}
    return alone, of_hub, max((shared for _, shared in told.values()), default=0.0)


async def watch_memory(hub, found):
    while True:
        told, *_ = await asyncio.to_thread(memory_of, hub)
        for owner, alone in told.items():
            found.most[owner] = max(alone, found.most.get(owner, 0.0))
        await asyncio.sleep(LOOK)


# -- tables ---------------------------------------------------------------------------------


def waits(number, found):
    """Rows: what learners wait for, one for each kind of demo."""
    arrived = f"{_median([each.to_server for each in found.learners]):.1f}"
    first = f"{_median([s for each in found.learners for s in each.to_picture]):.1f}"
    rows = []
    for trains in (False, True):
        made = sum(each.made[trains] for each in found.learners)
        moves = [move for each in found.learners for move in each.moves[trains]]
        seen = sorted(move.seen - move.made for move in moves if move.seen)
        if not made:
            continue
        ms = [f"{1000 * share(seen, part):.0f}" if seen else "–" for part in (0.5, 0.95)]
        late = sum(each > LATE for each in seen)
        rows.append([
            number, arrived, first, "trains" if trains else "closed form", *ms, made,
            f"{100 * (made - len(moves)) / made:.0f} %", f"{100 * late / made:.0f} %",
            len(moves) - len(seen), len(found.errors),
        ])  # fmt: skip
    return rows


def costs(number, found):
    """A row: what learners cost."""
    burst = [60 * found.burst[trains].cores for trains in (False, True)]
    return [
        number, f"{statistics.mean(found.memory.values()):.0f}", f"{max(found.most.values()):.0f}",
        f"{found.libraries:.0f}",
        f"{statistics.mean(found.start):.1f}", f"{statistics.mean(found.cells):.0f}",
        *(f"{each:.0f}" if each else "–" for each in burst), f"{60 * found.reading.cores:.1f}",
        f"{found.hub_memory:.0f}", f"{60 * found.shared.cores:.1f}",
        f"{60 * found.generator.cores:.1f}",
        f"{1000 * max(each.late_hand for each in found.learners):.0f}",
    ]  # fmt: skip


def _median(values):
    return statistics.median(values) if values else float("nan")


def share(values, part):
    """The value below which this part of the sorted values lies."""
    return values[min(len(values) - 1, int(part * len(values)))]


WAITS = [
    "learners", "login → server, s", "cell → picture, s", "demo", "value → picture, ms",
    "95 %, ms", "moves", "merged", "late", "no picture", "errors",
]  # fmt: skip
COSTS = [
    "learners", "MB each", "MB at most", "MB shared", "CPU s, server's start", "CPU s, all cells",
    "CPU s/min, closed form dragged", "CPU s/min, training dragged", "CPU s/min, reading",
    "MB, hub and proxy", "CPU s/min, hub and proxy", "CPU s/min, generator", "generator late, ms",
]  # fmt: skip
TEXT = f"""\
A JupyterHub on this machine, whose {psutil.cpu_count()} cores the load generator shares, with
{{busy}}. Learners arrive within {ARRIVE:.0f} s of one another and run all cells of a notebook at
once ({", ".join(name[:2] for name in NOTEBOOKS)} in turn); then each moves a slider {ROUNDS} times,
{MOVES_A_SECOND} moves a second for {BURST:.0f} s, every {ROUND:.0f} s. *Merged* moves were
overtaken by the next one before they could be sent; *late* pictures came more than
{1000 * LATE:.0f} ms after the hand. Memory is what no other process shares: server, kernel and
workers; *shared*, what they have in common with one another or with other learners.
What a drag costs is divided by its {BURST:.0f} s, the end of its run included."""


def say(*words):
    print(f"{time.strftime('%H:%M:%S')}", *words, file=sys.stderr, flush=True)


def report(classes):
    """The tables of all that was measured."""
    parts = [TEXT.format(busy=busy())]
    parts.append(table(WAITS, [row for item in classes.items() for row in waits(*item)]))
    parts.append(table(COSTS, [costs(*item) for item in classes.items()]))
    parts.append(sizes({number: found.price() for number, found in classes.items()}))
    for number, found in classes.items():
        if found.errors:
            told = "\n".join(str(error).splitlines()[0][:160] for error in found.errors[:5])
            parts.append(f"With {number} learners, the first errors:\n\n```\n{told}\n```")
    return "\n\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learners", type=int, nargs="+", default=[1, 4, 8, 16])
    parser.add_argument("--print-only", action="store_true", help="leave RESULTS.md as it is")
    given = parser.parse_args()
    if not (ENVIRONMENT / "bin" / "jupyterhub").exists():
        sys.exit("needs what `make proof` installs: jupyterhub and configurable-http-proxy")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    classes = {}
    for number in given.learners:
        say(number, "learners" if number > 1 else "learner")
        found = asyncio.run(lesson(number))
        if not found.memory:
            sys.exit(f"with {number} learners it failed:\n" + "\n".join(found.errors))
        classes[number] = found
    publish("classroom", "A class on JupyterHub", report(classes))
    if not given.print_only:
        teach(sizes({number: found.price() for number, found in classes.items()}))


def teach(text, page=ROOT / "docs" / "teaching.md"):
    """Put the sizes into what a teacher reads."""
    begin, end = "<!-- sizing -->\n", "<!-- /sizing -->"
    before, rest = page.read_text(encoding="utf-8").split(begin)
    after = rest.partition(end)[2]
    page.write_text(f"{before}{begin}{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
