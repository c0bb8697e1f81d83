"""Demos of notebook 00: a deep network trains, with and without batch normalization."""

from __future__ import annotations

import copy

import numpy as np

from ... import live
from ...live.style import BLUE, ORANGE
from ...network import ACTIVATIONS, INIT_SCALES, mlp
from ...optimizers import SGD
from .. import demo
from ..common.race import SEEDS, Race, standardized_digits

KINDS = ("with BN", "without BN")
COLORS = {"with BN": BLUE, "without BN": ORANGE}
WIDTH = 50
DEEPEST = 8
PROBE = 200  # training examples whose activations the histograms show
RANGES = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, 5.0)}


def network_and_optimizer(kind, seed, *, depth, activation, initial_scale, learning_rate):
    """A network of ``depth`` hidden layers and its optimizer; both kinds start from equal W."""
    network = mlp(
        [64, *[WIDTH] * depth, 10],
        activation=activation,
        batch_norm=kind == "with BN",
        init_scale=initial_scale * INIT_SCALES[activation],
        seed=seed,
    )
    return network, SGD(learning_rate)


def hidden_activations(network, x):
    """The output a of every hidden layer (m, n), normalized over x as over a mini-batch."""
    outputs = copy.deepcopy(network).activations(x, training=True)  # the averages stay as they are
    kinds = tuple(ACTIVATIONS.values())
    return [a for layer, a in zip(network.layers, outputs, strict=True) if isinstance(layer, kinds)]


def train_both(shown, learning_rate, depth, initial_scale, activation, batch_size, steps):
    """Both kinds from five seeds; yields the numbers on show while they train."""
    x_train, y_train, x_test, y_test = standardized_digits()

    def make(kind, seed):
        return network_and_optimizer(
            kind, seed, depth=depth, activation=activation, initial_scale=initial_scale,
            learning_rate=learning_rate,
        )  # fmt: skip

    race = Race(make, KINDS, (x_train, y_train), steps=steps, batch_size=batch_size)
    accuracy_steps, accuracy = [], {kind: [] for kind in KINDS}

    def numbers():
        if race.step % 20 == 0 or race.step == steps:
            accuracy_steps.append(race.step)
            for kind in KINDS:
                accuracy[kind].append(race.accuracy(kind, x_test, y_test))
        with np.errstate(all="ignore"):
            layers = hidden_activations(race.networks[shown][0], x_train[:PROBE])
            unit_std = [float(np.median(a.std(axis=0))) for a in layers]
        return race.progress() | {
            "shown": shown,
            "activation": activation,
            "activations": layers,
            "unit_std": unit_std,
            "accuracy_steps": accuracy_steps,
            "accuracy": {kind: np.array(accuracy[kind]) for kind in KINDS},
        }

    yield numbers()
    for stop in race:
        if stop.step % 10 == 0 or stop.step == steps:
            yield numbers()


def tell(result, kind):
    """How far one kind has come, in words."""
    lost = result["diverged_runs"][kind]
    if lost == SEEDS:
        return f"{kind}: all {SEEDS} runs have diverged"
    known = kind in result["loss"] and 2 * lost < SEEDS  # else the median has diverged
    loss = f"loss {result['loss'][kind][0][-1]:.2f}, " if known else ""
    right = np.median(result["accuracy"][kind][-1])
    more = f" ({lost} of {SEEDS} runs have diverged)" if lost else ""
    return f"{kind}: {loss}{right:.0%} of the test digits right{more}"


