"""The front ends that a learner may have: the environment, the server and the page of each."""

from __future__ import annotations

import contextlib
import sys
import tomllib
from pathlib import Path

from tests.browser.conftest import running_lab
from tests.browser.driver import Notebook
from tests.conftest import _python, _said
from tests.proof.elsewhere import proof_python

ROOT = Path(__file__).resolve().parents[2]
OWN_ERROR = "Cannot read properties of undefined (reading 'schema')"


class ClassicPage(Notebook):
    """A page of Notebook 7: one document, no workspace."""

    @staticmethod
    def path(name):
        return f"notebooks/{name}"

    def errors(self):
        """Without one that Notebook 7.6 has on every page, with none of our packages and settings,
        while its plugins load."""
        return [each for each in super().errors() if each != OWN_ERROR]


@contextlib.contextmanager
def newest_lab(folder, learners_python):
    """JupyterLab as requirements.txt pins it, with the settings in lab/."""
    with running_lab(folder, learners_python()) as found:
        yield found, Notebook


@contextlib.contextmanager
def notebook_7(folder, learners_python):
    """Notebook 7, from the environment of `make proof`, with the settings in lab/."""
    python = proof_python()
    app = "notebook", "JupyterNotebookApp"
    with running_lab(folder, python, app, PYTHONPATH=str(ROOT)) as found:
        yield found, ClassicPage


@contextlib.contextmanager
def oldest_lab(folder, learners_python):
    """The oldest JupyterLab and ipywidgets that the extra `lab` allows, and bnlib's own lowest.

    The settings in lab/ are put there as README.md has it, not handed to the server.
    """
    env, uv = folder / "env", (sys.executable, "-m", "uv")
    _said(*uv, "venv", "--python", sys.executable, env)
    to = ("--python", _python(env), "--resolution", "lowest-direct")
    # Named here, the page's side of ipywidgets is as old as it may be; the rest is new.
    _said(*uv, "pip", "install", *to, f"{ROOT}[lab]", "jupyterlab-widgets>=3")
    extra = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for package, lowest in (each.split(">=") for each in extra["optional-dependencies"]["lab"]):
        version = f"import {package}; print({package}.__version__)"
        assert f"{_said(_python(env), '-c', version).strip()}.".startswith(f"{lowest}.")
    _said(_python(env), ROOT / "scripts" / "install_lab_config.py")
    with running_lab(folder, _python(env), JUPYTER_CONFIG_PATH=None) as found:
        yield found, Notebook


FRONT_ENDS = {"lab": newest_lab, "notebook-7": notebook_7, "oldest-lab": oldest_lab}
