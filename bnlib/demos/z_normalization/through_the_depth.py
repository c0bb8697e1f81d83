"""Second demo of notebook 02: what every layer gets, with nothing, a or z normalized."""

from __future__ import annotations

import numpy as np

from ... import live
from ...layers import BatchNorm
from ...live.style import BLUE, GREEN, GREY, INK, ORANGE
from ...network import ACTIVATIONS, INIT_SCALES, mlp
from ...normalization import batch_norm
from ...optimizers import SGD
from ...threads import one_blas_thread
from .. import demo
from ..common.race import SEEDS, Race, standardized_digits
from .expected_spread import expected_spread

KINDS = ("nothing", "a", "z")
COLORS = {"nothing": ORANGE, "a": GREEN, "z": BLUE}
WIDTH, DEEPEST, BATCH, PROBE = 50, 8, 60, 200
MOST_STEPS = 200
FLOOR, TOP = 1e-7, 1e5
OUTPUTS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0), "relu": (0.0, 5.0)}


def network_and_optimizer(kind, seed, *, depth, activation, initial_scale, learning_rate):
    """A network of ``depth`` hidden layers and its optimizer; all kinds start from equal W."""
    network = mlp(
        [64, *[WIDTH] * depth, 10],
        activation=activation,
        batch_norm=kind if kind in ("a", "z") else False,
        init_scale=initial_scale * INIT_SCALES[activation],
        seed=seed,
    )
    return network, SGD(learning_rate)


def through(network, x):
    """What goes into each g and what each hidden layer passes on: two lists of arrays (m, n).

    Normalized over x as over a mini-batch; the network's running averages stay as they are.
    """
    into, passed = [], []
    with one_blas_thread(), np.errstate(all="ignore"):
        for layer in network.layers[:-1]:
            before = x
            if isinstance(layer, BatchNorm):
                centred = x - x.mean(axis=0)
                if not np.isfinite(centred).all():  # diverged
                    x = centred
                else:
                    x, _ = batch_norm(x, layer.params["gamma"], layer.params["beta"], layer.eps)
            else:
                x = layer.forward(x)
            if isinstance(layer, tuple(ACTIVATIONS.values())):
                into.append(before)
                passed.append(x)
            elif len(passed) and isinstance(layer, BatchNorm) and before is passed[-1]:
                passed[-1] = x
    return into, passed


def spread(layers):
    """For every layer the root mean square over its units of their σ over the examples."""
    with np.errstate(all="ignore"):
        return np.array([np.sqrt(a.var(axis=0, dtype=float).mean()) for a in layers])


def train_three(shown, learning_rate, depth, initial_scale, activation, steps):
    """All three kinds from five seeds; yields the numbers on show while they train."""
    x_train, y_train, x_test, y_test = standardized_digits()
    probe = x_train[:PROBE]
    p, delta = float((probe.mean(axis=0) ** 2).mean()), float(probe.var(axis=0).mean())
    scale = initial_scale * INIT_SCALES[activation]
    theory = {kind: expected_spread(kind, activation, scale, depth, p, delta)[1] for kind in KINDS}

    def make(kind, seed):
        return network_and_optimizer(
            kind, seed, depth=depth, activation=activation, initial_scale=initial_scale,
            learning_rate=learning_rate,
        )  # fmt: skip

    def numbers(networks, race=None):
        layers = {kind: through(network, probe) for kind, network in networks.items()}
        over = race is not None and race.step == steps
        return {
            "shown": shown,
            "activation": activation,
            "step": race.step if race else 0,
            "steps": steps,
            "into": layers[shown][0],
            "passed": layers[shown][1],
            "into_spread": spread(layers[shown][0]),
            "spread": {kind: spread(layers[kind][1]) for kind in KINDS},
            "theory": theory,
            "loss_steps": race.steps if race else [],
            "loss": {kind: race.spread(kind) for kind in KINDS} if race else {},
            "accuracy": {kind: race.accuracy(kind, x_test, y_test) for kind in KINDS if over},
            "diverged_runs": {kind: race.diverged(kind) if race else 0 for kind in KINDS},
            "diverged": race is not None and any(race.diverged(kind) for kind in KINDS),
        }

    yield numbers({kind: make(kind, 0)[0] for kind in KINDS})
    if steps:
        race = Race(make, KINDS, (x_train, y_train), steps=steps, batch_size=BATCH, every=3)
        for _ in race:
            yield numbers({kind: race.networks[kind][0] for kind in KINDS}, race)


def tell(result, kind):
    """How one kind of network stands, in one line."""
    spreads, lost = result["spread"][kind], result["diverged_runs"][kind]
    line = f"{kind.capitalize() if kind == 'nothing' else kind} normalized: "
    if lost == SEEDS:
        return f"{line}all {SEEDS} runs have diverged."
    if np.isfinite(spreads).all():
        last = len(spreads)
        line += f"σ passed on {spreads[0]:.2g} (layer 1), {spreads[-1]:.2g} (layer {last})"
    else:
        line += "the run on show has diverged"
    if result["loss"] and 2 * lost < SEEDS:  # else the median has diverged
        line += f"; loss {result['loss'][kind][0][-1]:.2f}"
    if result["accuracy"]:
        line += f", {np.median(result['accuracy'][kind]):.0%} of the test digits right"
    return line + (f" ({lost} of {SEEDS} runs diverged)." if lost else ".")


