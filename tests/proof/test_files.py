"""A set-up that is interrupted, without space, in an odd folder or done twice at once ends well."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.proof import elsewhere
from tests.proof.elsewhere import ROOT

SET_UP = 1500  # seconds of patience: half a minute where nothing else runs
ODD = "my 课程 copy"
PORTLESS = "--no-browser --port=0 --ServerApp.port_retries=50 --allow-root"
# A part of the tests that is quick and needs the whole set-up.
PART = "TEST_ARGS=tests/unit/test_normalization.py -k normalize"

pytestmark = [
    pytest.mark.proof,
    pytest.mark.skipif(shutil.which("make") is None, reason="needs make"),
    pytest.mark.skipif(sys.platform == "win32", reason="signals and disks as Linux and macOS"),
]


@pytest.fixture
def clone(tmp_path):
    """``clone(name)``: a fresh clone of the checkout, without an environment."""
    if not (ROOT / ".git").exists():
        pytest.skip("needs a clone, this is a copy without history")

    def make_clone(name="clone", folder=tmp_path):
        command = ("git", "clone", "--quiet", "--depth=1", ROOT.as_uri(), folder / name)
        subprocess.run(command, check=True)
        return folder / name

    yield make_clone
    shutil.rmtree(tmp_path, ignore_errors=True)  # a gigabyte


def settings(folder, **changes):
    """The variables of somebody who has just cloned, with Jupyter's own files in ``folder``."""
    kept = {k: v for k, v in elsewhere.surroundings(folder, PYTHONPATH=None).items() if v}
    names = ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")
    own = {f"JUPYTER_{name}": str(folder.parent / f"jupyter {name}") for name in names}
    return kept | own | {"JUPYTER_TOKEN": "proof", "PYTHONUNBUFFERED": "1"} | changes


def begin(folder, *arguments, **changes):
    """Start make in a process group of its own, as a terminal does; its words go to a file."""
    log = folder.parent / f"{time.monotonic_ns()}.log"
    command = ["make", *arguments]
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=folder, env=settings(folder, **changes), start_new_session=True,
            stdout=file, stderr=subprocess.STDOUT,
        )  # fmt: skip
    process.log = log
    return process


def said(process) -> str:
    return process.log.read_text(encoding="utf-8", errors="replace")


def end(process, kind=signal.SIGKILL):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, kind)
    process.wait(60)


def finished(process) -> str:
    """What it says, once it has ended well."""
    try:
        code = process.wait(SET_UP)
    finally:
        end(process)
    assert code == 0, said(process)[-5000:]
    return said(process)


def server(process, folder):
    """The address of the JupyterLab that `make lab` starts, once it answers."""
    runtime, last = Path(settings(folder)["JUPYTER_RUNTIME_DIR"]), time.monotonic() + SET_UP
    while time.monotonic() < last:
        assert process.poll() is None, said(process)[-5000:]
        for path in runtime.glob("jpserver-*.json"):
            with contextlib.suppress(json.JSONDecodeError):  # not yet written to its end
                return json.loads(path.read_text(encoding="utf-8"))["url"]
        time.sleep(0.5)
    raise TimeoutError(said(process)[-5000:])


def answers(address, path="lab/tree/00_tour.ipynb") -> bytes:
    request = urllib.request.Request(address + path, headers={"Authorization": "token proof"})
    with urllib.request.urlopen(request, timeout=60) as got:
        return got.read()


def works(folder, **changes):
    """`make lab` ends its set-up, its server answers, and no package lacks a file."""
    process = begin(folder, "lab", f"LAB_ARGS={PORTLESS}", **changes)
    try:
        address = server(process, folder)
        assert b"JupyterLab" in answers(address)
        assert b"00_tour" in answers(address, "api/contents")
    finally:
        end(process, signal.SIGTERM)
        end(process)
    python = elsewhere.python_of(folder / ".venv")
    script = "from pathlib import Path; from set_up import half\n"
    script += "print(*map(half, Path('.').glob('.venv/*/*/site-packages/*.dist-info')))"
    env = settings(folder) | {"PYTHONPATH": str(folder / "scripts")}
    done = elsewhere.run([python, "-m", "pip", "check"], cwd=folder, env=env)
    assert done.returncode == 0, done.stdout
    done = elsewhere.run([python, "-c", script], cwd=folder, env=env)
    assert set(done.stdout.split()) == {"False"}, done.stdout


