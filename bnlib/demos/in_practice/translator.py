"""Demo of notebook 08: one layer in the words of two frameworks, copied or translated."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREY, INK, ORANGE, RUST
from .. import demo
from ..common.lines import DOTS, OPEN, SMALL_LEGEND
from .conventions import (
    BY_HAND,
    DIVISORS,
    FRAMEWORKS,
    OURS,
    STEPS,
    UNITS,
    code,
    draws,
    first_of,
    predicted,
    reasons,
    running,
    second_of,
    statistics,
)

NUMBERS = (0.01, 0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.99, 0.995, 0.999)
EPSILONS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
HOWS = ("copied", "its defaults", "translated")
KINDS = ("first", "second")
VIEWS = dict(zip(UNITS, [((-1, 8), (0.3, 100)), ((-1.4, 0.2), (1e-4, 10))], strict=True))
Y = (-4, 8.5)
SAME = 5e-4  # outputs that differ by less are the same to three digits


def compare(first, number, eps, second, how, divisor, corrected, batch_size, batches, unit):
    """Both conventions over the same batches, and the same eight examples after them."""
    one = first_of(first, number, eps, divisor, corrected)
    other = second_of(second, how, one, number, divisor, corrected)
    of_batches, z = statistics(unit, batch_size)[:batches], draws(unit)[1]
    averages = {
        k: running(of_batches, c, batch_size) for k, c in zip(KINDS, (one, other), strict=True)
    }
    outputs = {
        kind: predicted(z, averages[kind][-1], convention.eps)
        for kind, convention in zip(KINDS, (one, other), strict=True)
    }
    mean, spread = UNITS[unit]
    return {
        "batches": of_batches, "running": averages, "outputs": outputs,
        "right": (z - mean) / np.sqrt(spread**2 + one.eps),
        "code": {"first": code(first, one), "second": code(second, other)},
        "conventions": {"first": one, "second": other},
        "off": {
            "output": float(np.abs(outputs["first"] - outputs["second"]).max()),
            "mean": float(np.abs(averages["first"] - averages["second"])[-1, 0]),
            "variance": float(averages["second"][-1, 1] / averages["first"][-1, 1]),
        },
    }  # fmt: skip


@demo
def translator() -> live.Explorer:
    """Running mean and variance of one unit in two frameworks' conventions, and what they predict.

    ``result`` holds running (kind → array (batches + 1, 2): mean and variance, from the start),
    outputs (kind → array (8,): the same examples in inference mode) for the kinds "first" and
    "second"; right (8,): with the true mean and variance; batches (batches, 2): those of each;
    code and conventions of both; off: how far they are apart.
    """
    canvas = live.Canvas(9.6, 3.8)
    axes = canvas.mosaic([["code"] * 3, list("mvy")], height_ratios=(0.12, 1))
    words = live.Panel(canvas, axes["code"], xlim=(0, 1), ylim=(0, 1))
    axes["code"].set_axis_off()
    mono = {"family": "monospace", "fontsize": 9}
    lines = {
        kind: words.text(0.0, height, at_rest=True, va="center", color=color, **mono)
        for kind, height, color in zip(KINDS, (0.85, 0.2), (BLUE, RUST), strict=True)
    }
    look = {
        "colors": (BLUE, ORANGE),
        "dashes": ("-", (0, (4, 2))),
        "xlim": (0, STEPS),
        "legend": None,
    }
    mean = live.Curves(canvas, axes["m"], KINDS, title="Running mean", xlabel="batches", **look)
    variance = live.Curves(
        canvas, axes["v"], KINDS, title="Running variance", xlabel="batches", yscale="log",
        ylim=(0.3, 100), **look,
    )  # fmt: skip
    variance.note.set(y=0.02, va="bottom")
    axes["m"].yaxis.set_major_formatter("{x:.1f}")  # as wide for either unit
    small = DOTS | {"ghost": False, "color": GREY, "markersize": 2.2, "alpha": 0.7}
    dots = [panel.line(**small) for panel in (mean, variance)]
    truth = {"ghost": False, "color": INK, "linewidth": 1.0, "linestyle": ":"}
    true = [panel.line(**truth) for panel in (mean, variance)]
    outputs = live.Panel(
        canvas, axes["y"], xlim=(0.4, 8.6), ylim=Y, xlabel="example",
        title="Eight examples, inference",
    )  # fmt: skip
    axes["y"].set_xticks(range(1, 9))
    right = outputs.line(ghost=False, color=INK, linestyle="none", marker="_", markersize=17)
    marks = {
        "first": outputs.line(color=BLUE, markersize=7, **OPEN | {"marker": "s"}),
        "second": outputs.line(color=ORANGE, markersize=4.5, zorder=4, **DOTS),
    }
    beyond = outputs.text(0.5, 0.03, at_rest=True, ha="center", fontsize=7.5)
    axes["v"].legend(
        [*variance.lines.values(), dots[1], true[1]],
        ["first", "second", "each batch (÷ m)", "true"], loc="upper right", **SMALL_LEGEND,
    )  # fmt: skip
    axes["y"].legend(
        [marks["first"], marks["second"], right], ["first", "second", "true μ and σ²"],
        loc="upper left", **SMALL_LEGEND,
    )  # fmt: skip

    def another_unit(setting):
        (of_mean, of_variance), (centre, spread) = VIEWS[setting.unit], UNITS[setting.unit]
        mean.limits(ylim=of_mean)
        variance.limits(ylim=of_variance)
        for line, value in zip(true, (centre, spread**2), strict=True):
            line.set_data([0, STEPS], [value, value])
        for panel in (mean, variance, outputs):
            panel.forget()

    def show(result, setting):
        t, examples = np.arange(setting.batches + 1), np.arange(1, 9)
        for k, panel in enumerate((mean, variance)):
            dots[k].set_data(t[1:], result["batches"][:, k])
            for kind in KINDS:
                panel.update(kind, t, result["running"][kind][:, k])
        far = 0
        for kind, shift in zip(KINDS, (-0.12, 0.12), strict=True):
            y = result["outputs"][kind]
            far += int(((y < Y[0]) | (y > Y[1])).sum())
            marks[kind].set_data(examples + shift, np.clip(y, *Y))
            name = getattr(setting, kind)
            lines[kind].set_text(f"{kind:>6}  {name}: {result['code'][kind]}")
        right.set_data(examples, np.clip(result["right"], *Y))
        beyond.set_text(f"{far} lie beyond, drawn at the edge" if far else "")

    def describe(result, setting):
        one, other = (result["conventions"][kind] for kind in KINDS)
        off, t = result["off"], setting.batches
        told = [
            f"{name}, {line}: keeps {each.decay:.3g} of the old, "
            f"{'unbiased' if each.unbiased else 'biased'} variance, "
            + ("start taken out" if each.corrected else f"{each.decay**t:.0%} of its start left")
            for name, line, each in (
                (setting.first, result["code"]["first"], one),
                (setting.second, result["code"]["second"], other),
            )
        ]
        agree = off["output"] < SAME
        apart = (
            f"After {t} batches the two agree to three digits."
            if agree
            else f"After {t} batches outputs differ by up to {off['output']:.2g}, running means by "
            f"{off['mean']:.2g}; the second variance is {off['variance']:.2f} times the first."
        )
        missing = "; ".join(reasons(one, other, setting.second, setting.batch_size))
        lack = (
            f"What is missing in {setting.second}: {missing}." if missing else "All is translated."
        )
        return f"First: {told[0]}.\nSecond: {told[1]}.\n{apart}\n{lack}"

    def chosen(setting, name):
        """Whether a choice that only this framework has makes a difference."""
        free = setting.how != "translated" and not (setting.how == "its defaults" and name == OURS)
        return setting.first == name or (setting.second == name and free)

    def ways(setting):
        """The second convention in each way to give it its number."""
        rest = setting.divisor, setting.corrected
        one = first_of(setting.first, setting.number, setting.eps, *rest)
        return {second_of(setting.second, how, one, setting.number, *rest) for how in HOWS}

    return live.Explorer(
        "translator",
        title="Running mean and running variance of one unit over the batches in the conventions "
        "of two frameworks, their lines of code, and eight examples in inference mode",
        controls={
            "first": live.menu("first", "Keras", list(FRAMEWORKS)),
            "number": live.steps_slider("its number", 0.99, NUMBERS),
            "second": live.menu("second", "PyTorch", list(FRAMEWORKS)),
            "how": live.choice("its number is", "copied", HOWS),
            "eps": live.steps_slider("ε of the first", 1e-3, EPSILONS),
            "batch_size": live.steps_slider("batch size m", 8, (2, 4, 8, 16, 32, 64)),
            "batches": live.int_slider("batches", 100, 1, STEPS),
            "unit": live.choice("unit", next(iter(UNITS)), list(UNITS)),
            "divisor": live.choice("tf.nn: divided by", DIVISORS[0], DIVISORS),
            "corrected": live.switch("bnlib corrects", True),
        },
        canvas=canvas, compute=compare, show=show, describe=describe,
        still={"unit": another_unit},
        applies={
            "how": lambda setting: len(ways(setting)) > 1,
            "divisor": lambda setting: chosen(setting, BY_HAND),
            "corrected": lambda setting: chosen(setting, OURS),
        },
        presets={
            "Translated": {"how": "translated"},
            "Tiny batches": {"how": "translated", "batch_size": 2},
            "Two epsilons": {
                "number": 0.9, "second": "ONNX", "how": "its defaults", "batch_size": 32,
                "unit": "narrow, −1 ± 0.03",
            },
            "By hand": {
                "first": BY_HAND, "number": 0.9, "eps": 1e-5, "divisor": DIVISORS[1],
                "how": "translated",
            },
            "Another start": {
                "first": OURS, "number": 0.95, "second": "Keras", "how": "translated",
                "batches": 30,
            },
        },
    )  # fmt: skip
