"""Ten thousand random settings of all demos: a valid picture, words that agree, no exception.

A setting moves one control, several or all, to any value that they can take, not only those that
the tests of each demo try; presets and Reset come in between. Three ways: synchronously, runs of
demos that train cut short as in tests/demos; whole runs; and in a kernel of its own, by the
messages that a front end sends, where the picture is the one that the page would show.

Of most settings it is tried whether they hang on what was before: another explorer is led through
them the other way round, and shows the same picture, words and numbers.
"""

import hashlib
import logging
import re

import numpy as np
import pytest

import bnlib as bn
from tests.demos.driving import (
    check,
    check_picture,
    opened,
    pixels,
    says_diverged,
    told,
    without_ghost,
)
from tests.live.front_end import a_kernel
from tests.proof.random_settings import (
    after,
    alike,
    check_agreement,
    make,
    random_moves,
)

SHORT = {True: 110, False: 620}  # whether it trains -> settings, its runs cut short
WHOLE = {True: 10, False: 16}  # settings whose runs go to their end
LIVE = 84  # by a front end's messages
DEMOS = list(bn.demos.REGISTRY)


@pytest.fixture
def nothing_logged(caplog):
    """Fails where a demo has told its log of anything."""
    caplog.set_level(logging.DEBUG, logger="bnlib.live")
    yield
    assert [each.getMessage() for each in caplog.records if each.name == "bnlib.live"] == []


def seed_of(name, way):
    digest = hashlib.sha256(f"{name} {way}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:4], "little"))


def digest(explorer):
    picture, words = without_ghost(explorer)
    return hashlib.sha256(picture.tobytes()).hexdigest(), words


def lead(demo, moves):
    """Make all moves with a look at each; the values that each led to and what was shown there."""
    seen = []
    for move in moves:
        make(demo.explorer, move)
        values = demo.explorer.values
        check(demo, values)
        check_agreement(demo.explorer)
        seen.append((values, demo.explorer.result, *digest(demo.explorer)))
    return seen


def lead_back(demo, seen):
    """Another explorer through the same settings from the last to the first: it shows the same."""
    twin = demo.build()
    for values, result, picture, words in reversed(seen):
        twin.set(**values)
        assert alike(twin.result, result), values
        assert digest(twin) == (picture, words), values
    twin.close()


@pytest.mark.parametrize("name", ["drag_one_example"])
def test_a_few_settings_of_one_demo(name, tried, nothing_logged):
    """So that ``make test`` tries the way itself."""
    with opened(name) as demo:
        lead_back(demo, lead(demo, random_moves(demo.explorer, seed_of(name, "few"), 40)))
    tried("settings, synchronously", 40)


@pytest.mark.proof
@pytest.mark.parametrize("name", DEMOS)
def test_runs_cut_short(name, tried, nothing_logged):
    with opened(name) as demo:
        # Where the presets are quick no run is cut, or a slow one would cut those on the way back.
        demo.shortened.whole = not demo.shortened.results
        number = SHORT[demo.explorer.generates]
        moves = list(random_moves(demo.explorer, seed_of(name, "short"), number))
        seen = lead(demo, moves)
        # What is kept from run to run decides how far a run that is cut short has come.
        if not (demo.explorer.keeps and demo.shortened.cut):
            lead_back(demo, seen[:: 3 if demo.explorer.generates else 1])
    assert len({words for *_, words in seen}) > number / 4
    tried("settings, synchronously", number)
    tried("that diverged", sum(says_diverged(result) for _, result, *_ in seen))


@pytest.mark.proof
@pytest.mark.parametrize("name", DEMOS)
def test_whole_runs(name, tried, nothing_logged):
    with opened(name) as demo:
        demo.shortened.whole = True
        demo.shortened.cut = False
        number = WHOLE[demo.explorer.generates]
        moves = list(random_moves(demo.explorer, seed_of(name, "whole"), number))
        seen = lead(demo, moves)
        assert demo.explorer.at_rest
        assert not demo.shortened.cut
        lead_back(demo, seen[-2:])
    tried("settings, synchronously", number)
    tried("whole runs", number)


BEGIN = """
import json
import bnlib as bn
from tests.proof.random_settings import check_agreement
explorer = bn.demos.{name}()
explorer
"""
STATE = """
check_agreement(explorer)
assert vars(explorer._setting) == explorer.values
state = dict(values=explorer.values, words=explorer._words.value)
"""


@pytest.mark.proof
@pytest.mark.parametrize("name", DEMOS)
def test_in_a_kernel_as_a_front_end_moves_it(name, tried, tmp_path):
    pytest.importorskip("jupyter_client")
    model, log = bn.demos.REGISTRY[name](), tmp_path / "kernel.txt"  # for its controls
    values = model.values
    with a_kernel(log) as front_end:
        reply = front_end.run(BEGIN.format(name=name))
        assert reply["status"] == "ok", reply
        front_end.listen(quiet=0.5)
        moves = random_moves(model, seed_of(name, "live"), LIVE)
        for number, move in enumerate(moves, start=1):
            if isinstance(move, dict):
                for each, value in move.items():
                    control = model.controls[each]
                    front_end.change(control.description, **sent(control, value))
            else:
                front_end.click(move or "Reset")
            values = after(model, values, move)
            front_end.listen()
            width, height = model.canvas.pixels
            picture = pixels(front_end.pictures[-1])
            scale = picture.shape[1] // width
            check_picture(picture, (scale * width, scale * height))
            told(front_end.words())
            if number % 12 == 0:
                held_it_agrees(front_end, model, values)
        assert len(front_end.pictures) > LIVE / 2
        assert front_end.problems == []
    assert not re.search(r"Traceback|Error", log.read_text())
    model.close()
    tried("settings, by messages to a kernel", LIVE)


def sent(control, value):
    """What a front end sends where a control takes a value: of one with options, the number."""
    if not hasattr(control, "options"):
        return {"value": value}
    options = [o[1] if isinstance(o, tuple) else o for o in control.options]
    return {"index": options.index(value)}


def held_it_agrees(front_end, model, values):
    """Hold the run; then the kernel has the values that were sent, and shows what the page shows,
    in words that are the result's."""
    if model.generates:
        front_end.click("Pause")  # or it is over, and the button does nothing
    front_end.listen(quiet=0.4)
    reply = front_end.run(STATE, "another-cell", state="json.dumps(state)")
    assert reply["status"] == "ok", reply
    state = front_end.held(reply, "state")
    for name, value in values.items():
        there = state["values"][name]
        there = tuple(there) if isinstance(there, list) else there
        wanted = pytest.approx(value, rel=1e-9) if type(value) is float else value
        assert there == wanted, name
    assert state["words"] == front_end.words()


def test_words_of_a_divergence_are_recognized():
    """So that the agreement above can fail."""
    explorer = bn.demos.loss_contours()
    explorer.set(learning_rate=100.0)
    check_agreement(explorer)
    explorer.result["diverged"] = dict.fromkeys(explorer.result["diverged"], False)
    with pytest.raises(AssertionError):
        check_agreement(explorer)
    explorer.close()
