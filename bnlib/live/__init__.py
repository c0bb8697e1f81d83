"""The live engine: sliders and pictures that follow one another at once.

It knows nothing of batch normalization. :class:`Canvas` draws, panels own the artists, controls
are core ipywidgets, and :class:`Explorer` ties them to a computation.
"""
# ruff: noqa: F401 (what is imported here is public)

from . import style  # before Matplotlib, whose message it keeps back
from .canvas import Canvas
from .controls import choice, int_slider, log_slider, menu, slider, steps_slider, switch
from .explorer import Explorer
from .maps import Contours, Heatmap
from .panel import Panel
from .panels import Curves, Histogram, Scatter, Spans

__all__ = sorted(n for n, v in globals().items() if f"{__name__}." in getattr(v, "__module__", ""))
