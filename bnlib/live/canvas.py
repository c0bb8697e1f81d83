"""A figure that is drawn once and of which only the moving parts are drawn again."""

import io
import threading
import zlib

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from PIL import Image

from .style import RC

# Matplotlib's caches (fonts, text layout) are shared by all figures and are not thread-safe.
_drawing = threading.RLock()


class Canvas:
    """A figure without a window, whose moving artists are drawn over a stored background.

    Axes, ticks, titles and whatever else stands still are drawn once for each scale; a frame
    restores that background, draws the artists handed to :meth:`moving` and encodes a PNG. An
    artist that was not handed over may change as well (a line of a plain ``axes.plot``, a title):
    Matplotlib tells, and that frame draws the background anew, which takes some 20 ms.

    Parameters
    ----------
    width, height : float
        Inches; at scale 1 an inch has ``dpi`` pixels, at scale 2 twice as many.

    Attributes
    ----------
    figure : matplotlib.figure.Figure
    panels : list of Panel
        Those made on this canvas, in that order.
    """

    def __init__(self, width: float = 9.6, height: float = 3.4, dpi: int = 100):
        self.dpi = dpi
        with matplotlib.rc_context(RC):
            self.figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
        FigureCanvasAgg(self.figure)
        self.pixels = round(width * dpi), round(height * dpi)
        self.panels: list = []
        self._moving: list = []
        self._backgrounds: dict[int, bytes | np.ndarray] = {}
        self._laid_out = False

    def axes(self, rows: int = 1, columns: int = 1, **options):
        """Axes as ``Figure.subplots`` returns them, always as an array; in the house style."""
        with matplotlib.rc_context(RC):
            return np.atleast_1d(self.figure.subplots(rows, columns, **options))

    def mosaic(self, layout, **options):
        """Axes by name, as ``Figure.subplot_mosaic`` lays them out; in the house style."""
        with matplotlib.rc_context(RC):
            return self.figure.subplot_mosaic(layout, **options)

    def moving(self, artist):
        """Take ``artist`` out of the background and draw it in every frame; returns it."""
        artist.set_animated(True)
        self._moving.append(artist)
        self._moving.sort(key=lambda each: each.get_zorder())
        return artist

    def redraw(self):
        """Draw the background anew next time: where Matplotlib cannot know what has changed."""
        self._backgrounds.clear()

    def frame(self, scale: int = 1) -> bytes:
        """The picture as PNG bytes, ``scale`` times as many pixels each way."""
        size = self.pixels[0] * scale, self.pixels[1] * scale
        with _drawing:
            image = Image.frombuffer("RGBA", size, self._draw(scale), "raw", "RGBA", 0, 1)
            image = image.convert("RGB")
        # A palette of the few inks: half the time of full colour, and less than half the bytes.
        image = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        # The palette averages what lies close together; white is to stay white all the same.
        image.putpalette([255 if value >= 252 else value for value in image.getpalette()])
        out = io.BytesIO()
        image.save(out, "PNG", compress_level=1)
        return out.getvalue()

    def _draw(self, scale: int) -> np.ndarray:
        for panel in self.panels:
            panel.fit(sharp=scale > 1)
        if self.figure.stale:  # something that stands still has changed
            self._backgrounds.clear()
        width, height = self.pixels
        renderer = RendererAgg(width * scale, height * scale, self.dpi * scale)
        pixels = np.asarray(renderer.buffer_rgba())
        self.figure.dpi = self.dpi * scale
        try:
            if scale not in self._backgrounds:
                self._draw_background(renderer, pixels, scale)
            else:
                pixels[:] = self._background(scale, pixels.shape)
            for artist in self._moving:
                artist.draw(renderer)
        finally:
            self.figure.dpi = self.dpi
            self.figure.stale = False  # the scale made it so
        return pixels

    def _draw_background(self, renderer, pixels, scale):
        if not self._laid_out:  # once: axes that move with their labels would shake
            self.figure.draw_without_rendering()
            self.figure.set_layout_engine("none")
            self._laid_out = True
        renderer.clear()
        with matplotlib.rc_context(RC):
            self.figure.draw(renderer)
        # A sharp background has 5 MB and is nearly all white: kept packed, it costs a few ms.
        self._backgrounds[scale] = (
            pixels.copy() if scale == 1 else zlib.compress(pixels.tobytes(), level=1)
        )

    def _background(self, scale, shape):
        stored = self._backgrounds[scale]
        if isinstance(stored, bytes):
            stored = np.frombuffer(zlib.decompress(stored), np.uint8).reshape(shape)
        return stored
