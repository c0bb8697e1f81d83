"""Who shares μ and σ in a block (N, C, H·W), and the picture of it."""

import numpy as np
from matplotlib.collections import PolyCollection

from ...live.panel import Panel
from ...live.style import BLUE, INK, QUIET

PALE, PALER = "#c4c4c4", "#e4e4e4"
SHEETS = 4  # examples drawn, in two rows of two
GAP = 0.16  # between two of them, of a sheet


def shares(kind, examples, channels, pixels, groups):
    """The number (N, C, H·W) of the set to which each entry of a block belongs: equal numbers share
    μ and σ (RMS: the mean square). Where nothing is normalized each entry is its own set."""
    n, c, p = np.ogrid[:examples, :channels, :pixels]
    sets = {
        "batch": c, "layer": n, "RMS": n, "instance": n * channels + c,
        "group": n * groups + c * groups // channels, "none": (n * channels + c) * pixels + p,
    }[kind]  # fmt: skip
    return np.broadcast_to(sets, (examples, channels, pixels))


class SharingPanel(Panel):
    """The block as one sheet an example: a row a channel, a column a pixel.

    One number is marked with a dot; dark is who shares μ and σ with it. The other sets are pale, in
    two shades by turns. Of more than four examples four are drawn.
    """

    def __init__(self, canvas, axes, **options):
        super().__init__(canvas, axes, xlim=(-0.16, 2.24), ylim=(-2.3, 0.22), **options)
        axes.set_axis_off()
        self.cells = canvas.moving(axes.add_collection(PolyCollection([]), autolim=False))
        self.marked = self.line(
            ghost=False, linestyle="none", marker="o", markersize=6, color="white", zorder=5,
            markeredgecolor=INK, markeredgewidth=1.2,
        )  # fmt: skip
        inside = {"transform": axes.transData, "fontsize": 8, "ha": "left", "va": "bottom"}
        self.names = [self.text(*_corner(k), **inside) for k in range(SHEETS)]
        beside = {"fontsize": 8, "color": QUIET, "ha": "center"}
        axes.text(-0.08, -0.5, "channels", rotation=90, va="center", **beside)
        self._across = axes.text(1.08, -2.2, "", va="top", **beside)

    def across(self, pixels):
        """Say how many pixels a sheet has; costs a new background, so not while a slider moves."""
        self._across.set_text(
            "across: the only pixel" if pixels == 1 else f"across: {pixels} pixels"
        )

    def update(self, sets, marked, batch_size):
        """Show the sets (N, C, H·W) that ``shares`` gives, with one entry (n, c, p) marked."""
        drawn = sets[:SHEETS]
        _, channels, pixels = drawn.shape
        width, height = 1 / pixels, (1 if len(drawn) > 2 else 2.1) / channels
        rows, columns = np.mgrid[:channels, :pixels]
        cells = []
        for k in range(len(drawn)):
            left, top = _corner(k)
            x, y = left + columns.ravel() * width, top - rows.ravel() * height
            corners = [(x, y), (x + width, y), (x + width, y - height), (x, y - height)]
            cells.append(np.transpose(corners, (2, 0, 1)))
        self.cells.set_verts(np.concatenate(cells))
        colors = np.where(_by_turns(drawn) % 2, PALE, PALER)
        colors[drawn == sets[marked]] = BLUE
        self.cells.set(facecolor=colors.ravel(), edgecolor="white", linewidth=0.7)
        n, c, p = marked
        left, top = _corner(n)
        self.marked.set_data([left + (p + 0.5) * width], [top - (c + 0.5) * height])
        for k, words in enumerate(self.names):
            more = f" of {batch_size}" if k == SHEETS - 1 and batch_size > SHEETS else ""
            words.set_text(f"example {k + 1}{more}" if k < len(drawn) else "")


def _corner(k):
    """The upper left corner of sheet number k."""
    return (k % 2) * (1 + GAP), -(k // 2) * (1 + GAP)


def _by_turns(sets):
    """Numbers whose parity differs between neighbouring sets, within a sheet and across sheets."""
    of_example = np.arange(len(sets)) * (sets[:, 0, 0] != sets[0, 0, 0])
    down, across = (
        np.cumsum(np.diff(sets, axis=axis, prepend=sets.take([0], axis)) != 0, axis=axis)
        for axis in (1, 2)
    )
    return of_example[:, None, None] + down + across
