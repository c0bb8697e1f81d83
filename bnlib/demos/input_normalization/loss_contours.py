"""Demo of notebook 01: contours of a loss, and the path of gradient descent over them."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREEN, GREY, ORANGE
from .. import demo
from .landscape import EXCESS, PAIRS, REACHED, SCALINGS, STEPS, descend, landscape, surface, window

LEVELS = EXCESS * np.array([0.01, 0.05, 0.15, 0.4, 1.0, 2.0])
COLORS = (ORANGE, BLUE, GREEN)


def tell(result, scaling):
    """What became of one descent, in words."""
    if result["diverged"][scaling]:
        return "diverges"
    if result["steps"][scaling] is not None:
        steps = result["steps"][scaling]
        return f"arrives in {steps} step{'s' if steps > 1 else ''}"
    return f"{result['excess'][scaling][-1]:.0%} of the excess loss left after {STEPS} steps"


@demo
def loss_contours() -> live.Explorer:
    """Contours of a logistic regression's loss with the path of gradient descent over them.

    ``result`` holds for each scaling: path (101, 3), excess (101,) as a share of the start's,
    steps until 1 % is left (or None), diverged, learning_rate, condition_number, bound (2/λmax)
    and measured_bound.
    """
    canvas = live.Canvas(9.6, 3.7)
    left, centre, right = canvas.axes(1, 3, width_ratios=(1, 1.05, 0.85))
    contours = live.Contours(canvas, left, xlabel="w₁", ylabel="w₂")
    left.tick_params(labelsize=7.5)
    left.locator_params(nbins=5)
    losses = live.Curves(
        canvas, centre, SCALINGS, colors=COLORS, legend="upper right", xlim=(0, STEPS),
        ylim=(1e-4, 30), yscale="log", xlabel="step of gradient descent",
        title="Excess loss, 1 at the start",
    )  # fmt: skip
    centre.axhline(REACHED, color=GREY, linewidth=0.8, linestyle=":")
    rates = live.Spans(
        canvas, right, SCALINGS, colors=COLORS, xlim=(1e-6, 1e3), xscale="log",
        xlabel="learning rate", title="Stable learning rates",
    )  # fmt: skip
    right.text(1, 0.97, "bar: up to 2/λmax\n○ measured\n| in use", fontsize=7.5, ha="right",
               va="top", transform=right.transAxes)  # fmt: skip

    def view(setting):
        """The contours of other coordinates."""
        chosen = setting.pair, setting.scaling
        contours.surface(*surface(*chosen), LEVELS)
        contours.forget()
        names = PAIRS[setting.pair]
        left.set(xlabel=f"weight of {names[0]}", ylabel=f"weight of {names[1]}")
        middle, half = window(*chosen)
        if setting.axes == "same scale":
            half = np.full(2, half.max())
        contours.limits(*np.stack([middle - half, middle + half], axis=1))
        contours.title(f"Loss, {setting.scaling} inputs, b fixed")

    def compute(scaling, axes, **setting):
        return descend(**setting)

    def show(result, setting):
        optimum = landscape(setting.pair, setting.scaling).optimum[:2]
        contours.update(result["path"][setting.scaling][:, :2], optimum)
        for name in SCALINGS:
            losses.update(name, np.arange(STEPS + 1), result["excess"][name])
            losses.lines[name].set_linewidth(2.6 if name == setting.scaling else 1.3)
            rates.update(name, result["bound"][name], result["measured_bound"][name])
        rates.at([result["learning_rate"][name] for name in SCALINGS])

    def describe(result, setting):
        return "\n".join(
            f"{name.capitalize()}: {tell(result, name)}. Learning rate "
            f"{result['learning_rate'][name]:.2g} = "
            f"{result['learning_rate'][name] / result['bound'][name]:.2g} × 2/λmax, "
            f"condition number {result['condition_number'][name]:.2g}."
            for name in SCALINGS
        )

    return live.Explorer(
        "loss_contours",
        title="Contours of the loss over two weights, the bias fixed at the optimum, with the path "
        "of gradient descent, the loss curves of three scalings, and their largest stable learning "
        "rates",
        controls={
            "scaling": live.choice("inputs", "raw", SCALINGS),
            "pair": live.menu("measurements", "texture, area", list(PAIRS)),
            "rates": live.choice("rate for all", "the same", ("the same", "half its bound")),
            "learning_rate": live.log_slider("learning rate", 3e-5, -6, 2),
            "start": live.int_slider("start (degrees)", 180, 0, 355, 5),
            "axes": live.choice("axes", "same scale", ("same scale", "stretched to fit")),
        },
        canvas=canvas, compute=compute, show=show, describe=describe,
        still={("pair", "scaling", "axes"): view},
        applies={"learning_rate": lambda setting: setting.rates == "the same"},
        presets={
            "Each at its own rate": {"rates": "half its bound"},
            "Round at last": {"rates": "half its bound", "scaling": "standardized"},
            "Inside the needle": {"axes": "stretched to fit", "learning_rate": 5e-5, "start": 65},
            "Badly conditioned and fast": {"rates": "half its bound", "start": 90},
            "Standardized, not whitened": {
                "rates": "half its bound", "scaling": "standardized", "pair": "radius, area",
            },
        },
    )  # fmt: skip
