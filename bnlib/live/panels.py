"""Panels of one dimension: curves, histograms, points, and bars between theory and measurement."""

import numpy as np
from matplotlib.colors import to_rgba

from ..validation import one_of
from .panel import Panel, looks
from .style import FAINT, INK


class Curves(Panel):
    """Lines over a common x, each with its own colour, dash and name in the legend.

    Parameters
    ----------
    names : sequence of str
        At most six, or as many as ``colors`` holds; ValueError otherwise.
    legend : str or None
        Where Matplotlib's legend goes; None for no legend.
    beyond : bool
        Whether a line that leaves the given limits is told in the sharp picture ("↑ to 2e5").
    grows : bool
        Whether the curves come bit by bit: the rest of an earlier one then stays, thin and pale,
        until the new one has passed it or the picture is sharp.
    """

    def __init__(
        self, canvas, axes, names=("",), *, colors=None, dashes=None, legend="best", beyond=True,
        grows=False, **options,
    ):  # fmt: skip
        super().__init__(canvas, axes, **options)
        self.lines, self.bands, self._rests, self._earlier = {}, {}, {}, {}
        for name, color, dash, _ in looks(names, colors, dashes):
            self.lines[name] = self.line(color=color, linestyle=dash, zorder=3)
            if grows:
                self._rests[name] = self.line(
                    ghost=False, color=color, linestyle=dash, linewidth=1, alpha=0.4, zorder=2.5
                )
            self.bands[name] = canvas.moving(
                axes.fill_between([], [], [], color=color, alpha=0.18, linewidth=0, zorder=2)
            )
        self.legend(self.lines, legend)
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1}
        self.note = beyond and self.text(
            0.5, 0.985, at_rest=True, ha="center", va="top", fontsize=7.5, bbox=box
        )

    def data(self):
        return np.concatenate([np.array(e.get_data(), float) for e in self.lines.values()], axis=1)

    def fit(self, sharp=True):
        super().fit(sharp)
        if sharp:
            self._drop_rests()
            if self.note:
                self.note.set_text(", ".join(self._beyond()))

    def _beyond(self):
        """How far the lines go where they leave the limits, above and below, right and left."""
        x, y = (data := self.data())[:, np.isfinite(data).all(axis=0)]
        left, right = sorted(self.axes.get_xlim())
        seen = y[(left <= x) & (x <= right)]
        for values, limits, arrows in (seen, self.axes.get_ylim(), "↑↓"), (x, (left, right), "→←"):
            (low, high), slack = sorted(limits), 1e-9 * abs(limits[1] - limits[0])
            for arrow, far in zip(
                arrows, (values.max(initial=high), values.min(initial=low)), strict=True
            ):
                if not low - slack <= far <= high + slack:
                    number = f"{far:.3g}".replace("e+0", "e").replace("e+", "e")
                    yield f"{arrow} to {number}"

    def update(self, name, x, y, low=None, high=None):
        """Show ``y`` over ``x`` for one name; with ``low`` and ``high``, a band around it."""
        one_of(name, "name", self.lines)
        self.lines[name].set_data(x, np.where(np.isfinite(y), y, np.nan))
        if name in self._rests:
            self._rests[name].set_data(*self._rest(name))
        if low is None:
            low = high = np.full(len(x), np.nan)
        band = np.array([x, low, high], float)
        x, low, high = band[:, np.isfinite(band).all(axis=0)]
        around = np.concatenate([np.c_[x, low], np.c_[x, high][::-1]])
        self.bands[name].set_verts([around] if len(around) else [])

    def _rest(self, name):
        """Of the earlier curve what lies beyond the end of this one: x and y."""
        x, y = self._earlier.get(name, np.empty((2, 0)))
        beyond = x > max(self.lines[name].get_xdata(), default=-np.inf)
        return x[beyond], y[beyond]

    def keep(self):
        for name in self._rests:  # the last one that went as far as any
            x, y = np.array(self.lines[name].get_data(), float)
            if not len(self._rest(name)[0]):
                self._earlier[name] = x, y

    def _drop_rests(self):
        self._earlier.clear()
        for rest in self._rests.values():
            rest.set_data([], [])

    def forget(self):
        super().forget()
        self._drop_rests()


