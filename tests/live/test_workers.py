"""The processes that help in a long run are gone when it is over, however it ends."""

import contextlib
import signal
import sys
import threading
import time

import psutil
import pytest
from front_end import a_kernel

pytest.importorskip("jupyter_client")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="processes are counted by their names"),
]
SETUP = """
import json, time
import bnlib as bn
import bnlib.parallel
bnlib.parallel.cores = lambda: 3  # two processes besides the kernel, wherever this runs
"""
SHOW = "demo = bn.demos.workable_range()\ndemo"
PATIENCE = 120


class Workers:
    """The helpers of a kernel: how many there were at most since the last look, and are."""

    def __init__(self, pid):
        self.kernel, self.most, self.over = psutil.Process(pid), 0, False
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def now(self):
        found = 0
        for child in self.kernel.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                found += "spawn_main" in " ".join(child.cmdline())
        return found

    def _watch(self):
        while not self.over:
            with contextlib.suppress(psutil.Error):
                found = self.now()
                self.most = max(self.most, found)
            time.sleep(0.1)

    def wait_for(self, some: bool):
        end = time.monotonic() + PATIENCE
        while bool(self.now()) != some:
            assert time.monotonic() < end, f"{self.now()} processes, wanted: {some}"
            time.sleep(0.1)

    def came_and_went(self):
        self.wait_for(False)
        assert 1 <= self.most <= 2, f"{self.most} processes helped"
        self.most = 0


@pytest.fixture(scope="module")
def front_end(kernel_log):
    with a_kernel(kernel_log) as front_end:
        assert front_end.run(SETUP)["status"] == "ok"
        yield front_end


@pytest.fixture(scope="module")
def manager(front_end):
    return front_end.manager


@pytest.fixture(scope="module")
def workers(manager):
    workers = Workers(manager.provisioner.pid)
    yield workers
    workers.over = True
    workers.thread.join()


def test_after_a_run_to_its_end(front_end, workers):
    assert front_end.run(SHOW)["status"] == "ok"
    workers.came_and_went()


def choose(front_end, description, index):
    """What the browser sends when another of a choice's options is taken: 60 new jobs to do."""
    (model,) = [k for k, each in front_end.models.items() if each.get("description") == description]
    data = {"method": "update", "state": {"index": index}, "buffer_paths": []}
    front_end.send("comm_msg", {"comm_id": model, "data": data})


def test_after_a_setting_has_overtaken_a_run_and_the_last_one_is_stopped(front_end, workers):
    for index in (1, 2):
        choose(front_end, "activation", index)
        workers.wait_for(True)
    front_end.run("demo.stop()")
    workers.wait_for(False)
    assert workers.most <= 4  # those of the run before may still be at their last jobs
    workers.most = 0


def test_after_the_cell_is_run_again_in_the_midst_of_a_run(front_end, workers):
    choose(front_end, "upwards", 1)
    workers.wait_for(True)
    assert front_end.run("demo = bn.demos.loss_contours()\ndemo.close()")["status"] == "ok"
    front_end.run(SHOW)
    workers.wait_for(False)
    assert workers.most <= 4
    workers.most = 0


@pytest.mark.parametrize(
    "code",
    [
        "for k, _ in enumerate(bn.in_parallel(time.sleep, [0.1] * 200)):\n    if k > 30: 1 / 0",
        "list(bn.in_parallel(time.sleep, [0.1] * 100 + [-1] * 100))",
        "runs = bn.in_parallel(time.sleep, [0.1] * 100 + [-1] * 100)\nfor _ in runs: pass",
    ],
)
def test_after_an_exception_in_the_loop_or_in_a_job(code, front_end, workers):
    assert front_end.run(code)["status"] == "error"
    workers.came_and_went()


def test_after_an_interrupt(front_end, manager, workers, kernel_log):
    """The workers get the signal, too: no traceback of theirs among the cell's output."""

    def interrupt():
        workers.wait_for(True)
        time.sleep(3)
        manager.signal_kernel(signal.SIGINT)

    other = threading.Thread(target=interrupt)
    other.start()
    reply = front_end.run("for _ in bn.in_parallel(time.sleep, [0.1] * 2000): pass")
    other.join()
    assert reply["ename"] == "KeyboardInterrupt"
    workers.came_and_went()
    said = kernel_log.read_text() + str([e for e in front_end.problems if "text" in e])
    assert "Process" not in said, said


def test_a_kernel_whose_pictures_rest_does_nothing(front_end, workers):
    """A demo in closed form and one that trains, moved and then left alone."""
    for name, slider, value in (
        ("loss_contours", "learning rate", 0.01),
        ("deep_network", "learning rate", 1.0),
    ):
        code = f"shown = bn.demos.{name}()\nshown"
        assert front_end.run(code, cell=name)["status"] == "ok"
        front_end.move(slider, value)
        front_end.run("await shown.settled()", cell="another")
        front_end.run("shown.close()", cell="another")
    names = front_end.run("import threading", names="[t.name for t in threading.enumerate()]")
    assert "_in_thread" not in str(names["user_expressions"]["names"])
    time.sleep(1)
    before = sum(workers.kernel.cpu_times()[:2])
    time.sleep(5)
    used = sum(workers.kernel.cpu_times()[:2]) - before
    assert used < 0.1, f"{used:.2f} s of processor time in 5 s at rest"
