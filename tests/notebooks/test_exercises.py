"""Every exercise of every notebook: its solution passes, unwritten it says so, nothing raises."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import nbformat
import numpy as np
import pytest

import bnlib as bn

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
SOLUTIONS = sorted(path.name for path in (FOLDER / "solutions").glob("*.py"))
CHECKS = [name for name in bn.checks.__all__ if name != "Verdict"]


def exercises():
    """file of the solution -> (cell as stored, name of the check, name of the answer)."""
    found = {}
    for path in sorted(FOLDER.glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        for asked, cell in pairwise(cells):
            file = re.search(r"%load solutions/(\S+\.py)", asked.source)
            call = re.search(r"^bn\.checks\.(\w+)\((\w+)\)$", cell.source, re.MULTILINE)
            if file and call and cell.cell_type == "code":
                found[file.group(1)] = cell, *call.groups()
    return found


EXERCISES = exercises()


def run(source):
    """The names that a cell defines, and the value of its last expression."""
    space = {"np": np, "bn": bn}
    *lines, last = ast.parse(source).body
    exec(compile(ast.Module(lines, []), "cell", "exec"), space)
    if not isinstance(last, ast.Expr):
        exec(compile(ast.Module([last], []), "cell", "exec"), space)
        return space, None
    return space, eval(compile(ast.Expression(last.value), "cell", "eval"), space)


@pytest.mark.parametrize("file", EXERCISES)
def test_the_solution_is_there_and_right(file):
    _, check, answer = EXERCISES[file]
    space, _ = run((FOLDER / "solutions" / file).read_text(encoding="utf-8"))
    verdict = getattr(bn.checks, check)(space[answer])
    assert verdict, verdict
    assert repr(verdict).startswith("Right. ")


@pytest.mark.parametrize("file", EXERCISES)
def test_unwritten_it_says_not_yet_as_stored(file):
    cell, *_ = EXERCISES[file]
    _, verdict = run(cell.source)
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")
    assert "..." in cell.source
    assert "raised" not in repr(verdict)
    assert [output.data["text/plain"] for output in cell.outputs] == [repr(verdict)]


@pytest.mark.parametrize("file", EXERCISES)
def test_the_solution_fills_in_the_stored_cell(file):
    """The same names and arguments, so that it can take the cell's place."""
    cell, _, answer = EXERCISES[file]
    signatures = []
    for source in (cell.source, (FOLDER / "solutions" / file).read_text(encoding="utf-8")):
        functions = [each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)]
        signatures.append([ast.unparse(f.args) for f in functions if f.name == answer])
    assert signatures[0] == signatures[1]
    assert len(source.splitlines()) <= 20


def test_every_check_has_an_exercise_and_every_solution_too():
    assert sorted(check for _, check, _ in EXERCISES.values()) == sorted(CHECKS)
    assert list(EXERCISES) == SOLUTIONS


NONSENSE = {
    "nothing": lambda *given: None,
    "dots": lambda *given: ...,
    "pair of dots": lambda *given: (..., ...),
    "a word": lambda *given: "σ",
    "words": lambda *given: ("a", "b"),
    "three things": lambda *given: (1, 2, 3),
    "NaN": lambda *given: np.nan,
    "infinity": lambda *given: (np.inf, -np.inf),
    "scalar zero": lambda *given: 0,
    "negative": lambda *given: -1.0,
    "huge": lambda *given: 1e200,
    "empty": lambda *given: np.array([]),
    "ragged": lambda *given: [[1], [2, 3]],
    "NaN of the right shape": lambda *given: tuple(np.full(np.shape(g), np.nan) for g in given),
    "what was given": lambda *given: given[0] if len(given) == 1 else given,
    "four dimensions": lambda *given: (np.zeros((2, 2, 2, 2)), np.zeros((1, 1, 1, 1))),
    "an object": lambda *given: object(),
    "a function": lambda *given: len,
    "complex": lambda *given: (1j, 1j),
    "raises": lambda *given: 1 / 0,
    "raises with braces": lambda *given: {}["{}"],
    "no arguments": lambda: 1,
    "not a function": -7,
    "no function at all": None,
    "a class": dict,
}


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", NONSENSE)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.filterwarnings("ignore:Casting complex")
def test_no_answer_makes_a_check_raise(check, name):
    verdict = getattr(bn.checks, check)(NONSENSE[name])
    assert isinstance(verdict, bn.checks.Verdict)
    assert not verdict
    assert repr(verdict).startswith("Not yet. ")
    assert len(verdict.message.split()) > 3
    assert not verdict.message.startswith("the ")


def test_a_verdict_reads_as_a_sentence_and_counts_as_true_or_false():
    assert repr(bn.checks.Verdict(True, "Well done.")) == "Right. Well done."
    assert repr(bn.checks.Verdict(False, "Why not?")) == "Not yet. Why not?"
    assert bn.checks.Verdict(True, "")
    assert not bn.checks.Verdict(False, "")
