"""Run first, this makes a Python like the browser's own: it can start no thread and no process."""

import _thread
import os
import subprocess
import sys
import threading

PROCESSES = "_multiprocessing", "multiprocessing", "concurrent.futures.process"


class Hidden:
    """Finds nothing where there is something."""

    def find_spec(self, name, path=None, target=None):
        if name in PROCESSES:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def no_thread(*args, **kwargs):
    raise RuntimeError("can't start new thread")


def no_process(*args, **kwargs):
    raise OSError("this Python does not support processes")


sys.meta_path.insert(0, Hidden())
assert not set(PROCESSES) & set(sys.modules)
threading.Thread.start = _thread.start_new_thread = no_thread
subprocess.Popen.__init__ = no_process
for name in ("fork", "forkpty", "posix_spawn", "posix_spawnp"):
    if hasattr(os, name):
        setattr(os, name, no_process)
