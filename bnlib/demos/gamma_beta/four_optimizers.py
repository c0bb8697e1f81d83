"""Demo of notebook 03: γ and β of one unit, trained by four optimizers from the same start."""

import numpy as np

from ... import live
from ...live.style import BLUE, FAINT, GREEN, GREY, ORANGE, PINK
from .. import demo
from .unit_descent import GRADIENTS, MOMENTA, OPTIMIZERS, REACHED, STEPS, VELOCITIES, descend
from .unit_surface import BETAS, GAMMAS, UNITS, dead_corner, surface

COLORS = dict(zip(OPTIMIZERS, (ORANGE, BLUE, GREEN, PINK), strict=True))
LEVELS = (0.01, 0.05, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0)


def tell(result, name, rate):
    """What became of one descent, in words."""
    stuck = "stuck, all slopes are 0"
    if result["diverged"][name]:
        fate = "ends higher than it started" + (f", {stuck}" if result["stuck"][name] else "")
    elif result["stuck"][name]:
        fate = stuck
    elif result["steps"][name] is not None:
        fate = f"within 1 % from step {result['steps'][name]} on"
    else:
        fate = f"excess loss {result['excess'][name][-1]:.2g} after {STEPS} steps"
    bound = result["bound"][name]
    limit = f"{rate / bound:.2g} × its bound of {bound:.3g}" if bound is not None else "no bound"
    gamma, beta = result["path"][name][-1]
    sentence = f"{fate}, at γ = {gamma:.3g}, β = {beta:.3g}. Learning rate: {limit}."
    return f"{name[0].upper()}{name[1:]}: {sentence}"


@demo
def four_optimizers() -> live.Explorer:
    """The loss over γ and β of one unit, and the paths of four optimizers from the same start.

    ``result`` holds for each optimizer: path (61, 2) of γ and β, excess (61,) as a share of the
    excess loss at γ = 1, β = 0, steps until it stays within 1 % (or None), stuck, diverged, bound
    and measured_bound of the learning rate; and the optimum (2,), the curvatures (2,) there.
    """
    canvas = live.Canvas(9.6, 3.6)
    left, centre, right = canvas.axes(1, 3, width_ratios=(1.15, 1, 0.75))
    contours = live.Contours(
        canvas, left, OPTIMIZERS, colors=COLORS.values(), xlabel="γ", ylabel="β", xlim=GAMMAS,
        ylim=BETAS, title="Loss over γ and β of one unit",
    )  # fmt: skip
    (dead,) = left.fill([0, 0, 0], [0, 0, 0], color=FAINT, alpha=0.6, linewidth=0, zorder=0)
    word = left.text(0, -7.5, "0 for all\nexamples", fontsize=7.5, ha="center", va="center")
    losses = live.Curves(
        canvas, centre, OPTIMIZERS, colors=COLORS.values(), legend="upper right", beyond=False,
        xlim=(0, STEPS), ylim=(1e-5, 1e3), yscale="log", xlabel="step",
        title="Excess loss, 1 at γ = 1, β = 0",
    )  # fmt: skip
    centre.axhline(REACHED, color=GREY, linewidth=0.8, linestyle=":")
    rates = live.Spans(
        canvas, right, OPTIMIZERS, colors=COLORS.values(), xlim=(1e-2, 1e3), xscale="log",
        xlabel="learning rate", title="Stable learning rates",
    )  # fmt: skip
    right.set(yticklabels=["gradient\ndescent", "Momentum", "Nesterov", "Adam"], ylim=(-0.7, 4.3))
    right.text(1, 0.99, "bar: theory\n○ measured\n| in use", fontsize=7.5, ha="right", va="top",
               transform=right.transAxes)  # fmt: skip
    right.text(1.3e-2, 0, "(no bound)", fontsize=7.5, va="center")

    def view(setting):
        """The contours of another unit."""
        land = surface(setting.name)
        contours.surface(land.gamma, land.beta, land.excess, LEVELS)
        contours.forget()
        losses.forget()
        wedge = dead_corner(setting.name)
        for each in (dead, word):
            each.set_visible(wedge is not None)
        if wedge is not None:
            dead.set_xy(wedge)

    def show(result, setting):
        for name in OPTIMIZERS:
            contours.update(result["path"][name], result["optimum"], name)
            losses.update(name, np.arange(STEPS + 1), result["excess"][name])
            rates.update(name, result["bound"][name], result["measured_bound"][name])
        rates.at(setting.learning_rate)

    def describe(result, setting):
        return "\n".join(tell(result, name, setting.learning_rate) for name in OPTIMIZERS)

    return live.Explorer(
        "four_optimizers",
        title="Contours of the loss over γ and β of one unit with the paths of gradient descent, "
        "Momentum, Nesterov and Adam, their loss curves and their largest stable learning rates",
        controls={
            "name": live.menu("unit", UNITS[0], UNITS),
            "velocity": live.choice("velocity", VELOCITIES[0], VELOCITIES),
            "learning_rate": live.log_slider("learning rate", 1.0, -2, 2),
            "momentum": live.steps_slider("β₁", 0.9, MOMENTA),
            "start_gamma": live.slider("start at γ", 1.0, -3.0, 6.0, 0.25),
            "start_beta": live.slider("start at β", 0.0, -8.0, 4.0, 0.25),
            "gradient": live.choice("gradient of", GRADIENTS[0], GRADIENTS),
        },
        canvas=canvas, compute=descend, show=show, describe=describe,
        still={"name": view},
        presets={
            "Gradient descent's own rate": {"learning_rate": 10**1.2},
            "The course's velocity": {"velocity": VELOCITIES[1], "learning_rate": 10**0.5},
            "Beyond Nesterov's bound": {
                "learning_rate": 10**1.4, "start_gamma": 3.75, "start_beta": -5.75,
            },
            "The dead corner": {"name": UNITS[2], "learning_rate": 0.1, "start_gamma": -1.0},
            "Noise": {"gradient": GRADIENTS[1]},
        },
    )  # fmt: skip
