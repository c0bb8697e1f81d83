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
def lab(tmp_path_factory):
    """(address, token) of a JupyterLab on a copy of the notebooks."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    token = secrets.token_hex(16)
    command = [
        *(sys.executable, "-m", "jupyterlab", "notebooks", "--ip=localhost", "--no-browser"),
        *("--port=0", "--allow-root", "--LabApp.expose_app_in_browser=True"),
    ]
    environment = os.environ | {"JUPYTER_TOKEN": token, "JUPYTERLAB_SETTINGS_DIR": str(folder / "s")}
    server = subprocess.Popen(
        command, cwd=folder, env=environment, text=True,
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
    for line in server.stderr:
        seen.append(line)
        found = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+)/lab", line)
        if found:
            threading.Thread(target=server.stderr.read, daemon=True).start()
            return found.group(1)
    raise RuntimeError("JupyterLab did not start:\n" + "".join(seen))


@pytest.fixture(scope="session")
def browser(chromium):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        running = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield running
        running.close()


@pytest.fixture
def notebook(browser, lab):
    """A function that opens a notebook by name and returns it, its kernel ready."""
    from .driver import Notebook

    opened = []

    def open_notebook(name, **options) -> Notebook:
        opened.append(Notebook(browser, *lab, name, **options))
        return opened[-1]

    yield open_notebook
    for each in opened:
        each.close()
