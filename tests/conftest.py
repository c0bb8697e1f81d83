"""In which portions the tests are shared out, the long ones first, and a line for each one done.

A portion is a file, or of a long file what belongs to one notebook, one demo or one question: its
tests follow one another on one worker, with one page, one kernel, one explorer. ``-v`` prints every
test.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# The long ones first, so that no worker is left alone with one at the end.
FIRST = (
    "tests/proof/test_versions.py",
    "tests/proof/test_packages.py",
    "tests/proof/test_front_ends.py",
    "tests/proof/test_files.py",
    "tests/proof/",
    "tests/repository/test_binder.py",
    "tests/browser/",
    "tests/site/test_running.py",
    "notebooks/",
    "tests/site/",
    "tests/demos/test_controls_matter.py",
    "tests/demos/test_demos.py",
    "tests/repository/",
    "tests/demos/",
    "tests/notebooks/",
    "tests/live/",
)
SPLIT = {  # file -> what in its tests' names says which portion they belong to
    "tests/browser/test_notebooks.py": r"\[(\d\d_\w+)",
    "tests/site/test_running.py": r"\[(\d\d_\w+)",
    "tests/demos/test_controls_matter.py": r"\[(\w+)",
    "tests/demos/test_demos.py": r"\[(\w+)",
    "tests/proof/test_front_ends.py": r"\[([\w-]+?-\d\d)",
    "tests/proof/test_random_settings.py": r"\[(\w+)",
    "tests/proof/test_runners.py": r"\[.*?(\d\d_\w+)",
    "tests/proof/test_screens.py": r"\[(\d\d_\w+)",
    "tests/proof/test_accessibility.py": r"\[.*?(\d\d_\w+)",
    "tests/proof/test_packages.py": r"-(lowest|newest)",
    "tests/proof/test_versions.py": r"_(kernel|instructions|python)\b",
}


def portion(nodeid: str) -> str:
    """The file, and of a file in SPLIT the notebook or the demo."""
    path = nodeid.partition("::")[0]
    found = path in SPLIT and re.search(SPLIT[path], nodeid)
    return f"{path} {found[1]}" if found else path


def place(nodeid: str) -> int:
    found = (k for k, start in enumerate(FIRST) if nodeid.startswith(start))
    return next(found, len(FIRST))


def pytest_addoption(parser):
    parser.addoption(
        "--quick", action="store_true",
        help="no browser, nothing slow, and of each control of a demo one setting",
    )  # fmt: skip
    parser.addoption(
        "--whole-site", action="store_true",
        help="in the web edition run every notebook to its end: minutes for each",
    )  # fmt: skip
    parser.addoption(
        "--proof", action="store_true",
        help="the long tests of tests/proof, too; what they tried is written into benchmarks/",
    )  # fmt: skip


@pytest.hookimpl(trylast=True)  # what -k and -m leave
def pytest_collection_modifyitems(config, items):
    """Portion by portion, those of FIRST first; within a portion as they stand in the file."""
    left_out = {"browser", "slow"} if config.option.quick else set()
    left_out |= set() if config.option.whole_site else {"whole_site"}
    left_out |= set() if config.option.proof else {"proof"}
    left = [item for item in items if left_out & {mark.name for mark in item.iter_markers()}]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in set(left)]
    order = {name: k for k, name in enumerate(dict.fromkeys(portion(i.nodeid) for i in items))}
    items.sort(key=lambda item: (place(item.nodeid), order[portion(item.nodeid)]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """``--dist loadscope`` with portions for scopes."""
    if config.option.dist != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Portions(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return portion(nodeid)

    config.option.loadscopereorder = False  # it would go by the number of tests, not by length
    return Portions(config, log)


class Lines:
    """Prints a line when all tests of a portion are done, and one for each test that fails."""

    def __init__(self, config):
        self.config, self.terminal = config, config.pluginmanager.getplugin("terminalreporter")
        self.waiting, self.seconds, self.told = Counter(), Counter(), {}
        self.all, self.begun = 0, time.monotonic()

    def expect(self, nodeids):
        self.waiting = Counter(map(portion, nodeids))
        self.all = len(self.waiting)
        self.terminal.showfspath = False  # a dot a test is what this is instead of

    def pytest_collection_finish(self, session):
        self.expect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self.expect(ids)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report):
        """No letter where all is well; the closing line counts it all the same."""
        if report.passed and not hasattr(report, "wasxfail"):
            return ("passed" if report.when == "call" else ""), "", ""
        if report.failed:
            word = "failed" if report.when == "call" else "error"
            return word, f"{word.upper()} {report.nodeid}\n", word.upper()
        return None

    def pytest_runtest_logreport(self, report):
        name = portion(report.nodeid)
        self.seconds[name] += report.duration
        outcomes = self.told.setdefault(name, Counter())
        if report.when == "call" or not report.passed:
            outcomes[report.outcome] += 1
        if report.when == "teardown":
            self.waiting[name] -= 1
            if not self.waiting[name]:
                self.line(name)

    def line(self, name):
        minutes, seconds = divmod(int(time.monotonic() - self.begun), 60)
        outcomes = ", ".join(f"{n} {outcome}" for outcome, n in self.told[name].items())
        share = f"{len(self.told):3d} of {self.all}"
        took = f"{self.seconds[name]:6.1f} s"
        self.terminal.write_line(f"{minutes:2d}:{seconds:02d} {share} {took}  {name}: {outcomes}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    at_work = hasattr(config, "workerinput") or config.option.collectonly
    terminal = config.pluginmanager.getplugin("terminalreporter")
    if terminal and not at_work and config.option.verbose == 0:
        config.pluginmanager.register(Lines(config), "a-line-a-portion")
    if not at_work and config.option.proof:
        from tests.proof.table import Table

        config.pluginmanager.register(Table(), "the-table-of-the-proof")


def _said(*command, cwd=ROOT):
    """What a command says, if it succeeds."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(each) for each in command], cwd=cwd, env=environment, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if "error sending request" in done.stdout.lower() and not os.environ.get("CI"):
        pytest.skip("needs a network, there is none")
    assert done.returncode == 0, done.stdout
    return done.stdout


