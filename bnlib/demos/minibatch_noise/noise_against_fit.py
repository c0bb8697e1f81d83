"""Demo of notebook 04: batch normalization and dropout on a few hundred digits."""

from itertools import zip_longest

import numpy as np

from ... import live
from ...datasets import few_digits
from ...live.style import BLUE, GREEN, INK, ORANGE, PINK
from ...optimizers import SGD
from ...small_runs import KINDS, evaluate_all, small_network, step_without_noise
from .. import demo
from ..common.lines import joined
from ..common.race import SEEDS, Race
from ..common.race_panels import divergence_note, how_far, over_steps

COLORS = dict(zip(KINDS, (ORANGE, BLUE, GREEN, PINK), strict=True))
STATISTICS = ("its mini-batch", "parts of 8", "the whole training set")
MOST_TESTED = 500  # test examples a network, for speed; each of the five has its own
LOOKS = 10  # evaluations in a run, evenly, besides the
FIRST_LOOKS = (0, 10, 20)
PARTS = ("train", "test")  # of which the loss is shown


def train_four(batch_size, learning_rate, rate, size, statistics, steps):
    """The four kinds from five seeds, each seed on a small set of its own.

    The learning rate falls from ``learning_rate`` to 0 along a line.
    """
    batch_size = min(batch_size, size)
    parts_of = min(8, batch_size) if statistics == "parts of 8" else None

    def make(kind, seed):
        return small_network(kind, seed, rate=rate, parts_of=parts_of), SGD(learning_rate)

    sets = [few_digits(size, seed) for seed in range(SEEDS)]
    race = Race(
        make, KINDS, [each["train"] for each in sets], steps=steps, batch_size=batch_size,
        looks={*FIRST_LOOKS, *np.linspace(0, steps, LOOKS + 1).round(-1).astype(int)},
        measure=lambda network, seed: evaluate_all(network, sets[seed], MOST_TESTED),
        rate=lambda step: learning_rate * (1 - step / steps),
        step=step_without_noise if statistics == "the whole training set" else None,
    )  # fmt: skip

    def numbers():
        loss, accuracy = {}, {}
        for kind, runs in race.measured.items():
            rows = [*zip_longest(*runs)]  # a row a look; None where a seed is not there yet
            loss[kind] = {p: np.array([[lost(e, p) for e in r] for r in rows]) for p in PARTS}
            accuracy[kind] = {p: np.array([run[-1][p].accuracy for run in runs]) for p in sets[0]}
        told = {"batch_size": batch_size, "looks": race.looks[: len(rows)]}
        return race.progress() | told | {"loss": loss, "accuracy": accuracy}

    for _ in race:
        yield numbers


def lost(evaluations, part):
    """The loss; infinite where the run has diverged, NaN where there is none yet."""
    return np.nan_to_num(evaluations[part].loss, nan=np.inf) if evaluations else np.nan


def middle_three(values):
    """Median, second and fourth of the seeds' values (looks, seeds) at each look.

    Where not all five are there yet, the first one, with nothing around it.
    """
    second, median, fourth = (np.full(len(values), np.nan) for _ in range(3))
    median[:] = values[:, 0]
    if values.shape[1] == SEEDS:
        there = ~np.isnan(values[:, 1:]).any(axis=1)
        second[there], median[there], fourth[there] = np.sort(values[there], axis=1).T[1:4]
    return median, second, fourth


