"""A panel: axes that own their artists.

It is made once with everything that stands still (limits, labels, title). ``update`` hands it new
data, ``remember`` lets what it shows at present stay behind as a faint ghost. Arrays may hold NaN
or infinity where a run has diverged: those points are left out. Axes without given limits make room
for their data by and by; they shrink only where the settings before this one are forgotten.
"""

from itertools import cycle

import matplotlib
import numpy as np
from matplotlib.ticker import MaxNLocator

from .style import DASHES, RC, SERIES


def looks(names, colors=None, dashes=None, markers=None, inks=SERIES):
    """(name, color, dash, marker) for each of ``names``, where a str is one: their looks.

    Colours, dashes and markers are one for each name; where None are given, colours are the first
    of ``inks``. ValueError where there are more names than inks, or not as many of what is given.
    """
    names = (names,) if isinstance(names, str) else tuple(names)
    if len(set(names)) < len(names):
        raise ValueError(f"names must differ from one another, got {names}")
    if colors is None and len(names) > len(inks):
        raise ValueError(
            f"{len(names)} names, but there are {len(inks)} inks that can be told apart: "
            "pass colors= with one for each name, or show fewer"
        )
    for what, given in {"colors": colors, "dashes": dashes, "markers": markers}.items():
        if given is not None and len(given) != len(names):
            raise ValueError(f"{what} must hold one for each of {len(names)} names: {len(given)}")
    columns = names, colors or inks, dashes or cycle(DASHES), markers or cycle("osD^vP")
    return zip(*columns, strict=False)


def round_limits(low, high, scale="linear"):
    """Round numbers around [low, high]: whole decades, or multiples of 1, 2 or 5 times 10^k."""
    if scale == "log":
        low, high = np.floor(np.log10(low)), np.ceil(np.log10(high))
        return 10.0**low, 10.0 ** max(high, low + 1)
    room = (low == high) * (abs(low) or 1.0) / 2
    ticks = MaxNLocator(5, steps=(1, 2, 5, 10)).tick_values(low - room, high + room)
    return float(ticks[0]), float(ticks[-1])


class Panel:
    """Axes with a title, labels and limits; the base of all panels."""

    def __init__(
        self, canvas, axes, *, title="", xlabel="", ylabel="", xlim=None, ylim=None,
        xscale="linear", yscale="linear",
    ):  # fmt: skip
        self.canvas, self.axes = canvas, axes
        canvas.panels.append(self)
        self._ghosts: list = []
        self._at_rest: list = []  # words of the sharp picture
        self._seen = {}  # axis without given limits -> (low, high) of its data so far
        axes.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
        self.title(title)
        self.limits(xlim, ylim)

    def limits(self, xlim=None, ylim=None):
        """Fix the axes' limits; costs a new background, so not while a slider moves."""
        for axis, wanted in (("x", xlim), ("y", ylim)):
            if wanted is not None:
                getattr(self.axes, f"set_autoscale{axis}_on")(False)
                self._limit(axis, wanted, auto=False)

    def _limit(self, axis, wanted, auto):
        if getattr(self.axes, f"get_{axis}lim")() != tuple(wanted):
            getattr(self.axes, f"set_{axis}lim")(wanted, auto=auto)

    def title(self, text: str):
        """Change the title; costs a new background, so not while a slider moves."""
        if text != self.axes.get_title(loc="left"):
            self.axes.set_title(text, loc="left", fontsize=RC["axes.titlesize"], fontweight="bold")

    def legend(self, artists, loc):
        """Matplotlib's legend of these artists by name; none where ``loc`` is None."""
        if loc and any(artists):
            self.axes.legend(artists.values(), artists, loc=loc, fontsize=8.5, frameon=False)

    def data(self):
        """What there must be room for where no limits were given: arrays x and y, of one length."""
        return np.empty((2, 0))

    def fit(self, sharp: bool = True):
        """Make room for the data. The canvas asks for it before each frame, sharp or plain."""
        for words in self._at_rest:
            words.set_visible(sharp)
        for k, axis in enumerate("xy"):
            if getattr(self.axes, f"get_autoscale{axis}_on")():
                scale = getattr(self.axes, f"get_{axis}scale")()
                values = self.data()[k]
                values = values[np.isfinite(values) & ((scale != "log") | (values > 0))]
                values = np.append(values, self._seen.get(axis, ()))
                if values.size:
                    self._seen[axis] = low, high = values.min(), values.max()
                    self._limit(axis, round_limits(low, high, scale), auto=True)

    def text(self, x, y, words="", *, at_rest=False, **options):
        """A line of words at (x, y) in fractions of the axes, that moves with the frames.

        ``at_rest``: only in the sharp picture, since words take longer to draw than lines.
        """
        options = {"transform": self.axes.transAxes, "fontsize": 8.5, "zorder": 6} | options
        with matplotlib.rc_context(RC):
            text = self.canvas.moving(self.axes.text(x, y, words, **options))
        if at_rest:
            self._at_rest.append(text)
        return text

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

    def keep(self):
        """Leave what is drawn in place until what comes has passed it: for curves that grow."""

    def forget(self):
        """Forget earlier settings (not comparable, or on Reset): their ghost and the room made."""
        for _, ghost in self._ghosts:
            ghost.set_data([], [])
        self._seen.clear()
