"""Second demo of notebook 02: what every layer gets, with nothing, a or z normalized."""

from itertools import zip_longest

import numpy as np

from ... import datasets, live
from ...activations import ACTIVATIONS, Activation
from ...layers import BatchNorm
from ...live.style import BLUE, GREEN, GREY, ORANGE, QUIET
from ...network import INIT_SCALES, mlp
from ...optimizers import SGD
from ...threads import one_blas_thread
from .. import demo
from ..common.expected_spread import expected_spread
from ..common.layer_histograms import LayerHistograms, rows_above
from ..common.lines import OPEN, SMALL_LEGEND
from ..common.race import SEEDS, Race
from ..common.race_panels import RacePanels, fate, how_far

COLORS = {"nothing": ORANGE, "a": GREEN, "z": BLUE}
KINDS = tuple(COLORS)
WIDTH, DEEPEST, BATCH, PROBE = 50, 8, 60, 200
MOST_STEPS = 200
FLOOR, TOP = 1e-7, 1e5


def through(network, x):
    """What goes into each g and what each hidden layer passes on: two lists of arrays (m, n)."""
    with one_blas_thread():
        outputs = network.batch_activations(x)
    each_g = [k for k, layer in enumerate(network.layers) if isinstance(layer, Activation)]
    last = [k + isinstance(network.layers[k + 1], BatchNorm) for k in each_g]
    return [outputs[k - 1] for k in each_g], [outputs[k] for k in last]


def spread(layers):
    """For every layer the root mean square over its units of their σ over the examples."""
    with np.errstate(all="ignore"):
        return np.array([np.sqrt(a.var(axis=0, dtype=float).mean()) for a in layers])


def train_three(shown, activation, initial_scale, depth, learning_rate, steps):
    """All three kinds from five seeds; yields the numbers on show while they train."""
    data = datasets.standardized_digits()
    probe = data.x_train[:PROBE]
    p, delta = float((probe.mean(axis=0) ** 2).mean()), float(probe.var(axis=0).mean())
    scale = initial_scale * INIT_SCALES[activation]
    theory = {kind: expected_spread(kind, activation, scale, depth, p, delta)[1] for kind in KINDS}
    sizes = [64, *[WIDTH] * depth, 10]

    def make(kind, seed):  # all kinds start from equal W
        norm = kind != "nothing" and kind
        return mlp(sizes, activation, norm, init_scale=scale, seed=seed), SGD(learning_rate)

    race = Race(
        make, KINDS, data, steps=steps, batch_size=BATCH, seeds=SEEDS if steps else 1, every=3,
        looks=None if steps else (),
    )  # fmt: skip

    def numbers():
        layers = {kind: through(race.networks[kind][0], probe) for kind in KINDS}
        into, passed = layers[shown]
        spreads = {kind: spread(layers[kind][1]) for kind in KINDS}
        told = {"into": into, "passed": passed, "spread": spreads, "theory": theory}
        return race.progress() | told

    for _ in race:
        yield numbers


def tell(result, kind):
    """How one kind of network stands, in one line."""
    spreads, told = result["spread"][kind], [fate(result, kind)]
    if result["diverged_runs"][kind] < SEEDS:
        ends = f"{spreads[0]:.2g} (layer 1), {spreads[-1]:.2g} (layer {len(spreads)})"
        finite = np.isfinite(spreads).all()
        told.insert(0, f"σ passed on {ends}" if finite else "the run on show has diverged")
    name = "Nothing" if kind == "nothing" else kind
    return f"{name} normalized: {'; '.join(filter(None, told))}."


