"""A step of the set-up runs once, alone, and mends what an interrupted one left."""

import os
import subprocess
import sys
import time

import pytest
import set_up

SCRIPT = set_up.__file__


@pytest.fixture
def environment(tmp_path):
    """An environment with a Python and one installed package."""
    package = tmp_path / "env/lib/python3.11/site-packages/tool-1.0.dist-info"
    package.mkdir(parents=True)
    (package.parent / "tool.py").touch()
    (package / "RECORD").write_text('tool.py,,0\n"tool-1.0.dist-info/RECORD",,\nnever.pyc,,\n')
    (tmp_path / "env/bin").mkdir()
    (tmp_path / "env/bin/python").touch()
    return tmp_path / "env"


def step(environment, *needed, says="done", code=0):
    """Run a step that appends a word to a file and ends with a code."""
    command = [sys.executable, "-c", f"print({says!r}, file=open('log', 'a')); exit({code})"]
    parts = [sys.executable, SCRIPT, "env/lab.stamp", *needed, "--", *command, "--", *command]
    return subprocess.Popen(
        parts, cwd=environment.parent, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def log(environment):
    path = environment.parent / "log"
    return path.read_text().split() if path.exists() else []


def test_a_step_runs_once_until_what_it_needs_changes(environment):
    needed = environment.parent / "requirements.txt"
    needed.touch()
    for times in (2, 2):
        assert step(environment, needed.name).wait() == 0
        assert log(environment) == ["done"] * times
    later = time.time() + 60
    os.utime(needed, (later, later))
    assert step(environment, needed.name).wait() == 0
    assert log(environment) == ["done"] * 4


def test_an_environment_in_a_folder_that_is_not_there_yet(tmp_path):
    command = [sys.executable, "-c", "pass"]
    parts = [sys.executable, SCRIPT, "in/a/folder/venv.stamp", "--", *command]
    done = subprocess.run(parts, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "in/a/folder/venv.stamp").exists()


def test_a_failing_step_is_not_done(environment):
    said = step(environment, code=3).communicate()[0]
    assert "env is not ready. Once the reason is gone, the same command goes on." in said
    assert log(environment) == ["done"]
    assert not (environment / "lab.stamp").exists()


def test_the_second_of_two_waits_and_has_nothing_to_do(environment):
    with set_up.alone(environment):
        first = step(environment)
        assert first.stdout.readline() == "Another make is setting up env. Waiting for it.\n"
        second = step(environment)
        assert "Waiting for it" in second.stdout.readline()
        assert log(environment) == []
    assert first.wait(60) == second.wait(60) == 0
    assert log(environment) == ["done"] * 2


def test_a_full_disk_is_named(environment, monkeypatch):
    usage = set_up.shutil.disk_usage(environment)
    monkeypatch.setattr(set_up.shutil, "disk_usage", lambda path: usage._replace(free=3 << 20))
    assert "Only 3 MB are free on its disk" in set_up.why(environment)


@pytest.mark.parametrize("lost", ["RECORD", "../tool.py"])
def test_a_package_that_is_half_there_is_forgotten(environment, lost, capsys):
    package = next(environment.rglob("*.dist-info"))
    set_up.mend(environment)
    assert package.exists()
    (package / lost).unlink()
    set_up.mend(environment)
    assert not package.exists()
    assert "tool-1.0 was left half installed" in capsys.readouterr().out


def test_only_an_interrupted_step_is_mended(environment):
    """Somebody's own environment may lack a list; nobody asked us to look after it."""
    package = next(environment.rglob("*.dist-info"))
    (package / "RECORD").unlink()
    assert step(environment).wait() == 0
    assert package.exists()
    (environment / "lab.stamp").unlink()
    assert step(environment, code=3).wait() == 3
    assert package.exists()
    assert step(environment).wait() == 0
    assert not package.exists()


def test_an_environment_whose_python_is_gone_starts_again(environment):
    stamp, python = environment / "venv.stamp", environment / "bin/python"
    stamp.touch()
    set_up.without_python(environment)
    assert stamp.exists()
    python.unlink()
    set_up.without_python(environment)
    assert not stamp.exists()
