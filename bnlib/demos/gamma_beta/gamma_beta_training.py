"""Demo of notebook 03: γ and β of every layer move while a network trains."""

from __future__ import annotations

import numpy as np

from ... import live
from ...layers import BatchNorm
from ...live.style import BLUE, GREEN, GREY, ORANGE
from ...network import mlp
from ...optimizers import SGD, Adam, Momentum, Nesterov
from .. import demo
from ..common.race import SEEDS, Race, standardized_digits

KINDS = ("everything", "all but γ, β", "only γ, β")
LAST_LAYER = "only the last layer"
COLORS = {"everything": BLUE, "all but γ, β": ORANGE, "only γ, β": GREEN}
MAKE = {"gradient descent": SGD, "Momentum": Momentum, "Nesterov": Nesterov, "Adam": Adam}
WIDTH, DEEPEST = 50, 3


def hold(layer):
    """Keep a layer's parameters as they are: its gradients read 0, so no optimizer moves them.

    What it passes back to the layers before it is not touched.
    """
    for name in ("backward", "backward_params"):
        if hasattr(layer, name):
            setattr(layer, name, _without_gradients(layer, getattr(layer, name)))


def _without_gradients(layer, backward):
    def held(dy):
        dx = backward(dy)
        for gradient in layer.grads.values():
            gradient[...] = 0
        return dx

    return held


def network_of(kind, seed, *, depth, activation, dtype="float32"):
    """A network with BN of which only a part can be trained: one of ``KINDS``, or LAST_LAYER."""
    sizes = [64, *[WIDTH] * depth, 10]
    network = mlp(sizes, activation, batch_norm=True, dtype=dtype, seed=seed)
    for layer in network.layers:
        moves = {
            KINDS[0]: True,
            KINDS[1]: not isinstance(layer, BatchNorm),
            KINDS[2]: isinstance(layer, BatchNorm),
            LAST_LAYER: layer is network.layers[-1],
        }[kind]
        if not moves:
            hold(layer)
    return network


def trained_numbers(kind, network):
    """How many of a network's parameters an optimizer moves."""
    sizes = {True: 0, False: 0}
    for layer in network.layers:
        sizes[isinstance(layer, BatchNorm)] += sum(value.size for value in layer.params.values())
    return {KINDS[0]: sum(sizes.values()), KINDS[1]: sizes[False], KINDS[2]: sizes[True]}[kind]


def scales_and_shifts(network):
    """γ and β of every BN layer: two lists of arrays (n,), copies."""
    layers = [layer.params for layer in network.layers if isinstance(layer, BatchNorm)]
    return [p["gamma"].copy() for p in layers], [p["beta"].copy() for p in layers]


def train_three(shown, optimizer, learning_rate, depth, activation, batch_size, steps):
    """The three kinds from five seeds; yields the numbers on show while they train."""
    x_train, y_train, x_test, y_test = standardized_digits()

    def make(kind, seed):
        network = network_of(kind, seed, depth=depth, activation=activation)
        return network, MAKE[optimizer](learning_rate)

    race = Race(make, KINDS, (x_train, y_train), steps=steps, batch_size=batch_size)
    accuracy_steps, accuracy = [], {kind: [] for kind in KINDS}

    def numbers():
        if race.step % 25 == 0 or race.step == steps:
            accuracy_steps.append(race.step)
            for kind in KINDS:
                accuracy[kind].append(race.accuracy(kind, x_test, y_test))
        gamma, beta = scales_and_shifts(race.networks[shown][0])
        return race.progress() | {
            "shown": shown,
            "gamma": gamma,
            "beta": beta,
            "numbers": {kind: trained_numbers(kind, race.networks[kind][0]) for kind in KINDS},
            "accuracy_steps": accuracy_steps,
            "accuracy": {kind: np.array(accuracy[kind]) for kind in KINDS},
        }

    yield numbers()
    for _ in race:
        yield numbers()


def tell(result, kind):
    """How far one kind has come, in words."""
    lost, count = result["diverged_runs"][kind], result["numbers"][kind]
    line = f"{kind.capitalize()} ({count} numbers): "
    if lost == SEEDS:
        return f"{line}all {SEEDS} runs have diverged."
    known = kind in result["loss"] and 2 * lost < SEEDS  # else the median has diverged
    loss = f"loss {result['loss'][kind][0][-1]:.2f}, " if known else ""
    right = result["accuracy"][kind][-1]
    more = f" {lost} of {SEEDS} runs have diverged." if lost else ""
    spread = (
        f"{np.median(right):.0%} of the test digits right ({right.min():.0%}–{right.max():.0%})"
    )
    return f"{line}{loss}{spread}.{more}"