@demo
def through_the_depth() -> live.Explorer:
    """Histograms of what goes into g and what is passed on, layer by layer, before and in training.

    ``result`` holds for the kind shown into and passed (lists of arrays (200, 50), one a hidden
    layer, seed 0); for every kind spread (depth,): the root mean square over the units of their σ
    over the examples, of what is passed on; theory (depth,): what is expected of it at
    initialization; loss (median, lowest, highest over five seeds, at loss_steps), accuracy (five
    seeds, at the end), diverged_runs.
    """
    canvas = live.Canvas(9.6, 5.0)
    rows = {row: [f"{row}{k}" for k in range(DEEPEST)] for row in ("into", "passed")}
    below = ["spread"] * 10 + ["."] + ["loss"] * 12
    areas = canvas.mosaic(
        [[[rows["into"]]], [[rows["passed"]]], [[below]]], height_ratios=(1, 1, 2)
    )
    names, panels = ("all 50 units", "unit 1"), {}
    for row, label in (("into", "into g"), ("passed", "passed on")):
        for k, name in enumerate(rows[row]):
            panels[name] = live.Histogram(
                canvas, areas[name], np.linspace(-5, 5, 31), names, colors=(GREY, ORANGE),
                title=f"layer {k + 1}" if row == "into" else "", ylim=(0, 0.5),
                ylabel=label if k == 0 else "",
            )  # fmt: skip
            areas[name].tick_params(labelleft=False, length=2, labelsize=7.5)
    words = [
        panels[name].text(0.98, 1.0, ha="right", va="top", fontsize=7.5) for name in rows["into"]
    ]
    handles = [patches[-1] for patches in panels["into0"].steps.values()]
    spreads = live.Curves(
        canvas, areas["spread"], KINDS, colors=COLORS.values(), legend=None, yscale="log",
        xlim=(0.7, DEEPEST + 0.3), ylim=(FLOOR, TOP), xlabel="layer",
        title="Passed on: σ of a unit over the examples",
    )  # fmt: skip
    marks = {
        kind: spreads.line(
            ghost=False, linestyle="none", marker="o", markersize=6.5, color=color,
            markerfacecolor="white", markeredgewidth=1.3, zorder=2.5,
        )
        for kind, color in COLORS.items()
    }  # fmt: skip
    areas["spread"].legend(
        [marks["nothing"]], ["theory for step 0"], loc="upper left", fontsize=8, frameon=False
    )
    loss = live.Curves(
        canvas, areas["loss"], KINDS, colors=COLORS.values(), legend="upper right",
        xlim=(0, MOST_STEPS), ylim=(0, 3.5), xlabel="step",
        title="Loss on the mini-batch, median and range of 5 seeds",
    )  # fmt: skip
    diverged = loss.text(0.02, 0.04, fontweight="bold", color=INK)
    waiting = loss.text(0.5, 0.5, ha="center", color=GREY, fontsize=9.5)
    canvas.figure.legend(
        handles, ["all 50 units", "one unit alone"], loc="outside upper right", ncols=2,
        fontsize=8, frameon=False,
    )  # fmt: skip

    def rescale(setting):
        limits = (-4.0, 4.0) if setting.shown == "a" else OUTPUTS[setting.activation]
        for name in rows["passed"]:
            panels[name].rescale(*limits)

    def show(result, setting):
        for row in rows:
            layers = result[row]
            for k, name in enumerate(rows[row]):
                panel, here = panels[name], k < len(layers)
                panel.update(layers[k] if here else [], names[0])
                panel.update(layers[k][:, 0] if here else [], names[1])
        for k, each in enumerate(words):
            known = k < len(result["into"]) and np.isfinite(result["into_spread"][k])
            each.set_text(f"σ {result['into_spread'][k]:.1g}" if known else "")
        layer = 1 + np.arange(len(result["passed"]))
        for kind in KINDS:
            shown = np.clip(result["spread"][kind], FLOOR, TOP)
            spreads.update(kind, layer, shown)
            marks[kind].set_data(layer, np.clip(result["theory"][kind], FLOOR, TOP))
            loss.update(kind, result["loss_steps"], *result["loss"].get(kind, [[]]))
        lost = [f"{k}: {n} of {SEEDS} diverged" for k, n in result["diverged_runs"].items() if n]
        diverged.set_text("\n".join(lost))
        waiting.set_text("" if result["steps"] else "not trained: 0 steps")

    def describe(result, setting):
        told = "\n".join(tell(result, kind) for kind in KINDS)
        step = f"Step {result['step']} of {result['steps']}."
        return f"{step} Histograms: {result['shown']} normalized, seed 0.\n{told}"

    return live.Explorer(
        "through_the_depth",
        title="Histograms of what goes into g and of what each hidden layer passes on, the "
        "spread of a unit over the batch, and loss curves, with nothing, a or z normalized",
        canvas=canvas,
        controls={
            "shown": live.choice("normalized", "nothing", KINDS),
            "activation": live.choice("activation", "sigmoid", list(OUTPUTS)),
            "initial_scale": live.log_slider("initial scale ×", 1.0, -1, 1, per_decade=10),
            "depth": live.int_slider("hidden layers", DEEPEST, 1, DEEPEST),
            "learning_rate": live.log_slider("learning rate", 0.1, -3, 2, per_decade=10),
            "steps": live.steps_slider("steps", 0, (0, 20, 50, 100, MOST_STEPS)),
        },
        compute=train_three,
        show=show,
        still={("shown", "activation"): rescale},
        describe=describe,
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
