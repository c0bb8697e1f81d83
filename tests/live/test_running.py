"""Computations that go on in the background: pause, step, abandon, and Pythons without threads."""

import asyncio
import sys
import threading

import pytest
from toy import Stream, ghost, pixels, settle, toy, words

import bnlib.live.runner


@pytest.fixture(autouse=True)
def the_first_picture_is_the_first_result(monkeypatch):
    monkeypatch.setattr(bnlib.live.runner, "FIRST_SECONDS", 0.0)


def until(condition, seconds=10):
    waiting = threading.Event()
    for _ in range(int(seconds / 0.002)):
        if condition():
            return
        waiting.wait(0.002)
    raise AssertionError("it did not happen")


def live_run(from_browser, **options):
    """(stream, explorer) at rest, whose next run waits for ``stream.more`` before each result."""
    stream = Stream(**options)
    from_browser(False)
    explorer = toy(stream.as_generator())
    settle(explorer)
    from_browser(True)
    stream.gated = True
    for log in (stream.started, stream.made, stream.left):
        log.clear()
    return stream, explorer


def buttons(explorer):
    return explorer._run_buttons


def test_a_move_shows_the_first_result_and_goes_on_in_the_background(from_browser):
    stream, explorer = live_run(from_browser)
    explorer.controls["height"].value = 3.0
    assert explorer.result["number"] == 0
    assert pixels(explorer._image.value).shape == (200, 300, 3)
    assert explorer.busy
    for _ in range(3):
        stream.more.release()
    settle(explorer)
    assert stream.made == [(3.0, 0), (3.0, 1), (3.0, 2), (3.0, 3)]
    assert explorer.result["y"] == [0.0, 9.0]
    assert "ends at 9.0" in words(explorer)
    assert pixels(explorer._image.value).shape == (400, 600, 3)


def test_a_first_picture_waits_for_results_that_come_soon(from_browser, monkeypatch):
    monkeypatch.setattr(bnlib.live.runner, "FIRST_SECONDS", 60)
    stream, explorer = live_run(from_browser)
    stream.gated = False
    explorer.controls["height"].value = 3.0
    assert explorer.result["number"] == 3


def test_a_function_instead_of_a_result_is_called_only_where_it_is_shown(from_browser):
    called = []

    def compute(height, shape):
        for number in range(100):

            def numbers(number=number):
                called.append(number)
                return {"height": height, "number": number, "y": [0.0, height * number]}

            yield numbers

    explorer = toy(compute)
    settle(explorer)
    assert explorer.result["number"] == 99
    assert len(called) < 50
    called.clear()
    assert explorer.result_at(height=2.0)["y"] == [0.0, 198.0]
    assert called == [99]


def test_a_new_value_abandons_the_old_run(from_browser):
    stream, explorer = live_run(from_browser)
    explorer.controls["height"].value = 3.0
    # The background thread is inside the old run, which waits; the new value needs the lock.
    mover = threading.Thread(target=setattr, args=(explorer.controls["height"], "value", 4.0))
    version = explorer._runner._version
    mover.start()
    until(lambda: explorer._runner._version > version)
    for _ in range(12):
        stream.more.release()
    mover.join(10)
    settle(explorer)
    assert stream.started == [3.0, 4.0]
    assert stream.left == [3.0]
    assert (3.0, 3) not in stream.made
    assert stream.made[-4:] == [(4.0, number) for number in range(4)]
    assert explorer.result["y"] == [0.0, 12.0]


def test_abandoned_runs_release_what_they_hold_and_are_never_continued(from_browser):
    stream, explorer = live_run(from_browser, results=400)
    for _ in range(5000):
        stream.more.release()
    for height in (1.0, 2.0, 3.0, 4.0):
        explorer.controls["height"].value = height
    settle(explorer)
    begun = [height for height, _ in stream.made]
    assert begun == sorted(begun)  # no result of an older run after one of a newer
    assert set(stream.left) == set(stream.started) - {4.0}
    assert stream.made[-1] == (4.0, 399)


def test_only_one_thread_goes_on_with_runs(from_browser):
    stream, explorer = live_run(from_browser, results=3)
    before = threading.active_count()
    for _ in range(100):
        stream.more.release()
    for height in range(1, 9):
        explorer.controls["height"].value = float(height)
        assert threading.active_count() <= before + 1
    settle(explorer)
    until(lambda: threading.active_count() == before)


def test_pause_holds_the_run_and_resume_goes_on(from_browser):
    stream, explorer = live_run(from_browser)
    pause = buttons(explorer)["pause"]
    assert pause.disabled
    explorer._runner._drive, drive = (lambda: None), explorer._runner._drive  # not yet
    explorer.controls["height"].value = 3.0
    assert not pause.disabled
    assert pause.description == "Pause"
    explorer._runner._drive = drive
    pause.click()
    assert pause.description == "Resume"
    settle(explorer)  # at rest: it is paused
    assert stream.made == [(3.0, 0)]
    assert pixels(explorer._image.value).shape == (400, 600, 3)
    pause.click()
    assert pause.description == "Pause"
    for _ in range(3):
        stream.more.release()
    settle(explorer)
    assert stream.made[-1] == (3.0, 3)
    assert pause.disabled
    assert pause.description == "Pause"