class Histogram(Panel):
    """How values spread over fixed bins, as a share of all of them.

    Values outside the bins (edges, rising) are counted in the outermost ones, so that nothing
    disappears. There is one histogram for each of ``names``, drawn over one another: at most six,
    or as many as ``colors`` holds.
    """

    def __init__(
        self, canvas, axes, bins, names=("",), *, colors=None, legend=None, filled=True, **options
    ):
        options = {"ylabel": "share", "xlim": (bins[0], bins[-1])} | options
        super().__init__(canvas, axes, **options)
        self.bins = np.asarray(bins, float)
        self.steps, self._step_ghosts = {}, []
        zero = np.zeros(len(self.bins) - 1)
        for name, color, dash, _ in looks(names, colors):
            patch = axes.stairs(
                zero, self.bins, fill=filled, edgecolor=color, facecolor=to_rgba(color, 0.35),
                linewidth=1.4, linestyle=dash, zorder=3,
            )  # fmt: skip
            self.steps[name] = canvas.moving(patch)
            ghost = axes.stairs(zero, self.bins, color=color, alpha=0.35, linewidth=1, zorder=2)
            ghost.set_visible(False)
            self._step_ghosts.append((patch, canvas.moving(ghost)))
        self.legend(self.steps, legend)

    def data(self):
        heights = [np.append(0, patch.get_data().values) for patch in self.steps.values()]
        return np.tile(self.bins, len(heights)), np.concatenate(heights)

    def rescale(self, low, high):
        """The same number of bins from low to high; costs a new background."""
        if (low, high) != (self.bins[0], self.bins[-1]):
            self.bins = np.linspace(low, high, len(self.bins))
            ghosts = [ghost for _, ghost in self._step_ghosts]
            for patch in (*self.steps.values(), *ghosts):
                patch.set_data(edges=self.bins)
            self.forget()
            self.limits(xlim=(low, high))

    def update(self, values, name=""):
        """Count ``values`` (any shape) into the bins; those not finite are left out."""
        one_of(name, "name", self.steps)
        values = np.asarray(values, float).ravel()
        values = np.clip(values[np.isfinite(values)], self.bins[0], self.bins[-1])
        share = self._counts(values) / max(values.size, 1)
        self.steps[name].set_data(share)
        self.steps[name].set_visible(values.size > 0)

    def _counts(self, values):
        evenly = np.linspace(self.bins[0], self.bins[-1], len(self.bins))
        if np.array_equal(self.bins, evenly):  # then the values need not be sorted
            return np.histogram(values, len(self.bins) - 1, (self.bins[0], self.bins[-1]))[0]
        return np.histogram(values, self.bins)[0]

    def remember(self):
        super().remember()
        for patch, ghost in self._step_ghosts:
            ghost.set_data(patch.get_data().values)
            ghost.set_visible(True)

    def forget(self):
        super().forget()
        for _, ghost in self._step_ghosts:
            ghost.set_data(np.zeros(len(self.bins) - 1))
            ghost.set_visible(False)


class Scatter(Panel):
    """Points of one or more kinds, each with its colour and marker."""

    def __init__(
        self, canvas, axes, names=("",), *, colors=None, markers=None, size=5, legend=None,
        **options,
    ):  # fmt: skip
        super().__init__(canvas, axes, **options)
        self.points = {
            name: self.line(
                color=color, marker=marker, markersize=size, linestyle="none", zorder=3,
                markeredgewidth=0.5, markeredgecolor="white",
            )
            for name, color, _, marker in looks(names, colors, markers=markers)
        }  # fmt: skip
        self.legend(self.points, legend)

    def data(self):
        return np.concatenate([np.array(e.get_data(), float) for e in self.points.values()], axis=1)

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
        self.bars, self.marks = {}, {}
        for name, color, *_ in looks(names, colors):
            self.bars[name] = self.line(
                color=color, linewidth=7, alpha=0.55, solid_capstyle="butt", zorder=2, ghost=False
            )
            self.marks[name] = self.line(
                color=INK, marker="o", markersize=7, markerfacecolor="white", linestyle="none",
                markeredgewidth=1.4, zorder=4, ghost=False,
            )  # fmt: skip
        self.row = {name: len(self.bars) - 1 - k for k, name in enumerate(self.bars)}
        axes.set(yticks=list(self.row.values()), yticklabels=list(self.row))
        axes.set(ylim=(-0.7, len(self.row) - 0.3))
        axes.tick_params(axis="y", length=0)
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
