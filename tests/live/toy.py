"""A small explorer, and ways to look at what it shows."""

import io
import threading

import numpy as np
from PIL import Image

from bnlib import live

PNG = b"\x89PNG\r\n\x1a\n"


def pixels(png) -> np.ndarray:
    """The picture's pixels (rows, columns, 3); fails where the file is not a whole PNG."""
    assert bytes(png[:8]) == PNG
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return np.asarray(image.convert("RGB"))


def canvas_and_axes():
    canvas = live.Canvas(3.0, 2.0)
    (axes,) = canvas.axes()
    return canvas, axes


def closed_form(height, shape):
    """A computation that is done at once."""
    if shape == "broken":
        raise ZeroDivisionError("it <broke>")
    return {"height": height, "shape": shape, "y": [0.0, height]}


class Stream:
    """A computation that goes on: each result waits until ``more`` is released once.

    ``started`` holds the height of every run that was begun, ``made`` (height, number) of every
    result, ``left`` the height of every run that was abandoned.
    """

    def __init__(self, results=4, gated=False):
        self.results, self.gated, self.more = results, gated, threading.Semaphore(0)
        self.started, self.made, self.left = [], [], []

    def __call__(self, height, shape):
        self.started.append(height)
        try:
            for number in range(self.results):
                if self.gated and number:
                    assert self.more.acquire(timeout=10), "nobody released the next result"
                if shape == "broken" and number == 1:
                    raise ZeroDivisionError("it <broke>")
                self.made.append((height, number))
                yield {"height": height, "number": number, "y": [0.0, height * number]}
        except GeneratorExit:
            self.left.append(height)
            raise

    def as_generator(self):
        """A generator function, as the explorer looks for one."""

        def compute(height, shape):
            yield from self(height, shape)

        return compute


def toy(compute=closed_form, **options):
    """An explorer of one line from (0, 0) to (1, last y)."""
    canvas, axes = canvas_and_axes()
    curves = live.Curves(canvas, axes, ("line",), legend=None, xlim=(0, 1), ylim=(-5, 50))

    def show(result, setting):
        curves.update("line", [0.0, 1.0], result["y"])

    controls = {
        "height": live.slider("height", 1.0, 0.0, 9.0, 0.1),
        "shape": live.choice("shape", "plain", ("plain", "broken")),
    }
    presets = {"high": {"height": 8.0}, "low": {"height": 0.5}}
    arguments = {
        "title": "A line",
        "canvas": canvas,
        "controls": controls,
        "compute": compute,
        "show": show,
        "describe": lambda result, setting: (
            f"height {result['height']:.1f}\nends at {result['y'][1]:.1f} & <"
        ),
        "presets": presets,
    }
    made = live.Explorer("toy", **(arguments | options))
    made.curves = curves
    return made


def ghost(explorer) -> list[float]:
    """The y of the line's ghost."""
    ((_, line),) = explorer.curves._ghosts
    return list(line.get_ydata())


def words(explorer) -> str:
    return explorer._words.value


def settle(explorer, seconds=20):
    """Wait, from plain Python, until nothing goes on in the background."""
    waited = threading.Event()
    for _ in range(int(seconds / 0.005)):
        if not explorer.busy:
            return
        waited.wait(0.005)
    raise AssertionError("the explorer does not come to rest")