@demo
def gamma_beta_training() -> live.Explorer:
    """γ and β of every layer, loss and accuracy of three kinds of training, while they train.

    ``result`` holds step, gamma and beta (lists of arrays (50,), one a layer, of the kind shown,
    seed 0), numbers (kind → trained parameters), loss (kind → median, lowest, highest over five
    seeds, at loss_steps), accuracy (kind → (points, seeds), at accuracy_steps), diverged_runs.
    """
    canvas = live.Canvas(9.6, 5.2)
    names = {of: [f"{of}{k}" for k in range(DEEPEST)] for of in ("gamma", "beta")}
    curves = ["loss", "loss", "loss", "accuracy", "accuracy"]
    areas = canvas.mosaic(
        [[[names["gamma"]]], [[names["beta"]]], [[curves]]], height_ratios=(1, 1, 1.9)
    )
    panels = {"gamma": [], "beta": []}
    for of, start, word in (("gamma", 1.0, "γ"), ("beta", 0.0, "β")):
        for k, name in enumerate(names[of]):
            panel = live.Histogram(
                canvas, areas[name], np.linspace(start - 1.5, start + 1.5, 31), KINDS,
                colors=COLORS.values(), title=f"{word}, layer {k + 1}", ylim=(0, 0.45), ylabel="",
            )  # fmt: skip
            areas[name].tick_params(labelleft=False, length=2)
            areas[name].axvline(start, color=GREY, linewidth=0.9, linestyle=":", zorder=1)
            panels[of].append(panel)
    loss = live.Curves(
        canvas, areas["loss"], KINDS, colors=COLORS.values(), legend="upper right", ylim=(0, 3.0),
        xlabel="step", title="Loss on the mini-batch, median and range of 5 seeds",
    )  # fmt: skip
    accuracy = live.Curves(
        canvas, areas["accuracy"], KINDS, colors=COLORS.values(), legend=None, ylim=(0, 1),
        xlabel="step", title="Test digits right",
    )  # fmt: skip
    diverged = loss.text(0.02, 0.95, va="top", fontweight="bold")

    def room(setting):
        for panel in (loss, accuracy):
            panel.limits(xlim=(0, setting.steps))

    def show(result, setting):
        for of, row in panels.items():
            values = result[of]
            for k, panel in enumerate(row):
                for kind in KINDS:
                    here = k < len(values) and kind == result["shown"]
                    panel.update(values[k] if here else [], kind)
        lost = [f"{k}: {n} of {SEEDS} diverged" for k, n in result["diverged_runs"].items() if n]
        diverged.set_text("\n".join(lost))
        for kind in KINDS:
            loss.update(kind, result["loss_steps"], *result["loss"].get(kind, [[]]))
            right = result["accuracy"][kind]
            spread = np.median(right, axis=1), right.min(axis=1), right.max(axis=1)
            accuracy.update(kind, result["accuracy_steps"], *spread)

    def describe(result, setting):
        lines = [tell(result, kind) for kind in KINDS]
        return f"Step {result['step']} of {result['steps']}. Trained are …\n" + "\n".join(lines)

    return live.Explorer(
        "gamma_beta_training",
        title="Histograms of γ and β of every hidden layer, loss and test accuracy of a network of "
        "which everything, all but γ and β, or only γ and β is trained",
        canvas=canvas,
        controls={
            "shown": live.choice("histograms", KINDS[2], KINDS),
            "optimizer": live.menu("optimizer", "gradient descent", list(MAKE)),
            "learning_rate": live.log_slider("learning rate", 1.0, -3, 2, per_decade=10),
            "depth": live.choice("hidden layers", DEEPEST, (1, 2, DEEPEST)),
            "activation": live.choice("g", "relu", ("relu", "tanh", "sigmoid")),
            "batch_size": live.steps_slider("batch size", 60, (10, 20, 60, 120, 300)),
            "steps": live.steps_slider("steps", 150, (50, 100, 150, 300, 500, 1000)),
        },
        compute=train_three,
        show=show,
        still={"steps": room},
        describe=describe,
        presets={
            "Everything moves": {"shown": KINDS[0]},
            "Momentum, a tenth of the rate": {"optimizer": "Momentum", "learning_rate": 0.1},
            "Adam": {"optimizer": "Adam", "learning_rate": 10**-1.5},
            "One layer": {"depth": 1},
            "Too large for all": {"learning_rate": 100.0},
        },
    )
