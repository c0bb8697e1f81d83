"""Demo of notebook 03: γ and β of every layer move while a network trains."""

import numpy as np

from ... import datasets, live
from ...layers import BatchNorm
from ...live.style import BLUE, GREEN, GREY, ORANGE
from ...network import mlp
from ...optimizers import SGD, Adam, Momentum, Nesterov
from .. import demo
from ..common.layer_histograms import LayerHistograms, rows_above
from ..common.race import Race
from ..common.race_panels import RacePanels, fate, how_far, over_steps

COLORS = {"everything": BLUE, "all but γ, β": ORANGE, "only γ, β": GREEN}
KINDS = tuple(COLORS)
MAKE = {"gradient descent": SGD, "Momentum": Momentum, "Nesterov": Nesterov, "Adam": Adam}
WIDTH, DEEPEST = 50, 3


def network_of(kind, seed, *, depth, activation, dtype="float32"):
    """A network with BN of which only a part is trained: one of ``KINDS``."""
    sizes = [64, *[WIDTH] * depth, 10]
    network = mlp(sizes, activation, batch_norm=True, dtype=dtype, seed=seed)
    for layer in network.layers:
        layer.frozen = kind == (KINDS[1] if isinstance(layer, BatchNorm) else KINDS[2])
    return network


def trained_numbers(network):
    """How many of a network's parameters an optimizer moves."""
    moved = [layer.params.values() for layer in network.layers if not layer.frozen]
    return sum(value.size for values in moved for value in values)


def train_three(shown, optimizer, learning_rate, depth, activation, batch_size, steps):
    """The three kinds from five seeds; yields the numbers on show while they train."""

    def make(kind, seed):
        network = network_of(kind, seed, depth=depth, activation=activation)
        return network, MAKE[optimizer](learning_rate)

    data = datasets.standardized_digits()
    race = Race(make, KINDS, data, steps=steps, batch_size=batch_size, looks=25)

    def numbers():
        layers = race.networks[shown][0].layers
        norms = [layer.params for layer in layers if isinstance(layer, BatchNorm)]
        copies = {of: [params[of].copy() for params in norms] for of in ("gamma", "beta")}
        trained = {kind: trained_numbers(race.networks[kind][0]) for kind in KINDS}
        return race.progress() | copies | {"numbers": trained}

    for _ in race:
        yield numbers


@demo
def gamma_beta_training() -> live.Explorer:
    """γ and β of every layer, loss and accuracy of three kinds of training, while they train.

    ``result`` holds what ``Race.progress`` tells, gamma and beta (lists of arrays (50,), one a
    layer, of the kind shown, seed 0) and numbers (kind → trained parameters).
    """
    canvas = live.Canvas(9.6, 5.2)
    rows, areas = rows_above(canvas, 2, DEEPEST, ["loss"] * 3 + ["accuracy"] * 2, (1, 1, 1.9))
    layers = {}
    for of, row, start, word in zip(("gamma", "beta"), rows, (1.0, 0.0), "γβ", strict=True):
        layers[of] = LayerHistograms(
            canvas, row, word + ", layer {}", np.linspace(start - 1.5, start + 1.5, 31), KINDS,
            colors=COLORS.values(), ylim=(0, 0.45),
        )  # fmt: skip
        for axes in row:
            axes.axvline(start, color=GREY, linewidth=0.9, linestyle=":", zorder=1)
    race = RacePanels(canvas, COLORS, areas["loss"], areas["accuracy"], top=3.0)

    def show(result, setting):
        for of, row in layers.items():
            row.show({setting.shown: result[of]})
        race.show(result)

    def describe(result, setting):
        lines = [f"{how_far(result, setting.steps)} Trained are …"]
        for kind, count in result["numbers"].items():
            lines.append(f"{kind.capitalize()} ({count} numbers): {fate(result, kind)}.")
        return "\n".join(lines)

    return live.Explorer(
        "gamma_beta_training",
        title="Histograms of γ and β of every hidden layer, loss and test accuracy of a network of "
        "which everything, all but γ and β, or only γ and β is trained",
        controls={
            "shown": live.choice("histograms", KINDS[2], KINDS),
            "optimizer": live.menu("optimizer", "gradient descent", list(MAKE)),
            "learning_rate": live.log_slider("learning rate", 1.0, -3, 2, per_decade=10),
            "depth": live.choice("hidden layers", DEEPEST, (1, 2, DEEPEST)),
            "activation": live.choice("g", "relu", ("relu", "tanh", "sigmoid")),
            "batch_size": live.steps_slider("batch size", 60, (10, 20, 60, 120, 300)),
            "steps": live.steps_slider("steps", 150, (50, 100, 150, 300, 500, 1000)),
        },
        canvas=canvas, compute=train_three, show=show, describe=describe,
        still={"steps": over_steps(race.loss, race.accuracy)},
        presets={
            "Everything moves": {"shown": KINDS[0]},
            "Momentum, a tenth of the rate": {"optimizer": "Momentum", "learning_rate": 0.1},
            "Adam": {"optimizer": "Adam", "learning_rate": 10**-1.5},
            "One layer": {"depth": 1},
            "Too large for all": {"learning_rate": 100.0},
        },
    )  # fmt: skip
