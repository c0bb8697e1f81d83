"""Many runs on several cores: the same results, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bnlib import parallel
from bnlib.parallel import in_parallel

JOBS = list(range(-30, 30))


@pytest.mark.parametrize("workers", [0, 1])
def test_every_job_is_done_once_whoever_does_it(workers):
    results = list(in_parallel(abs, JOBS, workers))
    assert sorted(results) == [(job, abs(job)) for job in JOBS]


def test_it_imports_and_works_where_there_are_no_processes():
    code = (Path(__file__).parent / "as_in_a_browser.py").read_text(encoding="utf-8") + (
        "import bnlib as bn\n"
        "bn.demos.REGISTRY, bn.live, bn.checks\n"
        "for workers in (0, 1, None):\n"
        "    assert dict(bn.in_parallel(abs, [1, -2], workers)) == {1: 1, -2: 2}\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_without_a_notebook_no_process_is_started():
    before = psutil.Process().children(recursive=True)
    assert dict(in_parallel(abs, JOBS)) == {job: abs(job) for job in JOBS}
    assert psutil.Process().children(recursive=True) == before


@pytest.mark.parametrize(("seconds", "asked"), [(0, [len(JOBS)]), (60, [])])
def test_a_run_that_is_soon_over_or_overtaken_asks_for_no_process(seconds, asked, monkeypatch):
    told = []
    monkeypatch.setattr(parallel, "SETTLED", seconds)
    monkeypatch.setattr(parallel, "_helpers", lambda jobs: told.append(jobs) or 0)
    assert dict(in_parallel(abs, JOBS)) == {job: abs(job) for job in JOBS}
    assert told == asked


def test_a_job_that_fails_says_so():
    with pytest.raises(TypeError, match="abs"):
        list(in_parallel(abs, [1, "two"], 0))


def test_closing_drops_the_jobs_not_yet_begun():
    results = in_parallel(abs, JOBS, 1)
    next(results)
    results.close()
    with pytest.raises(StopIteration):
        next(results)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
@pytest.mark.parametrize("name", ["SIGINT", "SIGKILL"])
def test_every_job_is_done_although_the_worker_is_interrupted_or_killed(name):
    """An interrupt of the kernel goes to what it has started, too; it is not meant for that."""
    jobs = list(range(-3000, 3000))
    before = psutil.Process().children()
    results, found = in_parallel(abs, jobs, 1), []
    for _ in range(100):
        found.append(next(results))
    (worker,) = (each for each in _workers(os.getpid()) if each not in before)
    worker.send_signal(getattr(signal, name))
    time.sleep(0.5)
    assert _alive(worker) == (name == "SIGINT")
    found += results
    assert sorted(found) == [(job, abs(job)) for job in jobs]


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_worker_does_not_outlive_a_killed_parent(tmp_path):
    script = tmp_path / "run.py"
    script.write_text(
        "import time\n"
        "from bnlib.parallel import in_parallel\n"
        "if __name__ == '__main__':\n"
        "    for job in in_parallel(abs, list(range(100_000)), workers=1):\n"
        "        time.sleep(0.01)\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)])
    worker = _wait_for(lambda: _workers(parent.pid))[0]
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert _wait_for(lambda: not _alive(worker))


def _workers(pid):
    children = psutil.Process(pid).children()
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def _alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            time.sleep(1)  # the worker sets up its watch while it starts
            return found
        time.sleep(0.1)
    raise AssertionError("waited in vain")
