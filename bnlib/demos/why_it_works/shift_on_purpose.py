"""Demo of notebook 07: batch normalization whose outputs are shifted on purpose in every step."""

from itertools import zip_longest

import numpy as np

from ... import live
from ...datasets import standardized_digits
from ...live.style import BLUE, GREEN, GREY, ORANGE
from ...network import mlp
from ...optimizers import SGD
from .. import demo
from ..common.layer_histograms import rows_above
from ..common.race import Race, accuracy, over_seeds
from ..common.race_panels import RacePanels, fate, how_far, over_steps
from .noisy_batch_norm import with_noise
from .one_step_shift import one_step_shift

COLORS = {"no BN": ORANGE, "BN": BLUE, "noisy BN": GREEN}
KINDS = tuple(COLORS)
WIDTH, DEEPEST, BATCH = 50, 6, 60
PROBE = 300  # test digits whose distribution is measured
LOOKS = 8  # measurements of the shift in a run, besides the
FIRST_LOOK = 10
LOWEST = 1e-4  # shift in the picture


def network_of(kind, seed, *, depth, activation, mean, spread, dtype="float32"):
    """A network of one of ``KINDS``: all start from equal W."""
    network = mlp([64, *[WIDTH] * depth, 10], activation, kind != KINDS[0], dtype=dtype, seed=seed)
    return with_noise(network, mean, spread, seed) if kind == KINDS[2] else network


def train_three(mean, spread, activation, depth, learning_rate, steps):
    """The three kinds from five seeds; yields the numbers on show while they train."""
    data = standardized_digits()

    def make(kind, seed):
        options = {"depth": depth, "activation": activation, "mean": mean, "spread": spread}
        return network_of(kind, seed, **options), SGD(learning_rate)

    def measure(network, seed):
        rows = slice(BATCH * seed, BATCH * (seed + 1))
        batch = data.x_train[rows], data.y_train[rows]
        shift = one_step_shift(network, *batch, learning_rate, data.x_test[:PROBE])
        means = {name: shift[name].mean() for name in ("distribution", "gradient")}
        return means | {"unit": shift["unit"], "accuracy": accuracy(network, data)}

    looks = np.linspace(0, steps, LOOKS + 1)[1:].round(-1).astype(int)
    race = Race(
        make, KINDS, data, steps=steps, batch_size=BATCH, looks={FIRST_LOOK, *looks.tolist()},
        measure=measure,
    )  # fmt: skip

    def numbers():
        told = race.progress() | {"looks": [each for each in race.looks if each <= race.step]}
        for name in ("distribution", "gradient", "accuracy"):
            told[name] = {
                kind: np.array([*zip_longest(*([m[name] for m in run] for run in runs))], float)
                for kind, runs in race.measured.items()
            }
        told["unit"] = {kind: runs[0][-1]["unit"] for kind, runs in race.measured.items()}
        return told

    for _ in race:
        if race.step:  # before it nothing is measured
            yield numbers


@demo
def shift_on_purpose() -> live.Explorer:
    """Networks without BN, with it, and with BN whose outputs are shifted anew in every step.

    ``result`` holds what ``Race.progress`` tells; for every kind distribution and gradient (looks,
    seeds) at ``looks``: how far one step moves what goes into g, in σ, and the cosine between a
    layer's gradient before and after the layers below it have moved (``one_step_shift``, means over
    the layers); and unit, kind → one unit's inputs to g (2, 300) at the last look of seed 0, in
    this step and the next.
    """
    canvas = live.Canvas(9.6, 5.0)
    below = ["loss"] * 14 + ["."] + ["distribution"] * 8 + ["gradient"] * 8
    (row,), areas = rows_above(canvas, 1, len(KINDS), below, (1, 1.9))
    units = {}
    for axes, kind in zip(row, KINDS, strict=True):
        units[kind] = live.Histogram(
            canvas, axes, np.linspace(-6, 6, 31), ("this step", "the next"), ylim=(0, 0.3),
            colors=(GREY, COLORS[kind]), legend="upper right", ylabel="share" * (kind == KINDS[0]),
            title=f"{kind}: into g of one unit",
        )  # fmt: skip
        axes.tick_params(labelleft=False, length=2)
    race = RacePanels(canvas, COLORS, areas["loss"])
    style = {"colors": COLORS.values(), "legend": None, "xlabel": "step", "grows": True}
    shift = live.Curves(
        canvas, areas["distribution"], KINDS, yscale="log", ylim=(LOWEST, 30),
        title="Shift by a step, in σ", **style,
    )  # fmt: skip
    turn = live.Curves(
        canvas,
        areas["gradient"],
        KINDS,
        ylim=(-0.1, 1.05),
        title="Cosine of dW after it",
        **style,
    )

    def show(result, setting):
        race.show(result)
        for kind in KINDS:
            for name, values in zip(units[kind].steps, result["unit"][kind], strict=True):
                units[kind].update(values, name)
            for panel, of in ((shift, "distribution"), (turn, "gradient")):
                known = [seed[np.isfinite(seed)] for seed in result[of][kind].T]
                middle = over_seeds(known)
                middle = np.maximum(middle, LOWEST) if panel is shift else middle
                panel.update(kind, result["looks"][: middle.shape[1]], *middle)

    def tell(result, kind):
        told = f"{kind}: {fate(result, kind)}"
        if result["diverged_runs"][kind] == result["seeds"]:
            return f"{told}."
        last = [result[of][kind][-1] for of in ("distribution", "gradient")]
        moved, kept = (np.median(each[np.isfinite(each)]) for each in last)
        return f"{told}; a step shifts {moved:.2g} σ, cosine {kept:.2f}."

    def describe(result, setting):
        told = "\n".join(tell(result, kind) for kind in KINDS)
        return f"{how_far(result, setting.steps)}\n{told}"

    return live.Explorer(
        "shift_on_purpose",
        title="One unit's inputs to g in two steps, the loss, the shift of a step and how much of "
        "the gradient it leaves, without BN, with BN, and with BN that is shifted on purpose",
        controls={
            "mean": live.slider("noise: shift ±", 2.0, 0.0, 6.0, 0.25),
            "spread": live.slider("noise: factor +", 0.5, 0.0, 3.0, 0.25),
            "activation": live.choice("g", "sigmoid", ("sigmoid", "tanh", "relu")),
            "depth": live.int_slider("hidden layers", 3, 1, DEEPEST),
            "learning_rate": live.log_slider("learning rate", 1.0, -2, 1, per_decade=10),
            "steps": live.steps_slider("steps", 150, (50, 100, 150, 300, 500)),
        },
        canvas=canvas, compute=train_three, show=show, describe=describe,
        still={"steps": over_steps(race.loss, shift, turn)},
        presets={
            "No noise": {"mean": 0.0, "spread": 0.0},
            "A small noise": {"mean": 0.5, "spread": 0.25},
            "Five layers": {"depth": 5},
            "ReLU": {"activation": "relu", "learning_rate": 10**-0.5},
            "Far too much noise": {"mean": 6.0, "spread": 3.0},
        },
    )  # fmt: skip