def wait_for(process, condition, what):
    last = time.monotonic() + SET_UP
    while not condition():
        assert process.poll() is None, f"it ended before {what}:\n{said(process)[-5000:]}"
        assert time.monotonic() < last, f"never {what}:\n{said(process)[-5000:]}"
        time.sleep(0.02)


def packages(folder):
    return len(list(folder.glob(".venv/lib/python*/site-packages/*.dist-info")))


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGKILL], ids=lambda kind: kind.name)
def test_an_interrupted_set_up_goes_on(kind, clone, tried):
    folder = clone()
    moments = {
        "the environment is begun": lambda: (folder / ".venv/pyvenv.cfg").exists(),
        "pip is in it": lambda: packages(folder) == 1,
        "some packages are in it": lambda: packages(folder) >= 30,
        "half of them are in it": lambda: packages(folder) >= 60,
    }
    for what, condition in moments.items():
        process = begin(folder, "lab", f"LAB_ARGS={PORTLESS}")
        wait_for(process, condition, what)
        end(process, kind)
        assert process.returncode != 0
        assert not (folder / ".venv/lab.stamp").exists(), f"{what}, and it is taken for whole"
        tried("interruptions")
    works(folder)


@pytest.fixture
def small_disk(clone):
    """``small_disk(folder, megabytes)``: a disk of that size at the folder; again: it grows."""
    disks = []

    def disk(folder, megabytes):
        folder.mkdir(exist_ok=True)
        options = ("-o", f"size={megabytes}m{',remount' if folder in disks else ''}")
        command = ("mount", "-t", "tmpfs", *options, "tmpfs", folder)
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            pytest.skip("needs the right to mount a small disk")
        disks.append(folder)
        return folder

    yield disk
    for folder in set(disks):
        subprocess.run(("umount", "--lazy", folder), check=True)


def test_a_full_disk(small_disk, clone, tried):
    """Too small for the environment, for pip's packages, for many of them; then it grows."""
    folder = clone()
    for megabytes in (4, 60, 250):
        small_disk(folder / ".venv", megabytes)
        process = begin(folder, "lab", f"LAB_ARGS={PORTLESS}")
        try:
            assert process.wait(SET_UP) != 0
        finally:
            end(process)
        words = said(process)
        assert ".venv is not ready. Only " in words, words[-5000:]
        assert "the same command goes on" in words
        assert not (folder / ".venv/lab.stamp").exists()
        tried("full disks")
    small_disk(folder / ".venv", 3000)
    works(folder)


def test_a_full_home(small_disk, clone, tried):
    """Jupyter keeps its own files there: it says that there is no space, and later it starts."""
    folder = clone()
    finished(begin(folder, ".venv/lab.stamp"))
    home = small_disk(folder.parent / "home", 1)
    with contextlib.suppress(OSError), (home / "big").open("wb", buffering=0) as big:
        while True:
            big.write(bytes(4096))
    places = {f"JUPYTER_{n}_DIR": str(home / n) for n in ("CONFIG", "DATA", "RUNTIME")}
    full = {"HOME": str(home), **places}
    process = begin(folder, "lab", f"LAB_ARGS={PORTLESS}", **full)
    try:
        assert process.wait(300) != 0
    finally:
        end(process)
    assert "No space left on device" in said(process), said(process)[-5000:]
    (home / "big").unlink()
    small_disk(home, 50)
    works(folder, HOME=str(home))
    tried("full disks")


def test_a_folder_with_spaces_and_chinese_characters(clone, tmp_path, tried):
    folder = clone(ODD)
    works(folder)
    words = finished(begin(folder, "test", PART))
    assert " passed" in words
    python, out = elsewhere.python_of(folder / ".venv"), tmp_path / "executed 笔记"
    command = (python, "-m", "nbconvert", "--to", "notebook", "--execute", "--output-dir", out)
    notebook = folder / "notebooks/05_ema_test_time.ipynb"
    done = elsewhere.run([*command, notebook], cwd=tmp_path, env=settings(folder))
    assert done.returncode == 0, done.stdout[-5000:]
    assert elsewhere.problems(out / notebook.name, folder) == []
    tried("odd folders")


def test_two_at_once(clone, tried):
    """Both from nothing: one sets up, the other waits; both run their tests."""
    folder = clone()
    both = [begin(folder, "test", PART) for _ in range(2)]
    try:
        words = [finished(process) for process in both]
    finally:
        for process in both:
            end(process)
    assert all(" passed" in each and "failed" not in each for each in words), words
    assert sum("Waiting for it" in each for each in words) == 1, words
    tried("set-ups at once", 2)