@demo
def deep_network() -> live.Explorer:
    """A deep network on the digits while it trains: histograms, loss and accuracy.

    ``result`` holds step, activations (a list of arrays, one a hidden layer, of the kind shown),
    unit_std (the median over a layer's units of their standard deviation from image to image),
    loss (kind → median, lowest, highest over five seeds, at loss_steps), accuracy (kind → array
    (points, seeds), at accuracy_steps), diverged_runs (kind → number) and diverged.
    """
    canvas = live.Canvas(9.6, 4.6)
    names = [f"layer{k}" for k in range(DEEPEST)]
    curves = ["loss", "loss", "loss", "accuracy", "accuracy"]
    areas = canvas.mosaic([[[names]], [[curves]]], height_ratios=(1, 1.5))
    layers = []
    for k, name in enumerate(names):
        panel = live.Histogram(
            canvas, areas[name], np.linspace(0, 1, 26), KINDS, colors=COLORS.values(),
            title=f"layer {k + 1}", ylim=(0, 0.3), ylabel="share" if k == 0 else "",
        )  # fmt: skip
        areas[name].tick_params(labelleft=False, length=2)
        layers.append(panel)
    loss = live.Curves(
        canvas, areas["loss"], KINDS, colors=COLORS.values(), legend="upper right",
        ylim=(0, 3.5), xlabel="step", title="Loss on the mini-batch, median and range of 5 seeds",
    )  # fmt: skip
    accuracy = live.Curves(
        canvas, areas["accuracy"], KINDS, colors=COLORS.values(), legend=None, ylim=(0, 1),
        xlabel="step", title="Test digits right",
    )  # fmt: skip
    diverged = loss.text(0.02, 0.95, va="top", fontweight="bold")

    def rescale(setting):
        for panel in layers:
            panel.rescale(*RANGES[setting.activation])

    def room(setting):
        for panel in (loss, accuracy):
            panel.limits(xlim=(0, setting.steps))

    def show(result, setting):
        values = result["activations"]
        for k, panel in enumerate(layers):
            for kind in KINDS:
                here = k < len(values) and kind == result["shown"]
                panel.update(values[k] if here else [], kind)
        lost = [
            f"{kind}: {n} of {SEEDS} diverged" for kind, n in result["diverged_runs"].items() if n
        ]
        diverged.set_text("\n".join(lost))
        for kind in KINDS:
            loss.update(kind, result["loss_steps"], *result["loss"].get(kind, [[]]))
            right = result["accuracy"][kind]
            spread = np.median(right, axis=1), right.min(axis=1), right.max(axis=1)
            accuracy.update(kind, result["accuracy_steps"], *spread)

    def describe(result, setting):
        last = result["unit_std"][-1]
        varies = f"σ = {last:.1g}" if np.isfinite(last) else "more than can be computed"
        told = ". ".join(tell(result, kind).capitalize().replace("bn", "BN") for kind in KINDS)
        return (
            f"Step {result['step']} of {result['steps']}. {told}.\n"
            f"Histograms: {result['shown']}, seed 0. From image to image a unit of the last hidden "
            f"layer varies by {varies}."
        )

    return live.Explorer(
        "deep_network",
        title="Histograms of the activations of every hidden layer, the loss and the test accuracy "
        "of a deep network with and without batch normalization",
        canvas=canvas,
        controls={
            "shown": live.choice("histograms", "without BN", KINDS),
            "learning_rate": live.log_slider("learning rate", 1.0, -3, 2, per_decade=10),
            "depth": live.int_slider("hidden layers", 6, 1, DEEPEST),
            "initial_scale": live.log_slider("initial scale ×", 1.0, -1, 1, per_decade=10),
            "activation": live.choice("activation", "sigmoid", list(RANGES)),
            "batch_size": live.steps_slider("batch size", 60, (2, 5, 10, 20, 60, 120, 300)),
            "steps": live.steps_slider("steps", 200, (100, 200, 300, 500, 1000)),
        },
        compute=train_both,
        show=show,
        still={"activation": rescale, "steps": room},
        describe=describe,
        presets={
            "The same network with BN": {"shown": "with BN"},
            "A shallow network needs none": {"depth": 1},
            "ReLU, well initialized": {"activation": "relu", "learning_rate": 0.1},
            "ReLU, badly initialized": {
                "activation": "relu", "learning_rate": 0.1, "initial_scale": 2.5,
            },
            "Too large for both": {"activation": "relu", "learning_rate": 50.0},
        },
    )  # fmt: skip
