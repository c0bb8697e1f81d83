"""Panels of two dimensions: contour lines with a path, and a map of coloured cells."""

import contourpy
import numpy as np
from matplotlib.collections import LineCollection

from .panel import Panel, looks
from .style import INK, SERIES

BRIGHT = 0.47  # share of cividis from which on black words have more contrast than white ones


class Contours(Panel):
    """Contour lines of a function of two parameters, and the paths of descents over them.

    Each of ``names`` is a path with its own colour, dash and marker: at most five, or as many as
    ``colors`` holds.
    """

    def __init__(
        self, canvas, axes, names=("",), *, colors=None, markers=None, legend=None, **options
    ):  # fmt: skip
        super().__init__(canvas, axes, **options)
        self.contour_lines = canvas.moving(
            axes.add_collection(LineCollection([], linewidths=0.9, zorder=2), autolim=False)
        )
        self.optimum = self.line(
            ghost=False, color=INK, marker="+", markersize=11, markeredgewidth=1.8,
            linestyle="none", zorder=5,
        )  # fmt: skip
        self.paths, self.starts = {}, {}
        for name, color, dash, marker in looks(names, colors, None, markers, SERIES[1:]):
            self.paths[name] = self.line(
                color=color, linestyle=dash, marker=marker, markersize=3.2, linewidth=1.2,
                markeredgewidth=0, zorder=4,
            )  # fmt: skip
            self.starts[name] = self.line(
                ghost=False, color=color, marker="o", markersize=8, markerfacecolor="white",
                markeredgewidth=1.8, linestyle="none", zorder=5,
            )  # fmt: skip
        self.legend(self.paths, legend)

    def surface(self, x, y, z, levels):
        """Contour lines of z at ``levels``, the lowest darkest; x, y, z all (rows, columns)."""
        generator = contourpy.contour_generator(x, y, z)
        segments, colors = [], []
        shades = np.linspace(0.15, 0.72, len(levels))
        for level, shade in zip(levels, shades, strict=True):
            lines = [line for line in generator.lines(level) if len(line) > 1]
            segments += lines
            colors += [(shade, shade, min(1.0, shade + 0.06))] * len(lines)
        self.contour_lines.set(segments=segments, color=colors)

    def update(self, path, optimum, name=""):
        """Show one path (steps + 1, 2), its start and the optimum (2,)."""
        path = np.asarray(path, float)
        path = np.where(np.abs(path) < 1e12, path, np.nan)  # what has diverged is off the picture
        self.paths[name].set_data(path[:, 0], path[:, 1])
        self.starts[name].set_data(path[:1, 0], path[:1, 1])
        self.optimum.set_data([optimum[0]], [optimum[1]])


class Heatmap(Panel):
    """Cells in rows and columns, each with a colour and the number that it stands for.

    ``rows`` and ``columns`` are their labels, those of the rows from the bottom up; ``low`` and
    ``high`` the values of the darkest and of the brightest colour.
    """

    def __init__(self, canvas, axes, rows, columns, *, low, high, format="{:.0f}", **options):
        shape = len(rows), len(columns)
        limits = {"xlim": (-0.5, shape[1] - 0.5), "ylim": (-0.5, shape[0] - 0.5)}
        super().__init__(canvas, axes, **(limits | options))
        axes.set_xticks(range(shape[1]), columns)
        axes.tick_params(length=0)
        self.format, self.low, self.high = format, low, high
        edges = np.arange(shape[1] + 1) - 0.5, np.arange(shape[0] + 1) - 0.5
        self.cells = canvas.moving(
            axes.pcolormesh(
                *edges, np.zeros(shape), cmap="cividis", vmin=low, vmax=high, zorder=2,
                edgecolors="white", linewidth=1,
            )
        )  # fmt: skip
        inside = {"ha": "center", "va": "center", "fontsize": 8, "zorder": 3}
        self.words = [
            self.text(column, row, transform=axes.transData, **inside)
            for row in range(shape[0])
            for column in range(shape[1])
        ]
        self.label_rows(rows)

    def label_rows(self, rows):
        """Change the rows' labels; costs a new background, so not while a slider moves."""
        if [label.get_text() for label in self.axes.get_yticklabels()] != list(rows):
            self.axes.set_yticks(range(len(rows)), rows)

    def update(self, values):
        """Show the values (rows, columns); NaN is a cell of which nothing is known yet."""
        values = np.asarray(values, float)
        self.cells.set_array(np.ma.masked_invalid(values))
        bright = self.low + BRIGHT * (self.high - self.low)
        for words, value in zip(self.words, values.ravel(), strict=True):
            known = np.isfinite(value)
            words.set_text(self.format.format(value) if known else "")
            words.set_color("black" if known and value > bright else "white")
