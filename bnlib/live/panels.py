"""Panels: axes that own their artists.

A panel is made once with everything that stands still (limits, labels, title). ``update`` hands it
new data, ``remember`` lets what it shows at present stay behind as a faint ghost. Arrays may hold
NaN or infinity where a run has diverged: those points are left out. Axes without given limits make
room for their data by and by; they never shrink but on Reset.
"""

from __future__ import annotations

from itertools import cycle, islice

import matplotlib
import numpy as np

from ..validation import one_of
from .style import DASHES, FAINT, INK, RC, SERIES

MARKERS = "osD^vP"


def looks(names, colors=None, cycled=(), inks=SERIES):
    """(name, color, ...) for each name: what each series looks like.

    Parameters
    ----------
    names : str or sequence of str
    colors : sequence or None
        One for each name; None: the first of ``inks``.
    cycled : sequence of (what, given, default)
        Dashes or markers: ``given`` one for each name, or None for ``default`` over and over.

    Raises
    ------
    ValueError
        Where there are more names than inks, or not as many colours, dashes or markers as names.
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    if len(set(names)) < len(names):
        raise ValueError(f"names must differ from one another, got {names}")
    if colors is None and len(names) > len(inks):
        raise ValueError(
            f"{len(names)} names, but there are {len(inks)} inks that can be told apart: "
            "pass colors= with one for each name, or show fewer"
        )
    columns = [names]
    for what, given, default in (("colors", colors, inks), *cycled):
        values = tuple(islice(cycle(default), len(names)) if given is None else given)
        if len(values) != len(names):
            raise ValueError(f"{what} must hold one for each of {len(names)} names: {len(values)}")
        columns.append(values)
    return zip(*columns, strict=True)


def round_limits(low, high, scale="linear"):
    """Round numbers around [low, high]: whole decades, or multiples of 1, 2 or 5 times 10^k."""
    if scale == "log":
        low, high = np.floor(np.log10(low)), np.ceil(np.log10(high))
        return float(10.0**low), float(10.0 ** (high + (low == high)))
    span = (high - low) or abs(high) or 1.0
    decade = 10.0 ** np.floor(np.log10(span / 4))
    step = next(k * decade for k in (1, 2, 5, 10, 20) if k * decade >= span / 4)
    low, high = np.floor(low / step + 1e-9) * step, np.ceil(high / step - 1e-9) * step
    return float(low), float(high + step * (low == high))


class Panel:
    """Axes with a title, labels and fixed limits; the base of the panels below."""

    def __init__(
        self, canvas, axes, *, title="", xlabel="", ylabel="", xlim=None, ylim=None,
        xscale="linear", yscale="linear",
    ):  # fmt: skip
        self.canvas, self.axes = canvas, axes
        canvas.panels.append(self)
        self._ghosts: list = []
        self._growing, self._seen = {"x", "y"}, {}  # axes without given limits; axis -> (low, high)
        axes.set_title(title, loc="left", fontsize=RC["axes.titlesize"], fontweight="bold")
        axes.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
        self.limits(xlim, ylim)

    def limits(self, xlim=None, ylim=None):
        """Fix the axes' limits; costs a new background, so not while a slider moves."""
        for axis, wanted in (("x", xlim), ("y", ylim)):
            if wanted is not None:
                self._growing.discard(axis)
                self._limit(axis, wanted)

    def _limit(self, axis, wanted):
        axis = getattr(self.axes, f"{axis}axis")
        if axis._get_autoscale_on() or tuple(axis.get_view_interval()) != tuple(wanted):
            self.axes.set(**{f"{axis.axis_name}lim": wanted})

    def title(self, text: str):
        """Change the title; costs a new background, so not while a slider moves."""
        if text != self.axes.get_title(loc="left"):
            self.axes.set_title(text, loc="left", fontsize=RC["axes.titlesize"], fontweight="bold")

    def data(self) -> list:
        """What the axes make room for where no limits were given: pairs of arrays x and y."""
        return []

    def fit(self):
        """Make room for the data; the canvas asks for it before each frame."""
        for axis in self._growing:
            scale = getattr(self.axes, f"get_{axis}scale")()
            values = [np.ravel(pair["xy".index(axis)]).astype(float) for pair in self.data()]
            values = np.concatenate(values) if values else np.empty(0)
            values = values[np.isfinite(values) & ((scale != "log") | (values > 0))]
            low, high = self._seen.get(axis, (np.inf, -np.inf))
            if values.size and (values.min() < low or values.max() > high):
                self._seen[axis] = low, high = min(low, values.min()), max(high, values.max())
                self._limit(axis, round_limits(low, high, scale))

    def start_over(self):
        """Forget the ghost and for what room was made."""
        self.forget()
        self._seen.clear()

    def text(self, x, y, words="", **options):
        """A line of words at (x, y) in fractions of the axes, that moves with the frames."""
        options = {"transform": self.axes.transAxes, "fontsize": 8.5, "zorder": 6} | options
        with matplotlib.rc_context(RC):
            return self.canvas.moving(self.axes.text(x, y, words, **options))

    def line(self, *, ghost=True, **options):
        """An empty line, moving, with a ghost; give it data with ``set_data``."""
        (line,) = self.axes.plot([], [], **options)
        if ghost:
            self._ghosts.append((line, self._ghost_line(line)))
        return self.canvas.moving(line)

    def _ghost_line(self, line):
        (ghost,) = self.axes.plot(
            [], [], color=line.get_color(), alpha=0.28, linewidth=line.get_linewidth() * 0.8,
            marker=line.get_marker(), markersize=line.get_markersize(),
            linestyle=line.get_linestyle(), markerfacecolor=line.get_markerfacecolor(), zorder=1.5,
        )  # fmt: skip
        return self.canvas.moving(ghost)

    def remember(self):
        """Leave what is shown now behind as the ghost."""
        for line, ghost in self._ghosts:
            ghost.set_data(*line.get_data())

    def forget(self):
        """Take the ghost away (where it would not be comparable, or on Reset)."""
        for _, ghost in self._ghosts:
            ghost.set_data([], [])


