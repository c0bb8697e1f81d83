"""The notebooks print the saved text with other processors and other Pythons."""

import json
import sys
from functools import cache

import pytest

from tests.proof import elsewhere
from tests.proof.elsewhere import NOTEBOOKS, ROOT, THREE
from tests.proof.environments import PYTHONS, WHICH_PACKAGES, asked, environment, interpreter

__all__ = ["environment"]  # a fixture

KERNELS = {  # OpenBLAS's name of a processor -> what it then says of itself
    "Prescott": ("Prescott", "Katmai"),
    "Haswell": ("Haswell",),
    "SkylakeX": ("SkylakeX",),
}
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