def test_step_goes_one_result_further(from_browser):
    stream, explorer = live_run(from_browser)
    for _ in range(20):
        stream.more.release()
    step = buttons(explorer)["step"]
    step.click()  # the run was over: from the start
    settle(explorer)
    assert stream.made == [(1.0, 0)]
    for number in (1, 2, 3):
        step.click()
        settle(explorer)
        assert stream.made[-1] == (1.0, number)
        assert explorer.result["number"] == number
        assert f"ends at {number:.1f}" in words(explorer)
    step.click()  # there is nothing more
    settle(explorer)
    assert explorer.at_rest
    assert len(stream.made) == 4
    step.click()
    settle(explorer)
    assert stream.made[4:] == [(1.0, 0)]


def test_resume_after_steps_goes_to_the_end(from_browser):
    stream, explorer = live_run(from_browser)
    for _ in range(20):
        stream.more.release()
    buttons(explorer)["step"].click()
    buttons(explorer)["step"].click()
    buttons(explorer)["pause"].click()
    settle(explorer)
    assert stream.made == [(1.0, number) for number in range(4)]


def test_run_again_starts_over(from_browser):
    stream, explorer = live_run(from_browser)
    for _ in range(20):
        stream.more.release()
    buttons(explorer)["again"].click()
    settle(explorer)
    assert stream.made == [(1.0, number) for number in range(4)]
    assert explorer.result["number"] == 3


def test_a_new_value_ends_a_pause(from_browser):
    stream, explorer = live_run(from_browser)
    for _ in range(20):
        stream.more.release()
    buttons(explorer)["step"].click()
    settle(explorer)
    explorer.controls["height"].value = 2.0
    settle(explorer)
    assert stream.made[-1] == (2.0, 3)
    assert buttons(explorer)["pause"].description == "Pause"


def test_the_ghost_is_the_last_picture_at_rest_not_one_on_the_way(from_browser, rest_after):
    stream, explorer = live_run(from_browser)
    for _ in range(100):
        stream.more.release()
    assert explorer.result["y"] == [0.0, 3.0]
    rest_after(600)
    for height in (2.0, 4.0):
        explorer.controls["height"].value = height
        assert ghost(explorer) == [0.0, 3.0]
    rest_after(0.02)
    explorer.controls["height"].value = 5.0
    settle(explorer)
    explorer.controls["height"].value = 6.0
    assert ghost(explorer) == [0.0, 15.0]
    settle(explorer)


@pytest.mark.parametrize("how", ["move", "step"])
def test_a_run_that_fails_on_its_way_is_told_and_the_next_one_works(from_browser, how, caplog):
    stream, explorer = live_run(from_browser)
    for _ in range(100):
        stream.more.release()
    if how == "move":
        explorer.controls["shape"].value = "broken"
    else:
        explorer._runner._drive, drive = (lambda: None), explorer._runner._drive
        explorer.controls["shape"].value = "broken"
        explorer._runner._drive = drive
        buttons(explorer)["step"].click()
    settle(explorer)
    assert "This setting failed: ZeroDivisionError" in words(explorer)
    assert buttons(explorer)["pause"].disabled
    asyncio.run(explorer.settled())
    assert 'role="alert"' in words(explorer)
    explorer.controls["shape"].value = "plain"
    settle(explorer)
    assert explorer.result["number"] == 3
    assert 'role="status"' in words(explorer)


@pytest.mark.parametrize("browser", [True, False])
@pytest.mark.parametrize("generates", [True, False])
def test_an_interrupt_is_told_and_the_next_one_works(from_browser, browser, generates, caplog):
    """Ctrl-C, or the square button: it ends a cell; a slider's callback has nobody to tell."""

    def at_once(height, shape):
        if height == 3.0:
            raise KeyboardInterrupt
        return {"height": height, "y": [0.0, height]}

    def by_and_by(height, shape):
        yield {"height": height, "y": [0.0, 0.0]}
        yield at_once(height, shape)

    from_browser(False)
    explorer = toy(by_and_by if generates else at_once)
    settle(explorer)
    from_browser(browser)
    if browser:
        explorer.controls["height"].value = 3.0
    else:
        with pytest.raises(KeyboardInterrupt):
            explorer.set(height=3.0)
    settle(explorer)
    assert 'role="alert"' in words(explorer)
    assert "Interrupted" in words(explorer)
    assert explorer.at_rest
    assert not caplog.records
    explorer.controls["height"].value = 4.0
    settle(explorer)
    assert explorer.at_rest
    assert explorer.result["y"] == [0.0, 4.0]
    assert 'role="status"' in words(explorer)


