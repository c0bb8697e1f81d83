"""A notebook more: what `make notebook` writes passes, and nothing else is edited by hand."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import new_notebook
import pytest

ROOT = Path(__file__).resolve().parents[2]
LAST = sorted((ROOT / "notebooks").glob("*.ipynb"))[-1].name
TESTED = (
    "tests/notebooks", "tests/demos/test_demos.py", "tests/repository/test_series.py",
    "tests/repository/test_layout.py",
)  # fmt: skip


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The repository without what git leaves out."""
    root = tmp_path_factory.mktemp("copy") / "repository"
    leave = (".*", "__pycache__", "*.egg-info", "build", "dist", "node_modules")
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(*leave))
    return root


def run(root, *arguments):
    """Run Python in the copy; what it says, if it succeeds."""
    environment = os.environ | {
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def contents(root):
    paths = (path for path in root.rglob("*") if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


@pytest.mark.slow
def test_a_new_notebook_needs_its_own_files_and_one_command(copy):
    before = contents(copy)
    run(copy, "scripts/new_notebook.py", "99_toy", "Toy: a notebook that nobody wrote")
    by_hand = contents(copy)
    assert all(by_hand[path] == content for path, content in before.items())
    assert sorted(by_hand.keys() - before.keys()) == [
        "bnlib/checks/toy.py",
        "bnlib/demos/toy/__init__.py",
        "bnlib/demos/toy/toy_demo.py",
        "notebooks/99_toy.ipynb",
        "notebooks/solutions/99_1_mean.py",
        "notebooks/solutions/99_2_centred.py",
        "notebooks/solutions/99_3_strays.py",
    ]

    # What `make notebooks NOTEBOOKS=notebooks/99_toy.ipynb` runs.
    run(copy, "scripts/refresh_notebooks.py", "notebooks/99_toy.ipynb")
    run(copy, "scripts/series.py")
    now = contents(copy)
    written = [path for path, content in now.items() if by_hand.get(path) != content]
    first = "notebooks/00_tour.ipynb"
    assert sorted(written) == sorted(
        ["README.md", first, f"notebooks/{LAST}", "notebooks/99_toy.ipynb"]
    )
    told = {path: now[path].decode() for path in written}
    assert "\n| [99 · Toy](notebooks/99_toy.ipynb) | take the mean and " in told["README.md"]
    assert "[99](99_toy.ipynb) takes the next step." in told[first]
    assert " · next: [99 · Toy](99_toy.ipynb)" in told[f"notebooks/{LAST}"]
    assert f"]({LAST}) · [All notebooks](../README.md)" in told["notebooks/99_toy.ipynb"]

    found = (
        "import bnlib as bn; print('toy_demo' in bn.demos.REGISTRY, "
        "{'toy_mean', 'toy_centred', 'toy_strays'} <= set(bn.checks.__all__), bn.__file__)"
    )
    assert run(copy, "-c", found).strip() == f"True True {copy / 'bnlib' / '__init__.py'}"
    said = run(
        copy, "-m", "pytest", "-v", "-p", "no:cacheprovider",
        "--nbval", "--nbval-current-env", "notebooks/99_toy.ipynb", *TESTED,
        "-k", "99_ or toy or layout or neighbours or lists_the_series or every_check",
    )  # fmt: skip
    for part in ("notebooks/99_toy", "tests/notebooks/test_exercises.py", *TESTED):
        assert re.search(rf"^{part}.*::.+ PASSED", said, re.MULTILINE), f"{part}\n{said}"
    new = [copy / path for path in by_hand.keys() - before.keys() if path.endswith(".py")]
    run(copy, "-m", "ruff", "check", "--no-cache", *new)
    run(copy, "-m", "ruff", "format", "--no-cache", "--check", *new)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tour", "a number and a name"),
        ("6_backward", "a number and a name"),
        ("06_Backward", "a number and a name"),
        ("06_lambda", "a number and a name"),
        ("../06_backward", "a number and a name"),
        ("00_backward", "00_tour.ipynb is there already"),
        ("98_tour", "00_tour.ipynb is there already"),
        ("98_common", "common is there already"),
        ("98_verdict", "verdict.py is there already"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_nothing_written(tmp_path, capsys, name, told):
    for path in ("notebooks/00_tour.ipynb", "bnlib/demos/common/x.py", "bnlib/checks/verdict.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    before = contents(tmp_path)
    with pytest.raises(SystemExit):
        new_notebook.main([name, "Title"], tmp_path)
    assert told in capsys.readouterr().err
    assert contents(tmp_path) == before
