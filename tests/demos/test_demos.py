"""Every demo in REGISTRY, driven over the whole range of every control.

A demo that trains for seconds is cut short, always after the same number of results, so that the
picture is still decided by the values alone; of a demo that takes long fewer values are tried.
With ``--quick`` each control gets one value, the end of its range that is not the default.
"""

import contextlib
import io
import itertools
import re
import threading
import time
from types import SimpleNamespace

import ipywidgets as widgets
import numpy as np
import pytest
from PIL import Image

import bnlib as bn
import bnlib.live.explorer
import bnlib.live.kernel
import bnlib.live.runner
from bnlib.live.controls import nearest

RUN_SECONDS = 0.06  # a longer run is cut short
DEMO_SECONDS = 2.0  # for all values of all controls of a demo together
POINTS, COMBINATIONS = 11, 25


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


@pytest.fixture(scope="module", params=list(bn.demos.REGISTRY))
def demo(request):
    """An explorer, the picture it opens with, seconds of a run, and whether runs are cut short."""
    build = bn.demos.REGISTRY[request.param]
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
            name=request.param, build=build, explorer=explorer, start=start, seconds=seconds,
            shortened=shortened, defaults=explorer.values,
            quick=request.config.option.quick,
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


def check(demo, values):
    """What must hold at any setting."""
    explorer = demo.explorer
    given = {name: explorer.values[name] for name in values}
    assert given == values
    picture, words = shown(explorer)
    width, height = explorer.canvas.pixels
    assert picture.shape == (height, width, 3)
    assert len(np.unique(picture.reshape(-1, 3)[::97], axis=0)) > 3
    told = re.sub("<[^>]+>", " ", words)
    assert 'role="status"' in words
    assert len(told.split()) > 5
    assert not re.search(r"\b(nan|NaN|inf|None|infinity)\b", told), told
    assert explorer.alternative_text.startswith(explorer.title)
    result = explorer.result
    assert result
    if not says_diverged(result) and not demo.shortened.cut:
        assert all(np.isfinite(each) for each in numbers(result)), values


def differs(demo, one, other):
    """Whether two states look different (of a run cut short: or read differently)."""
    return (one[0] != other[0]).any() or (demo.shortened.cut and one[1] != other[1])


def without_ghost(explorer):
    explorer.forget()
    return shown(explorer)


