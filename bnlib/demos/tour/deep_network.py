"""Demo of notebook 00: a deep network trains, with and without batch normalization."""

from functools import partial

import numpy as np

from ... import live
from ...activations import ACTIVATIONS, Activation
from ...datasets import standardized_digits
from ...live.style import BLUE, ORANGE
from ...network import INIT_SCALES, mlp
from ...optimizers import SGD
from .. import demo
from ..common.layer_histograms import LayerHistograms, rows_above
from ..common.race import Race
from ..common.race_panels import RacePanels, fate, how_far, over_steps

COLORS = {"with BN": BLUE, "without BN": ORANGE}
WIDTH = 50
DEEPEST = 8
PROBE = 200  # training examples whose activations the histograms show
TOP = 5.0  # of the histograms of ReLU


def network_and_optimizer(kind, seed, depth, activation, initial_scale, learning_rate):
    """A network of ``depth`` hidden layers and its optimizer; both kinds start from equal W."""
    sizes, scale = [64, *[WIDTH] * depth, 10], initial_scale * INIT_SCALES[activation]
    network = mlp(sizes, activation, kind == "with BN", init_scale=scale, seed=seed)
    return network, SGD(learning_rate)


def train_both(shown, batch_size, steps, **setting):
    """Both kinds from five seeds; yields the numbers on show while they train."""
    data = standardized_digits()
    make = partial(network_and_optimizer, **setting)
    race = Race(make, COLORS, data, steps=steps, batch_size=batch_size)

    def numbers():
        network = race.networks[shown][0]
        outputs = network.batch_activations(data.x_train[:PROBE])
        pairs = zip(network.layers, outputs, strict=True)
        layers = [a for layer, a in pairs if isinstance(layer, Activation)]
        with np.errstate(all="ignore"):
            unit_std = [float(np.median(a.std(axis=0))) for a in layers]
        return race.progress() | {"activations": layers, "unit_std": unit_std}

    for _ in race:
        yield numbers


@demo
def deep_network() -> live.Explorer:
    """A deep network on the digits while it trains: histograms, loss and accuracy.

    ``result`` holds what ``Race.progress`` tells, activations (a list of arrays, one a hidden
    layer, of the kind shown) and unit_std (the median over a layer's units of their standard
    deviation from image to image).
    """
    canvas = live.Canvas(9.6, 4.6)
    (row,), areas = rows_above(canvas, 1, DEEPEST, ["loss"] * 3 + ["accuracy"] * 2, (1, 1.5))
    layers = LayerHistograms(
        canvas, row, "layer {}", np.linspace(0, 1, 26), COLORS, colors=COLORS.values(),
        ylim=(0, 0.3), ylabel="share",
    )  # fmt: skip
    curves = RacePanels(canvas, COLORS, areas["loss"], areas["accuracy"])

    def rescale(setting):
        low, high = ACTIVATIONS[setting.activation].range
        layers.rescale(low, min(high, TOP))

    def show(result, setting):
        layers.show({setting.shown: result["activations"]})
        curves.show(result)

    def describe(result, setting):
        last = result["unit_std"][-1]
        varies = f"σ = {last:.1g}" if np.isfinite(last) else "more than can be computed"
        told = " ".join(f"{kind.capitalize()}: {fate(result, kind)}." for kind in COLORS)
        return (
            f"{how_far(result, setting.steps)} {told.replace(' bn', ' BN')}\n"
            f"Histograms: {setting.shown}, seed 0. From image to image a unit of the last hidden "
            f"layer varies by {varies}."
        )

    return live.Explorer(
        "deep_network",
        title="Histograms of the activations of every hidden layer, the loss and the test accuracy "
        "of a deep network with and without batch normalization",
        controls={
            "shown": live.choice("histograms", "without BN", list(COLORS)),
            "learning_rate": live.log_slider("learning rate", 1.0, -3, 2, per_decade=10),
            "depth": live.int_slider("hidden layers", 6, 1, DEEPEST),
            "initial_scale": live.log_slider("initial scale ×", 1.0, -1, 1, per_decade=10),
            "activation": live.choice("activation", "sigmoid", ("sigmoid", "tanh", "relu")),
            "batch_size": live.steps_slider("batch size", 60, (2, 5, 10, 20, 60, 120, 300)),
            "steps": live.steps_slider("steps", 200, (100, 200, 300, 500, 1000)),
        },
        canvas=canvas, compute=train_both, show=show, describe=describe,
        still={"activation": rescale, "steps": over_steps(curves.loss, curves.accuracy)},
        presets={
            "The same network with BN": {"shown": "with BN"},
            "A shallow network needs none": {"depth": 1},
            "ReLU, well initialized": {"activation": "relu", "learning_rate": 0.1},
            "ReLU, badly initialized": {
                "activation": "relu", "learning_rate": 0.1, "initial_scale": 2.5,
            },
            "Too large for both": {"activation": "relu", "learning_rate": 10.0},
        },
    )  # fmt: skip
