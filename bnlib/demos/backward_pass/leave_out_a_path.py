"""Third demo of notebook 06: training with μ or σ² taken for constants on the way back."""

import contextlib
import copy

import numpy as np
from matplotlib.ticker import NullFormatter

from ... import live
from ...activations import ACTIVATIONS
from ...datasets import standardized_digits
from ...inference import recompute_statistics
from ...layers import Linear
from ...live.style import BLUE, GREEN, ORANGE, PINK
from ...network import INIT_SCALES, Network
from ...optimizers import SGD
from ...training import evaluate
from .. import demo
from ..common.race import Race, over_seeds
from ..common.race_panels import RacePanels, fate, over_steps
from .paths import WithoutAPath

FOLLOWS = {  # kind -> whether the paths through μ and through σ² are followed
    "all paths": (True, True),
    "without μ's": (False, True),
    "without σ²'s": (True, False),
    "directly only": (False, False),
}
COLORS = dict(zip(FOLLOWS, (BLUE, ORANGE, GREEN, PINK), strict=True))
WIDTH, LOOKS, PROBE = 50, 20, 300
STATISTICS = "running averages", "recomputed"


def network_of(kind, seed, *, depth, activation, train_beta=True, dtype="float32"):
    """A network in which the Linear before each normalization has a b; all from the same W."""
    rng, layers = np.random.default_rng(seed), []
    mean, var = FOLLOWS[kind]
    for n in [64, *[WIDTH] * (depth - 1)]:
        norm = WithoutAPath(WIDTH, mean, var, train_beta, dtype=dtype)
        scale = INIT_SCALES[activation]
        linear = Linear(n, WIDTH, True, scale, dtype, rng)
        layers += [linear, norm, ACTIVATIONS[activation]()]
    return Network([*layers, Linear(WIDTH, 10, True, 1.0, dtype, rng)])


def lengths(network):
    """The length of all b before a normalization together, and of all such W."""
    before = [layer.params for layer in network.layers[:-1] if isinstance(layer, Linear)]
    return [np.sqrt(sum(np.vdot(p[name], p[name]) for p in before)) for name in "bW"]


