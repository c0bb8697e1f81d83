"""One training step beside its matrix products alone and beside PyTorch eager; one thread each.

    python benchmarks/training_step.py [--print-only]

The step: forward, loss, backward and update of 64-100-100-100-10 with sigmoid and batch
normalization, 60 examples, float32. Its matrix products: X W, Xᵀ dZ and dZ Wᵀ of every layer (no
dZ Wᵀ for the first) into arrays that are there already.
"""

from __future__ import annotations

import importlib.metadata
import statistics
import time
from itertools import pairwise

import numpy as np
from report import in_turn, publish, ratio, table

import bnlib as bn
from bnlib.threads import one_blas_thread
from bnlib.training import _step as train_step

SIZES, M = [64, 100, 100, 100, 10], 60
OPTIMIZERS = {
    "SGD": lambda: bn.SGD(0.05),
    "Momentum": lambda: bn.Momentum(0.01),
    "Adam": lambda: bn.Adam(1e-3),
}


def examples(m=M, n=SIZES[0], k=SIZES[-1]):
    rng = np.random.default_rng(0)
    return rng.standard_normal((m, n)).astype(np.float32), rng.integers(0, k, m)


def our_step(optimizer, sizes=SIZES, m=M):
    net, (x, y) = bn.mlp(sizes, "sigmoid", batch_norm=True), examples(m)
    return lambda: train_step(net, x, y, optimizer)


def matrix_products(sizes=SIZES, m=M):
    rng = np.random.default_rng(0)

    def array(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    layers = [
        (array(m, n_in), array(n_in, n_out), array(m, n_out), array(m, n_in), array(n_in, n_out))
        for n_in, n_out in pairwise(sizes)
    ]

    def products():
        for x, W, z, _, _ in layers:
            np.matmul(x, W, out=z)
        for i, (x, W, dz, dx, dW) in reversed(list(enumerate(layers))):
            np.matmul(x.T, dz, out=dW)
            if i:
                np.matmul(dz, W.T, out=dx)

    return products


def torch_step(name):
    import torch

    torch.set_num_threads(1)
    layers = []
    for n_in, n_out in pairwise(SIZES[:-1]):
        layers += [
            torch.nn.Linear(n_in, n_out, bias=False),
            torch.nn.BatchNorm1d(n_out),
            torch.nn.Sigmoid(),
        ]
    net = torch.nn.Sequential(*layers, torch.nn.Linear(SIZES[-2], SIZES[-1]))
    optimizer = {
        "SGD": lambda p: torch.optim.SGD(p, lr=0.05),
        "Momentum": lambda p: torch.optim.SGD(p, lr=0.01, momentum=0.9),
        "Adam": lambda p: torch.optim.Adam(p, lr=1e-3),
    }[name](net.parameters())
    x, y = map(torch.tensor, examples())
    cross_entropy = torch.nn.CrossEntropyLoss()

    def step():
        optimizer.zero_grad()
        cross_entropy(net(x), y).backward()
        optimizer.step()

    return step


def have(package):
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def compare(rounds=60):
    """Rows: optimizer, step in µs, step / matrix products, PyTorch / step."""
    rows = []
    for name, make in OPTIMIZERS.items():
        actions = {"products": matrix_products(), "step": our_step(make())}
        if have("torch"):
            actions["torch"] = torch_step(name)
        with one_blas_thread():
            times = in_turn(actions, rounds=rounds, repeat=30, clock=time.process_time)
        us = {key: f"{1e6 * statistics.median(values):.0f}" for key, values in times.items()}
        rows.append(
            [
                name,
                us["products"],
                us["step"],
                us.get("torch", "not installed"),
                f"{ratio(times['step'], times['products']):.2f}",
                f"{ratio(times['torch'], times['step']):.2f}" if "torch" in times else "–",
            ]
        )
    return rows


def growth(rounds=15):
    """Rows: what grows, its values, the µs per unit of it (a constant where cost is linear)."""
    batches, depths, steps = [60, 120, 240, 480], [3, 6, 12, 24], [50, 100, 200, 400]
    data = examples(600)

    def run(count):
        net = bn.mlp(SIZES, "sigmoid", batch_norm=True)
        return lambda: list(bn.train(net, data, bn.SGD(0.05), steps=count, batch_size=M))

    kinds = {
        "examples in a batch": {m: our_step(bn.SGD(0.05), m=m) for m in batches},
        "hidden layers": {
            d: our_step(bn.SGD(0.05), [SIZES[0], *[100] * d, SIZES[-1]]) for d in depths
        },
        "steps of `train`": {count: run(count) for count in steps},
    }
    rows = []
    for kind, actions in kinds.items():
        repeat = 1 if kind.startswith("steps") else 10
        with one_blas_thread():
            times = in_turn(actions, rounds=rounds, repeat=repeat, clock=time.process_time)
        per_unit = [1e6 * statistics.median(times[value]) / value for value in actions]
        values = ", ".join(map(str, actions))
        rows.append([f"{kind}: {values}", ", ".join(f"{t:.2f}" for t in per_unit)])
    return rows


if __name__ == "__main__":
    first = table(
        [
            "optimizer",
            "products, µs",
            "step, µs",
            "PyTorch, µs",
            "step / products",
            "PyTorch / step",
        ],
        compare(),
    )
    second = table(["what grows", "µs per unit of it"], growth())
    version = f" PyTorch {have('torch')}, eager." if have("torch") else ""
    text = (
        f"{'-'.join(map(str, SIZES))}, sigmoid, batch normalization, {M} examples, float32, one "
        f"thread; processor time. Medians; ratios are medians over rounds in which all were timed "
        f"in turn.{version}\n\n{first}\n\nCost per example, per layer, per step: numbers that stay "
        f"the same or fall mean that the whole grows linearly or less.\n\n{second}"
    )
    publish("training_step", "A training step", text)
