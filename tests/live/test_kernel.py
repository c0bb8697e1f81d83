"""A demo in a real kernel, driven by the messages that a front end sends."""

import hashlib
import io

import pytest
from front_end import a_kernel
from PIL import Image

pytest.importorskip("jupyter_client")
pytestmark = pytest.mark.slow

CELL = "import json\nimport bnlib as bn\nexplorer = bn.demos.loss_contours()\nexplorer"
RATES = [10 ** (-3 + k / 20) for k in range(30)]
LOOK = """
import hashlib
def digest(png): return hashlib.sha256(bytes(png)).hexdigest()
def without_ghost(each):
    each.forget()
    return each.png()
shown = digest(explorer._image.value)
other = bn.demos.loss_contours()
other.set(**explorer.values)
seen = dict(shown=shown, alone=without_ghost(explorer) == without_ghost(other),
            values=explorer.values, open=explorer._box.comm is not None,
            controls=len(explorer.controls))
other.close()
"""


@pytest.fixture(scope="module")
def front_end(kernel_log):
    with a_kernel(kernel_log) as front_end:
        yield front_end


def arrived(front_end, **values):
    """Wait until the controls in the kernel have these values, and then for the sharp picture."""
    for _ in range(100):
        reply = front_end.run("", "another-cell", values="json.dumps(explorer.values)")
        held = front_end.held(reply, "values")
        front_end.listen(quiet=0.5)
        if held.items() >= values.items():
            return True
    return False


def look(front_end):
    """What the explorer in the kernel shows and holds."""
    reply = front_end.run(LOOK, "another-cell", seen="json.dumps(seen)")
    assert reply["status"] == "ok", reply
    return front_end.held(reply, "seen")


def test_a_burst_of_thirty_values_ends_at_the_last_and_stderr_stays_empty(front_end, kernel_log):
    assert front_end.run(CELL)["status"] == "ok"
    front_end.listen(quiet=0.5)
    for rate in RATES:
        front_end.move("learning rate", rate)
    assert arrived(front_end, learning_rate=RATES[-1])
    assert len(front_end.pictures) > 1
    last = front_end.pictures[-1]
    with Image.open(io.BytesIO(last)) as image:
        assert image.size == (1920, 740)  # sharp: it has come to rest
    seen = look(front_end)
    assert seen["shown"] == hashlib.sha256(last).hexdigest()
    assert seen["alone"]
    assert front_end.problems == []
    assert "Traceback" not in kernel_log.read_text()


def test_two_sliders_on_two_threads_of_the_kernel_end_at_both_last_values(front_end, kernel_log):
    assert front_end.run(CELL)["status"] == "ok"
    shells = front_end.subshell(), front_end.subshell()
    for k, rate in enumerate(RATES):
        front_end.move("learning rate", rate, shells[0])
        front_end.move("start (degrees)", 5 * k, shells[1])
        front_end.listen()  # a front end has one message of a widget under way
    assert arrived(front_end, learning_rate=RATES[-1], start=145)
    seen = look(front_end)
    assert seen["alone"]
    assert front_end.problems == []
    assert "Traceback" not in kernel_log.read_text()


def test_a_page_that_is_back_from_a_cut_line_has_new_controls_with_the_same_values(front_end):
    """What the old ones had under way may be lost, and they would wait for its answer for ever."""
    assert front_end.run(CELL)["status"] == "ok"
    front_end.move("learning rate", 0.02)
    assert arrived(front_end, learning_rate=0.02)
    before, (grid,) = set(front_end.models), front_end.holding("learning rate")
    front_end.ask_for_all_states(session="another page, which opens")
    assert set(front_end.models) == before
    front_end.ask_for_all_states()
    assert len(front_end.models) == len(before)
    assert len(before - set(front_end.models)) == look(front_end)["controls"]
    assert front_end.holding("learning rate") == [grid]
    front_end.move("learning rate", 0.03)
    assert arrived(front_end, learning_rate=0.03)
    seen = look(front_end)
    assert seen["alone"]
    assert seen["open"]
    front_end.run("explorer.close()")
    front_end.ask_for_all_states()  # nothing that is closed opens again
    assert front_end.holding("learning rate") == []
    assert front_end.problems == []


def test_a_slider_does_not_wait_for_the_end_of_a_cell(front_end):
    """Neither the first time nor after a cell has moved it itself."""
    shell = front_end.subshell()
    if shell is None:
        pytest.skip("this kernel has no subshells")
    assert front_end.run(CELL)["status"] == "ok"
    for code, rate in (("", 0.01), ("explorer.set(learning_rate=0.1)", 0.02)):
        front_end.run(code)
        front_end.listen(quiet=0.5)
        busy = "import time\nfor _ in range(1200):\n    time.sleep(0.1)"
        content = {"code": busy, "silent": False, "store_history": False, "allow_stdin": False}
        cell = front_end.send("execute_request", content)
        before = len(front_end.pictures)
        front_end.move("learning rate", rate, shell)
        while len(front_end.pictures) == before:
            assert cell in front_end.waiting, "the cell has ended, and there is no picture"
            front_end.take(front_end.client.get_iopub_msg(timeout=60))
        front_end.manager.interrupt_kernel()
        front_end.listen()
        front_end.client.get_shell_msg(timeout=60)
    front_end.problems.clear()  # the two interrupts


def living(front_end) -> int:
    """How many explorers there are in the kernel's memory."""
    code = "import gc\ngc.collect()"
    count = "sum(isinstance(each, bn.live.Explorer) for each in gc.get_objects())"
    reply = front_end.run(code, cell="count", held=count)
    return int(reply["user_expressions"]["held"]["data"]["text/plain"])


def test_running_the_cell_again_closes_the_old_explorer_and_the_new_one_works(front_end):
    front_end.run(CELL)
    front_end.listen(quiet=0.3)
    old = set(front_end.models)
    before = living(front_end)
    front_end.closed.clear()
    front_end.run(CELL)
    front_end.listen(quiet=0.3)
    assert set(front_end.closed) == old
    assert len(front_end.models) == len(old)
    assert living(front_end) == before  # IPython holds on to no earlier one
    front_end.run("bn.demos.loss_contours()", "yet-another-cell")
    front_end.run("explorer.close()")
    assert len(front_end.models) == len(old)  # another cell's stays
    front_end.run(CELL)
    front_end.run("bn.demos.feature_histograms()", "yet-another-cell")
    assert front_end.problems == []