def train_four(activation, depth, learning_rate, beta, statistics, batch_size, steps):
    """The four kinds from five seeds; yields the numbers on show while they train."""
    data, start = standardized_digits(), {}

    def make(kind, seed):
        network = network_of(
            kind, seed, depth=depth, activation=activation, train_beta=beta == "trained"
        )
        start[seed] = lengths(network)[1]
        return network, SGD(learning_rate)

    def measure(network, seed):
        with np.errstate(all="ignore"):
            b, W = lengths(network)
        if statistics == STATISTICS[1] and network.finite:
            network = copy.deepcopy(network)
            with contextlib.suppress(ValueError):  # beyond float32: then with those that it has
                recompute_statistics(network, data.x_train[:PROBE])
        right = evaluate(network, data.x_test, data.y_test).accuracy
        return b, W / start[seed], right

    race = Race(
        make, FOLLOWS, data, steps=steps, batch_size=batch_size, looks=max(LOOKS, steps // 10),
        measure=measure,
    )  # fmt: skip

    def numbers():
        told = race.progress()
        looked = [look for look in race.looks if look <= race.step]
        columns = {
            kind: [[[each[k] for each in run] for run in runs] for k in range(3)]
            for kind, runs in race.measured.items() if any(runs)
        }  # fmt: skip
        lasts = {kind: [run[-1] for run in each[2] if run] for kind, each in columns.items()}
        return told | {
            "looks": looked, "right": {kind: np.array(last) for kind, last in lasts.items()},
            **{of: {kind: over_seeds(each[k]) for kind, each in columns.items()}
               for k, of in enumerate(("b", "W", "accuracy_seeds"))},
        }  # fmt: skip

    for _ in race:
        yield numbers


def tell(result, setting, kind):
    """How one kind stands, in a line."""
    lost, seeds = result["diverged_runs"][kind], result["seeds"]
    if kind not in result["right"] or lost == seeds:
        return f"{kind.capitalize()}: {fate(result, kind)}."
    right = result["right"][kind]
    b, W = result["b"][kind][0][-1], result["W"][kind][0][-1]
    loss = fate(result, kind)
    told = f"{loss}, " if loss else ""
    return (
        f"{kind.capitalize()}: {told}{np.median(right):.0%} of the test digits right "
        f"({right.min():.0%}–{right.max():.0%}), length of b {b:.1f}, of W × {W:.2f}."
    )


@demo
def leave_out_a_path() -> live.Explorer:
    """Loss, accuracy, and what drifts, while networks train that leave out a path of the gradient.

    ``result`` holds what ``Race.progress`` tells; by kind b, W and accuracy_seeds, the median,
    lowest and highest (points,) at the steps ``looks``: the length of all b before a normalization,
    that of all W over what it was at the start, and the share of test digits right; and right, its
    last values for the seeds.
    """
    canvas = live.Canvas(9.6, 5.4)
    areas = canvas.mosaic([["loss", "accuracy"], ["b", "W"]], height_ratios=(1.2, 1))
    race = RacePanels(canvas, COLORS, areas["loss"], top=2.5)
    style = {"colors": COLORS.values(), "legend": None, "grows": True}
    right = live.Curves(
        canvas, areas["accuracy"], COLORS, ylim=(0, 1), title="Test digits right, inference mode",
        **style,
    )  # fmt: skip
    b = live.Curves(
        canvas, areas["b"], COLORS, ylim=(0.01, 100), yscale="log", xlabel="step",
        title="Length of all b (no effect); 0.01 stands for less", **style,
    )  # fmt: skip
    W = live.Curves(
        canvas, areas["W"], COLORS, ylim=(0.8, 12), yscale="log", xlabel="step",
        title="Length of all W, times the first (no effect)", **style,
    )  # fmt: skip
    race.loss.axes.set_xlabel("")
    W.axes.yaxis.set(major_formatter="{x:g}", minor_formatter=NullFormatter())
    W.axes.set_yticks([1, 2, 5, 10])
    panels = {"accuracy_seeds": right, "b": b, "W": W}

    def show(result, setting):
        race.show(result)
        for of, panel in panels.items():
            for kind, each in result[of].items():
                each = np.maximum(each, 0.01) if of == "b" else each
                panel.update(kind, result["looks"][: each.shape[1]], *each)

    def describe(result, setting):
        return "\n".join(tell(result, setting, kind) for kind in FOLLOWS)

    return live.Explorer(
        "leave_out_a_path",
        title="Loss, test accuracy, and the lengths of b and of W of networks that follow all "
        "paths of the gradient, or leave out those through μ, through σ² or both",
        controls={
            "activation": live.choice("activation", "sigmoid", ("sigmoid", "tanh", "relu")),
            "depth": live.int_slider("hidden layers", 4, 1, 6),
            "learning_rate": live.log_slider("learning rate", 10**-0.5, -3, 1, per_decade=10),
            "beta": live.choice("β", "trained", ("trained", "held at 0")),
            "statistics": live.choice("predicts with", STATISTICS[0], STATISTICS),
            "batch_size": live.steps_slider("batch size", 60, (10, 20, 60, 120, 300)),
            "steps": live.steps_slider("steps", 200, (100, 200, 300, 500)),
        },
        canvas=canvas, compute=train_four, show=show, describe=describe,
        still={"steps": over_steps(race.loss, *panels.values())},
        presets={
            "The same, statistics recomputed": {"statistics": STATISTICS[1]},
            "A rate ten times as large": {"learning_rate": 10**0.5},
            "β cannot help: held at 0": {"beta": "held at 0", "learning_rate": 1.0},
            "ReLU": {"activation": "relu"},
            "A small rate": {"learning_rate": 10**-1.5},
        },
    )  # fmt: skip