@demo
def noise_against_fit() -> live.Explorer:
    """Four networks on a small training set: training loss, test loss and test digits right.

    ``result`` holds loss (kind → "train" and "test": array (looks, seeds), in inference mode, at
    ``looks``), accuracy (kind → "train", "tune", "test": array (seeds,)), diverged_runs, diverged,
    and batch_size, which cannot be larger than the training set.
    """
    canvas = live.Canvas(9.6, 3.7)
    left, middle, right = canvas.axes(1, 3, width_ratios=(1, 1, 1))
    style = {"colors": COLORS.values(), "yscale": "log", "xlabel": "step", "grows": True}
    train = live.Curves(
        canvas, left, KINDS, legend="lower left", ylim=(1e-4, 4), title="Loss on the training set",
        **style,
    )  # fmt: skip
    test = live.Curves(
        canvas, middle, KINDS, legend=None, ylim=(0.1, 4), title="Loss on the test set", **style
    )
    middle.set_yticks([0.1, 0.2, 0.5, 1, 2, 4], ["0.1", "0.2", "0.5", "1", "2", "4"])
    middle.set_yticks([], minor=True)
    rows = dict(zip(KINDS, range(len(KINDS))[::-1], strict=True))
    dots = live.Scatter(
        canvas, right, KINDS, colors=COLORS.values(), size=6, xlim=(79, 100.5),
        ylim=(-0.6, len(KINDS) - 0.4), xlabel="%", title="Test digits right, a dot a seed",
    )  # fmt: skip
    right.set_yticks(list(rows.values()), list(rows))
    right.tick_params(axis="y", length=0)
    medians = dots.line(color=INK, linewidth=1.6, zorder=2)
    note = divergence_note(test)
    lift = np.linspace(-0.16, 0.16, SEEDS)

    def show(result, setting):
        for kind, row in rows.items():
            for part, panel in zip(PARTS, (train, test), strict=True):
                panel.update(kind, result["looks"], *middle_three(result["loss"][kind][part]))
            share = 100 * result["accuracy"][kind]["test"]
            dots.update(np.maximum(share, 79.4), row + lift[: len(share)], kind)
        told = [(np.median(100 * got["test"]), rows[k]) for k, got in result["accuracy"].items()]
        x, y = np.reshape(told, (-1, 2)).T
        medians.set_data(*joined(x, [y - 0.3, y + 0.3]))
        note(result)

    def tell(result, kind):
        if (lost := result["diverged_runs"][kind]) == result["seeds"]:
            return f"{kind} diverged"
        got, more = result["accuracy"][kind], f"; {lost} diverged" if lost else ""
        test, train = 100 * np.sort(got["test"]), f"training {np.median(got['train']):.0%}"
        return f"{kind} {np.median(test):.1f} ({test[0]:.1f}–{test[-1]:.1f}; {train}{more})"

    def describe(result, setting):
        statistics = setting.statistics
        if statistics == "parts of 8" and result["batch_size"] <= 8:
            statistics = "its mini-batch"
        return (
            f"{how_far(result, setting.steps)} Batches of {result['batch_size']} of "
            f"{setting.size} training digits, BN takes μ and σ² from {statistics}.\n"
            "Test digits right in %, median (lowest–highest) of five: "
            + ", ".join(tell(result, kind) for kind in KINDS) + "."
        )  # fmt: skip

    return live.Explorer(
        "noise_against_fit",
        title="Training loss, test loss and test accuracy of networks with batch normalization, "
        "with dropout, with both and with neither, on a small training set",
        controls={
            "batch_size": live.steps_slider("batch size", 4, (4, 8, 16, 32, 64, 128, 256)),
            "learning_rate": live.log_slider("learning rate", 0.2, -2, 1, per_decade=10),
            "rate": live.slider("dropout rate", 0.3, 0.0, 0.9, 0.05),
            "size": live.steps_slider("training digits", 256, (128, 256, 512, 1024)),
            "statistics": live.menu("BN's statistics", STATISTICS[0], STATISTICS),
            "steps": live.steps_slider("steps", 400, (200, 400, 800, 1600)),
        },
        canvas=canvas, compute=train_four, show=show, describe=describe,
        still={"steps": over_steps(train, test)},
        presets={
            "The noise taken out": {"statistics": STATISTICS[2]},
            "Moderate noise": {"batch_size": 16, "learning_rate": 0.5},
            "Moderate noise, taken out": {
                "batch_size": 16, "learning_rate": 0.5, "statistics": STATISTICS[2],
            },
            "Noise of 8, batches of 64": {
                "batch_size": 64, "learning_rate": 1.0, "statistics": STATISTICS[1],
            },
            "More data": {"batch_size": 16, "learning_rate": 0.5, "size": 1024},
        },
    )  # fmt: skip
