"""Every demo in REGISTRY, driven over the whole range of every control.

A demo that trains for seconds is cut short, always after the same number of results, so that the
picture is still decided by the values alone; of a demo that takes long fewer values are tried.
With ``--quick`` each control gets one value, the end of its range that is not the default.
"""

import itertools
import re
import threading
import time

import numpy as np
import pytest

import bnlib as bn
import bnlib.live.explorer
import bnlib.live.kernel
import bnlib.live.runner
from tests.demos.driving import (
    check,
    differs,
    opened,
    pixels,
    runs_in,
    values_of,
    without_ghost,
)

DEMO_SECONDS = 2.0  # for all values of all controls of a demo together
POINTS, COMBINATIONS = 11, 25


@pytest.fixture(scope="module", params=list(bn.demos.REGISTRY))
def demo(request):
    """An explorer, the picture it opens with, seconds of a run, and whether runs are cut short."""
    with opened(request.param) as demo:
        demo.quick = request.config.option.quick
        yield demo


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
