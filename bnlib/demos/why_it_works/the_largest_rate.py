"""Demo of notebook 07: the first steps at a learning rate, and which rates train at all."""

from itertools import product

import numpy as np

from ... import live
from ...browser import IN_BROWSER
from ...live.style import BLUE, GREY, INK, ORANGE
from .. import demo
from .first_steps import KINDS, RATES, STEPS, STRIP_STEPS, accuracies, first_steps

COLORS = dict(zip(KINDS, (ORANGE, BLUE), strict=True))
DEPTHS = (2, 4, 6, 8, 10)
SEEDS = 5
ABREAST = 4 if IN_BROWSER else len(RATES)  # there the page waits while they train
TRAINS = 50.0  # percent of the test digits right


def run(learning_rate, step, depth, activation, initial_scale, kept):
    """The first steps of both kinds, then the strip of rates, seed by seed."""
    setting = {"depth": depth, "activation": activation, "initial_scale": initial_scale}
    key = depth, activation, initial_scale
    if kept.get("first") != (key, learning_rate):
        taken = {kind: first_steps(kind, learning_rate, **setting) for kind in KINDS}
        kept |= {"first": (key, learning_rate), "taken": taken}
    taken, strips = kept["taken"], kept.setdefault(key, {kind: [] for kind in KINDS})
    result = {"lost_at": {}, "loss": {}, "now": {}}
    for kind, first in taken.items():
        result["loss"][kind] = first.loss
        lost = len(first.loss) < STEPS
        result["lost_at"][kind] = len(first.loss) + 1 if lost else None
        if step <= len(first.loss):
            result["now"][kind] = {
                "std": first.std[step - 1], "mean": np.abs(first.mean[step - 1]),
                "gradient": first.gradient[step - 1],
            }  # fmt: skip
    result["diverged"] = any(result["lost_at"].values())

    def numbers():
        runs = {kind: np.array(of_kind).reshape(-1, len(RATES)) for kind, of_kind in strips.items()}
        right = {kind: np.median(a, axis=0) for kind, a in runs.items() if len(a)}
        largest = {kind: float(RATES[a >= TRAINS].max(initial=0)) for kind, a in right.items()}
        return result | {"right": right, "largest": largest, "seeds": len(runs[KINDS[1]])}

    yield numbers()
    for seed, kind in product(range(SEEDS), KINDS):
        if len(strips[kind]) == seed:
            found = []
            for first in range(0, len(RATES), ABREAST):
                if first:
                    yield numbers()
                found += accuracies(kind, seed, RATES[first : first + ABREAST], **setting)
            strips[kind].append(found)
            yield numbers()


