"""How many cores this process may use.

In a container the machine's count is wrong twice over: the process may be tied to some of the cores
(its affinity), and a quota may allow it less time than these have. Docker and Kubernetes set the
quota in a control group of Linux, which neither ``os.cpu_count`` nor the affinity knows of.
"""

import math
import os
import re
from pathlib import Path

PROCESS, MOUNTED = Path("/proc/self"), Path("/sys/fs/cgroup")


def cores():
    """Whole cores that this process may keep busy, at least 1.

    A part of a core is left out: with a quota of 1.5 cores, two processes at work would use up
    100 ms of it in 67 ms, and then both stand still, the one that draws a picture among them.
    """
    limit = quota()
    return seen() if limit is None else max(1, min(seen(), math.floor(limit + 1e-6)))


def seen():
    """Cores that the system shows this process: all that any quota is not counted in."""
    affinity = getattr(os, "sched_getaffinity", None)
    return (len(affinity(0)) if affinity else os.cpu_count()) or 1


def quota(process=PROCESS, mounted=MOUNTED):
    """Cores' worth of time that control groups allow, or None: the least of the process's own
    group and of all above it. What is not there or cannot be read limits nothing."""
    allowed = [_allowed(folder) for folder in _groups(process, mounted)]
    return min((each for each in allowed if each is not None), default=None)


def _groups(process, mounted):
    """Folders of the process's control groups and of those above: version 2, and 1 for "cpu".

    ``process/cgroup`` has a line "number:controllers:/path" for each hierarchy; that of version 2
    is "0::/path". A container that sees only its own group as the root has the path of the machine
    there, or one that leads upwards ("/.."): then the root is looked at.
    """
    for line in _read(process / "cgroup").splitlines():
        number, controllers, path = line.split(":", 2) if line.count(":") > 1 else ("", "", "")
        if number == "0" and not controllers:
            roots = [mounted, mounted / "unified"]
        elif "cpu" in controllers.split(","):
            roots = [mounted / controllers, mounted / "cpu", mounted / "cpu,cpuacct"]
        else:
            continue
        parts = [part for part in path.split("/") if part not in ("", "..")]
        for root in roots:
            for depth in range(len(parts), -1, -1):
                yield root.joinpath(*parts[:depth])


def _allowed(folder):
    """Cores' worth of time that one group allows, or None."""
    told = _read(folder / "cpu.max") or " ".join(
        [_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")]
    )
    found = re.fullmatch(r"(\d+)\s+(\d+)\s*", told)  # "max 100000" and "-1 100000": no limit
    time, period = map(int, found.groups()) if found else (0, 0)
    return time / period if time and period else None


def _read(path):
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