@demo
def through_the_depth() -> live.Explorer:
    """Histograms of what goes into g and what is passed on, layer by layer, before and in training.

    ``result`` holds what ``Race.progress`` tells; for the kind shown into and passed (lists of
    arrays (200, 50), one a hidden layer, seed 0); for every kind spread (depth,): the root mean
    square over the units of their σ over the examples, of what is passed on; and theory (depth,):
    what is expected of it at initialization.
    """
    canvas = live.Canvas(9.6, 5.0)
    below = ["spread"] * 10 + ["."] + ["loss"] * 12
    (first, second), areas = rows_above(canvas, 2, DEEPEST, below, height_ratios=(1, 1, 2))
    names = "all 50 units", "one unit alone"
    bins, look = np.linspace(-5, 5, 31), {"colors": (GREY, ORANGE), "ylim": (0, 0.5)}
    into = LayerHistograms(canvas, first, "layer {}", bins, names, ylabel="into g", **look)
    passed = LayerHistograms(canvas, second, "", bins, names, ylabel="passed on", **look)
    for axes in first + second:
        axes.tick_params(labelsize=7.5)
    corner = {"at_rest": True, "ha": "right", "va": "top", "fontsize": 7.5}
    words = [panel.text(0.98, 1.0, **corner) for panel in into.panels]
    handles = [*into.panels[0].steps.values()]
    spreads = live.Curves(
        canvas, areas["spread"], KINDS, colors=COLORS.values(), legend=None, yscale="log",
        xlim=(0.7, DEEPEST + 0.3), ylim=(FLOOR, TOP), xlabel="layer",
        title="Passed on: σ of a unit over the examples",
    )  # fmt: skip
    small = OPEN | {"ghost": False, "markersize": 6.5, "markeredgewidth": 1.3, "zorder": 2.5}
    marks = {kind: spreads.line(color=color, **small) for kind, color in COLORS.items()}
    spreads.axes.legend([marks["nothing"]], ["theory for step 0"], loc="upper left", **SMALL_LEGEND)
    race = RacePanels(canvas, COLORS, areas["loss"])
    race.loss.limits(xlim=(0, MOST_STEPS))
    waiting = race.loss.text(0.5, 0.5, ha="center", color=QUIET, fontsize=9.5)
    canvas.figure.legend(handles, names, loc="outside upper right", ncols=2, **SMALL_LEGEND)

    def rescale(setting):
        limits = (-4.0, 4.0)
        if setting.shown != "a":
            limits = np.minimum(ACTIVATIONS[setting.activation].range, 5.0)
        passed.rescale(*limits)

    def show(result, setting):
        for row, layers in ((into, result["into"]), (passed, result["passed"])):
            row.show(dict(zip(names, (layers, [a[:, 0] for a in layers]), strict=True)))
        for each, std in zip_longest(words, spread(result["into"]), fillvalue=np.nan):
            each.set_text(f"σ {std:.1g}" if np.isfinite(std) else "")
        layer = 1 + np.arange(setting.depth)
        for kind in KINDS:
            spreads.update(kind, layer, np.clip(result["spread"][kind], FLOOR, TOP))
            marks[kind].set_data(layer, np.clip(result["theory"][kind], FLOOR, TOP))
        race.show(result)
        waiting.set_text("" if setting.steps else "not trained: 0 steps,\nno learning rate needed")

    def describe(result, setting):
        step = how_far(result, setting.steps)
        told = "\n".join(tell(result, kind) for kind in KINDS)
        return f"{step} Histograms: {setting.shown} normalized, seed 0.\n{told}"

    return live.Explorer(
        "through_the_depth",
        title="Histograms of what goes into g and of what each hidden layer passes on, the "
        "spread of a unit over the batch, and loss curves, with nothing, a or z normalized",
        controls={
            "shown": live.choice("normalized", "nothing", KINDS),
            "activation": live.choice("activation", "sigmoid", ("sigmoid", "tanh", "relu")),
            "initial_scale": live.log_slider("initial scale ×", 1.0, -1, 1, per_decade=10),
            "depth": live.int_slider("hidden layers", DEEPEST, 1, DEEPEST),
            "learning_rate": live.log_slider("learning rate", 0.1, -3, 2, per_decade=10),
            "steps": live.steps_slider("steps", 0, (0, 20, 50, 100, MOST_STEPS)),
        },
        canvas=canvas, compute=train_three, show=show, describe=describe,
        still={("shown", "activation"): rescale},
        applies={"learning_rate": lambda setting: setting.steps > 0},
        presets={
            "The same with z": {"shown": "z"},
            "The same with a": {"shown": "a"},
            "Now train them": {"steps": 100, "learning_rate": 1.0},
            "ReLU, weights × 2": {"activation": "relu", "initial_scale": 2.0, "steps": 100},
            "No normalization, tuned": {
                "initial_scale": 4.0, "depth": 4, "steps": MOST_STEPS, "learning_rate": 1.0,
            },
        },
    )  # fmt: skip
