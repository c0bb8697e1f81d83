"""A JupyterHub on this machine alone, and what its processes use.

Learners log in with any password, so it listens on 127.0.0.1 and nowhere else, and is gone with all
that it has started when the block ends, however it ends.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv" / "proof"
HOST = "127.0.0.1"
PATIENCE = 300  # seconds for the hub, and for a server, to start
LEARNER = "JUPYTERHUB_USER"  # in the environment of everything that belongs to a learner

CONFIG = """
import os
c.JupyterHub.bind_url = "http://{host}:{public}"
c.JupyterHub.hub_ip = c.JupyterHub.hub_connect_ip = "{host}"
c.JupyterHub.hub_port = {hub}
c.JupyterHub.db_url = "sqlite:///hub.sqlite"
c.JupyterHub.cleanup_servers = c.JupyterHub.cleanup_proxy = True
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.ConfigurableHTTPProxy.command = ["{proxy}"]
c.ConfigurableHTTPProxy.api_url = "http://{host}:{api}"
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/home/{{username}}"
c.Spawner.ip = "{host}"
c.Spawner.cmd = ["{single}"]
c.Spawner.args = {arguments!r}
c.Spawner.default_url = "/lab/tree/notebooks/00_tour.ipynb"
c.Spawner.start_timeout = c.Spawner.http_timeout = {patience}
c.Spawner.environment = {{
    "PYTHONPATH": "{root}", "JUPYTER_CONFIG_PATH": "{root}/lab",
    "JUPYTER_RUNTIME_DIR": lambda spawner: f"{folder}/home/{{spawner.user.name}}/runtime",
}}
"""


class Hub:
    """``with Hub(["ada", "ben"]) as hub``: each has a home with a copy of the notebooks."""

    def __init__(self, names):
        self.names, self.processes = names, {}

    def __enter__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="classroom-"))
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        for name in self.names:
            leave = shutil.ignore_patterns(".ipynb_checkpoints")
            home = self.folder / "home" / name
            shutil.copytree(ROOT / "notebooks", home / "notebooks", ignore=leave)
        public, hub, api = _free_ports(3)
        self.address = f"http://{HOST}:{public}"
        programs = ENVIRONMENT / "bin"
        (self.folder / "config.py").write_text(
            CONFIG.format(
                host=HOST, public=public, hub=hub, api=api, folder=self.folder, root=ROOT,
                patience=PATIENCE,
                proxy=ENVIRONMENT / "node_modules/.bin/configurable-http-proxy",
                single=programs / "jupyterhub-singleuser",
                arguments=["--allow-root"] if os.geteuid() == 0 else [],
            )
        )  # fmt: skip
        keep = {name: value for name, value in os.environ.items() if "PROXY" not in name.upper()}
        keep["PATH"] = f"{programs}{os.pathsep}{keep['PATH']}"
        with (self.folder / "hub.log").open("w") as log:
            self.hub = subprocess.Popen(
                [programs / "jupyterhub", "-f", "config.py"],
                cwd=self.folder, env=keep, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not _answers(f"{self.address}/hub/health"):
            if self.hub.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the hub does not start:\n" + self.log())
            time.sleep(0.2)

    def __exit__(self, *_):
        """Ask the hub to end everything, then end what is left, and take away its files."""
        hub = getattr(self, "hub", None)
        if hub is not None:
            self.look()
            hub.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                hub.wait(30)
            self.look()
            left = [each for each in self.processes.values() if each.is_running()]
            for process in left:
                with contextlib.suppress(psutil.Error):
                    process.kill()
            psutil.wait_procs(left, timeout=10)
            hub.kill()
            hub.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        """The end of what the hub and the servers said."""
        return (self.folder / "hub.log").read_text(errors="replace")[-4000:]

    def complaints(self):
        """Lines of the log that are errors."""
        lines = (self.folder / "hub.log").read_text(errors="replace").splitlines()
        return [line for line in lines if line.startswith(("[E ", "[C ", "Traceback"))]

    def look(self):
        """The processes there are: name of a learner, or "hub" for hub and proxy → processes."""
        found = defaultdict(list)
        with contextlib.suppress(psutil.Error):
            hub = psutil.Process(self.hub.pid)
            for process in [hub, *hub.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    owner = process.environ().get(LEARNER, "hub")
                    found[owner].append(process)
                    self.processes[process.pid, process.create_time()] = process
        return found


def _answers(address):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with contextlib.suppress(OSError), direct.open(address, timeout=5):
        return True
    return False


def _free_ports(count):
    """Ports that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]


def cpu_seconds(processes):
    """Seconds of processor time so far, those of children that have ended among them."""
    seconds = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            seconds += sum(process.cpu_times()[:4])  # user, system, and of ended children
    return seconds


def memory(processes):
    """MB that no other process shares, and MB that some other does, each process' own added."""
    unique = shared = 0.0
    for process in processes:
        with contextlib.suppress(psutil.Error):
            told = process.memory_full_info()
            unique, shared = unique + told.uss / 1e6, shared + (told.rss - told.uss) / 1e6
    return unique, shared
