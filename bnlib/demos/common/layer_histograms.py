"""Rows of small histograms, one a layer, over larger axes."""

from ... import live


def rows_above(canvas, rows, columns, below, height_ratios):
    """Axes: (rows, columns) small ones in lists, and by name the larger ones of ``below``."""
    names = [[f"{row} {column}" for column in range(columns)] for row in range(rows)]
    layout = [[[each]] for each in (*names, below)]
    areas = canvas.mosaic(layout, height_ratios=height_ratios)
    return [[areas.pop(name) for name in row] for row in names], areas


class LayerHistograms:
    """A row of histograms of the same kinds of values, from the first layer to the last.

    Parameters
    ----------
    axes : one a layer
    title : str
        Each layer's, with its number for ``{}``.
    bins, names, options : of :class:`bnlib.live.Histogram`
    ylabel : str
        Only on the left.
    """

    def __init__(self, canvas, axes, title, bins, names, *, ylabel="", **options):
        self.panels = []
        for k, each in enumerate(axes):
            texts = {"title": title.format(k + 1), "ylabel": "" if k else ylabel}
            self.panels.append(live.Histogram(canvas, each, bins, names, **texts, **options))
            each.tick_params(labelleft=False, length=2)

    def rescale(self, low, high):
        for panel in self.panels:
            panel.rescale(low, high)

    def show(self, layers):
        """``layers``: name → values, layer by layer; there may be fewer layers than panels."""
        for k, panel in enumerate(self.panels):
            for name in panel.steps:
                values = layers.get(name, ())
                panel.update(values[k] if k < len(values) else [], name)
