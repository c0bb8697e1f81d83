"""The cores that a container allows, where the machine shows more."""

import os
import subprocess
import sys

import pytest

from bnlib import cores, parallel

TWO, POD = "0::/kubepods/pod1/one\n", "kubepods/pod1"
ONE = "12:memory:/docker/a\n4:cpu,cpuacct:/docker/a\n1:name=systemd:/docker/a\n"

TREES = {  # what: (cgroup of the process, files, cores' worth of time)
    "v2, its own group": (TWO, {f"{POD}/one/cpu.max": "150000 100000"}, 1.5),
    "v2, a group above": (TWO, {f"{POD}/cpu.max": "50000 100000"}, 0.5),
    "v2, the least of several": (
        TWO,
        {f"{POD}/one/cpu.max": "400000 100000", "kubepods/cpu.max": "200000 100000"},
        2,
    ),
    "v2, no limit": (TWO, {f"{POD}/one/cpu.max": "max 100000", "cpu.max": "max 100000"}, None),
    "v2, sees its own group as the root": ("0::/\n", {"cpu.max": "300000 100000"}, 3),
    "v2, moved out of its root": ("0::/../other\n", {"cpu.max": "300000 100000"}, 3),
    "v2 beside v1": ("1:name=systemd:/\n0::/\n", {"unified/cpu.max": "70000 50000"}, 1.4),
    "v1": (
        ONE,
        {
            "cpu,cpuacct/docker/a/cpu.cfs_quota_us": "250000\n",
            "cpu,cpuacct/docker/a/cpu.cfs_period_us": "100000\n",
        },
        2.5,
    ),
    "v1, the machine's path, its own group as the root": (
        ONE,
        {"cpu/cpu.cfs_quota_us": "20000", "cpu/cpu.cfs_period_us": "10000"},
        2,
    ),
    "v1, no limit": (
        ONE,
        {"cpu/cpu.cfs_quota_us": "-1", "cpu/cpu.cfs_period_us": "100000"},
        None,
    ),
    "another controller's": (
        "3:cpuset:/a\n",
        {"a/cpu.max": "1 1", "cpuset/a/cpu.max": "1 1"},
        None,
    ),
    "nonsense": (TWO, {f"{POD}/one/cpu.max": "plenty", f"{POD}/cpu.max": "0 0"}, None),
    "not a line of cgroup": ("nothing\n\n", {"cpu.max": "100000 100000"}, None),
    "nothing": (None, {}, None),
}


def tree(folder, told, files):
    process, mounted = folder / "self", folder / "cgroup"
    process.mkdir()
    mounted.mkdir()
    if told is not None:
        (process / "cgroup").write_text(told)
    for name, text in files.items():
        (mounted / name).parent.mkdir(parents=True, exist_ok=True)
        (mounted / name).write_text(text)
    return process, mounted


@pytest.mark.parametrize("what", TREES)
def test_the_quota_of_a_tree_of_control_groups(what, tmp_path):
    told, files, expected = TREES[what]
    assert cores.quota(*tree(tmp_path, told, files)) == expected


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_what_cannot_be_read_limits_nothing(tmp_path):
    process, mounted = tree(tmp_path, "0::/\n", {"cpu.max/a-folder": ""})
    assert cores.quota(process, mounted) is None
    (process / "cgroup").write_bytes(b"\xff\xfe0::/")
    assert cores.quota(process, mounted) is None


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(None, 8), (0.2, 1), (1, 1), (1.5, 1), (2.0, 2), (2.9999999, 3), (7.9, 7), (64, 8)],
)
def test_a_part_of_a_core_is_left_out_but_one_core_stays(limit, expected, monkeypatch):
    monkeypatch.setattr(cores, "seen", lambda: 8)
    monkeypatch.setattr(cores, "quota", lambda: limit)
    assert cores.cores() == expected


def test_the_machine_at_hand():
    assert 1 <= cores.cores() <= cores.seen() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(("allowed", "expected"), [(1, 0), (2, 1), (4, 3), (64, 7)])
def test_a_process_for_each_further_core_that_is_allowed(allowed, expected, monkeypatch):
    class Shell:
        kernel = "some"

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.setitem(sys.modules, "IPython", IPython)
    monkeypatch.setattr(parallel, "cores", lambda: allowed)
    assert parallel._helpers(100) == expected
    assert parallel._helpers(3) == 0


BLAS = """
import importlib.util, sys
import numpy as np
from threadpoolctl import ThreadpoolController
blas = ThreadpoolController().select(user_api="blas").lib_controllers
for library in blas:
    library.set_num_threads(4)
spec = importlib.util.spec_from_file_location("bnlib.cores", {file!r})
sys.modules["bnlib.cores"] = cores = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cores)
cores.seen, cores.quota = lambda: 4, lambda: {quota}
import bnlib
told = {{library.get_num_threads() for library in blas}} - {{None}}
assert told <= {{{expected}}}, told
assert blas
"""


@pytest.mark.parametrize(("quota", "expected"), [(None, 4), (2.5, 2), (0.5, 1), (9, 4)])
def test_plain_cells_start_no_more_threads_than_the_quota_allows(quota, expected):
    code = BLAS.format(quota=quota, expected=expected, file=cores.__file__)
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "4"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