class Curves(Panel):
    """Lines over a common x, each with its own colour, dash and name in the legend.

    Parameters
    ----------
    names : sequence of str
        At most six, or as many as ``colors`` holds; ValueError otherwise.
    legend : str or None
        Where Matplotlib's legend goes; None for no legend.
    beyond : bool
        Whether a line that leaves the given limits is told at that edge ("↑ up to 2e5").
    """

    def __init__(
        self, canvas, axes, names=("",), *, colors=None, dashes=None, legend="best", beyond=True,
        **options,
    ):  # fmt: skip
        super().__init__(canvas, axes, **options)
        self.lines, self.bands = {}, {}
        for name, color, dash in looks(names, colors, [("dashes", dashes, DASHES)]):
            self.lines[name] = self.line(color=color, linestyle=dash, zorder=3)
            self.bands[name] = canvas.moving(
                axes.fill_between([], [], [], color=color, alpha=0.18, linewidth=0, zorder=2)
            )
        if legend and any(self.lines):
            axes.legend(self.lines.values(), self.lines, loc=legend, fontsize=8.5, frameon=False)
        edges = {"↑": (0.5, 0.985), "↓": (0.5, 0.015), "→": (0.99, 0.5), "←": (0.01, 0.5)}
        align = {"↑": ("center", "top"), "↓": ("center", "bottom"), "→": ("right", "center"),
                 "←": ("left", "center")}  # fmt: skip
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        self._notes = {
            arrow: self.text(*edges[arrow], ha=align[arrow][0], va=align[arrow][1], bbox=box,
                             fontsize=7.5)
            for arrow in (edges if beyond else ())
        }  # fmt: skip

    def data(self):
        return [line.get_data() for line in self.lines.values()]

    def fit(self):
        super().fit()
        if self._notes:
            x, y = np.concatenate([np.array(pair, float) for pair in self.data()], axis=1)
            known = np.isfinite(x) & np.isfinite(y)
            x, y = x[known], y[known]
            (left, right), (low, high) = sorted(self.axes.get_xlim()), sorted(self.axes.get_ylim())
            here = y[(left <= x) & (x <= right)]
            self._tell("↑", here[here > high + 1e-9 * (high - low)])
            self._tell("↓", here[here < low - 1e-9 * (high - low)])
            self._tell("→", x[x > right + 1e-9 * (right - left)])
            self._tell("←", x[x < left - 1e-9 * (right - left)])

    def _tell(self, arrow, beyond):
        """A note at the edge that the values ``beyond`` it have left by."""
        words = ""
        if len(beyond):
            upwards = arrow in "↑→"
            far = beyond.max() if upwards else beyond.min()
            number = f"{far:.3g}".replace("e+0", "e").replace("e+", "e")
            words = f"{arrow} {'up' if upwards else 'down'} to {number}"
        self._notes[arrow].set_text(words)

    def update(self, name, x, y, low=None, high=None):
        """Show ``y`` over ``x`` for one name; with ``low`` and ``high``, a band around it."""
        one_of(name, "name", self.lines)
        x, y = np.asarray(x, float), np.asarray(y, float)
        self.lines[name].set_data(x, np.where(np.isfinite(y), y, np.nan))
        band = np.empty((0, 2))
        if low is not None and len(x):
            low, high = np.asarray(low, float), np.asarray(high, float)
            keep = np.isfinite(low) & np.isfinite(high)
            x, low, high = x[keep], low[keep], high[keep]
            band = np.concatenate([np.c_[x, low], np.c_[x, high][::-1]])
        self.bands[name].set_verts([band] if len(band) else [])


