"""First demo of notebook 02: one example moves, and with it the z_norm of the whole batch."""

from functools import cache

import numpy as np

from ... import datasets, live
from ...batch_statistics import moments
from ...layers import Linear
from ...live.style import BLUE, GREY, INK, ORANGE
from ...normalization import normalize
from .. import demo
from ..common.lines import SMALL_LEGEND, joined

MOST = 32  # examples in the largest batch
REACH = 10.0  # the chosen example's z goes from −REACH to REACH
SPREADS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 3.0)


@cache
def one_unit():
    """z (MOST,) of one unit of a first layer for the first digits of the training set."""
    x = datasets.standardized_digits().x_train[:MOST].astype(float)
    return Linear(64, 1, dtype="float64", seed=225).forward(x)[:, 0]


def place(example, m):
    """Where the chosen example stands among m."""
    return min(example, m) - 1


def paths(z, example, values, eps):
    """Every z_norm as a function of the chosen example's z: (values, m), in closed form.

    With μₒ and σₒ² of the m − 1 others and d = z − μₒ the batch has μ = μₒ + d/m and
    σ² = (m − 1)/m · (σₒ² + d²/m).
    """
    m = len(z)
    others = np.delete(z, example)
    if m == 1:
        return np.zeros((len(values), 1))
    distance = values - others.mean()
    mean = others.mean() + distance / m
    var = (m - 1) / m * (others.var() + distance**2 / m)
    each = np.repeat(z[None], len(values), axis=0)
    each[:, example] = values
    return (each - mean[:, None]) / np.sqrt(var + eps)[:, None]


def normalize_one_unit(m, example, value, spread, eps):
    """The batch before and after; a dict of the numbers on show.

    One example stands at ``value``, the others at ``spread`` times their own z.
    """
    chosen, z = place(example, m), spread * one_unit()[:m]
    z[chosen] = value
    (mean,), (var,) = moments(z[:, None])
    z_norm = normalize(z[:, None], [mean], [var], eps)[:, 0]
    middle = np.delete(z, chosen).mean() if m > 1 else 0.0
    near = middle + np.concatenate([-np.logspace(-1.4, -4, 14), np.logspace(-4, -1.4, 14)])
    values = np.sort(np.concatenate([np.linspace(-REACH, REACH, 161), near]))
    return {
        "z": z, "mean": float(mean), "std": float(np.sqrt(var)),
        "z_norm": z_norm, "bound": float(np.sqrt(m - 1)),
        "values": values, "paths": paths(z, chosen, values, eps),
    }  # fmt: skip


def tell(result, setting):
    """The state in words: always four lines."""
    m, k, std, eps = setting.m, place(setting.example, setting.m), result["std"], setting.eps
    z_norm, others = result["z_norm"], np.delete(result["z_norm"], k)
    if m == 1:
        rest = "It is its own mean, so nothing of it is left."
    elif m == 2:
        rest = f"The other is at {others[0]:z.3g}: the same number with the other sign."
    elif np.ptp(others) < 0.005:
        rest = f"The other {m - 1} stand at {others[0]:z.2f}."
    else:
        rest = f"The other {m - 1} lie between {others.min():z.2f} and {others.max():z.2f}."
    return (
        f"Example {k + 1} of {m} stands at z = {result['z'][k]:z.2f}. "
        f"The batch has μ = {result['mean']:z.3g} and σ = {std:.3g}.\n"
        f"Its z_norm is {z_norm[k]:z.3g}; none can pass √(m − 1) = {result['bound']:.2f}. {rest}\n"
        f"All z_norm: mean {abs(z_norm.mean()):.2f}, standard deviation {z_norm.std():.3f} "
        f"(theory: σ/√(σ² + ε) = {std / np.sqrt(std**2 + eps):.3f}).\n"
        f"ε = {eps:.2g} makes up {eps / (std**2 + eps):.2g} of σ² + ε"
        + (": σ = 0, and ε alone keeps 0/0 away." if std == 0 else ".")
    )


