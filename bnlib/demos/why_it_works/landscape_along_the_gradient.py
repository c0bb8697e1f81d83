"""Demo of notebook 07: the loss along the gradient, promised and real, in three units of length."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREY, INK, ORANGE
from .. import demo
from ..common.lines import OPEN
from ..common.race import over_seeds
from .lines_in_training import DEPTHS, KINDS, LOOKS, MEASURES, UNITS, along, look_around

COLORS = dict(zip(KINDS, (ORANGE, BLUE), strict=True))
STEPS = np.logspace(-3, 1, 49)


@demo
def landscape_along_the_gradient() -> live.Explorer:
    """The loss along the gradient with and without BN, and how far its slope can be trusted.

    ``result`` holds looks (steps of training), seeds, and for every kind: lines (a
    :class:`~.along_the_gradient.Line` a seed, at the look), and by name of the measure an array
    (seeds, looks).
    """
    canvas = live.Canvas(9.6, 3.7)
    left, middle, right = canvas.axes(1, 3)
    style = {"colors": COLORS.values(), "beyond": False}
    over = {"xscale": "log", "xlim": (STEPS[0], STEPS[-1]), "xlabel": UNITS[0]} | style
    loss = live.Curves(
        canvas,
        left,
        KINDS,
        legend="upper left",
        ylim=(0, 2),
        title="Loss, 1 = before the step",
        **over,
    )
    turned = live.Curves(
        canvas, middle, KINDS, legend="upper left", yscale="log", ylim=(1e-2, 1e2),
        title="Change of the gradient (share)", **over,
    )  # fmt: skip
    over_training = live.Curves(
        canvas, right, KINDS, legend=None, yscale="log", xlim=(-5, LOOKS[-1] + 5),
        xlabel="step of training", **style,
    )  # fmt: skip
    promised = {
        kind: loss.line(color=color, linewidth=1, linestyle=":", zorder=2)
        for kind, color in COLORS.items()
    }
    (dots,) = left.plot([], [], color=INK, linewidth=1, linestyle=":")
    loss.legend({"promised by the slope": dots}, "upper left")
    spots = {
        (panel, kind): panel.line(color=color, ghost=False, **OPEN | {"zorder": 4})
        for panel in (loss, turned, over_training)
        for kind, color in COLORS.items()
    }
    here = {
        panel: panel.line(color=GREY, linewidth=1, zorder=1, ghost=False)
        for panel in (loss, turned, over_training)
    }

    def rescale(setting):
        trusted = setting.measure == MEASURES[0]
        low, high = (-3, 1) if trusted else {UNITS[0]: (-1, 4)}.get(setting.unit, (0, 4))
        over_training.limits(ylim=(10.0**low, 10.0**high))
        words = "Half of the promise up to" if trusted else "Change of the gradient per"
        over_training.title(f"{words} …")
        right.set_ylabel(setting.unit)
        for axes in (left, middle):
            axes.set_xlabel(setting.unit)

    def show(result, setting):
        for kind in KINDS:
            lines, at = result["lines"][kind], np.array([setting.step])
            real, straight, change = along(lines, setting.unit, STEPS)
            for panel, values in ((loss, real), (turned, change)):
                seen = np.isfinite(values).all(axis=0)
                panel.update(kind, STEPS[seen], *over_seeds(values[:, seen]))
            promised[kind].set_data(STEPS, np.median(straight, axis=0))
            real, _, change = along(lines, setting.unit, at)
            spots[loss, kind].set_data(at, np.minimum(np.median(real, axis=0), 1.98))
            spots[turned, kind].set_data(at, np.median(change, axis=0))
            measure = result[setting.measure][kind]
            over_training.update(kind, result["looks"], *over_seeds(measure))
            now = result["looks"].index(setting.look)
            spots[over_training, kind].set_data(
                [setting.look], np.median(measure[:, now : now + 1], axis=0)
            )
        for panel in (loss, turned):
            here[panel].set_data([setting.step] * 2, panel.axes.get_ylim())
        here[over_training].set_data([setting.look] * 2, over_training.axes.get_ylim())

    def tell(result, setting, kind):
        real, straight, change = (
            np.median(each)
            for each in along(result["lines"][kind], setting.unit, np.array([setting.step]))
        )
        now = result["looks"].index(setting.look)
        trusted = np.median(result[MEASURES[0]][kind][:, now])
        level = np.median([line.loss for line in result["lines"][kind]])
        beyond = not np.isfinite([real, change]).all()
        told = "beyond what was tried" if beyond else (
            f"promised {100 * (straight - 1):+.0f} %, real {100 * (real - 1):+.0f} %, the gradient "
            f"changes by {change:.0%}"
        )  # fmt: skip
        return f"{kind} (loss {level:.2g}): {told}; half of the promise up to {trusted:.2g}."

    def describe(result, setting):
        of = f"median of {result['seeds']} seeds" if result["seeds"] > 1 else "seed 0"
        first = f"After {setting.look} steps of training, a step of {setting.step:.2g}"
        first += f" ({setting.unit}), {of}."
        if not all(np.isfinite(result[setting.measure][kind]).all() for kind in KINDS):
            first += " The gaps on the right are beyond what was tried."
        return "\n".join([first, *(tell(result, setting, kind) for kind in KINDS)])

    return live.Explorer(
        "landscape_along_the_gradient",
        title="Along the gradient, with and without BN: the loss and what its slope promises, the "
        "change of the gradient, and over the training how far the promise holds",
        controls={
            "step": live.log_slider("step length", 0.3, -3, 1, per_decade=12),
            "unit": live.menu("measured as", UNITS[0], UNITS),
            "look": live.steps_slider("after steps", 10, LOOKS),
            "activation": live.choice("g", "relu", tuple(DEPTHS)),
            "factor": live.log_slider("hidden W of BN ×", 1.0, -1, 1, per_decade=10),
            "measure": live.menu("right", MEASURES[0], MEASURES),
        },
        canvas=canvas, compute=look_around, show=show, describe=describe,
        still={("unit", "measure"): rescale},
        presets={
            "… as a share of ‖W‖": {"unit": UNITS[1], "step": 0.03},
            "… as the promised fall": {"unit": UNITS[2]},
            "tanh: the other way round": {"activation": "tanh", "look": 0},
            "The smoothest of all": {"activation": "sigmoid", "step": 1.0},
            "The same function, W × 0.1": {"factor": 0.1, "step": 0.01},
        },
    )  # fmt: skip