class Histogram(Panel):
    """How values spread over fixed bins, as a share of all of them.

    Values outside the bins are counted in the outermost ones, so that nothing disappears.

    Parameters
    ----------
    bins : array
        Edges, rising.
    names : sequence of str
        One histogram each, drawn over one another; at most six, or as many as ``colors`` holds.
    """

    def __init__(
        self, canvas, axes, bins, names=("",), *, colors=None, legend=None, filled=True, **options
    ):
        options = {"ylabel": "share", "xlim": (bins[0], bins[-1])} | options
        super().__init__(canvas, axes, **options)
        self.bins = np.asarray(bins, float)
        self.steps, self._step_ghosts = {}, []
        zero = np.zeros(len(self.bins) - 1)
        for name, color, dash in looks(names, colors, [("dashes", None, DASHES)]):
            for fill, alpha in ((True, 0.35), (False, 1.0)) if filled else ((False, 1.0),):
                # Matplotlib before 3.11 cannot scale dashes to a line of no width.
                line = {"linewidth": 0} if fill else {"linewidth": 1.4, "linestyle": dash}
                patch = axes.stairs(
                    zero, self.bins, fill=fill, color=color, alpha=alpha, zorder=3, **line
                )
                self.steps.setdefault(name, []).append(canvas.moving(patch))
            ghost = axes.stairs(zero, self.bins, color=color, alpha=0.35, linewidth=1, zorder=2)
            self._step_ghosts.append((name, canvas.moving(ghost)))
        if legend:
            handles = [patches[-1] for patches in self.steps.values()]
            axes.legend(handles, self.steps, loc=legend, fontsize=8.5, frameon=False)

    def data(self):
        heights = [patches[-1].get_data().values for patches in self.steps.values()]
        return [(self.bins, np.append(each, 0)) for each in heights]

    def rescale(self, low, high):
        """The same number of bins from low to high; costs a new background."""
        if (low, high) != (self.bins[0], self.bins[-1]):
            self.bins = np.linspace(low, high, len(self.bins))
            for patch in self._patches():
                patch.set_data(edges=self.bins)
            self.forget()
            self.limits(xlim=(low, high))

    def _patches(self):
        yield from (patch for patches in self.steps.values() for patch in patches)
        yield from (ghost for _, ghost in self._step_ghosts)

    def update(self, values, name=""):
        """Count ``values`` (any shape) into the bins; those not finite are left out."""
        one_of(name, "name", self.steps)
        values = np.asarray(values, float).ravel()
        values = np.clip(values[np.isfinite(values)], self.bins[0], self.bins[-1])
        share = np.histogram(values, self.bins)[0] / max(values.size, 1)
        for patch in self.steps[name]:
            patch.set_data(share)
            patch.set_visible(values.size > 0)

    def remember(self):
        super().remember()
        for name, ghost in self._step_ghosts:
            ghost.set_data(self.steps[name][-1].get_data().values)

    def forget(self):
        super().forget()
        for _, ghost in self._step_ghosts:
            ghost.set_data(np.zeros(len(self.bins) - 1))


