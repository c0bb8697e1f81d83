"""The web edition, built with everything in it and served to a real browser."""

from __future__ import annotations

import functools
import gzip
import http.server
import os
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pyodide
import pytest

from tests.browser.conftest import browser, chromium

__all__ = ["browser", "chromium"]  # fixtures, found by their names

ROOT = Path(__file__).resolve().parents[2]


def missing(what):
    """In CI a failure; elsewhere the test is skipped and says what it needs."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def pyodide_folder():
    """The browser's Python: what `make pyodide` fetches, fetched where it is not there yet."""
    folder = ROOT / "site" / "pyodide"
    try:
        pyodide.check(folder)
    except (FileNotFoundError, ValueError):
        try:
            pyodide.fetch(folder)
        except (RuntimeError, ValueError) as error:
            missing(str(error))
    return folder


@pytest.fixture(scope="session")
def site_python():
    """The environment in which `make site` builds."""
    folder = Path(sys.prefix) / "site" / ("Scripts" if os.name == "nt" else "bin")
    python = shutil.which("python", path=str(folder))
    if python is None:
        missing("needs the environment of `make site`: run make test, or make site once")
    return python


@pytest.fixture(scope="session")
def build(site_python, pyodide_folder, tmp_path_factory):
    """Builds a site and gives its folder; with Pyodide in it unless told otherwise."""

    def built(*options):
        out = tmp_path_factory.mktemp("web") / "site"
        command = [site_python, ROOT / "site" / "build.py", "--out", out]
        done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return out

    return built


@pytest.fixture(scope="session")
def site(build, pyodide_folder):
    """The folder of a site that needs no other host."""
    return build("--pyodide", pyodide_folder)


@contextmanager
def served(folder, headers=()):
    """Its address while a local server shows it, and the paths of the files that it has sent.

    ``headers`` are pairs of further ones that it sends with each file.
    """
    sent = []

    class Server(http.server.SimpleHTTPRequestHandler):
        def log_request(self, code="-", size="-"):
            if code == 200:  # not 304: the browser has it already
                sent.append(self.path)

        def end_headers(self):
            for name, value in headers:
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *_):
            pass

    handler = functools.partial(Server, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", sent
        server.shutdown()


def compressed(path):
    """Bytes on the way from a server that compresses what is not compressed yet."""
    content = path.read_bytes()
    packed = path.suffix in (".whl", ".zip", ".png", ".woff", ".woff2", ".gif")
    return len(content if packed else gzip.compress(content, 6))


@pytest.fixture(scope="session")
def address(site):
    with served(site) as (found, _):
        yield found
