"""What drives a demo through its settings, and what must hold at each.

A demo that trains for seconds is cut short, always after the same number of results, so that the
picture is still decided by the values alone.
"""

import contextlib
import io
import re
import time
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

import bnlib as bn
import bnlib.live.explorer
import bnlib.live.runner
from bnlib.live.controls import nearest

RUN_SECONDS = 0.06  # a longer run is cut short


class Shortened:
    """Stands for Runner; once a run has taken longer than RUN_SECONDS, all end where it did."""

    def __init__(self):
        self.results, self.cut, self.whole = None, False, False

    def __call__(self, compute, *arguments, generates):
        if generates:
            compute = self._shorten(compute)
        return bnlib.live.runner.Runner(compute, *arguments, generates=generates)

    def _shorten(self, compute):
        def run():
            begun = time.perf_counter()
            with contextlib.closing(compute()) as results:
                for number, result in enumerate(results, start=1):
                    yield result
                    late = number > 1 and time.perf_counter() - begun > RUN_SECONDS
                    if not self.whole and (number == self.results or (late and not self.results)):
                        self.results, self.cut = number, True
                        break

        return run


@contextlib.contextmanager
def opened(name):
    """An explorer, the picture it opens with, seconds of a run, and whether runs are cut short."""
    build = bn.demos.REGISTRY[name]
    with pytest.MonkeyPatch.context() as patch:
        shortened = Shortened()
        patch.setattr(bnlib.live.explorer, "Runner", shortened)
        explorer = build()
        for preset in explorer.presets if explorer.generates else ():
            if not shortened.results:
                explorer.preset(preset)
        explorer = build()  # the first for which it is decided where runs are cut
        start = explorer.png()
        begun = time.perf_counter()
        explorer.preset(explorer.presets[-1])
        explorer.reset()
        seconds = (time.perf_counter() - begun) / 2
        yield SimpleNamespace(
            name=name, build=build, explorer=explorer, start=start, seconds=seconds,
            shortened=shortened, defaults=explorer.values,
        )  # fmt: skip
        explorer.close()


def runs_in(demo, seconds) -> int:
    return int(seconds / max(demo.seconds, 1e-4))


def values_of(control, points):
    """Values over the whole range of a control, both ends included; every option of a few."""
    if isinstance(control, widgets.Checkbox):
        return [False, True]
    if isinstance(control, widgets.FloatLogSlider):
        exponents = np.linspace(control.min, control.max, points)
        return [nearest(control, float(control.base**e)) for e in exponents]
    if isinstance(control, widgets.FloatSlider | widgets.IntSlider):
        whole = isinstance(control, widgets.IntSlider)
        steps = np.linspace(0, (control.max - control.min) / control.step, points).round()
        values = control.min + steps * control.step
        return [
            int(v) if whole else min(round(float(v), 9), control.max) for v in np.unique(values)
        ]
    options = [o[1] if isinstance(o, tuple) else o for o in control.options]
    kept = np.linspace(0, len(options) - 1, min(len(options), max(points, 6))).round().astype(int)
    return [options[k] for k in kept]


def pixels(png):
    with Image.open(io.BytesIO(png)) as image:
        image.load()
        return np.asarray(image.convert("RGB"))


def numbers(value):
    """All numbers in a result, however deep."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        yield from value.ravel()
    elif isinstance(value, float | int | np.number):
        yield value


def says_diverged(result):
    said = result.get("diverged", False)
    return any(said.values()) if isinstance(said, dict) else bool(said)


def shown(explorer):
    """The pixels on show and the state in words."""
    return pixels(explorer._image.value), explorer._words.value


def check_picture(picture, size):
    """A picture of the size (width, height) in which there is something to see."""
    width, height = size
    assert picture.shape == (height, width, 3)
    assert len(np.unique(picture.reshape(-1, 3)[::97], axis=0)) > 3


def told(words) -> str:
    """The state in words without its tags; it is announced, and every number in it is one."""
    assert 'role="status"' in words, words
    text = re.sub("<[^>]+>", " ", words)
    assert len(text.split()) > 5
    assert not re.search(r"\b(nan|NaN|inf|None|infinity)\b", text), text
    return text


def check(demo, values):
    """What must hold at any setting."""
    explorer = demo.explorer
    given = {name: explorer.values[name] for name in values}
    assert given == values
    picture, words = shown(explorer)
    check_picture(picture, explorer.canvas.pixels)
    told(words)
    assert explorer.alternative_text.startswith(explorer.title)
    result = explorer.result
    assert result
    unknown = "beyond what was tried" in words  # NaN, and the words say so
    if not (says_diverged(result) or demo.shortened.cut or unknown):
        assert all(np.isfinite(each) for each in numbers(result)), values


def differs(demo, one, other):
    """Whether two states look different (of a run cut short: or read differently)."""
    return (one[0] != other[0]).any() or (demo.shortened.cut and one[1] != other[1])


def without_ghost(explorer):
    explorer.forget()
    return shown(explorer)
