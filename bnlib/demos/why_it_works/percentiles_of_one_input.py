"""Demo of notebook 07: Ioffe and Szegedy's figure 1, while it is drawn."""

from dataclasses import replace
from functools import cache
from itertools import zip_longest

import numpy as np

from ... import live
from ...datasets import mnist_5k
from ...layers import BatchNorm, Linear
from ...live.style import BLUE, GREY, ORANGE
from ...network import mlp
from ...optimizers import SGD
from ...threads import one_blas_thread
from .. import demo
from ..common.race import Race, accuracy, over_seeds
from ..common.race_panels import fate, how_far, over_steps

COLORS = {"no BN": ORANGE, "BN": BLUE}
KINDS = tuple(COLORS)
WIDTH, LAYERS, BATCH, PROBE = 100, 3, 60, 200
EVERY = 20  # steps between two looks
PERCENTILES = (15, 50, 85)
FARTHEST = 8.0


@cache
def binary_digits():
    """mnist_5k in ink (1) and paper (0), as in the paper; the test digits cut to 500, for speed."""
    data = mnist_5k()
    ink = [(x > 127).astype(np.float32) for x in (data.x_train, data.x_test[:500])]
    return replace(data, x_train=ink[0], x_test=ink[1], y_test=data.y_test[:500])


def percentiles_into_g(network, x):
    """Of what goes into each hidden layer's g, over x, with μ and σ² of x: (layers, 3, units)."""
    with one_blas_thread():
        outputs = network.batch_activations(x)
    kinds = [type(layer) for layer in network.layers]
    before = BatchNorm if BatchNorm in kinds else Linear
    into = [z for z, kind in zip(outputs[:-1], kinds, strict=False) if kind is before]
    return np.array([np.percentile(z, PERCENTILES, axis=0) for z in into])


def train_both(layer, unit, learning_rate, initial_scale, steps, kept):
    """Both kinds from five seeds; yields the numbers on show while they train."""
    data = binary_digits()

    def make(kind, seed):
        sizes = [784, *[WIDTH] * LAYERS, 10]
        network = mlp(sizes, "sigmoid", kind == "BN", init_scale=initial_scale, seed=seed)
        return network, SGD(learning_rate)

    def measure(network, seed):
        into = percentiles_into_g(network, data.x_test[:PROBE]) if seed == 0 else None
        return {"accuracy": accuracy(network, data), "into": into}

    def numbers():
        told = race.progress()
        told["looks"] = [each for each in race.looks if each <= race.step]
        told["accuracy"] = {
            kind: np.array([*zip_longest(*([m["accuracy"] for m in run] for run in runs))], float)
            for kind, runs in race.measured.items()
        }
        told["percentiles"] = {
            kind: np.array([m["into"][layer - 1, :, unit - 1] for m in runs[0]])
            for kind, runs in race.measured.items()
        }
        return told

    key = learning_rate, initial_scale, steps
    if key in kept:  # another unit or layer of the same runs
        race = kept[key]
        yield numbers
        return
    race = Race(make, KINDS, data, steps=steps, batch_size=BATCH, looks=EVERY, measure=measure)
    for _ in race:
        if race.step:  # a picture that begins with a curve, in a drag as well
            yield numbers
    race.networks, race.optimizers = {}, {}  # what was measured is all that is asked for
    kept.clear()
    kept[key] = race


@demo
def percentiles_of_one_input() -> live.Explorer:
    """Test accuracy, and the percentiles of one input to a sigmoid over the training.

    ``result`` holds what ``Race.progress`` tells; looks (steps); and for every kind accuracy
    (looks, seeds) and percentiles (looks, 3): the 15th, 50th and 85th of what goes into g of the
    unit on show, seed 0.
    """
    canvas = live.Canvas(9.6, 3.7)
    axes = canvas.axes(1, 3)
    right = live.Curves(
        canvas, axes[0], KINDS, colors=COLORS.values(), legend="lower right", ylim=(0, 1),
        xlabel="step", title="Test digits right", grows=True,
    )  # fmt: skip
    panels = {
        kind: live.Curves(
            canvas, each, (kind,), colors=(COLORS[kind],), legend=None, xlabel="step",
            ylim=(-FARTHEST, FARTHEST), title=f"{kind}: into one sigmoid", grows=True,
        )
        for kind, each in zip(KINDS, axes[1:], strict=True)
    }  # fmt: skip
    for panel in panels.values():
        panel.axes.axhline(0, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
        panel.axes.set_ylabel("15th, 50th, 85th percentile")
    edges = {
        kind: [panel.line(color=COLORS[kind], linewidth=1, ghost=False) for _ in range(2)]
        for kind, panel in panels.items()
    }

    def show(result, setting):
        looks = result["looks"]
        for kind in KINDS:
            known = [seed[np.isfinite(seed)] for seed in result["accuracy"][kind].T]
            right.update(kind, looks, *over_seeds(known))
            low, middle, high = result["percentiles"][kind].T
            panels[kind].update(kind, looks, middle, low, high)
            for line, values in zip(edges[kind], (low, high), strict=True):
                line.set_data(looks, values)

    def tell(result, kind):
        first, last = result["percentiles"][kind][[0, -1]]
        shown = ", ".join(f"{p:.1f}" for p in first), ", ".join(f"{p:.1f}" for p in last)
        return f"{kind}: {fate(result, kind)}; percentiles at first {shown[0]}, now {shown[1]}."

    def describe(result, setting):
        where = f"Percentiles: unit {setting.unit} of layer {setting.layer}, seed 0."
        told = "\n".join(tell(result, kind) for kind in KINDS)
        return f"{how_far(result, setting.steps)} {where}\n{told}"

    return live.Explorer(
        "percentiles_of_one_input",
        title="Test accuracy over the training with and without batch normalization, and the 15th, "
        "50th and 85th percentile of one unit's input to its sigmoid",
        controls={
            "layer": live.choice("layer", LAYERS, (1, 2, 3)),
            "unit": live.int_slider("unit", 1, 1, WIDTH),
            "learning_rate": live.log_slider("learning rate", 1.0, -1, 1, per_decade=10),
            "initial_scale": live.log_slider("initial scale ×", 1.0, -1, 1, per_decade=10),
            "steps": live.steps_slider("steps", 400, (100, 200, 400, 800)),
        },
        canvas=canvas, compute=train_both, show=show, describe=describe,
        still={"steps": over_steps(right, *panels.values())},
        presets={
            "A larger rate": {"learning_rate": 4.0},
            "Larger weights": {"initial_scale": 10**0.6},
            "Smaller weights": {"initial_scale": 0.1},
            "The first layer": {"layer": 1},
        },
    )  # fmt: skip
