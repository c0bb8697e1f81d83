"""Demo of notebook 08: who shares μ and σ, and how that trains in small batches."""

import numpy as np

from ... import live
from ...live.style import BLUE, GREEN, GREY, INK, ORANGE, PINK, QUIET
from .. import demo
from ..common.lines import SMALL_LEGEND, joined
from ..common.race import SEEDS
from ..common.race_panels import how_far, over_steps
from .sharing import SharingPanel
from .small_images import DEPTHS, GROUPS, KINDS, SIZES, pixels
from .train_kinds import EVERY, WINDOW, smooth, train_all

COLORS = dict(zip(KINDS, (GREY, BLUE, ORANGE, GREEN, PINK, INK), strict=True))
DASHES = (0, (1.2, 1.4)), "-", (0, (5, 2)), (0, (6, 2, 1.2, 2)), (0, (3, 1.2)), (0, (8, 3))
MARKED = 0, 2, 0  # example, channel, pixel


@demo
def who_shares_a_mean() -> live.Explorer:
    """A block (N, C, H·W) and who shares μ and σ in it; six networks that train with each answer.

    ``result`` holds sets (N, C, H·W): entries with equal numbers share μ and σ of the kind on show,
    at the last normalization; numbers (kind → how many numbers share them there, 0 without a
    normalization), rates (kind → the learning rate) and what ``Race.progress`` tells of the kinds.
    """
    canvas = live.Canvas(9.6, 4.2)
    left, middle, right = canvas.axes(1, 3, width_ratios=(1.02, 1, 1))
    block = SharingPanel(canvas, left, title="Dark: who shares μ and σ with •")
    loss = live.Curves(
        canvas, middle, KINDS, colors=COLORS.values(), dashes=DASHES, legend=None,
        ylim=(0, 3.5), xlabel="step", grows=True, title=f"Loss, mean of {EVERY * WINDOW} steps",
    )  # fmt: skip
    loss.note.set_position((0.5, 0.86))  # below the legend
    look = {"ncols": 3, "loc": "upper center", "handlelength": 2.2, "columnspacing": 1.2}
    middle.legend(loss.lines.values(), KINDS, **SMALL_LEGEND | look)
    rows = dict(zip(KINDS, range(len(KINDS))[::-1], strict=True))
    dots = live.Scatter(
        canvas, right, KINDS, colors=COLORS.values(), size=6, xlim=(0, 101), xlabel="%",
        ylim=(-0.6, len(KINDS) - 0.4), title="Test digits right, a dot a seed",
    )  # fmt: skip
    right.set_yticks(list(rows.values()), list(rows))
    right.tick_params(axis="y", length=0)
    medians = dots.line(color=INK, linewidth=1.6, zorder=2)
    below = {"transform": right.transData, "fontsize": 7.5, "ha": "right", "color": QUIET}
    counts = {kind: dots.text(-1.5, row - 0.34, **below) for kind, row in rows.items()}
    inside = {"transform": right.transData, "fontsize": 7.5, "ha": "right"}
    lost = {kind: dots.text(100, row - 0.46, **inside) for kind, row in rows.items()}
    lift = np.linspace(-0.16, 0.16, SEEDS)

    def latest(result, kind):
        """Test digits right in percent at the last look, of the seeds that have come to it."""
        right = result["accuracy"].get(kind, np.empty((1, 0)))[-1]
        return 100 * right[np.isfinite(right)]

    def show(result, setting):
        block.update(result["sets"], MARKED, setting.batch_size)
        for kind, row in rows.items():
            curve = result["loss"].get(kind, np.empty((1, 0)))
            curve = smooth(np.array(curve))[: 3 if kind == setting.kind else 1]
            loss.update(kind, result["loss_steps"][: len(curve[0])], *curve)
            loss.lines[kind].set_linewidth(3 if kind == setting.kind else 1.4)
            share = latest(result, kind)
            dots.update(share, row + lift[: len(share)], kind)
            counts[kind].set_text(shared(result, kind))
            runs = result["diverged_runs"][kind]
            lost[kind].set_text(f"{runs} of {result['seeds']} diverged" if runs else "")
        known = {row: latest(result, kind) for kind, row in rows.items()}
        told = [(np.median(share), row) for row, share in known.items() if len(share)]
        x, y = np.reshape(told, (-1, 2)).T
        medians.set_data(*joined(x, [y - 0.3, y + 0.3]))

    def shared(result, kind):
        count = result["numbers"][kind]
        return f"{count} share σ" if count else "no σ"

    def tell(result, kind):
        if (lost := result["diverged_runs"][kind]) == result["seeds"]:
            return f"{kind} diverged"
        share, more = np.sort(latest(result, kind)), f"; {lost} diverged" if lost else ""
        if not len(share):
            return f"{kind} not measured yet"
        return f"{kind} {np.median(share):.0f} ({share[0]:.0f}–{share[-1]:.0f}{more})"

    def describe(result, setting):
        count, side = result["numbers"][setting.kind], int(pixels(setting.depth) ** 0.5)
        shown = f"{setting.kind}: {count} numbers share σ at the last normalization, with "
        shown += f"{side} × {side} pixels a channel." if side > 1 else "one pixel a channel."
        if count <= 2 and setting.kind != "RMS":
            shown = {
                0: "none: nothing is normalized.",
                1: f"{setting.kind}: each number is its own mean at the last normalization; out "
                "comes β, whatever the image.",
                2: f"{setting.kind}: two numbers share μ and σ at the last normalization; one "
                "becomes +1, the other −1.",
            }[count]
        told = ", ".join(tell(result, kind) for kind in KINDS)
        return (
            f"{how_far(result, setting.steps)} Batches of {setting.batch_size}. {shown}\n"
            f"Test digits right in %, median (lowest–highest): {told}."
        )

    return live.Explorer(
        "who_shares_a_mean",
        title="A block of examples, channels and pixels with the numbers that share one μ and one "
        "σ, and how networks with each normalization train",
        controls={
            "kind": live.menu("who shares", "batch", KINDS),
            "groups": live.steps_slider("groups", 4, GROUPS),
            "batch_size": live.steps_slider("batch size", 2, SIZES),
            "depth": live.choice("convolutions", 4, DEPTHS),
            "factor": live.log_slider("rate, × tuned", 1.0, -1, 1, per_decade=10),
            "steps": live.steps_slider("steps", 200, (50, 100, 200, 400)),
        },
        canvas=canvas, compute=train_all, show=show, describe=describe,
        still={
            "steps": over_steps(loss), "depth": lambda setting: block.across(pixels(setting.depth)),
        },
        presets={
            "Batch of two, more pixels": {"depth": 2},
            "Larger batches": {"batch_size": 16},
            "One group: layer": {"kind": "group", "groups": 1},
            "As many groups as channels: instance": {"kind": "group", "groups": 8, "depth": 3},
            "A batch of one": {"batch_size": 1, "depth": 2},
        },
    )  # fmt: skip