@pytest.mark.parametrize("browser", [True, False])
def test_an_interrupt_of_what_waits_for_the_picture_in_hand(from_browser, monkeypatch, browser):
    class Interrupted:
        """A lock that another thread has: who waits for it is interrupted, once."""

        def __init__(self, lock):
            self.lock = lock

        def __enter__(self):
            monkeypatch.setattr(explorer._runner, "lock", self.lock)
            raise KeyboardInterrupt

        def __exit__(self, *error):
            raise AssertionError("it was not taken")

    from_browser(False)
    explorer = toy()
    settle(explorer)
    from_browser(browser)
    waiting = Interrupted(explorer._runner.lock)
    monkeypatch.setattr(explorer._runner, "lock", waiting)
    if browser:
        explorer._restart()
    else:
        with pytest.raises(KeyboardInterrupt):
            explorer._restart()
    settle(explorer)
    assert "Interrupted" in words(explorer)
    assert explorer.at_rest
    assert not explorer.busy
    explorer.controls["height"].value = 4.0
    settle(explorer)
    assert 'role="status"' in words(explorer)


def test_close_stops_the_run(from_browser):
    stream, explorer = live_run(from_browser, results=10_000)
    for _ in range(2):
        stream.more.release()
    explorer.controls["height"].value = 3.0
    until(lambda: len(stream.made) >= 2)
    closer = threading.Thread(target=explorer.close)
    version = explorer._runner._version
    closer.start()
    until(lambda: explorer._runner._version > version)
    for _ in range(3):
        stream.more.release()
    closer.join(10)
    settle(explorer)
    assert stream.left == [3.0]
    assert explorer._box.comm is None


# Pythons without threads


@pytest.fixture
def no_threads(monkeypatch):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)


def test_without_threads_the_event_loop_goes_on_with_the_run(no_threads, from_browser):
    stream = Stream(results=40)
    from_browser(False)
    explorer = toy(stream.as_generator())
    from_browser(True)

    async def move():
        explorer.controls["height"].value = 2.0
        first = explorer.result["number"]
        explorer.controls["height"].value = 3.0
        await explorer.settled()
        return first

    assert asyncio.run(move()) == 0
    assert explorer.result == {"height": 3.0, "number": 39, "y": [0.0, 117.0]}
    assert (2.0, 39) not in stream.made
    assert pixels(explorer._image.value).shape == (400, 600, 3)


def test_in_the_browsers_python_a_cell_shows_the_first_result_and_goes_on(
    no_threads, in_kernel, monkeypatch
):
    """A whole run could take a minute, in which the page would stand still."""
    monkeypatch.setattr(sys, "platform", "emscripten")
    stream = Stream(results=40)

    async def cell():
        explorer = toy(stream.as_generator())
        first = explorer.result["number"]
        await explorer.settled()
        return first, explorer.result["number"], explorer.at_rest

    assert asyncio.run(cell()) == (0, 39, True)
    closed = toy()  # in closed form there is nothing to wait for
    assert closed.at_rest


def test_without_threads_pause_and_step_work_too(no_threads, from_browser):
    stream = Stream()
    from_browser(False)
    explorer = toy(stream.as_generator())
    from_browser(True)

    async def click():
        seen = []
        for name in ("step", "step", "pause"):
            buttons(explorer)[name].click()
            await explorer.settled()
            seen.append(explorer.result["number"])
        return seen

    assert asyncio.run(click()) == [0, 1, 3]


def test_without_threads_or_a_loop_a_run_goes_to_its_end_at_once(no_threads, from_browser):
    stream = Stream()
    explorer = toy(stream.as_generator())
    explorer.controls["height"].value = 2.0
    assert not explorer.busy
    assert explorer.result["y"] == [0.0, 6.0]
    assert pixels(explorer._image.value).shape == (400, 600, 3)
    buttons(explorer)["step"].click()
    assert explorer.result["number"] == 0


def test_without_threads_or_a_loop_a_failure_is_told(no_threads, from_browser, caplog):
    explorer = toy(Stream().as_generator())
    explorer.controls["shape"].value = "broken"
    assert "This setting failed: ZeroDivisionError" in words(explorer)
    explorer.controls["shape"].value = "plain"
    assert explorer.result["number"] == 3


def test_without_threads_a_closed_form_is_sharp_at_rest(no_threads, from_browser):
    explorer = toy()

    async def move():
        explorer.controls["height"].value = 2.0
        plain = pixels(explorer._image.value).shape
        await explorer.settled()
        return plain

    assert asyncio.run(move()) == (200, 300, 3)
    assert pixels(explorer._image.value).shape == (400, 600, 3)
