"""The notebooks print the saved text with other processors, packages and Pythons."""

import json
import os
import shutil
import subprocess
import sys
from functools import cache

import pytest

from tests.proof import elsewhere
from tests.proof.elsewhere import NOTEBOOKS, ROOT, THREE

KERNELS = {  # OpenBLAS's name of a processor -> what it then says of itself
    "Prescott": ("Prescott", "Katmai"),
    "Haswell": ("Haswell",),
    "SkylakeX": ("SkylakeX",),
}
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
WHICH_KERNEL = """
import threadpoolctl
print({each["architecture"] for each in threadpoolctl.threadpool_info()} <= set(KERNELS))
"""
# Where NumPy keeps the names moved in 2.0; they are not public.
FEATURES = "from numpy._core._multiarray_umath import __cpu_features__, __cpu_dispatch__"
WHICH_FEATURES = f"""
{FEATURES}
print([name for name in __cpu_dispatch__ if __cpu_features__[name]])
"""
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


@cache
def openblas() -> str:
    script = "import numpy, threadpoolctl, json; print(json.dumps(threadpoolctl.threadpool_info()))"
    found = json.loads(asked(sys.executable, script))
    return next((each["version"] for each in found if each["internal_api"] == "openblas"), "")


@pytest.mark.proof
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_another_blas_kernel(kernel, name, tmp_path, tried):
    if not openblas():
        pytest.skip("NumPy computes with another BLAS than OpenBLAS here")
    question = WHICH_KERNEL.replace("KERNELS", repr(KERNELS[kernel]))
    if asked(sys.executable, "import numpy" + question, OPENBLAS_CORETYPE=kernel) != "True":
        pytest.skip(f"this processor cannot run OpenBLAS's kernel for {kernel}")
    checkout = elsewhere.copy_of(name, folder=tmp_path)
    env = elsewhere.surroundings(checkout, OPENBLAS_CORETYPE=kernel)
    elsewhere.check(sys.executable, checkout, name, ask=question, answer="True", env=env)
    tried("notebooks under another BLAS kernel")


@pytest.mark.proof
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_numpy_without_the_processors_newer_instructions(name, tmp_path, tried):
    """All that NumPy would choose by the processor: AVX2 and FMA3, too, and what came later."""
    off = asked(sys.executable, FEATURES + "; print(*__cpu_dispatch__)")
    if asked(sys.executable, WHICH_FEATURES) == "[]":
        pytest.skip("NumPy uses nothing here that could be switched off")
    checkout = elsewhere.copy_of(name, folder=tmp_path)
    env = elsewhere.surroundings(checkout, NPY_DISABLE_CPU_FEATURES=off)
    elsewhere.check(sys.executable, checkout, name, ask=WHICH_FEATURES, answer="[]", env=env)
    tried("notebooks without AVX2")


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


@pytest.mark.proof
@pytest.mark.parametrize("which", ["lowest", "newest"])
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_other_packages(which, name, environment, tmp_path, tried):
    """numpy, matplotlib, ipywidgets as old as pyproject.toml allows, and the newest there are."""
    if which == "lowest":
        base, choice = interpreter("3.11"), ("--resolution", "lowest-direct")
    else:
        base, choice = newest_interpreter(), ("--upgrade",)
    if base is None:
        pytest.skip("Python 3.11 is not on this machine")
    python = environment(which, base, *choice, "-r", ROOT / "pyproject.toml", pinned=False)
    versions = asked(python, WHICH_PACKAGES)
    if which == "lowest":
        bounds = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        packages = ("numpy", "matplotlib", "ipywidgets")
        for package, version in zip(packages, versions.split()[2:], strict=True):
            wanted = bounds.partition(f'"{package}>=')[2].partition('"')[0]
            assert f"{version}.".startswith(f"{wanted}."), (package, version, wanted)
    checkout = elsewhere.copy_of(name, folder=tmp_path)
    env = elsewhere.surroundings(checkout)
    elsewhere.check(python, checkout, name, ask=WHICH_PACKAGES, answer=versions, env=env)
    tried(f"notebooks with the {which} packages")


@pytest.fixture(params=PYTHONS)
def python(request, environment):
    """A Python with the packages of requirements.txt."""
    version = request.param
    base = interpreter(version)
    if base is None:
        pytest.skip(f"Python {version} is not on this machine; ci.yml has it")
    made = environment(version, base, "-r", ROOT / "requirements.txt")
    assert asked(made, WHICH_PACKAGES).startswith(version.replace(".", " "))
    return made


@pytest.mark.proof
def test_the_tests_in_another_python(python, tried):
    command = ("-m", "pytest", "--quick", "tests/unit", "tests/live", "-p", "no:cacheprovider")
    done = elsewhere.run([python, *command], cwd=ROOT, env=elsewhere.surroundings(ROOT))
    assert done.returncode == 0, done.stdout[-8000:]
    assert " passed" in done.stdout
    tried("Pythons")


@pytest.mark.proof
@pytest.mark.parametrize("name", THREE)
def test_another_python(python, name, tmp_path, tried):
    checkout = elsewhere.copy_of(name, folder=tmp_path)
    env, answer = elsewhere.surroundings(checkout), asked(python, WHICH_PACKAGES)
    elsewhere.check(python, checkout, name, ask=WHICH_PACKAGES, answer=answer, env=env)
    tried("notebooks in another Python")
