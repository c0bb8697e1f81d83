"""Demo of notebook 00: for which learning rates, depths and initial scales training works."""

from __future__ import annotations

import warnings
from collections import OrderedDict

import numpy as np

from ... import live
from ...parallel import in_parallel
from ...training import evaluate, train
from .. import demo
from ..common.race import standardized_digits
from .deep_network import KINDS, network_and_optimizer

RATES = 10.0 ** np.arange(-2, 2, 0.5)
DEPTHS = (1, 2, 4, 8, 16, 32)
SCALES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
STEPS, BATCH = 60, 60
_known: OrderedDict = OrderedDict()  # job -> accuracy: what has been run stays known
_MOST_KNOWN = 50_000


def run(job) -> float:
    """Train one network; its accuracy on the test digits in inference mode."""
    kind, activation, depth, initial_scale, learning_rate, seed = job
    x_train, y_train, x_test, y_test = standardized_digits()
    network, optimizer = network_and_optimizer(
        kind, seed, depth=depth, activation=activation, initial_scale=initial_scale,
        learning_rate=learning_rate,
    )  # fmt: skip
    runs = train(
        network,
        (x_train, y_train),
        optimizer,
        steps=STEPS,
        batch_size=BATCH,
        seed=seed,
        every=STEPS,
    )
    for _ in runs:
        pass
    return evaluate(network, x_test, y_test).accuracy


def run_map(vertical, activation, seeds):
    """All runs of a map, seed by seed; yields the numbers on show as they come."""
    rows = DEPTHS if vertical == "hidden layers" else SCALES
    jobs = {}
    for seed in range(seeds):  # a whole map first, then a surer one
        for r, row in enumerate(rows):
            depth, scale = (row, 1.0) if vertical == "hidden layers" else (4, row)
            for c, rate in enumerate(RATES):
                for k, kind in enumerate(KINDS):
                    job = kind, activation, depth, scale, float(rate), seed
                    jobs[job] = k, r, c, seed
    accuracy = np.full((len(KINDS), len(rows), len(RATES), seeds), np.nan)
    for job in jobs:
        if job in _known:
            accuracy[jobs[job]] = _known[job]
    todo = [job for job in jobs if job not in _known]

    def numbers():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # cells of which nothing is known yet
            median = np.nanmedian(accuracy, axis=-1)
        return {
            "vertical": vertical,
            "rows": rows,
            "accuracy": dict(zip(KINDS, median, strict=True)),
            "works": {kind: int((m > 0.8).sum()) for kind, m in zip(KINDS, median, strict=True)},
            "cells": median[0].size,
            "runs": int(np.isfinite(accuracy).sum()),
            "all_runs": accuracy.size,
            "seeds": seeds,
        }

    yield numbers()
    for job, value in in_parallel(run, todo):
        accuracy[jobs[job]] = _known[job] = value
        while len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)
        yield numbers()


@demo
def workable_range() -> live.Explorer:
    """Maps of learning rate × depth (or initial scale) with and without batch normalization.

    ``result`` holds accuracy (kind → array (rows, 8), median over the seeds run so far), works
    (kind → number of cells above 80 %), cells, runs and all_runs.
    """
    canvas = live.Canvas(9.6, 3.6)
    maps = {}
    for axes, kind in zip(canvas.axes(1, 2), ("without BN", "with BN"), strict=True):
        columns = [f"{rate:.2g}" for rate in RATES]
        maps[kind] = live.Heatmap(
            canvas, axes, [""] * len(DEPTHS), columns, low=0, high=100, xlabel="learning rate",
            title=f"Test digits right (%), {kind}",
        )  # fmt: skip

    def label(setting):
        rows = DEPTHS if setting.vertical == "hidden layers" else SCALES
        for panel in maps.values():
            panel.label_rows([f"{row:g}" for row in rows])
            panel.axes.set_ylabel(setting.vertical)

    def show(result, setting):
        for kind, panel in maps.items():
            panel.update(100 * result["accuracy"][kind])

    def describe(result, setting):
        works = result["works"]
        return (
            f"{result['runs']} of {result['all_runs']} runs done, {result['seeds']} seeds, "
            f"{STEPS} steps of gradient descent each.\n"
            f"More than 80 % right: {works['with BN']} of {result['cells']} cells with BN, "
            f"{works['without BN']} without."
        )

    return live.Explorer(
        "workable_range",
        title="Two maps of the test accuracy over learning rate and depth or initial scale, "
        "without and with batch normalization",
        canvas=canvas,
        controls={
            "vertical": live.choice(
                "upwards", "hidden layers", ("hidden layers", "initial scale ×")
            ),
            "activation": live.choice("activation", "sigmoid", ("sigmoid", "tanh", "relu")),
            "seeds": live.int_slider("seeds", 5, 1, 9),
        },
        compute=run_map,
        show=show,
        still={"vertical": label},
        describe=describe,
        presets={
            "ReLU": {"activation": "relu"},
            "ReLU, initial scale": {"activation": "relu", "vertical": "initial scale ×"},
            "tanh": {"activation": "tanh"},
        },
    )
