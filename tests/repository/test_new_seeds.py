"""The command that confirms the notebooks' training claims with new seeds."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, str(ROOT / "benchmarks/new_seeds.py")]


@pytest.fixture
def claims(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    importlib.import_module("training_claims_07")
    importlib.import_module("training_claims_08")
    importlib.import_module("training_claims_08_relatives")
    return importlib.import_module("training_claims")


def test_every_claim_names_a_cell_that_there_is(claims):
    cells = {
        f"{path.name[:2]} {cell['id']}"
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    }
    assert [each.name for each in claims.CLAIMS.values() if each.cell not in cells] == []
    assert {name[:2] for name in claims.CLAIMS} == {cell[:2] for cell in cells}


def test_bounds(claims):
    values = np.array([1.0, 2.0, 3.0, 2.0])  # 2 ± 0.41
    assert claims.above("", values, 0.7).holds
    assert not claims.above("", values, 0.8).holds
    assert claims.above("", values, 0.8, by=2).holds
    assert claims.below("", -values, -0.7).holds
    assert not claims.below("", -values, -0.8).holds
    assert claims.about("", values, 3.2, 4).holds
    assert not claims.about("", values, 3.3, 4).holds
    assert claims.each("", values, 1, 3).holds
    assert not claims.each("", values, 1.5, 3).holds
    assert not claims.above("", [np.nan, 1], 0).holds
    assert claims.each("", values, 1, 3).measured == "2 ± 0.4 (1 to 3)"


def test_the_seeds_that_tune_are_not_those_that_measure(claims):
    test, tune = claims.Seeds.new(200, 20)
    assert list(test) == list(range(200, 220))
    assert not set(test) & set(tune)


def run(*arguments):
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, encoding="utf-8")


@pytest.mark.slow
def test_the_command_lists_and_measures():
    listed = run("--list")
    assert listed.returncode == 0
    assert "00-too-large" in listed.stdout
    done = run("--only", "00-too-large", "--seeds", "2", "--workers", "0", "--print-only")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("| `00-too-large` |") == 4
    assert "1/1 00-too-large holds" in done.stderr
    assert run("--only", "nothing").returncode == 2
