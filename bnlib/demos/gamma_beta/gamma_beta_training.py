"""Demo of notebook 03: γ and β of every layer move while a network trains."""

import numpy as np

from ... import datasets, live
from ...layers import BatchNorm
from ...live.style import BLUE, GREEN, GREY, ORANGE
from ...network import mlp
from ...optimizers import SGD, Adam, Momentum, Nesterov
from .. import demo
from ..common.race import Race
from ..common.race_panels import RacePanels, fate, over_steps

KINDS = ("everything", "all but γ, β", "only γ, β")
COLORS = {"everything": BLUE, "all but γ, β": ORANGE, "only γ, β": GREEN}
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


def scales_and_shifts(network):
    """γ and β of every BN layer: two lists of arrays (n,), copies."""
    layers = [layer.params for layer in network.layers if isinstance(layer, BatchNorm)]
    return [p["gamma"].copy() for p in layers], [p["beta"].copy() for p in layers]


def train_three(shown, optimizer, learning_rate, depth, activation, batch_size, steps):
    """The three kinds from five seeds; yields the numbers on show while they train."""
    data = datasets.standardized_digits()

    def make(kind, seed):
        network = network_of(kind, seed, depth=depth, activation=activation)
        return network, MAKE[optimizer](learning_rate)

    race = Race(
        make, KINDS, data, steps=steps, batch_size=batch_size, test=(data.x_test, data.y_test),
        look=25,
    )  # fmt: skip
    numbers = {kind: trained_numbers(race.networks[kind][0]) for kind in KINDS}

    def progress():
        gamma, beta = scales_and_shifts(race.networks[shown][0])
        return race.progress() | {"gamma": gamma, "beta": beta, "numbers": numbers}

    yield progress()
    for _ in race:
        yield progress()


@demo
def gamma_beta_training() -> live.Explorer:
    """γ and β of every layer, loss and accuracy of three kinds of training, while they train.

    ``result`` holds step, gamma and beta (lists of arrays (50,), one a layer, of the kind shown,
    seed 0), numbers (kind → trained parameters), loss (kind → median, lowest, highest over five
    seeds, at loss_steps), accuracy (kind → (points, seeds), at accuracy_steps), diverged_runs and
    diverged.
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
    race = RacePanels(canvas, COLORS, areas["loss"], areas["accuracy"], top=3.0)

    def show(result, setting):
        for of, row in panels.items():
            values = result[of]
            for k, panel in enumerate(row):
                for kind in KINDS:
                    here = k < len(values) and kind == setting.shown
                    panel.update(values[k] if here else [], kind)
        race.show(result)

    def describe(result, setting):
        lines = [f"Step {result['step']} of {setting.steps}. Trained are …"]
        for kind, count in result["numbers"].items():
            lines.append(f"{kind.capitalize()} ({count} numbers): {fate(result, kind)}.")
        return "\n".join(lines)

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
        still={"steps": over_steps(race.loss, race.accuracy)},
        describe=describe,
        presets={
            "Everything moves": {"shown": KINDS[0]},
            "Momentum, a tenth of the rate": {"optimizer": "Momentum", "learning_rate": 0.1},
            "Adam": {"optimizer": "Adam", "learning_rate": 10**-1.5},
            "One layer": {"depth": 1},
            "Too large for all": {"learning_rate": 100.0},
        },
    )
