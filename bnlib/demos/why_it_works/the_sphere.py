"""Demo of notebook 07: gradient descent where the loss depends on the direction of w alone."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREEN, GREY, INK, ORANGE
from .. import demo
from ..common.lines import DOTS, SMALL_LEGEND, joined
from .one_normalized_unit import (
    INPUTS,
    TOGETHER,
    best_angle,
    equilibrium,
    expected_lengths,
    loss,
    walk,
)

REACH = 3.4  # of the picture, either way
ARROWS = 12
START = -2.2  # the direction of the first w, in radians
STEPS = (1, 3, 10, 30, 100, 300, 1000)
SIZES = [*((str(m), m) for m in (4, 8, 16, 32, 64, 128)), ("all", TOGETHER)]
DECAYS = (0.0, 0.001, 0.003, 0.01, 0.03, 0.1)


def descend(learning_rate, weight_decay, start, batch_size, steps):
    """The numbers on show."""
    towards = start * np.array([np.cos(START), np.sin(START)])
    walked = walk(towards, learning_rate, weight_decay, batch_size, steps)
    on_sphere = float(walked.on_sphere.mean())
    expected = expected_lengths(start, learning_rate, weight_decay, on_sphere, steps)
    keep = 1 - learning_rate * weight_decay
    step = learning_rate * np.sqrt(on_sphere) / expected[:-1]
    result = {
        "path": walked.path, "length": np.hypot(*walked.path.T), "angle": walked.turned,
        "on_sphere": on_sphere, "expected_length": expected,
        "expected_angle": np.arctan2(step, keep * expected[:-1]),
        "loss": float(loss(walked.path[-1:])[0]), "diverged": False,
    }  # fmt: skip
    if weight_decay:
        stays = equilibrium(learning_rate, weight_decay, on_sphere)
        result |= {"equilibrium_length": float(stays[0]), "equilibrium_angle": stays[1]}
    return result


def plane(axes):
    """What stands still: the loss, which is the same all along a ray, and its best direction."""
    grid = np.linspace(-REACH, REACH, 161) + 1e-6
    x, y = np.meshgrid(grid, grid)
    values = loss(np.c_[x.ravel(), y.ravel()]).reshape(x.shape)
    angle, low, high = best_angle()
    axes.contourf(x, y, values, np.linspace(low, high, 12), cmap="Blues", alpha=0.5, zorder=0)
    ray = 2 * REACH * np.array([np.cos(angle), np.sin(angle)])
    axes.plot([0, ray[0]], [0, ray[1]], color=GREEN, linewidth=2, linestyle=(0, (6, 2, 1.2, 2)))
    axes.text(
        0.98, 0.02, "dark: large loss\ngreen: the best direction", fontsize=8, ha="right",
        transform=axes.transAxes,
    )  # fmt: skip
    axes.set_aspect("equal")


def arrows_along(points):
    """Arrows from each of the points (n, 2) to the next: x and y of one line."""
    start, step = points[:-1], np.diff(points, axis=0)
    length = np.maximum(np.hypot(*step.T), 1e-9)[:, None]
    back = -step / length * np.minimum(0.45 * length, 0.16)
    aside = 0.45 * back[:, ::-1] * [1, -1]
    tip = start + step
    return joined(
        *np.stack([start, tip, tip + back + aside, tip, tip + back - aside]).T.swapaxes(1, 2)
    )


def root_mean_square(angles):
    """Over the last steps up to each, a tenth of all of them."""
    recent = max(1, len(angles) // 10)
    total = np.cumsum(np.r_[np.zeros(recent), angles**2])
    count = np.minimum(np.arange(1, len(angles) + 1), recent)
    return np.sqrt(np.maximum(total[recent:] - total[:-recent], 0) / count)


@demo
def the_sphere() -> live.Explorer:
    """The path of one normalized unit's two weights, their length and the angle of each step.

    ``result`` holds path (steps + 1, 2), length (steps + 1,), angle (steps,) in radians, loss at
    the end; on_sphere, the mean of ‖dw‖²‖w‖² over all steps; expected_length and
    expected_angle, what follows from that one number; with weight decay equilibrium_length and
    equilibrium_angle.
    """
    canvas = live.Canvas(9.6, 4.6)
    areas = canvas.mosaic([["plane", "length"], ["plane", "angle"]], width_ratios=(1.05, 1))
    plane(areas["plane"])
    labels = {"xlabel": f"weight of {INPUTS[0]}", "ylabel": f"weight of {INPUTS[1]}"}
    path = live.Curves(
        canvas, areas["plane"], ("w",), colors=[ORANGE], legend=None, beyond=False,
        xlim=(-REACH, REACH), ylim=(-REACH, REACH), title="Gradient descent on w", **labels,
    )  # fmt: skip
    path.lines["w"].set(linewidth=1, marker="o", markersize=2.6)
    begins = path.line(color=ORANGE, marker="o", markersize=9, markerfacecolor="white", ghost=False)
    circle = path.line(color=BLUE, linestyle=(0, (5, 2)), linewidth=2)
    arrows = path.line(color=INK, linewidth=1.6, zorder=5, ghost=False)
    names, look = ("measured", "theory"), {"colors": (ORANGE, BLUE), "yscale": "log"}
    lengths = live.Curves(
        canvas, areas["length"], names, legend=None, ylim=(0.1, 10),
        title="Length ‖w‖", **look,
    )  # fmt: skip
    angles = live.Curves(
        canvas, areas["angle"], names, legend=None, ylim=(1e-4, np.pi), xlabel="step",
        title="Angle of a step (radians)", beyond=False, **look,
    )  # fmt: skip
    each = angles.line(color=ORANGE, markersize=2.5, alpha=0.5, ghost=False, **DOTS)
    stays = [panel.line(color=GREY, linestyle=":", ghost=False) for panel in (lengths, angles)]
    lengths.axes.legend(
        [*lengths.lines.values(), stays[0]], [*names, "equilibrium"], ncols=3, loc="lower right",
        **SMALL_LEGEND,
    )  # fmt: skip
    round_the_clock = np.linspace(0, 2 * np.pi, 181)

    def over_steps(setting):
        for panel in (lengths, angles):
            panel.limits(xlim=(0, setting.steps))

    def show(result, setting):
        w, step = result["path"], np.arange(setting.steps + 1)
        path.update("w", *w.T)
        begins.set_data(*w[:1].T)
        arrows.set_data(*arrows_along(w[: ARROWS + 1]))
        radius = result.get("equilibrium_length", np.nan)
        circle.set_data(radius * np.cos(round_the_clock), radius * np.sin(round_the_clock))
        lengths.update("measured", step, result["length"])
        lengths.update("theory", step, result["expected_length"])
        each.set_data(step[1:], result["angle"])
        angles.update("measured", step[1:], root_mean_square(result["angle"]))
        angles.update("theory", step[1:], result["expected_angle"])
        for line, name in zip(stays, ("length", "angle"), strict=True):
            line.set_data([0, setting.steps], [result.get(f"equilibrium_{name}", np.nan)] * 2)

    def describe(result, setting):
        length, turned = result["length"], root_mean_square(result["angle"])[-1]
        told = "Without weight decay nothing shortens w."
        if setting.weight_decay:
            told = (
                f"Equilibrium for this gradient: ‖w‖ = {result['equilibrium_length']:.2g}, angle "
                f"{result['equilibrium_angle']:.2g} = arccos(1 − lr·wd)."
            )
        return (
            f"‖w‖ goes from {length[0]:.2g} to {length[-1]:.2g} (theory "
            f"{result['expected_length'][-1]:.2g}); effective rate lr/‖w‖² from "
            f"{setting.learning_rate / length[0] ** 2:.2g} to "
            f"{setting.learning_rate / length[-1] ** 2:.2g}.\n"
            f"The last steps turn w by {turned:.2g} radians (root mean square). {told}\n"
            f"Loss at the end {result['loss']:.2f}; the least is {best_angle()[1]:.2f}."
        )

    return live.Explorer(
        "the_sphere",
        title="The path of two weights of a unit with batch normalization over a loss that is "
        "constant along every ray, their length and the angle of each step beside theory",
        controls={
            "learning_rate": live.log_slider("learning rate", 1.0, -2, 1, per_decade=10),
            "weight_decay": live.steps_slider("weight decay", 0.0, DECAYS),
            "start": live.slider("first length", 0.5, 0.1, 3.0, 0.1, format=".1f"),
            "batch_size": live.steps_slider("batch size", 16, SIZES),
            "steps": live.steps_slider("steps", 100, STEPS),
        },
        canvas=canvas, compute=descend, show=show, describe=describe,
        still={"steps": over_steps},
        presets={
            "Six times as long": {"start": 3.0},
            "Weight decay": {"weight_decay": 0.03, "steps": 300},
            "Ten times the rate, a tenth of the decay": {
                "learning_rate": 10.0, "weight_decay": 0.003, "steps": 300,
            },
            "Weight decay without noise": {
                "weight_decay": 0.03, "batch_size": TOGETHER, "steps": 1000,
            },
        },
    )  # fmt: skip