@demo
def drag_one_example() -> live.Explorer:
    """A batch on a line, before and after; one example is dragged and every z_norm moves.

    ``result`` holds z and z_norm (m,), mean and std of z, bound √(m − 1), and paths (values, m):
    every z_norm as a function of the chosen example's z, one of ``values``, from the closed form.
    """
    canvas = live.Canvas(9.6, 3.6)
    left, right = canvas.axes(1, 2, width_ratios=(1.35, 1))
    limits = -REACH - 0.5, REACH + 0.5
    batch = live.Panel(
        canvas, left, title="The batch before and after (one ruler for both rows)",
        xlabel="value", xlim=limits, ylim=(-0.45, 1.6),
    )  # fmt: skip
    ticks = np.linspace(-REACH, REACH, 5)
    left.set(xticks=ticks, yticks=[0, 1], yticklabels=["z_norm", "z"])
    left.tick_params(axis="y", length=0, labelsize=10)
    for row in (0, 1):
        left.axhline(row, color=GREY, linewidth=0.7, zorder=1)
    response = live.Panel(
        canvas, right, title="z_norm, as the chosen one moves", xlabel="z of the chosen example",
        ylabel="z_norm", xlim=limits, ylim=(-6.2, 6.2),
    )  # fmt: skip
    right.set_xticks(ticks)

    plain = {"linestyle": "none", "markeredgecolor": "white", "markeredgewidth": 0.6}
    other = plain | {"marker": "o", "color": BLUE, "markersize": 7, "zorder": 4}
    one = plain | {"marker": "D", "color": ORANGE, "markersize": 9, "zorder": 5}
    threads = batch.line(ghost=False, color=BLUE, linewidth=0.6, alpha=0.6, zorder=2)
    thread = batch.line(ghost=False, color=ORANGE, linewidth=1.4, linestyle="--", zorder=3)
    bars = batch.line(ghost=False, color=GREY, linewidth=9, alpha=0.35, solid_capstyle="butt")
    means = batch.line(ghost=False, color=INK, marker="|", markersize=19, linestyle="none",
                       markeredgewidth=1.6, zorder=3)  # fmt: skip
    fence = {"ghost": False, "color": INK, "linestyle": (0, (1.2, 1.4)), "linewidth": 1.4}
    bounds = batch.line(**fence, zorder=2)
    dots, chosen = batch.line(**other), batch.line(**one)
    limit = response.line(**fence, zorder=2)
    curves = response.line(color=BLUE, linewidth=0.6, zorder=2)
    curve = response.line(color=ORANGE, linewidth=2, linestyle="--", zorder=3)
    now, now_chosen = response.line(ghost=False, **other), response.line(ghost=False, **one)
    now.set_markersize(5)
    left.legend(
        [chosen, dots, bars, means, bounds],
        ["chosen", "others", "μ ± σ", "μ", "±√(m − 1)"],
        loc="upper center", ncols=5, markerscale=0.75, handletextpad=0.3, columnspacing=1.0,
        **SMALL_LEGEND,
    )  # fmt: skip

    def show(result, setting):
        z, z_norm, k = result["z"], result["z_norm"], place(setting.example, setting.m)
        rest = np.arange(setting.m) != k
        dots.set_data(np.r_[z[rest], z_norm[rest]], np.repeat([1, 0], len(z) - 1))
        chosen.set_data([z[k], z_norm[k]], [1, 0])
        threads.set_data(*joined([z[rest], z_norm[rest]], [[0.93], [0.07]]))
        thread.set_data([z[k], z_norm[k]], [1, 0])
        mean = np.array([result["mean"], z_norm.mean()])
        std = np.array([result["std"], z_norm.std()])
        bars.set_data(*joined([mean - std, mean + std], [[1, 0]]))
        means.set_data(mean, [1, 0])
        edges = [[-result["bound"], result["bound"]]]
        bounds.set_data(*joined(edges, [[-0.3], [0.3]]))
        limit.set_data(*joined([[-99.0], [99.0]], edges))
        x, y = result["values"], result["paths"]
        curves.set_data(*joined(x[:, None], y[:, rest]))
        curve.set_data(x, y[:, k])
        now.set_data(np.full(len(z) - 1, z[k]), z_norm[rest])
        now_chosen.set_data([z[k]], [z_norm[k]])

    return live.Explorer(
        "drag_one_example",
        title="A batch of one unit's z and z_norm on two lines, one example highlighted, and every "
        "z_norm as a function of that example's z",
        controls={
            "value": live.slider("z of the chosen", 8.0, -REACH, REACH, 0.1, format=".1f"),
            "m": live.int_slider("m, batch size", 8, 1, MOST),
            "spread": live.steps_slider("others' spread ×", 1.0, SPREADS),
            "eps": live.log_slider("ε", 1e-5, -8, 1, per_decade=10, format=".1e"),
            "example": live.int_slider("which example", 1, 1, MOST),
        },
        canvas=canvas, compute=normalize_one_unit, show=show, describe=tell,
        applies={  # an example alone is normalized to 0; others without spread are all alike
            "spread": lambda setting: setting.m > 1,
            "eps": lambda setting: setting.m > 1,
            "example": lambda setting: setting.m > 1 and setting.spread > 0,
        },
        presets={
            "A batch of two": {"m": 2, "value": 1.0},
            "A batch of one": {"m": 1},
            "A constant unit": {"spread": 0.0, "value": 0.0},
            "Nudged by 0.1": {"spread": 0.0, "value": 0.1},
            "A crowd of 32": {"m": 32},
        },
    )  # fmt: skip
