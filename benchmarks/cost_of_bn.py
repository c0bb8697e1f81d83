"""What batch normalization costs: a step, and inference, with it beside the same without it.

    python benchmarks/cost_of_bn.py [--print-only]

The step: forward, loss, backward and update, 60 examples, float32, SGD, one thread. Inference is
timed as it stands and folded (``bn.fold_batch_norm``: μ, σ², γ and β go into W and b).
"""

from __future__ import annotations

import statistics
import time

import numpy as np
from report import in_turn, publish, table

import bnlib as bn
from bnlib.threads import one_blas_thread
from bnlib.training import _step as train_step

M = 60
NETWORKS = [
    ([64, 50, 50, 10], "relu"),
    ([64, *[50] * 6, 10], "sigmoid"),
    ([64, 100, 100, 100, 10], "sigmoid"),
    ([784, 500, 500, 500, 10], "relu"),
]


def step(network, x, y):
    optimizer = bn.SGD(0.01)
    return lambda: train_step(network, x, y, optimizer)


def beside(times, name, other):
    """Median and range over the rounds of name / other."""
    ratios = [a / b for a, b in zip(times[name], times[other], strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def row(sizes, activation, rounds=15):
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((M, sizes[0])).astype(np.float32), rng.integers(0, sizes[-1], M)
    plain = bn.mlp(sizes, activation)
    with_bn = bn.mlp(sizes, activation, batch_norm=True)
    bn.train_step(with_bn, x, y, bn.SGD(0.01))
    folded = bn.fold_batch_norm(with_bn)
    actions = {
        "step": step(plain, x, y),
        "step with BN": step(with_bn, x, y),
        "use": lambda: plain.forward(x),
        "use with BN": lambda: with_bn.forward(x),
        "use folded": lambda: folded.forward(x),
    }
    repeat = 100 if sizes[0] < 100 else 10
    with one_blas_thread():
        times = in_turn(actions, rounds=rounds, repeat=repeat, clock=time.process_time)
    return [
        f"{'-'.join(map(str, sizes))}, {activation}",
        beside(times, "step with BN", "step"),
        beside(times, "use with BN", "use"),
        beside(times, "use folded", "use"),
    ]


if __name__ == "__main__":
    rows = [row(*network) for network in NETWORKS]
    text = (
        f"Time with batch normalization divided by time without, {M} examples, float32, SGD, one "
        "thread; processor time. Medians (and ranges) over rounds in which all were timed in turn."
        "\n\n" + table(["network", "training step", "inference", "inference, folded"], rows)
    )
    publish("cost_of_bn", "What batch normalization costs", text)
