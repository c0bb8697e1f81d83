"""JupyterLab as `make lab` starts it, and a real Chromium that opens its notebooks."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PATIENCE = 120  # seconds for the server to start


def find_chromium() -> str | None:
    """The browser: $CHROMIUM, or the first known name on the PATH."""
    named = os.environ.get("CHROMIUM")
    return named or next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium():
    path = find_chromium()
    if path is None:
        message = "no Chromium found: install it, or name it in the environment variable CHROMIUM"
        if os.environ.get("BNLIB_REQUIRE_BROWSER"):
            pytest.fail(message)
        pytest.skip(message)
    return path


@pytest.fixture(scope="session")
def notebooks(tmp_path_factory):
    """A copy of the folder notebooks/, which the tests may change."""
    return shutil.copytree(ROOT / "notebooks", tmp_path_factory.mktemp("lab") / "notebooks")


@pytest.fixture(scope="session")
def lab(chromium, notebooks, learners_python):
    """(address, token) of a JupyterLab on the copy, with the settings in lab/ and no others.

    It runs where requirements.txt and bnlib are installed and nothing else is, as on Binder: the
    notebooks are executed there once, for this and for the browser alike.
    """
    with running_lab(notebooks.parent, learners_python) as found:
        yield found


@contextlib.contextmanager
def running_lab(folder: Path, python=None, app=("jupyterlab", "LabApp"), **variables):
    """JupyterLab on folder/notebooks, of this or another Python; gives (address, token).

    Or another app: its module and its name in Jupyter's configuration. ``variables`` are set in its
    environment, or taken out of it where they are None.
    """
    token, (module, name) = secrets.token_hex(16), app
    command = [
        *(python or sys.executable, "-m", module, "notebooks", "--ip=localhost", "--no-browser"),
        *("--port=0", "--allow-root", f"--{name}.expose_app_in_browser=True"),
    ]
    environment = os.environ | {
        "JUPYTER_TOKEN": token,
        "JUPYTER_CONFIG_PATH": str(ROOT / "lab"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
    }
    if python:
        environment.pop("PYTHONPATH", None)
    environment |= variables
    environment = {name: value for name, value in environment.items() if value is not None}
    server = subprocess.Popen(
        command, cwd=folder, env=environment, text=True, encoding="utf-8",
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield _address(server), token
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(20)
        server.kill()


def _address(server) -> str:
    """Read the log until it names the address, and keep reading so that it never blocks."""
    seen = []
    too_late = threading.Timer(PATIENCE, server.kill)
    too_late.start()
    for line in server.stderr:
        seen.append(line)
        found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+)/(?:lab|tree)", line)
        if found:
            too_late.cancel()
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return found.group(1)
    raise RuntimeError("the server did not start:\n" + "".join(seen))


@pytest.fixture(scope="module")  # while it is open, this thread has an event loop
def browser(chromium):
    with running_browser(chromium) as running:
        yield running


@contextlib.contextmanager
def running_browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        running = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()
