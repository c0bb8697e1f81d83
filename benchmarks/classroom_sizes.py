"""From what one learner costs to what a class needs, with the arithmetic in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from report import table

LEARNERS = 30, 100, 300
DRAG, RUN = 0.25, 0.10  # the share of learners who drag at once, and who run a cell that computes
SPARE = 1.3  # a part more than the arithmetic says
MINUTES = 5  # within which all servers of a class start
KERNELS = 3  # a learner has open: who goes on to the next notebook leaves the last one's kernel
NODE_CORES, NODE_MEMORY = 8, 32  # a machine of a cluster
OWN_CORES, OWN_MEMORY = 0.5, 3.0  # what its system and Kubernetes keep for themselves
LIMIT_CORES = 2  # the kernel, and beside it the server or one more process that helps


@dataclass(frozen=True)
class Price:
    """What one learner costs: MB, processor seconds, cores; and hub and proxy."""

    memory: float  # MB with one notebook open, its cells run
    most: float  # MB, the most that was seen of one learner
    libraries: float  # MB that its processes share on one machine; in a pod, nobody does
    start: float  # processor seconds of a server's start
    cells: float  # processor seconds of the cells of the dearest notebook here
    burst: float  # cores while a slider is dragged
    reading: float  # cores while nothing is
    shared: float  # cores of hub and proxy
    hub_memory: float  # MB of hub and proxy


def dearest(prices) -> Price:
    """Of each cost the highest over the numbers of learners."""
    names = Price.__dataclass_fields__
    return Price(**{name: max(getattr(each, name) for each in prices) for name in names})


def guarantee(price) -> int:
    """MB that a learner is sure of: what one has, rounded up to 64 MB."""
    return 64 * math.ceil((price.memory + price.libraries) / 64)


def limit(price) -> int:
    """MB that a learner cannot exceed: the most that was seen for one notebook, and for each
    further kernel as much again, rounded up to 256 MB."""
    return 256 * math.ceil(KERNELS * (price.most + price.libraries) / 256)


def cores_each(price) -> float:
    """Cores that a learner uses on average while a class is at work: the guarantee."""
    average = DRAG * price.burst + RUN + price.reading + price.shared
    return math.ceil(SPARE * average * 20) / 20


def nodes(learners, price) -> tuple[float, float, int]:
    """Cores and GB that the learners need, and machines of a cluster that hold them."""
    cores = learners * cores_each(price)
    memory = learners * guarantee(price) / 1024
    each = min(
        (NODE_CORES - OWN_CORES) // cores_each(price),
        (NODE_MEMORY - OWN_MEMORY) * 1024 // guarantee(price),
    )
    return cores, memory, math.ceil(learners / each)


def sizes(prices) -> str:
    """The table, and how it is computed; ``prices``: number of learners → Price."""
    price = dearest(prices.values())
    rows = []
    for learners in LEARNERS:
        cores, memory, machines = nodes(learners, price)
        rows.append([
            learners, math.ceil(cores), math.ceil(memory), machines,
            math.ceil(memory + OWN_MEMORY + 1.5 * price.hub_memory / 1024),
        ])  # fmt: skip
    head = [
        "learners", "cores", "GB guaranteed", f"nodes of {NODE_CORES} cores, {NODE_MEMORY} GB",
        "or one machine with these cores, GB",
    ]  # fmt: skip
    text = f"""\
What a class needs, from the dearest of the numbers above.

- **Memory a learner: {guarantee(price)} MB guaranteed, {limit(price)} MB at most.** Measured are
  {price.memory:.0f} MB with one notebook open, and up to {price.libraries:.0f} more for the
  libraries that all share here and nobody does in a pod, rounded up to 64; at most
  {price.most:.0f} + {price.libraries:.0f} MB, times {KERNELS} for who leaves the kernels of two
  earlier notebooks open, rounded up to 256.
- **Cores a learner: {cores_each(price):.2f} guaranteed, {LIMIT_CORES} at most.** A drag takes
  {price.burst:.2f} cores; we *assume* that a quarter of the learners drags at once (with the hand
  above it is {100 * 3 / 23:.0f} %) and that one in ten waits for a cell that computes, with one
  core. So {DRAG} × {price.burst:.2f} + {RUN} × 1 + {price.reading:.3f} for reading
  + {price.shared:.3f} for hub and proxy, times {SPARE} to spare, rounded up to 0.05.
- A node keeps {OWN_CORES} cores and {OWN_MEMORY:.0f} GB for itself; the rest is divided by the two
  guarantees, and what runs out first decides.
- If all come at once, starts and cells share all cores. With {cores_each(price):.2f} cores a
  learner a start of {price.start:.1f} s takes {price.start / cores_each(price):.0f} s, whatever
  their number (a hub starts some at a time), and all cells of the dearest notebook here,
  {price.cells:.0f} s, take {price.cells / cores_each(price):.0f} s.
"""
    return text + "\n" + table(head, rows)