def test_each_control_alone_over_its_whole_range(demo):
    explorer = demo.explorer
    options = sum(len(values_of(control, 2)) for control in explorer.controls.values())
    points = max(2, min(POINTS, 2 * runs_in(demo, DEMO_SECONDS / 2) // options))
    explorer.reset()
    default = without_ghost(explorer)
    idle = []
    for name, control in explorer.controls.items():
        pictures, values = [default], values_of(control, points)
        if demo.quick:
            values = [value for value in values if value != demo.defaults[name]][-1:]
        for value in values:
            explorer.set(**demo.defaults | {name: value})
            check(demo, {name: value})
            pictures.append(without_ghost(explorer))
        if not any(differs(demo, picture, default) for picture in pictures):
            idle.append(name)
    for name in (
        () if demo.quick else idle
    ):  # it works only beside another control: some preset moves that
        assert any(matters(demo, name, preset) for preset in explorer.presets), name


def matters(demo, name, preset):
    """Whether the control ``name`` changes the picture at a preset, in a run to its end."""
    explorer = demo.explorer
    demo.shortened.whole = True
    try:
        explorer.preset(preset)
        first = without_ghost(explorer)
        for value in values_of(explorer.controls[name], 2):
            explorer.set(**{name: value})
            if differs(demo, without_ghost(explorer), first):
                return True
        return False
    finally:
        demo.shortened.whole = False


def test_random_combinations(demo):
    explorer = demo.explorer
    rng = np.random.default_rng(0)
    grids = {name: values_of(control, POINTS) for name, control in explorer.controls.items()}
    seen = set()
    most = 3 if demo.quick else COMBINATIONS
    for _ in range(max(3, min(most, runs_in(demo, DEMO_SECONDS / 4)))):
        values = {name: grid[rng.integers(len(grid))] for name, grid in grids.items()}
        explorer.set(**values)
        check(demo, values)
        seen.add(explorer._image.value)
    assert len(seen) > 1


def test_presets_work_and_differ_from_the_default_and_from_one_another(demo):
    explorer = demo.explorer
    explorer.reset()
    states = [without_ghost(explorer)]
    assert 3 <= len(explorer.presets) <= 5
    for name in explorer.presets:
        explorer.preset(name)
        changed = {n: v for n, v in explorer.values.items() if v != demo.defaults[n]}
        assert changed
        check(demo, changed)
        states.append(without_ghost(explorer))
    for one, other in itertools.combinations(states, 2):
        assert differs(demo, one, other)


def test_reset_restores_the_picture_of_the_start_to_the_byte(demo):
    explorer = demo.explorer
    for name, control in explorer.controls.items():
        explorer.set(**{name: values_of(control, 2)[0]})
    explorer.reset()
    assert explorer.values == demo.defaults
    if not explorer.keeps:
        assert explorer.png() == demo.start


@pytest.mark.slow
def test_a_drag_draws_no_background_anew(demo, monkeypatch):
    """But for the controls of which the demo says that what stands still changes with them."""
    explorer, drawn = demo.explorer, []
    explorer.reset()
    monkeypatch.setattr(explorer.canvas, "redraw", lambda: drawn.append("redraw"))
    draw = explorer.canvas._draw_background
    monkeypatch.setattr(
        explorer.canvas, "_draw_background", lambda *each: (drawn.append(name), draw(*each))
    )
    still = {name for names in explorer._still for name in names}
    for name in [each for each in explorer.controls if each not in still]:
        for value in values_of(explorer.controls[name], 2):
            explorer.set(**{name: value})
        explorer.set(**{name: demo.defaults[name]})
    assert drawn == []


def test_the_png_is_sharp_and_the_words_belong_to_it(demo):
    explorer = demo.explorer
    explorer.preset(explorer.presets[0])
    width, height = explorer.canvas.pixels
    assert pixels(explorer.png()).shape == (2 * height, 2 * width, 3)
    bundle, metadata = explorer._repr_mimebundle_()
    assert set(bundle) >= {"text/plain", "image/png"}
    assert metadata["image/png"]["alt"] == explorer.alternative_text
    assert not re.search(r"0x[0-9a-f]|\d{4}", bundle["text/plain"])


def test_a_control_has_a_description_of_its_own(demo):
    descriptions = [control.description for control in demo.explorer.controls.values()]
    assert all(descriptions)
    assert len(set(descriptions)) == len(descriptions)


@pytest.mark.slow
def test_the_latest_values_win_in_a_burst_from_two_threads(demo, monkeypatch):
    """As the browser calls; the picture at the end is the one that the same values give alone."""
    explorer = demo.explorer
    explorer.reset()
    names = list(explorer.controls)[:1] + list(explorer.controls)[-1:]
    each = max(2, min(12, runs_in(demo, DEMO_SECONDS / 4) // 2))
    grids = {name: values_of(explorer.controls[name], each) for name in names}
    monkeypatch.setattr(bnlib.live.runner, "REST_SECONDS", 0.02)
    monkeypatch.setattr(bnlib.live.kernel, "kernel", object)
    monkeypatch.setattr(bnlib.live.explorer, "one_blas_thread_from_now_on", lambda: None)
    monkeypatch.setattr(bnlib.live.kernel, "from_browser", lambda: True)
    ready = threading.Barrier(len(grids))

    def drag(name):
        ready.wait()
        for value in grids[name]:
            explorer.controls[name].value = value

    threads = [threading.Thread(target=drag, args=(name,)) for name in grids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    end, waited = time.monotonic() + 60, threading.Event()
    while explorer.busy and time.monotonic() < end:
        waited.wait(0.01)
    assert not explorer.busy
    last = {name: grid[-1] for name, grid in grids.items()}
    assert explorer.values == demo.defaults | last
    burst = without_ghost(explorer)
    monkeypatch.undo()
    explorer.reset()
    explorer.set(**last)
    alone = without_ghost(explorer)
    if not explorer.keeps:
        np.testing.assert_array_equal(burst[0], alone[0])
        assert burst[1] == alone[1]
