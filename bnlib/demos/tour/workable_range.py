"""Demo of notebook 00: for which learning rates, depths and initial scales training works."""

import warnings
from itertools import product

import numpy as np

from ... import live
from ...abreast import fit_abreast
from ...browser import IN_BROWSER
from ...datasets import standardized_digits
from ...parallel import in_parallel
from ...training import evaluate
from .. import demo
from .deep_network import COLORS, network_and_optimizer

RATES = 10.0 ** np.arange(-2, 2, 0.5)
ROWS = {
    "hidden layers": (1, 2, 4, 8, 16, 32),
    "initial scale ×": (0.1, 0.3, 1.0, 3.0, 10.0, 30.0),
}
STEPS, BATCH = 60, 60
KINDS = tuple(COLORS)
ABREAST = 1 if IN_BROWSER else len(RATES)  # there the page waits until a job is done


def run(job) -> list[float]:
    """Train what ``network_and_optimizer`` makes for the rates from the job's last number on; each
    one's accuracy on the test digits."""
    (*network, first), data = job, standardized_digits()
    seed, rates = network[1], RATES[first : first + ABREAST]
    networks = [network_and_optimizer(*network, rate)[0] for rate in rates]
    fit_abreast(networks, data, rates, steps=STEPS, batch_size=BATCH, seed=seed)
    return [evaluate(network, data.x_test, data.y_test).accuracy for network in networks]


def run_map(vertical, activation, seeds, kept):
    """All runs of a map, seed by seed; yields the numbers on show as they come.

    A job is a row, or part of a row, of one map and one seed. What has been run before is ``kept``:
    job → accuracies.
    """
    rows = ROWS[vertical]
    jobs = {}  # job -> its place in accuracy; a whole map first, then a surer one
    parts = range(0, len(RATES), ABREAST)
    for seed, (r, row), (k, kind), first in product(
        range(seeds), enumerate(rows), enumerate(KINDS), parts
    ):
        depth, scale = (row, 1.0) if vertical == "hidden layers" else (4, row)
        job = kind, seed, depth, activation, scale, first
        jobs[job] = k, r, slice(first, first + ABREAST), seed
    accuracy = np.full((len(KINDS), len(rows), len(RATES), seeds), np.nan)
    for job in jobs.keys() & kept:
        accuracy[jobs[job]] = kept[job]
    todo = [job for job in jobs if job not in kept]

    def numbers():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # cells of which nothing is known yet
            median = np.nanmedian(accuracy, axis=-1)
        return {
            "accuracy": dict(zip(KINDS, median, strict=True)),
            "works": {kind: int((m > 0.8).sum()) for kind, m in zip(KINDS, median, strict=True)},
            "cells": median[0].size,
            "runs": int(np.isfinite(accuracy).sum()), "all_runs": accuracy.size,
        }  # fmt: skip

    yield numbers()
    for job, value in in_parallel(run, todo):
        accuracy[jobs[job]] = kept[job] = value
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
            canvas, axes, [""] * 6, columns, low=0, high=100, xlabel="learning rate",
            title=f"Test digits right (%), {kind}",
        )  # fmt: skip

    def label(setting):
        for panel in maps.values():
            panel.label_rows([f"{row:g}" for row in ROWS[setting.vertical]])
            panel.axes.set_ylabel(setting.vertical)

    def show(result, setting):
        for kind, panel in maps.items():
            panel.update(100 * result["accuracy"][kind])

    def describe(result, setting):
        works = result["works"]
        return (
            f"{result['runs']} of {result['all_runs']} runs done, {setting.seeds} seeds, "
            f"{STEPS} steps of gradient descent each.\n"
            f"More than 80 % right: {works['with BN']} of {result['cells']} cells with BN, "
            f"{works['without BN']} without."
        )

    return live.Explorer(
        "workable_range",
        title="Two maps of the test accuracy over learning rate and depth or initial scale, "
        "without and with batch normalization",
        controls={
            "vertical": live.choice("upwards", "hidden layers", list(ROWS)),
            "activation": live.choice("activation", "sigmoid", ("sigmoid", "tanh", "relu")),
            "seeds": live.int_slider("seeds", 5, 1, 9),
        },
        canvas=canvas, compute=run_map, show=show, describe=describe,
        still={"vertical": label},
        presets={
            "ReLU": {"activation": "relu"},
            "ReLU, initial scale": {"activation": "relu", "vertical": "initial scale ×"},
            "tanh": {"activation": "tanh"},
        },
    )  # fmt: skip
