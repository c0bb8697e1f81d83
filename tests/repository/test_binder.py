"""Binder can build the repository, and requirements.txt is all that a learner needs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.browser.conftest import find_chromium

ROOT = Path(__file__).resolve().parents[2]
IN_CI = bool(os.environ.get("CI"))


def run(*command, cwd=ROOT):
    """Run a command; its output, with errors among it, if it succeeds."""
    result = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    if "error sending request" in result.stdout.lower() and not IN_CI:
        pytest.skip("needs a network, there is none")
    assert result.returncode == 0, result.stdout
    return result.stdout


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="repo2docker does not run on Windows")
def test_binder_accepts_the_repository():
    said = run(sys.executable, "-m", "repo2docker", "--no-build", "--debug", ".")
    version = (ROOT / "binder/runtime.txt").read_text().removeprefix("python-").strip()
    assert f"Building conda environment for python={version}" in said
    install = said.index('pip install --no-cache-dir -r "binder/requirements.txt"')
    # The file refers to ../requirements.txt, which must have arrived before.
    assert said.index("COPY --chown=0:0 src/ ${REPO_DIR}/") < install
    assert install < said.index("RUN ./binder/postBuild")
    assert (ROOT / "binder/requirements.txt").read_text().split() == ["-r", "../requirements.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no executable bit")
def test_post_build_is_a_script():
    assert os.access(ROOT / "binder/postBuild", os.X_OK)
    run("bash", "-n", "binder/postBuild")


@pytest.mark.slow
def test_requirements_alone_execute_the_notebooks(learners_python, tmp_path):
    """Where there is a browser, its tests do that: they execute each notebook in this Python."""
    where = "import bnlib, jupyterlab; print(bnlib.__file__)"
    said = run(learners_python, "-I", "-c", where, cwd=tmp_path)
    assert Path(said.strip()).is_relative_to(learners_python.parents[1])
    if find_chromium() is None:
        notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
        executed = tmp_path / "executed"
        convert = ("nbconvert", "--to", "notebook", "--execute", "--output-dir", executed)
        run(learners_python, "-m", *convert, *notebooks, cwd=tmp_path)
        assert sorted(p.name for p in executed.iterdir()) == [p.name for p in notebooks]
