"""The Makefile does each step once, and again when what it was made from changes."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINS = [f"requirements{name}.txt" for name in ("", "-test", "-site", "-proof")]
NEEDED = ["Makefile", "pyproject.toml", *PINS, "lab"]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")


@pytest.fixture
def folder(tmp_path):
    """What the Makefile looks at, a day old, and an environment that was set up an hour ago."""
    for name in [*NEEDED, "scripts"]:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, tmp_path / name)
    for name in ("bin/python", "Scripts/python.exe"):
        (tmp_path / ".venv" / name).parent.mkdir(parents=True)
        (tmp_path / ".venv" / name).touch()
    for path in tmp_path.rglob("*"):
        age(path, hours=24)
    for number, step in enumerate(("venv", "lab", "test", "site")):
        stamp = tmp_path / ".venv" / f"{step}.stamp"
        stamp.touch()
        age(stamp, hours=2 - number / 10)
    return tmp_path


def age(path, hours):
    then = time.time() - 3600 * hours
    os.utime(path, (then, then))


def planned(folder, *arguments):
    """The commands that make would run."""
    # Without the flags of the make that may be running these tests.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    result = subprocess.run(
        ["make", "-n", *arguments], cwd=folder, env=environment, capture_output=True, text=True
    )
    return result.stdout + result.stderr


@pytest.mark.parametrize("target", ["lab", "test", "test-quick", "notebooks", "wheel", "site"])
def test_a_second_call_installs_nothing(folder, target):
    commands = planned(folder, target)
    assert "pip install" not in commands
    assert "venv .venv" not in commands
    assert len(commands.splitlines()) == 1


def test_the_first_call_sets_everything_up(folder):
    shutil.rmtree(folder / ".venv")
    commands = planned(folder, "lab", "LAB_ARGS=--no-browser --port=8899")
    steps = [
        "-m venv .venv",
        "-r requirements.txt",
        "--no-deps --editable .",
        "python scripts/install_lab",
    ]
    places = [commands.index(step) for step in [*steps, "jupyterlab notebooks --ip=localhost"]]
    assert places == sorted(places)
    assert commands.rstrip().endswith("--no-browser --port=8899")
    assert "requirements-test.txt" not in commands


def test_lab_opens_the_first_notebook_unless_told_otherwise(folder):
    first = "--LabApp.default_url=/lab/tree/00_tour.ipynb"
    assert (ROOT / "notebooks/00_tour.ipynb").exists()
    assert first in planned(folder, "lab")
    assert first in planned(folder, "lab", "LAB_ARGS=--no-browser --port=8899")
    other = "--LabApp.default_url=/lab"
    commands = planned(folder, "lab", f"LAB_ARGS={other}")
    assert first not in commands
    assert commands.rstrip().endswith(other)


@pytest.mark.parametrize("left", ["nothing", "a link that leads nowhere"])
def test_an_environment_without_its_python_is_set_up_again(folder, left):
    for name in ("bin/python", "Scripts/python.exe"):
        path = folder / ".venv" / name
        path.unlink()
        if left != "nothing":  # what an update of the system leaves
            path.symlink_to(folder / "a Python that is gone")
    commands = planned(folder, "lab")
    assert commands.index("-m venv .venv") < commands.index("-r requirements.txt")


@pytest.mark.parametrize(
    ("changed", "lab", "test"),
    [
        ("requirements.txt", True, True),
        ("pyproject.toml", True, True),
        ("lab/labconfig/default_setting_overrides.json", True, True),
        ("requirements-test.txt", False, True),
        ("requirements-site.txt", False, True),
        ("Makefile", False, False),
    ],
)
def test_a_change_is_installed(folder, changed, lab, test):
    (folder / changed).touch()
    assert ("pip install" in planned(folder, "lab")) is lab
    assert ("pip install" in planned(folder, "test")) is test


def test_the_web_edition_is_built_before_it_is_shown(folder):
    assert "Build the web edition first: make site" in planned(folder, "site-serve")
    (folder / "site" / "build").mkdir(parents=True)
    (folder / "site" / "build" / "index.html").touch()
    assert "--bind localhost" in planned(folder, "site-serve")
    assert planned(folder, "site", "PYODIDE=mine").endswith('site/build.py --pyodide "mine"\n')


def test_links_need_an_address(folder):
    assert "make links REPO=owner/name" in planned(folder, "links")


def test_a_new_notebook_needs_a_name_and_a_title(folder):
    for given in ([], ["NAME=09_my_notebook"], ["TITLE=What it tells"]):
        assert "make notebook NAME=09_my_notebook TITLE=" in planned(folder, "notebook", *given)
    commands = planned(folder, "notebook", "NAME=09_my_notebook", "TITLE=What it tells")
    assert commands.endswith('scripts/new_notebook.py 09_my_notebook "What it tells"\n')


@pytest.mark.skipif(sys.platform == "win32", reason="uses a shell script as Python")
def test_an_old_python_is_refused_in_words(folder):
    shutil.rmtree(folder / ".venv")
    old = folder / "python-old"
    pretend = "import sys; sys.version_info = (3, 10, 13); sys.version = '3.10.13 (main)'"
    old.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{pretend}; $2"\n')
    old.chmod(0o755)
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    result = subprocess.run(
        ["make", "lab", "PYTHON=./python-old"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert result.returncode != 0
    assert "needs Python 3.11 or newer, but ./python-old is 3.10.13" in result.stderr
    assert not (folder / ".venv").exists()