class Scatter(Panel):
    """Points of one or more kinds, each with its colour and marker."""

    def __init__(
        self,
        canvas,
        axes,
        names=("",),
        *,
        colors=None,
        markers=None,
        size=5,
        legend=None,
        **options,
    ):
        super().__init__(canvas, axes, **options)
        self.points = {
            name: self.line(
                color=color, marker=marker, markersize=size, linestyle="none", zorder=3,
                markeredgewidth=0.5, markeredgecolor="white",
            )
            for name, color, marker in looks(names, colors, [("markers", markers, MARKERS)])
        }  # fmt: skip
        if legend:
            axes.legend(self.points.values(), self.points, loc=legend, fontsize=8.5, frameon=False)

    def data(self):
        return [points.get_data() for points in self.points.values()]

    def _ghost_line(self, line):
        ghost = super()._ghost_line(line)  # grey, so that one point is seen among many ghosts
        ghost.set(color=FAINT, markerfacecolor=FAINT, markeredgewidth=0, alpha=1)
        return ghost

    def update(self, x, y, name=""):
        """Show the points (x, y) of one kind."""
        one_of(name, "name", self.points)
        self.points[name].set_data(x, y)


class Spans(Panel):
    """Rows of horizontal bars from the left edge to a value, each with a measured mark beside it.

    Made for "what theory allows" (the bar's end) next to "what was measured" (the open circle) and
    a vertical line at the value in use.
    """

    def __init__(self, canvas, axes, names, *, colors=None, **options):
        super().__init__(canvas, axes, **options)
        series = list(looks(names, colors))
        names = [name for name, _ in series]
        rows = np.arange(len(names))[::-1]
        axes.set(yticks=rows, yticklabels=names, ylim=(-0.7, len(names) - 0.3))
        axes.tick_params(axis="y", length=0)
        self.bars, self.marks, self.row = {}, {}, {}
        for (name, color), row in zip(series, rows, strict=True):
            self.row[name] = row
            self.bars[name] = self.line(
                color=color, linewidth=7, alpha=0.55, solid_capstyle="butt", zorder=2, ghost=False
            )
            self.marks[name] = self.line(
                color=INK, marker="o", markersize=7, markerfacecolor="white", linestyle="none",
                markeredgewidth=1.4, zorder=4, ghost=False,
            )  # fmt: skip
        self.value = self.line(color=INK, linewidth=1.4, zorder=3)

    def update(self, name, theory, measured):
        """Set the bar's end and the mark of one row."""
        left = self.axes.get_xlim()[0]
        self.bars[name].set_data([left, theory], [self.row[name]] * 2)
        self.marks[name].set_data([measured], [self.row[name]])

    def at(self, value):
        """Move the vertical line to ``value``; a sequence gives one mark a row, top to bottom."""
        values = np.ravel(value)
        if values.size == 1:
            self.value.set_data([values[0]] * 2, [-0.7, len(self.row) - 0.3])
        else:
            x = np.repeat(values, 3)
            y = np.concatenate([[row + 0.35, row - 0.35, np.nan] for row in self.row.values()])
            self.value.set_data(x, y)
