"""First demo of notebook 06: the gradient of one example is pulled, and every dz moves."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREEN, GREY, INK, ORANGE
from .. import demo
from ..common.lines import DOTS, SMALL_LEGEND
from .paths import by_differences, by_path

MOST = 16  # examples in the largest batch
REACH = 6.0  # z goes from −REACH to REACH
# Colour and half the width of a bar: told apart without colours, too.
LOOKS = {"directly": (BLUE, 0.38), "through μ": (ORANGE, 0.27), "through σ²": (GREEN, 0.16)}
OTHERS = {"0": 0.0, "1": 1.0, "random": None}


def batch_of(m, example, value, others, pulled):
    """z and dy (m,): z in rising order but for the chosen example, which stands at ``value``."""
    rng = np.random.default_rng(7)
    z = np.sort(rng.permutation(np.linspace(-2.6, 2.6, MOST))[:m] + rng.uniform(-0.05, 0.05, m))
    random = rng.normal(0, 0.7, MOST)[:m]
    dy = random if OTHERS[others] is None else np.full(m, OTHERS[others])
    chosen = min(example, m) - 1
    z[chosen], dy[chosen] = value, pulled
    return z, dy, chosen


def pull(pulled, m, example, value, others, eps):
    """The three contributions to every dz, and what finite differences give."""
    z, dy, chosen = batch_of(m, example, value, others, pulled)
    parts = by_path(dy, z, eps=eps)
    std = np.sqrt(z.var() + eps)
    z_norm, size = (z - z.mean()) / std, float(dy @ dy)
    along = (z_norm @ dy) ** 2 / (z_norm @ z_norm) if z_norm.any() else 0.0
    return {
        "z": z, "dy": dy, "chosen": chosen, "std": float(std), "parts": parts,
        "dz": sum(parts.values()), "differences": by_differences(dy, z, eps=eps),
        "shares": np.array([dy.sum() ** 2 / m, along]) / (size or 1.0),
        "sums": np.array([sum(parts.values()).sum(), sum(parts.values()) @ z_norm]),
    }  # fmt: skip


def stacked(parts, halves):
    """For each of the parts the corners (m, 4, 2) of its bars, one upon another from 0.

    ``halves`` are half the widths, one a part.
    """
    up, down, bars = 0.0, 0.0, []
    for part, half in zip(parts, halves, strict=True):
        low = np.where(part > 0, up, down)
        up, down = up + np.maximum(part, 0), down + np.minimum(part, 0)
        number = 1 + np.arange(len(part))
        x = np.c_[number - half, number + half, number + half, number - half]
        bars.append(np.dstack([x, np.c_[low, low, low + part, low + part]]))
    return bars


def tell(result, setting):
    """The state in words: always four lines."""
    dz, m, k = result["dz"] * result["std"], setting.m, result["chosen"]
    mean, spread = result["shares"]
    moved = int(np.sum(np.abs(np.delete(dz, k)) > 1e-3))
    left = float(dz @ dz) / (float(result["dy"] @ result["dy"]) or 1.0)
    others = f"Of the {m - 1} others {moved or 'none'} get{'s' * (moved < 2)} a gradient as well."
    if m == 2:
        others = f"The other one gets {'a gradient as well' if moved else 'none either'}."
    off = np.abs(result["dz"] - result["differences"]).max()
    return (
        f"Example {k + 1} of {m} stands at z = {setting.value:.1f}, dz̃ = {setting.pulled:.2f}"
        f"; to its dz arrives {dz[k]:z.2f} · γ/√(σ² + ε), where γ/√(σ² + ε) = "
        f"{1 / result['std']:.2f}.\n"
        f"{others}\n"
        f"Of the square of dz̃ {mean:.0%} lies along (1, …, 1) and {spread:.0%} along z_norm: "
        f"these go, {left:.0%} is left.\n"
        f"Σ dz = {result['sums'][0]:z.3f}, Σ z_norm · dz = {result['sums'][1]:z.3f}. Largest "
        f"distance from the finite differences: {'under 0.0001' if off < 1e-4 else f'{off:.1g}'}."
    )


@demo
def pull_one_gradient() -> live.Explorer:
    """A batch on a line, and what comes back to every example on each of the three paths.

    ``result`` holds z, dy, dz and differences (m,), chosen (an index), std √(σ² + ε), parts (path →
    (m,)), shares (2,) of the square of dy that lie along 1 and along z_norm, and sums (2,): Σ dz
    and Σ z_norm dz. γ = 1.
    """
    canvas = live.Canvas(9.6, 4.6)
    top, bottom = canvas.axes(2, 1, height_ratios=(1, 3))
    batch = live.Panel(
        canvas, top, title="The batch: z of one unit, by number", xlabel="z",
        xlim=(-REACH - 0.4, REACH + 0.4), ylim=(-0.6, 1.2),
    )  # fmt: skip
    top.axhline(0, color=GREY, linewidth=0.7, zorder=1)
    top.set_yticks([])
    bars = live.Panel(
        canvas, bottom, title="dz of every example, in units of γ/√(σ² + ε), path by path",
        xlabel="example", ylabel="dz", ylim=(-2.6, 3.6),
    )  # fmt: skip
    bottom.axhline(0, color=INK, linewidth=0.8, zorder=1)
    dots = batch.line(**DOTS, color=INK, markersize=6, zorder=4)
    chosen = batch.line(
        ghost=False, linestyle="none", marker="D", color=ORANGE, markersize=9, zorder=5
    )
    spread = batch.line(ghost=False, color=GREY, linewidth=9, alpha=0.35, solid_capstyle="butt")
    middle = batch.line(ghost=False, color=INK, marker="|", markersize=18, linestyle="none")
    numbers = [
        batch.text(0, 0.42, at_rest=True, transform=top.transData, ha="center", fontsize=8)
        for _ in range(MOST)
    ]
    widths = [half for _, half in LOOKS.values()]
    fill = {"alpha": 0.7, "linewidth": 0, "zorder": 2}
    paths = {
        name: canvas.moving(bottom.fill_between([], [], [], facecolor=color, **fill))
        for name, (color, _) in LOOKS.items()
    }
    total = bars.line(**DOTS, color=INK, markersize=7, zorder=4)
    checked = bars.line(
        **DOTS, ghost=False, color=INK, markersize=13, markerfacecolor="none", markeredgewidth=1.4,
        zorder=5,
    )  # fmt: skip
    top.legend(
        [chosen, spread], ["the one you pull", "μ ± σ"], loc="upper right", ncols=2, **SMALL_LEGEND
    )
    bottom.legend(
        [*paths.values(), total, checked],
        ["directly (wide)", *list(LOOKS)[1:-1], "through σ² (narrow)", "sum", "finite difference"],
        loc="upper center", ncols=5, **SMALL_LEGEND,
    )  # fmt: skip

    def room(setting):
        bars.limits(xlim=(0.4, setting.m + 0.6))
        bottom.set_xticks(1 + np.arange(setting.m))
        bars.forget()

    def show(result, setting):
        z, k, unit = result["z"], result["chosen"], result["std"]
        dots.set_data(z, np.zeros(len(z)))
        chosen.set_data([z[k]], [0])
        spread.set_data(z.mean() + z.std() * np.array([-1, 1]), [0, 0])
        middle.set_data([z.mean()], [0])
        for number, text in enumerate(numbers):
            there = number < len(z)
            text.set_text(f"{number + 1}" if there else "")
            text.set_position((z[number] if there else 0, 0.8 if number == k else 0.42))
        corners = stacked([unit * part for part in result["parts"].values()], widths)
        for path, each in zip(paths.values(), corners, strict=True):
            path.set_verts(each)
        number = 1 + np.arange(len(z))
        total.set_data(number, unit * result["dz"])
        checked.set_data(number, unit * result["differences"])

    return live.Explorer(
        "pull_one_gradient",
        title="A batch of one unit's z on a line, and for every example the three contributions to "
        "dz as stacked bars, their sum and a finite difference",
        controls={
            "pulled": live.slider("dz̃ of the chosen", 2.0, -2, 2, 0.1),
            "m": live.int_slider("m, batch size", 8, 2, MOST),
            "example": live.int_slider("which example", 6, 1, MOST),
            "value": live.slider("z of the chosen", 1.0, -REACH, REACH, 0.1, format=".1f"),
            "others": live.choice("dz̃ of the others", "0", list(OTHERS)),
            "eps": live.log_slider("ε", 1e-5, -8, 1, per_decade=10, format=".1e"),
        },
        canvas=canvas, compute=pull, show=show, describe=tell, still={"m": room},
        applies={"eps": lambda setting: OTHERS[setting.others] != round(setting.pulled, 9)},
        presets={
            "An example far out": {"value": 6.0},
            "The same for all": {"others": "1", "pulled": 1.0},
            "A batch of two": {"m": 2, "example": 2},
            "A batch of two, a large ε": {"m": 2, "example": 2, "eps": 1.0},
            "Any gradient": {"others": "random", "m": MOST},
        },
    )  # fmt: skip
