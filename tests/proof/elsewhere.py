"""Notebooks executed in another Python, by another tool, under other circumstances than ours."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import refresh_notebooks
from nbformat.v4 import new_code_cell, new_output

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = [path.stem for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
# A network that trains with helping processes; a data file; five frameworks and their solutions.
THREE = ["00_tour", "05_ema_test_time", "08_in_practice"]
PATIENCE = 1200  # seconds for a notebook: other tests run at the same time


def proof_python() -> Path:
    """The Python beside the tests' own that has the other tools; `make proof` makes it."""
    path = python_of(Path(sys.prefix) / "proof")
    if not path.exists():
        pytest.skip("needs the environment that `make proof` makes")
    return path


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def copy_of(*notebooks: str, folder: Path) -> Path:
    """What a notebook needs, with bnlib, in ``folder``, so that nothing is written into ours."""
    leave = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints", "*.ipynb")
    for name in ("bnlib", "notebooks", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=leave)
    for name in notebooks:
        shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", folder / "notebooks")
    return folder


def surroundings(checkout: Path, **changes: str | None) -> dict[str, str]:
    """Our environment variables, with bnlib from ``checkout``; None takes a variable away."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "MAKE", "JUPYTER"))}
    changed = kept | {"PYTHONPATH": str(checkout)} | changes
    return {name: value for name, value in changed.items() if value is not None}


def run(command, *, cwd, env, patience=PATIENCE) -> subprocess.CompletedProcess:
    """Run a command to its end; what it says is in ``stdout``."""
    return subprocess.run(
        [str(part) for part in command], cwd=cwd, env=env, timeout=patience, encoding="utf-8",
        errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def saved(name: str, checkout: Path = ROOT) -> nbformat.NotebookNode:
    return nbformat.read(checkout / "notebooks" / f"{name}.ipynb", as_version=4)


def problems(path: Path, checkout: Path) -> list[str]:
    """What is wrong with an executed notebook, beside the saved one: nothing, if texts agree."""
    fresh = refresh_notebooks.tidy(nbformat.read(path, as_version=4))
    executed = [cell.get("execution_count") for cell in fresh.cells if cell.cell_type == "code"]
    assert any(executed), f"{path} has not been executed"
    return refresh_notebooks.complaints(fresh) + refresh_notebooks.differences(
        saved(path.stem, checkout), fresh
    )


def check(python: Path, checkout: Path, name: str, *, ask="", answer="", env) -> None:
    """Execute a notebook with ``python`` as `make check-notebooks` does; its text is the saved one.

    ``ask``: a cell put last, in the copy, that must print ``answer``: what it was that ran.
    """
    path = checkout / "notebooks" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    if ask:
        output = new_output("stream", name="stdout", text=f"{answer}\n")
        notebook.cells.append(new_code_cell(ask, outputs=[output], execution_count=1))
        nbformat.write(notebook, path)
    command = (python, "scripts/refresh_notebooks.py", "--check", path)
    done = run(command, cwd=checkout, env=env)
    assert done.returncode == 0, done.stdout[-8000:]
    assert f"{name}.ipynb: is up to date" in done.stdout, done.stdout[-8000:]