@demo
def the_largest_rate() -> live.Explorer:
    """Step by step σ and |mean| of z and the gradient of every layer, and the rates that train.

    ``result`` holds for each kind loss (steps,), lost_at (the step whose loss is not finite, or
    None), now (std and mean (layers, units) of z and gradient (layers,) before the step on show;
    missing once the run has diverged), right (16,): the median over the seeds so far of the percent
    of test digits right after 60 steps, at the rates of the strip, and largest, the largest of
    these rates with half of them right (0: none).
    """
    canvas = live.Canvas(9.6, 4.8)
    areas = canvas.mosaic(
        [["loss", "std", "mean", "gradient"], ["strip"] * 4], height_ratios=(2, 1)
    )
    look = {"colors": COLORS.values(), "legend": None, "yscale": "log", "beyond": False}
    loss = live.Curves(
        canvas, areas["loss"], KINDS, xlim=(1, STEPS), ylim=(1e-2, 1e6), xlabel="step",
        title="Loss", **look,
    )  # fmt: skip
    loss.axes.legend(loss.lines.values(), KINDS, loc="upper right", fontsize=8, frameon=False)
    now = loss.line(color=GREY, linestyle=":", linewidth=1.4, ghost=False)
    crosses = {
        kind: loss.line(color=color, marker="x", markersize=10, markeredgewidth=2.5, ghost=False)
        for kind, color in COLORS.items()
    }
    titles = {"std": "σ of z", "mean": "|mean of z|", "gradient": "gradient of W"}
    limits = {"std": (1e-4, 1e6), "mean": (1e-3, 1e6), "gradient": (1e-6, 1e6)}
    panels = {
        name: live.Curves(
            canvas, areas[name], KINDS, xlabel="layer", title=title, ylim=limits[name],
            xlim=(0.7, DEPTHS[-1] + 0.3), **look,
        )
        for name, title in titles.items()
    }  # fmt: skip
    for panel in panels.values():
        for line, marker in zip(panel.lines.values(), "os", strict=True):
            line.set(marker=marker, markersize=4)
        panel.axes.set_xticks(DEPTHS)
    gone = panels["std"].text(0.04, 0.97, va="top", color=INK, fontweight="bold")
    labels = [f"{rate:g}" if k % 3 == 0 else "" for k, rate in enumerate(RATES)]
    strip = live.Heatmap(
        canvas, areas["strip"], KINDS[::-1], labels, low=0, high=100, xlabel="learning rate",
        title=f"Test digits right after {STRIP_STEPS} steps (%; 0: diverged), {SEEDS} seeds",
    )  # fmt: skip
    look = {"linestyle": "none", "markersize": 11, "markeredgecolor": "white", "zorder": 5}
    marks = [strip.line(color=INK, marker=each, ghost=False, **look) for each in "v^"]

    def show(result, setting):
        step = setting.step
        now.set_data([step] * 2, loss.axes.get_ylim())
        for kind, values in result["loss"].items():
            loss.update(kind, np.arange(1, len(values) + 1), values)
            lost = result["lost_at"][kind]
            crosses[kind].set_data(*([[lost], [4e5]] if lost else [[], []]))
            of_layers = result["now"].get(kind)
            for name, panel in panels.items():
                values = of_layers[name] if of_layers else np.empty(0)
                layer = np.arange(1, len(values) + 1)
                if values.ndim == 2:
                    middle, *ends = np.percentile(values, [50, 5, 95], axis=1)
                    panel.update(kind, layer, middle, *ends)
                else:
                    panel.update(kind, layer, values)
        missing = [kind for kind in KINDS if kind not in result["now"]]
        gone.set_text("\n".join(f"{kind}: diverged" for kind in missing))
        unknown = np.full(len(RATES), np.nan)
        strip.update([result["right"].get(kind, unknown) for kind in KINDS[::-1]])
        place = 3 * (np.log10(setting.learning_rate) - np.log10(RATES[0]))
        for mark, edge in zip(marks, (1.42, -0.42), strict=True):
            mark.set_data([place], [edge])

    def describe(result, setting):
        told = []
        for kind in KINDS:
            losses, lost = result["loss"][kind], result["lost_at"][kind]
            fate = f"diverged at step {lost}" if lost else f"loss {losses[-1]:.2g} at step {STEPS}"
            if kind in result["now"]:
                last = result["now"][kind]
                told.append(
                    f"{kind}, before step {setting.step}: loss {losses[setting.step - 1]:.2g}, "
                    f"σ of z {np.median(last['std'][-1]):.2g} in the last hidden layer, gradient "
                    f"{last['gradient'][0]:.2g} in the first; {fate}."
                )
            else:
                told.append(f"{kind}: {fate}.")
        rates = ", ".join(
            f"{rate:.2g} {kind}" if rate else f"none {kind}"
            for kind, rate in result["largest"].items()
        )
        ready = f"Largest rate of the strip with half of the digits right: {rates}."
        return "\n".join([*(t[0].upper() + t[1:] for t in told), ready if rates else "…"])

    return live.Explorer(
        "the_largest_rate",
        title="Loss over the first steps, σ, mean and gradient layer by layer before one of them, "
        "and the test accuracy over learning rates, without and with batch normalization",
        controls={
            "learning_rate": live.log_slider("learning rate", 2.0, -3, 2, per_decade=12),
            "step": live.int_slider("before step", 3, 1, STEPS),
            "depth": live.steps_slider("hidden layers", 6, DEPTHS),
            "activation": live.choice("activation", "relu", ("relu", "tanh", "sigmoid")),
            "initial_scale": live.steps_slider("initial scale ×", 1.0, (0.3, 0.5, 1.0, 1.5, 2.0)),
        },
        canvas=canvas, compute=run, show=show, describe=describe,
        presets={
            "A rate that trains both": {"learning_rate": 0.1, "step": 30},
            "Two layers": {"depth": 2, "learning_rate": 1.0, "step": 30},
            "Ten layers": {"depth": 10, "learning_rate": 10**0.5, "step": 2},
            "Sigmoid: no rate is too large": {"activation": "sigmoid", "step": 30},
            "Too large for both": {"learning_rate": 10.0, "step": 30},
        },
    )  # fmt: skip
