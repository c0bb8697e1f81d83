"""Other Pythons with other packages, made by uv from what there is: nothing else is fetched."""

import os
import shutil
import subprocess
import sys

import pytest

from tests.proof import elsewhere
from tests.proof.elsewhere import ROOT

PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
WHICH_PACKAGES = """
import sys, ipywidgets, matplotlib, numpy
print(*sys.version_info[:2], *(each.__version__ for each in (numpy, matplotlib, ipywidgets)))
"""


def asked(python, script, **changes):
    """The line that a script prints in ``python``."""
    env = elsewhere.surroundings(ROOT, **changes)
    done = elsewhere.run([python, "-c", script], cwd=ROOT, env=env, patience=120)
    assert done.returncode == 0, done.stdout
    return done.stdout.strip().splitlines()[-1]


def uv(*arguments, **changes):
    env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")} | changes
    command = (sys.executable, "-m", "uv", *arguments)
    done = elsewhere.run(command, cwd=ROOT, env=env, patience=600)
    if "error sending request" in done.stdout.lower() and not os.environ.get("CI"):
        pytest.skip("needs a network, there is none")
    return done


def interpreter(version):
    """Python ``version`` on this machine, from uv or from pyenv; it is not fetched."""
    choices = [{}]
    if shutil.which("pyenv"):
        said = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True)
        there = [each for each in said.stdout.split() if each.startswith(f"{version}.")]
        choices += [{"PYENV_VERSION": each} for each in there]
    for change in choices:
        done = uv("python", "find", "--no-python-downloads", version, **change)
        if done.returncode == 0:
            return done.stdout.strip().splitlines()[-1]
    return None


def newest_interpreter():
    return next(filter(None, map(interpreter, reversed(PYTHONS))))


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """``environment("lowest", python, *arguments)``: its Python, with what executes notebooks."""
    made = {}
    # What executes notebooks, and what tests.
    tools = ["ipykernel", "nbclient", "nbformat", "hypothesis", "psutil", "pytest"]
    constraints = []
    for name in ("requirements.txt", "requirements-test.txt"):
        constraints += ["--constraint", ROOT / name]

    def make(name, base, *arguments, pinned=True):
        if name in made:
            return made[name]
        folder = tmp_path_factory.mktemp("environments") / name
        python = elsewhere.python_of(folder)
        to = ("pip", "install", "--quiet", "--python", python)
        for step in (
            ("venv", "--quiet", "--python", base, folder),
            (*to, *arguments),
            (*to, *tools, *(constraints if pinned else [])),
        ):
            done = uv(*step)
            assert done.returncode == 0, done.stdout
        made[name] = python
        return python

    yield make
    for python in made.values():  # 500 MB each
        shutil.rmtree(python.parents[1])