def _build(folder) -> None:
    env, source, uv = folder / "env", folder / "source", (sys.executable, "-m", "uv")
    _said(*uv, "venv", "--python", sys.executable, env)
    to = ("--python", _python(env))
    try:  # what was downloaded before needs no network
        _said(*uv, "pip", "install", *to, "--offline", "-r", "requirements.txt")
    except AssertionError:
        _said(*uv, "pip", "install", *to, "-r", "requirements.txt")
    # From a copy: a build leaves files behind, and an old one must not hide a missing one.
    for name in ("bnlib", "notebooks", "lab", "scripts"):
        leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / name, source / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    _said(*uv, "pip", "install", *to, "--no-deps", source)
    shutil.rmtree(source / "bnlib")
    _said(*uv, "pip", "check", *to)


def _python(env):
    return env / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


@pytest.fixture(scope="session")
def learners_python(tmp_path_factory, request):
    """Python of an environment that holds requirements.txt and bnlib, and nothing else.

    It is made once for all workers: the first to ask makes it, the others wait for it.
    """
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if hasattr(request.config, "workerinput") else base) / "learner"
    done, failed = folder / "done", folder / "failed"
    try:
        folder.mkdir()
    except FileExistsError:
        end = time.monotonic() + 600
        while not done.exists() and not failed.exists():
            assert time.monotonic() < end, "another worker does not get the environment done"
            time.sleep(0.2)
    else:
        try:
            _build(folder)
        except BaseException as error:
            failed.write_text(str(error), encoding="utf-8")
            raise
        done.touch()
    assert not failed.exists(), failed.read_text(encoding="utf-8")
    return _python(folder / "env")
